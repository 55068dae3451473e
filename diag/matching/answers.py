"""Finds the answers to the withdrawals of a case, and how the gateway treated everybody. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from msgspec import structs

from diag.domain.account import NOBODYS_ACCOUNTS
from diag.domain.asset import CORE_ASSET, Asset
from diag.domain.gateway import Deposits, Gateway
from diag.domain.history import History, Log
from diag.domain.operations import Burn, Transfer
from diag.domain.withdrawal import (
    Answer,
    AnswerKind,
    Completeness,
    Doubt,
    GatewayStatistics,
    Patience,
    Withdrawal,
)
from diag.matching.gateway_statistics import (
    Traffic,
    gateway_statistics,
    served_later,
    traffic,
)
from diag.matching.movements import Movements
from diag.matching.sent_back import Dealings, second_accounts, with_coins_sent_back
from diag.matching.settlements import Match

MOST_BURNS = 4
"""A gateway may burn a withdrawal in so many parts."""


def issuer_of(asset: Asset) -> str | None:
    """Return the id of an asset's issuer; None if nobody stands behind the asset.

    Nobody stands behind the core asset, market-issued assets and those of protocol accounts.
    """
    nobody = asset.id == CORE_ASSET or asset.market_issued or asset.issuer in NOBODYS_ACCOUNTS
    return None if nobody else asset.issuer


def with_answers(moves: Sequence[Withdrawal], history: History) -> list[Withdrawal]:
    """Return the withdrawals with their answers and the statistics of their gateways."""
    found: dict[tuple[str, str], tuple[Traffic, GatewayStatistics, Patience]] = {}
    dealings, read = Dealings(history), _Read(history)
    answered = []
    for w in moves:
        if w.gateway is None or not isinstance(w.sent, Transfer):
            answered.append(with_coins_sent_back(w, dealings))
            continue
        key = (w.sent.recipient, w.amount.asset.id)
        if key not in found:
            seen = _traffic(w, w.gateway, w.sent.recipient, read)
            found[key] = seen, *gateway_statistics(seen, history.as_of.time)
        answered.append(_answered_by(w, *found[key], history))
    return answered


class _Read:
    """What was read for a case, and the movements of each gateway in it."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._movements: dict[frozenset[str], Movements] = {}

    def movements(self, own: frozenset[str]) -> Movements:
        """Return the movements of the user and of these accounts."""
        if own not in self._movements:
            logs = self.history.gateway_logs
            self._movements[own] = Movements(
                [self.history.log, *(logs[account] for account in own if account in logs)]
            )
        return self._movements[own]


def _traffic(w: Withdrawal, gateway: Gateway, wallet: str, read: _Read) -> Traffic:
    """Return all withdrawals of this asset to the same account, matched with their answers.

    Withdrawals to the gateway's other accounts take part in the matching, because a burn may
    settle a withdrawal to any of them.
    """
    history = read.history
    own = _own_accounts(w, gateway, wallet, history)
    movements = read.movements(own)
    second = second_accounts(gateway, own, movements.of(w.amount.asset), history)
    first = history.gateway_logs.get(wallet, Log()).operations[:1]
    everything = traffic(
        _crediting(gateway, w.amount.asset),
        own,
        own | second,
        movements,
        w.amount.asset,
        w.terms,
        history.assets,
        first[0].location.number if first else 0,
    )
    return _at(wallet, replace(everything, match=_doubting(everything.match, second)))


def _at(wallet: str, everything: Traffic) -> Traffic:
    """Return the part of a gateway's traffic that went to one of its accounts."""
    others = {move.recipient for move in everything.sent} - {wallet}
    found, peers = everything, everything.peers
    if others:
        here = tuple(move for move in found.sent if move.recipient == wallet)
        traces = tuple(o for o in found.traces if getattr(o, "payer", None) not in others)
        found = Traffic.of(found.gateway, here, found.match, traces, found.fee_units)
    return replace(
        found,
        peers=lambda every_asset: tuple(
            peer for peer in peers(every_asset) if peer.sent.recipient == wallet
        ),
    )


def _own_accounts(
    w: Withdrawal, gateway: Gateway, wallet: str, history: History
) -> frozenset[str]:
    """Return the ids of the gateway's accounts: those in the register, this one, and the
    asset's issuer.
    """
    names = {a.name for a in gateway.accounts} | gateway.account_ids
    own = {i for i, a in history.accounts.items() if a.name in names or i in names} | {wallet}
    issuer = issuer_of(w.amount.asset)
    if issuer and gateway.takes(w.amount.asset.symbol):
        own.add(issuer)
    return frozenset(own)


def _crediting(gateway: Gateway, asset: Asset) -> Gateway:
    """Return the gateway as it credits deposits of this asset.

    A gateway has no deposits of an asset that it does not take, so a transfer from it is no
    deposit.
    """
    if gateway.takes(asset.symbol):
        return gateway
    return replace(gateway, deposits=Deposits.ISSUE)


def _doubting(match: Match, second: frozenset[str]) -> Match:
    """Return the match with a doubt added to each answer from an account that no register names."""
    if not second:
        return match
    return replace(
        match,
        answers={
            w: tuple(
                structs.replace(a, doubts=(*a.doubts, Doubt.SECOND_ACCOUNT))
                if getattr(a.operation, "sender", None) in second
                else a
                for a in answers
            )
            for w, answers in match.answers.items()
        },
    )


def _answered_by(
    w: Withdrawal,
    found: Traffic,
    everybody: GatewayStatistics,
    patience: Patience,
    history: History,
) -> Withdrawal:
    assert isinstance(w.sent, Transfer) and w.gateway is not None
    late = history.as_of.time - w.at > patience.overdue
    answers = _telling(w, w.gateway, found.match.answers.get(w.id, ()), late=late)
    units = w.amount.base_units
    burns = [b for b in found.match.unexplained if b.location.number > w.sent.location.number]
    large = [burn for burn in burns if burn.amount.base_units >= units]
    parts = _in_parts(burns, {units, units - found.fee_units})
    unexplained = tuple(dict.fromkeys(b.id for b in (*large, *parts)))
    log = history.gateway_logs.get(w.sent.recipient, Log())
    return structs.replace(
        w,
        answers=answers,
        ambiguous=found.match.ambiguous_with.get(w.id, ()),
        alike=found.match.alike.get(w.id, ()),
        unexplained=() if answers else unexplained,
        statistics=replace(
            everybody,
            served_later=served_later(found, w.at),
            complete=log.complete(w.at, history.as_of.time),
        ),
        patience=patience,
    )


def _in_parts(burns: Sequence[Burn], sums: set[int]) -> Iterator[Burn]:
    """The burns of which a few in a row make one of these sums."""
    for size in range(2, MOST_BURNS + 1):
        for start in range(len(burns) - size + 1):
            row = burns[start : start + size]
            if sum(burn.amount.base_units for burn in row) in sums:
                yield from row


def _telling(
    w: Withdrawal, gateway: Gateway, answers: Sequence[Answer], *, late: bool
) -> tuple[Answer, ...]:
    """Return the answers that are conclusive for the withdrawal.

    Coins passed on are left out if that does not settle a withdrawal at this gateway. Partial
    returns of less than half are left out while the gateway still has time, because such a
    credit may be something else.
    """
    if not gateway.settlement.style.passing_on_settles:
        answers = [a for a in answers if a.kind is not AnswerKind.FORWARD]
    back = sum(a.part.base_units for a in answers)
    only_parts = all(a.completeness is Completeness.PARTIAL for a in answers)
    if only_parts and not late and 2 * back < w.amount.base_units:
        return ()
    return tuple(answers)
