"""The chain could not be seen well enough to answer.

### What it looks for

Sources that failed, are behind, contradict each other or do not keep enough history, if the
missing part could change the answer.

### Why it happens

Public nodes keep only the newest operations of each account, fall behind, or go down. An empty
answer from such a node looks exactly like "nothing was sent". Some nodes serve no account
histories at all, or only those of a few accounts.

### What to tell the user

That the outcome is not known yet, that nothing should be sent again meanwhile, and when to ask
again; or, if the present sources will never know, that another source must be found first.
Never to guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from diag.domain.evidence import Evidence
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.history import Gap
from diag.domain.operations import Operation, TimeLock, Transfer
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
from diag.words import filler, rule_words

INCOMPLETE = Rule(
    **rule_words("history_incomplete"),
    group=Group.UNREAD,
    rank=10,
    outcome=Outcome.UNDETERMINED,
    stage=Stage.UNKNOWN,
    severity=Severity.WARNING,
    actor=Actor.SUPPORT,
    advice=Advice.RETRY_LATER,
    confidence=Confidence.LOW,
    resend_safe=ResendSafe.UNKNOWN,
    lasting=False,
    ask=(Ask.OPERATION, Ask.TIME),
    sep24="pending_anchor",
    iso20022="NOAD",
)
NOT_KEPT = replace(
    INCOMPLETE,
    **rule_words("history_incomplete", "not_kept"),
    advice=Advice.DO_NOT_RESEND,
    ask=(),
)
"""Only the operator can change this; asking again later does not help."""
UNREADABLE = replace(
    INCOMPLETE,
    **rule_words("history_incomplete", "unreadable_operation"),
    advice=Advice.DO_NOT_RESEND,
    actor=Actor.SUPPORT,
)
"""An operation of the period is of a kind whose effect is not followed."""
INCOMPLETE = replace(INCOMPLETE, variants=(NOT_KEPT, UNREADABLE))
DISAGREE = replace(
    INCOMPLETE, **rule_words("sources_disagree"), group=Group.SOURCES, rank=20, variants=()
)
UNAVAILABLE = replace(DISAGREE, **rule_words("sources_unavailable"), rank=10)
NOT_SERVED = replace(
    NOT_KEPT, **rule_words("sources_unavailable", "not_served"), group=Group.SOURCES, rank=10
)
UNAVAILABLE = replace(UNAVAILABLE, variants=(NOT_SERVED,))
STALE = replace(DISAGREE, **rule_words("node_stale"), rank=30)
BEHIND = replace(STALE, **rule_words("node_stale", "behind"))
STALE = replace(STALE, variants=(BEHIND,))
ORDER = 20
RULES = (INCOMPLETE, DISAGREE, UNAVAILABLE, STALE)


def check(evidence: Evidence) -> Iterator[Finding]:
    if evidence.history.account is None:
        return
    if evidence.history.disagreement:
        yield _found(evidence, DISAGREE, _disagreement(evidence))
    stale = evidence.gap(Gap.HEAD)
    unanswered = [w for w in evidence.withdrawals if not w.answers and w.gateway]
    absent = not evidence.withdrawals
    ahead = any(node.ahead for node in evidence.as_of.nodes[:1])
    unseen = absent and (ahead or not evidence.complete)
    if stale and (unseen or unanswered):
        yield _stale(evidence, stale)
    if absent and (pruned := evidence.gap(Gap.HISTORY)):
        yield _found(evidence, NOT_KEPT, pruned)
    if absent and (unserved := evidence.gap(Gap.NOT_SERVED)):
        yield _found(evidence, NOT_SERVED, unserved)
    if absent and (unread := evidence.gap(Gap.UNREAD)):
        yield _found(evidence, UNAVAILABLE, unread)
    unreadable = evidence.unreadable(evidence.case.start, evidence.case.end)
    if absent and unreadable:
        yield _found(evidence, UNREADABLE, _unreadable(unreadable))
    gateway = evidence.gap(Gap.GATEWAY)
    for withdrawal in unanswered:
        if gateway and _unread(withdrawal):
            yield _found(evidence, INCOMPLETE, gateway, withdrawal.id)
    names = evidence.gap(Gap.OBJECTS, "asset")
    if names and (absent or unanswered):
        yield _found(evidence, UNAVAILABLE, names)
    elif names:
        for withdrawal in filter(partial(_to_nobody_known, evidence), evidence.withdrawals):
            yield _found(evidence, UNAVAILABLE, names, withdrawal.id)


def undetermined(evidence: Evidence, withdrawal_id: str | None) -> Finding:
    """Return the finding about a movement, or the lack of one, that nothing explains."""
    known = next(iter(evidence.history.gaps), None)
    unexplained = filler("what_unread", "unexplained"), filler("why_unread", "undecided")
    gap = known or Gap("unexplained", *unexplained)
    rule = NOT_SERVED if gap.code == Gap.NOT_SERVED else UNAVAILABLE
    return _found(evidence, rule, gap, withdrawal_id)


def _unread(withdrawal: Withdrawal) -> bool:
    """Return True if the gateway's history around this withdrawal could not be proven complete."""
    return withdrawal.statistics is not None and not withdrawal.statistics.complete


def _to_nobody_known(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True if the recipient's name, which may be that of a look-alike, was not read."""
    if not isinstance(withdrawal.sent, Transfer | TimeLock):
        return False
    return withdrawal.sent.recipient not in evidence.history.accounts


def _unreadable(operations: Sequence[Operation]) -> Gap:
    ids = " ".join(o.id for o in operations)
    what = filler("what_unread", "operations", ids=ids)
    return Gap("operation", what, filler("why_unread", "unreadable"))


def _disagreement(evidence: Evidence) -> Gap:
    ids = " ".join(evidence.history.disagreement)
    what = filler("what_unread", "operations", ids=ids)
    return Gap("disagreement", what, filler("why_unread", "some_nodes_only"))


def _with_remedy(gap: Gap) -> Text:
    return Text(zh=f"{gap.what.zh}：{gap.why.zh}", en=f"{gap.what.en}: {gap.why.en}")


def _stale(evidence: Evidence, gap: Gap) -> Finding:
    """Return the finding about a stale node; it states how far the node is behind."""
    node = evidence.as_of.nodes[0] if evidence.as_of.nodes else None
    if node is None or not node.behind:
        return _found(evidence, STALE, gap)
    return _found(
        evidence, BEHIND, gap, node=node.name, behind=node.behind, as_of=evidence.as_of.time
    )


def _found(
    evidence: Evidence,
    rule: Rule,
    gap: Gap,
    withdrawal_id: str | None = None,
    **more: Any,
) -> Finding:
    return rule.found(
        withdrawal_id,
        evidence_items=[
            EvidenceItem(claim=_with_remedy(gap), time=evidence.now, source=node.name)
            for node in evidence.as_of.nodes
        ],
        account=evidence.case.account,
        what=gap.what,
        why=gap.why,
        **more,
    )
