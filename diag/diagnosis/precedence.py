"""Which of all findings leads the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from diag.domain.finding import Finding, Rule
from diag.domain.vocabulary import SEVERITIES, Outcome

PRECEDENCE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("security", ("secret_exposed", "authority_changed", "issuer_override")),
    ("sources", ("sources_unavailable", "sources_disagree", "node_stale")),
    ("account", ("account_not_found",)),
    ("contradiction", ("amount_mismatch", "amount_fee_explained")),
    (
        "outcome",
        (
            "gateway_returned",
            "gateway_returned_partial",
            "gateway_settled",
            "htlc_refunded",
        ),
    ),
    (
        "cause",
        (
            "lookalike_account",
            "sent_to_nobody",
            "wrong_gateway_account",
            "wrong_asset",
            "duplicate_submission",
            "memo_missing",
            "memo_unreadable",
            "memo_malformed",
            "below_minimum",
            "proposal_failed",
            "proposal_pending",
            "proposal_expired",
            "htlc_open",
        ),
    ),
    ("arrived", ("delivered_on_chain",)),
    (
        "gateway",
        ("gateway_closed", "gateway_manual", "gateway_maintenance", "gateway_stalled"),
    ),
    ("network", ("network_degraded", "chain_confirming")),
    ("unread", ("history_incomplete",)),
    ("waiting", ("gateway_unconfirmed", "gateway_overdue", "gateway_processing")),
    ("warning", ("authority_proposed",)),
    (
        "not sent",
        (
            "outside_window",
            "deposit_received",
            "transfer_blocked",
            "funds_in_order",
            "funds_locked",
            "insufficient_balance",
            "never_included",
            "not_seen_yet",
            "nothing_in_window",
        ),
    ),
)
"""Which finding leads where several apply to one withdrawal: the first of these."""

CASE_LEVEL_CODES = frozenset({"secret_exposed"})
"""About what came with the question: leads the case, and leaves each withdrawal its own verdict."""

GROUPS_OF_OTHERS: Mapping[Outcome, str] = {
    Outcome.AT_RISK: "security",
    Outcome.DELIVERED: "outcome",
    Outcome.RETURNED: "outcome",
    Outcome.STUCK: "cause",
    Outcome.UNDETERMINED: "unread",
    Outcome.IN_PROGRESS: "waiting",
    Outcome.NOT_SENT: "not sent",
    Outcome.NOTHING_FOUND: "not sent",
}
"""The group of PRECEDENCE that a code from another package joins, at its end: by its outcome."""

_ROOM = 1000
"""More codes than a group has."""
_GROUPS = {group: _ROOM * number for number, (group, _) in enumerate(PRECEDENCE)}
_PRIORITY = {
    code: _GROUPS[group] + place
    for group, codes in PRECEDENCE
    for place, code in enumerate(codes)
}


def priority(rule: Rule) -> int:
    """The place of a rule in the precedence; those of other packages stand at the end of a group."""
    end = _GROUPS[GROUPS_OF_OTHERS[rule.outcome]] + _ROOM - 1
    return _PRIORITY.get(rule.code, end)


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
    """The finding that leads among those about one withdrawal (or about none)."""
    return min(findings, key=lambda f: (priority(f.rule), f.code, _number(f)))


def decide(
    findings: Sequence[Finding],
    withdrawals: Sequence[str],
    superseded: frozenset[str] = frozenset(),
) -> dict[str | None, Finding]:
    """The leading finding of each withdrawal, and under None that of the whole case.

    A finding about no withdrawal counts for all of them. With several withdrawals the one that
    needs action leads: by severity, then by how open its outcome is, then by precedence; but
    never one of the superseded, which came back and were sent again. What stands APART leads the
    case whatever else was found.
    """
    apart = [f for f in findings if f.code in CASE_LEVEL_CODES]
    findings = [f for f in findings if f.code not in CASE_LEVEL_CODES]
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
    led[None] = min(deciding, key=urgency) if led else leading([*general, *others, *apart])
    if apart:
        led[None] = leading(apart)
    return led


def _number(finding: Finding) -> int:
    """The instance of the id it is about: older comes first."""
    return int((finding.withdrawal_id or "0").rpartition(".")[2])


def urgency(finding: Finding) -> tuple[int, int, int, int]:
    """Sort key: what needs action first comes first."""
    rule = finding.rule
    return (
        -SEVERITIES.index(rule.severity),
        _URGENCY.index(rule.outcome),
        priority(rule),
        _number(finding),
    )
