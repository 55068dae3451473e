"""Nodes with the faults that real nodes have, and the judgement of what is said on their word."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

from recorded import RECORDED, ledger, register, stories
from waiting import FOREVER

from diag.bootstrap import build_services
from diag.chain.collect.collector import Collector
from diag.checks import CHECKS
from diag.config.settings import Settings
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.domain.case import Case
from diag.domain.vocabulary import Outcome
from diag.errors import ChainError
from diag.ledger.node import LedgerSource
from diag.ledger.replay.faults import Faults
from diag.ledger.replay.server import Replay
from diag.ledger.view import View
from diag.schemas.case import parse
from diag.services import Services

SECONDS = 1.2
"""The deadline of a cell."""
SLACK = 0.5
"""Seconds after the deadline within which an answer must have come."""
LONG = 4 * SECONDS
"""The deadline where there is only one chance."""
TRIES = (SECONDS, LONG, 4 * LONG)
"""The deadlines of the chances that a busy machine is given."""

KINDS: dict[str, tuple[View, Faults]] = {
    "healthy": (View(), Faults()),
    "slow": (View(), Faults(latency=0.2)),
    "hanging": (View(), Faults(hang=True)),
    "resetting": (View(), Faults(drop=0.5)),
    "garbage": (View(), Faults(garbage=True)),
    "stale": (View(behind=1800), Faults()),
    "pruned": (View(keep=2), Faults()),
    "wrong chain": (View(chain_id="0" * 64), Faults()),
    "dying": (View(), Faults(die_mid_answer=True)),
}
"""The nine that issue 5 names."""
MORE: dict[str, tuple[View, Faults]] = {
    "dead": (View(), Faults(drop=1.0)),
    "an error page": (View(), Faults(html_error=True)),
    "answers something else": (View(), Faults(wrong_id=True)),
    "without end": (View(), Faults(oversize=True)),
    "a minute behind": (View(behind=60), Faults()),
    "far behind": (View(behind=30_000), Faults()),
    "keeps one": (View(keep=1), Faults()),
    "keeps thirty": (View(keep=30), Faults()),
    "before 6.1": (View(legacy=True), Faults()),
    "stale and pruned": (View(behind=1800, keep=2), Faults()),
    "pruned and resetting": (View(keep=2), Faults(drop=0.3)),
    "slow and resetting": (View(), Faults(latency=0.2, drop=0.3)),
    "stale and resetting": (View(behind=1800), Faults(drop=0.3)),
    "too slow": (View(), Faults(latency=0.9)),
}
"""Others, and two at once."""
LATER: dict[str, Faults] = {
    "hanging": Faults(hang=True),
    "garbage": Faults(garbage=True),
    "dead": Faults(drop=1.0),
    "dying": Faults(die_mid_answer=True),
    "resetting": Faults(drop=0.5),
}
"""Those that may come over a node `after` some calls: "dead after 25" is one that answers these."""
USELESS = frozenset(
    [
        "hanging",
        "garbage",
        "wrong chain",
        "dying",
        "dead",
        "an error page",
        "answers something else",
        "without end",
    ]
)
"""Nothing that these answer can be used."""
CAPABLE = frozenset({"healthy"})
"""With one of these the truth is to be had."""

STORIES = {
    "settled": "settled-by-burn",
    "overdue": "gateway-overdue-alone",
    "never sent": "nothing-sent-long-ago",
    "unknown": "no-such-account",
    "memo": "memo-missing",
    "returned": "returned-in-full",
    "proposal": "proposal-waiting",
    "stalled": "gateway-stalled",
}
MORE_STORIES = {
    "just sent": "still-reversible",
    "just not sent": "nothing-sent-just-now",
    "partly returned": "returned-in-part",
    "busy account": "needle-in-a-busy-account",
    "three at once": "three-in-the-window",
    "outside": "eight-hours-off",
    "no trace": "no-trace-old",
    "expired proposal": "proposal-expired",
    "refunded": "htlc-refunded",
    "drained": "drained-after-key-change",
    "overdraft": "balance-too-small",
    "deposit": "it-was-a-deposit",
    "twice": "sent-twice",
}
_CASES = {told["id"]: told for told in stories("")}
EVERY_STORY = list(_CASES)
"""All that is recorded; the others are those of them that a matrix is made of, by short names."""


@cache
def question(story: str) -> Case:
    """The case of a story, as somebody would ask it."""
    told = _told(story)
    window = {"from": f"{told['from']}Z", "to": f"{told['to']}Z"}
    return parse({"account": told["account"], **window, **told["claim"]}, ledger().clock)


@cache
def truth(story: str) -> Diagnosis:
    """What whoever sees the whole chain says; its code is the one that the story deserves."""
    collect = Collector(
        [LedgerSource(ledger())], register(), clock=lambda: ledger().clock, seconds=FOREVER
    )
    found = diagnose(question(story), collect, register(), CHECKS)
    assert found.verdict.code == _told(story)["expect"]
    return found


def _told(story: str) -> dict[str, Any]:
    return _CASES[(STORIES | MORE_STORIES).get(story, story)]


@dataclass(frozen=True)
class Cell:
    """Some nodes in their order, what is asked of them, and which calls fall."""

    kinds: tuple[str, ...]
    story: str
    seed: int = 0
    wires: str = "h"
    """For each node in turn h (HTTP) or w (WebSocket); repeated as needed."""

    def __str__(self) -> str:
        return f"{' + '.join(self.kinds)}: {self.story} ({self.wires}{self.seed})"

    @property
    def must_know(self) -> bool:
        return not CAPABLE.isdisjoint(self.kinds)


@dataclass(frozen=True)
class Result:
    """What came of a cell. said: true, undetermined, none (nothing could be asked) or wrong."""

    said: str
    took: float
    late: float
    complaints: tuple[str, ...] = ()
    waves: float = 0
    again: bool = False
    """It took a longer deadline."""


@contextmanager
def nodes_of(cell: Cell) -> Iterator[list[Replay]]:
    """The nodes of a cell, served."""
    with ExitStack() as stack:
        yield [stack.enter_context(_node(cell, place)) for place in range(len(cell.kinds))]


def service(cell: Cell, nodes: Sequence[Replay], seconds: float) -> Services:
    """The service as an operator of these nodes has it."""
    urls = [
        node.ws_url if cell.wires[place % len(cell.wires)] == "w" else node.url
        for place, node in enumerate(nodes)
    ]
    return build_services(
        Settings(
            nodes=tuple(urls),
            gateways=RECORDED / "gateways.json",
            chain_id=ledger().chain_id,
            deadline=seconds,
            clock=ledger().clock,
            ahead=0,  # these nodes are there for one question
        )
    )


def ask(cell: Cell, seconds: float = SECONDS) -> Result:
    """Put up the nodes, ask the service that is made for them, and judge the answer."""
    with nodes_of(cell) as nodes:
        return asked(cell, nodes, service(cell, nodes, seconds), seconds)


def asked(cell: Cell, nodes: Sequence[Replay], made: Services, seconds: float) -> Result:
    """Ask a service, and judge the answer."""
    found: Diagnosis | Exception
    began = time.monotonic()
    try:
        found = diagnose(question(cell.story), made.collect, made.register, made.checks)
    except Exception as error:  # any other than a ChainError is a complaint
        found = error
    took = time.monotonic() - began
    waves = sum(n for (what, *_), n in made.counters.read().items() if what == "waves")
    useful = {
        node.address
        for kind, node in zip(cell.kinds, nodes, strict=True)
        if kind not in USELESS and node.calls
    }
    said, complaints = judged(cell, found, useful)
    return Result(said, took, took - seconds, tuple(complaints), waves)


def fair(cell: Cell, expected: str | None = None) -> Result:
    """As `ask`; what a busy machine may be to blame for is asked again, with more time.

    expected is what is to be said, where that is known.
    """
    lateness = []
    for seconds in TRIES:
        result = ask(cell, seconds)
        lateness.append(result.late)
        late = min(lateness)
        unhurt = not result.complaints and late <= SLACK and expected in (None, result.said)
        if unhurt or result.said == "wrong":
            break
    return replace(result, late=late, again=len(lateness) > 1)


def made_of(kind: str) -> tuple[View, Faults]:
    """What a kind of node is like."""
    fault, after, calls = kind.partition(" after ")
    if after:
        return View(), replace(LATER[fault], after=int(calls))
    return (KINDS | MORE)[kind]


def _node(cell: Cell, place: int) -> Replay:
    view, faults = made_of(cell.kinds[place])
    return Replay(_seen(view), replace(faults, seed=1000 * place + cell.seed))


@cache
def _seen(view: View):  # type: ignore[no-untyped-def]
    return ledger().with_view(view)


def judged(cell: Cell, found: Diagnosis | Exception, useful: set[str]) -> tuple[str, list[str]]:
    """What was said, and what is to be said against it."""
    if isinstance(found, Exception):
        if not isinstance(found, ChainError):
            return "wrong", [f"raised {found!r}"]
        able = set(cell.kinds) - USELESS
        hard = {k for k in able if not ("resetting" in k or " after " in k or k == "too slow")}
        return "none", [f"a node could have been asked: {found!r}"] if hard else []
    complaints = [f"names {n.name}" for n in found.evidence.as_of.nodes if n.name not in useful]
    complaints += falsehoods(cell.story, found)
    if complaints:
        return "wrong", complaints
    if found.verdict.code == truth(cell.story).verdict.code:
        return "true", []
    told = [f"{gap.code}: {gap.why.en}" for gap in found.evidence.history.gaps]
    missed = [f"only {found.verdict.code}, {told}"] if cell.must_know else []
    return "undetermined", missed


CAUTIOUS = {
    "never_included": "not_seen_yet",
    "insufficient_balance": "not_seen_yet",
    "funds_in_order": "not_seen_yet",
}
"""What may be said instead of a truth: it claims less, and nothing that is not so."""
IN_PART = {"authority_changed": "delivered_on_chain"}
"""The same where the account's history has a hole, and the confidence says so."""


def falsehoods(story: str, found: Diagnosis) -> list[str]:
    """What a diagnosis says that is not so: of the case, of a withdrawal, or of what happened."""
    true, wrong = truth(story), []
    codes = {None: true.verdict.code, **{w.id: v.code for w, v in true.withdrawals}}
    for withdrawal_id, verdict in [
        (None, found.verdict),
        *((w.id, v) for w, v in found.withdrawals),
    ]:
        code = codes.get(withdrawal_id, "")
        allowed = [code, CAUTIOUS.get(code)]
        if not found.evidence.complete and verdict.confidence in ("medium", "low"):
            allowed.append(IN_PART.get(code))
        if verdict.rule.outcome is not Outcome.UNDETERMINED and verdict.code not in allowed:
            wrong.append(
                f"says {verdict.code} of {withdrawal_id or 'the case'}, not {allowed[0]}"
            )
    seen, real = ([o.id for o in d.evidence.window] for d in (found, true))
    if not set(seen) <= set(real):
        wrong.append(f"shows what did not happen: {set(seen) - set(real)}")
    if found.evidence.complete and seen != real and not found.evidence.gap("head"):
        wrong.append(f"calls the window complete without {set(real) - set(seen)}")
    return wrong


Judge = Callable[[Cell, Result], None]


# --- which cells there are ------------------------------------------------------------------


def matrix() -> Iterator[Cell]:
    """All combinations of the nine: alone with each story, in pairs with three, in threes with one."""
    names = list(STORIES)
    for number, told in ((1, len(names)), (2, 3), (3, 1)):
        for place, kinds in enumerate(product(KINDS, repeat=number)):
            for story in range(place, place + told):
                yield Cell(kinds, names[story % len(names)], seed=place)


def wires() -> Iterator[Cell]:
    """Over WebSocket, and mixed: each of the nine alone, and each pair with one story."""
    names = list(STORIES)
    for place, kind in enumerate(KINDS):
        yield from (Cell((kind,), story, seed=place, wires="w") for story in names[:4])
    for place, kinds in enumerate(product(KINDS, repeat=2)):
        yield Cell(
            kinds, names[place % len(names)], seed=place, wires=("ww", "wh", "hw")[place % 3]
        )


TEMPTING = {
    "pruned": (
        "pruned",
        "keeps one",
        "keeps thirty",
        "stale and pruned",
        "pruned and resetting",
    ),
    "stale": ("stale", "a minute behind", "far behind", "stale and resetting"),
    "partly lost": ("resetting", "slow and resetting", "too slow", "before 6.1"),
    "ill later": ("hanging after 25", "garbage after 25", "dead after 25"),
}
"""Nodes on whose word a wrong claim lies near."""


def temptations() -> Iterator[Cell]:
    """The nodes that could mislead, before every story: alone, with each other, before a good one."""
    names = list(STORIES | MORE_STORIES)
    misleading = [kind for group in TEMPTING.values() for kind in group]
    for place, kind in enumerate(misleading):
        yield from (Cell((kind,), story, seed=place) for story in names)
    others = ("healthy", "pruned", "stale", "resetting", "dead")
    for place, (kind, other) in enumerate(product(misleading, others)):
        yield Cell((kind, other), names[place % len(names)], seed=place)


def turning() -> Iterator[Cell]:
    """A node that falls ill after so many calls, wherever that is: alone, and before a good one."""
    place = 0
    for after in range(2, 60, 3):
        for fault in LATER:
            story = list(STORIES)[place % len(STORIES)]
            kind = f"{fault} after {after}"
            others: tuple[tuple[str, ...], ...] = ((), ("healthy",), ("pruned",), ("stale",))
            yield Cell((kind, *others[place % 4]), story, place, "wh" if place % 3 else "h")
            place += 1


def every() -> list[Cell]:
    """All cells, each once."""
    return list(dict.fromkeys([*matrix(), *wires(), *temptations(), *turning()]))
