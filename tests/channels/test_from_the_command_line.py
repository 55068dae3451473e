"""From programs alone: a chain whose head moves on, a case, its change, and a receiver that checks who
told it; the commands that look after channels and messages."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import commands
import pytest
import requests
from commands import ROOT, free_port, started, until
from desks import at
from messages import SECRET, put, webhook_file, write
from receiver import receiving, verifying
from recorded import RECORDED, ledger
from stores import new_database, sqlite_url
from waiting import PATIENCE, soon

END = ledger().clock
BEFORE, AFTER = at("2026-11-21T21:01:00"), at("2026-11-21T21:04:00")
QUESTION = {
    "account": "lin-yue",
    "from": "2026-11-21T20:30:00Z",
    "to": "2026-11-21T21:00:30Z",
    "asset": "NORTH.BTC",
    "reference": "ZD-1",
    "tell": ["ops"],
}


def ran(*arguments: str, **settings: str) -> tuple[int, str]:
    status, out, err = commands.ran(*arguments, DIAG_LANG="en", **settings)
    return status, out + err


@contextmanager
def receiver_program(directory: Path) -> Iterator[tuple[str, Path]]:
    """tests/support/receiver.py as a program: its address, and the file of what came."""
    log = directory / "receiver.log"
    script = ROOT / "tests" / "support" / "receiver.py"
    with log.open("wb") as file:
        program = subprocess.Popen([sys.executable, str(script), SECRET], stdout=file)
        try:
            yield until(lambda: log.read_text().partition("\n")[0], program, log), log
        finally:
            program.kill()
            program.wait()


@contextmanager
def site(now: datetime, directory: Path, **settings: str) -> Iterator[str]:
    """`diag replay` with its head at a time, and `diag serve` on it; the address of the latter."""
    node, port = free_port(), free_port()
    behind = str((END - now).total_seconds())
    replay = ("replay", "--ledger", str(RECORDED), "--port", str(node), "--behind", behind)
    with (
        started(*replay, log=directory / "replay.log"),
        started(
            *("serve", "--port", str(port)),
            log=directory / "serve.log",
            DIAG_NODES=f"http://127.0.0.1:{node}",
            DIAG_CLOCK=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            DIAG_GATEWAYS=str(RECORDED / "gateways.json"),
            DIAG_DEADLINE="60",
            **settings,
        ) as program,
    ):
        root = f"http://127.0.0.1:{port}"
        log = directory / "serve.log"
        until(lambda: requests.get(f"{root}/readyz", timeout=PATIENCE).ok, program, log)
        yield root
        program.send_signal(signal.SIGTERM)
        program.wait(PATIENCE)


def test_a_change_reaches_a_receiver_that_checks_who_sent_it(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with receiver_program(tmp_path) as (address, log):
        channels = webhook_file(tmp_path / "channels.toml", address)
        settings = {"DIAG_DATABASE": url, "DIAG_CHANNELS": str(channels)}
        with site(BEFORE, tmp_path, **settings) as root:
            made = requests.post(f"{root}/v1/cases", json=QUESTION, timeout=PATIENCE)
            assert made.status_code == 201, made.text
            case = made.json()
            assert case["verdict"]["code"] == "gateway_processing"

        with site(AFTER, tmp_path, **settings) as root:

            def deliveries() -> list[dict[str, Any]]:
                page = requests.get(f"{root}/v1/deliveries", timeout=PATIENCE).json()
                rows: list[dict[str, Any]] = page["deliveries"]
                return rows

            # the jobs come once a minute
            assert soon(
                lambda: [row["state"] for row in deliveries()] == ["delivered"], 3 * PATIENCE
            )
            [row] = deliveries()
            metrics = requests.get(f"{root}/metrics", timeout=PATIENCE).text
        assert 'diag_deliveries_total{outcome="delivered"} 1.0' in metrics
        [came] = log.read_text(encoding="utf-8").splitlines()[1:]

    status, message_id, body = came.split(" ", 2)
    told = json.loads(body)
    assert (status, message_id) == ("204", row["id"])
    assert (told["type"], told["id"]) == ("case.changed", row["id"])
    assert (told["case"]["id"], told["case"]["reference"]) == (case["id"], "ZD-1")
    assert told["body"]["after"]["code"] == "gateway_settled"
    status_code, listed = ran("deliveries", "list", **settings)
    assert status_code == 0 and row["id"] in listed and "delivered" in listed


# --- diag channels --------------------------------------------------------------------------------


def test_a_channel_is_tried_out(tmp_path: Path) -> None:
    with receiving(verifying(SECRET)) as receiver:
        file = str(webhook_file(tmp_path / "channels.toml", receiver.url))
        assert ran("channels", "test", "ops", DIAG_CHANNELS=file) == (
            0,
            "ops: the test message was taken.\n",
        )
        [came] = receiver.arrived
        assert came.json()["type"] == "channel.test"
        receiver.answer = lambda _: (503, {}, b"")
        status, said = ran("channels", "test", "ops", DIAG_CHANNELS=file)
        assert (status, "HTTP 503" in said) == (2, True)
    status, said = ran("channels", "list", DIAG_CHANNELS=file)
    assert status == 0 and "ops  webhook  http://127.0.0.1" in said and SECRET not in said


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (("channels", "list"), {}, "DIAG_CHANNELS is not set"),
        (("channels", "test", "nobody"), {"DIAG_CHANNELS": "FILE"}, "use ops"),
        (("channels", "list"), {"DIAG_CHANNELS": "BROKEN"}, "channels[0].kind"),
        (("deliveries", "list"), {}, "DIAG_CASES"),
        (("deliveries", "retry"), {"DIAG_DATABASE": "URL"}, "Give an ID, or --all"),
        (("deliveries", "retry", "x"), {"DIAG_DATABASE": "URL"}, "no such message"),
        (("deliveries", "drop", "0" * 32), {"DIAG_DATABASE": "URL"}, "no such message"),
    ],
)
def test_a_mistake_is_told_in_words(
    tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], words: str
) -> None:
    given = {
        "FILE": str(webhook_file(tmp_path / "channels.toml", "http://127.0.0.1:1")),
        "BROKEN": str(write(tmp_path / "broken.toml", '[[channels]]\nname = "x"\n')),
        "URL": sqlite_url(tmp_path),
    }
    status, said = ran(*arguments, **{name: given[value] for name, value in settings.items()})
    assert status != 0 and words in said


def test_parked_messages_are_listed_sent_again_and_dropped(tmp_path: Path) -> None:
    with new_database("sqlite", tmp_path) as database:
        from diag.cases import outbox

        first, second = put(database, "ops", "mail")
        for message in outbox.take(database, at("2026-12-01T09:00:00"), "a" * 32, 8):
            outbox.failed(database, message, at("2026-12-01T09:00:00"), "HTTP 410", None)
    settings = {"DIAG_DATABASE": sqlite_url(tmp_path)}
    status, said = ran(
        "deliveries", "list", "--state", "parked", "--format", "json", **settings
    )
    rows = json.loads(said)["deliveries"]
    assert status == 0 and {row["id"] for row in rows} == {first, second}
    assert ran("deliveries", "drop", second, **settings) == (0, "The message is deleted.\n")
    again = ran("deliveries", "retry", "--all", **settings)
    assert again == (0, "Messages to be sent again: 1.\n")
    assert "waiting" in ran("deliveries", "list", **settings)[1]
