"""Reads the status of all nodes: which can be used for diagnoses, and why the others cannot."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from diag.chain.pool.health import HealthRecord, State
from diag.chain.pool.history_service import WORDS, Lack, NodeKind
from diag.chain.pool.pool import Pool
from diag.chain.pool.survey import NodeReport, survey_all

TTL = 5.0
"""Seconds for which a status is reused."""


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """A node: the report of its survey, and its health in the pool."""

    report: NodeReport
    record: HealthRecord

    @property
    def ok(self) -> bool:
        """True if the node can be used for diagnoses: it answers, its chain and its head are
        right, and it serves the histories of accounts.
        """
        return self.record.state is State.FIT

    @property
    def why(self) -> str | None:
        """Why the node did not answer, or why it serves no histories; None if neither applies."""
        lack = self.record.lack
        return self.report.failure or (WORDS[lack].en if lack else None)


class StatusReader:
    """Callable: seconds → the status of every node, in the order of the settings; thread-safe.

    accounts: the names of busy accounts, which show whether a node drops history.
    indexed: there is an index of the histories that nodes do not keep.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        clock: Callable[[], datetime],
        accounts: Sequence[str] = (),
        indexed: bool = False,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool, self._clock, self._accounts = pool, clock, tuple(accounts)
        self._indexed = indexed
        self._timer, self._lock = timer, Lock()
        self._last: tuple[NodeStatus, ...] = ()
        self._until = 0.0

    def __call__(self, seconds: float) -> tuple[NodeStatus, ...]:
        """Survey all nodes at once, within so many seconds, or return a recent status again."""
        with self._lock:
            if self._timer() >= self._until:
                self._last = self._ask(seconds)
                self._until = self._timer() + TTL
            return self._last

    def _ask(self, seconds: float) -> tuple[NodeStatus, ...]:
        members = self._pool.members
        reports = survey_all(members, seconds, clock=self._clock, accounts=self._accounts)
        for member, report in zip(members, reports, strict=True):
            if report.head is not None:
                filled = self._indexed and report.lack is Lack.INDEXED
                member.health.set_lack(None if filled else report.lack, surveyed=True)
            if report.kind is not NodeKind.UNKNOWN:
                member.health.set_partial(report.kind is not NodeKind.FULL)
        return tuple(
            NodeStatus(report, member.health.record())
            for member, report in zip(members, reports, strict=True)
        )
