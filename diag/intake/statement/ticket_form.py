"""Finds lines that a ticket system adds to a statement: 创建时间, 优先级, "Status:", "Assigned to:"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from diag.intake.cues import Cue, any_of
from diag.intake.normalized_text import each

Span = tuple[int, int]

_FIELD = Cue(
    lambda: (
        rf"(?:(?<=[\n ,;|，；(\[])|\A)(?:(?P<opened>{any_of('statement.form_opened')})|{any_of('statement.form_kept')})"
        r" ?(?:\( ?(?:utc|gmt)[^)\n]{0,8}\))? ?: ?"
        r"(?P<value>[^\n|;；]*?)(?= *(?:\n|\Z|[|;；])|[ ,，]+[^ \n:,，|;；]{0,16}[^ \n:,，|;；0-9](?: (?:id|name|time|date|at|on))?:)"
    ),
    "statement.form_opened",
)
_WITHDRAWN = Cue(
    lambda: rf"{any_of('statement.form_not_before')} ?\Z", "statement.form_not_before"
)


@dataclass(frozen=True, slots=True)
class TicketForm:
    """The lines of a ticket system in a text, and the place of the time at which the ticket was
    opened.
    """

    taken: tuple[Span, ...] = ()
    opened: Span | None = None


def read_form(text: str) -> TicketForm:
    """The form fields in a lower-case text that the ticket system filled in."""
    taken: list[Span] = []
    opened = None
    for field in each(_FIELD, text):
        if _WITHDRAWN.search(text[max(0, field.start() - 12) : field.start()]):
            continue
        if field["opened"] and opened is None and re.search(r"[0-9]", field["value"]):
            opened = field.span("value")
            taken.append((field.start(), field.start("value")))
        else:
            taken.append(field.span())
    return TicketForm(tuple(taken), opened)
