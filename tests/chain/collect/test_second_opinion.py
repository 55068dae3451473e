"""A negative answer is asked of a second node; what the two contradict each other in is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from recorded import ledger, register
from told import bent
from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.domain.case import Case
from diag.errors import Unreachable
from diag.ledger.node import Ledger, LedgerSource
from diag.ledger.view import View

FULL = ledger()
PRUNED = FULL.with_view(View(keep=30))
REGISTER = register()


@dataclass
class Forgetful:
    """A node that lost an account's newest operations: it shows none of them, and no gap."""

    ledger: Ledger
    forgotten: str
    name: str = "forgetful"

    def ask(self, calls, deadline):
        return bent(self.ledger, calls, lambda call, said: self._forget(said))

    def _forget(self, reply):
        if not isinstance(reply, list):
            return reply
        return [
            row for row in reply if not isinstance(row, dict) or row.get("id") != self.forgotten
        ]


@dataclass
class Dead:
    name: str = "dead"
    asked: list = field(default_factory=list)

    def ask(self, calls, deadline):
        self.asked += calls
        return [Unreachable("connection refused") for _ in calls]


def source(ledger, name):
    return LedgerSource(ledger, name)


def ask(sources, account, start, end, **claim):
    case = Case(account, at(start), at(end), **claim)
    collect = Collector(
        sources,
        REGISTER,
        clock=lambda: FULL.clock,
        seconds=FOREVER,
        patience=lambda _: FOREVER,
    )
    return diagnose(case, collect, REGISTER, CHECKS)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


SETTLED = ("lin-yue", "2026-11-21T20:30:00", "2026-11-21T21:30:00")
NOTHING = ("tao-qian", "2026-11-21T09:00:00", "2026-11-21T10:00:00")
NEEDLE = ("chang-e1", "2026-11-21T20:50:33", "2026-11-21T21:20:33")
BTC = {"asset": "NORTH.BTC", "amount": Decimal("0.09179")}


@pytest.mark.parametrize(
    ("sources", "question", "claim", "code", "nodes"),
    [
        pytest.param(
            [source(FULL, "one"), source(FULL, "two")],
            NOTHING,
            BTC,
            "never_included",
            ["one", "two"],
            id="both show nothing: agreed, and both are named",
        ),
        pytest.param(
            [source(FULL, "one"), source(FULL, "two")],
            SETTLED,
            {},
            "gateway_settled",
            ["one"],
            id="a positive answer needs no second opinion",
        ),
        pytest.param(
            [Forgetful(FULL, "1.11.13731"), source(FULL, "two")],
            SETTLED,
            {"asset": "NORTH.BTC"},
            "sources_disagree",
            ["forgetful", "two"],
            id="one shows nothing where the other shows the withdrawal",
        ),
        pytest.param(
            [source(PRUNED, "pruned"), source(FULL, "two")],
            NEEDLE,
            {"asset": "NORTH.BTC"},
            "gateway_settled",
            ["pruned", "two"],
            id="a pruned node's gap is filled by a fuller one",
        ),
        pytest.param(
            [source(PRUNED, "pruned"), Dead()],
            NEEDLE,
            {"asset": "NORTH.BTC"},
            "history_incomplete",
            ["pruned"],
            id="a pruned node alone proves nothing",
        ),
        pytest.param(
            [source(FULL, "one"), Dead()],
            NOTHING,
            BTC,
            "never_included",
            ["one"],
            id="a dead second node changes nothing",
        ),
        pytest.param(
            [Dead(), source(FULL, "two")],
            SETTLED,
            {},
            "gateway_settled",
            ["two"],
            id="the next node answers for a dead first one",
        ),
    ],
)
def test_second_opinion(sources, question, claim, code, nodes):
    diagnosis = ask(sources, *question, **claim)

    assert diagnosis.verdict.code == code
    assert [node.name for node in diagnosis.evidence.as_of.nodes] == nodes
