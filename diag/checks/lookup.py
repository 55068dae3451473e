"""What the user named is not there: the account, or a movement in that window.

### What it looks for

An account that does not exist, and similar names; a movement that fits the claim but lies
outside the window, and how far; or a window in which nothing left the account.

### Why it happens

Names are mistyped. Or local time is taken for UTC: the movement then lies off by exactly the
offset of the time zone.

### What to tell the user

What was searched, and which one thing to correct.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from diag.domain.custody_operations import Lock
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import coverage, facts, sent, sent_before, short_id
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.operations import (
    Burn,
    Fill,
    Issue,
    Override,
    PermissionClaim,
    ProposalCreated,
    TimeLock,
    Transfer,
)
from diag.domain.vocabulary import (
    Actor,
    Advice,
    Ask,
    Confidence,
    Group,
    Outcome,
    ResendSafe,
    Severity,
    Stage,
)
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text
from diag.words import evidence_claim, filler, rule_words

NOT_FOUND = Rule(
    **rule_words("account_not_found"),
    group=Group.ACCOUNT,
    rank=10,
    outcome=Outcome.NOTHING_FOUND,
    stage=Stage.UNKNOWN,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.CERTAIN,
    resend_safe=ResendSafe.UNKNOWN,
    ask=(Ask.ACCOUNT,),
    sep24="incomplete",
    iso20022="AC01",
)
OUTSIDE = Rule(
    **rule_words("outside_window"),
    group=Group.NOT_SENT,
    rank=10,
    outcome=Outcome.NOTHING_FOUND,
    stage=Stage.UNKNOWN,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    resend_safe=ResendSafe.NO,
    ask=(Ask.TIME, Ask.OPERATION),
    sep24="incomplete",
    iso20022="NARR",
)
OUTSIDE_LOCKED = replace(OUTSIDE, **rule_words("outside_window", "locked"))
OUTSIDE_PROPOSED = replace(OUTSIDE, **rule_words("outside_window", "proposed"))
NOTHING = Rule(
    **rule_words("nothing_in_window"),
    group=Group.NOT_SENT,
    rank=90,
    outcome=Outcome.NOTHING_FOUND,
    stage=Stage.UNKNOWN,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.HIGH,
    lasting=False,
    resend_safe=ResendSafe.UNKNOWN,
    ask=(Ask.TIME, Ask.AMOUNT),
    sep24="incomplete",
    iso20022="NOOR",
)
ORDER = 10
RULES = (NOT_FOUND, OUTSIDE, NOTHING)
VARIANTS = (OUTSIDE_LOCKED, OUTSIDE_PROPOSED)

ABOUT = timedelta(minutes=15)
"""How far a distance may be from a whole number of hours to count as exact."""
ABOUT_AN_HOUR = timedelta(minutes=45)
"""From here on a distance is told in hours."""
NARROW = timedelta(hours=3)
"""The longest window in which the distance from its middle means anything."""
AROUND_HOURS = 14


def check(evidence: Evidence) -> Iterator[Finding]:
    case = evidence.case
    if evidence.history.account is None:
        yield _not_found(evidence)
        return
    if evidence.withdrawals or not evidence.complete:
        return
    outside = evidence.outside if case.claims else _given_back(evidence)
    if outside:
        yield _outside(evidence, min(outside, key=lambda w: _distance(evidence, w)))
    if case.transaction and any(w.transaction is None for w in evidence.candidates):
        return  # one of them may have the claimed transaction id
    unreadable = evidence.unreadable(case.start, case.end)
    if not unreadable and (not case.claims or case.identified):
        yield _nothing(evidence)


def _not_found(evidence: Evidence) -> Finding:
    """Return the finding about an unknown account; certain only if a second node confirms it."""
    history = evidence.history
    agreeing = history.confirmed_by or tuple(node.name for node in evidence.as_of.nodes[:1])
    alone = len(agreeing) < 2 and not history.recorded
    return NOT_FOUND.found(
        evidence_items=[
            EvidenceItem(
                claim=evidence_claim("no_account"),
                time=evidence.now,
                source=name,
                observed=evidence.case.account,
            )
            for name in agreeing
        ],
        basis=["single_node"] if alone else [],
        account=evidence.case.account,
        near=history.near_names or filler("near", "none"),
        confirmed=_who_says_so(len(agreeing), recorded=history.recorded),
    )


def _who_says_so(count: int, *, recorded: bool) -> Text:
    if recorded:
        return filler("confirmed", "recorded")
    return filler("confirmed", "one" if count < 2 else "several", count=count)


def _given_back(evidence: Evidence) -> list[Withdrawal]:
    """Return the withdrawals before the window that a credit in the window may return."""
    credits = (o for o in evidence.window if isinstance(o, Issue | Transfer))
    return [w for credit in credits for w in sent_before(evidence, credit)]


def _nothing(evidence: Evidence) -> Finding:
    return NOTHING.found(
        evidence_items=[coverage(evidence)],
        account=evidence.case.account,
        start=evidence.case.start,
        end=evidence.case.end,
        what=_wanted(evidence),
        inside=len(evidence.candidates),
        other=sum(
            isinstance(o, Fill | Lock | Burn | Override | PermissionClaim)
            for o in evidence.window
        ),
        outside=len(evidence.outside),
        around=AROUND_HOURS,
        more=_more(evidence),
    )


def _more(evidence: Evidence) -> Text:
    """Return what would help: the amount, or, if amount and asset are known, the right account."""
    known = evidence.case.asset is not None and evidence.case.amount is not None
    return filler("more", "other_account" if known else "amount")


def _wanted(evidence: Evidence) -> Text:
    """Return what was looked for: anything that left, or what the user gave the id of."""
    identity = evidence.case.operation or evidence.case.transaction
    if identity is None:
        return filler("what_left", "anything")
    return filler("what_left", "by_id", id=short_id(identity))


def _distance(evidence: Evidence, withdrawal: Withdrawal) -> timedelta:
    case = evidence.case
    if withdrawal.at < case.start:
        return case.start - withdrawal.at
    return withdrawal.at - case.end


def _outside(evidence: Evidence, withdrawal: Withdrawal) -> Finding:
    length = evidence.case.end - evidence.case.start
    return _outside_rule(withdrawal).found(
        evidence_items=[sent(evidence, withdrawal)],
        offset=filler("offset", "proposed")
        if _proposed_inside(evidence, withdrawal)
        else offset(withdrawal.at - (evidence.case.start + length / 2), length),
        **facts(withdrawal),
    )


def _outside_rule(withdrawal: Withdrawal) -> Rule:
    match withdrawal.sent:
        case TimeLock():
            return OUTSIDE_LOCKED
        case ProposalCreated():
            return OUTSIDE_PROPOSED
        case _:
            return OUTSIDE


def _proposed_inside(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True if the withdrawal carried out a proposal that was made in the window."""
    done = withdrawal.sent
    return (
        isinstance(done, Transfer)
        and done.location.virtual
        and any(isinstance(o, ProposalCreated) and o.may_hold(done) for o in evidence.window)
    )


def offset(away: timedelta, window: timedelta) -> Text:
    """Return how far a movement is from the middle of the window, in words.

    If the window is short, and the distance a whole number of hours that a time zone can have,
    the words name the likely mistake.
    """
    early = away < timedelta()
    hours = round(abs(away) / timedelta(hours=1))
    if abs(away) < ABOUT_AN_HOUR:
        size = filler("size", "minutes", count=max(2, round(abs(away) / timedelta(minutes=1))))
    elif hours > 48:
        size = filler("size", "days", count=hours // 24)
    else:
        size = filler("size", "hour" if hours == 1 else "hours", count=hours)
    said = filler("offset", "early" if early else "late", size=size)
    exact = abs(abs(away) - timedelta(hours=hours)) <= ABOUT
    if exact and window <= NARROW and 1 <= hours <= AROUND_HOURS:
        zone = f"UTC{'+' if early else '-'}{hours}"
        mistake = filler("offset", "zone", zone=zone)
        said = Text(zh=said.zh + mistake.zh, en=said.en + mistake.en)
    return said
