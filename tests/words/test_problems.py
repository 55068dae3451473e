"""The words of errors: each that the code names exists and gets its blanks, and none is left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import diag
from diag.api.errors import HTTP_CODES, HTTP_TEXTS
from diag.errors import DiagError
from diag.words import blanks, tables, text, texts

ROOT = Path(diag.__file__).parent
NAMED_BY = {"problem": 0, "Mistake": 0, "message": 0, "BadSetting.of": 0, "BadInput.about": 1}
"""Function → the place of the key among its arguments."""


def sources() -> Iterator[tuple[Path, str]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield path, path.read_text(encoding="utf-8")


def named() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Where a key is named, the key, and the names of its facts."""
    for path, source in sources():
        for call in ast.walk(ast.parse(source)):
            if not isinstance(call, ast.Call):
                continue
            place = NAMED_BY.get(ast.unparse(call.func))
            if place is None or len(call.args) <= place:
                continue
            key = call.args[place]
            if isinstance(key, ast.Constant):
                facts = frozenset(one.arg or "**" for one in call.keywords)
                yield f"{path.relative_to(ROOT)}:{call.lineno}", key.value, facts


NAMED = list(named())


@pytest.mark.parametrize(("where", "key", "facts"), NAMED, ids=[where for where, _, _ in NAMED])
def test_each_text_exists_and_gets_its_blanks(
    where: str, key: str, facts: frozenset[str]
) -> None:
    assert facts == blanks(text(f"problems.{key}").zh)


def errors(kind: type[DiagError] = DiagError) -> Iterator[type[DiagError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from errors(below)


def test_every_error_has_the_text_of_its_code() -> None:
    own = {"bad_setting", "out_of_time"}  # they are made with a text or a reason
    assert {error.code for error in errors()} - own == texts("problems.error").keys()


def test_every_status_has_a_text() -> None:
    assert HTTP_TEXTS.keys() == {*HTTP_CODES, 500}


def test_no_text_is_left_over() -> None:
    code = "".join(source for _, source in sources())
    for table in tables("problems"):
        for name in texts(f"problems.{table}"):
            dynamic = table in ("error", "http") or re.search(rf'"{table}\.\w*{{', code)
            assert f'"{table}.{name}"' in code or dynamic, f"{table}.{name}"
