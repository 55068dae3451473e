"""Extracts the memo that a user says was written, or should have been."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.intake.candidates import Confidence, Found, at
from diag.intake.cues import Cue, any_of, cue
from diag.intake.normalized_text import Page, each


def _label() -> str:
    """The pattern before a memo: a word for it, perhaps what kind of memo, and "is" or "was"."""
    kind = rf"(?: ?[(\[/]? ?{any_of('memos.kind')}(?![a-z]) ?[)\]]?){{0,2}}"
    return any_of("memos.word") + kind + any_of("memos.says")


_QUOTED = Cue(lambda: rf"{_label()}[\"'(]([^\"'()\n]{{1,120}})[\"')]", "memos.word")
_PLAIN = Cue(
    lambda: rf"{_label()}((?=[a-z0-9:._-]{{0,80}}[0-9:])[a-z0-9][a-z0-9:._-]{{2,127}})(?![@/])",
    "memos.word",
)
_GRAMMAR = re.compile(
    r"(?<![a-z0-9.])[a-z]{2,12}(?:\.[a-z]{2,8})?:[a-z0-9][a-z0-9.:-]{3,120}(?![a-z0-9])"
)
_FORGOTTEN = cue("memos.forgotten")
_FORGOTTEN_AFTER = cue("memos.forgotten_after")
_LEFT_OUT = Cue(lambda: rf"[\"')]?[,，。. ]{{0,2}}{any_of('memos.left_out')}", "memos.left_out")
_LABEL = cue("memos.labels")
_SHOULD_BE = Cue(
    lambda: rf"{any_of('memos.should_be')}[^，。,;；\n]{{0,12}}\Z", "memos.should_be"
)


def memos(page: Page, coins: frozenset[str]) -> tuple[Found, ...]:
    """Memos after a cue, and texts in the form coin:address that gateways ask for.

    coins: symbols that may stand before the colon, in upper case. A forgotten memo is not returned. A
    memo that should have been written is shown, but not chosen as the one that was.
    """
    return tuple(_read(page, coins))


def _read(page: Page, coins: frozenset[str]) -> Iterator[Found]:
    for form in (_QUOTED, _PLAIN):
        for m in each(form, page.low):
            before = page.low[max(0, m.start() - 24) : m.start()]
            value = page.plain[m.start(1) : m.end(1)].rstrip(".,:-_")
            if _LABEL.fullmatch(value.lower()) or _FORGOTTEN.search(before):
                continue
            if _FORGOTTEN_AFTER.match(page.low, m.start(1)) or not value:
                continue
            head, colon, _ = value.partition(":")
            if form is _PLAIN and colon and _LABEL.fullmatch(head.lower()):
                continue
            wanted = (
                _LEFT_OUT.match(page.low, m.end())
                or _SHOULD_BE.search(before)
                or "应" in m[0][: m.start(1) - m.start()]
            )
            sure = Confidence.MEDIUM if wanted else Confidence.HIGH
            yield at(page, (m.start(1), m.start(1) + len(value)), value, sure)
    for m in each(_GRAMMAR, page.low):
        head = m[0].partition(":")[0].rpartition(".")[2]
        if head.upper() in coins and re.search(r"[0-9]|[a-z]{5}", m[0].partition(":")[2]):
            value = page.plain[m.start() : m.end()].rstrip(".,:-")
            yield at(page, (m.start(), m.start() + len(value)), value, Confidence.MEDIUM)
