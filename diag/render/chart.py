"""Draws settlement times as an SVG chart on the server, with a dot for each withdrawal. Pure.

Horizontal positions are percentages and vertical ones pixels, so that the drawing fits every width
while text keeps its size. Colours are classes of the style sheet. Above `MOST_DOTS` withdrawals, each
hour is drawn by its median and 95th percentile, with the outliers as dots.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.matching.patience import percentile
from diag.render.durations import duration
from diag.render.html_words import WORDS
from diag.render.zones import Clock

MOST_DOTS = 1_500
OUTLIERS = 300
"""The most outliers that are drawn as dots over the hours."""
_TOP, _BOTTOM = 12.0, 24.0
_LEAST = 20.0
"""The most seconds at the bottom of the scale."""
_TICKS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
    timedelta(days=2),
    timedelta(days=10),
)
_STEPS = (1, 2, 3, 4, 6, 12, 24, 48, 96, 168)
"""Hours between two marks of the time axis."""


@dataclass(frozen=True, slots=True)
class Served:
    """A withdrawal that was processed."""

    sent: datetime
    took: timedelta


@dataclass(frozen=True, slots=True)
class Waiting:
    """A withdrawal that is not settled; late: it is past the overdue time."""

    sent: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Series:
    """The withdrawals of all users of one asset between two times."""

    asset: str
    start: datetime
    end: datetime
    served: tuple[Served, ...]
    waiting: tuple[Waiting, ...]
    mine: Served | Waiting | None = None
    """The case at hand."""

    def __bool__(self) -> bool:
        return bool(self.served or self.waiting)

    def since(self, start: datetime) -> Series:
        """The series limited to withdrawals that were sent from a time on."""
        return Series(
            self.asset,
            start,
            self.end,
            tuple(one for one in self.served if one.sent >= start),
            tuple(one for one in self.waiting if one.sent >= start),
            self.mine if self.mine and self.mine.sent >= start else None,
        )


def chart(series: Series, clock: Clock, lang: str, height: int, name: str) -> dict[str, Any]:
    """What the template draws: marks with their positions, labels, and the data as a table."""
    times = sorted(one.took for one in series.served)
    half, most = percentile(times, 50), percentile(times, 95)
    scale = _Scale(series, height)
    return {
        "name": name,
        "height": height,
        "title": WORDS["chart"]["title"].say(lang, {"asset": series.asset}),
        "desc": _desc(series, half, most, lang),
        "levels": [
            {"y": scale.y(tick), "label": duration(tick, lang)} for tick in scale.ticks()
        ],
        "floor": scale.floor,
        "marks": list(_marks(series, scale, clock)),
        "p50": half and {"y": scale.y(half), "words": duration(half, lang)},
        "p95": most and {"y": scale.y(most), "words": duration(most, lang)},
        **_drawn(series, scale, clock, lang, times),
        "mine": _mine(series, scale, lang),
        "late": any(one.late for one in series.waiting),
        "young": any(not one.late for one in series.waiting),
        "rows": list(_rows(series, clock, lang)),
    }


class _Scale:
    """Maps a time to percent of the width, and a duration to pixels from the top, logarithmically."""

    def __init__(self, series: Series, height: int) -> None:
        self._start, self._span = series.start, max(1.0, _seconds(series.end - series.start))
        self._end = series.end
        lengths = [_seconds(one.took) for one in series.served]
        lengths += [_seconds(series.end - one.sent) for one in series.waiting]
        if isinstance(series.mine, Served):
            lengths.append(_seconds(series.mine.took))
        elif series.mine:
            lengths.append(_seconds(series.end - series.mine.sent))
        self.floor = height - _BOTTOM
        self._low = math.log(max(1.0, min([_LEAST, *(s for s in lengths if s > 0)])))
        self._high = math.log(max([300.0, *lengths]) * 1.15)

    def x(self, at: datetime) -> str:
        part = _seconds(at - self._start) / self._span
        return f"{min(1.0, max(0.0, part)) * 100:.2f}%"

    def y(self, length: timedelta) -> str:
        part = (math.log(max(1.0, _seconds(length))) - self._low) / (self._high - self._low)
        return f"{self.floor - min(1.0, max(0.0, part)) * (self.floor - _TOP):.1f}"

    def age(self, sent: datetime) -> timedelta:
        return self._end - sent

    def ticks(self) -> list[timedelta]:
        inside = [t for t in _TICKS if math.log(_seconds(t)) <= self._high]
        inside = [t for t in inside if float(self.y(t)) < self.floor - 12]
        room = max(2, int((self.floor - _TOP) // 20))
        return inside[:: -(-len(inside) // room)] if inside else []


def _drawn(
    series: Series, scale: _Scale, clock: Clock, lang: str, times: Sequence[timedelta]
) -> dict[str, Any]:
    """The dots of single withdrawals, or hours if there are too many."""
    waiting = [
        _dot("late" if one.late else "young", one.sent, scale.age(one.sent), scale, clock, lang)
        for one in series.waiting
    ]
    if len(series.served) <= MOST_DOTS:
        dots = [_dot("dot", one.sent, one.took, scale, clock, lang) for one in series.served]
        return {"dots": [*dots, *waiting[-MOST_DOTS:]], "hours": []}
    limit = 2 * (percentile(times, 95) or timedelta())
    far = sorted((s for s in series.served if s.took > limit), key=lambda s: -s.took)
    dots = [_dot("dot", s.sent, s.took, scale, clock, lang) for s in far[:OUTLIERS]]
    return {"dots": [*dots, *waiting[-OUTLIERS:]], "hours": list(_hours(series, scale))}


def _dot(
    kind: str, sent: datetime, took: timedelta, scale: _Scale, clock: Clock, lang: str
) -> dict[str, str]:
    facts = {"time": clock.short(sent), "took": duration(took, lang)}
    return {
        "kind": kind,
        "x": scale.x(sent),
        "y": scale.y(took),
        "words": WORDS["chart"]["sent_at"].say(lang, facts),
    }


def _hours(series: Series, scale: _Scale) -> Iterator[dict[str, str]]:
    hour = timedelta(hours=1)
    by_hour: dict[int, list[timedelta]] = {}
    for one in series.served:
        by_hour.setdefault((one.sent - series.start) // hour, []).append(one.took)
    for number, lengths in sorted(by_hour.items()):
        ordered = sorted(lengths)
        begins = series.start + number * hour
        half, most = percentile(ordered, 50), percentile(ordered, 95)
        assert half is not None and most is not None
        yield {
            "from": scale.x(begins),
            "to": scale.x(begins + hour),
            "p50": scale.y(half),
            "p95": scale.y(most),
        }


def _mine(series: Series, scale: _Scale, lang: str) -> dict[str, Any] | None:
    mine = series.mine
    if mine is None:
        return None
    age = mine.took if isinstance(mine, Served) else scale.age(mine.sent)
    across = float(scale.x(mine.sent).rstrip("%"))
    down = float(scale.y(age))
    return {
        "x": f"{across:.2f}%",
        "y": f"{down:.1f}",
        "fine": isinstance(mine, Served),
        "anchor": "start" if across < 25 else "end" if across > 75 else "middle",
        "word_y": f"{down + 24 if down < scale.floor / 2 else down - 14:.1f}",
        "words": WORDS["chart"]["this_one"].say(lang, {"age": duration(age, lang)}),
    }


def _marks(series: Series, scale: _Scale, clock: Clock) -> Iterator[dict[str, Any]]:
    """The marks of the time axis, at whole hours of the page's zone."""
    hours = _seconds(series.end - series.start) / 3600
    step = next((s for s in _STEPS if hours / s <= 7), _STEPS[-1])
    at = clock.local(series.start).replace(minute=0, second=0, microsecond=0)
    at -= timedelta(hours=at.hour % min(step, 24))
    number = 0
    while at <= series.end:
        part = _seconds(at - series.start) / max(1.0, _seconds(series.end - series.start))
        if 0 <= part <= 1:
            label = clock.short(at).partition(",")[0] if step >= 24 else f"{at:%H:%M}"
            if step >= 24:
                label = f"{at:%m-%d}"
            anchor = "start" if part < 0.04 else "end" if part > 0.96 else "middle"
            minor = number % 2 == 1
            yield {"x": scale.x(at), "label": label, "anchor": anchor, "minor": minor}
            number += 1
        at += timedelta(hours=step)


def _desc(series: Series, half: timedelta | None, most: timedelta | None, lang: str) -> str:
    overdue = sum(one.late for one in series.waiting)
    facts: dict[str, object] = {"waiting": len(series.waiting), "overdue": overdue}
    if half is None or most is None:
        return WORDS["chart"]["desc_none"].say(lang, facts)
    facts |= {"settled": len(series.served)}
    facts |= {"p50": duration(half, lang), "p95": duration(most, lang)}
    return WORDS["chart"]["desc"].say(lang, facts)


def _rows(series: Series, clock: Clock, lang: str) -> Iterator[dict[str, Any]]:
    """The rows of the data table: about twelve intervals of the drawn time at most."""
    hours = _seconds(series.end - series.start) / 3600
    length = timedelta(hours=next((s for s in _STEPS if hours / s <= 13), _STEPS[-1]))
    begins = clock.local(series.start).replace(minute=0, second=0, microsecond=0)
    begins -= timedelta(hours=begins.hour % min(24, _seconds(length) / 3600))
    while begins < series.end:
        ends = begins + length
        took = sorted(s.took for s in series.served if begins <= s.sent < ends)
        waits = sum(begins <= w.sent < ends for w in series.waiting)
        if took or waits:
            half = percentile(took, 50)
            yield {
                "span": f"{clock.short(begins)}–{ends:%H:%M}",
                "served": len(took),
                "half": duration(half, lang) if half is not None else "–",
                "slowest": duration(took[-1], lang) if took else "–",
                "waiting": waits,
            }
        begins = ends


def _seconds(length: timedelta) -> float:
    return length.total_seconds()
