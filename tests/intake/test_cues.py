"""The files of cues: every phrase compiles, and a mistake in a file is named by its key."""

from __future__ import annotations

import re

import pytest

from diag.intake import cues


@pytest.mark.parametrize("book", list(cues.books()))
def test_every_phrase_compiles_by_itself(book: str) -> None:
    keys = list(cues.groups(book))
    assert keys
    for key in keys:
        for phrase in cues.words(key):
            re.compile(phrase)


@pytest.mark.parametrize("book", list(cues.books()))
def test_no_phrase_stands_twice_in_a_group(book: str) -> None:
    twice = {
        key: {phrase for phrase in cues.words(key) if cues.words(key).count(phrase) > 1}
        for key in cues.groups(book)
    }
    assert not {key: phrases for key, phrases in twice.items() if phrases}


def test_a_phrase_may_name_a_group() -> None:
    book = cues.parsed(
        "b", "near = ['x{0,3}']\ngave.zh = ['给{near}钱']\ngave.en = ['gave{near}it']"
    )
    assert book["gave"].phrases == ("给(?:x{0,3})钱", "gave(?:x{0,3})it")


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("a = [", "b: "),
        ("[kind]\na.weight = 3", "b.kind.a: a list of phrases is needed"),
        ("a.zh = ['x']\na.fr = ['y']", r"b.a: \['fr'\] not known"),
        ("a.zh = ['x', '']", "b.a: a list of phrases is needed"),
        ("a.zh = ['x', 3]", "b.a: a list of phrases is needed"),
        ("a.zh = ['x']\na.weight = 'much'", "b.a.weight: a whole number is needed"),
        ("[t]\na = ['{nobody}']", r"b.t.a: \{nobody\} is no group of this file"),
        ("a = ['{b}']\nb = ['{a}']", "is no group of this file"),
    ],
)
def test_a_mistake_is_named_by_its_key(source: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        cues.parsed("b", source)


def test_a_group_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match=r"danger\.nobody: there is no such group"):
        cues.cue("danger.nobody").search("x")


def test_a_pattern_that_does_not_compile_is_named() -> None:
    with pytest.raises(ValueError, match=r"danger\.stolen: missing \)"):
        cues.Cue(lambda: "(", "danger.stolen").search("x")


def test_a_weight_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match=r"kinds\.elsewhere\.memo_problem: a weight is needed"):
        cues.weighted("kinds.elsewhere")
