"""The recorded stories: every case gets the code, the resend advice and the evidence it deserves."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest
from recorded import ledger, register
from stories import BY_ID, STORIES, question
from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.ledger.node import LedgerSource
from diag.render.json_document import dumps
from diag.render.options import View

# case id → resend_safe, operations in evidence, whose times the eta rests on
EXPECTED = {
    "settled-by-burn": ("no", "1.11.13731 1.11.13769", None),
    "still-reversible": ("no", "1.11.28695", "protocol"),
    "gateway-normal": ("no", "1.11.28692", "observed"),
    "gateway-overdue-alone": ("no", "1.11.24815", "observed"),
    "settled-in-a-batch": ("no", "1.11.27554 1.11.28301", None),
    "gateway-stalled": ("no", "1.11.26295", "observed"),
    "no-trace-recent": ("no", "1.11.28657", "register"),
    "no-trace-old": ("no", "1.11.19775", "register"),
    "gateway-closed": ("no", "1.11.25821", None),
    "returned-in-full": ("yes", "1.11.13972 1.11.14076", None),
    "returned-less-a-fee": ("yes", "1.11.14206 1.11.14407", None),
    "returned-in-part": ("no", "1.11.14408 1.11.14572", None),
    "returned-by-issue": ("yes", "1.11.14537 1.11.14807", None),
    "memo-missing": ("no", "1.11.23804", None),
    "memo-for-another-key": ("no", "1.11.23736", None),
    "memo-too-short": ("no", "1.11.23667", None),
    "memo-plain-and-wrong": ("no", "1.11.23598", None),
    "memo-bad-checksum": ("no", "1.11.23560", None),
    "sent-to-issuer": ("no", "1.11.12718", None),
    "sent-to-lookalike": ("no", "1.11.12785", None),
    "wrong-asset": ("no", "1.11.12856", None),
    "friend-got-it": ("no", "1.11.12964", None),
    "below-minimum": ("no", "1.11.22789", None),
    "claims-more-than-sent": ("no", "1.11.15104 1.11.15139", None),
    "received-less-the-fee": ("no", "1.11.15202 1.11.15235", None),
    "received-far-less": ("no", "1.11.15271 1.11.15304", None),
    "sent-twice": ("no", "1.11.21767 1.11.21769", None),
    "nothing-sent-long-ago": ("yes", "1.11.170", None),
    "nothing-sent-just-now": ("no", "1.11.171", "protocol"),
    "eight-hours-off": ("no", "1.11.6737", None),
    "no-such-account": ("unknown", "", None),
    "proposal-expired": ("yes", "1.11.12320", None),
    "proposal-executed": ("no", "1.11.15742 1.11.15807", None),
    "proposal-waiting": ("no", "1.11.28101", "protocol"),
    "htlc-open": ("no", "1.11.27970", "protocol"),
    "htlc-refunded": ("yes", "1.11.13732 1.11.14070", None),
    "locked-in-an-order": ("no", "", None),
    "taken-by-issuer": ("no", "1.11.14271", None),
    "drained-after-key-change": ("no", "1.11.27297 1.11.27423 1.11.27424", None),
    "batched-with-another-op": ("no", "1.11.24272", "observed"),
    "twins-in-one-block": ("no", "1.11.23969 1.11.23970", None),
    "needle-in-a-busy-account": ("no", "1.11.13804 1.11.13837", None),
    "memo-plain-and-right": ("no", "1.11.23289", "observed"),
    "three-in-the-window": ("no", "1.11.12581 1.11.12617", None),
    "three-but-one-meant": ("no", "1.11.12683 1.11.12719", None),
    "it-was-a-deposit": ("no", "1.11.14841", None),
    "large-amount-as-string": ("no", "1.11.27328 1.11.27826", None),
    "blacklisted-by-issuer": ("no", "", None),
    "balance-too-small": ("no", "", None),
    "proposal-failed": ("no", "1.11.28396", "protocol"),
    "settled-before-trouble": ("no", "1.11.20 1.11.21", None),
    "sent-while-two-witnesses-miss": ("no", "1.11.22", "register"),
    "sent-while-six-witnesses-miss": ("no", "1.11.23", None),
    "nothing-sent-in-trouble": ("no", "1.11.19", "protocol"),
}


@cache
def collector(name):
    found = register(name)
    source = LedgerSource(ledger(name), "ledger")
    clock = lambda: ledger(name).clock  # noqa: E731
    return Collector([source], found, clock=clock, seconds=FOREVER), found


def answer(name, story):
    collect, register = collector(name)
    return diagnose(question(story), collect, register, CHECKS)


@pytest.mark.parametrize(("name", "story"), STORIES)
def test_every_story_gets_its_verdict(name, story):
    diagnosis = answer(name, story)
    verdict = diagnosis.verdict
    resend_safe, operations, times = EXPECTED[story["id"]]
    shown = [e.operation for e in verdict.finding.evidence_items if e.operation]
    eta = verdict.finding.eta

    assert verdict.code == story["expect"]
    assert verdict.rule.resend_safe == resend_safe
    assert shown == operations.split()
    assert (eta.basis if eta else None) == times
    assert len(diagnosis.withdrawals) == story.get("count", len(diagnosis.withdrawals))


@pytest.mark.parametrize(("name", "story"), STORIES)
def test_same_question_same_bytes(name, story):
    view = View("zh")

    assert dumps(answer(name, story), view) == dumps(answer(name, story), view)


def test_times_follow_from_what_was_observed_or_registered():
    overdue, recent, old = (
        answer("", BY_ID[name])
        for name in ("gateway-overdue-alone", "no-trace-recent", "no-trace-old")
    )
    sent = datetime(2026, 11, 22, 8, 0, 12, tzinfo=UTC)

    eta = overdue.verdict.finding.eta
    assert sent < eta.normal_until < eta.expected_by < eta.escalate_after
    assert (eta.expected_by - sent).total_seconds() == 606  # twice the slowest but 5 %
    for diagnosis in (recent, old):  # RIVER leaves no trace: its register's 30 min and 2 h
        at = diagnosis.withdrawals[0][0].at
        eta = diagnosis.verdict.finding.eta
        assert (eta.normal_until - at).total_seconds() == 1800
        assert (eta.expected_by - at).total_seconds() == 7200


def test_each_of_three_withdrawals_has_its_own_answer():
    diagnosis = answer("", BY_ID["three-in-the-window"])
    burns = [w.settled.operation.id for w, _ in diagnosis.withdrawals]

    assert len(set(burns)) == 3
    assert {v.code for _, v in diagnosis.withdrawals} == {"gateway_settled"}
