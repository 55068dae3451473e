"""Spans of secrets in a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

KINDS = ("wif", "password", "api_key", "brain_key", "seed_phrase", "private_key")
"""The kinds of secrets: keys in wallet import format (of any coin), passwords, API keys and
access tokens, brain keys, seed phrases (any BIP-39 language, SLIP-39, Monero), and private keys of
other forms."""


class Span(NamedTuple):
    """The part text[start:end] of a text, which is a secret of this kind."""

    start: int
    end: int
    kind: str


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, with overlapping ones merged.

    A merged span gets the kind that comes first in KINDS, because "private_key" is the general kind
    of labelled keys.
    """
    found: list[Span] = []
    for span in sorted(spans):
        if not found or span.start >= found[-1].end:
            found.append(span)
            continue
        last = found[-1]
        kind = last.kind
        if span.kind != kind:
            kind = min(kind, span.kind, key=KINDS.index)
        found[-1] = Span(last.start, max(last.end, span.end), kind)
    return found
