"""Wrong verdicts become recordings that replay them, with nothing in them but the chain's public data."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from desks import END, Chain, at, new_case
from recorded import RECORDED, ledger
from stories import BY_ID

from diag.bootstrap import build_services
from diag.cases import feedback
from diag.cases.database import Database
from diag.cases.feedback import Recorded, Wrong
from diag.chain.rpc.call import Source
from diag.chain.rpc.nodes import open_nodes
from diag.config.settings import Settings
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.errors import Unreachable
from diag.ledger.node import Ledger, LedgerSource
from diag.ledger.replay.server import Replay
from diag.ledger.view import View
from diag.schemas.case import parse

STORIES = (
    "settled-by-burn",
    "gateway-overdue-alone",
    "gateway-stalled",
    "memo-missing",
    "memo-bad-checksum",
    "sent-twice",
    "sent-to-lookalike",
    "returned-in-part",
    "proposal-waiting",
    "htlc-open",
    "still-reversible",
    "locked-in-an-order",
    "nothing-sent-long-ago",
    "no-such-account",
    "drained-after-key-change",
    "needle-in-a-busy-account",
)
"""Recorded cases that between them read everything that a diagnosis can read."""


def wrong_verdict(
    chain: Chain, database: Database, really: str | None = None, **question: Any
) -> Wrong:
    """A case with a verdict that somebody found wrong."""
    desk = chain.desk(database)
    case, _, _ = desk.open(new_case(**question), "li-na")
    desk.add(case, {"kind": "note", "text": "the agent's own words"}, "li-na")
    desk.add(case, {"kind": "assessment", "right": False, "really": really}, "li-na")
    with database.reading() as connection:
        [found] = feedback.wrong_verdicts(connection, 10)
    return found


def question_of(name: str) -> dict[str, Any]:
    story = BY_ID[name]
    window = {"from": f"{story['from']}Z", "to": f"{story['to']}Z"}
    return {"account": story["account"], **window, **story["claim"]}


def recorded(
    chain: Chain, wrong: Wrong, directory: Path, source: Source | None = None
) -> Recorded:
    directory.mkdir(exist_ok=True)
    (directory / "gateways.json").write_bytes((RECORDED / "gateways.json").read_bytes())
    source = source or LedgerSource(ledger())
    return feedback.record(wrong, source, chain.services(), directory)


def truth(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "truth.json").read_text(encoding="utf-8"))
    return found


def replayed(path: Path) -> Diagnosis:
    """What a service with DIAG_LEDGER answers to the question beside the recording."""
    services = build_services(Settings(ledger=path))
    [case] = truth(path)["cases"]
    window = {"from": f"{case['from']}Z", "to": f"{case['to']}Z"}
    asked = {"account": case["account"], **window, **case["claim"]}
    return diagnose(
        parse(asked, services.now()), services.collect, services.register, services.checks
    )


def contents(path: Path) -> str:
    """Everything that stands in a recording."""
    return "\n".join(
        gzip.decompress(file.read_bytes()).decode()
        if file.suffix == ".gz"
        else file.read_text(encoding="utf-8")
        for file in path.iterdir()
    )


# --- which ----------------------------------------------------------------------------------


def test_only_the_last_assessment_says_that_a_verdict_was_wrong(database: Database) -> None:
    desk = Chain().desk(database)
    cases = [desk.open(new_case(), None)[0] for _ in range(4)]
    for case, answers in zip(cases, [(), (True,), (False, True), (True, False)], strict=True):
        for right in answers:
            desk.add(case, {"kind": "assessment", "right": right}, None)
    with database.reading() as connection:
        found = list(feedback.wrong_verdicts(connection, 10))
    assert [wrong.case.id for wrong in found] == [cases[3].id]
    assert (found[0].code, found[0].really) == ("gateway_settled", None)


# --- recordings -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", STORIES)
def test_a_recording_replays_the_verdict(name: str, database: Database, tmp_path: Path) -> None:
    chain = Chain()
    wrong = wrong_verdict(chain, database, **question_of(name))
    done = recorded(chain, wrong, tmp_path / "out")
    assert done.reproduces
    found = replayed(done.path)
    assert found.verdict.code == wrong.code
    assert str(found.verdict.stage) == wrong.case.verdict.stage
    assert dict(found.verdict.amounts) == dict(wrong.case.verdict.amounts)


def test_a_recording_holds_less_than_the_chain(database: Database, tmp_path: Path) -> None:
    chain = Chain()
    done = recorded(chain, wrong_verdict(chain, database), tmp_path / "out")
    size = sum(file.stat().st_size for file in done.path.iterdir())
    assert size < sum(file.stat().st_size for file in RECORDED.glob("*.gz")) / 5


def test_a_recording_ends_where_the_verdict_was_made(
    database: Database, tmp_path: Path
) -> None:
    chain = Chain(now=at("2026-11-21T21:01:00"))
    wrong = wrong_verdict(chain, database, "gateway_settled", to="2026-11-21T21:00:30Z")
    assert wrong.code != "gateway_settled"
    chain.now = END  # by now the gateway has settled it
    done = recorded(chain, wrong, tmp_path / "out")
    assert done.reproduces
    assert Ledger.load(done.path).clock == wrong.time
    operations = Ledger.load(done.path).recording.operations
    assert max(operations.blocks) <= wrong.block
    assert replayed(done.path).evidence.as_of.block == wrong.block


def test_the_truth_beside_it_is_the_question_and_the_right_code(
    database: Database, tmp_path: Path
) -> None:
    chain = Chain()
    wrong = wrong_verdict(chain, database, "memo_missing", amount="0.05205", asset="NORTH.BTC")
    done = recorded(chain, wrong, tmp_path / "out")
    assert done.path.name == wrong.diagnosis[:10]
    assert truth(done.path) == {
        "chain_id": ledger().chain_id,
        "as_of": "2026-11-22T12:00:00",
        "cases": [
            {
                "id": wrong.diagnosis[:10],
                "account": "lin-yue",
                "from": "2026-11-21T20:30:00",
                "to": "2026-11-21T21:30:00",
                "claim": {"asset": "NORTH.BTC", "amount": "0.05205"},
                "expect": "memo_missing",
                "answered": "gateway_settled",
                "replayed": "gateway_settled",
            }
        ],
    }


def test_nothing_of_the_desk_is_in_a_recording(database: Database, tmp_path: Path) -> None:
    chain = Chain()
    wrong = wrong_verdict(chain, database, reference="TICKET-77", channel="hotline")
    found = contents(recorded(chain, wrong, tmp_path / "out").path)
    for word in ("TICKET-77", "hotline", "agent's own words", "li-na", wrong.case.id):
        assert word not in found


def test_the_same_case_gives_the_same_recording(database: Database, tmp_path: Path) -> None:
    chain = Chain()
    wrong = wrong_verdict(chain, database)
    first, again = (recorded(chain, wrong, tmp_path / name).path for name in "ab")
    assert {f.name: f.read_bytes() for f in first.iterdir()} == {
        f.name: f.read_bytes() for f in again.iterdir()
    }


@pytest.mark.parametrize("scheme", ["url", "ws_url"])
@pytest.mark.parametrize(
    "name", ["gateway-overdue-alone", "returned-in-part", "proposal-waiting"]
)
def test_a_live_node_is_recorded_in_the_same_way(
    name: str, scheme: str, database: Database, tmp_path: Path
) -> None:
    chain = Chain()
    wrong = wrong_verdict(chain, database, **question_of(name))
    with Replay(ledger()) as node:
        [source] = open_nodes((getattr(node, scheme),))
        live = recorded(chain, wrong, tmp_path / "live", source)
    assert live.reproduces
    assert contents(live.path) == contents(recorded(chain, wrong, tmp_path / "out").path)


def test_a_node_that_has_pruned_what_is_asked_for_is_recorded_as_such(
    database: Database, tmp_path: Path
) -> None:
    pruned = ledger().with_view(View(keep=1))
    chain = Chain(shown=pruned)
    wrong = wrong_verdict(chain, database, account="lin-yue")
    done = recorded(chain, wrong, tmp_path / "out", LedgerSource(pruned))
    assert (done.replayed, done.reproduces) == (wrong.code, True)


def test_a_recording_that_replays_otherwise_says_so(database: Database, tmp_path: Path) -> None:
    chain = Chain()
    wrong = wrong_verdict(chain, database, account="lin-yue")
    pruned = LedgerSource(ledger().with_view(View(keep=1)))
    done = recorded(chain, wrong, tmp_path / "out", pruned)
    assert not done.reproduces
    [case] = truth(done.path)["cases"]
    assert (case["answered"], case["replayed"]) == (wrong.code, done.replayed)
    assert replayed(done.path).verdict.code == done.replayed


def test_a_node_that_does_not_answer_leaves_nothing_behind(
    database: Database, tmp_path: Path
) -> None:
    chain = Chain()
    wrong = wrong_verdict(chain, database)
    [silent] = open_nodes(("http://127.0.0.1:1",))
    with pytest.raises(Unreachable):
        recorded(chain, wrong, tmp_path / "out", silent)
    assert not (tmp_path / "out" / wrong.reference).exists()
