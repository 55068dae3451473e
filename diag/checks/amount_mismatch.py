"""The amount is not what the user says, not enough, or was sent twice.

### What it looks for

The claimed, sent and received amounts, compared with the coin's fee and minimum at that time
and with how others' amounts as small were treated. Also equal withdrawals close to each other,
with memos that may be the same, of which not all were served.

### Why it happens

Gateways deduct their fee from what they receive. Some wallets add it on top, and send less if
the balance does not cover both. An amount below the minimum is usually not processed at all.
Pressing the button twice makes two withdrawals.

### What to tell the user

If the fee explains the difference: that it does. If not: to give the gateway both numbers. After
a double submission: not to send a third time.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from diag.domain.asset import format_decimal, rounded
from diag.domain.comparable import AMOUNT_AS_SMALL
from diag.domain.convention import Breach, stated
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import answer, facts, sent, unread
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.history import Gap
from diag.domain.operations import Transfer
from diag.domain.vocabulary import (
    Actor,
    Advice,
    Ask,
    Confidence,
    Group,
    Outcome,
    Severity,
    Stage,
)
from diag.domain.withdrawal import TWINS_WITHIN, Withdrawal
from diag.i18n import Text
from diag.words import filler, rule_words

FEE_EXPLAINED = Rule(
    **rule_words("amount_fee_explained"),
    group=Group.CONTRADICTION,
    rank=20,
    outcome=Outcome.DELIVERED,
    stage=Stage.SENT_ONWARD,
    severity=Severity.INFO,
    actor=Actor.NOBODY,
    advice=Advice.WAIT,
    confidence=Confidence.HIGH,
    sep24="completed",
    iso20022="CHRG",
)
MISMATCH = Rule(
    **rule_words("amount_mismatch"),
    group=Group.CONTRADICTION,
    rank=10,
    outcome=Outcome.STUCK,
    stage=Stage.UNKNOWN,
    severity=Severity.WARNING,
    actor=Actor.SUPPORT,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    ask=(Ask.AMOUNT, Ask.EXTERNAL_TRANSACTION),
    sep24="error",
    iso20022="AM09",
)
BELOW_MINIMUM = Rule(
    **rule_words("below_minimum"),
    group=Group.CAUSE,
    rank=90,
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.MEMO,),
    sep24="too_small",
    iso20022="AM06",
)
DUPLICATE = Rule(
    **rule_words("duplicate_submission"),
    group=Group.CAUSE,
    rank=50,
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.EXTERNAL_TRANSACTION,),
    sep24="pending_anchor",
    iso20022="AM05",
)
ORDER = 120
RULES = (FEE_EXPLAINED, MISMATCH, BELOW_MINIMUM, DUPLICATE)

SENT = filler("what_amount_mismatch", "sent")
RECEIVED = filler("what_amount_mismatch", "received")


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        if not isinstance(withdrawal.sent, Transfer):
            continue
        yield from _claimed(evidence, withdrawal)
        for breach in breaches(evidence, withdrawal):
            yield from stated(evidence, withdrawal, breach)
        yield from _twins(evidence, withdrawal)


def _claimed(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Finding]:
    case = evidence.case
    value = withdrawal.amount.value
    fee = withdrawal.terms.fee if withdrawal.terms else None
    if case.received is not None and withdrawal.gateway and not withdrawal.returns:
        short = value - case.received
        if short == 0 or _all_received(evidence, case.received):
            return
        if short in _fees(withdrawal):
            if received_for(evidence) == withdrawal:
                yield _explained(evidence, withdrawal, case.received, short)
        elif case.received > 0 and not _another(evidence, withdrawal, case.received):
            yield _mismatch(evidence, withdrawal, case.received, RECEIVED, fee)
        return
    if case.amount is None or case.amount == value or evidence.in_parts:
        return
    if abs(case.amount - value) < _unit(withdrawal) or rounded(case.amount, value):
        return  # the claim has too many decimals, or is rounded
    if fee is not None and (0 <= value - case.amount <= fee or case.amount - value == fee):
        return  # the fee was added, as far as the balance allowed, or deducted
    yield _mismatch(evidence, withdrawal, case.amount, SENT, fee)


def received_for(evidence: Evidence) -> Withdrawal | None:
    """Return the withdrawal that the received amount, less its fee, belongs to: only one of several,
    and one that was settled first.
    """
    received = evidence.case.received
    if received is None:
        return None
    fitting = [
        w
        for w in evidence.withdrawals
        if w.gateway and not w.returns and w.amount.value - received in _fees(w)
    ]
    return min(fitting, key=lambda w: w.settled is None, default=None)


def _all_received(evidence: Evidence, received: Decimal) -> bool:
    """Return True if all withdrawals together, in full or less their fees, make the received amount."""
    sent = [w for w in evidence.withdrawals if w.gateway and not w.returns]
    if len(sent) < 2 or len({w.amount.asset.id for w in sent}) > 1:
        return False
    fees = sum((w.terms.fee or 0 for w in sent if w.terms), Decimal(0))
    return sum((w.amount.value for w in sent), Decimal(0)) - received in (0, fees)


def _fees(withdrawal: Withdrawal) -> set[Decimal]:
    """Return the known fees: at the time of sending, and at the time of settlement."""
    terms = [withdrawal.terms]
    if withdrawal.settled and withdrawal.coin:
        terms.append(withdrawal.coin.terms_at(withdrawal.settled.operation.at))
    return {known.fee for known in terms if known and known.fee is not None}


def _unit(withdrawal: Withdrawal) -> Decimal:
    return Decimal(1).scaleb(-withdrawal.amount.asset.precision)


def _another(evidence: Evidence, withdrawal: Withdrawal, received: Decimal) -> bool:
    """Return True if the received amount is that of another withdrawal, in full or less its fee."""
    return any(
        w.id != withdrawal.id
        and w.amount.value - received in (0, w.terms.fee if w.terms else None)
        for w in evidence.withdrawals
    )


def _explained(
    evidence: Evidence, withdrawal: Withdrawal, received: Decimal, fee: Decimal
) -> Finding:
    symbol = withdrawal.amount.asset.symbol
    return FEE_EXPLAINED.found(
        withdrawal.id,
        evidence_items=_evidence_items(evidence, withdrawal),
        received=f"{format_decimal(received)} {symbol}",
        difference=f"{format_decimal(withdrawal.amount.value - received)} {symbol}",
        fee=f"{format_decimal(fee)} {symbol}",
        **facts(withdrawal),
    )


def _mismatch(
    evidence: Evidence,
    withdrawal: Withdrawal,
    claimed: Decimal,
    what: Text,
    fee: Decimal | None,
) -> Finding:
    symbol = withdrawal.amount.asset.symbol
    named = (evidence.case.asset if what is SENT else None) or symbol
    said = f"{format_decimal(claimed)} {named}"
    return MISMATCH.found(
        withdrawal.id,
        evidence_items=_evidence_items(evidence, withdrawal, expected=said),
        what=what,
        claimed=said,
        difference=f"{format_decimal(abs(withdrawal.amount.value - claimed))} {symbol}",
        fee=f"{format_decimal(fee)} {symbol}" if fee is not None else filler("fee", "unknown"),
        why=_why(withdrawal, fee),
        **facts(withdrawal),
    )


def _why(withdrawal: Withdrawal, fee: Decimal | None) -> Text:
    if withdrawal.gateway is None:
        return filler("why_amount_mismatch", "no_fee")
    return filler("why_amount_mismatch", "unknown_fee" if fee is None else "beyond_fee")


def _evidence_items(
    evidence: Evidence, withdrawal: Withdrawal, expected: str | None = None
) -> list[EvidenceItem]:
    settled = [withdrawal.settled] if withdrawal.settled else []
    return [
        sent(evidence, withdrawal, expected=expected),
        *(answer(evidence, a) for a in settled),
    ]


def breaches(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Breach]:
    """Yield a breach if an unanswered amount is below the gateway's minimum, or no more than
    its fee.
    """
    terms = withdrawal.terms
    if terms is None or not withdrawal.open or withdrawal.ambiguous:
        return
    value, asset = withdrawal.amount.value, withdrawal.amount.asset
    if terms.minimum is not None and value < terms.minimum:
        least = f"{format_decimal(terms.minimum)} {asset.symbol}"
        why = filler("why_below_minimum", "minimum", least=least)
    elif terms.fee and value <= terms.fee:
        least = f"{format_decimal(terms.fee)} {asset.symbol}"
        why = filler("why_below_minimum", "fee", least=least)
    else:
        return
    told_now = _told_now(withdrawal)
    later = evidence.compare(withdrawal, AMOUNT_AS_SMALL).settled_after if told_now else 0
    yield Breach(
        BELOW_MINIMUM,
        AMOUNT_AS_SMALL,
        since=evidence.now if told_now else terms.period.start,
        evidence_items=(sent(evidence, withdrawal, expected=least),),
        facts={"why": why, "minimum": least},
        limit=Confidence.MEDIUM if later else Confidence.CERTAIN,
        waits=not told_now,
    )


def _told_now(withdrawal: Withdrawal) -> bool:
    """Return True if the gateway's own list states other terms now than the register does."""
    registered = withdrawal.coin.terms_at(withdrawal.at) if withdrawal.coin else None
    return withdrawal.terms != registered


def _twins(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Finding]:
    """Yield a finding for one of several equal withdrawals, if it still waits."""
    if not withdrawal.open or withdrawal.ambiguous:
        return
    everything = (*evidence.withdrawals, *evidence.candidates)
    twins = [w for w in everything if _same(evidence, w, withdrawal)]
    doubts = unread(withdrawal)
    unknown = doubts or withdrawal.statistics is None
    if len(twins) < 2 or (evidence.gap(Gap.GATEWAY) and unknown):
        return
    if not _left_behind(evidence, withdrawal):
        return
    waiting = sum(w.open for w in twins)
    yield DUPLICATE.found(
        withdrawal.id,
        evidence_items=[sent(evidence, w) for w in twins],
        basis=doubts,
        count=len(twins),
        settled=sum(w.settled is not None for w in twins),
        waiting=waiting,
        twins=" ".join(w.id for w in twins),
        **facts(withdrawal),
    )


def _left_behind(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True if the withdrawal is overdue, unless the gateway serves nobody.

    It serves nobody if others wait too, and no later withdrawal was settled.
    """
    found, patience = withdrawal.statistics, withdrawal.patience
    if found is None or patience is None:
        return True
    if evidence.now - withdrawal.at <= patience.overdue:
        return False
    return found.served_later > 0 or found.overdue_accounts < 2


def _same(evidence: Evidence, one: Withdrawal, other: Withdrawal) -> bool:
    return (
        isinstance(one.sent, Transfer)
        and one.recipient == other.recipient
        and one.amount == other.amount
        and abs(one.at - other.at) <= TWINS_WITHIN
        and not _memos_differ(evidence, one, other)
    )


def _memos_differ(evidence: Evidence, one: Withdrawal, other: Withdrawal) -> bool:
    """Return True if the memos cannot say the same, as far as they can be read without a key."""
    if one.id == other.id:
        return False
    assert isinstance(one.sent, Transfer)
    assert isinstance(other.sent, Transfer)
    first, second = one.sent.memo, other.sent.memo
    if first is None or second is None:
        return first is not second
    texts = evidence.memo_text(one), evidence.memo_text(other)
    if None in texts:
        readable = texts != (None, None)
        return readable or first.most_bytes != second.most_bytes
    return texts[0] != texts[1]
