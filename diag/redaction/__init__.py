"""Finds secrets in pasted text and removes them before anything else reads the text.

`redact` is the only entry. It reads the text as a person sees it (`deobfuscation`), asks each
finder below for spans, and maps the spans back to the original text:

- `wif_keys`: keys in wallet import format, and passwords that the wallet makes of them
- `key_formats`: keys with a prefix, a frame or a checksum of their own (BIP-38, xprv, PEM, …)
- `keystores`: JSON that holds a key, encrypted or as a list of bytes
- `labelled_secrets`: what the text itself calls a key or a password
- `word_phrases`, `glued_phrases`, `chinese_phrases`, `brain_keys`: keys written in words
"""

from __future__ import annotations

from dataclasses import dataclass

from diag.redaction import (
    brain_keys,
    chinese_phrases,
    glued_phrases,
    key_formats,
    keystores,
    labelled_secrets,
    wif_keys,
    word_phrases,
)
from diag.redaction.deobfuscation import deobfuscate
from diag.redaction.spans import KINDS, Span, merged

__all__ = ("KINDS", "Redacted", "redact")

_FINDERS = (
    wif_keys,
    key_formats,
    keystores,
    labelled_secrets,
    word_phrases,
    brain_keys,
    glued_phrases,
    chinese_phrases,
)


_SHORTEST, _SHORTEST_CHINESE = 20, 12
"""Characters of the shortest text that can contain a key; shorter texts are only searched for
passwords.
"""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, and the kinds of the removed secrets (see KINDS)."""

    text: str
    kinds: tuple[str, ...] = ()


def redact(text: str) -> Redacted:
    """Replaces each secret in a text by `[redacted:kind]`. The time is linear in the length of the
    text.
    """
    plain = deobfuscate(text)
    shortest = _SHORTEST if plain.text.isascii() else _SHORTEST_CHINESE
    finders = _FINDERS if len(plain.text) >= shortest else (labelled_secrets,)
    found = [span for finder in finders for span in finder.find(plain.text)]
    if not found:
        return Redacted(text)
    parts, done = [], 0
    spans = merged(Span(*plain.original(s.start, s.end), s.kind) for s in found)
    for span in spans:
        parts += [text[done : span.start], f"[redacted:{span.kind}]"]
        done = span.end
    kinds = dict.fromkeys(span.kind for span in spans)
    return Redacted("".join(parts) + text[done:], tuple(kinds))
