"""What moves coins beside a withdrawal: orders, proposals of others, fees that change, thefts later.

Like `test_overclaims`: what must not be said, and neighbours in which the definite answer is right.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from builders import (
    BTC,
    CORE,
    COSIGNER,
    ETH,
    FRIEND,
    GATE,
    STRANGER,
    USER,
    ago,
    amount,
    back,
    burn,
    case,
    changed,
    claim,
    coin,
    concluded,
    evidence,
    gateway,
    issue,
    live_proposal,
    lock,
    memo,
    place,
    proposal,
    register,
    removed,
    served,
    terms,
    time_lock,
    transfer,
)
from overclaims import (
    BTC_1,
    COLUMNS,
    LONG_AGO,
    NEVER,
    THEN,
    keys,
    row,
    says_no_more,
)

from diag.domain.account import Authority
from diag.domain.custody_operations import Custody, VestingCreated
from diag.domain.operations import Fill, Other
from diag.domain.settlement import Settlement
from diag.domain.vocabulary import Advice
from diag.render.user_reply import reply

SENT = transfer("1", ago(hours=5))
BURNT = burn("1", ago(hours=4))
ADDRESS = "btc:1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
BY_STRANGER = proposal(ago(hours=5), inner=(transfer(to=STRANGER),), by=STRANGER)
SIGNED = changed(USER, active=Authority(2, ((COSIGNER.id, 1),)))


def sold(value, at, n=14):
    """An order of the user's was filled."""
    where = {"location": place(at, n, virtual=True), "kind": "fill_order"}
    return Fill(USER.id, "1.7.9", amount(value), amount(value, CORE), **where)


def proposing(*inner, by=USER):
    """An open proposal of these operations, made after the window."""
    made = proposal(ago(hours=40), inner=inner, by=by, name="1.10.9")
    return {"proposals": {"1.10.9": live_proposal(made)}}


def alive(made, **facts):
    return {"proposals": {made.proposal: live_proposal(made)}, **facts}


def vesting(owner):
    where = {"location": place(THEN, 5), "kind": "vesting_balance_create", "created": "1.13.4"}
    return VestingCreated(owner=USER.id, beneficiary=owner.id, amount=amount("1"), **where)


def fees(first, second, changed_at):
    """The register says that the gateway's fee was raised."""
    dated = (terms("0.001", first, end=changed_at), terms("0.001", second, start=changed_at))
    return {"known_gateways": register(gateway(coins=(coin(terms=dated),)))}


MAY_BE_SAID = [
    # --- an open proposal may be anything ---
    row(
        "an open proposal would sell it", "never_included", asked=NEVER,
        says="waiting for approval", **proposing(lock(Custody.ORDER, at=ago(hours=40))),
    ),
    row(
        "an open proposal would lock it", "never_included", asked=NEVER,
        says="waiting for approval", **proposing(time_lock("1", ago(hours=40))),
    ),
    row(
        "an open proposal holds what is not known", "never_included", asked=NEVER,
        **proposing(Other(location=place(ago(hours=40)), kind="operation_91")),
    ),
    row(
        "an open proposal would sell a little", "never_included", asked=NEVER, resend="yes",
        **proposing(lock(Custody.ORDER, "0.1", ago(hours=40))),
    ),
    row(
        "it proposed to send as much from another account", "never_included",
        proposal(THEN, inner=(transfer("1", THEN, by=FRIEND),), expires=ago(days=2)), asked=NEVER,
        says="another transfer nearby",
    ),
    row(
        "it proposed to send a little from another account", "never_included",
        proposal(THEN, inner=(transfer("0.1", THEN, by=FRIEND),), expires=ago(days=2)),
        asked=NEVER, resend="yes",
    ),
    row(
        "a friend proposed to pay it", "never_included",
        proposal(THEN, inner=(transfer("1", THEN, by=FRIEND, to=USER),), by=FRIEND, expires=ago(days=2)),
        asked=NEVER, resend="yes",
    ),
    row(
        "an open proposal would pay the user", "never_included", asked=NEVER, resend="yes",
        **proposing(transfer("1", ago(hours=40), by=FRIEND, to=USER), by=FRIEND),
    ),
    row(
        "a stranger proposes to take it", "proposal_pending", BY_STRANGER, **alive(BY_STRANGER),
        says="please don't approve it", notes="no signer of the account",
    ),
    row(
        "a signer of the account proposes it", "proposal_pending",
        proposal(ago(hours=5), by=COSIGNER), account=SIGNED, most="high",
        **alive(proposal(ago(hours=5), by=COSIGNER)), says="get it approved",
    ),
    row(
        "the proposer took it back", "proposal_expired",
        proposal(ago(hours=5), expires=ago(hours=1)),
        removed(proposal(), ago(hours=4)), proposals={"1.10.7": None}, resend="yes",
        says="was cancelled", notes="its deadline:",
    ),
    row(
        "settled, and a stranger proposes new keys", "gateway_settled", SENT, BURNT,
        says="unless you arranged it", notes="Also found: Proposal to change the keys",
        **alive(proposal(ago(hours=1), inner=(keys(ago(hours=1)),), by=STRANGER)),
    ),
    row(
        "settled, and a signer proposes new keys", "gateway_settled", SENT, BURNT, account=SIGNED,
        **alive(proposal(ago(hours=1), inner=(keys(ago(hours=1)),), by=COSIGNER)),
    ),
    row(
        "settled, and somebody used a permission", "gateway_settled", SENT, BURNT,
        claim("3", ago(hours=3)), notes="3 BROOK.BTC went into the account thistle-stranger",
    ),
    # --- what left in another way is named ---
    row(
        "sold in the period", "never_included", sold("0.4", THEN), sold("0.6", THEN, 15),
        asked=NEVER, says="1 BROOK.BTC was sold on the market",
    ),
    row(
        "destroyed by the user", "never_included", burn("1", THEN, by=USER), asked=NEVER,
        says="destroyed by the account itself",
    ),
    row(
        "a little was sold in the period", "never_included", sold("0.2", THEN), asked=NEVER,
        resend="yes", says="The funds never left",
    ),
    row(
        "put into a vesting balance for somebody else", "funds_locked", vesting(FRIEND),
        asked=NEVER, says="Only that account can claim it",
    ),
    row(
        "put into a vesting balance of one's own", "funds_locked", vesting(USER), asked=NEVER,
        says="You can claim it",
    ),
    row(
        "paid into a fee pool", "history_incomplete",
        Other(location=place(THEN), kind="asset_fund_fee_pool"), asked=NEVER, most="low",
    ),
    row(
        "sent to oneself", "never_included", transfer("1", THEN, to=USER), asked=NEVER,
        resend="yes", says="made no transfer of 1 BROOK.BTC",
    ),
    # --- keys and thefts ---
    row(
        "keys changed, and nothing left", "never_included", keys(ago(days=2, hours=23)),
        asked=NEVER, says="keys were changed",
    ),
    row(
        "keys changed a week before", "never_included", keys(ago(days=4, minutes=1)), asked=NEVER,
        resend="yes",
    ),
    row(
        "came back, and was stolen after the period", "authority_changed", SENT, back("1", ago(hours=4)),
        keys(ago(hours=2)), transfer("1", ago(hours=1), to=STRANGER, n=9),
        asked=case(end=ago(hours=3)), most="medium", says="thistle-stranger",
    ),
    row(
        "settled, and something was stolen after the period", "authority_changed", SENT, BURNT,
        keys(ago(hours=2)), transfer("3", ago(hours=1), to=STRANGER, n=9),
        asked=case(end=ago(hours=3)), most="medium",
    ),
    row(
        "settled, and the keys were changed after the period", "gateway_settled", SENT, BURNT,
        keys(ago(hours=2)), asked=case(end=ago(hours=3)),
    ),
    row(
        "settled, and a payment to somebody new without a change of keys", "gateway_settled",
        SENT, BURNT, transfer("3", ago(hours=1), to=STRANGER, n=9), asked=case(end=ago(hours=3)),
    ),
    # --- amounts ---
    row(
        "less the fee that held when it was served", "amount_fee_explained", SENT, BURNT,
        asked=case(received="0.999"), **fees("0.0002", "0.001", ago(hours=4, minutes=30)),
    ),
    row(
        "less a fee that holds only since", "amount_mismatch", SENT, BURNT,
        asked=case(received="0.999"), **fees("0.0002", "0.001", ago(hours=3)),
    ),
    row(
        "the amount with fewer decimals", "gateway_settled", transfer("1.23456789", ago(hours=5)),
        burn("1.23456789", ago(hours=4)), asked=case(asset=BTC.symbol, amount="1.235"),
    ),
    row(
        "another amount with as many decimals", "amount_mismatch",
        transfer("1.23456789", ago(hours=5)), burn("1.23456789", ago(hours=4)),
        asked=case(asset=BTC.symbol, amount="1.239"), most="medium",
    ),
    row(
        "two that differ from the claim, and one waits", "amount_mismatch",
        transfer("0.97", ago(hours=5)), burn("0.97", ago(hours=4)),
        transfer("1.03", ago(hours=5), n=1), served(3, ago(hours=3)), asked=case(**BTC_1),
        most="medium", says="1.03 BROOK.BTC",
    ),
    # --- what the gateway credits in another asset ---
    row(
        "the gateway transferred another asset", "gateway_overdue", SENT, served(12, ago(hours=4)),
        back("20", ago(hours=3), of=ETH), most="medium", says="credited another asset",
        notes="the gateway has credited another asset since (20 BROOK.ETH",
    ),
    row(
        "the same number of another coin was issued", "gateway_overdue", SENT,
        served(3, ago(hours=4)), issue("1", ago(hours=3), of=ETH), most="medium",
    ),
    row(
        "another coin was deposited", "gateway_overdue", SENT, served(12, ago(hours=4)),
        issue("20", ago(hours=3), of=ETH),
    ),
    row(
        "a withdrawal of another coin was returned", "gateway_overdue", SENT,
        served(12, ago(hours=4)), transfer("20", ago(hours=5), of=ETH, n=1),
        back("20", ago(hours=3), of=ETH),
    ),
    # --- how long it takes ---
    row(
        "the few that were seen took a day", "gateway_processing", transfer("1", ago(hours=9)),
        served(4, ago(hours=60), took=timedelta(hours=24), every=timedelta(hours=1)),
        asked=case(ago(hours=10), **BTC_1),
    ),
    row(
        "one of the few that were seen took a day", "gateway_overdue",
        transfer("1", ago(hours=9)), served(4, ago(hours=60), every=timedelta(hours=1)),
        served(1, ago(hours=59, minutes=30), took=timedelta(hours=24), value=3),
        asked=case(ago(hours=10), **BTC_1), most="medium",
    ),
    # --- memos that everybody can read ---
    row(
        "a public memo with a line end", "gateway_overdue",
        transfer("1", ago(hours=5), note=memo(f" {ADDRESS}\n")), served(3, ago(hours=4)),
        most="high",
    ),
    row(
        "a public memo of no letters", "memo_malformed",
        transfer("1", ago(hours=5), note=changed(memo("x"), hex="00000000ff00fe")),
        served(3, ago(hours=4)),
    ),
    # --- which burn is whose ---
    row(
        "batches by the register, and one burn that is another's or two", "gateway_overdue",
        SENT, transfer("2", ago(hours=5), n=1, by=FRIEND),
        transfer("3", ago(hours=5), n=2, by=STRANGER), burn("3", ago(hours=4)), most="low",
        known_gateways=register(gateway(settlement=Settlement.BURN_BATCH)),
    ),
    row(
        "two equal parts came back", "gateway_returned_partial", SENT, back("0.3", ago(hours=4)),
        back("0.3", ago(hours=3), n=3), says="0.6",
    ),
]  # fmt: skip


@pytest.mark.parametrize(COLUMNS, MAY_BE_SAID)
def test_no_more_is_said_than_is_shown(operations, facts, code, most, resend, says, notes):
    says_no_more(operations, facts, code, most, resend, says, notes)


def test_nobody_is_told_to_approve_a_proposal_of_a_stranger():
    diagnosis = concluded(evidence(BY_STRANGER, **alive(BY_STRANGER)))

    assert diagnosis.verdict.advice is not Advice.APPROVE_PROPOSAL
    assert "approved before" not in reply(diagnosis, "en")
    assert "请不要批准" in reply(diagnosis, "zh")


def test_an_id_of_another_account_asks_for_that_account():
    asked = case(**LONG_AGO, **BTC_1, operation="1.11.5")
    said = reply(concluded(evidence(asked=asked)), "en")

    assert "another account" in said
    assert "tell us the asset" not in said


def test_a_transfer_that_a_proposal_of_the_period_carried_out_is_called_so():
    made = proposal(ago(hours=9), expires=ago(hours=2))
    done = changed(transfer("1", ago(hours=3), virtual=True), memo=made.inner[0].memo)
    asked = case(ago(hours=10), ago(hours=8), **BTC_1)
    diagnosis = concluded(evidence(made, done, asked=asked, proposals={"1.10.7": None}))

    assert diagnosis.verdict.code == "outside_window"
    assert "carried out from a proposal made in that period" in reply(diagnosis, "en")
    assert GATE.name in reply(diagnosis, "en")
