"""Builds the verdict from a leading finding: confidence, what is ruled out, what was not checked.

The rules are fixed, so that the same evidence gives the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal

from diag.diagnosis.resend_facts import Question
from diag.diagnosis.resend_proof import NOT_WITH_USER, unmet
from diag.domain.asset import Amount, format_decimal
from diag.domain.changed_keys import changed_keys, proposed_changes
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import (
    COVERAGE,
    answer_words,
    memo_key_at,
    takes_withdrawals,
)
from diag.domain.finding import Finding
from diag.domain.gateway import Status
from diag.domain.history import Gap
from diag.domain.operations import AuthorityUpdate, ProposalCreated, TimeLock, Transfer
from diag.domain.verdict import Event, Verdict
from diag.domain.vocabulary import Ask, Confidence, Finality, ResendSafe, at_most
from diag.domain.withdrawal import TWINS_WITHIN, Withdrawal
from diag.i18n import Text
from diag.matching.claims import differing_claims
from diag.words import evidence_claim

LIMITS = {
    "ambiguous": Confidence.LOW,
    "claim_differs": Confidence.MEDIUM,
    "keys_changed": Confidence.MEDIUM,
    "unexplained_burn": Confidence.LOW,
    "incomplete": Confidence.MEDIUM,
    "default_times": Confidence.MEDIUM,
    "issue_or_deposit": Confidence.MEDIUM,
    "fits_others_too": Confidence.MEDIUM,
    "issued_again": Confidence.MEDIUM,
    "credited_otherwise": Confidence.MEDIUM,
    "provisional": Confidence.HIGH,
    "single_node": Confidence.HIGH,
    "user_statement": Confidence.LOW,
    "gaps": Confidence.MEDIUM,
    "stale": Confidence.MEDIUM,
}
"""Reason in the basis → the highest confidence that it allows."""

REGISTER_GOOD_FOR = timedelta(days=365)
"""Maximum age of the register's facts about a gateway for ruling out a cause."""

OTHER_CHAIN, MEMO_CONTENT, MEMO_KEY = (
    (name, evidence_claim(name)) for name in ("other_chain", "memo_content", "memo_key")
)
"""What cannot be checked: its code in the API, and its name."""
KEYS_CHANGED = evidence_claim("authority_changed")


def build_verdict(
    evidence: Evidence, finding: Finding, withdrawal: Withdrawal | None
) -> Verdict:
    """Build the verdict from a leading finding.

    withdrawal: the one it is about; None for the whole case.
    """
    final = _final(evidence, finding)
    basis = _basis(evidence, finding, final)
    differing = (
        differing_claims(
            evidence.case,
            withdrawal,
            memo=evidence.memo_text(withdrawal),
            in_parts=evidence.in_parts,
        )
        if withdrawal
        else ()
    )
    if differing:
        basis = (*basis, "claim_differs")
    changed = changed_keys(evidence, withdrawal)
    if changed and finding.code != "authority_changed":
        basis = (*basis, "keys_changed")
    if proposed_changes(evidence) and finding.code != "authority_proposed":
        basis = (*basis, "keys_proposed")
    proposed = finding.rule.resend_safe is ResendSafe.YES
    open_conditions = unmet(Question(evidence, finding, withdrawal, final)) if proposed else ()
    history = evidence.history
    if proposed and not open_conditions and history.known_nodes < 2 and not history.recorded:
        basis = (*basis, "single_node")
    if "not_paid_since" in open_conditions:
        basis = (*basis, "sent_again")
    confidence = finding.rule.confidence
    for reason in basis:
        confidence = at_most(confidence, LIMITS.get(reason, Confidence.CERTAIN))
    return Verdict(
        finding=finding,
        finality=Finality.FINAL if final else Finality.PROVISIONAL,
        confidence=confidence,
        basis=basis,
        ruled_out=tuple(_ruled_out(evidence, finding, withdrawal)),
        not_checked=tuple(_not_checked(evidence, withdrawal)),
        ask_user_for=tuple(_ask(evidence, finding, changed))[:2],
        amounts=_amounts(evidence, withdrawal),
        timeline=tuple(_timeline(evidence, finding, withdrawal)),
        resend_unmet=open_conditions,
        located=not NOT_WITH_USER.intersection(open_conditions),
        differing=differing,
    )


def _final(evidence: Evidence, finding: Finding) -> bool:
    """Return True if the rule is about lasting facts, and every operation shown is irreversible."""
    blocks = [e.block for e in finding.evidence_items if e.operation and e.block]
    final = all(b <= evidence.as_of.irreversible_block for b in blocks)
    return finding.rule.lasting and "recent" not in finding.basis and final


def _basis(evidence: Evidence, finding: Finding, final: bool) -> tuple[str, ...]:
    reasons = ["irreversible" if final else "provisional", *finding.basis]
    if evidence.gap(Gap.HEAD):
        reasons.append("stale")
    if any(gap.code not in (Gap.HEAD, Gap.GATEWAY) for gap in evidence.history.gaps):
        reasons.append("gaps")
    elif evidence.complete:
        reasons.append("history_complete")
    return tuple(dict.fromkeys(reasons))


# --- causes that are ruled out -----------------------------------------------------------------

_Excludes = Callable[[Evidence, Withdrawal], bool]


def _network_sound(evidence: Evidence, _: Withdrawal) -> bool:
    return not (evidence.history.network.disturbed or evidence.gap(Gap.HEAD))


def _memo(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    return isinstance(withdrawal.sent, Transfer) and withdrawal.sent.memo is not None


def _register_current(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return False if the register's facts about the gateway are too old to rule out a cause."""
    as_of = withdrawal.gateway.as_of if withdrawal.gateway else None
    return as_of is None or evidence.now.date() - as_of <= REGISTER_GOOD_FOR


def _above_minimum(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    minimum = withdrawal.terms.minimum if withdrawal.terms else None
    above = minimum is not None and withdrawal.amount.value >= minimum
    return above and _register_current(evidence, withdrawal)


def _alone_of_its_kind(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True if no equal transfer went to the same account shortly before or after."""
    sent = withdrawal.sent
    start = withdrawal.at - TWINS_WITHIN
    end = min(withdrawal.at + TWINS_WITHIN, evidence.now)
    return evidence.history.log.complete(start, end) and not any(
        isinstance(o, Transfer)
        and o.id != withdrawal.id
        and (o.sender, o.recipient) == (getattr(sent, "sender", None), _recipient(withdrawal))
        and evidence.history.amount(o.amount) == withdrawal.amount
        for o in evidence.operations(start, end)
    )


def _recipient(withdrawal: Withdrawal) -> str | None:
    found: str | None = getattr(withdrawal.sent, "recipient", None)
    return found


def _serving(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    return withdrawal.statistics is not None and withdrawal.statistics.served_later > 0


def _open_for_business(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    gateway = withdrawal.gateway
    stage = gateway.status_at(evidence.now) if gateway else None
    live = stage is not None and stage.status is Status.LIVE
    return live and (_register_current(evidence, withdrawal) or _serving(evidence, withdrawal))


def _right_account(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    gateway = withdrawal.gateway
    if gateway is None or not gateway.key:
        return False
    right = gateway.takes(withdrawal.amount.asset.symbol) and takes_withdrawals(withdrawal)
    return right and (_register_current(evidence, withdrawal) or _serving(evidence, withdrawal))


def _on_chain(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    sent = withdrawal.sent
    return not isinstance(sent, ProposalCreated) and evidence.final([sent])


_EXCLUSIONS: tuple[tuple[str, _Excludes], ...] = (
    ("never_included", _on_chain),
    ("chain_confirming", _on_chain),
    ("network_degraded", _network_sound),
    ("wrong_gateway_account", _right_account),
    ("wrong_asset", _right_account),
    ("lookalike_account", _right_account),
    ("memo_missing", _memo),
    ("below_minimum", _above_minimum),
    ("duplicate_submission", _alone_of_its_kind),
    ("gateway_closed", _open_for_business),
    ("gateway_stalled", _serving),
)


def _ruled_out(
    evidence: Evidence, finding: Finding, withdrawal: Withdrawal | None
) -> Iterator[str]:
    if withdrawal is None:
        return
    for code, excludes in _EXCLUSIONS:
        if code != finding.code and excludes(evidence, withdrawal):
            yield code


# --- what was not looked at, what to ask for ------------------------------------------------


def _not_checked(
    evidence: Evidence, withdrawal: Withdrawal | None
) -> Iterator[tuple[str, Text]]:
    for gap in evidence.history.gaps:
        yield (
            gap.code,
            Text(zh=f"{gap.what.zh}：{gap.why.zh}", en=f"{gap.what.en}: {gap.why.en}"),
        )
    if withdrawal is None or withdrawal.gateway is None:
        return
    yield OTHER_CHAIN
    sent = withdrawal.sent
    if not isinstance(sent, Transfer) or sent.memo is None:
        return
    if evidence.memo_text(withdrawal) is None:
        yield MEMO_CONTENT
        if memo_key_at(evidence, withdrawal) is None:
            yield MEMO_KEY


_ANSWERED: Mapping[Ask, str] = {
    Ask.EXTERNAL_TRANSACTION: "external_transaction",
    Ask.MEMO: "memo",
    Ask.OPERATION: "operation",
    Ask.AMOUNT: "amount",
    Ask.DESTINATION: "destination",
    Ask.RECEIVED: "received",
}


def _ask(
    evidence: Evidence, finding: Finding, changed: AuthorityUpdate | None
) -> Iterator[Ask]:
    """Yield what to ask the user: first about changed keys, then what the rule wants and the
    case lacks.
    """
    if changed:
        yield Ask.KEYS
    for wanted in finding.rule.ask:
        name = _ANSWERED.get(wanted)
        if name is None or getattr(evidence.case, name) is None:
            yield wanted


# --- amounts and timeline ------------------------------------------------------------------


def _amounts(evidence: Evidence, withdrawal: Withdrawal | None) -> dict[str, str | None]:
    """Return the amounts by name, as decimal strings of the asset's precision; None if not known."""
    case = evidence.case
    asset = withdrawal.amount.asset if withdrawal else evidence.history.claimed_asset

    def exact(value: Decimal | None) -> str | None:
        if value is None:
            return None
        base_units = asset.base_units(value) if asset else None
        return (
            Amount(base_units, asset).exact
            if asset and base_units is not None
            else format_decimal(value)
        )

    sent = withdrawal.amount.value if withdrawal else None
    fee = withdrawal.terms.fee if withdrawal and withdrawal.terms else None
    covered = sent is not None and fee is not None and sent > fee
    expected = sent - fee if covered and sent is not None and fee is not None else None
    received = case.received
    if withdrawal and withdrawal.returns:
        base_units = sum(a.part.base_units for a in withdrawal.returns)
        received = Amount(base_units, withdrawal.amount.asset).value
    target = sent if sent is not None else case.amount
    difference = target - received if target is not None and received is not None else None
    return {
        "asset": asset.symbol if asset else case.asset,
        "claimed": exact(case.amount),
        "sent": exact(sent),
        "gateway_fee": exact(fee),
        "expected_out": exact(expected),
        "received": exact(received),
        "difference": exact(difference),
    }


def _timeline(
    evidence: Evidence, finding: Finding, withdrawal: Withdrawal | None
) -> Iterator[Event]:
    """Yield the timeline in order; the last entry is the head of the chain.

    It holds the withdrawal, its answers, and every other operation that the finding shows, such
    as a change of keys.
    """
    events: dict[str | None, Event] = {}
    if withdrawal is not None:
        events[withdrawal.id] = Event(withdrawal.at, _sent_words(withdrawal), withdrawal.id)
        for found in withdrawal.answers:
            at, answered = found.operation.at, found.operation.id
            events[answered] = Event(at, answer_words(found), answered)
    if changed := changed_keys(evidence, withdrawal):
        events[changed.id] = Event(changed.at, KEYS_CHANGED, changed.id)
    for item in finding.evidence_items:
        if item.operation and item.time and item.claim != COVERAGE:
            events.setdefault(item.operation, Event(item.time, item.claim, item.operation))
    yield from sorted(events.values(), key=lambda event: event.time)
    yield Event(
        evidence.now,
        evidence_claim("newest_block"),
        str(evidence.as_of.block),
    )


def _sent_words(withdrawal: Withdrawal) -> Text:
    to = withdrawal.recipient
    match withdrawal.sent:
        case TimeLock():
            return evidence_claim("locked_for", to=to)
        case ProposalCreated():
            return evidence_claim("proposed_to", to=to)
        case _:
            return evidence_claim("sent_to", to=to)
