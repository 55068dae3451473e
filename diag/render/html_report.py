"""View model of the report: figures, trend, right verdicts, groups; made from its document. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from diag.render.agent_note import TITLES
from diag.render.durations import duration
from diag.render.formatting import typeset, with_commas
from diag.render.html_words import WORDS
from diag.render.zones import Clock

Document = Mapping[str, Any]
HEIGHT = 150
"""Height of the charts in pixels."""
_WORDS = WORDS["report"]
_NONE = "—"
_LANGUAGES = {"zh": "中文", "en": "English"}


def report(found: Document, clock: Clock) -> dict[str, Any]:
    """Everything that the template shows of a report."""
    return {
        "figures": _figures(found["total"], clock.lang),
        "trend": _trend(found["trend"], clock),
        "every": _say("day" if found["every"] == "day" else "week", clock.lang),
        "scores": _scores(found["total"]["satisfaction"]["scores"], clock.lang),
        "verdicts": [_verdict(one, clock.lang) for one in found["verdicts"]],
        "groups": [_group(one, found["by"], clock.lang) for one in found["groups"]],
        "period": _say(
            "period",
            clock.lang,
            **{
                "from": day(_at(found["from"]), clock),
                "to": day(_at(found["to"]) - timedelta(seconds=1), clock),
            },
        ),
        "complete": found["complete"],
        "cases": found["total"]["cases"],
    }


def day(at: datetime, clock: Clock) -> str:
    """A day as 22 Nov or 11 月 22 日; with the year if it is not that of the page."""
    midnight = clock.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    elsewhere = Clock(clock.name, clock.now + timedelta(days=1), clock.lang)
    shown = clock if midnight.date() != clock.local(clock.now).date() else elsewhere
    return shown.short(midnight).removesuffix("00:00").rstrip(", ")


def _figures(total: Document, lang: str) -> list[dict[str, str]]:
    verdicts, rated = total["verdicts"], total["satisfaction"]
    return [
        _time("first_answer", total["first_answer"], lang),
        _time("resolution", total["resolution"], lang),
        {
            "name": _say("right", lang),
            "value": percent(verdicts["share"], 1),
            "more": _interval(verdicts, lang),
        },
        {
            "name": _say("satisfaction", lang),
            "value": _mean(rated["mean"]),
            "more": _say("ratings", lang, count=rated["count"]),
        },
        {
            "name": _say("open", lang),
            "value": str(total["open"]),
            "more": _say("overdue", lang, count=total["overdue"]),
        },
    ]


def _time(name: str, found: Document, lang: str) -> dict[str, str]:
    slow = _length(found["p95_seconds"], lang)
    more = _say("most", lang, p95=slow) if found["count"] else _say("no_case", lang)
    return {
        "name": _say(name, lang),
        "value": _length(found["p50_seconds"], lang),
        "more": more,
    }


def _verdict(found: Document, lang: str) -> dict[str, Any]:
    """The row of a code: assessed and right verdicts, and the confidence interval, in percent."""
    really = [
        _say("really", lang, title=_title(code, lang), count=count)
        for code, count in found["really"].items()
    ]
    return {
        "title": _title(found["code"], lang),
        "count": found["count"],
        "share": percent(found["share"], 1),
        "interval": _interval(found, lang),
        "at": f"{found['share'] * 100:.1f}",
        "low": f"{found['low'] * 100:.1f}",
        "width": f"{(found['high'] - found['low']) * 100:.1f}",
        "really": really,
    }


def _group(found: Document, by: str, lang: str) -> dict[str, Any]:
    return {
        "name": _name(found["key"], by, lang),
        "cases": found["cases"],
        "open": found["open"],
        "overdue": found["overdue"],
        "first_answer": _length(found["first_answer"]["p50_seconds"], lang),
        "resolution": _length(found["resolution"]["p50_seconds"], lang),
        "right": percent(found["verdicts"]["share"], 0),
        "satisfaction": _mean(found["satisfaction"]["mean"]),
    }


def _name(key: str | None, by: str, lang: str) -> str:
    """The name of a group."""
    if not key:
        return _say("nothing", lang)
    return (
        _title(key, lang) if by == "code" else _LANGUAGES.get(key, key) if by == "lang" else key
    )


# --- charts: across in percent, down in pixels ----------------------------------------------------


def _trend(buckets: Sequence[Document], clock: Clock) -> dict[str, Any]:
    """Times to the first answer: two lines, their scale, and the same as a table."""
    lang = clock.lang
    rows = [
        {
            "day": day(_at(one["start"]), clock),
            "cases": one["cases"],
            "half": _length(one["first_answer"]["p50_seconds"], lang),
            "most": _length(one["first_answer"]["p95_seconds"], lang),
        }
        for one in buckets
    ]
    top = max((one["first_answer"]["p95_seconds"] or 0 for one in buckets), default=0)
    step, count = _step(top)
    known = [
        (n, one["first_answer"])
        for n, one in enumerate(buckets)
        if one["first_answer"]["count"]
    ]

    def x(number: int) -> float:
        return 100 * number / max(1, len(buckets) - 1)

    def y(seconds: float) -> float:
        return HEIGHT - 4 - (HEIGHT - 14) * seconds / (step * count)

    def line(name: str) -> str:
        return " ".join(f"{x(n):.2f},{y(one[name]):.1f}" for n, one in known)

    return {
        "rows": rows[::-1],
        "known": bool(known),
        "height": HEIGHT,
        "half": line("p50_seconds"),
        "most": line("p95_seconds"),
        "dots": [(f"{x(n):.2f}", f"{y(one['p50_seconds']):.1f}", n) for n, one in known],
        "grid": [
            (f"{y(step * n):.1f}", _length(step * n, lang) if n else "0")
            for n in range(count + 1)
        ],
        "days": list(_days(rows, x)),
    }


def _step(top: float) -> tuple[int, int]:
    """The distance between the grid lines of a scale of seconds up to `top`, and their number."""
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200)
    step = next((one for one in steps if one * 4 >= top), 0)
    if not step:
        step = 86400 * (int(top / 4 / 86400) + 1)
    return step, max(1, -int(-top // step))


def _days(rows: Sequence[Document], x: Any) -> Iterator[tuple[str, str, str]]:
    """Position, anchor and text of the day labels below a chart."""
    last = len(rows) - 1
    for number in sorted({0, last // 3, 2 * last // 3, last}) if rows else ():
        anchor = "start" if number == 0 else "end" if number == last else "middle"
        yield f"{x(number):.2f}", anchor, rows[number]["day"]


def _scores(scores: Sequence[int], lang: str) -> dict[str, Any]:
    """The bars of the ratings from 1 to 5, and a sentence that sums them up."""
    most, count = max(scores), sum(scores)
    bars = []
    for number, many in enumerate(scores):
        height = 100 * many / most if most else 0
        bars.append(
            {
                "score": number + 1,
                "count": many,
                "x": f"{20 * number + 3}",
                "middle": f"{20 * number + 10}",
                "y": f"{120 - height:.1f}",
                "height": f"{height:.1f}",
                "above": f"{114 - height:.1f}",
            }
        )
    facts = {"count": scores[3] + scores[4], "all": count}
    words = _say("content", lang, **facts) if count else _say("not_rated", lang)
    listed = with_commas((f"{n + 1}: {many}" for n, many in enumerate(scores)), lang)
    return {"bars": bars, "words": words, "listed": listed, "count": count}


# --- words ----------------------------------------------------------------------------------------


def percent(share: float | None, digits: int) -> str:
    """A share as 97.9%; a dash if there is none."""
    return _NONE if share is None else f"{share * 100:.{digits}f}%"


def _interval(found: Document, lang: str) -> str:
    if not found["count"]:
        return _say("none_judged", lang)
    low, high = (f"{found[end] * 100:.0f}" for end in ("low", "high"))
    return _say("interval", lang, low=low, high=high, count=found["count"])


def _mean(mean: float | None) -> str:
    return _NONE if mean is None else f"{mean:.1f}"


def _length(seconds: float | None, lang: str) -> str:
    return _NONE if seconds is None else duration(timedelta(seconds=seconds), lang)


def _title(code: str, lang: str) -> str:
    return typeset(TITLES[code].say(lang), lang) if code in TITLES else _say("nothing", lang)


def _at(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _say(name: str, lang: str, **facts: object) -> str:
    return typeset(_WORDS[name].say(lang, facts), lang)
