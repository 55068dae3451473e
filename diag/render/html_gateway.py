"""View model of a gateway's page: overdue withdrawals, settlement times, incidents, rules, channels.
Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from diag.domain.asset import Amount
from diag.domain.gateway import Gateway
from diag.i18n import Text
from diag.notices.model import Notice
from diag.render import html_incidents
from diag.render.chart import Series, Served, Waiting, chart
from diag.render.durations import duration
from diag.render.gateway_state import Coin, Seen
from diag.render.html_gateways import row
from diag.render.html_incidents import Incident
from diag.render.html_steps import is_link
from diag.render.html_words import WORDS
from diag.render.zones import Clock

MOST_LISTED = 200
"""Overdue withdrawals that are listed on a gateway's page."""


def one(
    seen: Seen,
    clock: Clock,
    in_force: Sequence[Notice],
    asset: str | None,
    days: int,
    case: str | None,
    found: Sequence[Incident],
) -> dict[str, Any]:
    """The view model of a gateway's page; asset and case: the coin and the withdrawal to show; found:
    its incidents.
    """
    coin = next((c for c in seen.coins if c.asset.symbol == asset), None)
    if coin is None and case:
        coin = next((c for c in seen.coins if any(m.id == case for m in c.traffic.sent)), None)
    coin = coin or seen.main
    shown = row(seen, clock)
    series = _series(seen, coin, case) if coin and seen.traceable else None
    late = _late(seen, clock)
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
        "incidents": [
            *html_incidents.incidents(found, clock),
            *html_incidents.notices(in_force, clock),
        ],
        "late_list": late[:MOST_LISTED],
        "late_unlisted": max(0, len(late) - MOST_LISTED),
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
    """The figures at the top of a gateway's page."""
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


def _late(seen: Seen, clock: Clock) -> list[dict[str, str]]:
    """The overdue withdrawals, longest first, each with a link to its case."""
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
        for move, amount in sorted(late, key=lambda found: found[0].at)
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
