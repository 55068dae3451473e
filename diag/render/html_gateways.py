"""The pages about gateways: whom they keep waiting, how long they need, what happened lately. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.checks.gateway import ENOUGH_WAITING
from diag.domain.asset import Amount, Asset
from diag.domain.gateway import Gateway, Status
from diag.domain.operations import Transfer
from diag.domain.withdrawal import GatewayStatistics, Patience
from diag.i18n import Text
from diag.matching.gateway_statistics import Traffic
from diag.notices.model import Notice
from diag.render import notices
from diag.render.chart import Series, Served, Waiting, chart
from diag.render.durations import duration
from diag.render.formatting import typeset
from diag.render.html_steps import is_link
from diag.render.html_words import WORDS
from diag.render.zones import Clock

MOST_LISTED = 20
"""Overdue withdrawals that are listed on a gateway's page."""
_BY_STATUS = {
    Status.CLOSED: ("closed", "unknown"),
    Status.MAINTENANCE: ("maintenance", "act"),
    Status.MANUAL: ("manual", "act"),
    Status.DEGRADED: ("degraded", "act"),
}
_ORDER = ("danger", "act", "wait", "done", "unknown")


@dataclass(frozen=True, slots=True)
class Coin:
    """Everybody's withdrawals of one asset in the time that was read."""

    asset: Asset
    traffic: Traffic
    statistics: GatewayStatistics
    patience: Patience


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of a gateway: nothing where it is closed, of another chain, or not to be read."""

    gateway: Gateway
    now: datetime
    start: datetime
    coins: tuple[Coin, ...] = ()
    complete: bool = True
    read: bool = True
    foreign: bool = False
    error: Text | None = None

    @property
    def waiting(self) -> int:
        return sum(coin.statistics.waiting for coin in self.coins)

    @property
    def overdue(self) -> int:
        return sum(coin.statistics.overdue for coin in self.coins)

    @property
    def settled(self) -> int:
        return sum(coin.statistics.settled for coin in self.coins)

    @property
    def oldest(self) -> datetime | None:
        found = [c.statistics.oldest_waiting for c in self.coins]
        return min((at for at in found if at), default=None)

    @property
    def last(self) -> datetime | None:
        found = [c.statistics.last_settlement for c in self.coins]
        return max((at for at in found if at), default=None)

    @property
    def traceable(self) -> bool:
        return self.gateway.settlement.traceable(self.settled, self.waiting)

    @property
    def main(self) -> Coin | None:
        """The coin with the most withdrawals."""
        return max(self.coins, key=lambda c: len(c.traffic.sent), default=None)

    @property
    def stopped(self) -> tuple[Coin, ...]:
        """The coins of which nobody is served."""
        return tuple(c for c in self.coins if self.traceable and serves_nobody(c, self.now))


def serves_nobody(coin: Coin, now: datetime) -> bool:
    """Nobody was served for longer than the overdue time, while several accounts wait."""
    found, last = coin.statistics, coin.statistics.last_sign
    if found.last_settlement is None or last is None:
        return False
    since = [move for move in coin.traffic.waiting if move.at >= last]
    late = [move for move in since if now - move.at > coin.patience.overdue]
    return (
        now - last > coin.patience.overdue
        and bool(late)
        and found.overdue_accounts >= ENOUGH_WAITING
    )


def state(seen: Seen) -> tuple[str, str]:
    """The state of a gateway, as a key of the words and a tone."""
    stage = seen.gateway.status_at(seen.now)
    if stage and stage.status in _BY_STATUS:
        return _BY_STATUS[stage.status]
    if seen.foreign:
        return "foreign", "unknown"
    if not seen.read or seen.error:
        return "unread", "unknown"
    if not any(coin.traffic.sent for coin in seen.coins):
        return "quiet", "unknown"
    if not seen.traceable:
        return "no_trace", "unknown"
    if seen.stopped:
        return "stopped", "danger"
    return ("some_overdue", "act") if seen.overdue else ("normal", "done")


def overview(found: Sequence[Seen], clock: Clock) -> dict[str, Any]:
    """What the page of all gateways shows: those with trouble first."""
    rows = [_row(seen, clock) for seen in found]
    rows.sort(key=lambda row: (_ORDER.index(row["tone"]), row["key"]))
    return {"rows": rows}


def _row(seen: Seen, clock: Clock) -> dict[str, Any]:
    lang = clock.lang
    name, tone = state(seen)
    main = seen.main
    told = seen.traceable and seen.read and not seen.foreign and seen.error is None
    usual = main.statistics.usual if main and told else None
    slow = main.statistics.slow if main and told else None
    return {
        "key": seen.gateway.key,
        "name": seen.gateway.name,
        "tone": tone,
        "state": WORDS["gateways"][name].say(lang),
        "line": line(seen, clock),
        "waiting": str(seen.waiting) if told and seen.coins else "",
        "overdue": str(seen.overdue) if told and seen.coins else "",
        "oldest": duration(clock.now - seen.oldest, lang) if told and seen.oldest else "",
        "usual": duration(usual, lang) if usual is not None else "",
        "slow": duration(slow, lang) if slow is not None else "",
        "last": WORDS["gateways"]["ago"].say(
            lang, {"age": duration(clock.now - seen.last, lang)}
        )
        if told and seen.last
        else "",
        "late": bool(told and seen.overdue),
    }


def line(seen: Seen, clock: Clock) -> str:
    """The state of a gateway in one sentence."""
    name, _ = state(seen)
    lang = clock.lang
    facts: dict[str, object] = {
        "gateway": seen.gateway.key,
        "overdue": seen.overdue,
        "waiting": seen.waiting,
        "why": seen.error.say(lang) if seen.error else "",
    }
    if stopped := seen.stopped:
        since = [c.statistics.last_sign for c in stopped if c.statistics.last_sign]
        facts["since"] = clock.short(min(since))
        facts["waiting"] = sum(c.statistics.waiting for c in stopped)
    key = {
        "normal": "line_normal",
        "some_overdue": "line_some",
        "stopped": "line_stopped",
        "no_trace": "line_no_trace",
        "quiet": "line_quiet",
        "closed": "line_closed",
        "unread": "line_unread",
        "foreign": "line_foreign",
    }.get(name)
    if key is None:
        stage = seen.gateway.status_at(seen.now)
        return (
            stage.note.say(lang) if stage and stage.note else WORDS["gateways"][name].say(lang)
        )
    return typeset(WORDS["gateways"][key].say(lang, facts), lang)


# --- one gateway ------------------------------------------------------------------------------


def one(
    seen: Seen,
    clock: Clock,
    told: Sequence[Notice],
    asset: str | None,
    days: int,
    case: str | None,
) -> dict[str, Any]:
    """What the page of a gateway shows; asset and case: the coin and the withdrawal to look at."""
    coin = next((c for c in seen.coins if c.asset.symbol == asset), None)
    if coin is None and case:
        coin = next((c for c in seen.coins if any(m.id == case for m in c.traffic.sent)), None)
    coin = coin or seen.main
    shown = _row(seen, clock)
    series = _series(seen, coin, case) if coin and seen.traceable else None
    words, lang = WORDS["gateways"], clock.lang
    length = words["day"].say(lang) if days == 1 else words["days"].say(lang, {"count": days})
    return {
        **shown,
        "complete": seen.complete,
        "coins": [c.asset.symbol for c in seen.coins if c.traffic.sent],
        "coin": coin.asset.symbol if coin else None,
        "figures": _figures(seen, coin, clock, words["of_last"].say(lang, {"range": length}))
        if coin and seen.traceable
        else [],
        "range": words["of_last"].say(lang, {"range": length}),
        "plot": chart(series, clock, lang, 260, "big") if series else None,
        "incidents": [*_incidents(seen, clock), *_notices(told, clock)],
        "late_list": _late(seen, clock),
        "rules": _rules(seen.gateway, coin.asset.symbol if coin else None, seen.now),
        "channels": [(channel, is_link(channel)) for channel in seen.gateway.support],
        "recorded": f"{seen.gateway.as_of}" if seen.gateway.as_of else None,
    }


def _series(seen: Seen, coin: Coin, case: str | None) -> Series:
    allowed = coin.patience.overdue
    answered = {
        move.id: next((a for a in coin.traffic.match.answers[move.id]), None)
        for move in coin.traffic.sent
    }
    mine: Served | Waiting | None = None
    for move in coin.traffic.sent:
        answer = answered[move.id]
        if move.id == case and answer is not None:
            mine = Served(move.at, answer.operation.at - move.at)
        elif move.id == case:
            mine = Waiting(move.at, seen.now - move.at > allowed)
    return Series(
        coin.asset.symbol,
        seen.start,
        seen.now,
        tuple(Served(sent, burnt - sent) for sent, burnt in coin.traffic.settled),
        tuple(Waiting(m.at, seen.now - m.at > allowed) for m in coin.traffic.waiting),
        mine,
    )


def _figures(seen: Seen, coin: Coin, clock: Clock, lately: str) -> list[dict[str, str]]:
    """The figures on top of a gateway's page."""
    words, lang, found = WORDS["gateways"], clock.lang, coin.statistics
    owed = Amount(sum(move.amount.base_units for move in coin.traffic.waiting), coin.asset)
    late = timedelta() if found.oldest_waiting is None else clock.now - found.oldest_waiting
    return [
        _figure(words["waiting"], str(found.waiting), str(owed), lang),
        _figure(words["overdue"], str(found.overdue), "", lang, "act" if found.overdue else ""),
        _figure(
            words["oldest"],
            duration(late, lang) if found.oldest_waiting else "–",
            words["sent"].say(lang, {"time": clock.short(found.oldest_waiting)})
            if found.oldest_waiting
            else "",
            lang,
            "act" if late > coin.patience.overdue else "",
        ),
        _figure(words["usual"], _or_dash(found.usual, lang), lately, lang),
        _figure(words["slow"], _or_dash(found.slow, lang), lately, lang),
        _figure(
            words["last"],
            words["ago"].say(lang, {"age": duration(clock.now - found.last_settlement, lang)})
            if found.last_settlement
            else "–",
            clock.short(found.last_settlement)
            if found.last_settlement
            else words["never"].say(lang),
            lang,
            "danger" if coin in seen.stopped else "",
        ),
    ]


def _figure(name: Text, value: str, more: str, lang: str, tone: str = "") -> dict[str, str]:
    return {"name": name.say(lang), "value": value, "more": more, "tone": tone}


def _or_dash(length: timedelta | None, lang: str) -> str:
    return duration(length, lang) if length is not None else "–"


def _incidents(seen: Seen, clock: Clock) -> Iterator[dict[str, Any]]:
    """When nobody was served for longer than the overdue time while several waited; newest first."""
    words, lang = WORDS["gateways"], clock.lang
    found: list[tuple[datetime, dict[str, Any]]] = []
    for coin in seen.coins if seen.traceable else ():
        for start, end, affected in stops(coin, seen.now):
            facts = {"since": clock.short(start), "from": clock.short(start)}
            if end is not None:
                facts["to"] = clock.short(end)
            when = words["incident_since" if end is None else "incident_span"]
            found.append(
                (
                    start,
                    {
                        "when": when.say(lang, facts),
                        "tone": "danger" if end is None else "unknown",
                        "what": words["incident_stopped"].say(
                            lang, {"asset": coin.asset.symbol}
                        ),
                        "affected": affected,
                    },
                )
            )
    yield from (shown for _, shown in sorted(found, key=lambda pair: pair[0], reverse=True))


def stops(coin: Coin, now: datetime) -> Iterator[tuple[datetime, datetime | None, int]]:
    """Start, end (None: not over) and withdrawals affected of each stretch without any settlement."""
    settled = sorted(burnt for _, burnt in coin.traffic.settled)
    allowed = coin.patience.overdue
    ends: list[datetime | None] = [*settled[1:], None]
    for start, end in zip(settled, ends, strict=True):
        until = end or now
        if until - start <= allowed:
            continue
        held = [
            move
            for move in coin.traffic.sent
            if start <= move.at < until - allowed and _was_held(coin, move, end)
        ]
        if len({move.sender for move in held}) >= ENOUGH_WAITING:
            yield start, end, len(held)


def _was_held(coin: Coin, move: Transfer, end: datetime | None) -> bool:
    """Whether a withdrawal waited for the end of a stretch: it was answered after it, or is not yet
    where the stretch is not over. One that still waits after others were served has another cause.
    """
    answers = coin.traffic.match.answers[move.id]
    if not answers:
        return end is None
    return end is not None and answers[0].operation.at >= end


def _notices(told: Sequence[Notice], clock: Clock) -> Iterator[dict[str, Any]]:
    for notice in told:
        yield {
            "when": clock.short(notice.period.start) if notice.period.start else "",
            "tone": {"critical": "danger", "warning": "act"}.get(notice.severity, "wait"),
            "what": notices.line(notice, clock.lang, clock.name),
            "affected": None,
        }


def _late(seen: Seen, clock: Clock) -> list[dict[str, str]]:
    """The withdrawals that are overdue, longest first: each a link to its case."""
    late = [
        (move, Amount(move.amount.base_units, coin.asset))
        for coin in seen.coins
        if seen.traceable
        for move in coin.traffic.waiting
        if seen.now - move.at > coin.patience.overdue
    ]
    return [
        {
            "operation": move.id,
            "amount": str(amount),
            "sent": clock.short(move.at),
            "age": duration(seen.now - move.at, clock.lang),
        }
        for move, amount in sorted(late, key=lambda found: found[0].at)[:MOST_LISTED]
    ]


def _rules(gateway: Gateway, asset: str | None, now: datetime) -> dict[str, Any]:
    coin = gateway.coin(asset) if asset else None
    terms = coin.terms_at(now) if coin else None
    return {
        "accounts": sorted(gateway.withdrawal_accounts(now, asset)),
        "minimum": f"{terms.minimum:f} {coin.coin.upper()}"
        if coin and terms and terms.minimum
        else None,
        "fee": f"{terms.fee:f} {coin.coin.upper()}"
        if coin and terms and terms.fee is not None
        else None,
        "memo": (coin.memo if coin else None) or gateway.memo,
    }
