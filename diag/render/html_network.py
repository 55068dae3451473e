"""View model of the network page: head block, irreversible block, missed slots, our nodes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from diag.render.durations import duration
from diag.render.formatting import typeset
from diag.render.html_words import WORDS
from diag.render.zones import Clock

SLOTS = 128
"""The number of recent slots whose misses the chain records."""
_FEW_MISSED = 0.02
"""The share of missed slots from which the page mentions it."""


def network(found: Mapping[str, Any], now: datetime, clock: Clock) -> dict[str, Any]:
    """The view model made from the document of /v1/network; now: the time of our clock."""
    words, lang = WORDS["network"], clock.lang

    def say(name: str, **facts: object) -> str:
        return typeset(words[name].say(lang, facts), lang)

    head = datetime.fromisoformat(found["head_time"])
    missed = SLOTS - int(found["slots_filled"])
    lag, usual = int(found["lag_blocks"]), int(found["usual_lag_blocks"])
    lag_age = timedelta(seconds=lag * float(found["block_interval_seconds"]))
    nodes = [_node(node, clock) for node in found["nodes"]]
    answering = sum(node["good"] for node in nodes)
    slow = lag > 2 * usual + 5
    name, tone = ("fine", "done")
    if found["stale"]:
        name, tone = "stale", "unknown"
    elif missed > SLOTS * _FEW_MISSED:
        name, tone = "missing", "act"
    elif slow:
        name, tone = "slow", "act"
    age = max(timedelta(), now - head)
    return {
        "tone": tone,
        "state": say(name),
        "figures": [
            _figure(
                say("head"), f"{found['head_block']:,}", say("ago", age=duration(age, lang))
            ),
            _figure(
                say("final"),
                f"{found['irreversible_block']:,}",
                say("lag", blocks=lag, age=duration(lag_age, lang), usual=usual),
                "act" if slow else "",
            ),
            _figure(
                say("missed"),
                f"{missed} ({missed / SLOTS:.0%})",
                say("missed_usual"),
                "act" if missed > SLOTS * _FEW_MISSED else "",
            ),
            _figure(
                say("answering"),
                say("of", ok=answering, all=len(nodes)),
                "",
                "" if answering == len(nodes) else "act",
            ),
        ],
        "nodes": nodes,
        "maintenance": say(
            "maintenance", time=clock.short(datetime.fromisoformat(found["next_maintenance"]))
        )
        if found.get("next_maintenance")
        else "",
    }


def _node(node: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    words, lang = WORDS["network"], clock.lang
    good = bool(node["ok"])
    behind = timedelta(seconds=node["seconds_behind"] or 0)
    latency = node["latency_ms"]
    return {
        "name": node["name"],
        "good": good,
        "tone": "done" if good else "act",
        "state": words["good" if good else "bad"].say(lang),
        "why": ""
        if good
        else (node["why"] or {}).get(lang, "")
        if isinstance(node["why"], Mapping)
        else str(node["why"] or ""),
        "block": f"{node['head_block']:,}" if node["head_block"] is not None else "–",
        "behind": duration(behind, lang) if behind else "–",
        "latency": f"{latency} ms" if latency is not None else "–",
        "version": node["version"] or "–",
    }


def _figure(name: str, value: str, more: str, tone: str = "") -> dict[str, str]:
    return {"name": name, "value": value, "more": more, "tone": tone}
