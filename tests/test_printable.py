"""What may be shown stays as it is; what steers a terminal, or is not seen, is written out."""

from __future__ import annotations

import json

import pytest

from diag.printable import printable, printable_lines

SEEN = [
    "lin-yue",
    "提币未到账，金额 0.05 NORTH.BTC。",
    "Größe “café” — ✓ ☃ 👍",
    "全角　空格\u00a0and others\u2009",
    "עברית العربية हिन्दी ไทย",
    "",
]
STEERS = {
    "\x1b[31m": "\\u001b[31m",
    "\x9b2J": "\\u009b2J",
    "\x1b]8;;https://example.org\x07x": "\\u001b]8;;https://example.org\\u0007x",
    "a\rb": "a\\u000db",
    "a\x08b\x7f\x00": "a\\u0008b\\u007f\\u0000",
    "\u202eecila": "\\u202eecila",
    "\u2066a\u2069\u200f\u061c": "\\u2066a\\u2069\\u200f\\u061c",
    "a\u200bb\ufeff\u2060\u00ad": "a\\u200bb\\ufeff\\u2060\\u00ad",
    "\U000e0041": "\\udb40\\udc41",
    "\u2028\u2029\x85": "\\u2028\\u2029\\u0085",
    "\ud800": "\\ud800",
}


@pytest.mark.parametrize("text", SEEN)
def test_what_is_seen_stays(text: str) -> None:
    assert printable(text) == printable_lines(text) == text


@pytest.mark.parametrize("text", STEERS)
def test_what_steers_is_written_out(text: str) -> None:
    assert printable(text) == printable_lines(text) == STEERS[text]
    assert printable(text).isprintable()


def test_lines_stay_lines_only_where_there_may_be_several() -> None:
    assert printable("a\nb") == "a\\u000ab"
    assert printable_lines("a\nb\tc") == "a\nb\\u0009c"


def test_json_stays_the_same_json() -> None:
    content = {"\u202e": ["".join(STEERS), {"x": "\n"}]}
    for indent in (None, 2):
        text = printable_lines(json.dumps(content, ensure_ascii=False, indent=indent))
        assert json.loads(text) == content
        assert text.replace("\n", "").isprintable()
