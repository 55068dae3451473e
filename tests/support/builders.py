"""Small true things: records, a gateway, a case, and the evidence that the product makes of them.

Nothing of ours is faked: `evidence` hands operations to the account and to the gateways that
they touch, as a node would, and lets `diag.matching.withdrawals` do the rest. All names are made up; the head
of this little chain stands at NOW.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import chain, product

import msgspec
import pytest

from diag.checks import CHECKS
from diag.diagnosis.engine import conclude
from diag.domain import chain_objects
from diag.domain.account import Account, Authority
from diag.domain.asset import Amount, Asset, Quantity
from diag.domain.case import Case
from diag.domain.chain_objects import Network, OpenTimeLock
from diag.domain.custody_operations import Custody, Lock, Release
from diag.domain.gateway import (
    Coin,
    Gateway,
    GatewayAccount,
    LifecycleStage,
    Role,
    Status,
    Terms,
)
from diag.domain.gateway_register import Register
from diag.domain.history import AsOf, Gap, History, Log, Node, Proof
from diag.domain.memo import NULL_KEY_SUFFIX, Memo
from diag.domain.operations import (
    AuthorityUpdate,
    Burn,
    Fill,
    Issue,
    Location,
    Override,
    PermissionClaim,
    ProposalCreated,
    ProposalDeleted,
    TimeLock,
    TimeLockRedeemed,
    TimeLockRefunded,
    Transfer,
    Unreadable,
)
from diag.domain.period import Period
from diag.domain.settlement import Settlement
from diag.i18n import LANGUAGES, Text
from diag.matching.withdrawals import build_evidence
from diag.render import formatting

NOW = datetime(2031, 5, 20, 12, 0, 0, tzinfo=UTC)
GENESIS = datetime(2031, 1, 1, tzinfo=UTC)
INTERVAL = timedelta(seconds=3)
MARGIN = timedelta(hours=14)
"""How far around the window an account's history is read."""
SECOND = timedelta(seconds=1)


def ago(**length):
    """A moment before the head: ago(minutes=10)."""
    return NOW - timedelta(**length)


def block_at(at):
    return 1000 + (at - GENESIS) // INTERVAL


HEAD = block_at(NOW)
IRREVERSIBLE = HEAD - 19
"""27 witnesses: two thirds of them have built on it."""
FIRST_REVERSIBLE = GENESIS + (IRREVERSIBLE + 1 - 1000) * INTERVAL
"""The earliest time whose block is not yet irreversible."""


def changed(thing, **facts):
    change = msgspec.structs.replace if isinstance(thing, msgspec.Struct) else replace
    return change(thing, **facts)


# --- accounts and assets ------------------------------------------------------------------


NOBODY = Authority(1)


def account(number, name, memo_key=None, **more):
    key = memo_key or f"BTS{name}"
    return Account(f"1.2.{number}", name, key, **{"active": NOBODY, "owner": NOBODY, **more})


KNOWN = {}
"""Every asset that was made, by id: the chain knows them all."""


def asset(number, symbol, precision=8, **more):
    made = KNOWN[f"1.3.{number}"] = Asset(f"1.3.{number}", symbol, precision, **more)
    return made


USER = account(100, "maple-user")
COSIGNER = account(101, "maple-cosigner")
FRIEND = account(200, "willow-friend")
STRANGER = account(201, "thistle-stranger")
GATE = account(500, "brook-gateway")
ISSUER = account(501, "brook-issuer")
OLD_GATE = account(502, "brook-attic")
OTHER_GATE = account(510, "cliff-gateway")
LOOKALIKE = account(520, "br00k-gateway")
ACCOUNTS = (USER, COSIGNER, FRIEND, STRANGER, GATE, ISSUER, OLD_GATE, OTHER_GATE, LOOKALIKE)

CORE = asset(0, "BTS", 5)
BTC = asset(50, "BROOK.BTC", 8, issuer=ISSUER.id)
ETH = asset(51, "BROOK.ETH", 7, issuer=ISSUER.id)
USDT = asset(52, "BROOK.USDT", 6, issuer=ISSUER.id)
CLIFF_BTC = asset(60, "CLIFF.BTC", 8, issuer=OTHER_GATE.id)
UNKNOWN_GATE = account(530, "fjord-desk")
FJORD_BTC = asset(70, "FJORD.BTC", 8, issuer=UNKNOWN_GATE.id)
"""A gateway's coin, of a gateway that no register knows."""
ASSETS = (CORE, BTC, ETH, USDT, CLIFF_BTC, FJORD_BTC)


def amount(value, of=BTC):
    """An amount as it stands in an operation."""
    return Quantity(of.base_units(Decimal(str(value))), of.id)


def shown(value, of=BTC):
    """An amount as it is shown."""
    return str(Amount(amount(value, of).base_units, of))


# --- operations ----------------------------------------------------------------------------


def place(at, n=0, virtual=False):
    """Where an operation stands; n tells apart those of one second, in chain order."""
    number = int((at - GENESIS).total_seconds()) * 100 + n
    return Location.of(f"1.11.{number}", at, block_at(at), n, 0, virtual)


def memo(text=None, *, key=GATE.memo_key, size=48):
    """A memo of size bytes that only the key's owner can read; with a text, one for everybody."""
    if text is None:
        return Memo(f"BTS{USER.name}", key, 1, bytes(size).hex())
    return Memo(f"BTS{NULL_KEY_SUFFIX}", key, 1, (b"\0\0\0\0" + text.encode()).hex())


MEMO = memo()


def transfer(
    value="1", at=None, *, by=USER, to=GATE, of=BTC, note=MEMO, n=0, virtual=False, fee=None
):
    at = at or ago(minutes=10)
    spot = {"location": place(at, n, virtual), "kind": "transfer", "fee": fee}
    return Transfer(by.id, to.id, amount(value, of), note, **spot)


def burn(value="1", at=None, *, by=GATE, of=BTC, n=1):
    spot = place(at or ago(minutes=5), n)
    return Burn(by.id, amount(value, of), location=spot, kind="asset_reserve")


def back(value="1", at=None, *, by=GATE, to=USER, of=BTC, n=2):
    """A transfer from the gateway."""
    return transfer(value, at or ago(minutes=5), by=by, to=to, of=of, note=None, n=n)


def issue(value="1", at=None, *, by=ISSUER, to=USER, of=BTC, note=None, n=3):
    spot = place(at or ago(minutes=5), n)
    return Issue(by.id, to.id, amount(value, of), note, location=spot, kind="asset_issue")


def override(value="1", at=None, *, by=ISSUER, giver=USER, to=STRANGER, of=BTC, n=4):
    spot = place(at or ago(minutes=5), n)
    taken = amount(value, of)
    name = "override_transfer"
    return Override(by.id, giver.id, to.id, taken, location=spot, kind=name)


def claim(value="1", at=None, *, giver=USER, taker=STRANGER, of=BTC, n=4):
    """Somebody used a withdraw permission."""
    spot = place(at or ago(minutes=5), n)
    kind = "withdraw_permission_claim"
    return PermissionClaim(giver.id, taker.id, amount(value, of), location=spot, kind=kind)


LOCKS = {kind.custody: kind for kind in Lock.__subclasses__()}
RELEASES = {kind.custody: kind for kind in Release.__subclasses__()}


def lock(custody=Custody.ORDER, value="1", at=None, *, of=BTC, holder="1.7.9", by=USER, n=5):
    spot = place(at or ago(minutes=30), n)
    facts = {"location": spot, "kind": custody.value, "created": holder}
    for name in {"order", "pool"} & set(LOCKS[custody].__struct_fields__):
        facts[name] = holder
    return LOCKS[custody](owner=by.id, amount=amount(value, of), **facts)


def release(custody=Custody.ORDER, at=None, *, holder="1.7.9", by=USER, n=6):
    spot = place(at or ago(minutes=20), n)
    return RELEASES[custody](by.id, holder, location=spot, kind=custody.value)


def sold(value="1", at=None, n=15):
    """An order of the user's was filled: it sold this much."""
    spot = {"location": place(at or ago(hours=30), n), "kind": "fill_order"}
    return Fill(USER.id, "1.7.9", amount(value), amount("9", CORE), **spot)


def holding(value="1", *, custody=Custody.ORDER, of=BTC, name="1.7.9", until=None):
    """What an object on the chain holds now."""
    return chain_objects.Holding(custody, name, amount(value, of), until)


def proposal(at=None, *, inner=None, name="1.10.7", expires=None, by=USER, n=7):
    """A proposal made; inside it, unless told otherwise, a withdrawal of one BROOK.BTC."""
    at = at or ago(hours=1)
    inner = inner if inner is not None else (transfer(at=at),)
    expires = expires or NOW + timedelta(hours=1)
    spot = {"location": place(at, n), "kind": "proposal_create", "created": name}
    return ProposalCreated(by.id, name, expires, tuple(inner), **spot)


def live_proposal(made, *, approved=(), required=(USER,), fail_reason=""):
    """The proposal object as it stands now."""
    return chain_objects.Proposal(
        made.proposal,
        made.proposer,
        made.expires,
        None,
        frozenset(a.id for a in required),
        frozenset(a.id for a in approved),
        fail_reason,
        made.inner,
    )


def removed(made, at=None, by=COSIGNER, n=8):
    """A signer deleted the proposal."""
    spot = place(at or ago(minutes=30), n)
    return ProposalDeleted(by.id, made.proposal, location=spot, kind="proposal_delete")


def time_lock(
    value="1", at=None, *, by=USER, to=FRIEND, of=BTC, name="1.16.4", expires=None, n=9
):
    spot = place(at or ago(hours=1), n)
    expires = expires or NOW + timedelta(hours=1)
    where = {"location": spot, "kind": "htlc_create", "created": name}
    return TimeLock(by.id, to.id, amount(value, of), name, expires, **where)


def live_lock(made):
    """The time-lock object as it stands now."""
    return OpenTimeLock(made.lock, made.sender, made.recipient, made.amount, made.expires)


def redeemed(made, at=None, n=10):
    spot = place(at or ago(minutes=30), n)
    where = {"location": spot, "kind": "htlc_redeemed"}
    return TimeLockRedeemed(made.lock, made.sender, made.recipient, **where)


def refunded(made, at=None, n=11):
    spot = place(at or ago(minutes=30), n, virtual=True)
    return TimeLockRefunded(made.lock, made.sender, location=spot, kind="htlc_refund")


def account_update(at=None, *, who=USER, active=NOBODY, owner=None, memo_key=None, n=12):
    spot = place(at or ago(minutes=40), n)
    where = {"location": spot, "kind": "account_update"}
    return AuthorityUpdate(who.id, owner, active, memo_key, **where)


def unreadable(at=None, n=13):
    """An operation of the user's that could not be read."""
    return Unreadable(location=place(at or ago(minutes=30), n), kind="future_operation")


def touched(operation):
    """The accounts in whose history an operation stands."""
    match operation:
        case Transfer() | TimeLock() | TimeLockRedeemed():
            return {operation.sender, operation.recipient}
        case Override():
            return {operation.issuer, operation.sender, operation.recipient}
        case Issue():
            return {operation.issuer, operation.recipient}
        case Burn():
            return {operation.payer}
        case PermissionClaim():
            return {operation.giver, operation.taker}
        case AuthorityUpdate():
            return {operation.account}
        case _:
            return {USER.id}


# --- everybody else at the gateway ------------------------------------------------------------


def reader(number):
    return account(1000 + number, f"reader-{number}")


def served(count, at, *, took=timedelta(minutes=5), value=2, of=BTC, every=INTERVAL, to=GATE):
    """Withdrawals of other users from `at` on, each of its own amount and burnt."""
    found = []
    for i in range(count):
        sum_, then = Decimal(value) + Decimal(i) / 1000, at + i * every
        found.append(transfer(sum_, then, by=reader(i), to=to, of=of, n=20))
        found.append(burn(sum_, then + took, by=to, of=of, n=40))
    return found


def waiting(count, at, *, value=7, of=BTC, every=INTERVAL, to=GATE):
    """Withdrawals of other users from `at` on that nothing has answered."""
    return [
        transfer(
            Decimal(value) + Decimal(i) / 1000, at + i * every, by=reader(50 + i), to=to, of=of,
            n=60,
        )
        for i in range(count)
    ]  # fmt: skip


def others(
    count, at, *, note=MEMO, value=3, step="0.001", fate="settled", of=BTC, to=GATE, first=0
):
    """Withdrawals of other users from `at` on, each of its own amount, with this memo.

    fate: settled, returned, issued (back), or None where nothing answered them. first tells apart what is made
    of several calls.
    """
    found = []
    for i in range(first, first + count):
        sum_, then, who = Decimal(value) + i * Decimal(step), at + i * INTERVAL, reader(100 + i)
        found.append(transfer(sum_, then, by=who, to=to, of=of, note=note, n=70))
        if fate == "settled":
            found.append(burn(sum_, then + timedelta(minutes=5), by=to, of=of, n=71))
        elif fate == "returned":
            after = then + timedelta(minutes=5)
            found.append(back(sum_, after, by=to, to=who, of=of, n=72))
        elif fate == "issued":
            found.append(issue(sum_, then + timedelta(minutes=5), to=who, of=of, n=73))
    return found


# --- the register -----------------------------------------------------------------------------


def terms(minimum=None, fee=None, **period):
    found = {"minimum": minimum and Decimal(minimum), "fee": fee and Decimal(fee)}
    return Terms(Period(**period), **found, source="brook.example")


def coin(name="BTC", of=BTC, **more):
    return Coin(name, of.symbol, **{"terms": (terms("0.001", "0.0003"),), **more})


def taker(who=GATE, role=Role.WITHDRAWAL, *, known_id=True, **period):
    return GatewayAccount(who.name, role, Period(**period), who.id if known_id else None)


def stage(status=Status.LIVE, start=None, end=None):
    return LifecycleStage(Period(start, end), status, source="brook.example")


def gateway(**facts):
    """Brook: burns each withdrawal, wants a memo, has an issuer and an account long retired."""
    known = {
        "key": "BROOK",
        "name": "Brook",
        "prefixes": ("BROOK",),
        "accounts": (taker(), taker(ISSUER, Role.ISSUER), taker(OLD_GATE, Role.RETIRED)),
        "coins": (coin(), coin("ETH", ETH)),
        "settlement": Settlement.BURN_EACH,
        "memo": "{coin lower-case}:{address}[:{tag}]",
        "lifecycle": (stage(),),
    }
    return Gateway(**{**known, **facts})


CLIFF = Gateway(
    key="CLIFF",
    name="Cliff",
    prefixes=("CLIFF",),
    accounts=(taker(OTHER_GATE),),
    coins=(Coin("BTC", CLIFF_BTC.symbol),),
    settlement=Settlement.NONE,
)


@cache
def register(*gateways):
    return Register(gateways or (gateway(), CLIFF), chain_id=None, source="tests")


# --- the question, the chain, the evidence -----------------------------------------------------


def case(start=None, end=None, *, amount=None, received=None, account=USER.name, **claims):
    """A question about the last six hours, unless told otherwise."""
    numbers = {
        key: None if value is None else Decimal(value)
        for key, value in (("amount", amount), ("received", received))
    }
    return Case(account, start or ago(hours=6), end or NOW, **numbers, **claims)


def network(**facts):
    known = {
        "chain_id": "ab" * 32,
        "interval": INTERVAL,
        "longest_expiration": timedelta(hours=24),
        "witnesses": 27,
        "slots_filled": 128,
        "head_block": HEAD,
        "irreversible_block": IRREVERSIBLE,
        "next_maintenance": NOW + timedelta(minutes=30),
    }
    return Network(**{**known, **facts})


def as_of(**facts):
    known = {
        "block": HEAD,
        "time": NOW,
        "irreversible_block": IRREVERSIBLE,
        "irreversible_time": NOW - 19 * INTERVAL,
        "nodes": (Node("node.example"),),
    }
    return AsOf(**{**known, **facts})


def gap(code=Gap.HISTORY, why="pruned"):
    return Gap(code, Text(zh="历史", en="the history"), Text(zh="没有保留", en=why))


PLENTY = {a.id: a.base_units(Decimal(1000)) for a in ASSETS}
"""Balances that cover whatever a story claims."""
PRUNED = {"gaps": (gap(),), "proof": None, "hole": (ago(hours=5), ago(hours=4))}
"""The account's history has a hole in the usual window."""
STALE = {"gaps": (gap(Gap.HEAD, "behind"),)}
"""The only node that answers is behind."""


def history(
    asked, operations=(), *, hole=None, gateway_hole=None, gateways=None, known=(), **facts
):
    """What a node that keeps everything would have shown, but for the holes."""
    taken = sorted(set(operations), key=lambda o: o.location.number)
    assert len(taken) == len({o.id for o in taken}), "two operations have the same id"
    start = asked.start - MARGIN
    people = {a.id: a for a in (*ACCOUNTS, UNKNOWN_GATE, *known)}
    desks = gateways or (GATE, ISSUER, OLD_GATE, OTHER_GATE, UNKNOWN_GATE)
    now = facts.get("as_of", as_of())

    def log(who, *, of_user=False, holes=()):
        seen = (o for o in taken if who in touched(o) and o.at <= now.time)
        return Log(tuple(o for o in seen if not of_user or o.at >= start), holes, start)

    found = {
        "as_of": now,
        "network": network(head_block=now.block, irreversible_block=now.irreversible_block),
        "account": USER,
        "log": log(USER.id, of_user=True, holes=(hole,) if hole else ()),
        "proof": Proof("before", "1.11.1"),
        "gateway_logs": {
            a.id: log(a.id, holes=(gateway_hole,) if gateway_hole else ()) for a in desks
        },
        "accounts": people,
        "assets": dict(KNOWN),
        "claimed_asset": next((a for a in ASSETS if a.symbol == asked.asset), None),
        "balances": PLENTY,
    }
    return History(**{**found, **facts})


def evidence(*operations, asked=None, known_gateways=None, **facts):
    """What the product makes of these operations, asked about `asked`."""
    asked = asked or case()
    flat = chain.from_iterable(o if isinstance(o, list) else [o] for o in operations)
    return build_evidence(asked, history(asked, flat, **facts), known_gateways or register())


def with_gateway(*operations, asked=None, also=(CLIFF,), facts=None, **known):
    """Evidence with what the register knows of Brook changed."""
    return evidence(
        *operations,
        asked=asked,
        known_gateways=register(gateway(**known), *also),
        **(facts or {}),
    )


def diagnose_(*operations, **facts):
    """The whole diagnosis. A check that breaks breaks the test, not only its own findings."""
    seen = evidence(*operations, **facts)
    return concluded(seen)


def concluded(seen):
    for check in CHECKS:
        list(check.check(seen))
    return conclude(seen, CHECKS)


# --- the two tables of a check ------------------------------------------------------------------


def silent(what, code, seen, /, *, also=()):
    """A row of the silent table: not this code, and of its family only what `also` names."""
    assert code not in also
    return pytest.param(code, seen, sorted(also), id=what)


def found(what, code, seen, /, *, also=(), **fields):
    """A row of the found table: this code, `also` others of its family, and these fields.

    about: the operation it is about. shows: the operation ids of the exhibits, in order.
    eta: a tuple of its four fields. basis: what its confidence rests on, confidence: the most that
    it allows. says, unsaid: what stands, or must
    not stand, in the English reply. Anything else is a fact.
    """
    return pytest.param(code, seen, sorted([code, *also]), fields, id=what)


def codes(check, seen):
    """What a check finds, twice the same, in words that can be said."""
    first, second = list(check.check(seen)), list(check.check(seen))
    assert first == second, "the same evidence gave other findings"
    for one in concluded(seen).findings:
        rule = one.rule
        texts = (rule.reply, rule.note, rule.short, rule.resend, rule.aside)
        for text, lang in product(filter(None, texts), LANGUAGES):
            assert formatting.fill(text, one, lang, None), one.code
    return sorted(one.code for one in first)


def told(check, code, seen, fields):
    """The fields that a row names, as they were found."""
    one = next(f for f in check.check(seen) if f.code == code)
    reply = formatting.fill(one.rule.reply, one, "en", None)
    says, unsaid = fields.get("says", ""), fields.get("unsaid", "{")
    known = {
        **one.facts,
        "withdrawal_id": one.withdrawal_id,
        "shows": [e.operation for e in one.evidence_items if e.operation],
        "eta": one.eta and (*(getattr(one.eta, field) for field in ETA_FIELDS),),
        "basis": list(one.basis),
        "confidence": one.rule.confidence,
        "says": says if says in reply else reply,
        "unsaid": unsaid if unsaid not in reply else reply,
    }
    return {field: known[field] for field in fields}


ETA_FIELDS = ("normal_until", "expected_by", "escalate_after", "basis")
