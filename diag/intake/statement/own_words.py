"""Extracts the user's own statement from a page, with the time at which each part was written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from diag.intake.normalized_text import Page, each
from diag.intake.statement.chat import read_chat
from diag.intake.statement.lines import lines_of
from diag.intake.statement.mail import read_mail
from diag.intake.statement.ticket_form import read_form

Span = tuple[int, int]

_BOARD_QUOTE = re.compile(r"\[quote[^\]\n]{0,120}\].{0,4000}?\[/quote\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """A part of a text from `start` to `end`, and the place at which its time of writing is stated."""

    start: int
    end: int
    when: Span


@dataclass(frozen=True, slots=True)
class Statement:
    """A page without the words of others; the times in `written` are kept."""

    page: Page
    written: tuple[Written, ...] = ()


def own_words(page: Page) -> Statement:
    """The user's statement, without mail headers, quotations, ticket forms and words of support."""
    page = page.without(found.span() for found in each(_BOARD_QUOTE, page.low))
    mail = read_mail(lines_of(page.low))
    page = page.without(mail.taken)
    chat = read_chat(lines_of(page.low))
    page = page.without(chat.taken)
    form = read_form(page.low)
    page = page.without(form.taken)
    written = tuple(Written(m.start, m.end, m.when) for m in chat.messages)
    opened = mail.dated or form.opened
    if opened and not written:
        written = (Written(0, len(page.low), opened),)
    return Statement(page, written)
