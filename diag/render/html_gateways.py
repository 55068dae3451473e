"""View model of the page of all gateways: waiting users and settlement times. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diag.render.durations import duration
from diag.render.formatting import typeset
from diag.render.gateway_state import Seen, state
from diag.render.html_words import WORDS
from diag.render.zones import Clock

_ORDER = ("danger", "act", "wait", "done", "unknown")
_SILENT = ("closed", "foreign", "quiet", "unread")
"""States of gateways that the start page does not show."""


def overview(found: Sequence[Seen], clock: Clock) -> dict[str, Any]:
    """The view model of the page of all gateways; those with problems first."""
    rows = [row(seen, clock) for seen in found]
    rows.sort(key=lambda row: (_ORDER.index(row["tone"]), row["key"]))
    return {"rows": rows}


Line = Mapping[str, str]
"""A gateway in one line: key, name, tone, state, and facts."""


def lines(found: Sequence[Seen], clock: Clock) -> list[Line]:
    """The state of each active gateway; those with problems first."""
    shown = []
    for seen in found:
        if state(seen)[0] not in _SILENT:
            one = row(seen, clock)
            named = {name: one[name] for name in ("key", "name", "tone", "state")}
            shown.append({**named, "facts": " · ".join(_facts(seen, one, clock.lang))})
    return sorted(shown, key=lambda one: (_ORDER.index(one["tone"]), one["key"]))


def _facts(seen: Seen, one: Mapping[str, Any], lang: str) -> Iterator[str]:
    """The waiting users and the last settlement of a gateway, or what else is known."""
    words = WORDS["gateways"]
    if one["waiting"]:
        name = "now_none" if one["waiting"] == "0" else "now_on_time"
        name = "now_waiting" if one["late"] else name
        yield typeset(words[name].say(lang, one), lang)
    if one["last"]:
        yield typeset(words["now_last"].say(lang, {"age": one["last"]}), lang)
    if not one["waiting"]:
        yield words["now_no_trace"].say(lang) if state(seen)[0] == "no_trace" else one["line"]


def row(seen: Seen, clock: Clock) -> dict[str, Any]:
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
