"""Theft and deceit: somebody took the money, has been given a secret, or asks for one or for a payment.

Told before every other kind, in both languages, because minutes count then. What a user says
that he did *not* do ("I never shared my seed") is no danger by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.intake.cues import cue
from diag.intake.normalized_text import each

_SURE = ("stolen", "asked", "charged", "legit", "recovery")
"""Groups of phrases that speak of danger by themselves."""
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
"""What is said in "I did not send this" and "a transfer I don't know", which are no denials."""


def dangers(text: str) -> Iterator[tuple[int, int]]:
    """The places in a text of small letters that speak of theft or deceit."""
    for form in _CERTAIN:
        for found in each(form, text):
            if not _OWN_SUPPORT.search(found[0]) and not _denied(text, found.start(), found[0]):
                yield found.span()
    for found in each(_GIVEN, text):
        if not _denied(text, found.start(), found[0]):
            yield found.span()


def demands(text: str) -> Iterator[tuple[int, int]]:
    """The places where somebody asks the user for a payment: an amount there was not sent yet."""
    return (found.span() for found in each(_CHARGED, text))


def _denied(text: str, start: int, words: str) -> bool:
    """Whether the words are denied: "I was not hacked", 没有给过密码."""
    before = text[max(0, start - 28) : start]
    inside = _DENIED_INSIDE.search(words) and not _OF_HIMSELF.search(words)
    return bool(_DENIED_BEFORE.search(before) or inside)
