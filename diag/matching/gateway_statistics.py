"""Computes how a gateway treats everybody's withdrawals of one asset. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import chain
from operator import attrgetter, itemgetter

from diag.domain.asset import CORE_ASSET, Asset, asset_of
from diag.domain.comparable import Peer, Peers, no_peers
from diag.domain.gateway import Deposits, Gateway, Terms
from diag.domain.operations import Burn, Issue, Operation, Override, Transfer
from diag.domain.settlement import Settlement
from diag.domain.withdrawal import (
    Answer,
    AnswerKind,
    Completeness,
    GatewayStatistics,
    Patience,
)
from diag.matching.credits import ENOUGH, as_transfer, completeness
from diag.matching.match_cache import MATCHES
from diag.matching.movements import Movements
from diag.matching.patience import patience, percentile
from diag.matching.settlements import Match

_TIME = attrgetter("location.at")


@dataclass(frozen=True, slots=True)
class Traffic:
    """Everybody's withdrawals of one asset at one gateway, matched with their answers."""

    gateway: Gateway
    sent: tuple[Transfer, ...]
    match: Match
    settled: tuple[tuple[datetime, datetime], ...]
    """When each settled withdrawal was sent and settled, in the order of sending."""
    waiting: tuple[Transfer, ...]
    """The withdrawals without an answer."""
    traces: tuple[Burn | Transfer, ...] = ()
    """Operations by which the gateway may have served somebody, in chain order: burns that fit
    no withdrawal, and transfers of the asset to accounts that sent none. Burns by other
    accounts that take withdrawals themselves are left out.
    """
    fee_units: int = 0
    last_sign: datetime | None = None
    """When the gateway last did anything that may have served somebody."""
    peers: Peers = field(default=no_peers, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        gateway: Gateway,
        sent: tuple[Transfer, ...],
        match: Match,
        traces: tuple[Burn | Transfer, ...] = (),
        fee_units: int = 0,
    ) -> Traffic:
        """Build the traffic, and find out from the match which withdrawals were settled and
        which still wait.
        """
        settled, waiting = [], []
        for move in sent:
            answers = match.answers[move.id]
            burn = _settling(answers)
            if burn is not None:
                settled.append((move.at, burn.at))
            elif not answers:
                waiting.append(move)
        answered = (a.operation for found in match.answers.values() for a in found)
        return cls(
            gateway,
            sent,
            match,
            tuple(sorted(settled)),
            tuple(waiting),
            traces,
            fee_units,
            last_sign=max(map(_TIME, chain(answered, traces)), default=None),
        )

    def since(self, start: datetime) -> Traffic:
        """Return the traffic without the withdrawals sent before `start`."""
        sent = tuple(move for move in self.sent if move.at >= start)
        return Traffic.of(self.gateway, sent, self.match, self.traces, self.fee_units)


def _settling(answers: Iterable[Answer]) -> Operation | None:
    for answer in answers:
        if answer.kind is not AnswerKind.RETURN:
            return answer.operation
    return None


def traffic(
    gateway: Gateway,
    wallets: frozenset[str],
    own: frozenset[str],
    movements: Movements,
    asset: Asset,
    terms: Terms | None,
    assets: Mapping[str, Asset],
    read_from: int = 0,
) -> Traffic:
    """Match what was sent to the wallets with its answers.

    wallets: ids of the accounts that take withdrawals.
    own: ids of all accounts of the gateway.
    movements: of the gateway's accounts and the user's.
    assets: the known assets by id.
    read_from: see `settlements.match`.
    """
    here = [as_transfer(o) for o in movements.of(asset)]
    moved = [o for o in here if isinstance(o, Transfer)]
    sent = tuple(o for o in moved if o.recipient in wallets and o.sender not in own)
    outgoing = [o for o in moved if o.sender in own and o.recipient not in own]
    backs: list[Transfer | Issue] = [*outgoing, *(o for o in here if isinstance(o, Issue))]
    fee = asset.base_units(terms.fee if terms and terms.fee else Decimal(0)) or 0
    matched = MATCHES.match(
        sent,
        [o for o in here if isinstance(o, Burn) and o.payer in own],
        [back for back in backs if back.recipient not in own],
        fee_units=fee,
        partial_returns=gateway.credits_by_issue
        and not _strangers_are_credited(gateway, own, movements.every, assets),
        in_batches=gateway.settlement is Settlement.BURN_BATCH,
        read_from=read_from,
    )
    passed_on = _passed_on(gateway, asset, sent, outgoing, fee)
    elsewhere = {o.recipient for o in moved if o.sender not in own} - wallets
    traces: list[Burn | Transfer] = [
        *(burn for burn in matched.unexplained if burn.payer not in elsewhere),
        *passed_on,
    ]
    traces.sort(key=lambda o: o.location.number)
    found = Traffic.of(gateway, sent, matched, tuple(traces), fee)
    peers = _Peers(found, partial(_elsewhere, gateway, wallets, own, movements, asset, assets))
    return replace(found, peers=peers)


def _strangers_are_credited(
    gateway: Gateway,
    own: frozenset[str],
    operations: Sequence[Operation],
    assets: Mapping[str, Asset],
) -> bool:
    """True if the gateway transfers its coins, of whatever asset, to many who have sent it none.

    Left out is whoever gets them again and again: coins are passed on to them.
    """
    takers = {o.sender for o in operations if isinstance(o, Transfer) and o.recipient in own}
    recipients = {
        o.location.number: o.recipient
        for o in operations
        if isinstance(o, Transfer)
        and o.sender in own
        and o.recipient not in own
        and o.amount.asset_id != CORE_ASSET
        and ((known := assets.get(o.amount.asset_id)) is None or gateway.takes(known.symbol))
    }
    times = Counter(recipients.values())
    strangers = [n for who, n in times.items() if who not in takers and n <= ENOUGH]
    users = sum(n for who, n in times.items() if who in takers)
    return len(strangers) >= ENOUGH and sum(strangers) > users


def _passed_on(
    gateway: Gateway,
    asset: Asset,
    sent: Sequence[Transfer],
    outgoing: Sequence[Transfer],
    fee: int,
) -> list[Transfer]:
    """Return the gateway's transfers to accounts that sent no withdrawal, and may burn coins for it.

    If a transfer may also be the credit of a deposit, only those to the asset's issuer and
    those of the amount of a withdrawal count, in full or less the fee.
    """
    users = {move.sender for move in sent}
    sums = {move.amount.base_units - less for move in sent for less in (0, fee)}
    return [
        move
        for move in outgoing
        if move.recipient not in users
        and (
            gateway.deposits is Deposits.ISSUE
            or move.recipient == asset.issuer
            or move.amount.base_units in sums
        )
    ]


# --- peers ------------------------------------------------------------------------------------


class _Peers:
    """Everybody's withdrawals in one asset, or in all; each is computed on first use."""

    def __init__(self, found: Traffic, elsewhere: Callable[[], list[Traffic]]) -> None:
        self._found = found
        self._elsewhere = elsewhere
        self._known: dict[bool, tuple[Peer, ...]] = {}

    def __call__(self, every_asset: bool) -> tuple[Peer, ...]:
        if every_asset not in self._known:
            traffics = [self._found, *(self._elsewhere() if every_asset else ())]
            self._known[every_asset] = tuple(peer for t in traffics for peer in _peers_in(t))
        return self._known[every_asset]


def _elsewhere(
    gateway: Gateway,
    wallets: frozenset[str],
    own: frozenset[str],
    movements: Movements,
    asset: Asset,
    assets: Mapping[str, Asset],
) -> list[Traffic]:
    """Return the traffic to the wallets in each other asset."""
    others = {
        o.amount.asset_id: o
        for o in movements.every
        if isinstance(o, Transfer | Override)
        and o.recipient in wallets
        and o.amount.asset_id != asset.id
    }
    found = []
    for asset_id, latest in others.items():
        other = asset_of(asset_id, assets)
        coin = gateway.coin(other.symbol)
        terms = coin.terms_at(latest.at) if coin else None
        found.append(traffic(gateway, wallets, own, movements, other, terms, assets))
    return found


def _peers_in(found: Traffic) -> Iterator[Peer]:
    """Yield each withdrawal with its answer.

    A withdrawal is left out if its answer may belong to another one, or if its return may be a
    deposit. One without an answer counts as settled by a trace of its amount, or of that less a
    fee.
    """
    traced = _traced(found)
    for move in found.sent:
        if found.match.ambiguous_with.get(move.id):
            continue
        answers = found.match.answers[move.id]
        settling = _settling(answers)
        returned = next((a for a in answers if not a.maybe_deposit), None)
        if settling is not None:
            yield Peer(move, settled=settling.at)
        elif returned is not None:
            yield Peer(move, returned=returned.operation.at)
        elif not answers:
            yield Peer(move, settled=traced.get(move.id))


def _traced(found: Traffic) -> dict[str, datetime]:
    """Return by withdrawal id when a trace may have settled it; each trace counts for the
    smallest amount that fits.
    """
    waiting = list(found.waiting)
    traced = {}
    for trace in found.traces:
        units, number = trace.amount.base_units, trace.location.number
        fitting = [
            move
            for move in waiting
            if move.location.number < number and _holds(move.amount.base_units, units, found)
        ]
        if fitting:
            nearest = min(fitting, key=lambda m: (m.amount.base_units, m.location.number))
            waiting.remove(nearest)
            traced[nearest.id] = trace.at
    return traced


def _holds(sent: int, traced: int, found: Traffic) -> bool:
    less_fee = completeness(sent, traced, found.fee_units) is not Completeness.PARTIAL
    return traced <= sent and less_fee


# --- statistics -------------------------------------------------------------------------------


def gateway_statistics(found: Traffic, now: datetime) -> tuple[GatewayStatistics, Patience]:
    """Return statistics of the withdrawals, and how long this gateway may take according to them."""
    times = sorted(burnt - sent for sent, burnt in found.settled)
    allowed = patience(found.gateway, times)
    late = [move for move in found.waiting if now - move.at > allowed.overdue]
    return (
        GatewayStatistics(
            settled=len(times),
            returned=len(found.sent) - len(found.settled) - len(found.waiting),
            usual=percentile(times, 50),
            slow=percentile(times, 95),
            last_settlement=max((burnt for _, burnt in found.settled), default=None),
            last_sign=found.last_sign,
            waiting=len(found.waiting),
            overdue=len(late),
            overdue_accounts=len({move.sender for move in late}),
            oldest_waiting=min((move.at for move in found.waiting), default=None),
            peers=found.peers,
        ),
        allowed,
    )


def served_later(found: Traffic, after: datetime) -> int:
    """Return how many withdrawals sent after a moment were settled."""
    return len(found.settled) - bisect_right(found.settled, after, key=itemgetter(0))
