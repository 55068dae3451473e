"""/.well-known/security.txt says where to report a vulnerability (RFC 9116), or is not there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from diag.api.app import build_app
from diag.api.security_contact import GOOD_FOR
from diag.bootstrap import build_services
from diag.config.settings import Settings, read_settings
from diag.services import Services

PATH = "/.well-known/security.txt"
CONTACT = {"DIAG_SECURITY_CONTACT": "mailto:security@diag.example https://diag.example/report"}


@pytest.fixture(scope="module")
def made() -> Services:
    return build_services(Settings())


def client_of(made: Services, environ: dict[str, str]) -> FlaskClient:
    given = read_settings(environ)
    settings = replace(
        made.settings,
        security_contact=given.security_contact,
        security_policy=given.security_policy,
        security_expires=given.security_expires,
    )
    return build_app(replace(made, settings=settings)).test_client()


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"DIAG_SECURITY_POLICY": "https://diag.example/security"},
        {"DIAG_SECURITY_EXPIRES": "2999-01-01T00:00:00Z"},
        {**CONTACT, "DIAG_SECURITY_EXPIRES": "2020-01-01T00:00:00Z"},
    ],
    ids=["nothing set", "a policy alone", "an end alone", "no longer good"],
)
def test_without_a_contact_that_is_good_there_is_none(
    made: Services, environ: dict[str, str]
) -> None:
    response = client_of(made, environ).get(PATH)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert response.get_json()["code"] == "not_found"


def test_every_field_of_the_settings_is_told(made: Services) -> None:
    given = {
        **CONTACT,
        "DIAG_SECURITY_POLICY": "https://diag.example/security",
        "DIAG_SECURITY_EXPIRES": "2999-01-01T00:00:00Z",
    }
    response = client_of(made, given).get(PATH)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text.splitlines() == [
        "Contact: mailto:security@diag.example",
        "Contact: https://diag.example/report",
        "Expires: 2999-01-01T00:00:00Z",
        "Policy: https://diag.example/security",
        "Preferred-Languages: zh, en",
    ]


def test_without_an_end_it_is_good_for_some_weeks_from_now(made: Services) -> None:
    before = datetime.now(UTC)
    text = client_of(made, CONTACT).get(PATH).text
    after = datetime.now(UTC)
    told = next(line for line in text.splitlines() if line.startswith("Expires: "))
    until = datetime.fromisoformat(told.removeprefix("Expires: "))
    assert before + GOOD_FOR - timedelta(seconds=1) <= until <= after + GOOD_FOR
    assert "Policy" not in text
