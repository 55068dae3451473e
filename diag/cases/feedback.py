"""Records a chain for each verdict that was assessed as wrong, so that it can be replayed.

A recording contains public data of the chain: what the diagnosis of the case reads at the block of
the wrong verdict. `truth.json` beside it contains the question, the answer, and the right code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, select

from diag.cases import documents, store
from diag.cases.record import QUESTION_TEXTS, StoredCase, question_json
from diag.cases.tables import cases
from diag.chain.collect.collector import Collector
from diag.chain.rpc import methods
from diag.chain.rpc.call import Deadline, Source
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.domain.case import Case
from diag.domain.gateway_register import Register
from diag.errors import DiagError
from diag.gateways import register_file
from diag.ledger import writer
from diag.ledger.node import Ledger, LedgerSource
from diag.ledger.tape import RecordingSource, Tape
from diag.ledger.view import CHAIN_PROPERTIES, GLOBAL_PROPERTIES, HEAD, View
from diag.render.formatting import stamp
from diag.schemas.case import parse
from diag.services import Services

_CLAIMS = (*(name for name in QUESTION_TEXTS if name != "account"), "amount", "received", "tz")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A verdict that was wrong."""

    case: StoredCase
    diagnosis: str
    """The id of the diagnosis whose verdict it is."""
    code: str
    really: str | None
    """The right code, if it was named."""
    block: int
    time: datetime
    """The head of the chain when the verdict was made: number and time of the block."""
    gateway: str | None
    asset: str | None

    @property
    def reference(self) -> str:
        return self.diagnosis[:10]

    def as_json(self) -> dict[str, Any]:
        return {
            "case": self.case.id,
            "diagnosis": self.diagnosis,
            "time": stamp(self.time),
            "code": self.code,
            "really": self.really,
            "gateway": self.gateway,
            "asset": self.asset,
        }


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording of a wrong verdict; replayed: the code that a diagnosis of the recording gives."""

    path: Path
    replayed: str
    reproduces: bool
    """Whether the replay gives the same code as the wrong verdict."""


def wrong_verdicts(connection: Connection, limit: int) -> Iterator[Wrong]:
    """The cases whose last assessment says that the verdict was wrong, the newest first."""
    query = select(cases).where(cases.c.judged_right.is_(False)).order_by(cases.c.seq.desc())
    for row in connection.execute(query.limit(limit)).all():
        case = store.of_row(row)
        found = documents.diagnosis(connection, case.seq, case.judged_diagnosis or "")
        if found is not None:
            as_of = found["as_of"]
            yield Wrong(
                case=case,
                diagnosis=found["id"],
                code=found["verdict"]["code"],
                really=case.right_code,
                block=as_of["block"],
                time=datetime.fromisoformat(as_of["time"]),
                gateway=case.verdict.gateway,
                asset=case.verdict.asset,
            )


def record(wrong: Wrong, source: Source, services: Services, directory: Path) -> Recorded:
    """Writes the recording of a wrong verdict into a directory of its own, and replays it.

    source: a node or a recorded chain in its current state. It is read twice: as it is now, and as it
    was at the block of the verdict. Objects that change, such as balances and proposals, keep their
    current state. Raises ChainError, BadInput and OSError.
    """
    question, seconds = wrong.case.question, services.settings.deadline
    whole, path = Tape(), directory / wrong.reference
    _read_fixed(RecordingSource(source, whole), wrong.block, seconds)
    _diagnose(question, RecordingSource(source, whole), services, services.now())
    with TemporaryDirectory() as place:
        writer.write(whole, Path(place))
        ledger = Ledger.load(Path(place))
    late = max(timedelta(), ledger.clock - wrong.time)
    then, tape = ledger.with_view(View(behind=late.total_seconds())), Tape()
    recording = RecordingSource(LedgerSource(then, "ledger"), tape)
    _read_fixed(recording, wrong.block, seconds)
    _diagnose(question, recording, services, wrong.time)
    writer.write(tape, path)
    replayed = replay(path, wrong, services)
    found = Recorded(path, replayed, replayed == wrong.code)
    truth = json.dumps(_truth(wrong, tape, found), ensure_ascii=False, indent=1)
    (path / "truth.json").write_text(f"{truth}\n", encoding="utf-8")
    return found


def replay(path: Path, wrong: Wrong, services: Services) -> str:
    """The code of a diagnosis of the recording, with the gateway register beside it."""
    ledger = Ledger.load(path)
    question = parse(
        {**_asked(wrong.case.question), **_claim(wrong.case.question)}, ledger.clock
    )
    register = register_file.of_ledger(path) or services.register
    source = LedgerSource(ledger, ledger.name)
    try:
        return _diagnose(question, source, services, ledger.clock, register).verdict.code
    except DiagError as error:
        return error.code


def _read_fixed(source: Source, block: int, seconds: float) -> None:
    """Reads what every recorded chain needs: its identity, its head, and the block of the verdict."""
    calls = [
        methods.CHAIN_ID.call(),
        methods.CONFIG.call(),
        methods.OBJECTS.call([GLOBAL_PROPERTIES, HEAD, CHAIN_PROPERTIES]),
        methods.HEADER.call(block),
    ]
    chain_id, _, objects, _ = source.ask(calls, Deadline(seconds))
    for reply in (chain_id, objects):
        if isinstance(reply, DiagError):
            raise reply


def _diagnose(
    question: Case,
    source: Source,
    services: Services,
    now: datetime,
    register: Register | None = None,
) -> Diagnosis:
    register = register or services.register
    collect = Collector(
        [source],
        register,
        seconds=services.settings.deadline,
        clock=lambda: now,
        recorded=True,
    )
    return diagnose(question, collect, register, services.checks)


def _truth(wrong: Wrong, tape: Tape, found: Recorded) -> dict[str, Any]:
    """The content of `truth.json`, which makes a test of a recording; times are UTC.

    `expect` is null if nobody named the right code.
    """
    question = wrong.case.question
    case = {
        "id": wrong.reference,
        **{name: value.removesuffix("Z") for name, value in _asked(question).items()},
        "claim": _claim(question),
        "expect": wrong.really,
        "answered": wrong.code,
        "replayed": found.replayed,
    }
    as_of = f"{wrong.time:%Y-%m-%dT%H:%M:%S}"
    return {"chain_id": tape.chain_id, "as_of": as_of, "cases": [case]}


def _asked(question: Case) -> dict[str, str]:
    return {
        "account": question.account,
        "from": str(stamp(question.start)),
        "to": str(stamp(question.end)),
    }


def _claim(question: Case) -> Mapping[str, Any]:
    """The claims of the question, besides account and time."""
    found = question_json(question)
    return {name: found[name] for name in _CLAIMS if found.get(name) is not None}
