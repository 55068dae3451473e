"""What a check may say, and which of all that was said leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from diag.text import Text

Fact = str | int | Text | datetime | timedelta | tuple[str, ...]
"""What may fill a blank; times, durations and lists are put into words when the language is known."""


class Outcome(StrEnum):
    DELIVERED = "delivered"
    IN_PROGRESS = "in_progress"
    RETURNED = "returned"
    NOT_SENT = "not_sent"
    STUCK = "stuck"
    AT_RISK = "at_risk"
    NOTHING_FOUND = "nothing_found"
    UNDETERMINED = "undetermined"


class Stage(StrEnum):
    """Where the money is."""

    USER_ACCOUNT = "user_account"
    CHAIN_UNCONFIRMED = "chain_unconfirmed"
    AT_GATEWAY = "at_gateway"
    SENT_ONWARD = "sent_onward"
    AT_RECIPIENT = "at_recipient"
    RETURNED = "returned"
    LOCKED = "locked"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


class Actor(StrEnum):
    """Who must act next."""

    NOBODY = "nobody"
    USER = "user"
    GATEWAY = "gateway"
    RECIPIENT = "recipient"
    NETWORK = "network"
    SUPPORT = "support"
    SECURITY = "security"


class Advice(StrEnum):
    WAIT = "wait"
    CONTACT_GATEWAY = "contact_gateway"
    CONTACT_RECIPIENT = "contact_recipient"
    PROVIDE_INFO = "provide_info"
    APPROVE_PROPOSAL = "approve_proposal"
    SEND_AGAIN = "send_again"
    DO_NOT_RESEND = "do_not_resend"
    SECURE_ACCOUNT = "secure_account"
    RETRY_LATER = "retry_later"


class ResendSafe(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Finality(StrEnum):
    PROVISIONAL = "provisional"
    FINAL = "final"


class Confidence(StrEnum):
    CERTAIN = "certain"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Ask(StrEnum):
    """What the user could tell that would help most."""

    EXTERNAL_TRANSACTION = "external_transaction"
    MEMO = "memo"
    OPERATION = "operation"
    AMOUNT = "amount"
    TIME = "time"
    ACCOUNT = "account"
    DESTINATION = "destination"
    WALLET = "wallet"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be said: its code for machines, its words for people.

    title names it in a few words. reply is what the user may be told (what happened, where the
    funds are, what comes next, what to do), and aside one sentence more where there is room;
    note is for the agent. All have the same blanks in both languages.
    """

    code: str
    title: Text
    outcome: Outcome
    stage: Stage
    severity: Severity
    actor: Actor
    advice: Advice
    confidence: Confidence
    """The most that the kind of evidence behind it allows."""
    reply: Text
    note: Text
    aside: Text | None = None
    resend_safe: ResendSafe = ResendSafe.NO
    lasting: bool = True
    """A fact that stays; False for a state that the next block may change."""
    ask: tuple[Ask, ...] = ()
    sep24: str = "error"
    """Nearest status of Stellar SEP-24."""
    iso20022: str = "NARR"
    """Nearest reason or status of ISO 20022."""
    mass: Text | None = None
    """What may be said to many whose cases have this cause: with nothing personal in it, {gateway}
    and {asset} are its only blanks. None where each must be answered on its own."""

    def found(
        self,
        about: str | None = None,
        *,
        exhibits: Sequence[Exhibit] = (),
        eta: Eta | None = None,
        basis: Sequence[str] = (),
        **facts: Fact,
    ) -> Finding:
        """This rule, found; about is the id of the withdrawal it is about, facts fill the blanks."""
        return Finding(self, about, facts, tuple(exhibits), eta, tuple(basis))


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One piece of evidence: what it shows, and where anybody can look it up."""

    claim: Text
    operation: str | None = None
    block: int | None = None
    trx_in_block: int | None = None
    op_in_trx: int | None = None
    transaction: str | None = None
    time: datetime | None = None
    source: str = ""
    observed: str | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class Eta:
    """Until when waiting is normal, when most are done, when to insist; basis says whose times.

    observed (this gateway's others), register, default, or protocol (the chain's own).
    """

    normal_until: datetime | None
    expected_by: datetime | None
    escalate_after: datetime | None
    basis: str | None


NO_ETA = Eta(None, None, None, None)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that applies, with the facts that fill its words."""

    rule: Rule
    about: str | None
    facts: Mapping[str, Fact]
    exhibits: tuple[Exhibit, ...]
    eta: Eta | None = None
    basis: tuple[str, ...] = ()
    """Reasons that lower the confidence: ambiguous, incomplete, provisional, stale."""

    @property
    def code(self) -> str:
        return self.rule.code


SENT_AGAIN = "sent_again"
"""Basis of a verdict: the same account was sent the same asset once more."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a case, or for one of its withdrawals."""

    finding: Finding
    finality: Finality
    confidence: Confidence
    basis: tuple[str, ...]
    ruled_out: tuple[str, ...] = ()
    not_checked: tuple[tuple[str, Text], ...] = ()
    ask_user_for: tuple[Ask, ...] = ()
    amounts: Mapping[str, str | None] = field(default_factory=dict)
    timeline: tuple[Event, ...] = ()

    @property
    def resend_safe(self) -> ResendSafe:
        """Yes only once what makes it safe is irreversible, and it was not sent again already."""
        safe = self.rule.resend_safe
        doubt = self.finality is not Finality.FINAL or SENT_AGAIN in self.basis
        return ResendSafe.NO if safe is ResendSafe.YES and doubt else safe

    @property
    def rule(self) -> Rule:
        return self.finding.rule

    @property
    def code(self) -> str:
        return self.finding.code


@dataclass(frozen=True, slots=True)
class Event:
    """A moment of the story."""

    time: datetime
    what: Text
    id: str | None


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

APART = frozenset({"secret_exposed"})
"""About what came with the question: leads the case, and leaves each withdrawal its own verdict."""

RANK = {code: rank for rank, code in enumerate(c for _, codes in PRECEDENCE for c in codes)}
_UNKNOWN_RANK = len(RANK)

SEVERITIES = tuple(Severity)
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
_CONFIDENCES = tuple(Confidence)


def leading(findings: Iterable[Finding]) -> Finding:
    """The finding that leads among those about one withdrawal (or about none)."""
    return min(findings, key=lambda f: (RANK.get(f.code, _UNKNOWN_RANK), f.code, _number(f)))


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
    apart = [f for f in findings if f.code in APART]
    findings = [f for f in findings if f.code not in APART]
    general = [f for f in findings if f.about is None]
    led: dict[str | None, Finding] = {}
    for withdrawal in withdrawals:
        own = [f for f in findings if f.about == withdrawal]
        if own or general:
            led[withdrawal] = leading([*own, *general])
    others = [f for f in findings if f.about is not None and f.about not in withdrawals]
    deciding = [found for w, found in led.items() if w not in superseded] or list(led.values())
    led[None] = min(deciding, key=urgency) if led else leading([*general, *others, *apart])
    if apart:
        led[None] = leading(apart)
    return led


def _number(finding: Finding) -> int:
    """The instance of the id it is about: older comes first."""
    return int((finding.about or "0").rpartition(".")[2])


def urgency(finding: Finding) -> tuple[int, int, int, int]:
    """Sort key: what needs action first comes first."""
    rule = finding.rule
    return (
        -SEVERITIES.index(rule.severity),
        _URGENCY.index(rule.outcome),
        RANK.get(rule.code, _UNKNOWN_RANK),
        _number(finding),
    )


def at_most(confidence: Confidence, limit: Confidence) -> Confidence:
    """The weaker of the two."""
    return max(confidence, limit, key=_CONFIDENCES.index)
