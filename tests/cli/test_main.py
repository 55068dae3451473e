"""The `diag` command: its exit status, its words, and the services it starts."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from commands import EMBEDDED, ROOT, environment, free_port, ran, ran_as_program, started, until
from recorded import RECORDED
from secret_texts import remains, wif
from waiting import PATIENCE, soon

from diag import __version__
from diag.checks import CHECKS
from diag.cli import main
from diag.cli.exit_status import EXIT_STATUS
from diag.domain.vocabulary import Outcome
from diag.render.agent_note import TITLES

TRUTH = json.loads((RECORDED / "truth.json").read_text(encoding="utf-8"))["cases"]
HAN = re.compile("[\u4e00-\u9fff]")
WINDOW = ("--from", "2026-11-21T20:30:00Z", "--to", "2026-11-21T21:30:00Z")
LIN_YUE = ("diagnose", "lin-yue", *WINDOW, "--asset", "NORTH.BTC", "--amount", "0.05205")
EXITS = {
    "delivered": 0,
    "returned": 0,
    "in_progress": 1,
    "stuck": 2,
    "at_risk": 2,
    "not_sent": 2,
    "nothing_found": 2,
    "undetermined": 3,
}
OUTCOMES = {
    # an account of the recorded chain for each status; the table of all cases is below
    "settled-by-burn": 0,
    "friend-got-it": 0,
    "returned-in-full": 0,
    "still-reversible": 1,
    "gateway-normal": 1,
    "gateway-overdue-alone": 2,
    "memo-missing": 2,
    "sent-to-lookalike": 2,
    "drained-after-key-change": 2,
    "balance-too-small": 2,
    "no-such-account": 2,
    "gateway-closed": 2,
}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorded chain, and nothing else of the machine's settings."""
    for name in [name for name in os.environ if name.startswith(("DIAG_", "LC_", "LANG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DIAG_LEDGER", str(EMBEDDED))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, output and errors of the command, never a traceback."""
    try:
        status = main.main(arguments)
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return status, out, err


def asked(case: dict[str, Any]) -> list[str]:
    claims = [part for name, value in case["claim"].items() for part in (f"--{name}", value)]
    window = ["--from", f"{case['from']}Z", "--to", f"{case['to']}Z"]
    return ["diagnose", case["account"], *window, *claims]


def case_of(name: str) -> dict[str, Any]:
    return next(case for case in TRUTH if case["id"] == name)


# --- diagnose ------------------------------------------------------------------------------


def test_every_outcome_has_an_exit_status() -> None:
    assert EXIT_STATUS == EXITS
    assert set(EXITS) == {str(outcome) for outcome in Outcome}


@pytest.mark.parametrize(
    ("name", "lang"),
    [*((name, "zh") for name in OUTCOMES), ("friend-got-it", "en"), ("no-such-account", "en")],
)
def test_the_exit_status_tells_the_outcome(
    capsys: pytest.CaptureFixture[str], name: str, lang: str
) -> None:
    case = case_of(name)
    status, out, err = run(capsys, *asked(case), "--lang", lang)
    assert (status, err) == (OUTCOMES[name], "")
    label = {"zh": "结论：", "en": "Verdict: "}[lang]
    assert out.startswith(label + TITLES[case["expect"]].say(lang))
    assert len(out.splitlines()) <= 15
    assert out.endswith("\n") and not out.endswith("\n\n")
    assert bool(HAN.search(out)) == (lang == "zh")


@pytest.mark.parametrize("name", ["friend-got-it", "still-reversible", "no-such-account"])
def test_json_says_the_same(capsys: pytest.CaptureFixture[str], name: str) -> None:
    status, out, _ = run(capsys, *asked(case_of(name)), "--format", "json")
    body = json.loads(out)
    assert body["verdict"]["code"] == case_of(name)["expect"]
    assert status == EXITS[body["verdict"]["outcome"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_markdown_can_be_asked_for(capsys: pytest.CaptureFixture[str], lang: str) -> None:
    case = case_of("friend-got-it")
    status, out, err = run(capsys, *asked(case), "--format", "markdown", "--lang", lang)
    assert (status, err) == (OUTCOMES["friend-got-it"], "")
    assert out.startswith(f"{TITLES[case['expect']].say(lang)}\n---")
    assert out.endswith("\n") and not out.endswith("\n\n")


@pytest.mark.parametrize(
    "account", ["@Lin-Yue", "https://wallet.bitshares.org/#/account/lin-yue", "ｌｉｎ-ｙｕｅ"]
)
def test_an_account_is_read_in_every_form(
    capsys: pytest.CaptureFixture[str], account: str
) -> None:
    _, plain, _ = run(capsys, "diagnose", "lin-yue", *WINDOW, "--format", "json")
    status, out, err = run(capsys, "diagnose", account, *WINDOW, "--format", "json")

    assert (status, err) == (0, "")
    assert json.loads(out)["id"] == json.loads(plain)["id"]
    assert json.loads(out)["case"]["read_as"] == [
        {"field": "account", "given": account, "read_as": "lin-yue"}
    ]


def test_every_claim_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    claims = {
        "received": "0.05175",
        "destination": "north-wallet",
        "operation": "1.11.13731",
        "transaction": "413cefd199f636857f254d7d8bbae7ed24673660",
        "memo": "btc:1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        "external-transaction": "4a5e1e4b",
        "tz": "Asia/Shanghai",
    }
    given = [part for name, value in claims.items() for part in (f"--{name}", value)]
    _, out, err = run(capsys, *LIN_YUE, *given, "--format", "json")
    assert err == ""
    case = json.loads(out)["case"]
    assert {name: case[name.replace("-", "_")] for name in claims} == claims


@pytest.mark.parametrize(
    "window",
    [
        ("--from", "2026-11-22T04:30:00+08:00", "--to", "2026-11-22T05:30:00+08:00"),
        ("--from", "2026-11-22 04:30", "--to", "2026-11-22 05:30", "--tz", "Asia/Shanghai"),
    ],
    ids=["an offset", "a zone"],
)
def test_the_window_is_read_as_over_http(
    capsys: pytest.CaptureFixture[str], window: tuple[str, ...]
) -> None:
    _, out, _ = run(capsys, "diagnose", "lin-yue", *window, "--format", "json")
    case = json.loads(out)["case"]
    assert (case["from"], case["to"]) == (WINDOW[1], WINDOW[3])


def test_last_counts_back_from_the_end_of_the_recording(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = run(capsys, "diagnose", "zhao-ming", "--last", "6h", "--format", "json")
    case = json.loads(out)["case"]
    assert (case["from"], case["to"]) == ("2026-11-22T06:00:00Z", "2026-11-22T12:00:00Z")


def test_the_language_comes_from_the_option_then_from_the_setting(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, *LIN_YUE)[1].startswith("结论")
    monkeypatch.setenv("DIAG_LANG", "en")
    assert run(capsys, *LIN_YUE)[1].startswith("Verdict")
    assert run(capsys, *LIN_YUE, "--lang", "zh")[1].startswith("结论")


def test_the_embedded_chain_is_asked_where_nothing_is_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIAG_LEDGER")
    status, out, _ = run(capsys, *LIN_YUE, "--format", "json")
    assert (status, json.loads(out)["verdict"]["code"]) == (0, "gateway_settled")


# --- mistakes ------------------------------------------------------------------------------

MISTAKES: dict[str, tuple[tuple[str, ...], str, str]] = {
    # what is typed, and words of the message in zh and en
    "no window": (("lin-yue",), "from: ", "from: "),
    "a bare date": (
        ("lin-yue", "--from", "2026-11-21", "--to", "2026-11-22T00:00:00Z"),
        "日期",
        "date alone",
    ),
    "a naive time": (
        ("lin-yue", "--from", "2026-11-21T20:30:00", "--to", WINDOW[3]),
        "tz",
        "tz",
    ),
    "a reversed window": (
        ("lin-yue", "--from", WINDOW[3], "--to", WINDOW[1]),
        "对调",
        "swap",
    ),
    "an account with a space": (("Lin Yue", *WINDOW), "account: ", "account: "),
    "a unit": (("lin-yue", *WINDOW, "--amount", "1 BTC"), "amount: ", "decimal string"),
    "a negative amount": (("lin-yue", *WINDOW, "--amount=-1"), "amount: ", "without sign"),
    "an unknown asset": (
        ("lin-yue", *WINDOW, "--asset", "NORTH.XXX"),
        "NORTH.XXX",
        "NORTH.XXX",
    ),
    "too many digits": (
        ("lin-yue", *WINDOW, "--asset", "NORTH.BTC", "--amount", "0.123456789"),
        "8",
        "8 decimal places",
    ),
    "a zone that is none": (("lin-yue", *WINDOW, "--tz", "Mars"), "tz: ", "IANA"),
    "the future": (
        ("lin-yue", "--from", "2027-01-01T00:00:00Z", "--to", "2027-01-01T01:00:00Z"),
        "最新区块",
        "newest block",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_mistake_in_the_question_is_explained(
    capsys: pytest.CaptureFixture[str], name: str, lang: str
) -> None:
    typed, zh, en = MISTAKES[name]
    status, out, err = run(capsys, "diagnose", *typed, "--lang", lang)
    assert (status, out) == (64, "")
    assert err.startswith("diag: ")
    assert (zh if lang == "zh" else en) in err
    assert bool(HAN.search(err)) == (lang == "zh")
    assert len(err.splitlines()) <= 4


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param((), id="nothing"),
        pytest.param(("diagnos",), id="no such command"),
        pytest.param(("diagnose",), id="no account"),
        pytest.param((*LIN_YUE, "--format", "xml"), id="no such format"),
        pytest.param((*LIN_YUE, "--lang", "fr"), id="no such language"),
        pytest.param((*LIN_YUE, "--since", "yesterday"), id="no such option"),
        pytest.param(("serve", "--port", "http"), id="no such port"),
    ],
)
def test_a_mistyped_command_is_64_and_not_a_verdict(
    capsys: pytest.CaptureFixture[str], typed: tuple[str, ...]
) -> None:
    """2 would mean that the withdrawal has a problem."""
    status, out, err = run(capsys, *typed)
    assert out == ""
    assert "usage: diag" in err
    assert status == 64


BAD_SETTINGS = [
    ("DIAG_PORT", "http"),
    ("DIAG_DEADLINE", "soon"),
    ("DIAG_LANG", "fr"),
    ("DIAG_LEDGER", "/no/such/place"),
    ("DIAG_LEDGER", str(ROOT / "docs")),
    ("DIAG_GATEWAYS", "/no/such/file"),
    ("DIAG_GATEWAYS", str(RECORDED / "truth.json")),
    ("DIAG_NODES", "ftp://node.example"),
    ("DIAG_NODES", "node.example"),
    ("DIAG_ELASTICSEARCH", "es.example:9200"),
    ("DIAG_CHAIN_ID", "bts"),
    ("DIAG_DEADLINE_FILE", "/no/such/file"),
]


@pytest.mark.parametrize(
    ("name", "value"), BAD_SETTINGS, ids=[f"{n} {Path(v).name}" for n, v in BAD_SETTINGS]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wrong_setting_is_explained(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    lang: str,
) -> None:
    monkeypatch.setenv(name, value)
    status, out, err = run(capsys, *LIN_YUE, "--lang", lang)
    assert (status, out) == (64, "")
    assert err.startswith("diag: ")
    assert bool(HAN.search(err)) == (lang == "zh")


def test_a_wrong_setting_is_explained_in_the_language_that_is_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAG_LANG", "en")
    monkeypatch.setenv("DIAG_PORT", "http")
    _, _, err = run(capsys, *LIN_YUE)
    assert not HAN.search(err)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_node_that_does_not_answer_is_3_and_said_plainly(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.setenv("DIAG_NODES", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("DIAG_DEADLINE", "2")
    status, out, err = run(capsys, "diagnose", "lin-yue", "--last", "1h", "--lang", lang)
    assert (status, out) == (3, "")
    assert err.startswith("diag: ")
    assert bool(HAN.search(err)) == (lang == "zh")


# --- checks, version, help -----------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_checks_are_listed_one_per_line(capsys: pytest.CaptureFixture[str], lang: str) -> None:
    status, out, err = run(capsys, "checks", "--lang", lang)
    assert (status, err) == (0, "")
    codes = [rule.code for check in CHECKS for rule in check.RULES]
    assert [line.split()[0] for line in out.splitlines()] == codes
    assert bool(HAN.search(out)) == (lang == "zh")


def test_checks_as_json_are_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "checks", "--format", "json")
    codes = [entry["code"] for entry in json.loads(out)["checks"]]
    assert codes == [rule.code for check in CHECKS for rule in check.RULES]


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version")[:2] == (0, f"{__version__}\n")


@pytest.mark.parametrize(
    "command", [[], *([name] for name in main.COMMANDS)], ids=lambda command: " ".join(command)
)
def test_help_is_given(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    status, out, err = run(capsys, *command, "--help")
    assert (status, err) == (0, "")
    assert out.startswith(" ".join(["usage: diag", *command]))


def test_an_unreadable_ledger_cannot_be_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "replay", "--ledger", str(ROOT / "docs"), "--port", "0")
    assert status not in (0, 1)
    assert str(ROOT / "docs") in out + err


def test_a_replayed_node_gives_the_same_diagnosis_as_the_ledger(tmp_path: Path) -> None:
    log = tmp_path / "replay.log"
    with started("replay", "--ledger", str(RECORDED), "--port", "0", log=log) as node:
        printed = re.compile(r"(http://\S+)[^$]+DIAG_CLOCK=(\S+)")
        said = until(
            lambda: printed.search(log.read_text(encoding="utf-8")), node, log
        ).groups()
        direct = diagnosed(DIAG_LEDGER=str(RECORDED))
        assert direct and direct["code"] == "gateway_settled"
        over_http: list[dict[str, Any]] = []

        def read_in_time() -> bool:
            node_settings = {"DIAG_NODES": said[0], "DIAG_CLOCK": said[1]}
            over_http[:] = [diagnosed(**node_settings, DIAG_DEADLINE="60")]
            return bool(over_http[0].get("coverage", {}).get("complete"))

        assert soon(read_in_time), over_http
        assert over_http == [direct]
        node.send_signal(signal.SIGINT)
        assert node.wait(PATIENCE) == 0
    assert "Traceback" not in log.read_text(encoding="utf-8")


def diagnosed(**source: str) -> dict[str, Any]:
    """The essence of a recorded case's diagnosis, as the command prints it; nothing if it fails."""
    gateways = str(RECORDED / "gateways.json")
    status, out, err = ran(*LIN_YUE, "--format", "json", DIAG_GATEWAYS=gateways, **source)
    return essence_of(json.loads(out)) if (status, err) == (0, "") else {}


def essence_of(body: dict[str, Any]) -> dict[str, Any]:
    """What must not depend on how the chain was asked."""
    verdict = body["verdict"]
    return {
        "code": verdict["code"],
        "evidence": [shown["operation"] for shown in verdict["evidence"]],
        "ruled_out": verdict["ruled_out"],
        "amounts": verdict["amounts"],
        "confidence": verdict["confidence"],
        "coverage": body["coverage"],
        "withdrawals": [found["operation"] for found in body["withdrawals"]],
    }


def test_the_service_answers_and_stops_when_told(tmp_path: Path) -> None:
    log, port = tmp_path / "serve.log", free_port()
    root = f"http://127.0.0.1:{port}"
    with started("serve", "--port", str(port), log=log, DIAG_LEDGER=str(EMBEDDED)) as service:
        health = until(lambda: requests.get(f"{root}/healthz", timeout=PATIENCE), service, log)
        assert health.json() == {"status": "ok", "version": __version__}
        assert requests.get(f"{root}/readyz", timeout=PATIENCE).status_code == 200
        query = {"account": "lin-yue", "from": WINDOW[1], "to": WINDOW[3]}
        answer = requests.get(f"{root}/v1/diagnoses", params=query, timeout=PATIENCE)
        assert answer.status_code == 200
        assert answer.headers["X-Diag-Verdict"] == "gateway_settled"
        service.send_signal(signal.SIGTERM)
        assert service.wait(PATIENCE) == 0
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said
    assert "ERROR" not in said.upper()
    assert "lin-yue" not in said
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{root}/healthz", timeout=PATIENCE)


EXPLODING = """
SECRET = {secret!r}
RULES = ()

def check(evidence):
    yield from ()
    raise RuntimeError("cannot read " + SECRET)
"""
METADATA = "Metadata-Version: 2.1\nName: exploding\nVersion: 1.0\n"


def raw(port: int, request: bytes) -> str:
    """What the service answers to bytes as they are."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b"")).decode("latin-1")


def test_the_service_writes_no_secret_to_its_log_nor_into_an_answer(tmp_path: Path) -> None:
    """Not even where another's check explodes with one, nor where HTTP itself cannot be read."""
    key, inner = (wif(random.Random(seed)) for seed in (1, 2))
    (tmp_path / "exploding.py").write_text(EXPLODING.format(secret=inner), encoding="utf-8")
    packed = tmp_path / "exploding-1.0.dist-info"
    packed.mkdir()
    (packed / "METADATA").write_text(METADATA, encoding="utf-8")
    (packed / "entry_points.txt").write_text("[diag.checks]\nx = exploding\n", encoding="utf-8")
    log, port = tmp_path / "serve.log", free_port()
    changes = {"DIAG_LEDGER": str(EMBEDDED), "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    malformed = [
        f"GET /v1/diagnoses?memo={key} now HTTP/1.1\r\n\r\n",
        f"{key}\r\n\r\n",
        f"{key} / HTTP/1.1\r\n\r\n",
        f"GET / HTTP/{key}\r\n\r\n",
        f"GET / HTTP/1.1\r\n{key}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: a\r\n{key} : x\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {key}\r\n\r\n",
        f"GET /?{key}{'x' * 9000} HTTP/1.1\r\n\r\n",
        f"POST /v1/diagnoses HTTP/1.1\r\nHost: a\r\nContent-Length: {key}\r\n\r\n",
    ]
    with started("serve", "--port", str(port), log=log, **changes) as service:
        root = f"http://127.0.0.1:{port}"
        until(lambda: requests.get(f"{root}/healthz", timeout=PATIENCE), service, log)
        query = {"account": "lin-yue", "last": "24h", "memo": f"P{key}"}
        answers = [requests.get(f"{root}/v1/diagnoses", params=query, timeout=PATIENCE).text]
        answers += [raw(port, request.encode()) for request in malformed]
        service.send_signal(signal.SIGTERM)
        assert service.wait(PATIENCE) == 0
    said = log.read_text(encoding="utf-8")
    assert "RuntimeError: cannot read [redacted:wif]" in said
    assert '"code":"secret_exposed"' in answers[0]
    assert [a.split(" ", 2)[1] for a in answers[1:]] == [*["400"] * 6, "501", "414", "400"]
    for answer in answers[1:]:
        head, _, body = answer.partition("\r\n\r\n")
        assert "Content-Type: application/problem+json" in head
        assert json.loads(body)["request_id"] in head
    for text in (said, *answers):
        assert remains(text, key) == remains(text, inner) == []


def test_the_service_refuses_to_start_with_a_wrong_setting() -> None:
    wrong = {"DIAG_NODES": "ftp://node.example", "DIAG_LANG": "en"}
    status, _, err = ran_as_program("serve", **wrong)
    assert status == 64
    assert err.startswith("diag: ")


def test_a_closed_pipe_is_no_error() -> None:
    line = f"{sys.executable} -m diag.cli.main checks | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.startswith("account_not_found")


HARM = "\x1b[2J\u202e{account}\x9b"


def test_no_command_shows_what_steers_a_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    complaint = tmp_path / "complaint.txt"
    complaint.write_text(f"我的账户 lin-yue 提币未到账 {HARM}", encoding="utf-8")
    shown = [
        run(capsys, "diagnose", HARM, "--last", "6h"),
        run(capsys, *LIN_YUE, "--memo", f"a{HARM}"),
        run(capsys, *LIN_YUE, "--external-transaction", "a\u202eb{0.__class__}"),
        run(capsys, *LIN_YUE, "--format", "markdown", "--memo", "a\u202eb{account}"),
        run(capsys, *LIN_YUE, "--format", "json", "--memo", "a\u202eb{account}"),
        run(capsys, "intake", str(complaint)),
        run(capsys, "triage", str(tmp_path / HARM)),
        run(capsys, "key", HARM),
        run(capsys, HARM),
    ]
    for _, out, err in shown:
        assert (out + err).replace("\n", "").isprintable()
    assert [status for status, _, _ in shown] == [64, 64, 0, 0, 0, 0, 64, 64, 64]
