"""Requests made from openapi.yaml, fitting and unfitting: what comes back is always what it says."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from contract import SPEC, resolved
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from diag.api.app import create_app
from diag.config.settings import Settings

APPS = {
    "the recorded chain": Settings(),
    "nobody answers": Settings(nodes=("http://127.0.0.1:9",), deadline=0.5, ahead=0),
}
MODES = {"fitting": GenerationMode.POSITIVE, "unfitting": GenerationMode.NEGATIVE}
EXAMPLES, FEW = 30, 3


OF_CASES = ("/v1/cases", "/v1/accounts", "/v1/reports")


def requests(prefixes: tuple[str, ...] = ("/",)) -> Iterator[Any]:
    """Fitting ones for each operation; unfitting ones where something can be wrong."""
    for path, item in SPEC["paths"].items():
        if not path.startswith(prefixes):
            continue
        for method in [m for m in ("get", "post", "patch", "delete") if m in item]:
            operation = item[method]
            asked = (resolved(p)["in"] == "query" for p in operation.get("parameters", ()))
            open_ended = "requestBody" in operation or any(asked)
            for mode in MODES if open_ended else ("fitting",):
                number = EXAMPLES if open_ended else FEW
                yield pytest.param(
                    path, method.upper(), mode, number, id=f"{method} {path} {mode}"
                )


UNSAID = frozenset({"positive_data_acceptance"})
"""A schema cannot say that a window is needed, that it must not lie in the future, and so on."""
FORGIVING = {"/panel": {"negative_data_rejection"}}
"""A page's form sends its empty fields: they count as not given."""


@pytest.fixture(scope="module", params=APPS)
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    yield create_app(APPS[request.param])
    logging.disable(before)


@pytest.mark.parametrize(("path", "method", "mode", "number"), list(requests()))
def test_the_service_keeps_its_contract(
    app: Flask, path: str, method: str, mode: str, number: int
) -> None:
    ask(app, path, method, mode, number)


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that keeps cases."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    directory = tmp_path_factory.mktemp("cases")
    yield create_app(Settings(database=f"sqlite:///{directory / 'cases.db'}"))
    logging.disable(before)


@pytest.mark.parametrize(("path", "method", "mode", "number"), list(requests(OF_CASES)))
def test_kept_cases_keep_their_contract(
    keeping: Flask, path: str, method: str, mode: str, number: int
) -> None:
    ask(keeping, path, method, mode, number)


def ask(app: Flask, path: str, method: str, mode: str, number: int) -> None:
    schema = schemathesis.openapi.from_dict(SPEC)
    schema.app = app
    without = UNSAID | FORGIVING.get(path, set())
    if app.extensions["diag"].settings.nodes:
        without |= {"not_a_server_error"}  # 503 is promised, and held against the promise
    excluded = [check for check in CHECKS.get_all() if check.__name__ in without]

    @given(case=schema[path][method].as_strategy(generation_mode=MODES[mode]))
    @settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        case.call_and_validate(excluded_checks=excluded)

    send()
