"""API keys: whoever holds one is let in, nobody else; and no key is written anywhere."""

from __future__ import annotations

import logging
import os
import re
from base64 import b64encode
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from recorded import RECORDED
from waiting import FOREVER
from werkzeug.test import TestResponse

from diag.access import api_keys
from diag.access.api_keys import ApiKey, digest, file_entry, find_owner, generate_key, read_keys
from diag.api.app import create_app
from diag.cli import main
from diag.config.settings import Settings
from diag.errors import BadSetting
from diag.redaction import log_records, redact

OURS, NEXT, OLD, OTHER = ("diag_" + letter * 52 for letter in "abcd")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FILE = "".join(
    [
        file_entry("helpdesk", OURS),
        file_entry("helpdesk", NEXT, date(2999, 1, 1)),
        file_entry("monitoring", OLD, date(2026, 11, 22)),
    ]
)
ASKED = {"account": "lin-yue", "last": "24h"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "keys.toml"
    found.write_text(FILE, encoding="utf-8")
    return found


@pytest.fixture
def client(path: Path) -> FlaskClient:
    return create_app(Settings(deadline=FOREVER, ledger=RECORDED, api_keys=path)).test_client()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def basic(name: str, key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{key}".encode()).decode()}


def test_keys_are_long_random_and_can_be_found_with_grep() -> None:
    made = {generate_key() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"diag_[a-z2-7]{52}", key) for key in made)
    assert {redact(f"Authorization: Bearer {key}").kinds for key in made} == {("api_key",)}


HELD = [
    # who is meant, the text, when
    ("helpdesk", OURS, NOW),
    ("helpdesk", NEXT, NOW),
    ("monitoring", OLD, datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)),
    (None, OLD, datetime(2026, 11, 22, tzinfo=UTC)),
    (None, OTHER, NOW),
    (None, "", NOW),
    (None, OURS.upper(), NOW),
    (None, OURS + " ", NOW),
    (None, digest(OURS), NOW),
    (None, "\ud800", NOW),
]


@pytest.mark.parametrize(("name", "text", "now"), HELD)
def test_a_key_belongs_to_a_name_until_it_ends(
    path: Path, name: str | None, text: str, now: datetime
) -> None:
    assert find_owner(read_keys(path), text, now) == name


def test_every_key_is_compared_whichever_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(api_keys, "compare_digest", lambda a, b: compared.append(b) or a == b)
    keys = [ApiKey(str(n), digest(key)) for n, key in enumerate([OURS, NEXT, OLD])]
    assert [find_owner(keys, key, NOW) for key in (OURS, OLD, OTHER)] == ["0", "2", None]
    assert compared == [key.sha256 for key in keys] * 3


WRONG = {
    "no name": (f'[[keys]]\nsha256 = "{digest(OURS)}"', r"keys\[0\]\.name: missing"),
    "a name in capitals": (file_entry("Help", OURS), "is not a name"),
    "the key itself": (f'[[keys]]\nname = "a"\nsha256 = "{OURS}"', "line 3.*diag key"),
    "an end without a date": (
        file_entry("a", OURS) + "expires = 'soon'",
        "line 4.*is not a time",
    ),
    "a key twice": (file_entry("a", OURS) + file_entry("b", OURS), "give each only once"),
    "an unknown field": (file_entry("a", OURS) + "role = 1\n", "unknown field"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_in_the_file_is_told_with_its_place(path: Path, name: str) -> None:
    text, said = WRONG[name]
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadSetting, match=said) as caught:
        create_app(Settings(deadline=FOREVER, ledger=RECORDED, api_keys=path))
    assert OURS[:20] not in caught.value.text.zh + caught.value.text.en


LET_IN = [bearer(OURS), bearer(NEXT), basic("helpdesk", OURS)]
LEFT_OUT: list[dict[str, str]] = [
    {},
    bearer(OTHER),
    bearer(OLD),
    bearer(""),
    basic("monitoring", OURS),
    basic("", OURS),
    basic(OURS, ""),
    {"Authorization": OURS},
    {"Authorization": "Basic ####"},
    {"Authorization": "Digest username=helpdesk"},
    {"X-API-Key": OURS},
]


@pytest.mark.parametrize("headers", LET_IN)
def test_whoever_holds_a_key_is_answered(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.get("/v1/checks", headers=headers).status_code == 200
    assert client.get("/panel", headers=headers).status_code == 200
    assert client.get("/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", LEFT_OUT)
def test_nobody_else_is(client: FlaskClient, headers: dict[str, str]) -> None:
    response = client.get("/v1/diagnoses", query_string=ASKED, headers=headers)
    assert_left_out(response)
    assert response.get_json()["text"]["zh"].startswith("需要有效的 API key")


def assert_left_out(response: TestResponse) -> None:
    assert response.status_code == 401
    assert [
        value.partition(" ")[0] for value in response.headers.getlist("WWW-Authenticate")
    ] == [
        "Bearer",
        "Basic",
    ]
    assert "lin-yue" not in response.text


def test_a_key_in_the_address_counts_for_nothing(client: FlaskClient) -> None:
    for name in ("key", "api_key", "access_token", "authorization"):
        assert_left_out(client.get("/v1/checks", query_string={name: OURS}))


def test_probes_and_the_contract_are_open_and_all_else_is_not(client: FlaskClient) -> None:
    answered = {
        rule.rule: client.open(
            rule.rule.replace("<key>", "NORTH"),
            method="GET" if "GET" in (rule.methods or ()) else "POST",
        ).status_code
        for rule in client.application.url_map.iter_rules()
    }
    open_ones = {rule for rule, status in answered.items() if status != 401}
    assert open_ones == {
        "/healthz",
        "/readyz",
        "/openapi.yaml",
        "/openapi.json",
        "/.well-known/security.txt",
    }
    assert client.get("/nothing").status_code == client.delete("/panel").status_code == 401


def test_whether_it_is_ready_is_open_and_of_what_it_lives_is_not(client: FlaskClient) -> None:
    for headers in LEFT_OUT:
        ready = client.get("/readyz", headers=headers)
        assert (ready.status_code, ready.get_json()) == (200, {"status": "ready", "nodes": []})
    for headers in LET_IN:
        ready = client.get("/readyz", headers=headers)
        assert ready.status_code == 200
        assert ready.get_json()["nodes"]


def test_an_address_is_told_only_so_often_that_its_key_is_not_good(client: FlaskClient) -> None:
    def status(address: str, headers: dict[str, str]) -> int:
        response = client.get(
            "/v1/checks", headers=headers, environ_base={"REMOTE_ADDR": address}
        )
        assert ("Retry-After" in response.headers) == (response.status_code == 429)
        return response.status_code

    told = [status("203.0.113.5", bearer(OTHER)) for _ in range(70)]
    assert told == [401] * 60 + [429] * 10
    assert status("203.0.113.5", bearer(OURS)) == 200  # a good key never waits
    assert status("203.0.113.6", bearer(OTHER)) == 401  # nor does anybody else


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_panel_says_it_as_a_page(client: FlaskClient, lang: str) -> None:
    response = client.get("/panel", query_string=ASKED, headers={"Accept-Language": lang})
    assert_left_out(response)
    assert response.mimetype == "text/html"
    assert "API key" in response.text
    assert client.get("/panel/panel.js").mimetype == "application/problem+json"


def test_keys_change_without_a_restart(client: FlaskClient, path: Path) -> None:
    def write(text: str, second: int) -> None:
        path.write_text(text, encoding="utf-8")
        os.utime(path, (second, second))

    def status(key: str) -> int:
        return client.get("/v1/checks", headers=bearer(key)).status_code

    write(file_entry("helpdesk", NEXT), 1)
    assert (status(OURS), status(NEXT)) == (401, 200)
    write("keys = 1", 2)  # spoilt: the last good ones stay
    assert (status(OURS), status(NEXT)) == (401, 200)
    path.unlink()
    assert (status(OURS), status(NEXT)) == (401, 200)
    write("", 3)
    assert (status(OURS), status(NEXT)) == (401, 401)
    write(file_entry("helpdesk", NEXT), 4)
    assert (status(OURS), status(NEXT)) == (401, 200)
    write(file_entry("helpdesk", OURS), 4)  # as long, and in the same second
    assert (status(OURS), status(NEXT)) == (200, 401)


def test_without_a_file_everybody_may_ask() -> None:
    client = create_app(Settings(deadline=FOREVER, ledger=RECORDED)).test_client()
    for headers in ({}, bearer(OTHER)):
        assert client.get("/v1/checks", headers=headers).status_code == 200


def test_the_log_names_the_key_and_never_holds_it(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    factory = logging.getLogRecordFactory()
    log_records.install()
    try:
        caplog.set_level(0)
        client.get("/v1/checks", headers=bearer(OURS))
        client.get("/v1/checks", headers=bearer(OTHER))
        logging.getLogger("x").warning("somebody wrote %s", OURS)
    finally:
        logging.setLogRecordFactory(factory)
    told: list[Any] = [vars(record).get("fields") for record in caplog.records]
    assert [fields.get("key") for fields in told[:2]] == ["helpdesk", None]
    everything = "".join(map(str, [caplog.text, *map(vars, caplog.records)]))
    assert [key for key in (OURS, OTHER) if key[:20] in everything] == []
    assert "somebody wrote [redacted:api_key]" in everything


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_key_is_made_on_the_command_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, lang: str
) -> None:
    assert main.main(["key", "helpdesk", "--expires", "2999-12-31", "--lang", lang]) == 0
    out, err = capsys.readouterr()
    _, text, *rest = out.splitlines()
    file = tmp_path / "keys.toml"
    file.write_text("\n".join(rest), encoding="utf-8")
    assert err == ""
    assert find_owner(read_keys(file), text, NOW) == "helpdesk"
    assert text not in "\n".join(rest)


@pytest.mark.parametrize(
    "arguments",
    [
        ["Help desk"],
        ["a", "--expires", "soon"],
        ["a", "--expires", "2020-01-01"],
        ["a", "--expires", f"{datetime.now(UTC).date()}"],
    ],
    ids=["a name", "an end", "an end in the past", "an end today"],
)
def test_a_key_with_a_mistake_is_not_made(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main.main(["key", *arguments]) == 64
    assert "diag_" not in capsys.readouterr().out
