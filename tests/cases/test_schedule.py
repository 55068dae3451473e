"""When a case is looked at again."""

from datetime import timedelta
from typing import Any

import pytest
from desks import at, verdict

from diag.cases.schedule import after_failure, next_look, resolution, state_of

NOON = at("2026-11-22T12:00:00")


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    "found",
    [
        {"outcome": "delivered", "finality": "final"},
        {"outcome": "returned", "finality": "final"},
        {"outcome": "not_sent", "finality": "final"},
    ],
)
def test_what_is_over_is_not_looked_at(found: dict[str, Any]) -> None:
    assert next_look(verdict(**found), NOON, NOON) is None
    assert resolution(verdict(**found)) == found["outcome"]


@pytest.mark.parametrize(
    ("found", "watched", "pause"),
    [
        pytest.param({}, 0, 1, id="just opened"),
        pytest.param({}, 40, 5, id="watched for 40 minutes"),
        pytest.param({"outcome": "stuck"}, 8 * 60, 60, id="overdue for 8 hours"),
        pytest.param({"outcome": "stuck"}, 10 * 24 * 60, 60, id="overdue for 10 days"),
        pytest.param({"stage": "chain_unconfirmed"}, 600, 1, id="not irreversible yet"),
        pytest.param({"advice": "retry_later"}, 600, 5, id="sources that may answer soon"),
        pytest.param({"outcome": "delivered"}, 0, 1, id="delivered in a block that may vanish"),
        pytest.param({"outcome": "not_sent", "finality": "provisional"}, 80, 10, id="not sent"),
        pytest.param(
            {"normal_until": NOON + minutes(3)},
            80,
            3,
            id="the usual time ends before the pause",
        ),
        pytest.param({"expected_by": NOON + minutes(4)}, 80, 4, id="expected before the pause"),
        pytest.param({"escalate_after": NOON + minutes(7)}, 80, 7, id="time to insist comes"),
        pytest.param(
            {"expected_by": NOON + minutes(9), "eta_basis": "protocol"},
            80,
            9,
            id="a proposal ends",
        ),
        pytest.param({"expected_by": NOON}, 80, 10, id="a promise that has passed"),
        pytest.param({"expected_by": NOON + minutes(500)}, 80, 10, id="a promise far away"),
    ],
)
def test_the_next_look_follows_from_the_verdict(
    found: dict[str, Any], watched: float, pause: float
) -> None:
    assert next_look(verdict(**found), NOON, NOON - minutes(watched)) == NOON + minutes(pause)


@pytest.mark.parametrize(
    ("failures", "pause"), [(1, 1), (2, 2), (4, 8), (6, 32), (7, 60), (10_000, 60)]
)
def test_a_silent_chain_is_asked_less_and_less(failures: int, pause: float) -> None:
    assert after_failure(failures, NOON) == NOON + minutes(pause)


@pytest.mark.parametrize(
    ("actor", "state"),
    [
        ("gateway", ("waiting", "gateway")),
        ("user", ("waiting", "user")),
        ("security", ("waiting", "security")),
        ("support", ("open", None)),
        ("nobody", ("open", None)),
    ],
)
def test_a_case_waits_for_whoever_must_act(actor: str, state: tuple[str, str | None]) -> None:
    assert state_of(verdict(actor=actor)) == state
