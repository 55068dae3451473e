"""Formats durations for pages; seconds are shown only for short ones."""

from __future__ import annotations

from datetime import timedelta

from diag.render import formatting


def duration(length: timedelta, lang: str) -> str:
    """Format a duration: 2 min 39 s, 3 h 49 min, 3 d 4 h; seconds up to ten minutes, two units at
    most.
    """
    seconds = max(0, int(length.total_seconds()))
    minutes, rest = divmod(seconds, 60)
    if 0 < minutes < 10 and rest:
        return f"{minutes} 分 {rest} 秒" if lang == "zh" else f"{minutes} min {rest} s"
    return formatting.duration(length, lang)
