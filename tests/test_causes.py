"""The page of causes: all of them, in order, with codes that exist, honest about what is not seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest

from diag.checks import CHECKS

PAGE = Path(__file__).parents[1] / "docs" / "causes.md"
ENTRY = re.compile(r"(\d+)\. (.+?):((?: `\w+`)+)\.?(.*)", re.DOTALL)


@dataclass(frozen=True)
class Cause:
    """An entry of the page; limit is what it says the chain cannot decide."""

    number: int
    what: str
    codes: tuple[str, ...]
    limit: str


def causes():
    text = PAGE.read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=\d+\. )", text)[1:]:
        number, what, codes, limit = ENTRY.fullmatch(" ".join(entry.split())).groups()
        yield Cause(int(number), what, tuple(re.findall(r"\w+", codes)), limit.strip())


CAUSES = tuple(causes())

# number → what the cause is about, in words that its row has to hold
ORDER = (
    "not irreversible",
    "slots",
    "maintenance block",
    "behind",
    "expired",
    "sign",
    "balance",
    "waits for approvals",
    "failed",
    "expired",
    "list",
    "issuer",
    "override",
    "order",
    "time-lock",
    "permission",
    "name",
    "zone",
    "No memo",
    "another key",
    "short",
    "text",
    "tag",
    "retired",
    "look like",
    "exchange",
    "minimum",
    "maximum",
    "fee",
    "whole balance",
    "rounding",
    "really wrong",
    "asset",
    "twice",
    "match",
    "working",
    "not this one",
    "nobody",
    "maintenance",
    "audit",
    "refused",
    "returned",
    "empty",
    "closed",
    "waits",
    "dropped",
    "credited",
    "network",
    "old state",
    "took over",
    "proposal",
    "false support",
    "enough",
)
WITHOUT_A_CAUSE = frozenset(
    {
        "deposit_received",  # nothing went out: the answer to another question
        "nothing_in_window",  # nothing went out, and nothing was claimed
    }
)
OFF_THE_CHAIN = (22, 23, 40, 41, 43, 47, 48, 52)
"""Those that the chain alone never decides."""
ASKED = ("asks for", "asks which", "has to be asked", "the one to ask", "says where to look")
"""How a row says who is asked for what, or where the user is sent."""
PROMISE = "nobody asks for keys"

RULES = {rule.code: rule for rule in chain.from_iterable(check.RULES for check in CHECKS)}
NUMBERED = [pytest.param(n, cause, id=f"{n}") for n, cause in enumerate(CAUSES, 1)]


def test_there_are_fifty_three_in_order():
    assert len(CAUSES) == len(ORDER) == 53
    assert [n for n, words in enumerate(ORDER, 1) if words not in CAUSES[n - 1].what] == []


def test_no_cause_stands_there_twice():
    assert len({cause.what for cause in CAUSES}) == len(CAUSES)


@pytest.mark.parametrize(("number", "cause"), NUMBERED)
def test_its_codes_exist(number, cause):
    assert cause.codes
    assert len(set(cause.codes)) == len(cause.codes)
    assert set(cause.codes) <= set(RULES)


@pytest.mark.parametrize(("number", "cause"), NUMBERED)
def test_a_limit_says_what_is_asked_for(number, cause):
    if cause.limit:
        assert cause.limit.endswith(".")
        said = cause.limit.replace(PROMISE, "")
        assert any(words in said for words in ASKED), cause.limit


@pytest.mark.parametrize(("number", "cause"), NUMBERED)
def test_what_is_asked_for_is_asked_for(number, cause):
    """A row that promises a question names a code whose rule asks one."""
    said = cause.limit.replace(PROMISE, "")
    if "asks for" in said or "asks which" in said:
        assert any(RULES[code].ask for code in cause.codes)


@pytest.mark.parametrize("number", OFF_THE_CHAIN)
def test_what_the_chain_cannot_decide_is_admitted(number):
    assert CAUSES[number - 1].limit


def test_every_code_has_a_cause():
    named = set(chain.from_iterable(cause.codes for cause in CAUSES))

    assert set(RULES) - named == WITHOUT_A_CAUSE


def test_every_cause_has_its_number():
    assert [cause.number for cause in CAUSES] == list(range(1, 54))
