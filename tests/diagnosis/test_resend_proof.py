"""Sending again needs proof: each condition alone keeps a verdict from saying yes.

The first table holds stories in which every condition holds; the second takes one of them and
breaks one condition at a time.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import (
    BTC,
    CLIFF_BTC,
    CORE,
    ETH,
    FRIEND,
    GATE,
    HEAD,
    NOW,
    STALE,
    STRANGER,
    USDT,
    USER,
    account_update,
    ago,
    amount,
    as_of,
    back,
    burn,
    case,
    changed,
    claim,
    concluded,
    evidence,
    gateway,
    issue,
    live_proposal,
    lock,
    memo,
    override,
    place,
    proposal,
    refunded,
    register,
    release,
    sold,
    stage,
    time_lock,
    transfer,
    unreadable,
)
from overclaims import BTC_1, LONG_AGO, NEVER, NEW_KEYS, THEN

from diag.diagnosis.resend_proof import CONDITIONS
from diag.domain.account import Authority
from diag.domain.asset import Change
from diag.domain.custody_operations import Custody, DebtUpdated, VestingCreated
from diag.domain.gateway import Status
from diag.domain.operations import Created, Other, ProposalUpdated
from diag.domain.vocabulary import Advice, ResendSafe, Stage
from diag.render.user_reply import reply

RETURNED = (transfer("1", ago(hours=5)), back("1", ago(hours=4)))
LOCKED = time_lock("1", ago(hours=5), expires=ago(hours=4))
REFUNDED = (LOCKED, refunded(LOCKED, ago(hours=4)))
PROPOSED = proposal(ago(hours=5), expires=ago(hours=4))
NESTED = proposal(name="1.10.11", inner=(proposal(name=None),))
HALVES = proposal(name="1.10.12", inner=(transfer("0.5"), transfer("0.5")))
HALF = proposal(name="1.10.13", inner=(transfer("0.5"),))
CLOSED = register(gateway(lifecycle=(stage(Status.CLOSED),)))
LAPSED = {"proposals": {PROPOSED.proposal: None}}


def told(*operations, asked=None, **facts):
    return concluded(evidence(*operations, asked=asked, **facts))


def approval(at, by=USER):
    """An account approves the proposal."""
    return ProposalUpdated(
        location=place(at, 11), kind="proposal_update", payer=by.id, proposal=PROPOSED.proposal
    )


PROVEN = [
    pytest.param(
        "never_included",
        (transfer("3", THEN, to=FRIEND),),
        {"asked": case(**LONG_AGO, asset=ETH.symbol)},
        id="an asset is asked about, and a friend was sent another then",
    ),
    pytest.param(
        "never_included",
        (transfer("3", THEN, of=ETH),),
        {"asked": case(**LONG_AGO, asset=BTC.symbol)},
        id="a coin is asked about, and a network's was sent to the gateway then",
    ),
    pytest.param(
        "never_included",
        (transfer("3", THEN),),
        {"asked": case(**LONG_AGO, asset=USDT.symbol)},
        id="a stablecoin is asked about, and no network's coin was sent to the gateway then",
    ),
    pytest.param(
        "never_included",
        (proposal(THEN, by=FRIEND, inner=(transfer("1", THEN, by=FRIEND),)),),
        {"asked": NEVER},
        id="another account's proposal that it did not approve",
    ),
    pytest.param(
        "never_included",
        (
            proposal(THEN, by=FRIEND, inner=(transfer("0.2", THEN, by=FRIEND),)),
            approval(THEN),
        ),
        {"asked": NEVER},
        id="it approved that another account sends a little",
    ),
    pytest.param(
        "never_included",
        (claim("3", at=THEN, of=CLIFF_BTC),),
        {"asked": NEVER},
        id="much more of the other gateway's coin was taken",
    ),
    pytest.param(
        "never_included",
        (transfer("7", ago(days=3, hours=10), to=FRIEND, of=ETH),),
        {"asked": NEVER, "assets": {BTC.id: BTC}},
        id="other digits of an asset that was not read were sent hours before",
    ),
    pytest.param(
        "never_included", (), {"asked": NEVER}, id="nothing left, and the funds are there"
    ),
    pytest.param(
        "never_included",
        (transfer("0.2", ago(hours=30), to=FRIEND),),
        {"asked": NEVER},
        id="a small payment since",
    ),
    pytest.param(
        "never_included",
        (transfer("1", ago(hours=30), to=FRIEND, of=CORE),),
        {"asked": NEVER},
        id="as much of another asset since",
    ),
    pytest.param(
        "never_included",
        (lock(at=ago(hours=30)), release(at=ago(hours=29))),
        {"asked": NEVER},
        id="an order that was cancelled since",
    ),
    pytest.param(
        "never_included",
        (claim("3", at=THEN, of=ETH), transfer("5", THEN, to=FRIEND, of=ETH)),
        {"asked": NEVER},
        id="other amounts of another asset left then",
    ),
    pytest.param(
        "never_included",
        (sold("1", ago(days=3, hours=8)),),
        {"asked": NEVER},
        id="just as much was sold eight hours before",
    ),
    pytest.param(
        "never_included",
        (claim("1", at=ago(days=3, hours=15)),),
        {"asked": NEVER},
        id="somebody took just as much long before",
    ),
    pytest.param(
        "never_included",
        (),
        {"asked": case(**LONG_AGO, **BTC_1, received="0", memo="btc:12c6DSiU4Rq3P4Zx")},
        id="the user says that nothing arrived",
    ),
    pytest.param(
        "gateway_returned",
        RETURNED,
        {"asked": case(received="1")},
        id="the user says that it came back",
    ),
    pytest.param("gateway_returned", RETURNED, {}, id="returned"),
    pytest.param(
        "gateway_returned",
        RETURNED,
        {"balances": None},
        id="the history shows the return itself",
    ),
    pytest.param(
        "gateway_returned",
        (*RETURNED, transfer("0.2", ago(hours=3))),
        {"asked": case(end=ago(hours=4))},
        id="a fifth was sent there again",
    ),
    pytest.param(
        "gateway_returned",
        (*RETURNED, transfer("0.7", ago(hours=3), to=FRIEND)),
        {},
        id="less was paid to somebody else",
    ),
    pytest.param(
        "never_included",
        (),
        {
            "asked": NEVER,
            "known_gateways": register(gateway(lifecycle=(stage(Status.MANUAL),))),
        },
        id="the gateway works by hand",
    ),
    pytest.param("htlc_refunded", REFUNDED, {}, id="refunded by the chain"),
    pytest.param("proposal_expired", (PROPOSED,), LAPSED, id="a proposal lapsed"),
    pytest.param(
        "gateway_returned",
        RETURNED,
        {"known_nodes": 2, "confirmed_by": ("one", "two")},
        id="two nodes agree",
    ),
]


@pytest.mark.parametrize(("code", "operations", "facts"), PROVEN)
def test_proven(code, operations, facts):
    diagnosis = told(*operations, **facts)
    verdict = diagnosis.verdict

    assert (verdict.code, verdict.resend_safe) == (code, ResendSafe.YES)
    assert verdict.resend_unmet == ()
    assert verdict.located


def debt_paid(value, at):
    """A user paid so much of a debt in the asset."""
    paid = transfer(value).amount
    debt = Change(-paid.base_units, paid.asset_id)
    spot = {"location": place(at, 16), "kind": "call_order_update"}
    return DebtUpdated(USER.id, debt=debt, **spot)


EARLIER = ago(days=3, hours=8)
VESTED_FOR_FRIEND = VestingCreated(
    owner=USER.id,
    amount=amount("1"),
    beneficiary=FRIEND.id,
    location=place(EARLIER, 5),
    kind="vesting_balance_create",
)
BORN_LATE = Created(USER.id, location=transfer(at=ago(days=2), n=30).location)

UNPROVEN = [
    pytest.param("fresh_head", RETURNED, STALE, id="the head is behind the clock"),
    pytest.param(
        "fresh_head",
        RETURNED,
        {"as_of": as_of(irreversible_block=HEAD + 5)},
        id="the last irreversible block is above the head",
    ),
    pytest.param("irreversible", (transfer("1", ago(hours=5)), back("1", NOW)), {}, id="fresh"),
    pytest.param(
        "nodes_agree",
        RETURNED,
        {"known_nodes": 2, "confirmed_by": ("one",)},
        id="no second node confirmed it",
    ),
    pytest.param(
        "history_complete",
        RETURNED,
        {"hole": (ago(hours=3), ago(hours=2))},
        id="a hole since",
    ),
    pytest.param(
        "all_readable",
        (unreadable(ago(hours=3)), *RETURNED),
        {},
        id="an unreadable operation since",
    ),
    pytest.param(
        "account_existed",
        (),
        {"asked": NEVER, "account": replace(USER, created=ago(days=2))},
        id="the account is younger than the window",
    ),
    pytest.param(
        "account_existed",
        (BORN_LATE,),
        {"asked": NEVER},
        id="its creation stands after the window",
    ),
    pytest.param(
        "all_readable",
        (Other(location=place(ago(hours=30), 30), kind="operation_91"),),
        {"asked": NEVER},
        id="an operation of a newer kind since",
    ),
    pytest.param(
        "all_readable",
        (Other(location=place(ago(hours=30), 30), kind="credit_offer_update"),),
        {"asked": NEVER},
        id="it may have been put into a credit offer since",
    ),
    pytest.param(
        "nothing_underway",
        (PROPOSED,),
        {
            "proposals": {
                "1.10.7": None,
                "1.10.9": live_proposal(changed(PROPOSED, proposal="1.10.9")),
            }
        },
        id="the same is proposed again",
    ),
    pytest.param(
        "nothing_underway",
        (),
        {"asked": NEVER, "proposals": {NESTED.proposal: live_proposal(NESTED)}},
        id="a proposal would propose it",
    ),
    pytest.param(
        "nothing_underway",
        RETURNED,
        {"proposals": {HALVES.proposal: live_proposal(HALVES)}},
        id="a proposal would send it in two halves",
    ),
    pytest.param(
        "nothing_underway",
        (*RETURNED, transfer("0.45", ago(hours=3))),
        {
            "asked": case(end=ago(hours=4)),
            "proposals": {HALF.proposal: live_proposal(HALF)},
        },
        id="a part was sent again, and a proposal would send the rest",
    ),
    pytest.param(
        "nothing_underway",
        RETURNED,
        {"pending": (transfer("1", NOW),)},
        id="the node holds the same for inclusion",
    ),
    pytest.param(
        "own_keys",
        (account_update(ago(hours=6), active=Authority(1, (("1.2.9999", 1),))), *RETURNED),
        {},
        id="the keys were changed before the first withdrawal through this gateway",
    ),
    pytest.param(
        "own_keys",
        (account_update(ago(hours=3), active=NEW_KEYS), *RETURNED),
        {},
        id="the keys were changed after it came back",
    ),
    pytest.param(
        "own_keys",
        (account_update(ago(hours=3), active=NEW_KEYS),),
        {"asked": NEVER},
        id="the keys were changed long after the window",
    ),
    pytest.param(
        "gateway_open", RETURNED, {"known_gateways": CLOSED}, id="a closed gateway returned it"
    ),
    pytest.param(
        "gateway_open", (), {"asked": NEVER, "known_gateways": CLOSED}, id="it has closed"
    ),
    pytest.param(
        "no_other_candidate",
        (
            transfer("0.4", ago(days=3, hours=2)),
            transfer("0.6", ago(days=3, hours=1), n=9),
        ),
        {"asked": NEVER},
        id="two before the window make just the amount",
    ),
    pytest.param(
        "no_other_candidate",
        (lock(Custody.VESTING, at=THEN, of=ETH),),
        {"asked": NEVER},
        id="exactly as much of another asset went into a vesting balance then",
    ),
    pytest.param(
        "no_other_candidate",
        (claim(at=THEN, of=ETH),),
        {"asked": NEVER},
        id="somebody took exactly as much of another asset then",
    ),
    pytest.param(
        "no_other_candidate",
        (transfer("3", THEN, to=FRIEND),),
        {"asked": case(**LONG_AGO, asset=CORE.symbol)},
        id="the core asset is asked about, and another was sent then",
    ),
    pytest.param(
        "no_other_candidate",
        (transfer("3", THEN),),
        {"asked": case(**LONG_AGO, asset=ETH.symbol)},
        id="a network's coin is asked about, and another was sent to the gateway then",
    ),
    pytest.param(
        "no_other_candidate",
        (transfer("3", THEN, of=ETH),),
        {"asked": case(**LONG_AGO, asset=USDT.symbol)},
        id="a stablecoin is asked about, and a network's coin was sent to the gateway then",
    ),
    pytest.param(
        "no_other_candidate",
        (
            proposal(THEN, by=FRIEND, inner=(transfer("1", THEN, by=FRIEND),)),
            approval(THEN),
        ),
        {"asked": NEVER},
        id="it approved that another account sends as much",
    ),
    pytest.param(
        "no_other_candidate",
        (claim("1.05", at=THEN, of=CLIFF_BTC),),
        {"asked": NEVER},
        id="somebody took about as much of the other gateway's coin then",
    ),
    pytest.param(
        "no_other_candidate",
        (override("3", THEN, of=CLIFF_BTC),),
        {"asked": case(**LONG_AGO, asset=BTC.symbol)},
        id="an asset is asked about, and the other gateway's coin was taken then",
    ),
    pytest.param(
        "no_other_candidate",
        (transfer("1", ago(days=3, hours=10), to=FRIEND, of=ETH),),
        {"asked": NEVER, "assets": {BTC.id: BTC}},
        id="as much, perhaps, of an asset that was not read was sent hours before",
    ),
    pytest.param(
        "no_other_candidate",
        (
            transfer("0.4", ago(days=3, hours=2), of=ETH),
            transfer("0.6", ago(days=3, hours=1), of=ETH, n=9),
        ),
        {"asked": NEVER},
        id="two of another asset before the window make just the amount",
    ),
    *(
        pytest.param(
            "no_other_candidate",
            (left,),
            {"asked": NEVER},
            id=f"just as much left eight hours before: {left.kind}",
        )
        for left in (
            claim("1", at=EARLIER),
            burn("1", EARLIER, by=USER),
            override("1", EARLIER),
            lock(Custody.BLIND, "1", EARLIER),
            VESTED_FOR_FRIEND,
        )
    ),
    pytest.param(
        "no_other_candidate",
        (claim("1.0003", at=EARLIER),),
        {"asked": NEVER},
        id="that and the fee was taken eight hours before",
    ),
    pytest.param(
        "no_other_candidate",
        (claim("0.4", at=EARLIER), claim("0.6", at=EARLIER, n=9)),
        {"asked": NEVER},
        id="taken in two parts eight hours before",
    ),
    pytest.param(
        "no_other_candidate",
        (proposal(EARLIER, inner=(transfer("1", EARLIER, by=FRIEND),), expires=THEN),),
        {"asked": NEVER},
        id="proposed eight hours before to be sent from another account",
    ),
    pytest.param(
        "no_other_candidate",
        (
            transfer("1", ago(hours=5), note=memo("btc:12c6DSiU4Rq3P4Zx")),
            back("1", ago(hours=4)),
        ),
        {"asked": case(memo="btc:1BoatSLRHtKNngkdXEeo")},
        id="the user names another memo",
    ),
    *(
        pytest.param(
            "nothing_arrived", (), {"asked": case(**LONG_AGO, **BTC_1, **said)}, id=what
        )
        for what, said in (
            ("the user says how much arrived", {"received": "0.9997"}),
            ("the user gives the payout's id", {"external_transaction": "ab12" * 16}),
        )
    ),
    *(
        pytest.param("nothing_arrived", done, {"asked": case(received="0.8"), **facts}, id=what)
        for what, done, facts in (
            ("returned, and paid as well, the user says", RETURNED, {}),
            ("refunded, and paid as well, the user says", REFUNDED, {}),
            ("lapsed, and paid all the same, the user says", (PROPOSED,), LAPSED),
        )
    ),
    pytest.param(
        "not_paid_since",
        (*RETURNED, transfer("0.6", ago(hours=3))),
        {"asked": case(end=ago(hours=4))},
        id="more than half of it was sent there again",
    ),
    pytest.param(
        "not_paid_since",
        (debt_paid("1", ago(hours=30)),),
        {"asked": NEVER},
        id="it paid a debt since",
    ),
    pytest.param(
        "not_paid_since",
        (transfer(at=ago(hours=30), of=CLIFF_BTC),),
        {"asked": NEVER},
        id="as much of the same coin of another gateway went out since",
    ),
    pytest.param(
        "balance_covers",
        (issue("5", ago(hours=30)),),
        {"asked": NEVER, "balances": {BTC.id: transfer("5.9").amount.base_units}},
        id="what it holds came afterwards",
    ),
    pytest.param(
        "asset_named",
        (),
        {"asked": case(**LONG_AGO, amount="1")},
        id="nobody knows which asset",
    ),
    pytest.param(
        "single_reading",
        (transfer("1", ago(hours=5)), issue("1", ago(hours=4))),
        {},
        id="what came back may be a deposit",
    ),
    pytest.param(
        "not_paid_since",
        (*RETURNED, transfer("1", ago(hours=3), to=FRIEND)),
        {"asked": case(destination=GATE.name)},
        id="the same amount went to somebody else since",
    ),
    pytest.param(
        "not_paid_since",
        (*RETURNED, transfer("0.5", ago(hours=3)), transfer("0.5", ago(hours=2))),
        {"asked": case(amount="1")},
        id="it went out in two parts since",
    ),
    pytest.param(
        "not_paid_since",
        (transfer("1", ago(hours=5, minutes=10), to=STRANGER), PROPOSED),
        {**LAPSED, "asked": case(start=ago(hours=5, minutes=5))},
        id="it had been sent directly a little before it was proposed",
    ),
    pytest.param("not_paid_since", (sold(),), {"asked": NEVER}, id="it was sold by an order"),
    pytest.param(
        "not_paid_since",
        (lock(Custody.VESTING, at=ago(hours=30)),),
        {"asked": NEVER},
        id="it went into a vesting balance",
    ),
    pytest.param(
        "not_paid_since",
        (override(at=ago(hours=30)),),
        {"asked": NEVER},
        id="the issuer took it since",
    ),
    pytest.param(
        "not_paid_since",
        (claim(at=ago(hours=30)),),
        {"asked": NEVER},
        id="somebody took it by a withdraw permission",
    ),
    pytest.param(
        "not_paid_since",
        (burn(by=USER, at=ago(hours=30)),),
        {"asked": NEVER},
        id="the user burnt it since",
    ),
    pytest.param(
        "not_paid_since",
        (override("0.3", ago(hours=30)),),
        {"asked": case(**LONG_AGO, asset=BTC.symbol)},
        id="some left since, and no amount was named",
    ),
    pytest.param(
        "balance_covers", (), {"asked": NEVER, "balances": {}}, id="none was ever held"
    ),
    pytest.param(
        "balance_covers",
        RETURNED,
        {"balances": {BTC.id: transfer("0.9").amount.base_units}},
        id="what came back is not there any more",
    ),
    pytest.param(
        "balance_covers",
        (),
        {"asked": NEVER, "balances": None},
        id="the balances are not known",
    ),
]


@pytest.mark.parametrize(("key", "operations", "facts"), UNPROVEN)
def test_unproven(key, operations, facts):
    diagnosis = told(*operations, **facts)
    verdict = diagnosis.verdict

    assert verdict.rule.resend_safe is ResendSafe.YES, verdict.code
    assert verdict.resend_safe is ResendSafe.NO
    assert key in verdict.resend_unmet
    assert verdict.advice is not Advice.SEND_AGAIN
    first = next(c for c in CONDITIONS if c.key == verdict.resend_unmet[0])
    assert first.otherwise.en in reply(diagnosis, "en")
    assert first.otherwise.zh in reply(diagnosis, "zh")
    if first.locates:
        assert verdict.stage is Stage.UNKNOWN


def test_every_condition_is_tried():
    assert {param.values[0] for param in UNPROVEN} == {c.key for c in CONDITIONS}


def test_a_withdrawal_that_does_not_fit_the_claims_may_not_be_the_one_meant():
    verdict = told(*RETURNED, asked=case(asset="BTS", amount="1")).verdict

    assert verdict.code == "gateway_returned"
    assert verdict.resend_unmet == ("no_other_candidate",)
    assert verdict.differing == ("asset",)


def test_who_stands_near_the_window_is_shown_instead():
    verdict = told(transfer("1", ago(days=3, hours=2)), asked=NEVER).verdict

    assert (verdict.code, verdict.resend_safe) == ("outside_window", ResendSafe.NO)
