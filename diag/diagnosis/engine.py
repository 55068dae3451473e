"""Diagnoses a case: collect its history, match, check, decide."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from diag import __version__
from diag.checks import Check
from diag.checks.sources import undetermined
from diag.diagnosis.precedence import decide, urgency
from diag.diagnosis.verdict_builder import build_verdict
from diag.domain.case import Case
from diag.domain.evidence import Evidence
from diag.domain.finding import Finding
from diag.domain.gateway_register import Register
from diag.domain.history import Gap, History
from diag.domain.verdict import Verdict
from diag.domain.withdrawal import Withdrawal
from diag.matching.resubmissions import superseded_ids
from diag.matching.withdrawals import build_evidence
from diag.notices.model import Notice, by_severity, digest
from diag.words import OURS, Phrases, text

log = logging.getLogger(__name__)

Collect = Callable[[Case], History]
Stage = Callable[[str], AbstractContextManager[object]]
"""A context manager that is opened around each named stage of the work, to time it."""


def unwatched(stage: str) -> AbstractContextManager[object]:
    """A `Stage` that measures nothing."""
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The answer to a case: its verdict, and one for each withdrawal it may mean."""

    evidence: Evidence
    verdict: Verdict
    withdrawals: tuple[tuple[Withdrawal, Verdict], ...]
    findings: tuple[Finding, ...]
    ruleset: str
    notices: tuple[Notice, ...] = ()
    """The operator's notices that apply; they explain, and never decide."""
    phrases: Phrases = OURS
    """The words of the reply: ours, partly replaced by the operator's."""
    id: str = field(init=False)
    """A digest of case, as_of, ruleset, notices, phrases, gaps, and what other nodes confirm or
    contradict. It is the same for the same question on the same evidence, and another one if
    either differs.
    """

    def __post_init__(self) -> None:
        content: list[Any] = [self.evidence.case, self.evidence.as_of, self.ruleset]
        history = self.evidence.history
        if self.notices:
            content.append(digest(self.notices))
        if self.phrases.digest:
            content.append(self.phrases.digest)
        if history.gaps:
            content.append(history.gaps)
        if history.disagreement:
            content.append(history.disagreement)
        if history.known_nodes > 1:
            content.append([history.known_nodes, sorted(history.confirmed_by)])
        canonical = json.dumps(
            content, sort_keys=True, default=_to_jsonable, ensure_ascii=False
        )
        found = hashlib.sha256(canonical.encode()).hexdigest()[:16]
        object.__setattr__(self, "id", found)

    @property
    def reference(self) -> str:
        """The reference to quote to the user."""
        return self.id[:10]


def _to_jsonable(value: Any) -> Any:
    """Convert a record to the fields that distinguish it, anything else to text, for JSON."""
    if is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in fields(value) if f.compare}
    return str(value)


def diagnose(
    case: Case,
    collect: Collect,
    register: Register,
    checks: Sequence[Check],
    notices: Sequence[Notice] = (),
    stage: Stage = unwatched,
    phrases: Phrases = OURS,
) -> Diagnosis:
    """Read the history of a case once, and return the diagnosis.

    Raises what `collect` raises: Unreachable if no source answered, BadInput if the question
    cannot be right.
    """
    with stage("collect"):
        history = collect(case)
    with stage("conclude"):
        return conclude(build_evidence(case, history, register), checks, notices, phrases)


def conclude(
    evidence: Evidence,
    checks: Sequence[Check],
    notices: Sequence[Notice] = (),
    phrases: Phrases = OURS,
) -> Diagnosis:
    """Return the diagnosis that the evidence supports. Pure."""
    findings, broken = _findings(evidence, checks)
    evidence = replace(evidence, history=_with_gaps(evidence.history, broken))
    findings += _unexplained(evidence, findings)
    withdrawals = [w.id for w in evidence.withdrawals]
    answered = frozenset(w.id for w in evidence.withdrawals if w.answers)
    led = decide(findings, withdrawals, superseded_ids(evidence), answered)
    by_id = {w.id: w for w in evidence.withdrawals}
    leader = led[None]
    meant = by_id.get(leader.withdrawal_id or "")
    verdict = build_verdict(evidence, leader, meant)
    return Diagnosis(
        evidence=evidence,
        verdict=verdict,
        withdrawals=tuple(
            (w, verdict if led[w.id] is leader else build_verdict(evidence, led[w.id], w))
            for w in evidence.withdrawals
            if w.id in led
        ),
        findings=tuple(sorted(findings, key=urgency)),
        ruleset=ruleset(evidence.register, checks),
        notices=_applying(notices, evidence, meant, leader.code),
        phrases=phrases,
    )


def _applying(
    notices: Sequence[Notice], evidence: Evidence, meant: Withdrawal | None, code: str
) -> tuple[Notice, ...]:
    """Return the notices that apply to the leading withdrawal at the time of the head."""
    gateway = meant.gateway.key if meant and meant.gateway else None
    asset = meant.amount.asset.symbol if meant else evidence.case.asset
    return by_severity(n for n in notices if n.applies_to(evidence.now, gateway, asset, code))


def _findings(evidence: Evidence, checks: Iterable[Check]) -> tuple[list[Finding], list[str]]:
    """Return all findings, and the names of the checks that raised an error, which are logged
    and skipped.
    """
    findings: list[Finding] = []
    broken: list[str] = []
    for check in checks:
        try:
            findings += list(check.check(evidence))
        except Exception:
            log.exception("check %s failed", check.__name__)
            broken.append(check.__name__.rpartition(".")[2])
    return findings, broken


def _with_gaps(history: History, broken: Sequence[str]) -> History:
    reason = text("chain.reason.failed")
    gaps = (Gap("check", text("chain.gap.check").filled(name=n), reason) for n in broken)
    return replace(history, gaps=(*history.gaps, *gaps))


def _unexplained(evidence: Evidence, findings: Sequence[Finding]) -> list[Finding]:
    """Return an `undetermined` finding for each withdrawal that no check reported on.

    If there is neither a withdrawal nor a finding, the case itself gets one.
    """
    findings = [f for f in findings if not f.rule.leads_case]
    if any(f.withdrawal_id is None for f in findings):
        return []
    spoken = {f.withdrawal_id for f in findings}
    silent = [w.id for w in evidence.withdrawals if w.id not in spoken]
    if not silent and not findings:
        return [undetermined(evidence, None)]
    return [undetermined(evidence, withdrawal_id) for withdrawal_id in silent]


def ruleset(register: Register, checks: Sequence[Check]) -> str:
    """Return the versions of what decides: of the product, its codes, and the register."""
    codes = ",".join(sorted(rule.code for check in checks for rule in check.RULES))
    digest = hashlib.sha256(codes.encode()).hexdigest()[:8]
    return f"{__version__}-{digest}-{register.digest}"
