"""The cases as a desk works through them, on every kind of database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from desks import END, Chain, new_case

from diag.cases.board import Board, board, history
from diag.cases.database import Database
from diag.cases.desk import Desk
from diag.cases.span import Span

EARLY = END - timedelta(hours=14, minutes=59)
"""A minute after lin-yue's withdrawal, which is processed soon."""
SENT = {"from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:00:30Z"}
LATE = {"from": "2026-11-22T07:30:00Z", "to": "2026-11-22T08:30:00Z"}


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def desk(database: Database, chain: Chain) -> Desk:
    return chain.desk(database, ("mail",))


def opened(desk: Desk, account: str, by: str | None = None, **fields: Any) -> str:
    case, _, _ = desk.open(new_case(account, **fields), by)
    return case.id


def filled(database: Database, chain: Chain, desk: Desk) -> dict[str, str]:
    """Cases: one overdue, one whose change nobody has seen, one on its way, one settled from the start."""
    chain.now = EARLY
    found = {"changed": opened(desk, "lin-yue", "Ada", **SENT, tell=("mail",))}
    chain.now = END
    chain.watcher(database).run()
    found["overdue"] = opened(desk, "zhao-ming", "Bob", **LATE)
    found["settled"] = opened(desk, "lin-yue", "Bob")
    found["waiting"] = opened(
        desk, "chen-hui", "Bob", **{"from": None, "to": None, "last": "3h"}
    )
    return found


def names(found: Board, known: dict[str, str]) -> list[str]:
    by_id = {case: name for name, case in known.items()}
    return [by_id[case["id"]] for case in found.cases]


@pytest.mark.parametrize(
    ("gateway", "asset", "first", "last", "found"),
    [
        ("NORTH", "NORTH.BTC", "1.11.24815", "1.11.24815", (1, 1)),
        ("NORTH", "NORTH.BTC", "1.11.1", "1.11.999999", (4, 2)),
        ("NORTH", "NORTH.BTC", "1.11.24816", "1.11.24900", (0, 0)),
        ("NORTH", "NORTH.USDT", "1.11.1", "1.11.999999", (0, 0)),
        ("HARBOR", "NORTH.BTC", "1.11.1", "1.11.999999", (0, 0)),
    ],
)
def test_cases_are_counted_by_the_withdrawals_that_they_are_about(
    database: Database,
    chain: Chain,
    desk: Desk,
    gateway: str,
    asset: str,
    first: str,
    last: str,
    found: tuple[int, int],
) -> None:
    filled(database, chain, desk)
    opened(desk, "xie-aaq", last="24h", **{"from": None, "to": None})  # about no withdrawal
    span = Span.between(gateway, asset, first, last)
    assert span is not None
    assert desk.count_about(span) == found
    assert len(board(database, END, "all", 50, span=span).cases) == found[0]


def test_what_is_overdue_stands_first_then_what_changed(
    database: Database, chain: Chain, desk: Desk
) -> None:
    known = filled(database, chain, desk)
    found = board(database, END, "open", 50)
    assert names(found, known) == ["overdue", "changed", "waiting"]
    [first, second, third] = found.cases
    assert (first["overdue"], first["fresh"]) == (True, False)
    assert (second["overdue"], second["fresh"]) == (False, True)
    assert second["change"]["body"]["before"]["outcome"] == "in_progress"
    assert (third["overdue"], third["fresh"], third["change"]) == (False, False, None)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("urgent", ["overdue"]),
        ("changed", ["changed"]),
        ("gateway", ["overdue", "waiting"]),
        ("user", []),
        ("resolved", ["changed", "settled"]),
        ("closed", []),
        ("all", ["overdue", "changed", "waiting", "settled"]),
    ],
)
def test_a_view_has_the_cases_that_its_number_says(
    database: Database, chain: Chain, desk: Desk, view: str, expected: list[str]
) -> None:
    known = filled(database, chain, desk)
    found = board(database, END, view, 50)
    assert names(found, known) == expected
    assert found.counts[view] == len(expected)


def test_pages_have_every_case_once(database: Database, chain: Chain, desk: Desk) -> None:
    known = filled(database, chain, desk)
    seen, before = [], None
    for _ in range(len(known)):
        found = board(database, END, "all", 1, before=before)
        seen += names(found, known)
        before = found.more
    assert seen == ["overdue", "changed", "waiting", "settled"]
    assert before is None


def test_whose_and_words_limit_list_and_numbers(
    database: Database, chain: Chain, desk: Desk
) -> None:
    known = filled(database, chain, desk)
    assert names(board(database, END, "all", 50, opened_by="Ada"), known) == ["changed"]
    found = board(database, END, "all", 50, text="ZHAO")
    assert names(found, known) == ["overdue"]
    assert (found.counts["all"], found.counts["changed"]) == (1, 0)


def test_a_code_can_be_urgent_by_itself(database: Database, chain: Chain, desk: Desk) -> None:
    known = filled(database, chain, desk)
    code = desk.find(known["waiting"]).verdict.code
    found = board(database, END, "open", 50, urgent=[code])
    assert names(found, known) == ["waiting", "overdue", "changed"]


@pytest.mark.parametrize("how", ["note", "reply", "state", "check"])
def test_what_somebody_takes_up_is_not_new_any_more(
    database: Database, chain: Chain, desk: Desk, how: str
) -> None:
    known = filled(database, chain, desk)
    case = desk.find(known["changed"])
    if how == "note":
        desk.add(case, {"kind": "note", "text": "told"}, "Ada")
    elif how == "reply":
        desk.add(case, {"kind": "reply", "lang": "zh"}, "Ada")
    elif how == "state":
        desk.edit(case, None, {"state": "closed"}, "Ada")
    else:
        desk.check(case, "Ada")
    assert names(board(database, END, "changed", 50), known) == []
    assert known["changed"] not in [
        case["id"] for case in board(database, END, "open", 50).cases
    ]


def test_what_ended_long_ago_is_not_new_any_more(
    database: Database, chain: Chain, desk: Desk
) -> None:
    known = filled(database, chain, desk)
    later = END + timedelta(days=8)
    assert names(board(database, later, "changed", 50), known) == []


def test_a_case_tells_what_became_of_its_messages(
    database: Database, chain: Chain, desk: Desk
) -> None:
    known = filled(database, chain, desk)
    listed, messages = history(database, desk.find(known["changed"]), END)
    assert listed["fresh"]
    assert [(one["channel"], one["state"]) for one in messages] == [("mail", "waiting")]
    assert history(database, desk.find(known["overdue"]), END)[1] == []


@pytest.mark.parametrize("cursor", ["", "x", "3.1", "0.0", "0.99999999999999999999", "1"])
def test_a_cursor_of_nobody_begins_at_the_start(
    database: Database, chain: Chain, desk: Desk, cursor: str
) -> None:
    known = filled(database, chain, desk)
    found = board(database, END, "all", 1, before=cursor)
    assert names(found, known) == ["overdue"]
