from __future__ import annotations

from datetime import date, timedelta

import pytest
from builders import (
    CLIFF_BTC,
    CORE,
    FIRST_REVERSIBLE,
    FJORD_BTC,
    FRIEND,
    HEAD,
    INTERVAL,
    NOW,
    OLD_GATE,
    OTHER_GATE,
    PRUNED,
    STALE,
    UNKNOWN_GATE,
    ago,
    as_of,
    back,
    burn,
    case,
    coin,
    concluded,
    diagnose_,
    evidence,
    gap,
    gateway,
    issue,
    memo,
    others,
    proposal,
    reader,
    refunded,
    register,
    removed,
    served,
    stage,
    time_lock,
    transfer,
)

from diag.checks import CHECKS
from diag.diagnosis.engine import conclude
from diag.domain.gateway import Status
from diag.domain.history import Gap
from diag.domain.vocabulary import Ask, Confidence, Finality, ResendSafe
from diag.render.json_document import document, dumps
from diag.render.options import View

CERTAIN, HIGH, MEDIUM, LOW = Confidence
SENT, PAID, LATE = transfer(), burn(), transfer(at=ago(hours=3))
JUST = transfer(at=FIRST_REVERSIBLE)
FIRST_IN = transfer(at=ago(hours=6))
NO_MEMO = transfer(at=ago(hours=3), note=None)
JUST_BEFORE = FIRST_REVERSIBLE - INTERVAL
KNOWN_TIMES = register(gateway(usual=timedelta(minutes=20)))
RIVAL = transfer(at=ago(minutes=11), by=reader(1))

SURE = [
    ("burnt", [SENT, PAID], {}, HIGH, "final", "irreversible history_complete"),
    (
        "burnt in a block that may still be undone",
        [SENT, burn(at=FIRST_REVERSIBLE)],
        {},
        HIGH,
        "provisional",
        "provisional history_complete",
    ),
    ("to a friend", [transfer(to=FRIEND)], {}, CERTAIN, "final", "irreversible history_complete"),
    ("no memo, ten minutes ago", [transfer(note=None)], {}, MEDIUM, "final", "irreversible early history_complete"),
    ("no memo, hours ago", [NO_MEMO], {}, HIGH, "final", "irreversible convention history_complete"),
    (
        "no memo, hours ago, and later ones with a memo were served",
        [NO_MEMO, *served(9, ago(hours=2))],
        {},
        HIGH,
        "final",
        "irreversible others_observed history_complete",
    ),
    (
        "no memo, hours ago, and others without one came back",
        [NO_MEMO, *others(2, ago(hours=4), note=None, fate="returned")],
        {},
        CERTAIN,
        "final",
        "irreversible others_observed history_complete",
    ),
    (
        "to a friend, in a block that may still be undone",
        [transfer(at=FIRST_REVERSIBLE, to=FRIEND)],
        {},
        HIGH,
        "provisional",
        "provisional history_complete",
    ),
    (
        "to a friend, in the last final block",
        [transfer(at=JUST_BEFORE, to=FRIEND)],
        {},
        CERTAIN,
        "final",
        "irreversible history_complete",
    ),
    ("in the queue, times known", [SENT], {"known_gateways": KNOWN_TIMES}, HIGH, "provisional", "provisional history_complete"),
    ("in the queue, times guessed", [SENT], {}, MEDIUM, "provisional", "provisional default_times history_complete"),
    ("in the queue, times seen", [served(10, ago(hours=3)), transfer(at=ago(minutes=2))], {}, HIGH, "provisional", "provisional history_complete"),
    ("in the queue, or burnt for another", [RIVAL, SENT, PAID], {}, LOW, "provisional", "provisional ambiguous default_times history_complete"),
    ("in the queue, beside a burn nobody can explain", [SENT, burn("5")], {}, LOW, "provisional", "provisional unexplained_burn default_times history_complete"),
    ("perhaps in the queue, the gateway read in part", [SENT], {"gaps": (gap(Gap.GATEWAY),), "gateway_hole": (ago(minutes=5), ago(minutes=4)), "known_gateways": KNOWN_TIMES}, LOW, "provisional", "provisional history_complete"),
    ("issued back, or a deposit", [SENT, issue()], {}, MEDIUM, "final", "irreversible issue_or_deposit history_complete"),
    ("burnt, with a hole in the window", [SENT, PAID], PRUNED, MEDIUM, "final", "irreversible gaps"),
    ("burnt, seen by a stale node", [transfer(at=ago(hours=1)), PAID], STALE, MEDIUM, "final", "irreversible stale history_complete"),
    ("late, and no trace is left", [transfer(at=ago(hours=3), to=OTHER_GATE, of=CLIFF_BTC)], {}, LOW, "provisional", "provisional default_times history_complete"),
    ("nothing at all", [], {}, HIGH, "provisional", "provisional history_complete"),
    ("no such account, as two nodes say", [], {"account": None, "confirmed_by": ("a", "b")}, CERTAIN, "final", "irreversible history_complete"),
    ("no such account, as one node says", [], {"account": None, "confirmed_by": ("a",)}, HIGH, "final", "irreversible single_node history_complete"),
    ("nothing, with a hole", [], PRUNED, LOW, "provisional", "provisional gaps"),
    ("never included", [], {"asked": case(start=ago(days=3), end=ago(days=2), asset="BROOK.BTC")}, HIGH, "final", "irreversible history_complete single_node"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operations", "facts", "confidence", "finality", "basis"),
    [pytest.param(*row, id=what) for what, *row in SURE],
)
def test_how_sure(operations, facts, confidence, finality, basis):
    verdict = diagnose_(*operations, **facts).verdict

    assert (verdict.confidence, verdict.finality) == (confidence, finality)
    assert set(verdict.basis) == set(basis.split())


LOCK = time_lock()
GONE = proposal(at=ago(hours=3), expires=ago(minutes=50))
JUST_OVER = proposal(at=ago(hours=3), expires=NOW)
STILL_OPEN = proposal(at=ago(hours=3))
RESENDABLE = [
    ("returned a minute ago", [SENT, back(at=FIRST_REVERSIBLE)], {}),
    ("issued back a minute ago", [SENT, issue(at=FIRST_REVERSIBLE)], {}),
    ("sent and returned within a minute", [JUST, back(at=FIRST_REVERSIBLE + INTERVAL)], {}),
    ("a time-lock refunded a minute ago", [LOCK, refunded(LOCK, FIRST_REVERSIBLE)], {}),
    ("a proposal removed a minute ago", [STILL_OPEN, removed(STILL_OPEN, FIRST_REVERSIBLE)], {"proposals": {STILL_OPEN.proposal: None}}),
    ("a proposal that has just run out", [JUST_OVER], {"proposals": {JUST_OVER.proposal: None}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operations", "facts"), [pytest.param(*row, id=what) for what, *row in RESENDABLE]
)
def test_nobody_is_told_to_send_again_on_what_may_still_be_undone(operations, facts):
    said = document(diagnose_(*operations, **facts), View("zh"))["verdict"]

    assert (said["finality"], said["resend_safe"]) in {
        (Finality.PROVISIONAL, ResendSafe.NO),
        (Finality.PROVISIONAL, ResendSafe.UNKNOWN),
    }


@pytest.mark.parametrize(
    ("operations", "facts"),
    [
        pytest.param([SENT, back()], {}, id="returned"),
        pytest.param([LOCK, refunded(LOCK)], {}, id="a time-lock refunded"),
        pytest.param([GONE], {"proposals": {GONE.proposal: None}}, id="a proposal run out"),
    ],
)
def test_safe_to_send_again_once_that_is_final(operations, facts):
    said = document(diagnose_(*operations, **facts), View("zh"))["verdict"]

    assert (said["finality"], said["resend_safe"]) == (Finality.FINAL, ResendSafe.YES)


FINE = {"never_included", "chain_confirming", "network_degraded"}
RIGHT = {"wrong_gateway_account", "wrong_asset", "lookalike_account"}
EXCLUDED = [
    (
        "in the queue of a gateway that serves",
        [transfer(at=ago(minutes=8)), served(2, ago(minutes=7), took=timedelta(minutes=1))],
        {},
        FINE
        | RIGHT
        | {"memo_missing", "below_minimum", "duplicate_submission", "gateway_closed"}
        | {"gateway_stalled"},
    ),
    (
        "late and nobody served since",
        [LATE],
        {},
        FINE | RIGHT
        | {"memo_missing", "below_minimum", "duplicate_submission", "gateway_closed"},
    ),
    ("not final: only what has nothing to do with that", [JUST], {}, RIGHT | {"network_degraded", "memo_missing", "below_minimum", "duplicate_submission", "gateway_closed"}),
    ("the code itself is never excluded", [transfer(note=None)], {}, FINE | RIGHT | {"below_minimum", "duplicate_submission", "gateway_closed"}),
    ("to a friend: nothing of gateways", [transfer(to=FRIEND)], {}, FINE | {"memo_missing", "duplicate_submission"}),
    ("to a retired account", [transfer(to=OLD_GATE)], {}, FINE | {"memo_missing", "below_minimum", "duplicate_submission", "gateway_closed"}),
    ("at a gateway that no register knows", [transfer(to=UNKNOWN_GATE, of=FJORD_BTC)], {}, FINE | {"memo_missing", "duplicate_submission"}),
    ("no minimum and no state known", [SENT], {"known_gateways": register(gateway(coins=(coin(terms=()),), lifecycle=()))}, FINE | RIGHT | {"memo_missing", "duplicate_submission"}),
    ("with a hole in the window a twin may hide there", [SENT], {**PRUNED, "hole": (SENT.at - timedelta(minutes=2), SENT.at - INTERVAL)}, FINE | RIGHT | {"memo_missing", "below_minimum", "gateway_closed"}),
    ("a hole elsewhere hides no twin", [SENT], PRUNED, FINE | RIGHT | {"memo_missing", "below_minimum", "gateway_closed", "duplicate_submission"}),
    ("a twin just before the window", [FIRST_IN, transfer(at=ago(hours=6, minutes=2), n=1)], {}, FINE | RIGHT | {"memo_missing", "below_minimum", "gateway_closed"}),
    ("a register that is years old excludes nothing of the gateway", [SENT], {"known_gateways": register(gateway(as_of=date(2028, 1, 1)))}, FINE | {"memo_missing", "duplicate_submission"}),
    ("an equal one of the window was not meant", [LATE, transfer(at=ago(hours=3), n=1)], {"asked": case(operation=LATE.id)}, FINE | RIGHT | {"memo_missing", "below_minimum", "gateway_closed"}),
    ("a stale node does not show the network sound", [SENT], {**STALE, "asked": case(operation=SENT.id)}, set()),
    ("nothing sent", [], {}, set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operations", "facts", "expected"),
    [pytest.param(*row, id=what) for what, *row in EXCLUDED],
)
def test_what_is_ruled_out(operations, facts, expected):
    verdict = diagnose_(*operations, **facts).verdict

    assert set(verdict.ruled_out) == expected
    assert len(set(verdict.ruled_out)) == len(verdict.ruled_out)


UNSEEN = [
    ("in a gateway's queue", [SENT], {}, "other_chain memo_content"),
    ("burnt, with a memo for everybody", [transfer(note=memo("btc:x")), PAID], {}, "other_chain"),
    ("without a memo", [transfer(note=None)], {}, "other_chain"),
    ("to a friend", [transfer(to=FRIEND)], {}, ""),
    ("nothing", [], {}, ""),
    ("nothing, with a hole", [], PRUNED, "account_history"),
    ("burnt, seen by a stale node", [transfer(at=ago(hours=1)), PAID], STALE, "head other_chain memo_content"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operations", "facts", "expected"), [pytest.param(*row, id=what) for what, *row in UNSEEN]
)
def test_what_was_not_looked_at(operations, facts, expected):
    found = diagnose_(*operations, **facts).verdict.not_checked

    assert [what for what, _ in found] == expected.split()


ASKS = [
    ("late", [LATE], {}, [Ask.EXTERNAL_TRANSACTION, Ask.MEMO]),
    ("late, memo told", [LATE], {"memo": "btc:x"}, [Ask.EXTERNAL_TRANSACTION]),
    ("late, both told", [LATE], {"memo": "btc:x", "external_transaction": "ff"}, []),
    ("no memo", [transfer(note=None)], {}, [Ask.DESTINATION, Ask.WALLET]),
    ("nothing", [], {}, [Ask.TIME, Ask.AMOUNT]),
    ("not there yet", [], {"asset": "BROOK.BTC"}, [Ask.OPERATION, Ask.TIME]),
    ("in time", [SENT], {}, []),
]


@pytest.mark.parametrize(
    ("operations", "claims", "expected"), [pytest.param(*row, id=what) for what, *row in ASKS]
)
def test_what_to_ask_the_user_for(operations, claims, expected):
    verdict = diagnose_(*operations, asked=case(**claims)).verdict

    assert list(verdict.ask_user_for) == expected


UNSAID = dict.fromkeys(
    ("claimed", "sent", "gateway_fee", "expected_out", "received", "difference")
)
BROOK = {"asset": "BROOK.BTC", "gateway_fee": "0.00030000"}
NUMBERS = [
    ("nothing", [], {}, {"asset": None}),
    ("claimed, not there", [], {"asset": "BROOK.BTC", "amount": "1"}, {"asset": "BROOK.BTC", "claimed": "1.00000000"}),
    ("sent", [SENT], {}, {**BROOK, "sent": "1.00000000", "expected_out": "0.99970000"}),
    (
        "sent, and the fee is missing",
        [SENT, PAID],
        {"received": "0.9997"},
        {**BROOK, "sent": "1.00000000", "expected_out": "0.99970000", "received": "0.99970000", "difference": "0.00030000"},
    ),
    (
        "sent and returned in part",
        [SENT, back("0.625")],
        {},
        {**BROOK, "sent": "1.00000000", "expected_out": "0.99970000", "received": "0.62500000", "difference": "0.37500000"},
    ),
    ("no fee known", [transfer("0.5", to=FRIEND, of=CORE)], {}, {"asset": "BTS", "sent": "0.50000"}),
    (
        "more digits arrived than the asset has",
        [transfer("0.5", to=FRIEND, of=CORE)],
        {"received": "0.499999"},
        {"asset": "BTS", "sent": "0.50000", "received": "0.499999", "difference": "0.000001"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operations", "claims", "expected"),
    [pytest.param(*row, id=what) for what, *row in NUMBERS],
)
def test_the_numbers(operations, claims, expected):
    verdict = diagnose_(*operations, asked=case(**claims)).verdict

    assert verdict.amounts == {**UNSAID, **expected}


def test_the_story_is_told_in_order_up_to_the_head():
    verdict = diagnose_(SENT, PAID).verdict

    assert [(event.time, event.id) for event in verdict.timeline] == [
        (SENT.at, SENT.id),
        (PAID.at, PAID.id),
        (NOW, str(HEAD)),
    ]


def test_the_same_evidence_is_the_same_diagnosis_byte_for_byte():
    operations = [served(12, ago(hours=3)), LATE, SENT, PAID]
    once, again = diagnose_(*operations), diagnose_(*reversed(operations))

    assert once.id == again.id
    assert dumps(once, View("zh")) == dumps(again, View("zh"))


OTHERWISE = [
    ("another account", {"asked": case(account="willow-friend")}),
    ("another window", {"asked": case(start=ago(hours=7))}),
    ("another claim", {"asked": case(amount="1")}),
    ("another time zone", {"asked": case(zone="Asia/Shanghai")}),
    ("a later head", {"as_of": as_of(block=HEAD + 1)}),
    ("more of it final", {"as_of": as_of(irreversible_block=HEAD - 18)}),
    ("a gap in what was read", {"gaps": (gap(Gap.GATEWAY),)}),
    ("a second node that agrees", {"known_nodes": 2, "confirmed_by": ("node", "other")}),
    ("a second node that could not be asked", {"known_nodes": 2, "confirmed_by": ("node",)}),
    ("another register", {"known_gateways": register(gateway(lifecycle=(stage(Status.MANUAL),)))}),
]  # fmt: skip


@pytest.mark.parametrize("facts", [pytest.param(f, id=what) for what, f in OTHERWISE])
def test_another_question_or_another_chain_is_another_diagnosis(facts):
    assert diagnose_(SENT, **facts).id != diagnose_(SENT).id


def test_other_rules_are_another_diagnosis():
    seen = evidence(SENT)

    assert conclude(seen, CHECKS[:-1]).id != concluded(seen).id
