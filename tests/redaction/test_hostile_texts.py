"""The work of a search grows with the length of a text and no faster, whatever stands in it.

Work is counted in calls, which are the same on every machine. Calls do not count what a regular
expression does: every pattern has bounded repetitions, and the largest text of each kind is
searched once as a whole, which a pattern that grew with the square would not end in a test's time.
"""

from __future__ import annotations

import random
import sys

import pytest
from secret_texts import BASE58

from diag.redaction import redact

CHANCE = random.Random(20261123)
LARGEST = 64 * 1024
HOSTILE = {
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
"""What is repeated to make a hostile text."""


def work(text):
    """How many calls a search makes."""
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        redact(text)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("name", HOSTILE)
def test_work_grows_with_the_length_and_no_faster(name):
    piece = HOSTILE[name]
    redact(
        "one two three four " * 4 + "的一是在不了有和人这中大为上个国"
    )  # lists are read once
    small, large = (work(piece * (size // len(piece))) for size in (4_000, 16_000))

    assert large <= 4.5 * small + 20_000  # what is spent once on doubts does not grow
    assert large <= 40 * 16_000


@pytest.mark.parametrize("name", HOSTILE)
def test_the_largest_text_is_searched(name):
    piece = HOSTILE[name]

    redact(piece * (LARGEST // len(piece)))
