"""Seed phrases as people write them down, in every language; and prose in the same languages."""

from __future__ import annotations

import json
import random
import unicodedata
from pathlib import Path

import pytest
from mnemonic import Mnemonic
from secret_texts import LANGUAGES, bare, brain_words, listed, phrase, remains

from diag import redaction
from diag.redaction import Redacted, redact

CHANCE = random.Random(20261126)
EVERY_LANGUAGE = ("english", "russian", *LANGUAGES)
WORDS = {language: phrase(random.Random(language), language) for language in EVERY_LANGUAGE}

WRITTEN = {
    "with spaces": " ".join,
    "one word a line": "\n".join,
    "with commas": ", ".join,
    "with wide spaces": "\u3000".join,
    "with hyphens": "-".join,
    "with underscores": "_".join,
    "as JSON": json.dumps,
    "numbered": lambda words: " ".join(f"{n}. {w}" for n, w in enumerate(words, 1)),
    "numbered in lines": lambda words: "\n".join(f"{n}) {w}" for n, w in enumerate(words, 1)),
    "numbers glued": lambda words: "".join(f"{n}{w}" for n, w in enumerate(words, 1)),
    "told by number": lambda words: " ".join(f"word {n} {w}" for n, w in enumerate(words, 1)),
    "composed": lambda words: unicodedata.normalize("NFC", " ".join(words)),
    "decomposed": lambda words: unicodedata.normalize("NFD", " ".join(words)),
    "without accents": lambda words: bare(" ".join(words)),
    "in capitals": lambda words: " ".join(words).upper(),
    "without spaces": "".join,
    "one misspelt": lambda words: " ".join([*words[:3], "zzzzz", *words[4:]]),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_a_phrase_is_cut_out(written):
    for language in EVERY_LANGUAGE:
        words = WORDS[language]
        found = redact(f"({WRITTEN[written](words)})")

        assert found.kinds == ("seed_phrase",), language
        assert remains(found.text, words) == [], language


LATIN = ("english", "spanish", "italian", "portuguese", "czech")


@pytest.mark.parametrize("language", LATIN)
@pytest.mark.parametrize(
    "join", [" ".join, "\n".join, "".join, lambda w: "".join(map(str.title, w))]
)
def test_the_first_four_letters_of_each_word_are_enough(join, language):
    words = [word for word in listed(language) if len(bare(word)) >= 4]
    cut = [bare(word)[:4] for word in CHANCE.choices(words, k=12)]

    assert redact(join(cut)).kinds == ("seed_phrase",)


ENGLISH = phrase(random.Random(12), "english")[:12]
WORDS_IN_CHINESE = phrase(random.Random(13), "simplified")
BRAIN = random.Random(8).choices(brain_words(), k=16)
_NAMED = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
ORDINALS = _NAMED.split()
PARTS = [
    f"seed phrase: {' '.join(ENGLISH[:6])}",
    f"my mnemonic is {' '.join(ENGLISH[:7])}",
    f"助记词：{' '.join(ENGLISH[:6])}",
    f"12 words: {' '.join([*ENGLISH[:4], 'xxxx', *ENGLISH[5:9]])}",
    f"first word {', second word '.join(ENGLISH)}",
    ", ".join(f"{n} word is {word}" for n, word in zip(ORDINALS, ENGLISH, strict=True)),
    "\n".join(f"Word {n}: {word}" for n, word in enumerate(ENGLISH, 1)),
    " ".join(f"{letter}) {word}" for letter, word in zip("abcdefghijkl", ENGLISH, strict=True)),
    f"first six {' '.join(ENGLISH[:6])} last six {' '.join(ENGLISH[6:])}",
    f"seed: {' '.join(WORDS_IN_CHINESE[:8])}",
    "abandon " * 11 + "about",
    "".join(word.title() for word in ENGLISH),
    "".join(word[:4].title() for word in ENGLISH),
]


@pytest.mark.parametrize("text", PARTS)
def test_a_phrase_in_part_or_of_few_words_is_cut_out(text):
    assert redact(text).kinds == ("seed_phrase",)


def test_a_brain_key_in_camel_case_is_cut_out():
    assert redact("".join(word.title() for word in BRAIN)) == Redacted(
        "[redacted:brain_key]", ("brain_key",)
    )


PROSE = [
    "mercoledì scorso ho ritirato bitcoin ma ancora niente arrivato sul mio conto, potete controllare per favore?",
    "El miércoles retiré bitcoin pero todavía no llegó nada, pueden revisar por favor mi cuenta",
    "Mercredi dernier j'ai retiré des bitcoins mais rien n'est arrivé, pouvez-vous vérifier",
    "в среду я вывел биткойн но до сих пор ничего не пришло проверьте пожалуйста мой счет",
    "수요일에 비트코인을 출금했는데 아직 도착하지 않았습니다 확인 부탁드립니다 계정 이름은 다음과 같습니다",
    "すいようびに ビットコインを しゅっきん しましたが まだ とどいて いません かくにん おねがいします",
    "minha retirada ainda não chegou na carteira, podem verificar por favor o que aconteceu",
    "Geçen çarşamba bitcoin çektim ama hâlâ hesabıma bir şey gelmedi lütfen kontrol eder misiniz",
    "minulou středu jsem vybral bitcoin ale stále nic nepřišlo můžete prosím zkontrolovat můj účet",
    "my seed phrase was stolen by a scammer yesterday please help",
    "my seed words are in the safe and the paper is dry",
    "what is a seed phrase: a list of words that the wallet shows",
    "seed phrase: I never wrote it down",
    "助记词是什么？",
    "助记词是十二个英文单词吗",
    "help " * 14,
    'Typical: `account: no such account` (6.0), `no such account: no such key` (7), `"key"[no]`',
    "account_choice, time, time_choice, day, month, asset_choice, amount",
]  # fmt: skip


@pytest.mark.parametrize("text", PROSE)
def test_prose_and_programs_stay(text):
    assert redact(text) == Redacted(text)


LIST = Path(redaction.__file__).parents[1] / "data" / "slip39_words" / "english.txt"
SHARE = random.Random("share").choices(LIST.read_text(encoding="utf-8").split(), k=20)
"""A share of SLIP-39: twenty words of its own list."""


@pytest.mark.parametrize(
    "text",
    [
        " ".join(SHARE),
        ", ".join(SHARE),
        "\n".join(f"{n}. {word}" for n, word in enumerate(SHARE, 1)),
        "my shamir share: " + " ".join(SHARE),
        "".join(map(str.title, SHARE)),
        " ".join(word[:4] for word in SHARE),
    ],
)
def test_a_share_of_slip39_is_cut_out(text):
    found = redact(text)

    assert found.kinds == ("seed_phrase",)
    assert remains(found.text, SHARE) == []


ELEVEN = WORDS["english"][:11]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (" ".join(ELEVEN), ("seed_phrase",)),
        ("\n".join(ELEVEN), ("seed_phrase",)),
        (f"Please help\n\n{', '.join(ELEVEN)}\n\nThanks", ("seed_phrase",)),
        (f"请看 {' '.join(ELEVEN)}", ()),
        (" ".join(ELEVEN[:10]), ()),
        ("account balance change again today because market order still open twice", ()),
    ],
)
def test_eleven_words_are_a_phrase_where_nothing_else_stands_with_them(text, kinds):
    assert redact(text).kinds == kinds


@pytest.mark.parametrize(
    "text",
    [
        (
            "please check account balance again today because market order still open, fee shown twice "
            "after update yesterday morning"
        ),
        "words on the screen: error asset balance account fee network retry later close window cancel order",
        "update wallet app again later then open screen check balance total first, wait until network ready",
    ],
)
def test_common_words_of_the_list_are_prose(text):
    assert redact(text) == Redacted(text)


COMMON = [
    "account",
    "again",
    "balance",
    "because",
    "cancel",
    "check",
    "client",
    "close",
    "error",
    "exchange",
    "fee",
    "first",
    "amount",
    "network",
    "order",
    "open",
    "pay",
    "problem",
    "retry",
    "screen",
    "send",
    "still",
    "total",
    "transfer",
    "until",
    "update",
    "wait",
    "wallet",
    "wrong",
]
COMMON = [word for word in COMMON if word in listed("english")]


def test_common_words_are_a_phrase_where_the_checksum_holds():
    chance = random.Random("common")
    tries = (" ".join(chance.sample(COMMON, 12)) for _ in range(1000))
    valid = next(words for words in tries if Mnemonic("english").check(words))

    assert redact(valid).kinds == ("seed_phrase",)


def test_more_common_words_than_a_phrase_has_are_prose():
    text = " ".join(COMMON[:27])
    assert redact(text) == Redacted(text)


def test_a_brain_key_in_capitals_may_have_a_typing_error():
    words = [word.upper() for word in BRAIN]
    words[5] = "XQZORT"
    assert redact(" ".join(words)).kinds == ("brain_key",)


def test_a_brain_key_of_another_dictionary_is_cut_out_behind_its_label():
    words = "ablush dermal fulyie umquhil gangsa unpeg tawery psyche unmeth bulbar ghaist zorb oxgoad aswing crurin zz"

    assert redact(f"brain key: {words}").kinds == ("brain_key",)
    assert redact(f"Brainkey is {words.upper()}").kinds == ("brain_key",)
    assert (
        redact(
            "my brain key: "
            "where do I find it in the wallet, I have lost it and need it now thanks"
        ).kinds
        == ()
    )
