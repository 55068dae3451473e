"""The checks, in the order in which an agent would ask.

A check is a module: a docstring (what it looks for, why it happens, what to tell the user),
RULES, and a pure `check(evidence)`. Others can add theirs without a fork, by an entry point of
the group `diag.checks` that names such a module.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Protocol, cast

from diag.checks import (
    amount_mismatch,
    congestion,
    custody,
    delivered,
    destination,
    failed,
    gateway,
    lookup,
    memo,
    pending,
    proposal,
    returned,
    security,
    settled,
    sources,
    timelock,
)
from diag.domain.evidence import Evidence
from diag.domain.finding import Finding, Rule


class Check(Protocol):
    """What a check module offers."""

    @property
    def __name__(self) -> str: ...

    @property
    def RULES(self) -> tuple[Rule, ...]: ...

    def check(self, evidence: Evidence) -> Iterator[Finding]: ...


CHECKS: tuple[Check, ...] = (
    lookup,
    sources,
    pending,
    settled,
    delivered,
    returned,
    failed,
    proposal,
    timelock,
    memo,
    destination,
    amount_mismatch,
    gateway,
    congestion,
    custody,
    security,
)


def installed() -> tuple[Check, ...]:
    """CHECKS, and those that other packages add by entry points, in name order."""
    found = sorted(entry_points(group="diag.checks"), key=lambda point: point.name)
    return (*CHECKS, *(cast(Check, point.load()) for point in found))
