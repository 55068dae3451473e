"""Decides which of all findings leads the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from diag.domain.finding import Finding, Rule
from diag.domain.object_ids import instance
from diag.domain.vocabulary import SEVERITIES, Group, Outcome

GROUP_BY_OUTCOME: Mapping[Outcome, Group] = {
    Outcome.AT_RISK: Group.SECURITY,
    Outcome.DELIVERED: Group.OUTCOME,
    Outcome.RETURNED: Group.OUTCOME,
    Outcome.STUCK: Group.CAUSE,
    Outcome.UNDETERMINED: Group.UNREAD,
    Outcome.IN_PROGRESS: Group.WAITING,
    Outcome.NOT_SENT: Group.NOT_SENT,
    Outcome.NOTHING_FOUND: Group.NOT_SENT,
}
"""The group of a rule that states none, as a rule of another package may."""
_GROUPS = tuple(Group)


def group_of(rule: Rule) -> Group:
    """Return the group that a rule belongs to."""
    return rule.group or GROUP_BY_OUTCOME[rule.outcome]


def priority(rule: Rule) -> tuple[int, int]:
    """Return the place of a rule among all: that of its group, and its rank in the group."""
    return _GROUPS.index(group_of(rule)), rule.rank


def precedence(rules: Iterable[Rule]) -> list[tuple[Group, list[str]]]:
    """Return the codes by group, in the order in which their findings lead."""
    ordered = sorted(rules, key=lambda rule: (priority(rule), rule.code))
    return [
        (group, codes)
        for group in Group
        if (codes := [rule.code for rule in ordered if group_of(rule) is group])
    ]


_URGENCY = (
    Outcome.AT_RISK,
    Outcome.STUCK,
    Outcome.UNDETERMINED,
    Outcome.NOT_SENT,
    Outcome.NOTHING_FOUND,
    Outcome.IN_PROGRESS,
    Outcome.RETURNED,
    Outcome.DELIVERED,
)


def leading(findings: Iterable[Finding]) -> Finding:
    """Return the finding that leads among those about one withdrawal (or about the whole case)."""
    return min(findings, key=lambda f: (priority(f.rule), f.code, _number(f)))


def decide(
    findings: Sequence[Finding],
    withdrawals: Sequence[str],
    superseded: frozenset[str] = frozenset(),
    answered: frozenset[str] = frozenset(),
) -> dict[str | None, Finding]:
    """Return the leading finding of each withdrawal, and under None that of the whole case.

    A finding without a withdrawal counts for all of them. Of several withdrawals, the one that
    leads the case is chosen by:
    1. severity;
    2. how open its outcome is;
    3. precedence;
    4. unanswered before answered;
    5. age, the older first.

    A superseded withdrawal, which came back and was sent again, leads only if all are
    superseded. A finding of a rule with `leads_case` leads the case whatever else was found.
    """
    apart = [f for f in findings if f.rule.leads_case]
    findings = [f for f in findings if not f.rule.leads_case]
    general = [f for f in findings if f.withdrawal_id is None]
    led: dict[str | None, Finding] = {}
    for withdrawal in withdrawals:
        own = [f for f in findings if f.withdrawal_id == withdrawal]
        if own or general:
            led[withdrawal] = leading([*own, *general])
    others = [
        f
        for f in findings
        if f.withdrawal_id is not None and f.withdrawal_id not in withdrawals
    ]
    deciding = [found for w, found in led.items() if w not in superseded] or list(led.values())
    led[None] = (
        min(deciding, key=lambda f: (urgency(f)[:-1], f.withdrawal_id in answered, _number(f)))
        if led
        else leading([*general, *others, *apart])
    )
    if apart:
        led[None] = leading(apart)
    return led


def _number(finding: Finding) -> int:
    """Return the instance of the withdrawal's id, by which the older comes first."""
    return instance(finding.withdrawal_id or "0")


def urgency(finding: Finding) -> tuple[int, int, tuple[int, int], int]:
    """Return the sort key of a finding: what needs action first comes first."""
    rule = finding.rule
    return (
        -SEVERITIES.index(rule.severity),
        _URGENCY.index(rule.outcome),
        priority(rule),
        _number(finding),
    )
