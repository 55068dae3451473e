"""Detects theft and fraud: money was taken, a secret was given away, or somebody demands a secret or
a payment.

It is checked before every other kind, in both languages, because minutes count. A denial ("I never
shared my seed") is not a danger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.intake.cues import cue
from diag.intake.normalized_text import each

_SURE = ("stolen", "asked", "charged", "legit", "recovery")
"""Groups of phrases each of which alone indicates danger."""
_CERTAIN = tuple(cue(f"danger.{group}") for group in _SURE)
_CHARGED = cue("danger.charged")
_GIVEN = cue("danger.gave")
_OWN_SUPPORT = cue("danger.own_support")
_DENIED_BEFORE = cue("danger.denied_before")
_DENIED_INSIDE = cue("danger.denied_inside")
_OF_HIMSELF = re.compile(
    r"\A(?:i did|i never|was)|\bi (?:do not|don't|did not|didn't|never) "
    r"(?:recogni|know|ma[dk]e|authori|initiat|start|request|own|use)"
)
"""Words in "I did not send this" and "a transfer I don't know", which report danger and do not deny
it.
"""


def dangers(text: str) -> Iterator[tuple[int, int]]:
    """The spans in a lower-case text that indicate theft or fraud."""
    for form in _CERTAIN:
        for found in each(form, text):
            if not _OWN_SUPPORT.search(found[0]) and not _denied(text, found.start(), found[0]):
                yield found.span()
    for found in each(_GIVEN, text):
        if not _denied(text, found.start(), found[0]):
            yield found.span()


def demands(text: str) -> Iterator[tuple[int, int]]:
    """The spans in which somebody demands a payment from the user; an amount in one was not sent yet."""
    return (found.span() for found in each(_CHARGED, text))


def _denied(text: str, start: int, words: str) -> bool:
    """Whether the words are denied: "I was not hacked", 没有给过密码."""
    before = text[max(0, start - 28) : start]
    inside = _DENIED_INSIDE.search(words) and not _OF_HIMSELF.search(words)
    return bool(_DENIED_BEFORE.search(before) or inside)
