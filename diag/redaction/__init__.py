"""Secrets in what people paste: found by their form, cut out before anybody else reads the text."""

from __future__ import annotations

from dataclasses import dataclass

from diag.redaction import chinese_phrases, english_phrases, private_keys
from diag.redaction.deobfuscation import unmask

KINDS = ("wif", "password", "private_key", "brain_key", "seed_phrase")
"""What is looked for: keys in wallet import format (of any coin), passwords made by the wallet,
keys of other forms, brain keys, and seed phrases (BIP-39, English and Chinese)."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets; kinds says which kinds were cut out, never what they were."""

    text: str
    kinds: tuple[str, ...] = ()


def redact(text: str) -> Redacted:
    """The text with `[redacted:kind]` in the place of each secret; work grows with its length."""
    view = unmask(text)
    found = [
        span
        for look in (private_keys, english_phrases, chinese_phrases)
        for span in look.find(view.text)
    ]
    if not found:
        return Redacted(text)
    parts, kinds, done = [], [], 0
    for first, last, kind in sorted(found):
        start, end = view.original(first, last)
        if end <= done:
            continue
        if start >= done:
            parts += [text[done:start], f"[redacted:{kind}]"]
        kinds.append(kind)
        done = end
    return Redacted("".join(parts) + text[done:], tuple(dict.fromkeys(kinds)))
