"""The one box: what it may hold, and that nothing of the case before decides the next."""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import cache
from urllib.parse import urlencode

import pytest
from recorded import RECORDED
from waiting import FOREVER

from diag.api.question import NoAccount, Question, RecentQuestions, read
from diag.bootstrap import build_services
from diag.config.settings import Settings
from diag.errors import BadInput
from diag.services import Services

DAY = {"last": "24h", "tz": "Asia/Shanghai"}
CLAIMS = {"asset": "NORTH.BTC", "amount": "0.05616", "memo": "btc:1x"}


@cache
def services() -> Services:
    return build_services(Settings(deadline=FOREVER, ledger=RECORDED))


def asked(box: str, recent: RecentQuestions | None = None, **given: str) -> Question:
    return read({"q": box, **DAY, **given}, services(), recent or RecentQuestions())


def was(**fields: str) -> str:
    return urlencode(fields)


BOXES = {
    "a name": ("zhao-ming", {"account": "zhao-ming", **DAY}),
    "a name in another form": (" @Zhao-Ming ", {"account": "zhao-ming", **DAY}),
    "an account's id": ("1.2.345", {"account": "1.2.345", **DAY}),
    "a link to an account": (
        "https://blocksights.info/#/accounts/zhao-ming",
        {"account": "zhao-ming", **DAY},
    ),
    "what is no name is left to the case": ("Bad!", {"account": "Bad!", **DAY}),
}


@pytest.mark.parametrize("name", BOXES)
def test_an_account_is_asked_about_in_the_window_of_the_form(name: str) -> None:
    box, fields = BOXES[name]
    assert asked(box).fields == fields


@pytest.mark.parametrize(
    "box", ["1.11.24815", "#1.11.24815", "https://blocksights.info/#/operations/1.11.24815"]
)
def test_an_operation_brings_its_own_account_and_window(box: str) -> None:
    found = asked(box, was=was(account="chen-hui", **CLAIMS), **CLAIMS).fields
    assert (found["account"], found["operation"], found["tz"]) == (
        "zhao-ming",
        "1.11.24815",
        "Asia/Shanghai",
    )
    assert found["from"] < "2026-11-22T08:00:12Z" < found["to"]
    assert not found.keys() & {"last", *CLAIMS}


@pytest.mark.parametrize(
    ("box", "word"),
    [
        ("1.11.99999999", "1.11.99999999"),
        (secrets.token_hex(20), "recent"),
        (secrets.token_hex(32), "another chain"),
        ("x y " * 5000, "too long"),
    ],
    ids=["operation", "transaction", "hash of another chain", "too long"],
)
def test_what_leads_nowhere_says_what_to_give_instead(box: str, word: str) -> None:
    with pytest.raises(BadInput) as wrong:
        asked(box)
    [error] = wrong.value.errors
    assert error.field == "q"
    assert word in error.text.say("en")


def test_a_reference_or_a_transaction_of_an_earlier_answer_opens_its_case() -> None:
    recent = RecentQuestions()
    transaction = secrets.token_hex(20)
    kept = {
        "account": "zhao-ming",
        "from": "2026-11-22T06:00:00Z",
        "to": "2026-11-22T12:00:00Z",
    }
    for key in ("d4616f976f", transaction):
        recent.remember(key, {**kept, "memo": "private words"})
    for box in ("d4616f976f", "d4616f976f160bba", transaction):
        assert asked(box, recent).fields == {**kept, "tz": "Asia/Shanghai"}
    assert asked("e4616f976f", recent).fields["account"] == "e4616f976f"


def test_only_so_many_questions_are_remembered() -> None:
    recent = RecentQuestions(most=3)
    for number in range(5):
        recent.remember(f"{number:010x}", {"account": f"a{number}"})
    assert [bool(recent.find(f"{n:010x}")) for n in range(5)] == [
        False,
        False,
        True,
        True,
        True,
    ]


KEPT = {
    "the same account keeps its claims": ("zhao-ming", {}, CLAIMS),
    "another one has none": ("chen-hui", {}, {}),
    "but what was typed for it": ("chen-hui", {"amount": "7"}, {"amount": "7"}),
    "in another spelling it is the same": ("Zhao-Ming", {}, CLAIMS),
}


@pytest.mark.parametrize("name", KEPT)
def test_claims_belong_to_the_account_they_were_made_for(name: str) -> None:
    box, typed, kept = KEPT[name]
    before = was(account="zhao-ming", **CLAIMS)
    found = asked(box, was=before, **{**CLAIMS, **typed}).fields
    assert {n: found[n] for n in CLAIMS if n in found} == kept


def test_a_ticket_has_its_own_claims_alone() -> None:
    before = was(account="chen-hui", asset="BTS", amount="9", operation="1.11.7")
    text = "账户 zhao-ming，北京时间 2026-11-22 16:00 提了 0.05616 NORTH.BTC，没到账"
    found = asked(text, was=before, asset="BTS", amount="9", operation="1.11.7")
    assert found.fields["asset"] == "NORTH.BTC"
    assert found.fields["amount"] == "0.05616"
    assert "operation" not in found.fields
    assert found.fields["from"] <= "2026-11-22T08:00:00Z" <= found.fields["to"]
    assert found.ticket is not None
    assert {one.field for one in found.ticket.taken} == {"account", "asset", "amount", "from"}
    assert not found.ticket.assumed_zone


def test_a_ticket_without_a_zone_is_read_in_that_of_the_form_and_says_so() -> None:
    found = asked("账户 zhao-ming，2026-11-22 16:00 提了 0.05616 NORTH.BTC，没到账")
    assert found.fields["from"] <= "2026-11-22T08:00:00Z" <= found.fields["to"]
    assert found.ticket is not None
    assert found.ticket.assumed_zone


def test_a_ticket_without_a_time_takes_the_window_of_the_form() -> None:
    assert asked("账户 zhao-ming 提币 0.05616 NORTH.BTC 没到账").fields["last"] == "24h"


def test_a_ticket_without_an_account_is_an_error_that_holds_what_was_read() -> None:
    with pytest.raises(NoAccount) as wrong:
        asked("提了 0.05616 NORTH.BTC，没到账")
    assert wrong.value.fields["amount"] == "0.05616"
    assert wrong.value.ticket.question is not None


def test_a_link_is_taken_as_it_is() -> None:
    fields = {"account": "zhao-ming", **DAY, **CLAIMS}
    assert read(fields, replace(services()), RecentQuestions()) == Question(fields)
