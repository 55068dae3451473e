"""Groups answered rows by cause, most urgent first, and sums each group up. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from diag.domain.asset import format_decimal
from diag.domain.case import Reading
from diag.domain.finding import Rule
from diag.domain.history import AsOf
from diag.domain.vocabulary import Confidence, at_most
from diag.domain.withdrawal import Withdrawal
from diag.triage.columns import LeftOut
from diag.triage.result import RowDiagnosis, RowResult
from diag.triage.tickets import Row

STALLED = "gateway_stalled"
INCIDENT_SHARE = Decimal("0.2")
"""The least share of the answered rows that makes a gateway an incident of the batch."""
INCIDENT_TICKETS = 3

Member = tuple[Row, RowDiagnosis]
_Cell = TypeVar("_Cell", LeftOut, Reading)


@dataclass(frozen=True, slots=True)
class Group:
    """Tickets with the same cause, to which the same may be said, most urgent first."""

    members: tuple[Member, ...]

    @property
    def rule(self) -> Rule:
        return self.first.verdict.rule

    @property
    def first(self) -> RowDiagnosis:
        return self.members[0][1]

    @property
    def withdrawals(self) -> tuple[Withdrawal, ...]:
        """The withdrawals of the group, each once even if several tickets ask about it."""
        found = (diagnosis.withdrawal for _, diagnosis in self.members)
        return tuple({w.id: w for w in found if w}.values())

    @property
    def total(self) -> str | None:
        """The sum of the withdrawals, all of one asset; None if there are none."""
        found = self.withdrawals
        if not found:
            return None
        total = sum((w.amount.value for w in found), Decimal(0))
        return (
            format_decimal(total.quantize(found[0].amount.value))
            if total
            else format_decimal(total)
        )

    @property
    def oldest(self) -> datetime | None:
        return min((w.at for w in self.withdrawals), default=None)

    @property
    def confidence(self) -> Confidence:
        """The confidence of the least certain member."""
        weakest = Confidence.CERTAIN
        for _, diagnosis in self.members:
            weakest = at_most(weakest, diagnosis.verdict.confidence)
        return weakest


@dataclass(frozen=True, slots=True)
class Standstill:
    """The on-chain figures of one asset at a gateway that serves nobody."""

    asset: str
    since: datetime | None
    waiting: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Incident:
    """A gateway that serves nobody and affects many of the tickets."""

    gateway: str
    name: str
    tickets: int
    answered: int
    assets: tuple[Standstill, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts, incidents and groups of a batch; independent of the order in which rows finished."""

    rows: int
    as_of: AsOf | None
    """The oldest head block among the diagnoses."""
    codes: dict[str, int]
    outcomes: dict[str, int]
    severities: dict[str, int]
    incidents: tuple[Incident, ...]
    groups: tuple[Group, ...]
    problems: tuple[RowResult, ...]
    exposed: tuple[RowResult, ...]
    """Rows that contained secrets."""
    left_out: dict[str, list[tuple[Row, LeftOut]]]
    """Field or column → the cells of it that could not be used."""
    read_as: dict[str, list[tuple[Row, Reading]]]
    """Field → the values of it that were not given in their canonical form."""


def summarize(done: Iterable[RowResult]) -> Summary:
    """Groups the results of all rows, and lists the rows without a diagnosis."""
    every = sorted(done, key=lambda d: d.row.number)
    members = [(d.row, d.diagnosis) for d in every if d.diagnosis is not None]
    answered = [answer for _, answer in members]
    heads = [answer.as_of for answer in answered]
    return Summary(
        rows=len(every),
        as_of=min(heads, key=lambda head: (head.block, head.nodes[0].name), default=None),
        codes=_counted(a.verdict.code for a in answered),
        outcomes=_counted(a.verdict.rule.outcome for a in answered),
        severities=_counted(a.verdict.rule.severity for a in answered),
        incidents=tuple(_incidents(answered)),
        groups=tuple(_groups(members)),
        problems=tuple(d for d in every if d.diagnosis is None),
        exposed=tuple(d for d in every if d.row.exposed),
        left_out=_by_field((d.row, cell) for d in every for cell in d.left_out),
        read_as=_by_field((row, r) for row, answer in members for r in answer.case.read_as),
    )


def _by_field(found: Iterable[tuple[Row, _Cell]]) -> dict[str, list[tuple[Row, _Cell]]]:
    grouped: dict[str, list[tuple[Row, _Cell]]] = {}
    for row, cell in found:
        grouped.setdefault(cell.field, []).append((row, cell))
    return grouped


def _counted(values: Iterable[str]) -> dict[str, int]:
    """The number of occurrences of each value: most frequent first, ties in alphabetical order."""
    counts = Counter(str(value) for value in values)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _groups(members: Iterable[Member]) -> list[Group]:
    by_cause: dict[tuple[str, ...], list[Member]] = {}
    for row, answer in members:
        by_cause.setdefault(answer.cause, []).append((row, answer))
    groups = [Group(tuple(sorted(found, key=_urgency))) for found in by_cause.values()]

    def rank(group: Group) -> tuple[object, ...]:
        spared, first, *_ = _urgency(group.members[0])
        return spared, first, -len(group.members), group.first.cause

    return sorted(groups, key=rank)


def _urgency(member: Member) -> tuple[bool, tuple[object, ...], Decimal, datetime, int]:
    """Sort key of a member: rows with an exposed secret come first."""
    row, answer = member
    return not row.exposed, *answer.urgency, row.number


def _incidents(answered: Sequence[RowDiagnosis]) -> list[Incident]:
    """Gateways that serve nobody, with their on-chain figures."""
    still: dict[str, list[RowDiagnosis]] = {}
    for one in answered:
        if one.verdict.code == STALLED and one.gateway:
            still.setdefault(one.gateway, []).append(one)
    found = [
        Incident(
            gateway=key,
            name=members[0].gateway_name or key,
            tickets=len(members),
            answered=len(answered),
            assets=tuple(_standstills(members)),
        )
        for key, members in still.items()
        if len(members) >= INCIDENT_TICKETS and len(members) >= INCIDENT_SHARE * len(answered)
    ]
    return sorted(found, key=lambda incident: (-incident.tickets, incident.gateway))


def _standstills(members: Sequence[RowDiagnosis]) -> list[Standstill]:
    by_asset: dict[str, list[Withdrawal]] = {}
    for member in members:
        if member.withdrawal:
            by_asset.setdefault(member.asset or "", []).append(member.withdrawal)
    found = []
    for asset in sorted(by_asset):
        cohorts = [w.statistics for w in by_asset[asset] if w.statistics]
        settled = [c.last_settlement for c in cohorts if c.last_settlement]
        found.append(
            Standstill(
                asset=asset,
                since=max(settled, default=None),
                waiting=max((c.waiting for c in cohorts), default=0),
                overdue=max((c.overdue for c in cohorts), default=0),
            )
        )
    return found
