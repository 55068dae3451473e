"""Rows side by side: as they finish, never too many at once, and none that spoils the others."""

from __future__ import annotations

import logging
from contextlib import closing
from threading import Event, Lock

import pytest
from builders import burn, diagnose_, transfer
from waiting import PATIENCE

from diag.errors import BadInput, DiagError, OutOfTime, Unreachable
from diag.triage.executor import run
from diag.triage.result import RowDiagnosis, RowResult
from diag.triage.tickets import Row

SETTLED = diagnose_(transfer(), burn())


def rows(count):
    return [Row(n, f"T-{n}") for n in range(1, count + 1)]


def settled(row):
    return RowResult(row, RowDiagnosis.of(SETTLED))


def answers(given, answer=settled, **more):
    more = {"left": lambda: 1.0, "workers": 4} | more
    return run(given, answer, **more)


def test_every_row_is_answered_once():
    found = list(answers(rows(100)))

    assert sorted(done.row.number for done in found) == list(range(1, 101))
    assert {done.diagnosis.verdict.code for done in found} == {"gateway_settled"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(
            BadInput.about("account", "request.account"), "bad_input", id="a wrong field"
        ),
        pytest.param(Unreachable("connection refused"), "unreachable", id="no node"),
        pytest.param(RuntimeError("secret detail"), "internal_error", id="a crash"),
        pytest.param(RecursionError(), "internal_error", id="too deep"),
    ],
)
def test_what_goes_wrong_with_a_row_is_said_of_that_row(error, code, caplog):
    caplog.set_level(logging.CRITICAL)

    def fail(row):
        if row.number == 2:
            raise error
        return settled(row)

    found = {done.row.number: done for done in answers(rows(3), fail)}

    assert found[2].error.code == code
    assert isinstance(found[2].error, DiagError)
    assert "secret" not in found[2].error.text.en
    assert found[1].diagnosis and found[3].diagnosis


def test_a_row_that_was_wrong_from_the_start_is_not_asked_about():
    wrong = BadInput.about("row", "request.account")
    [done] = answers([Row(1, wrong=wrong)], pytest.fail)

    assert done.error is wrong


def test_when_the_time_is_over_the_rest_is_out_of_time():
    left = iter([1.0, 1.0])
    found = list(answers(rows(5), left=lambda: next(left, 0.0), workers=1))

    assert [done.diagnosis is not None for done in found] == [True, True, False, False, False]
    assert all(isinstance(done.error, OutOfTime) for done in found[2:])


def test_answers_come_as_they_finish_and_not_in_the_order_of_the_rows():
    gate = Event()

    def answer(row):
        if row.number == 1:
            assert gate.wait(PATIENCE)
        return settled(row)

    found = answers(rows(4), answer, workers=2)
    first = [next(found).row.number for _ in range(3)]
    gate.set()

    assert sorted(first) == [2, 3, 4]
    assert [done.row.number for done in found] == [1]


def test_who_does_not_take_answers_stops_the_work():
    started, lock = [], Lock()

    def answer(row):
        with lock:
            started.append(row.number)
        return settled(row)

    found = answers(rows(100), answer, workers=3)
    next(found)
    for _ in range(3):
        next(found)

    assert len(started) <= 4 + 3
    found.close()
    assert len(started) <= 4 + 3


def test_closing_the_answers_starts_no_other_row():
    started, gate = [], Event()

    def answer(row):
        started.append(row.number)
        assert gate.wait(PATIENCE) or row.number == 1
        return settled(row)

    with closing(answers(rows(50), answer, workers=2)) as found:
        gate.set()
        next(found)
    before = len(started)

    assert before <= 4
    assert list(found) == []
