"""Situations in which two things happen at once, and each alone would be read rightly.

Like `test_overclaims`: what must not be said of them, and their neighbours in which the definite
answer is right.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import (
    BTC,
    CLIFF_BTC,
    ETH,
    FRIEND,
    GATE,
    ISSUER,
    LOOKALIKE,
    STRANGER,
    USER,
    account_update,
    ago,
    amount,
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
    reader,
    redeemed,
    refunded,
    register,
    served,
    time_lock,
    transfer,
    waiting,
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

from diag.domain.asset import AssetFlag
from diag.domain.custody_operations import Custody
from diag.domain.gateway import Deposits
from diag.domain.operations import Other
from diag.domain.settlement import Settlement
from diag.domain.vocabulary import Ask
from diag.render.agent_note import note

SENT = transfer("1", ago(hours=5))
OPEN = proposal(ago(hours=5))
LISTED = replace(BTC, flags=AssetFlag.WHITE_LIST, blacklist_authorities=frozenset({ISSUER.id}))


def newer_kind(at):
    """An operation that is newer than the protocol known here."""
    return Other(location=place(at, 13), kind="operation_91")


MAY_BE_SAID = [
    # --- which of several came back ---
    row(
        "one of two equal ones came back", "gateway_returned", SENT,
        transfer("1", ago(hours=5), n=1), back("1", ago(hours=3)), asked=case(operation=SENT.id),
        most="low", says="which",
    ),
    row(
        "the return is one in full, or another less the fee", "gateway_returned", SENT,
        transfer("1.0003", ago(hours=5), n=1), back("1", ago(hours=3)),
        asked=case(operation=SENT.id), most="low", says="which",
    ),
    row(
        "the other of them, still open, waits for certain", "gateway_overdue duplicate_submission",
        transfer("1.0003", ago(hours=5), n=1), SENT, back("1", ago(hours=3)),
        asked=case(operation=transfer("1.0003", ago(hours=5), n=1).id), most="low",
    ),
    row(
        "both came back", "gateway_returned", SENT, transfer("1", ago(hours=5), n=1),
        back("1", ago(hours=3)), back("1", ago(hours=3), n=8), most="certain", resend="yes",
    ),
    row(
        "both came back at once, less one fee", "gateway_returned", SENT,
        transfer("2", ago(hours=5), n=1), back("2.9997", ago(hours=3)), most="certain",
        resend="yes",
    ),
    row(
        "both came back at once, less a fee of each", "gateway_returned", SENT,
        transfer("2", ago(hours=5), n=1), back("2.9994", ago(hours=3)), most="certain",
        resend="yes",
    ),
    row(
        "it came back in four parts", "gateway_returned", SENT, back("0.25", ago(hours=4)),
        back("0.25", ago(hours=3)), back("0.25", ago(hours=2)), back("0.25", ago(hours=1)),
        most="medium",
    ),
    row(
        "three fifths came back while there is time for the rest", "gateway_returned_partial",
        transfer("1", ago(minutes=6)), back("0.6", ago(minutes=4)), most="medium",
    ),
    row(
        "a burn that is a batch, or another less its fee", "gateway_overdue gateway_stalled",
        transfer("4", ago(hours=5)), transfer("6", ago(hours=5), by=reader(1), n=1),
        transfer("10.0003", ago(hours=5), by=reader(2), n=3), burn("10", ago(hours=4)), most="low",
    ),
    row(
        "the issuer moved it back from the gateway", "gateway_returned", SENT,
        override("1", ago(hours=4), giver=GATE, to=reader(0)), served(3, ago(hours=5)),
        override("1", ago(hours=3), giver=GATE, to=changed(reader(0), id="1.2.100"), n=6),
        most="certain", resend="yes",
    ),
    row(
        "issued back, and its memo calls it a deposit", "gateway_overdue", SENT,
        issue("1", ago(hours=3), note=memo("deposit 7f3a")),
    ),
    row(
        "issued back, and its memo calls it a refund", "gateway_returned", SENT,
        issue("1", ago(hours=3), note=memo("refund: wrong address")), most="certain", resend="yes",
    ),
    row(
        "issued back, and its memo says nothing", "gateway_returned", SENT,
        issue("1", ago(hours=3), note=memo("7f3a")), most="medium",
    ),
    # --- nothing was sent, beside something else ---
    row(
        "the amount is ten times too large, and the destination is of another chain",
        "amount_mismatch", transfer("1", THEN), burn("1", THEN, n=40),
        asked=case(**LONG_AGO, asset=BTC.symbol, amount="10", destination="eosname12345"),
        most="medium",
    ),
    row(
        "as much of the same coin of another gateway went out since", "never_included",
        transfer("1", ago(hours=30), of=CLIFF_BTC), asked=NEVER, says="may have been paid already",
    ),
    row(
        "a little of the same coin of another gateway went out since", "never_included",
        transfer("0.2", ago(hours=30), of=CLIFF_BTC), asked=NEVER, resend="yes",
    ),
    row(
        "an operation of a newer kind stands after it", "never_included", newer_kind(ago(hours=30)),
        asked=NEVER, says="couldn't read one of the operations",
    ),
    row(
        "an operation of a newer kind stands in the window", "history_incomplete", newer_kind(THEN),
        asked=NEVER, most="low",
    ),
    row(
        "it was funded only afterwards", "never_included", issue("5", ago(hours=30)), asked=NEVER,
        balances={BTC.id: amount(5).base_units}, says="balance doesn't show",
    ),
    row(
        "it held enough then, and more came afterwards", "never_included",
        issue("5", ago(hours=30)), asked=NEVER, balances={BTC.id: amount(6).base_units},
        resend="yes",
    ),
    row(
        "somebody took exactly that by a permission, and enough is left", "funds_locked",
        claim("1", ago(hours=1)), asked=case(**BTC_1),
    ),
    row(
        "exactly that was spent in a pool, and enough is left", "funds_locked",
        lock(Custody.EXCHANGE, at=ago(hours=2)), asked=case(**BTC_1),
    ),
    row(
        "the same is proposed again", "proposal_expired",
        proposal(ago(hours=5), expires=ago(hours=4)), proposals={
            "1.10.7": None, "1.10.9": live_proposal(proposal(ago(hours=1), name="1.10.9")),
        }, says="waiting for approval",
    ),
    row(
        "the proposal stands, and as much was sent directly", "proposal_pending", OPEN,
        transfer("1", ago(hours=3)), burn("1", ago(hours=2)), asked=case(end=ago(hours=4)),
        proposals={"1.10.7": live_proposal(OPEN)}, most="medium", says="you'll pay twice",
    ),
    row(
        "the proposal failed once, and as much was sent directly", "proposal_failed", OPEN,
        transfer("1", ago(hours=3), to=FRIEND), asked=case(end=ago(hours=4)),
        proposals={"1.10.7": live_proposal(OPEN, fail_reason="Insufficient Balance")},
        most="medium", says="you'll pay twice",
    ),
    row(
        "the proposal stands, and a little was sent directly", "proposal_pending", OPEN,
        transfer("0.2", ago(hours=3), to=FRIEND), asked=case(end=ago(hours=4)),
        proposals={"1.10.7": live_proposal(OPEN)}, most="certain", says="get it approved before",
    ),
    row(
        "on the issuer's blacklist now, and it sent some since", "never_included",
        transfer("0.2", ago(hours=30), to=FRIEND, of=LISTED), asked=NEVER,
        account=replace(USER, blacklisted_by=frozenset({ISSUER.id})), claimed_asset=LISTED,
        resend="yes",
    ),
    row(
        "on the issuer's blacklist", "transfer_blocked", asked=NEVER,
        account=replace(USER, blacklisted_by=frozenset({ISSUER.id})), claimed_asset=LISTED,
        most="medium",
    ),
    row(
        "only the return of an earlier one stands in the window", "outside_window",
        transfer("1", ago(hours=9)), back("1", ago(hours=5)), says="went to brook-gateway",
    ),
    row(
        "only a return stands in the window, of one long ago", "nothing_in_window",
        back("0.4", ago(hours=5)),
    ),
    row(
        "only a deposit by transfer stands in the window", "deposit_received",
        back("0.4", ago(hours=5)),
        known_gateways=register(gateway(deposits=Deposits.TRANSFER)),
    ),
    row(
        "sent in two parts, and the coin is called BTS", "gateway_settled",
        transfer("0.4", THEN), burn("0.4", THEN, n=40), transfer("0.6", THEN, n=41),
        burn("0.6", THEN, n=42), asked=case(**LONG_AGO, asset="BTS", amount="1"), most="medium",
        says="asset",
    ),
    row(
        "a deposit, and something else was sent earlier", "deposit_received",
        transfer("3", ago(hours=9)), issue("1", ago(hours=5)),
    ),
    # --- who serves ---
    row(
        "one burn of many at a gateway of which it is not known how it settles",
        "gateway_unconfirmed", SENT, waiting(8, ago(hours=6)), served(1, ago(hours=6)),
        most="low",
        known_gateways=register(gateway(settlement=Settlement.UNKNOWN)),
    ),
    row(
        "burns each by the register, and is not seen to burn any", "gateway_overdue", SENT,
        waiting(8, ago(hours=6)), most="medium",
    ),
    # --- people ---
    row(
        "a friend sent a part of it", "delivered_on_chain", transfer("1", ago(hours=5), to=FRIEND),
        back("0.4", ago(hours=4), by=FRIEND), says="0.4 BROOK.BTC",
    ),
    row(
        "a friend sent a little of another coin", "delivered_on_chain",
        transfer("1", ago(hours=5), to=FRIEND), back("0.4", ago(hours=4), by=FRIEND, of=ETH),
        most="certain",
    ),
    row(
        "the issuer moved it back from a friend", "delivered_on_chain",
        transfer("1", ago(hours=5), to=FRIEND), override("1", ago(hours=4), giver=FRIEND, to=USER),
        most="medium", says="issuer then moved 1 BROOK.BTC back",
    ),
    row(
        "the issuer took it and gave it back", "issuer_override", override("1", ago(hours=5)),
        issue("1", ago(hours=4)), most="medium", says="its return",
    ),
    row(
        "the issuer took it and gave less", "issuer_override", override("1", ago(hours=5)),
        issue("0.5", ago(hours=4)), most="certain",
    ),
    # --- keys ---
    row(
        "keys changed, then the first withdrawal through this gateway", "gateway_settled",
        keys(ago(hours=6)), SENT, burn("1", ago(hours=4)), most="medium", says="keys were changed",
    ),
    row(
        "keys changed, and it came back", "gateway_returned", keys(ago(hours=6)), SENT,
        back("1", ago(hours=4)), most="medium", says="keys were changed",
    ),
    row(
        "keys changed, then a lock that ran out", "htlc_refunded", keys(ago(hours=6)),
        time_lock("1", ago(hours=5), to=STRANGER), refunded(time_lock(), ago(hours=4)),
        most="medium", says="keys were changed",
    ),
    row(
        "keys changed, then a lock that a stranger redeemed", "authority_changed",
        keys(ago(hours=6)), time_lock("1", ago(hours=5), to=STRANGER),
        redeemed(time_lock(to=STRANGER), ago(hours=4)), most="medium",
    ),
    row(
        "keys changed, and the gateway was used before", "gateway_settled",
        transfer("2", ago(hours=9), of=ETH), keys(ago(hours=6)), SENT, burn("1", ago(hours=4)),
    ),
    row(
        "keys changed two days before", "gateway_settled", keys(ago(hours=29, seconds=1)), SENT,
        burn("1", ago(hours=4)),
    ),
    row(
        "keys changed afterwards", "gateway_settled", SENT, burn("1", ago(hours=4)),
        keys(ago(hours=3)),
    ),
    row(
        "the memo key changed", "gateway_settled",
        account_update(ago(hours=6), active=None, memo_key="BTSother"), SENT,
        burn("1", ago(hours=4)),
    ),
    row(
        "keys changed, and several approved the proposal that sent it", "gateway_settled",
        keys(ago(hours=6)), transfer("1", ago(hours=5), virtual=True), burn("1", ago(hours=4)),
    ),
]  # fmt: skip


@pytest.mark.parametrize(COLUMNS, MAY_BE_SAID)
def test_no_more_is_said_than_is_shown(operations, facts, code, most, resend, says, notes):
    says_no_more(operations, facts, code, most, resend, says, notes)


def test_a_change_of_keys_is_told_with_its_time_and_operation():
    change = keys(ago(hours=6))
    diagnosis = concluded(evidence(change, SENT, burn("1", ago(hours=4))))

    assert "keys_changed" in diagnosis.verdict.basis
    assert diagnosis.verdict.ask_user_for[0] is Ask.KEYS
    assert change.id in {event.id for event in diagnosis.verdict.timeline}
    for lang in ("zh", "en"):
        line = next(x for x in note(diagnosis, lang).splitlines() if change.id in x)
        assert f"{change.at:%H:%M:%S}" in line
        assert GATE.name in line


def test_setting_the_same_keys_again_is_no_change():
    first, again = keys(ago(hours=50)), keys(ago(hours=6))
    operations = (first, again, SENT, burn("1", ago(hours=4)))
    diagnosis = concluded(evidence(*operations, asked=case(start=ago(hours=40))))

    assert "keys_changed" not in diagnosis.verdict.basis


def test_a_look_alike_that_sends_a_part_back_is_no_friend():
    diagnosis = concluded(
        evidence(
            transfer("1", ago(hours=5), to=LOOKALIKE), back("0.2", ago(hours=4), by=LOOKALIKE)
        )
    )

    assert diagnosis.verdict.code == "lookalike_account"


def test_the_issuer_may_be_who_gives_it_back():
    diagnosis = concluded(
        evidence(override("1", ago(hours=5), to=ISSUER), back("1", ago(hours=4), by=ISSUER))
    )

    assert (diagnosis.verdict.code, diagnosis.verdict.confidence) == (
        "issuer_override",
        "medium",
    )
