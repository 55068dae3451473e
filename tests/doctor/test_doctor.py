"""What `diag doctor` says of a set-up: silent where all is well, and what to mend where it is not."""

from __future__ import annotations

import json
import re
import socket
import tomllib
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import elastic
import pytest
import responses
from bitsharesbase.account import PrivateKey
from indexed import Indexed
from recorded import RECORDED, ledger, register
from waiting import PATIENCE, growing

from diag import doctor, words
from diag.chain.elasticsearch.survey import IndexReport
from diag.chain.pool.history_service import NodeKind
from diag.chain.pool.survey import COMMITTEE, NodeReport, survey
from diag.chain.rpc.call import Deadline
from diag.cli import main
from diag.cli.doctor import as_text
from diag.config.settings import review
from diag.doctor import checks
from diag.doctor.result import Level
from diag.doctor.snapshot import Facts, Machine, OnChain
from diag.domain.account import Account, Authority
from diag.domain.asset import MAIN_NETWORK
from diag.errors import BadSetting
from diag.i18n import Text
from diag.ledger.node import Ledger, LedgerSource
from diag.ledger.replay.faults import Faults
from diag.ledger.replay.jsonrpc import ApiSession, handle_message
from diag.ledger.replay.server import Replay
from diag.ledger.view import View

HAN = re.compile("[\u4e00-\u9fff]")
NOW = ledger().clock + timedelta(seconds=2)
CHAIN = ledger().chain_id
HINT, WARNING, FAULT = Level.HINT, Level.WARNING, Level.FAULT


@cache
def report(name: str, at: Ledger | None = None, late: float = 0, **view: Any) -> NodeReport:
    """What a look at a node gives whose head stands as far behind the clock."""
    source = LedgerSource(at or ledger().with_view(View(**view)), name)
    seen = survey(
        source,
        Deadline(PATIENCE),
        clock=lambda: NOW + timedelta(seconds=late),
        accounts=register().account_names,
    )
    return replace(seen, seconds=0.1)


def live(name: str, late: float = 0, **view: Any) -> NodeReport:
    """One of the main network."""
    return report(name, late=late, chain_id=MAIN_NETWORK, **view)


def facts(environ: dict[str, str] | None = None, **changes: Any) -> Facts:
    """Two good nodes, their chain named, nothing else configured; and what is changed of that."""
    given = {"DIAG_NODES": "wss://a.example wss://b.example", "DIAG_CHAIN_ID": CHAIN}
    usual: dict[str, Any] = {
        "now": NOW,
        "review": review({**given, **(environ or {})}),
        "machine": Machine("1.0", "3.11", zones=True),
        "reports": (report("a.example"), report("b.example")),
        "register": register(),
    }
    return Facts(**{**usual, **changes})


def said(of: Facts) -> list[tuple[Level, str, str]]:
    """What is not well: how bad, about what, and the words in English."""
    found = doctor.check(of)
    return [(f.level, f.area, f"{f.what.en}: {f.seen.en}") for f in found if f.level]


def nodes(*reports: NodeReport, environ: dict[str, str] | None = None, **changes: Any) -> Facts:
    return facts({"DIAG_CHAIN_ID": "", **(environ or {})}, reports=reports, **changes)


def known(key: str = "BTS1", **ids: str) -> OnChain:
    """The register's accounts all exist, those named with another id; and so do its assets."""
    nobody = Authority(1, (), ())
    names = register().account_names
    accounts = {
        name: Account(ids.get(name.replace("-", "_"), listed(name)), name, key, nobody, nobody)
        for name in names
    }
    symbols = frozenset(coin.asset for g in register().gateways for coin in g.coins)
    return OnChain("a.example", names, accounts, symbols)


def listed(name: str) -> str:
    every = [a for gateway in register().gateways for a in gateway.accounts]
    return next((a.id for a in every if a.name == name and a.id), "1.2.999")


def dated(**old: Any) -> Any:
    gateways = tuple(replace(gateway, **old) for gateway in register().gateways)
    return replace(register(), gateways=gateways)


def index(**changes: Any) -> IndexReport:
    usual: dict[str, Any] = {
        "newest": ledger().clock,
        "oldest": datetime(2020, 1, 1, tzinfo=UTC),
        "readable": 40,
        "styles": frozenset(("text", "objects")),
        "block_times": {7: "2026-01-01T00:00:00"},
    }
    return IndexReport("es.example", **{**usual, **changes})


SAME = replace(known(), times={7: "2026-01-01T00:00:00"})
PRUNED = report("a.example", keep=50)
BACKED = report("a.example", Indexed(ledger(), "query"))
CLEAR = "DIAG_NODES: http://far.example is not encrypted"
NEW_NODES = {"DIAG_NODES": "https://n1.example"}

CONTACT = {"DIAG_SECURITY_CONTACT": "mailto:security@desk.example"}

WELL = {
    "a contact without an end": facts(CONTACT),
    "a contact that is good for long": facts(
        {**CONTACT, "DIAG_SECURITY_EXPIRES": f"{NOW + timedelta(days=31):%FT%TZ}"}
    ),
    "an end of no contact": facts({"DIAG_SECURITY_EXPIRES": "2020-01-01T00:00:00Z"}),
    "two good nodes": facts(),
    "close by, not encrypted": facts(
        {"DIAG_NODES": "ws://10.0.0.7:8090 http://node ws://[::1]:1"}
    ),
    "one pruned beside a whole one": nodes(
        PRUNED, report("b.example"), environ={"DIAG_CHAIN_ID": CHAIN}
    ),
    "pruned ones and an index": nodes(
        PRUNED,
        replace(PRUNED, name="b"),
        environ={"DIAG_CHAIN_ID": CHAIN},
        index=index(),
        on_chain=SAME,
    ),
    "everything exists": facts(on_chain=known()),
    "an index that keeps up": facts(index=index(), on_chain=SAME),
    "a register looked at of late": facts(
        register=dated(as_of=NOW.date() - timedelta(days=180))
    ),
    "live, and on time": nodes(
        live("a"),
        live("b"),
        environ={"DIAG_CHAIN_ID": MAIN_NETWORK},
        register=replace(register(), chain_id=None),
    ),
}


@pytest.mark.parametrize("case", WELL)
def test_nothing_is_said_against_what_is_well(case: str) -> None:
    assert said(WELL[case]) == []
    areas = {finding.area for finding in doctor.check(WELL[case])}
    assert {"settings", "nodes", "register", "machine"} <= areas


FOUND: dict[str, tuple[Facts, Level, str, str]] = {
    # what is the matter → how bad, the area, words that are said
    "a name misspelt": (
        facts({"DIAG_NODE": "x"}),
        WARNING,
        "settings",
        "DIAG_NODE: there is no such",
    ),
    "a value": (facts({"DIAG_PORT": "0"}), FAULT, "settings", "DIAG_PORT: give a number"),
    "a file that is broken": (
        facts(
            broken={"DIAG_NOTICES": BadSetting(Text.literal("坏 {", "notices.toml, line 3: {"))}
        ),
        FAULT,
        "settings",
        "DIAG_NOTICES: notices.toml, line 3: {",
    ),
    "an address": (facts(bad_addresses=(2,)), FAULT, "settings", "address 2 cannot be used"),
    "no chain named": (
        nodes(report("a"), report("b")),
        HINT,
        "settings",
        "a node of any chain",
    ),
    "one node twice": (
        facts({"DIAG_NODES": "https://n.example wss://n.example:443/ws"}),
        WARNING,
        "settings",
        "wss://n.example and https://n.example are one node",
    ),
    "far and clear": (facts({"DIAG_NODES": "http://far.example"}), HINT, "settings", CLEAR),
    "a password in the clear": (
        facts({"DIAG_NODES": "http://me:pass@far.example"}),
        WARNING,
        "settings",
        f"{CLEAR}, and the login goes in the clear",
    ),
    "nodes and a ledger": (
        facts({"DIAG_LEDGER": str(RECORDED)}),
        WARNING,
        "settings",
        "DIAG_LEDGER: it is not used",
    ),
    "little time": (
        facts({"DIAG_DEADLINE": "3"}),
        HINT,
        "settings",
        "DIAG_DEADLINE: 3 s for 2 nodes",
    ),
    "keys for all to read": (
        facts(modes={"DIAG_MEMO_KEYS_FILE": 0o644}),
        WARNING,
        "settings",
        "mode is 644",
    ),
    "a login for all to read": (
        facts(
            {"DIAG_NODES": "wss://me:pass@a.example", "DIAG_DEADLINE": "4"},
            modes={"DIAG_NODES_FILE": 0o644, "DIAG_CHAIN_ID_FILE": 0o644},
        ),
        WARNING,
        "settings",
        "DIAG_NODES_FILE: the file's mode is 644",
    ),
    "unreachable": (
        facts(reports=(report("a"), NodeReport("b", "connection refused"), report("c"))),
        WARNING,
        "nodes",
        "b: no usable answer: connection refused",
    ),
    "nobody there": (
        facts(reports=(NodeReport("b", "connection refused"),)),
        FAULT,
        "nodes",
        "all nodes: none can be used",
    ),
    "another chain": (
        facts(reports=(report("a"), report("b"), report("c", chain_id=MAIN_NETWORK))),
        FAULT,
        "nodes",
        f"c: it serves another chain ({MAIN_NETWORK})",
    ),
    "two chains": (
        nodes(report("a"), report("b", chain_id="5" * 64)),
        FAULT,
        "nodes",
        "a and b serve different chains",
    ),
    "another block": (
        facts(reports=(report("a"), replace(report("b"), landmarks={1: "00", 64: "00"}))),
        FAULT,
        "nodes",
        "a and b differ in block 1",
    ),
    "behind": (
        facts(reports=(report("a"), report("b"), report("c", behind=3600))),
        WARNING,
        "nodes",
        "c: 3602 s behind",
    ),
    "pruned": (
        facts(reports=(PRUNED, replace(PRUNED, name="b"))),
        WARNING,
        "nodes",
        "no node holds it whole (1.2.",
    ),
    "nothing known of it": (
        facts(
            reports=(
                replace(PRUNED, kind=NodeKind.UNKNOWN),
                replace(PRUNED, kind=NodeKind.UNKNOWN),
            )
        ),
        HINT,
        "nodes",
        "no node was shown to hold it whole",
    ),
    "an index' node": (
        facts(reports=(BACKED, report("b"))),
        WARNING,
        "nodes",
        "of no use for diagnoses, now and later: the node writes histories to Elasticsearch",
    ),
    "old": (
        facts(reports=(report("a"), report("b", legacy=True))),
        WARNING,
        "nodes",
        "b: of no use for diagnoses, now and later: the node is older than version 6.1",
    ),
    "no helper indexes": (
        facts(reports=(report("a"), replace(report("b"), helper_indexes=False))),
        HINT,
        "nodes",
        "b: no api_helper_indexes",
    ),
    "slow": (
        facts(reports=(report("a"), replace(report("b"), seconds=1.5))),
        HINT,
        "nodes",
        "b: the first wave took 1.5 s",
    ),
    "alone": (facts(reports=(report("a"),)), HINT, "nodes", "nobody confirms"),
    "all behind": (
        facts(reports=(report("a", behind=900), report("b", behind=1800))),
        FAULT,
        "nodes",
        "no node's head fits the clock",
    ),
    "no histories": (
        facts(reports=(report("a"), report("b"), report("c", history="denied"))),
        WARNING,
        "nodes",
        "c: of no use for diagnoses, now and later: the node does not allow its history API",
    ),
    "no plugin": (
        facts(reports=(report("a"), report("b"), report("c", history="missing"))),
        WARNING,
        "nodes",
        "c: of no use for diagnoses, now and later: the node refuses every question",
    ),
    "a few histories": (
        facts(reports=(report("a"), report("b"), report("c", tracked=frozenset(("lin-yue",))))),
        WARNING,
        "nodes",
        "c: of no use for diagnoses, now and later: the node keeps the histories of selected",
    ),
    "no histories anywhere": (
        facts(reports=(report("a", history="denied"), report("b", history="missing"))),
        FAULT,
        "nodes",
        "none can be used",
    ),
    "one good one beside one without histories": (
        facts(reports=(report("a"), report("b", history="denied"))),
        HINT,
        "nodes",
        "one good node only",
    ),
    "ahead": (
        facts(reports=(report("a"), report("b"), report("c", late=-300))),
        WARNING,
        "nodes",
        "c: its head is 298 s in the future and not believed",
    ),
    "all ahead": (
        facts(reports=(report("a", late=-300), report("b", late=-300))),
        FAULT,
        "nodes",
        "no node's head fits the clock",
    ),
    "a contact that is no longer good": (
        facts({**CONTACT, "DIAG_SECURITY_EXPIRES": f"{NOW - timedelta(days=1):%FT%TZ}"}),
        WARNING,
        "settings",
        "DIAG_SECURITY_EXPIRES: ",
    ),
    "a contact that is good for a month only": (
        facts({**CONTACT, "DIAG_SECURITY_EXPIRES": f"{NOW + timedelta(days=29):%FT%TZ}"}),
        WARNING,
        "settings",
        "DIAG_SECURITY_EXPIRES: security.txt is published until",
    ),
    "a clock that stands still": (
        facts({"DIAG_CLOCK": "2026-11-22T12:00:00Z"}),
        WARNING,
        "settings",
        "DIAG_CLOCK: the clock stands at 2026-11-22T12:00:00Z",
    ),
    "a clock that stands still, for a live chain": (
        nodes(live("a"), live("b"), environ={"DIAG_CLOCK": "2026-11-22T12:00:00Z"}),
        FAULT,
        "settings",
        "DIAG_CLOCK: the clock stands at 2026-11-22T12:00:00Z",
    ),
    "a slow clock": (
        nodes(live("a", -90), live("b", -90), now=NOW - timedelta(seconds=90)),
        WARNING,
        "clock",
        "this clock is slow",
    ),
    "a fast clock": (
        nodes(live("a", 90), live("b", 90), now=NOW + timedelta(seconds=90)),
        WARNING,
        "clock",
        "this clock is fast",
    ),
    "an index that is not there": (
        facts(index=IndexReport("es.example", "HTTP 401")),
        WARNING,
        "index",
        "es.example: no usable answer: HTTP 401",
    ),
    "an index that lags": (
        facts(index=index(newest=ledger().clock - timedelta(minutes=7)), on_chain=SAME),
        HINT,
        "index",
        "7 minutes behind",
    ),
    "an index that stopped": (
        facts(index=index(newest=ledger().clock - timedelta(days=7)), on_chain=SAME),
        WARNING,
        "index",
        "10080 minutes behind",
    ),
    "an index of other things": (
        facts(index=index(unreadable=5), on_chain=SAME),
        WARNING,
        "index",
        "5 of 45 documents",
    ),
    "an index of another chain": (
        facts(index=index(block_times={7: "2019-01-01T00:00:00"}), on_chain=SAME),
        FAULT,
        "index",
        "it is of another chain",
    ),
    "an index that nobody confirms": (facts(index=index()), HINT, "index", "could confirm"),
    "a register of another chain": (
        facts(register=replace(register(), chain_id=MAIN_NETWORK)),
        WARNING,
        "register",
        "it is of another chain",
    ),
    "an empty register": (
        facts(register=replace(register(), gateways=())),
        HINT,
        "register",
        "0 gateways",
    ),
    "old facts": (
        facts(register=dated(as_of=date(2026, 1, 1))),
        HINT,
        "register",
        "NORTH 2026-01-01",
    ),
    "accounts that are gone": (
        facts(on_chain=replace(known(), asked=("harbor-wallet", "never-was"))),
        WARNING,
        "register",
        "no such account on the chain: never-was",
    ),
    "an asset that is not there": (
        facts(on_chain=replace(known(), symbols=frozenset())),
        WARNING,
        "register",
        "no such asset on the chain: ",
    ),
    "another's key": (
        facts(keys=("K" * 50,), on_chain=known()),
        WARNING,
        "keys",
        "memo key 1: it is not the present memo key",
    ),
    "no explorer of this chain": (
        facts(
            {
                "DIAG_EXPLORERS": f'[{{"name": "x", "account": "https://x.example/{{account}}", "chain_id": "{MAIN_NETWORK}"}}]'
            }
        ),
        WARNING,
        "explorers",
        "none shows this chain",
    ),
    "no zones": (
        facts(machine=Machine("1.0", "3.11", zones=False)),
        FAULT,
        "machine",
        "no time zones",
    ),
    "a port in use": (
        facts(machine=Machine("1.0", "3.11", zones=True, port="taken")),
        HINT,
        "machine",
        "127.0.0.1:8000: the port is taken",
    ),
    "a port that is not ours": (
        facts(machine=Machine("1.0", "3.11", zones=True, port="refused")),
        WARNING,
        "machine",
        "cannot listen",
    ),
    "nowhere to write": (
        facts(machine=Machine("1.0", "3.11", zones=True, scratch=False)),
        WARNING,
        "machine",
        "diag serve does not start",
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_is_the_matter_is_said(case: str) -> None:
    of, level, area, words = FOUND[case]
    found = said(of)
    assert any((lv, ar) == (level, area) and words in text for lv, ar, text in found), found


@pytest.mark.parametrize("case", [*FOUND, *WELL])
def test_both_languages_say_it_and_what_to_mend(case: str) -> None:
    of = FOUND[case][0] if case in FOUND else WELL[case]
    for finding in doctor.check(of):
        told = [t for t in (finding.seen, finding.mend) if t is not None]
        assert all(HAN.search(t.zh) or "pip" in t.zh for t in told) and not any(
            HAN.search(t.en) for t in told
        )
        assert finding.mend is not None or finding.level < WARNING
    as_text(doctor.check(of), "zh").encode()


def test_a_key_is_named_by_its_owner_and_never_shown() -> None:
    public = "B" * 50
    found = doctor.check(facts(keys=(public,), on_chain=known(key=f"BTS{public}")))
    told = as_text(found, "en")
    assert "memo key 1: it is that of " in told and public not in told


def test_what_is_closed_may_be_old() -> None:
    def closed_for_ever(gateway: Any) -> bool:
        return any(stage.status.value == "closed" for stage in gateway.lifecycle)

    of = facts(register=dated(as_of=date(2026, 1, 1)))
    words = next(text for _, area, text in said(of) if area == "register")
    for gateway in register().gateways:
        stage = gateway.status_at(NOW)
        shut = stage is not None and stage.status.value == "closed"
        assert (f"{gateway.key} 2026-01-01" in words) != shut
    assert any(map(closed_for_ever, register().gateways))


# --- the command -----------------------------------------------------------------------------


def run(
    capsys: pytest.CaptureFixture[str],
    patch: pytest.MonkeyPatch,
    *options: str,
    **environ: object,
) -> tuple[int, str]:
    """Run it with these settings and no others; a port nobody else uses."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for name, value in {"PORT": port, **environ}.items():
        patch.setenv(f"DIAG_{name}", str(value))
    status = main.main(["doctor", *options])
    out, err = capsys.readouterr()
    assert err == ""
    return status, out


def rows(out: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in json.loads(out)["findings"]:
        found.setdefault(row["area"], []).append(row)
    return found


def test_it_runs_without_any_setting(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out = run(capsys, monkeypatch, "--lang", "en")
    assert status == 0
    assert "[hint]    nodes      demonstration: a recorded chain (ledger) answers" in out
    assert out.endswith("0 fault(s), 0 warning(s), 1 hint(s).\n")
    assert {line[:10] for line in out.splitlines()[:-1]} == {
        "[ok]      ",
        "[hint]    ",
        " " * 10,
    }


def test_everything_wrong_is_told_at_once_and_no_secret(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spoilt = tmp_path / "spoilt.toml"
    spoilt.write_text("[[notices]]\nid = 1\n", encoding="utf-8")
    keys = tmp_path / "keys"
    keys.write_text("not-a-key-but-hushhush\n", encoding="utf-8")
    held = tmp_path / "held.toml"
    held.write_text("[[keys]]\nname = 'a'\nsha256 = 'diag_hushhush'\n", encoding="utf-8")
    status, out = run(
        capsys,
        monkeypatch,
        "--format",
        "json",
        NODES="http://me:hunter2@127.0.0.1:1 foo ws://127.0.0.1:1",
        ELASTICSEARCH="https://me:hunter2@/x y",
        DEADLINE="99",
        GATEWAYS="/no/such",
        MEMO_KEYS_FILE=keys,
        MEMO_KEYS="5hunter2",
        NOTICES=spoilt,
        API_KEYS=held,
        LANG="fr",
    )
    assert status == 2
    for secret in ("hunter2", "me:", "hushhush"):
        assert secret not in out
    wrong = {row["what"]["en"] for row in rows(out)["settings"] if row["level"] == "fault"}
    assert wrong == {
        "DIAG_NODES",
        "DIAG_ELASTICSEARCH",
        "DIAG_DEADLINE",
        "DIAG_GATEWAYS",
        "DIAG_MEMO_KEYS_FILE",
        "DIAG_API_KEYS",
        "DIAG_LANG",
    }


SLOW, FAST = "this clock is slow", "this clock is fast"
CLOCKS = [
    # how old each node's head is by this machine's clock, and what is said of the clock
    pytest.param((2, 2), None, id="right"),
    pytest.param((-3, -3), None, id="a block early: clocks differ a little"),
    pytest.param((-4, -4), SLOW, id="more than a block early"),
    pytest.param((-4, -3), None, id="only one more than a block early"),
    pytest.param((30, 30), None, id="ten blocks late"),
    pytest.param((31, 31), FAST, id="more than ten blocks late"),
    pytest.param((31, 30), None, id="only one more than ten blocks late"),
    pytest.param((40, 55), FAST, id="both late, about alike"),
    pytest.param((40, 56), None, id="both late, each in its way"),
    pytest.param((40,), None, id="alone and late"),
]


@pytest.mark.parametrize(("ages", "expected"), CLOCKS)
def test_from_when_on_the_clock_is_called_wrong(
    ages: tuple[int, ...], expected: str | None
) -> None:
    shift = [age - 2 for age in ages]  # what the recorded head is old already
    reports = [live(name, late) for name, late in zip("ab", shift, strict=False)]
    found = nodes(*reports, now=NOW + timedelta(seconds=shift[0]))
    assert [r.head and r.head.age.total_seconds() for r in reports] == list(ages)
    told = [words for _, area, words in said(found) if area == "clock"]
    assert [word for word in (SLOW, FAST) if any(word in words for words in told)] == (
        [expected] if expected else []
    )


def test_a_production_set_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Over real sockets: a whole node, one that lags and forgets, one that hangs, an index."""
    held = PrivateKey()
    keys = tmp_path / "keys"
    keys.write_text(f"# ours\n{held:wif}\n", encoding="utf-8")
    keys.chmod(0o600)
    notices = tmp_path / "notices.toml"
    notices.write_text("notices = []\n", encoding="utf-8")
    with ExitStack() as stack:
        whole, late, hanging = (
            stack.enter_context(Replay(ledger().with_view(view), faults))
            for view, faults in (
                (View(), None),
                (View(keep=20, behind=900), None),
                (View(), Faults(hang=True)),
            )
        )
        mock = stack.enter_context(responses.RequestsMock())
        mock.add_passthru(late.url)
        mock.add_passthru(hanging.url)
        mock.add_callback("POST", elastic.SEARCH, ends)
        settings = {
            "NODES": f"{whole.ws_url} {late.url} {hanging.url}",
            "CHAIN_ID": CHAIN,
            "GATEWAYS": RECORDED / "gateways.json",
            "MEMO_KEYS_FILE": keys,
            "NOTICES": notices,
            "ELASTICSEARCH": elastic.URL,
            "CLOCK": "2026-11-22T12:00:00Z",
        }
        for seconds in growing():
            monkeypatch.setattr("diag.doctor.probe.LOOKING", seconds)
            status, out = run(capsys, monkeypatch, "--format", "json", **settings)
            found = rows(out)
            levels = {(r["what"]["en"], r["level"]) for r in found["nodes"]}
            if levels >= {(whole.address, "ok"), ("irreversible blocks", "ok")}:
                break
    assert status == 1, out
    assert (whole.address, "ok") in levels and (late.address, "warning") in levels
    assert (hanging.address, "warning") in levels and ("irreversible blocks", "ok") in levels
    assert [row["level"] for row in found["index"]] == ["ok"]
    assert [row["level"] for row in found["register"]] == ["ok"]
    assert [row["level"] for row in found["keys"]] == ["warning"]  # nobody's
    assert [row["level"] for row in found["notices"]] == ["ok"]
    assert format(held, "wif") not in out and str(held.pubkey)[3:] not in out


def test_what_a_node_does_not_tell_is_not_called_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It fails when it comes to the register's names, and is no node with a wrong one."""
    session = ApiSession(ledger())
    keys = tmp_path / "keys"
    keys.write_text(f"{PrivateKey():wif}\n", encoding="utf-8")

    def node(request: Any) -> tuple[int, dict[str, str], bytes]:
        _, method, args = json.loads(request.body)["params"]
        looked_at = method == "get_accounts" and COMMITTEE in args[0]
        if method in ("get_accounts", "lookup_asset_symbols") and not looked_at:
            return 503, {}, b"<html>"
        answered = handle_message(session, request.body)
        return answered.status, {}, answered.encoded()

    with responses.RequestsMock() as mock:
        mock.add_callback("POST", "https://node.example/", node)
        environ = {"NODES": "https://node.example", "CHAIN_ID": CHAIN}
        files = {"GATEWAYS": RECORDED / "gateways.json", "MEMO_KEYS_FILE": keys}
        _, out = run(capsys, monkeypatch, "--format", "json", **environ, **files)
    assert [row["level"] for row in rows(out)["register"]] == ["ok"]
    assert [row["level"] for row in rows(out)["keys"]] == ["hint"]


def ends(request: Any) -> tuple[int, dict[str, str], str]:
    """The documents at one end of an index that holds the latest account's list in two styles."""
    down = json.loads(request.body)["sort"][0]["block_data.block_time"]["order"] == "desc"
    account, held = max(ledger().histories.items(), key=lambda pair: pair[1].operations[-1])
    count = len(held.operations)
    places = range(count - 3, count) if down else range(3)
    hits = [
        {"_source": elastic.document(ledger(), account, place, style), "sort": [place]}
        for place in places
        for style in ("text", "objects")
    ]
    shards = {"total": 5, "successful": 5, "skipped": 0, "failed": 0}
    answer = {"timed_out": False, "_shards": shards, "hits": {"hits": hits}}
    return 200, {}, json.dumps(answer)


def test_every_diagnostic_has_its_words_and_all_words_are_used() -> None:
    sources = sorted(Path(checks.__path__[0]).glob("*.py"))
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    book = tomllib.loads((files(words) / "doctor.toml").read_text(encoding="utf-8"))
    defined = {
        f"{area}.{name}"
        for area, entries in book.items()
        for name, entry in entries.items()
        if "seen" in entry
    }
    named = set(re.findall(rf"\"((?:{'|'.join(book)})\.\w+)\"", code))
    assert named <= defined
    assert [one for one in defined - named if f'"{one.partition(".")[2]}"' not in code] == []
