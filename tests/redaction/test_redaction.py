"""What is cut out of a text and what stays, both ways, on texts made on the spot."""

from __future__ import annotations

import json
import random
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secret_texts import (
    BASE58,
    KEYS,
    KINDS,
    LANGUAGES,
    SEEDS,
    bare,
    brain_words,
    checked,
    full_width,
    listed,
    ordinary,
    phrase,
    public,
    remains,
    text_with,
    wif,
)

import diag.redaction
from diag.redaction import Redacted, redact, wordlists

DATA = Path(__file__).parents[1] / "data"

EVERY_KIND = KINDS + SEEDS + KEYS + LANGUAGES
CHANCE = random.Random(20261122)
KEY = wif(CHANCE)
SHORT = wif(CHANCE, compressed=True)
DOGE = wif(CHANCE, version=0x9E, compressed=True)
SPOILT = KEY[:30] + ("a" if KEY[30] != "a" else "b") + KEY[31:]
HEX = CHANCE.randbytes(32).hex()
EXTENDED = "xprv" + "".join(CHANCE.choices(BASE58, k=107))
BRAIN = " ".join(random.Random(7).choices(brain_words(), k=16)).upper()
ENGLISH = phrase(random.Random(1), "english")
HAN = phrase(random.Random(2), "simplified")
TRADITIONAL = phrase(random.Random(3), "traditional")


def cut(text, kind, *, around="({})", what):
    """A row: this text, inside those words, becomes those words with a mark of this kind."""
    mark = f"[redacted:{kind}]"
    return pytest.param(around.format(text), Redacted(around.format(mark), (kind,)), id=what)


CUT = [
    cut(KEY, "wif", what="a key"),
    cut(SHORT, "wif", what="a compressed key"),
    cut(SPOILT, "wif", what="a key with a typing error"),
    cut(KEY[:-1], "wif", what="a key that lost a letter"),
    cut(DOGE, "wif", what="a key of another coin"),
    cut(f"P{KEY}", "password", what="a password"),
    cut(f"P{KEY}"[:45], "password", what="a password as old pages showed it"),
    cut(KEY, "wif", around="我的私钥:{}。请查", what="touching Chinese"),
    cut(f"P{KEY}", "password", around="密码{}急", what="a password touching Chinese"),
    cut(KEY, "wif", around="key{}please", what="touching Latin letters"),
    cut(f"P{KEY}", "password", around="mypassword{}", what="a password touching Latin letters"),
    cut(KEY, "wif", around='{{"key":"{}"}}', what="in JSON"),
    cut(KEY, "wif", around="`{}`", what="in backticks"),
    cut(KEY, "wif", around="https://w.example/?k={}&l=zh", what="in an address"),
    cut(f"{KEY[:20]}\n{KEY[20:]}", "wif", what="broken in two lines"),
    cut(f"{KEY[:20]}-\r\n    {KEY[20:]}", "wif", what="hyphened"),
    cut(f"{KEY[:20]}\n> {KEY[20:]}", "wif", what="quoted in a mail"),
    cut(f"{SPOILT[:20]} {SPOILT[20:]}", "wif", what="broken, with an error"),
    cut(f"{KEY[:20]}，第二段{KEY[20:]}", "wif", what="in two parts, told in Chinese"),
    cut(f'{KEY[:20]}" + "{KEY[20:]}', "wif", around='"{}"', what="as two strings"),
    cut(f"{KEY[:20]}=\n> {KEY[20:]}", "wif", what="as a mail is encoded"),
    cut(" ".join(KEY), "wif", what="letter by letter"),
    cut("\u200b".join(KEY), "wif", what="with invisible spaces"),
    cut(full_width(KEY), "wif", what="in full-width letters"),
    cut("".join(f"%{ord(c):02x}" for c in KEY), "wif", what="percent-encoded"),
    cut("".join(f"&#{ord(c)};" for c in KEY), "wif", what="in HTML entities"),
    cut(HEX, "private_key", around="私钥：{}", what="hexadecimal, called a key"),
    cut(f"0x{HEX}", "private_key", around="my private key is {}", what="0x, called a key"),
    cut(HEX, "private_key", around='"private_key": "{}"', what="hexadecimal in JSON"),
    cut(EXTENDED, "private_key", what="an extended key"),
    cut(BRAIN, "brain_key", what="a brain key"),
    cut(BRAIN.lower(), "brain_key", what="a brain key in small letters"),
    cut(BRAIN.replace(" ", "\n"), "brain_key", what="a brain key in lines"),
    cut(" ".join(ENGLISH), "seed_phrase", what="a phrase"),
    cut(" ".join(ENGLISH).upper(), "seed_phrase", what="a phrase in capitals"),
    cut(", ".join(ENGLISH), "seed_phrase", what="a phrase with commas"),
    cut(quote(" ".join(ENGLISH)), "seed_phrase", what="a phrase percent-encoded"),
    cut("\n".join(ENGLISH), "seed_phrase", what="a phrase in lines"),
    cut(
        " ".join(f"{n}. {w}" for n, w in enumerate(ENGLISH, 1))[3:],
        "seed_phrase",
        around="1. {}",
        what="a numbered phrase",
    ),
    cut("、".join(ENGLISH), "seed_phrase", what="a phrase with Chinese commas"),
    cut(" and ".join(ENGLISH), "seed_phrase", what="a phrase with and"),
    cut(
        "\n".join(f"{n}th {w}" for n, w in enumerate(ENGLISH, 1))[4:],
        "seed_phrase",
        around="1th {}",
        what="a phrase with ordinals",
    ),
    cut(
        "，第二个词是".join(ENGLISH),
        "seed_phrase",
        around="第一个词是{}",
        what="a phrase told in Chinese",
    ),
    cut(
        '</li><li class="w">'.join(ENGLISH),
        "seed_phrase",
        around='<li class="w">{}</li>',
        what="a phrase as a list of HTML",
    ),
    cut("%2520".join(ENGLISH), "seed_phrase", what="a phrase percent-encoded twice"),
    cut(
        "，第二个是".join(HAN),
        "seed_phrase",
        around="第一个是{}",
        what="a Chinese phrase, each with its number",
    ),
    cut(
        "，".join("".join(HAN[n : n + 4]) for n in range(0, len(HAN), 4)),
        "seed_phrase",
        what="a Chinese phrase in groups",
    ),
    cut(" ".join(HAN), "seed_phrase", what="a Chinese phrase"),
    cut("".join(HAN), "seed_phrase", what="a Chinese phrase without spaces"),
    cut("\u3000".join(HAN), "seed_phrase", what="a Chinese phrase with wide spaces"),
    cut("、".join(HAN), "seed_phrase", what="a Chinese phrase with commas"),
    cut("，".join(TRADITIONAL), "seed_phrase", what="a traditional phrase with commas"),
    cut("".join(TRADITIONAL), "seed_phrase", what="a traditional phrase without spaces"),
    cut("\n".join(TRADITIONAL), "seed_phrase", what="a traditional phrase in lines"),
    cut(quote("".join(HAN)), "seed_phrase", what="a Chinese phrase percent-encoded"),
]


@pytest.mark.parametrize(("text", "expected"), CUT)
def test_a_secret_is_cut_out_and_nothing_else(text, expected):
    assert redact(text) == expected


def test_the_lists_are_whole():
    """They come from libraries whose files might move."""
    for language in ("english", *LANGUAGES):
        words = [bare(word).replace("ı", "i") for word in listed(language)]
        assert all(map(wordlists.lists_with, words)), language
    assert sorted(set(wordlists.chinese().values())) == list(range(2048))
    assert all(map(wordlists.in_dictionary, brain_words()[::97]))
    assert not wordlists.in_dictionary("qzx") and not wordlists.in_dictionary(",")


def test_two_secrets_of_one_text_are_both_cut_out():
    text = f"key {KEY}, words: {' '.join(HAN)}"

    assert redact(text) == Redacted(
        "key [redacted:wif], words: [redacted:seed_phrase]", ("wif", "seed_phrase")
    )


def test_a_misspelt_word_does_not_save_the_phrase():
    words = [*ENGLISH[:5], "xyzzy", *ENGLISH[6:]]

    assert remains(redact(f"my words: {' '.join(words)}").text, ENGLISH) == []


KEPT = [
    pytest.param(text, id=what)
    for what, text in {
        **public(CHANCE),
        "a hash that is not called a key": f"transaction {HEX} has 12 confirmations",
        "a hash beside talk of keys": f"I never gave away my private key. Hash: {HEX}",
        "names": "harbor-lin, xbtsx-gateway, abc.def-123, 1.2.345, 1.11.24815, 2.1.0",
        "an order": "order 202611220815300412, INV-2026-00417, 1,200.50 USDT",
        "a date": "2026-11-22T20:00:00+08:00",
        "an id of a request": "3f9a0c1d-2e4b-5a69-7887-96a5b4c3d2e1",
        "ten words of the list": " ".join(listed("english")[:10]),
        "too short for a key": KEY[:44],
        "the warning itself": "我们绝不会索要您的私钥、密码或助记词。We never ask for private keys.",
        "what stands where a secret was": "key [redacted:wif] and [redacted:seed_phrase]",
        "nothing": "",
    }.items()
]


@pytest.mark.parametrize("text", KEPT)
def test_what_is_public_stays(text):
    assert redact(text) == Redacted(text)


# --- many texts --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_none_of_many_secrets_gets_through(kind):
    """No eight letters of a key, no four words of a phrase; `make chaos` tries more of each."""
    chance = random.Random(f"out with {kind}")
    through = []
    for _ in range(150):
        text, secret = text_with(chance, kind)
        found = redact(text)
        if not found.kinds or remains(found.text, secret):
            through.append(text)

    assert through == []


def test_what_is_cut_out_once_leaves_nothing_to_cut():
    chance = random.Random(11)
    texts = [text_with(chance, kind)[0] for kind in EVERY_KIND for _ in range(50)]

    assert [text for text in texts if redact(redact(text).text).kinds] == []


def test_ordinary_messages_stay_as_they_are():
    """At most one in a thousand may be taken for a secret."""
    texts = list(ordinary(random.Random(5), 2000))
    changed = [text for text in texts if redact(text) != Redacted(text)]

    assert len(texts) == 2000
    assert len(changed) <= 2, changed


def test_complaints_and_tickets_stay_as_they_are():
    rows = [
        json.loads(line)
        for name in ("complaints", "tickets_zh", "tickets_en")
        for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    texts = [row["user_claim"] if "user_claim" in row else row["text"] for row in rows]

    assert len(texts) > 250
    assert [text for text in texts if redact(text).kinds] == []


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None, database=None)
def test_any_text_can_be_searched(text):
    found = redact(text)

    assert set(found.kinds) <= set(diag.redaction.KINDS)
    assert (found.text == text) == (not found.kinds)


BESIDE = st.text(alphabet=st.characters(exclude_categories=("Cs", "L", "N", "M")), max_size=40)


@given(BESIDE, BESIDE, st.binary(min_size=32, max_size=32), st.booleans())
@settings(max_examples=200, deadline=None, database=None)
def test_a_key_is_found_beside_whatever_signs(before, after, raw, password):
    key = "P" * password + checked(b"\x80" + raw)

    assert remains(redact(before + key + after).text, key) == []
