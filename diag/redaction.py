"""Secrets in what people paste: found by their shape, cut out before anybody else reads the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_B58 = "[1-9A-HJ-NP-Za-km-z]"
_WIF = re.compile(rf"(?<!{_B58})(?:5[HJK]{_B58}{{49}}|[KL]{_B58}{{51}})(?!{_B58})")
_PASSWORD = re.compile(rf"(?<!{_B58})P5[HJK]{_B58}{{38,60}}(?!{_B58})")
_SHAPES = (("wif", _WIF), ("password", _PASSWORD))


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets; kinds says which kinds were cut out, never what they were."""

    text: str
    kinds: tuple[str, ...] = ()


def redact(text: str) -> Redacted:
    """The text with `[redacted:kind]` in the place of each secret."""
    kinds = []
    for kind, shape in _SHAPES:
        text, count = shape.subn(f"[redacted:{kind}]", text)
        kinds += [kind] * bool(count)
    return Redacted(text, tuple(kinds))
