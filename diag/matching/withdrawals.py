"""Builds the evidence of a case: its withdrawals, from the history of its account. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from diag.domain.asset import Asset, coin_of
from diag.domain.case import Case
from diag.domain.changed_keys import authority_changes
from diag.domain.evidence import Evidence
from diag.domain.gateway import Coin, Gateway, GatewayAccount, Role, Terms
from diag.domain.gateway_register import Register
from diag.domain.history import History
from diag.domain.operations import ProposalCreated, TimeLock, Transfer
from diag.domain.withdrawal import Sent, Withdrawal
from diag.matching.answers import issuer_of, with_answers
from diag.matching.claims import fits_outside, in_parts, meant

SOON = timedelta(hours=24)
"""How long after the window a movement may still be part of a takeover of the account."""
LIVE_FOR = timedelta(hours=24)
"""Maximum age of a withdrawal for which a gateway's present coin list is used."""


def build_evidence(case: Case, history: History, register: Register) -> Evidence:
    """Build everything that the checks may look at, from a case and its history."""
    register = register.on(history.network.chain_id)
    window_end = min(case.end, history.as_of.time)
    complete = history.log.complete(case.start, window_end) and not any(
        gap.code == gap.HEAD and history.as_of.time < case.end for gap in history.gaps
    )
    evidence = Evidence(case=case, history=history, register=register, complete=complete)
    if history.account is None:
        return evidence
    changes = authority_changes(history.log.operations, history.account.id)
    moves = [_withdrawal(sent, case, history, register) for sent in _outgoing(history)]
    inside = with_answers([w for w in moves if case.start <= w.at <= case.end], history)
    outside = [w for w in moves if not case.start <= w.at <= case.end]
    likely = meant(case, inside)
    chosen = {w.id for w in likely}
    return replace(
        evidence,
        withdrawals=tuple(likely),
        in_parts=bool(in_parts(case, likely)),
        candidates=tuple(w for w in inside if w.id not in chosen),
        outside=tuple(w for w in outside if fits_outside(case, w)),
        later=tuple(w for w in outside if case.end < w.at <= case.end + SOON),
        authority_changes=tuple(changes),
    )


# --- withdrawals --------------------------------------------------------------------------


def _outgoing(history: History) -> list[Sent]:
    """Return the operations that send, or propose to send, the account's coins to others, in
    chain order.
    """
    assert history.account is not None
    own = history.account.id
    named = [o for o in (history.claimed_operation,) if o and o not in history.log.operations]
    operations = (*named, *history.log.operations)
    found = [o for o in operations if isinstance(o, _SENT) and _sends(o, own)]
    carried_out = _executed(found)
    return [sent for sent in found if sent.id not in carried_out]


_SENT = (Transfer, TimeLock, ProposalCreated)  # found faster than in a union of types


def _sends(operation: Sent, own: str) -> bool:
    if isinstance(operation, ProposalCreated):
        return bool(_proposed(operation, own))
    return operation.sender == own != operation.recipient


def _proposed(proposal: ProposalCreated, own: str) -> list[Transfer]:
    """Return the transfers of the account's coins inside a proposal."""
    inner = (o for o in proposal.inner if isinstance(o, Transfer))
    return [o for o in inner if o.sender == own != o.recipient]


def _executed(found: Sequence[Sent]) -> set[str]:
    """Return the ids of proposals whose transfer was carried out; the transfer is listed instead.

    Of several equal proposals, each transfer carries out one, the oldest first.
    """
    proposals = [sent for sent in found if isinstance(sent, ProposalCreated)]
    done: set[str] = set()
    for transfer in found:
        if not isinstance(transfer, Transfer) or not transfer.location.virtual:
            continue
        fitting = (p.id for p in proposals if p.id not in done and p.may_hold(transfer))
        done.update([next(fitting, "")])
    return done


def _planned(
    sent: Sent, case: Case, history: History, register: Register
) -> Transfer | TimeLock:
    """Return the movement itself; for a proposal, the transfer inside it that the case most
    likely means.
    """
    if not isinstance(sent, ProposalCreated):
        return sent
    assert history.account is not None

    def rank(move: Transfer) -> tuple[bool, bool]:
        known = history.accounts.get(move.recipient)
        name = known.name if known else move.recipient
        amount = history.amount(move.amount)
        claimed = (
            case.asset in (None, amount.asset.symbol)
            and case.amount in (None, amount.value)
            and case.destination in (None, name, move.recipient)
        )
        return not claimed, register.by_account(name) is None

    return min(_proposed(sent, history.account.id), key=rank)


def _withdrawal(sent: Sent, case: Case, history: History, register: Register) -> Withdrawal:
    move = _planned(sent, case, history, register)
    known = history.accounts.get(move.recipient)
    name = known.name if known else move.recipient
    amount = history.amount(move.amount)
    symbol = amount.asset.symbol
    gateway = None if isinstance(move, TimeLock) else register.by_account(name)
    if gateway is None and isinstance(move, Transfer) and _to_issuer(move, amount.asset):
        gateway = _unregistered(name, symbol)
    coin = gateway.coin(symbol) if gateway else None
    size = history.group_sizes.get(sent.id)
    return Withdrawal(
        sent=sent,
        recipient=name,
        amount=amount,
        gateway=gateway,
        coin=coin,
        terms=_terms(gateway, coin, sent.at, history, symbol),
        transaction=history.transactions.get(sent.id),
        alone=size is None or size == 1,
    )


def _terms(
    gateway: Gateway | None, coin: Coin | None, at: datetime, history: History, symbol: str
) -> Terms | None:
    """Return minimum and fee at that time: the gateway's own list for a recent withdrawal, else
    the register's.
    """
    if gateway is None:
        return None
    state = history.live.get(gateway.key)
    live = state.coins.get(symbol) if state else None
    registered = coin.terms_at(at) if coin else None
    if live is None or history.as_of.time - at > LIVE_FOR:
        return registered
    known = registered or Terms()
    return replace(
        known,
        minimum=known.minimum if live.minimum is None else live.minimum,
        fee=known.fee if live.fee is None else live.fee,
    )


def _to_issuer(move: Transfer, asset: Asset) -> bool:
    """Return True if coins were sent to their issuer, which is a gateway even if no register
    knows it.
    """
    return move.recipient == issuer_of(asset)


def _unregistered(name: str, symbol: str) -> Gateway:
    prefix = symbol.partition(".")[0]
    account = GatewayAccount(name, Role.WITHDRAWAL)
    coin = Coin(coin=coin_of(symbol), asset=symbol)
    return Gateway(key="", name=name, prefixes=(prefix,), accounts=(account,), coins=(coin,))
