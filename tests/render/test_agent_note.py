"""The agent's note: evidence, what was excluded, whom to contact with which reference, what to ask."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from builders import (
    GATE,
    STRANGER,
    account_update,
    ago,
    burn,
    case,
    diagnose_,
    gateway,
    history,
    override,
    register,
    transfer,
)
from recorded import CASES, diagnoses

from diag.checks import CHECKS
from diag.diagnosis.engine import Diagnosis, conclude
from diag.domain.vocabulary import Ask
from diag.i18n import LANGUAGES
from diag.matching.withdrawals import build_evidence
from diag.render.agent_note import TITLES, WANTED, note

every_case = pytest.mark.parametrize("name", CASES)
in_every_language = pytest.mark.parametrize("lang", LANGUAGES)
LABELS = {
    "contact": {"zh": "联系谁：", "en": "Contact: "},
    "reference": {"zh": "给网关的核查信息：", "en": "Details for the gateway: "},
    "ruled out": {"zh": "已排除：", "en": "Ruled out: "},
}


def line(diagnosis: Diagnosis, label: str, lang: str = "en") -> str | None:
    """What follows a label, or None where the note has no such line."""
    start = LABELS[label][lang]
    found = [one for one in note(diagnosis, lang).splitlines() if one.startswith(start)]
    assert len(found) <= 1
    return found[0].removeprefix(start) if found else None


@every_case
def test_a_note_says_what_was_excluded_and_what_to_ask(name: str) -> None:
    """And the operation and the block of each piece of evidence."""
    for lang in LANGUAGES:
        says_everything(diagnoses()[name], lang)


def says_everything(diagnosis: Diagnosis, lang: str) -> None:
    verdict, said = diagnosis.verdict, note(diagnosis, lang)
    assert said.startswith(verdict.rule.title.say(lang))
    for code in verdict.ruled_out:
        assert TITLES[code].say(lang) in (line(diagnosis, "ruled out", lang) or "")
        assert code not in said
    for _, why in verdict.not_checked:
        assert why.say(lang) in said
    for wanted in verdict.ask_user_for:
        assert WANTED[wanted].say(lang) in said
    assert not re.search(r"\{\w+\}|None", said)
    for shown in diagnosis.verdict.finding.evidence_items[:4]:
        assert shown.claim.say(lang) in said
        if shown.operation and shown.operation.startswith("1.11."):
            assert shown.operation in said and f"block {shown.block}" in said


def test_everything_that_may_be_asked_for_has_words() -> None:
    assert set(WANTED) == {str(wanted) for wanted in Ask}


@in_every_language
def test_the_reference_is_what_a_gateway_needs(lang: str) -> None:
    said = line(diagnoses("Asia/Shanghai")["gateway-overdue-alone"], "reference", lang)
    local = {"zh": "（北京时间）", "en": " (Beijing time)"}[lang]

    assert said == (
        "zhao-ming -> north-wallet, 0.05616 NORTH.BTC, 2026-11-22 08:00:12 UTC = 2026-11-22 "
        f"16:00:12{local}, block 31123, trx 2, op 0, 1.11.24815, "
        "txid 8808e7d235ed58b508bf449811eef013b5ba16e3"
    )


def test_without_a_zone_the_time_is_told_once() -> None:
    said = line(diagnoses()["gateway-overdue-alone"], "reference")

    assert said and said.count("08:00:12") == 1 and "=" not in said


def test_what_the_chain_did_by_itself_has_no_place_in_a_transaction() -> None:
    said = note(diagnoses()["htlc-refunded"], "en")

    assert "(block 18352, 1.11.14070)" in said


LATE = transfer(at=ago(hours=5))
NAMED = ("t.me/brook-desk", "https://brook.example/help")


def at_brook(**known: Any) -> Diagnosis:
    asked = case()
    return conclude(
        build_evidence(asked, history(asked, [LATE]), register(gateway(**known))), CHECKS
    )


@pytest.mark.parametrize(
    ("diagnosis", "said"),
    [
        pytest.param(
            at_brook(support=NAMED),
            "Brook: t.me/brook-desk, https://brook.example/help",
            id="the gateway's channels",
        ),
        pytest.param(at_brook(), "Brook (no support channel on record)", id="none on record"),
        pytest.param(
            diagnose_(transfer(to=STRANGER, note=None)),
            "the recipient, thistle-stranger",
            id="whoever got it",
        ),
        pytest.param(
            diagnose_(override(), asked=case()),
            "Brook (no support channel on record)",
            id="the gateway that is the issuer",
        ),
        pytest.param(
            diagnose_(override(by=STRANGER), asked=case()),
            "the asset's issuer, thistle-stranger",
            id="an issuer that is no gateway",
        ),
        pytest.param(diagnose_(asked=case()), None, id="nobody"),
    ],
)
def test_whom_to_contact(diagnosis: Diagnosis, said: str | None) -> None:
    assert line(diagnosis, "contact") == said


def test_channels_are_told_with_the_day_they_were_recorded() -> None:
    said = line(at_brook(support=NAMED[:1], as_of=date(2031, 4, 1)), "contact")

    assert said == "Brook: t.me/brook-desk (recorded 2031-04-01)"


@pytest.mark.parametrize("name", ["drained-after-key-change", "sent-to-lookalike"])
def test_security_is_called_where_it_must_be(name: str) -> None:
    assert line(diagnoses()[name], "contact") == "the security team"


def test_a_line_stays_a_line_whatever_was_written_into_it() -> None:
    before = diagnoses()["gateway-overdue-alone"]
    finding = before.verdict.finding
    spoilt = replace(finding.evidence_items[0], observed="one\ntwo\r\n\x85three\u2028four")
    verdict = replace(before.verdict, finding=replace(finding, evidence_items=(spoilt,)))
    after = replace(before, verdict=verdict)

    assert len(note(after, "en").splitlines()) == len(note(before, "en").splitlines())
    assert "one two three four" in note(after, "en")
    assert GATE.name not in note(after, "en")


def test_beside_a_theft_every_other_transfer_is_told_as_what_it_is():
    paid, waits = transfer(at=ago(minutes=55)), transfer("2", ago(minutes=54), n=29)
    stolen = transfer("3", ago(minutes=10), to=STRANGER, note=None, n=30)
    keys = account_update(ago(minutes=40))
    said = note(diagnose_(paid, waits, burn(at=ago(minutes=50)), keys, stolen), "en")

    told = next(x for x in said.splitlines() if x.startswith("All transfers found"))
    assert f"{paid.id} 1 BROOK.BTC: {TITLES['gateway_settled'].en}" in told
