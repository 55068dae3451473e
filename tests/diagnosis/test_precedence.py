from __future__ import annotations

from itertools import permutations

import pytest
from builders import (
    CORE,
    FIRST_REVERSIBLE,
    FRIEND,
    INTERVAL,
    LOOKALIKE,
    OLD_GATE,
    PRUNED,
    STALE,
    STRANGER,
    account_update,
    ago,
    back,
    burn,
    case,
    diagnose_,
    evidence,
    gap,
    gateway,
    issue,
    live_proposal,
    override,
    proposal,
    redeemed,
    register,
    stage,
    time_lock,
    transfer,
)

from diag.checks import CHECKS, security
from diag.diagnosis.engine import conclude
from diag.diagnosis.precedence import decide, leading, precedence
from diag.domain.finding import Rule
from diag.domain.gateway import Status
from diag.domain.history import Gap
from diag.domain.vocabulary import Actor, Advice, Confidence, Group, Outcome, Severity, Stage
from diag.i18n import Text

RULES = {rule.code: rule for check in CHECKS for rule in check.RULES}
FOREIGN = Rule(
    "a_plugin_rule",
    Text("另一检查", "Another check"),
    Outcome.STUCK,
    Stage.UNKNOWN,
    Severity.CRITICAL,
    Actor.SUPPORT,
    Advice.PROVIDE_INFO,
    Confidence.LOW,
    reply=Text("另一检查。", "Another check."),
    note=Text("另一检查。", "Another check."),
)
ORDER = [
    "authority_changed",
    "sources_unavailable",
    "account_not_found",
    "amount_mismatch",
    "gateway_returned",
    "memo_missing",
    "delivered_on_chain",
    "gateway_closed",
    "network_degraded",
    "history_incomplete",
    "gateway_overdue",
    "authority_proposed",
    "outside_window",
    "funds_in_order",
    "never_included",
    "nothing_in_window",
]
"""Of each of two of them, the earlier leads."""

LEADS = [
    ("settled, though the memo was missing", "memo_missing gateway_settled", "gateway_settled"),
    ("returned, and the memo tells why", "memo_missing gateway_returned", "gateway_returned"),
    ("overdue, and the memo tells why", "gateway_overdue memo_missing", "memo_missing"),
    ("in the queue, and too small", "gateway_processing below_minimum", "below_minimum"),
    ("overdue, and sent twice", "gateway_overdue duplicate_submission", "duplicate_submission"),
    ("overdue at a closed gateway", "gateway_overdue gateway_closed", "gateway_closed"),
    ("stalled, and in maintenance", "gateway_stalled gateway_maintenance", "gateway_maintenance"),
    ("stalled, and one of many", "gateway_stalled gateway_overdue", "gateway_stalled"),
    ("closed, and without a memo", "gateway_closed memo_missing", "memo_missing"),
    ("settled, and less arrived", "gateway_settled amount_mismatch", "amount_mismatch"),
    ("settled, and the fee missing", "gateway_settled amount_fee_explained", "amount_fee_explained"),
    ("arrived at a look-alike", "delivered_on_chain lookalike_account", "lookalike_account"),
    ("arrived with a thief", "delivered_on_chain authority_changed", "authority_changed"),
    ("taken by the issuer, nodes apart", "issuer_override sources_disagree", "issuer_override"),
    ("settled on one node only", "gateway_settled sources_disagree", "sources_disagree"),
    ("not final in a sick network", "chain_confirming network_degraded", "network_degraded"),
    ("not final, without a memo", "chain_confirming memo_missing", "memo_missing"),
    ("not there, in an order", "never_included funds_in_order", "funds_in_order"),
    ("not there, blocked", "never_included transfer_blocked", "transfer_blocked"),
    ("not there, not enough", "not_seen_yet insufficient_balance", "insufficient_balance"),
    ("not there, but an hour before", "never_included outside_window", "outside_window"),
    ("only a deposit, in part unread", "deposit_received history_incomplete", "history_incomplete"),
    ("overdue, for all that was read of the gateway", "gateway_overdue history_incomplete", "history_incomplete"),
    ("a pruned and stale node", "history_incomplete node_stale", "node_stale"),
    ("another package's cause, before what waits", "a_plugin_rule gateway_overdue", "a_plugin_rule"),
    ("another package's cause, after ours", "a_plugin_rule memo_missing", "memo_missing"),
    ("another package's cause, after the outcome", "a_plugin_rule gateway_settled", "gateway_settled"),
    ("nothing of ours", "a_plugin_rule", "a_plugin_rule"),
]  # fmt: skip


def found(codes, withdrawal_id="1.11.5"):
    return [
        (RULES | {FOREIGN.code: FOREIGN})[code].found(withdrawal_id) for code in codes.split()
    ]


@pytest.mark.parametrize(
    ("codes", "expected"), [pytest.param(c, e, id=what) for what, c, e in LEADS]
)
def test_leads_whatever_the_order(codes, expected):
    assert {leading(order).code for order in permutations(found(codes))} == {expected}


def test_every_group_leads_over_all_that_come_after_it():
    every = precedence(RULES.values())
    groups = [next(g for g, codes in every if code in codes) for code in ORDER]

    assert list(dict.fromkeys(groups)) == list(Group)
    for position, code in enumerate(ORDER):
        for later in ORDER[position + 1 :]:
            assert leading(found(f"{later} {code}")).code == code


SEVERAL = [
    ("the one that is late", {"5": "gateway_settled", "6": "gateway_overdue"}, "gateway_overdue", "6"),
    ("the one that waits", {"5": "gateway_processing", "6": "gateway_settled"}, "gateway_processing", "5"),
    ("the one in danger", {"5": "memo_missing", "6": "lookalike_account"}, "lookalike_account", "6"),
    ("the one with a cause", {"5": "gateway_overdue", "6": "memo_missing"}, "memo_missing", "6"),
    ("stuck before unknown", {"5": "gateway_unconfirmed", "6": "gateway_overdue"}, "gateway_overdue", "6"),
    ("not sent before returned", {"5": "gateway_returned", "6": "proposal_pending"}, "proposal_pending", "6"),
    ("within each the leading one", {"5": "gateway_settled memo_missing", "6": "gateway_processing"}, "gateway_processing", "6"),
    ("of two alike the older", {"10": "gateway_overdue", "9": "gateway_overdue"}, "gateway_overdue", "9"),
    ("what holds for all", {"5": "gateway_overdue", "6": "gateway_settled", None: "sources_disagree"}, "sources_disagree", None),
    ("what holds for all may be less", {"5": "gateway_overdue", None: "nothing_in_window"}, "gateway_overdue", "5"),
    ("nothing sent", {None: "never_included funds_in_order"}, "funds_in_order", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("by_withdrawal", "code", "withdrawal_id"),
    [pytest.param(*row, id=what) for what, *row in SEVERAL],
)
def test_of_several_withdrawals_the_one_that_needs_action_leads(
    by_withdrawal, code, withdrawal_id
):
    findings = [
        finding
        for number, codes in by_withdrawal.items()
        for finding in found(codes, number and f"1.11.{number}")
    ]
    withdrawals = [f"1.11.{number}" for number in by_withdrawal if number]

    led = decide(findings, withdrawals)

    assert (led[None].code, led[None].withdrawal_id) == (
        code,
        withdrawal_id and f"1.11.{withdrawal_id}",
    )
    assert set(led) == {None, *withdrawals}


def test_a_secret_leads_the_case_and_leaves_each_withdrawal_its_own_verdict():
    secret = RULES["secret_exposed"].found()
    others = [
        RULES["gateway_overdue"].found("1.11.5"),
        RULES["gateway_settled"].found("1.11.6"),
    ]
    ids = ["1.11.5", "1.11.6"]

    assert decide([*others, secret], ids) == decide(others, ids) | {None: secret}
    assert decide([secret], ids) == decide([secret], []) == {None: secret}


def test_a_secret_does_not_explain_a_withdrawal():
    """Where nothing else can be said, that stays undetermined, secret or not."""
    plain, exposed = (
        conclude(evidence(transfer(), asked=case(**sent)), [security])
        for sent in ({}, {"exposed": ("wif",), "exposed_in": ("memo",)})
    )

    assert [v for _, v in exposed.withdrawals] == [v for _, v in plain.withdrawals]
    assert [f.code for f in exposed.findings] == ["secret_exposed", plain.verdict.code]


def test_each_withdrawal_has_its_own_verdict():
    late, gone = transfer(at=ago(hours=3)), transfer("2")
    friendly = transfer("3", ago(minutes=9), to=FRIEND)

    diagnosis = diagnose_(late, gone, burn("2"), friendly)

    assert [(w.id, v.code) for w, v in diagnosis.withdrawals] == [
        (late.id, "gateway_overdue"),
        (gone.id, "gateway_settled"),
    ]
    assert [w.id for w in diagnosis.evidence.candidates] == [friendly.id]
    assert diagnosis.verdict.finding.withdrawal_id == late.id


BARE_LATE = transfer(at=ago(hours=3), note=None)
LOCK = time_lock()
LOCK_OPENED = redeemed(LOCK, at=FIRST_REVERSIBLE)
MADE = proposal(inner=(transfer(to=FRIEND),))
CLOSED = register(gateway(lifecycle=(stage(Status.CLOSED),)))
STORIES = [
    ("a late one without a memo", "memo_missing", [BARE_LATE], {}),
    ("burnt without a memo", "gateway_settled", [BARE_LATE, burn()], {}),
    ("burnt at a closed gateway", "gateway_settled", [transfer(), burn()], {"known_gateways": CLOSED}),
    ("late at a closed gateway", "gateway_closed", [transfer(at=ago(hours=3))], {"known_gateways": CLOSED}),
    ("late and claimed double", "amount_mismatch", [transfer(at=ago(hours=3))], {"asked": case(amount="2")}),
    ("less the fee", "amount_fee_explained", [transfer(), burn()], {"asked": case(received="0.9997")}),
    ("one of two served, the other late", "duplicate_submission", [transfer(at=ago(hours=3)), transfer(at=ago(hours=3), n=1), burn()], {}),
    ("to an old account", "wrong_gateway_account", [transfer(to=OLD_GATE)], {}),
    ("core coins", "wrong_asset", [transfer(of=CORE)], {}),
    ("to a look-alike", "lookalike_account", [transfer(to=LOOKALIKE)], {}),
    ("to a stranger after a change of keys", "authority_changed", [account_update(), transfer(to=STRANGER)], {}),
    ("to a friend", "delivered_on_chain", [transfer(to=FRIEND)], {}),
    ("moved by the issuer", "issuer_override", [override()], {}),
    ("just sent without a memo", "chain_confirming", [transfer(at=FIRST_REVERSIBLE, note=None)], {}),
    ("two minutes ago without a memo", "gateway_processing", [transfer(at=ago(minutes=2), note=None)], {}),
    ("ten minutes ago without a memo", "memo_missing", [transfer(note=None)], {}),
    ("just sent", "chain_confirming", [transfer(at=FIRST_REVERSIBLE)], {}),
    ("sent and returned", "gateway_returned", [transfer(), back()], {}),
    ("only proposed", "proposal_pending", [MADE], {"proposals": {MADE.proposal: live_proposal(MADE)}}),
    ("proposed, and what came of it unread", "sources_unavailable", [MADE], {"gaps": (gap(Gap.OBJECTS),)}),
    ("proposed, and what came of it unexplained", "sources_unavailable", [MADE], {}),
    ("a time-lock just opened", "sources_unavailable", [LOCK, LOCK_OPENED], {"time_locks": {LOCK.lock: None}}),
    ("a deposit", "deposit_received", [issue()], {}),
    ("nothing", "nothing_in_window", [], {}),
    ("nothing, with a hole", "history_incomplete", [], PRUNED),
    ("nothing yet of what is claimed", "not_seen_yet", [], {"asked": case(asset="BROOK.BTC")}),
    ("a stale node that shows it waiting", "node_stale", [transfer()], STALE),
    ("a stale node that shows it burnt", "gateway_settled", [transfer(at=ago(hours=1)), burn()], STALE),
    ("nodes apart", "sources_disagree", [transfer(), burn()], {"disagreement": (burn().id,)}),
    ("no such account", "account_not_found", [], {"account": None}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "operations", "facts"), [pytest.param(*row, id=what) for what, *row in STORIES]
)
def test_leads_in_a_story(code, operations, facts):
    assert diagnose_(*operations, **facts).verdict.code == code


def test_a_time_lock_just_opened_is_not_called_locked():
    diagnosis = diagnose_(LOCK, redeemed(LOCK, at=FIRST_REVERSIBLE - INTERVAL))

    assert diagnosis.verdict.code == "delivered_on_chain"
