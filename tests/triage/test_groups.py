"""Groups by cause: the most urgent first, amounts once, and a reply that suits everybody in them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from builders import (
    PRUNED,
    account_update,
    ago,
    burn,
    case,
    diagnose_,
    served,
    transfer,
    unreadable,
    waiting,
)
from overclaims import NEW_KEYS

from diag.checks import CHECKS
from diag.errors import BadInput
from diag.i18n import LANGUAGES
from diag.triage import messages, writers
from diag.triage.groups import Group, summarize
from diag.triage.result import RowDiagnosis, RowResult
from diag.triage.tickets import Row
from diag.words import text

RULES = [rule for check in CHECKS for rule in check.RULES]
MASSES = [pytest.param(rule, id=rule.code) for rule in RULES if rule.mass]
WITH_MASS = {
    "chain_confirming",
    "gateway_overdue",
    "gateway_stalled",
    "gateway_closed",
    "gateway_manual",
    "gateway_maintenance",
    "network_degraded",
    "history_incomplete",
    "sources_disagree",
    "sources_unavailable",
    "node_stale",
}
HAN, LATIN = "[\u3400-\u9fff]", "[A-Za-z0-9{}]"
TOUCHING = re.compile(f"{HAN}{LATIN}|{LATIN}{HAN}")


def settled(value="1", **at):
    sent = ago(**(at or {"hours": 3}))
    return diagnose_(transfer(value, sent), burn(value, ago(hours=2)))


def late(value="1"):
    return diagnose_(
        *served(12, ago(hours=5)), transfer(value, ago(hours=3)), *served(2, ago(hours=1))
    )


def stalled(value="1"):
    return diagnose_(
        *served(12, ago(hours=9)), transfer(value, ago(hours=5)), *waiting(4, ago(hours=4))
    )


def done(number, diagnosis=None, exposed=()):
    row = Row(number, f"T-{number}", exposed=exposed)
    if diagnosis is None:
        return RowResult(row, error=BadInput.about("account", "request.account"))
    return RowResult(row, RowDiagnosis.of(diagnosis))


def summary(*diagnoses):
    return summarize([done(n, d) for n, d in enumerate(diagnoses, 1)])


def shape(found):
    return [(g.rule.code, [row.number for row, _ in g.members]) for g in found.groups]


def test_tickets_of_one_cause_are_one_group():
    found = summary(settled(), stalled(), settled(), stalled())

    assert shape(found) == [("gateway_stalled", [2, 4]), ("gateway_settled", [1, 3])]
    assert found.codes == {"gateway_settled": 2, "gateway_stalled": 2}


def test_larger_and_older_tickets_come_first_in_their_group():
    found = summary(settled("1", hours=3), settled("5", hours=3), settled("1", hours=4))

    assert shape(found) == [("gateway_settled", [2, 3, 1])]


def test_a_ticket_with_a_secret_comes_first_of_all():
    found = summarize([done(1, stalled()), done(2, settled(), exposed=("wif",))])

    assert [code for code, _ in shape(found)] == ["gateway_settled", "gateway_stalled"]
    assert [d.row.number for d in found.exposed] == [2]


def late_after_new_keys():
    return diagnose_(
        account_update(ago(hours=4), active=NEW_KEYS),
        *served(12, ago(hours=5)), transfer("1", ago(hours=3)), *served(2, ago(hours=1)),
    )  # fmt: skip


def unreadable_records():
    return diagnose_(unreadable(ago(hours=1)), asked=case(amount="1"))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(late_after_new_keys(), id="keys changed: this user is warned"),
        pytest.param(
            diagnose_(
                *served(12, ago(hours=5)),
                transfer("1", ago(hours=3)),
                *served(2, ago(hours=1)),
                asked=case(operation="1.11.77", asset="BROOK.BTC", amount="1"),
            ),
            id="another id: this user is asked which one is meant",
        ),
    ],
)
def test_who_needs_a_reply_of_their_own_is_no_part_of_a_mass_reply(other):
    found = summary(late(), other, late())

    assert shape(found) == [("gateway_overdue", [1, 3]), ("gateway_overdue", [2])]
    assert [bool(messages.mass_reply(group)) for group in found.groups] == [True, False]


def test_nobody_is_told_the_reason_of_others():
    """Records that cannot be read and records that are not kept have one code, but other words."""
    not_kept = diagnose_(asked=case(amount="1"), **PRUNED)
    found = summary(unreadable_records(), not_kept)

    assert found.codes == {"history_incomplete": 2}
    said = [messages.mass_reply(group)["en"] for group in found.groups]
    assert len(said) == 2
    assert sum("an operation that our system can't read" in text for text in said) == 1


def test_two_tickets_about_one_withdrawal_count_its_amount_once():
    [group] = summary(settled("1.5"), settled("1.5")).groups

    assert (len(group.members), len(group.withdrawals), group.total) == (2, 1, "1.5")


def test_the_order_in_which_rows_finish_does_not_matter():
    every = [done(1, settled()), done(2, stalled()), done(3), done(4, late())]
    straight, back = (
        writers.dumps(writers.summary(summarize(e))) for e in (every, every[::-1])
    )

    assert straight == back


def test_rows_without_an_answer_are_listed_and_grouped_nowhere():
    found = summarize([done(1), done(2, settled())])

    assert [d.row.number for d in found.problems] == [1]
    assert shape(found) == [("gateway_settled", [2])]
    assert writers.summary(found)["summary"]["answered"] == 1


def test_without_any_answer_there_is_no_head():
    assert writers.summary(summarize([done(1)]))["summary"]["as_of"] is None


# --- incidents -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("still", "others"),
    [
        pytest.param(0, 3, id="nobody"),
        pytest.param(2, 0, id="too few"),
        pytest.param(3, 13, id="three, and less than a fifth"),
        pytest.param(4, 17, id="four, and less than a fifth"),
    ],
)
def test_no_incident(still, others):
    assert summary(*[stalled()] * still, *[settled()] * others).incidents == ()


@pytest.mark.parametrize(
    ("still", "others", "unanswered"),
    [
        pytest.param(3, 0, 0, id="all"),
        pytest.param(3, 12, 0, id="three, and a fifth"),
        pytest.param(4, 16, 0, id="four, and a fifth"),
        pytest.param(3, 12, 5, id="a fifth of those that were answered"),
    ],
)
def test_an_incident(still, others, unanswered):
    found = summary(*[stalled()] * still, *[settled()] * others, *[None] * unanswered)
    [incident] = found.incidents

    assert (incident.gateway, incident.tickets) == ("BROOK", still)
    assert incident.answered == still + others


def test_an_incident_says_what_tickets_and_chain_show_and_no_more():
    found = summary(*[stalled()] * 3, settled())
    [incident] = found.incidents
    [asset] = incident.assets
    cohorts = [a.withdrawal.statistics for _, a in found.groups[0].members]

    assert (incident.tickets, incident.answered) == (3, 4)
    assert asset.since == cohorts[0].last_settlement
    assert (asset.waiting, asset.overdue) == (cohorts[0].waiting, cohorts[0].overdue)
    for lang in LANGUAGES:
        said = messages.incident(incident)[lang]
        assert str(asset.waiting) in said
        assert f"{asset.since:%Y-%m-%d %H:%M}" in said


# --- mass replies ----------------------------------------------------------------------------


def test_a_mass_reply_exists_where_a_cause_hits_many_alike():
    assert {rule.code for rule in RULES if rule.mass} == WITH_MASS


@pytest.mark.parametrize("rule", MASSES)
def test_a_mass_reply_holds_nothing_personal_and_reads_like_a_reply(rule):
    [group] = summary(stalled(), stalled()).groups
    (row, first), *others = group.members
    verdict = first.verdict
    told = replace(verdict, finding=replace(verdict.finding, rule=rule))
    whole = messages.mass_reply(Group(((row, replace(first, verdict=told)), *others)))

    assert all(
        names <= {"gateway", "asset", "channel"} for names in rule.mass.placeholders.values()
    )
    assert rule.mass.placeholders["zh"] == rule.mass.placeholders["en"]
    assert not re.search(r"\d", rule.mass.zh + rule.mass.en)
    assert len(whole["zh"]) <= 200
    assert len(whole["en"].split()) <= 120
    assert "您" in rule.mass.zh
    assert "你" not in rule.mass.zh
    assert not TOUCHING.search(rule.mass.zh.replace("{channel}", ""))
    assert ("请勿" in rule.mass.zh) or ("无需重新提币" in rule.mass.zh)
    assert rule.mass.zh.endswith("。")
    assert rule.mass.en.endswith(".")


def test_a_group_is_told_in_its_least_certain_grade_with_a_place_for_the_reference():
    [group] = summary(stalled(), stalled()).groups
    said = messages.mass_reply(group)

    for lang in LANGUAGES:
        assert said[lang].startswith(text("frame.greeting").say(lang))
        assert text(f"frame.certainty.{group.confidence}").say(lang) in said[lang]
        assert said[lang].endswith(text("frame.safety").say(lang))
        assert said[lang].count("{ref}") == 1


def test_where_cases_differ_each_is_answered_on_its_own():
    [group] = writers.summary(summary(settled()))["summary"]["groups"]

    assert group["mass_reply"] is None
    assert set(group["advice"]) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\\u0009x"),
        ("\rx", "'\\u000dx"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠SUM(A1)", "'＠SUM(A1)"),
        ("  =1+1", "'  =1+1"),
        ('"=1+1"', '\'"=1+1"'),
        ("a;=1+1", "a;'=1+1"),
        ('a; "=1+1', "a;' \"=1+1"),
        ("a\n=1+1", "a\n'=1+1"),
        ("a\t=1+1", "a\\u0009=1+1"),
        ("\x1b[31m\u202e", "\\u001b[31m\\u202e"),
        ("a=b", "a=b"),
        ("a; b - c", "a; b - c"),
        ("T-1", "T-1"),
        (None, ""),
        (0, "0"),
    ],
)
def test_no_cell_is_a_formula(cell, written):
    assert writers.neutral(cell) == written


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "ticket",
    [
        "=1+1",
        "a;=1+1",
        'a";"=1+1',
        'a;"=1+1";b',
        "a;;＝1+1",
        "a; @SUM(A1)",
        "a\n=1+1\n;+1",
        "a,=1",
    ],
)
def test_no_reader_finds_a_formula_whatever_it_splits_at(ticket, delimiter):
    done = RowResult(Row(1, ticket), error=BadInput())
    lines = writers.header() + writers.cells(done, "en")
    rows = list(csv.reader(io.StringIO(lines), delimiter=delimiter))
    assert not [
        cell for row in rows for cell in row if cell.strip(' "')[:1] in tuple("=+-@＝＋－＠")
    ]
    if delimiter == ",":
        assert rows[1][1].replace("'", "") == ticket
