"""What is wrong with a value, in both languages."""

from __future__ import annotations

from marshmallow import ValidationError

from diag.i18n import Text

EXAMPLE = "2026-11-22T20:00:00+08:00"


class Mistake(ValidationError):
    """A value that cannot be used; says why, and the remedy."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__({"zh": zh, "en": en})
        self.text = Text.literal(zh, en)


def unreadable() -> Mistake:
    """For what is no time."""
    return Mistake(
        f"时间格式应为 RFC 3339，例如 {EXAMPLE}。",
        f"Write the time as RFC 3339, such as {EXAMPLE}.",
    )


def impossible() -> Mistake:
    """For a date or time that no calendar or clock has."""
    return Mistake("没有这样的日期或时刻，请核对。", "There is no such date or time; check it.")
