"""Finds the incidents of a gateway: periods without settlements, and the operator's notices. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from diag.checks.gateway import ENOUGH_WAITING
from diag.domain.operations import Transfer
from diag.notices.model import Notice
from diag.render import notices as notice_lines
from diag.render.gateway_state import Coin, Seen
from diag.render.html_words import WORDS
from diag.render.zones import Clock


@dataclass(frozen=True, slots=True)
class Incident:
    """A period in which no withdrawal of an asset was settled while several waited."""

    gateway: str
    asset: str
    start: datetime
    end: datetime | None
    """None if the incident is not over."""
    withdrawals: tuple[Transfer, ...]
    """The withdrawals that it held up."""
    tickets: tuple[int, int] | None = None
    """The number of cases about its withdrawals, and how many of those are open; None if unknown."""

    @property
    def first(self) -> str:
        """The id of the first operation."""
        return min(self.withdrawals, key=lambda move: move.location.number).id

    @property
    def last(self) -> str:
        return max(self.withdrawals, key=lambda move: move.location.number).id


def incidents_of(seen: Seen) -> list[Incident]:
    """The incidents in the period that was read, the newest first."""
    coins = seen.coins if seen.traceable else ()
    found = [one for coin in coins for one in stops(seen.gateway.key, coin, seen.now)]
    return sorted(found, key=lambda one: one.start, reverse=True)


def stops(gateway: str, coin: Coin, now: datetime) -> Iterator[Incident]:
    """Each period without settlements that was longer than the overdue time."""
    settled = sorted(burnt for _, burnt in coin.traffic.settled)
    allowed = coin.patience.overdue
    ends: list[datetime | None] = [*settled[1:], None]
    for start, end in zip(settled, ends, strict=False):  # none where nothing was settled
        until = end or now
        if until - start <= allowed:
            continue
        held = [
            move
            for move in coin.traffic.sent
            if start <= move.at < until - allowed and _was_held(coin, move, end)
        ]
        if len({move.sender for move in held}) >= ENOUGH_WAITING:
            yield Incident(gateway, coin.asset.symbol, start, end, tuple(held))


def _was_held(coin: Coin, move: Transfer, end: datetime | None) -> bool:
    """Whether a period held a withdrawal up: it was settled after the period, or is still waiting if
    the period is not over. If it still waits although others are served again, it has another cause.
    """
    answers = coin.traffic.match.answers[move.id]
    if not answers:
        return end is None
    return end is not None and answers[0].operation.at >= end


def incidents(found: Sequence[Incident], clock: Clock) -> Iterator[dict[str, Any]]:
    """The rows of incidents."""
    words, lang = WORDS["gateways"], clock.lang
    for one in found:
        facts = {"since": clock.short(one.start), "from": clock.short(one.start)}
        if one.end is not None:
            facts["to"] = clock.short(one.end)
        when = words["incident_since" if one.end is None else "incident_span"]
        yield {
            "when": when.say(lang, facts),
            "tone": "danger" if one.end is None else "unknown",
            "what": words["incident_stopped"].say(lang, {"asset": one.asset}),
            "affected": str(len(one.withdrawals)),
            **_tickets(one, lang),
        }


def _tickets(one: Incident, lang: str) -> dict[str, Any]:
    """The number of cases of an incident as text, and the query fields of their list."""
    if one.tickets is None:
        return {"tickets": "", "cases": None}
    count, active = one.tickets
    words = WORDS["gateways"]["tickets_count" if count else "tickets_none"]
    span = {"gateway": one.gateway, "asset": one.asset, "first": one.first, "last": one.last}
    return {
        "tickets": words.say(lang, {"count": count, "active": active}),
        "cases": {"view": "all", "who": "everyone", **span} if count else None,
    }


def notices(in_force: Sequence[Notice], clock: Clock) -> Iterator[dict[str, Any]]:
    """The rows of the operator's notices."""
    for notice in in_force:
        yield {
            "when": clock.short(notice.period.start) if notice.period.start else "",
            "tone": {"critical": "danger", "warning": "act"}.get(notice.severity, "wait"),
            "what": notice_lines.line(notice, clock.lang, clock.name),
            "affected": "",
            "tickets": "",
            "cases": None,
        }
