"""Texts that are made to take a reader long: a piece, repeated up to a size.

The suite reads shorter ones; `make chaos` reads them at the largest size that is allowed.
"""

from __future__ import annotations

import random

from secret_texts import BASE58

LARGEST = 64 * 1024
"""Characters of the longest text that is read."""
CHANCE = random.Random(20261123)


def long(piece: str | tuple[str, str, str], size: int) -> str:
    """A text of about so many characters; a piece may come with a beginning and an end."""
    start, middle, end = ("", piece, "") if isinstance(piece, str) else piece
    room = size - len(start) - len(end)
    return start + middle * (room // len(middle)) + end


COMPLAINTS: dict[str, str | tuple[str, str, str]] = {
    "digits": "9",
    "one word": "a",
    "one name": "a-",
    "hexadecimal": ("0x", "ab", ""),
    "numbers": "0.5 BTC, ",
    "prices": "$1",
    "times": "昨天下午三点等了5天 ",
    "ids": "1.2.3 1.11.4 ",
    "an id behind a long word": ("", "x", " 1.2.345"),
    "ids behind words": f"{'x' * 200} 1.2.345 ",
    "thanks": ("", "thanks ", "x"),
    "cues": "from to account memo ",
    "half a complaint": "did not withdraw can not ",
    "marks of a redaction": "[redacted:",
    "addresses of mail": "a@a.",
    "links": "https://",
    "spaces": ("", " ", "a"),
    "brackets": "(",
    "groups of digits": "1 234 ",
    "gaps in numbers": "1 . ",
    "tags": "<b>",
    "blocks in blocks": ("", "<div>", "x"),
    "cells": "<table><tr><td>",
    "entities": "&nbsp;",
    "columns": "账户|数量\n",
    "labels": "账户\n",
    "quotation marks": ">\n",
    "forum quotations": "[quote]",
    "introductions": "On 2026 a@b.cc wrote:\n",
    "headers": "From: a@b.cc\n",
    "headers of nobody": "from: a\n",
    "empty lines": "\n",
    "lines of dashes": "-- x --\n",
    "closings": "regards\n",
    "messages": "[1:00] a: b\n",
    "ticket fields": "created at: 2 ",
    "somebody asks": "they say ",
    "customer service asks": "客服要我",
    "secrets given away": "i sent my ",
    "markets": "BTC/BTS ",
    "Chinese numerals": "一二三",
}
"""What is repeated to make a hostile complaint."""
SECRETS = {
    "letters of a key": "".join(CHANCE.choices(BASE58, k=500)),
    "beginnings of keys": "5J",
    "beginnings of keys, apart": "5J ",
    "beginnings of passwords": "P5J ",
    "beginnings that go on as prose": "5Kaaaa ",
    "beginnings far apart": "5" + " " * 12,
    "long words full of beginnings": "5J" * 450 + " ",
    "words of the list": "abandon ability ",
    "words of the dictionary": "nidal geld raylet ",
    "letters apart": "a ",
    "words far apart": "a" + " " * 39,
    "characters of the list": "盾狂映粉利",
    "characters apart": "盾 狂 映 ",
    "everyday characters": "的一是在不了有和人这",
    "eleven apart": "的 " * 11 + "x",
    "brackets": "[",
    "percent signs": "%",
    "percent-encoded": "%E7%9A%84",
    "tags": "<li>",
    "half tags": "<li ",
    "full width": "５Ｊ",
    "invisible": "\u200b",
    "labels of keys": "private key ",
    "hexadecimal": "ab",
    "spaces": " ",
    "lines": "\n",
    "words without spaces": "abandonability",
    "words without spaces, as long as they may be": ("abandonability" * 41)[:590] + " ",
    "words in CamelCase": "AbandonAbility",
    "first four letters": "aban abil ",
    "one word": "abandon ",
    "words of other lists": "あいこくしん ",
    "words of other lists without spaces": "あいこくしん",
    "Korean": "가격 ",
    "labels of phrases": "seed: ",
    "phrases that end at once": "seed: abandon ",
    "labels that lead to a hash": f"my key {'ab' * 32} ",
    "labels that lead to pieces": "key " + "ab " * 32,
    "labels that lead to random letters": "secret: abcdefgh1234567890 ",
    "labels of passwords": "password:a1! ",
    "bytes": "ab ",
    "bytes with colons": "ab:",
    "words that are hexadecimal": "dead beef fee ",
    "numbers": "12, ",
    "a bracket and numbers": "[255,",
    "braces": "{",
    "braces that close": "{}",
    "half keystores": '{"ciphertext":',
    "keystores in keystores": '{"kdf":{"ciphertext":',
    "frames without a key": "-----BEGIN PRIVATE KEY-----",
    "frames without an end": "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAAAA\n",
    "beginnings of encrypted keys": "6PAA ",
    "beginnings of Stellar seeds": "SAAA ",
    "Stellar seeds with a wrong checksum": "S" + "A7" * 27 + "B ",
    "beginnings of extended keys": "xprv a1 ",
    "beginnings of bech32 keys": "nsec1 sk1",
    "signatures of Solana": "".join(CHANCE.choices(BASE58, k=87)) + " ",
    "pieces of base58": "".join(CHANCE.choices(BASE58, k=29)) + " ",
    "hexadecimal pairs": "ab" * 64 + " ",
    "dots in keys": "5Ka...",
    "a key letter by letter": "x p r v ",
    "letters and underscores": "a_",
    "our own prefix": "diag_",
}
"""What is repeated to make a text that hides a secret, or seems to."""
