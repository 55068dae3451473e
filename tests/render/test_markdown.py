"""Markdown for helpdesks: everything in its place, and nothing of a stranger's is markup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from builders import ago, case, gateway, history, register, transfer
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import structs
from recorded import CASES, diagnoses

from diag.checks import CHECKS
from diag.config.explorers import Explorer
from diag.diagnosis.engine import Diagnosis, conclude
from diag.domain.finding import EvidenceItem
from diag.i18n import LANGUAGES, Text
from diag.matching.withdrawals import build_evidence
from diag.render.chain_location import coordinates
from diag.render.markdown import render
from diag.render.options import View
from diag.render.user_reply import reply

EXPLORER = Explorer(
    "look here",
    account="https://e.example/a/{account}",
    operation="https://e.example/o/{operation}",
    asset="https://e.example/s/{symbol}",
)
OVERDUE = "gateway-overdue-alone"
every_case = pytest.mark.parametrize("name", CASES)
in_every_language = pytest.mark.parametrize("lang", LANGUAGES)


@cache
def reader() -> MarkdownIt:
    """A reader that takes HTML, and makes links of everything that looks like an address."""
    return MarkdownIt("gfm-like", {"html": True, "linkify": True})


def tokens(text: str) -> list[Token]:
    """Every token, those inside of lines too."""
    found = []
    for token in reader().parse(text):
        found += [token, *(token.children or [])]
    return found


def shape(text: str) -> list[str]:
    """The blocks of a text, without what stands in them."""
    return [token.type for token in reader().parse(text)]


def words(text: str) -> str:
    """What a reader shows, as plain text."""
    return "".join(
        token.content if token.type in ("text", "text_special", "code_inline") else " "
        for token in tokens(text)
    )


@every_case
@in_every_language
def test_it_says_what_matters(name: str, lang: str) -> None:
    diagnosis = diagnoses("Asia/Shanghai")[name]
    said = render(diagnosis, View(lang))
    quote = re.search("^> (.+)$", said, re.MULTILINE)

    title, line, *_ = said.splitlines()
    assert title == diagnosis.verdict.rule.title.say(lang) and set(line) == {"-"}
    assert quote and unescaped(quote[1]) == reply(diagnosis, lang)
    assert diagnosis.reference in said
    assert looks_right_as_it_is(said)
    for shown in diagnosis.verdict.finding.evidence_items[:8]:
        assert coordinates(shown) in said
    assert not re.search(r"None|\{\w+\}", said)
    assert not any(
        token.type in ("html_inline", "html_block", "link_open") for token in tokens(said)
    )


def looks_right_as_it_is(said: str) -> bool:
    """As plain text it has no marks but lists, the line under the title and the quote."""
    return not re.search(r"[*`\\]|^#|&[a-z]+;|\]\(", said, re.MULTILINE)


def test_the_gateways_channel_stays_an_address() -> None:
    """It comes from the register, not from outside."""
    asked, known = (
        case(),
        gateway(
            support=("https://t.me/brook_1",),
            usual=timedelta(minutes=30),
            overdue=timedelta(hours=2),
        ),
    )
    seen = build_evidence(asked, history(asked, [transfer(at=ago(hours=5))]), register(known))
    said = render(conclude(seen, CHECKS), View("zh"))

    quote = re.search("^> .+$", said, re.MULTILINE)
    assert quote and "网关客服（https://t.me/brook_1 ）。" in quote[0]
    linked = [t.attrs["href"] for t in tokens(said) if t.type == "link_open"]
    assert set(linked) == {"https://t.me/brook_1"}


def unescaped(text: str) -> str:
    plain = re.sub(r"\\(\W|_)", r"\1", text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_account_asset_and_evidence_are_linked_where_there_is_an_explorer() -> None:
    diagnosis = diagnoses()[OVERDUE]
    said = render(diagnosis, View("en", (EXPLORER,)))
    linked = [t.attrs["href"] for t in tokens(said) if t.type == "link_open"]

    assert linked == [
        "https://e.example/a/zhao-ming",
        "https://e.example/s/NORTH.BTC",
        "https://e.example/o/1.11.24815",
    ]


def test_an_account_that_is_not_there_is_not_linked() -> None:
    diagnosis = diagnoses()["no-such-account"]

    assert "https://" not in render(diagnosis, View("en", (EXPLORER,)))


def test_every_withdrawal_is_listed_where_there_are_several() -> None:
    diagnosis = diagnoses()["three-in-the-window"]
    said = render(diagnosis, View("en"))

    for withdrawal, verdict in diagnosis.withdrawals:
        assert f"- {withdrawal.id} {verdict.rule.title.en}" in said


def poisoned(evil: str) -> Diagnosis:
    """A recorded diagnosis in which every string that could come from outside is this one."""
    diagnosis = diagnoses()[OVERDUE]
    finding = diagnosis.verdict.finding
    said = Text.literal(evil, evil)
    facts: dict[str, Any] = {
        name: evil if isinstance(fact, str) else said if isinstance(fact, Text) else fact
        for name, fact in finding.facts.items()
    }
    exhibit = EvidenceItem(
        said, operation=evil, block=7, transaction=evil, time=diagnosis.evidence.now,
        source=evil, observed=evil, expected=evil,
    )  # fmt: skip
    verdict = replace(
        diagnosis.verdict,
        finding=replace(finding, facts=facts, evidence_items=(exhibit,)),
        not_checked=(("x", said),),
    )
    history = replace(
        diagnosis.evidence.history,
        account=replace(diagnosis.evidence.history.account, name=evil),  # type: ignore[type-var]
    )
    withdrawals = tuple(
        (structs.replace(w, recipient=evil), v) for w, v in diagnosis.withdrawals
    )
    evidence = replace(diagnosis.evidence, history=history)
    return replace(diagnosis, verdict=verdict, evidence=evidence, withdrawals=withdrawals)


FRAGMENTS = (
    "<script>alert(1)</script>", "<img src=x onerror=y>", "&lt;b&gt;", "[here](https://evil.example)",
    "![x](y)", "https://evil.example", "www.evil.example", "evil.example", "mailto:a@evil.example",
    "me@evil.example", "`", "``", "```", "**", "__", "_a_", "~~", "|", "\\", "\\\\", "\n\n# x", "\n- y",
    "\n> z", "\r\n", "\t", "    ", "1. ", "+ ", "- ", "# ", "---", "===", "<", ">", "&", "[", "]", "(",
    ")", "!", "$x$", "[^1]", "[ ]", ":smile:", "\u2028", "plain", "北", "x1",
)  # fmt: skip
EVIL = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=6)), max_size=6).map(
    "".join
)


@cache
def harmless(lang: str) -> str:
    return render(poisoned("harmless"), View(lang))


def bold(text: str) -> int:
    return sum(token.type == "strong_open" for token in tokens(text))


@settings(deadline=None)
@given(EVIL)
def test_nothing_from_outside_becomes_markup(evil: str) -> None:
    """Neither HTML, nor a link, nor an image, nor one block more or less than harmless words."""
    evil = evil.encode("utf-8", "ignore").decode() or "x"
    for lang in LANGUAGES:
        said = render(poisoned(evil), View(lang))
        kinds = {token.type for token in tokens(said)}

        assert shape(said) == shape(harmless(lang))
        assert not kinds & {
            "html_inline",
            "html_block",
            "link_open",
            "image",
            "em_open",
            "s_open",
        }
        assert bold(said) == bold(harmless(lang))


@pytest.mark.parametrize(
    "evil", ["a_b*c", "x`y", "1 < 2 & 3 > 2", "evil.example", "a|b", "[x](y)"]
)
def test_what_is_escaped_reads_as_it_was(evil: str) -> None:
    assert words(render(poisoned(evil), View("en"))).count(evil) >= 3
