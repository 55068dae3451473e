from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import (
    CORE,
    COSIGNER,
    ETH,
    FRIEND,
    ISSUER,
    SECOND,
    STRANGER,
    USER,
    account_update,
    ago,
    back,
    case,
    changed,
    codes,
    evidence,
    found,
    live_proposal,
    override,
    proposal,
    silent,
    time_lock,
    told,
    transfer,
)

from diag.checks import security
from diag.domain.account import Authority

LEFT = transfer(at=ago(minutes=10), to=STRANGER, note=None)
CHANGE = account_update(ago(minutes=40))
NEW_OWNER = Authority(1, keys=(("BTSnew", 1),))
TAKEN = override()
WIDE = {"asked": case(start=ago(hours=30))}
DAY = timedelta(hours=24)

SHARED = replace(USER, active=Authority(2, accounts=((COSIGNER.id, 1),)))


def hand_over(by=STRANGER, of=USER, inner=None, **facts):
    """An open proposal that would change the keys of an account."""
    made = proposal(by=by, inner=(inner or account_update(who=of, active=NEW_OWNER),))
    return evidence(proposals={made.proposal: live_proposal(made)}, **facts)


def sent_with(*kinds, fields=("destination", "memo"), moved=None):
    """A question that came with secrets, which are not in it any more."""
    asked = case(exposed=kinds, exposed_in=fields)
    return evidence(*((transfer(),) if moved is None else moved), asked=asked)


SILENT = [
    silent("nothing changed", "authority_changed", evidence(LEFT)),
    silent(
        "changed a day and a second before",
        "authority_changed",
        evidence(account_update(LEFT.at - DAY - SECOND), LEFT, **WIDE),
    ),
    silent(
        "changed afterwards",
        "authority_changed",
        evidence(LEFT, account_update(ago(minutes=9))),
    ),
    silent(
        "changed afterwards in the same block",
        "authority_changed",
        evidence(LEFT, account_update(LEFT.at, n=99)),
    ),
    silent(
        "only votes or settings changed",
        "authority_changed",
        evidence(account_update(active=None), LEFT),
    ),
    silent(
        "somebody else's keys", "authority_changed", evidence(account_update(who=FRIEND), LEFT)
    ),
    silent("coins went to a gateway", "authority_changed", evidence(CHANGE, transfer())),
    silent(
        "coins went there before the change too",
        "authority_changed",
        evidence(
            transfer("0.1", ago(hours=2), to=STRANGER),
            CHANGE,
            LEFT,
            asked=case(start=ago(hours=1)),
        ),
    ),
    silent(
        "coins came from there before the change",
        "authority_changed",
        evidence(back("0.1", ago(hours=2), by=STRANGER), CHANGE, LEFT),
    ),
    silent(
        "only proposed",
        "authority_changed",
        evidence(CHANGE, proposal(at=ago(minutes=10), inner=(LEFT,))),
    ),
    silent(
        "only locked",
        "authority_changed",
        evidence(CHANGE, time_lock(at=ago(minutes=10), to=STRANGER)),
    ),
    silent(
        "the very same keys were set again",
        "authority_changed",
        evidence(account_update(ago(hours=40)), CHANGE, LEFT, **WIDE),
    ),
    silent("no such account", "authority_changed", evidence(CHANGE, LEFT, account=None)),
    silent("nothing moved by an issuer", "issuer_override", evidence(transfer())),
    silent(
        "from somebody else to the user",
        "issuer_override",
        evidence(override(giver=FRIEND, to=STRANGER)),
    ),
    silent(
        "another asset was claimed",
        "issuer_override",
        evidence(TAKEN, asked=case(asset="BROOK.ETH")),
    ),
    silent(
        "before the window", "issuer_override", evidence(override(at=ago(hours=6, seconds=1)))
    ),
    silent(
        "after the window",
        "issuer_override",
        evidence(override(at=ago(minutes=59, seconds=59)), asked=case(end=ago(hours=1))),
    ),
    silent(
        "a signer of the account proposes to change it",
        "authority_proposed",
        hand_over(by=COSIGNER, account=SHARED),
    ),
    silent("nothing secret was sent", "secret_exposed", evidence(transfer())),
    silent(
        "dust went to the recipient more than a day before",
        "authority_changed",
        evidence(
            transfer("0.0001", ago(hours=30), to=STRANGER),
            CHANGE,
            LEFT,
            asked=case(start=ago(hours=20)),
        ),
    ),
    silent(
        "a sum worth naming went to the recipient before the change",
        "authority_changed",
        evidence(transfer("0.2", ago(hours=2), to=STRANGER), CHANGE, LEFT),
    ),
    silent("a proposal about another account", "authority_proposed", hand_over(of=FRIEND)),
    silent("one's own proposal", "authority_proposed", hand_over(by=USER)),
    silent("a proposal of something else", "authority_proposed", hand_over(inner=transfer())),
]

FOUND = [
    found(
        "keys changed, then coins to a stranger",
        "authority_changed",
        evidence(CHANGE, LEFT),
        withdrawal_id=LEFT.id,
        shows=[CHANGE.id, LEFT.id],
        change=CHANGE.id,
        changed_at=CHANGE.at,
        age=timedelta(minutes=30),
        recipient=STRANGER.name,
    ),
    found(
        "exactly a day before",
        "authority_changed",
        evidence(account_update(LEFT.at - DAY), LEFT, **WIDE),
        age=DAY,
    ),
    found(
        "earlier in the same block",
        "authority_changed",
        evidence(
            account_update(LEFT.at, n=0),
            changed(LEFT, location=transfer(at=LEFT.at, n=1).location),
        ),
        age=timedelta(0),
    ),
    found(
        "only the owner was changed",
        "authority_changed",
        evidence(account_update(active=None, owner=NEW_OWNER), LEFT),
    ),
    found(
        "to a stranger to whom the thief had sent a trial first",
        "authority_changed",
        evidence(CHANGE, transfer("0.1", ago(minutes=20), to=STRANGER), LEFT),
        also=["authority_changed"],
        withdrawal_id=transfer(at=ago(minutes=20)).id,
    ),
    found(
        "changed twice: the last change is shown",
        "authority_changed",
        evidence(account_update(ago(hours=2), active=NEW_OWNER), CHANGE, LEFT),
        change=CHANGE.id,
    ),
    found(
        "the same keys set again: the change before is shown",
        "authority_changed",
        evidence(account_update(ago(hours=2)), CHANGE, LEFT),
        change=account_update(ago(hours=2)).id,
    ),
    found(
        "dust went to the stranger just before the change",
        "authority_changed",
        evidence(transfer("0.0001", ago(hours=2), to=STRANGER), CHANGE, LEFT),
        also=["authority_changed"],
    ),
    found(
        "a stranger's dust came before the change",
        "authority_changed",
        evidence(back("0.0001", ago(hours=2), by=STRANGER), CHANGE, LEFT),
    ),
    found(
        "beside a withdrawal to a gateway: the whole case is about it",
        "authority_changed",
        evidence(transfer(at=ago(hours=2)), CHANGE, LEFT),
        withdrawal_id=None,
        recipient=STRANGER.name,
        affected=1,
    ),
    found(
        "beside a withdrawal that was named",
        "authority_changed",
        evidence(transfer("2", ago(hours=2)), CHANGE, LEFT, asked=case(amount="2")),
        withdrawal_id=None,
        amount="1 BROOK.BTC",
    ),
    found(
        "two thefts: each is named, and how many there were",
        "authority_changed",
        evidence(CHANGE, LEFT, transfer("3", ago(minutes=9), to=FRIEND, of=CORE, note=None)),
        also=["authority_changed"],
        affected=2,
        shows=[
            CHANGE.id,
            LEFT.id,
            transfer("3", ago(minutes=9), to=FRIEND, of=CORE, note=None).id,
        ],
    ),
    found(
        "dust taken by the issuer beside a settled withdrawal leads nothing",
        "issuer_override",
        evidence(transfer(at=ago(hours=2)), override("0.001")),
        withdrawal_id=override("0.001").id,
    ),
    found(
        "the issuer took coins beside a withdrawal that was named by its amount",
        "issuer_override",
        evidence(transfer("2", ago(hours=2)), TAKEN, asked=case(amount="2")),
        withdrawal_id=TAKEN.id,
    ),
    found(
        "the issuer took coins",
        "issuer_override",
        evidence(TAKEN),
        withdrawal_id=None,
        shows=[TAKEN.id],
        issuer=ISSUER.name,
        recipient=STRANGER.name,
        amount="1 BROOK.BTC",
        moved_at=TAKEN.at,
        operation=TAKEN.id,
    ),
    found(
        "of the claimed asset",
        "issuer_override",
        evidence(TAKEN, asked=case(asset="BROOK.BTC")),
    ),
    found(
        "to the issuer itself",
        "issuer_override",
        evidence(override(to=ISSUER)),
        recipient=ISSUER.name,
    ),
    found(
        "at the very start of the window",
        "issuer_override",
        evidence(override(at=ago(hours=6))),
    ),
    found(
        "twice",
        "issuer_override",
        evidence(TAKEN, override("2", of=ETH, n=9)),
        also=["issuer_override"],
    ),
    found(
        "a stranger proposes to change the account's keys",
        "authority_proposed",
        hand_over(),
        withdrawal_id=None,
        proposer=STRANGER.name,
        proposal="1.10.7",
    ),
    found(
        "a proposal that would propose to change the keys",
        "authority_proposed",
        hand_over(inner=proposal(inner=(account_update(active=NEW_OWNER),), name=None)),
        withdrawal_id=None,
    ),
    found(
        "a key in the memo of the question",
        "secret_exposed",
        sent_with("wif", fields=("memo",)),
        withdrawal_id=None,
        shows=[],
        fields="memo",
        says="a private key, and others may have seen it",
    ),
    found(
        "a wallet password",
        "secret_exposed",
        sent_with("password"),
        says="a wallet password, and others may have seen it",
    ),
    found(
        "a seed phrase guards another wallet",
        "secret_exposed",
        sent_with("seed_phrase"),
        says="act right away: move all your funds to a newly created wallet of your own.",
        unsaid="owner permission",
    ),
    found(
        "a key of another chain guards another wallet",
        "secret_exposed",
        sent_with("private_key"),
        says="move all your funds",
        unsaid="owner permission",
    ),
    found(
        "an API key guards no wallet",
        "secret_exposed",
        sent_with("api_key"),
        says="an API key, and others may have seen it. Please act right away: ask whoever issued",
        unsaid="wallet",
    ),
    found(
        "an API key beside a private key",
        "secret_exposed",
        sent_with("api_key", "wif"),
        says="change all keys with the owner permission in your own wallet",
    ),
    found(
        "keys of both worlds",
        "secret_exposed",
        sent_with("wif", "seed_phrase", "password"),
        says="several keys, and others may have seen it",
    ),
    found(
        "keys of two forms are one thing to a reader",
        "secret_exposed",
        sent_with("wif", "private_key"),
        unsaid="a private key and",
    ),
    found(
        "nothing was sent",
        "secret_exposed",
        sent_with("brain_key", moved=()),
        says="a brain key, and others may have seen it",
    ),
    found(
        "several were sent",
        "secret_exposed",
        sent_with("brain_key", moved=(transfer(), transfer("2", n=9))),
        says="Then delete that message",
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(security, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(security, seen) == expected
    assert told(security, code, seen, fields) == fields
