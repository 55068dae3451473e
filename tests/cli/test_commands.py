"""Each command: its help, its options, and what is particular to it."""

from __future__ import annotations

import json
import os
import random
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
import requests
from commands import EMBEDDED, ROOT, free_port
from recorded import RECORDED, ledger
from secret_texts import remains, wif

from diag.cli import main
from diag.ledger.replay.server import Replay

ID, TXID = "1.11.24815", "8808e7d235ed58b508bf449811eef013b5ba16e3"
WINDOW = ("--from", "2026-11-22T07:30:00Z", "--to", "2026-11-22T08:30:00Z")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("DIAG_", "LC_", "LANG"))]:
        monkeypatch.delenv(name)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main.main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_and_every_option_has_help(name: str) -> None:
    command: click.Command = import_module(f"diag.cli.{name}").command
    options = [param for param in command.params if isinstance(param, click.Option)]

    assert command.help and command.help[0].isupper()
    assert [option.name for option in options if not (option.help or "").endswith(".")] == []


def test_the_page_of_the_command_line_names_every_command() -> None:
    page = (ROOT / "docs" / "command_line.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^- `diag (\w+)", page, re.MULTILINE))
    assert named == set(main.COMMANDS)


# --- open ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", [ID, f"#{ID}", f"https://blocksights.info/#/operations/{ID}", TXID, TXID.upper()]
)
def test_an_id_alone_opens_its_case(capsys: pytest.CaptureFixture[str], given: str) -> None:
    status, out, err = run(capsys, "open", given, "--format", "json", "--tz", "Asia/Shanghai")
    body = json.loads(out)

    assert (status, err) == (2, "")
    assert body["verdict"]["code"] == "gateway_overdue"
    assert (body["case"]["account"], body["case"]["tz"]) == ("zhao-ming", "Asia/Shanghai")
    assert body["withdrawals"][0]["operation"] == ID


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ("zhao-ming", "id"),
        ("", "id"),
        ("1.2.17", "id"),
        ("ab" * 32, "id"),
        ("1.11.999999999", "operation"),
        ("0" * 40, "transaction"),
    ],
)
def test_what_opens_nothing_is_explained(
    capsys: pytest.CaptureFixture[str], given: str, field: str, lang: str
) -> None:
    status, out, err = run(capsys, "open", given, "--lang", lang)

    assert (status, out) == (64, "")
    assert f"  {field}: " in err


def test_a_secret_opens_nothing_and_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    key = wif(random.Random(3))
    status, out, err = run(capsys, "open", key, "--lang", "en")

    assert (status, out) == (64, "")
    assert err.startswith("diag: A private key")
    assert remains(err, key) == []


# --- --node --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def node() -> Any:
    with Replay(ledger()) as replay:
        yield replay


@pytest.mark.parametrize(
    "words", [("diagnose", "zhao-ming", *WINDOW), ("open", ID), ("open", TXID)]
)
def test_a_node_is_asked_instead_of_those_of_the_settings(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    node: Replay,
    words: tuple[str, ...],
) -> None:
    monkeypatch.setenv("DIAG_NODES_FILE", "/no/such/file")
    monkeypatch.setenv("DIAG_CLOCK", f"{ledger().clock:%Y-%m-%dT%H:%M:%SZ}")
    monkeypatch.setenv("DIAG_GATEWAYS", str(RECORDED / "gateways.json"))
    monkeypatch.setenv("DIAG_DEADLINE", "60")
    dead = f"http://127.0.0.1:{free_port()}"
    status, out, err = run(
        capsys, *words, "--node", node.url, "--node", dead, "--format", "json"
    )

    assert (status, err) == (2, "")
    assert json.loads(out)["verdict"]["code"] == "gateway_overdue"
    assert "127.0.0.1" in str(json.loads(out)["as_of"]["nodes"])


def test_the_doctor_examines_the_node_that_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, node: Replay
) -> None:
    monkeypatch.setenv("DIAG_NODES", "ftp://wrong.example")
    _, out, _ = run(capsys, "doctor", "--node", node.url, "--format", "json")
    told = {row["area"]: row for row in json.loads(out)["findings"]}

    assert "wrong.example" not in out
    assert "nodes" in told


def test_a_node_that_is_none_is_a_wrong_setting(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, "open", ID, "--node", "ftp://node.example", "--lang", "en")
    assert status == 64
    assert err.startswith("diag: ")


# --- replay --------------------------------------------------------------------------------


def test_replay_serves_what_it_was_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Any] = []

    def serve(replay: Replay) -> None:
        call = {"id": 7, "method": "call", "params": ["database", "get_chain_id", []]}
        with replay:
            reply = requests.post(replay.url, json=call, timeout=60).json()
            served.append((reply["id"], reply["result"], len(replay.calls)))

    monkeypatch.setattr("diag.ledger.replay.server.serve_forever", serve)
    words = ("--latency-ms", "5", "--keep", "9", "--behind", "60", "--fault", "wrong-id")
    place = ("--ledger", str(EMBEDDED), "--port", "0")
    assert run(capsys, "replay", *place, *words, "--chain-id", "cd" * 32)[0] == 0
    assert served == [(8, "cd" * 32, 1)]


def test_replay_refuses_a_directory_without_a_ledger(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, _, err = run(capsys, "replay", "--ledger", str(tmp_path), "--port", "0")
    assert status == 2
    assert "cannot be read" in err
