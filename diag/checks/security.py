"""Somebody else may have moved the coins, or may be about to.

### What it looks for

A private key, password or seed phrase in what the user sent; keys or authorities of the account
changed shortly before coins left to a stranger; coins moved by the asset's issuer.

### Why it happens

People paste all they have, or a false supporter asks for their keys. A thief who has a user's
key first locks the owner out and then empties the account. Some assets let their issuer move
anybody's coins.

### What to tell the user

After a takeover, or if a key was sent: to secure the account at once. Say so calmly, and ask
for no key. After an action of the issuer: to ask the issuer for the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from diag.checks.delivered import arrival
from diag.domain.asset import Amount
from diag.domain.changed_keys import DUST, changed_keys, proposed_changes
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import evidence_item, facts, sent
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.operations import AuthorityUpdate, Issue, Override, Transfer
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
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text
from diag.words import evidence_claim, filler, rule_words

AUTHORITY_CHANGED = Rule(
    **rule_words("authority_changed"),
    group=Group.SECURITY,
    rank=20,
    outcome=Outcome.AT_RISK,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.CRITICAL,
    actor=Actor.SECURITY,
    advice=Advice.SECURE_ACCOUNT,
    confidence=Confidence.MEDIUM,
    ask=(Ask.WALLET,),
    sep24="error",
    iso20022="UAPA",
)
ISSUER_OVERRIDE = Rule(
    **rule_words("issuer_override"),
    group=Group.SECURITY,
    rank=30,
    outcome=Outcome.STUCK,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.CRITICAL,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.CERTAIN,
    ask=(Ask.WALLET,),
    sep24="error",
    iso20022="BLCK",
)
GIVEN_BACK = replace(
    ISSUER_OVERRIDE,
    **rule_words("issuer_override", "given_back"),
    outcome=Outcome.RETURNED,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
)
"""The same amount came back to the account afterwards."""
AUTHORITY_PROPOSED = Rule(
    **rule_words("authority_proposed"),
    group=Group.WARNING,
    rank=10,
    outcome=Outcome.AT_RISK,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.CRITICAL,
    actor=Actor.SECURITY,
    advice=Advice.SECURE_ACCOUNT,
    confidence=Confidence.MEDIUM,
    lasting=False,
    ask=(Ask.WALLET,),
    sep24="error",
    iso20022="FRAD",
)
SECRET_EXPOSED = Rule(
    **rule_words("secret_exposed"),
    leads_case=True,
    group=Group.SECURITY,
    rank=10,
    outcome=Outcome.AT_RISK,
    stage=Stage.UNKNOWN,
    severity=Severity.CRITICAL,
    actor=Actor.SECURITY,
    advice=Advice.SECURE_ACCOUNT,
    confidence=Confidence.HIGH,
    sep24="error",
    iso20022="NARR",
)
ORDER = 160
RULES = (AUTHORITY_CHANGED, ISSUER_OVERRIDE, AUTHORITY_PROPOSED, SECRET_EXPOSED)
VARIANTS = (GIVEN_BACK,)
"""The version of the rule for coins that came back."""

_NOT_OF_AN_ACCOUNT = frozenset({"seed_phrase", "private_key"})
"""Kinds of secrets that guard funds elsewhere: no change of authority helps, the funds have to move."""


def check(evidence: Evidence) -> Iterator[Finding]:
    yield from _exposed(evidence)
    yield from _taken_over(evidence)
    yield from _overridden(evidence)
    yield from _proposed(evidence)


def _exposed(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding if the question contained a secret."""
    case = evidence.case
    if not case.exposed:
        return
    kinds = list(dict.fromkeys(_kind(kind) for kind in case.exposed))
    if len(kinds) > 2:
        kinds = [filler("kinds", "several")]
    remedy = _remedy(frozenset(case.exposed) - {"api_key"})
    yield SECRET_EXPOSED.found(
        evidence_items=[
            EvidenceItem(
                claim=evidence_claim("secret"),
                time=evidence.now,
                source=", ".join(case.exposed_in),
                observed=", ".join(case.exposed),
            )
        ],
        kinds=Text(zh="和".join(k.zh for k in kinds), en=" and ".join(k.en for k in kinds)),
        fields=", ".join(case.exposed_in),
        remedy=remedy,
    )


def _kind(kind: str) -> Text:
    return filler("kinds", "private_key" if kind == "wif" else kind)


def _remedy(kinds: frozenset[str]) -> Text:
    """Return what makes exposed secrets of these kinds worthless."""
    if not kinds:
        return filler("remedy", "replace")
    if kinds <= _NOT_OF_AN_ACCOUNT:
        return filler("remedy", "move_funds")
    return filler("remedy", "both" if kinds & _NOT_OF_AN_ACCOUNT else "change_keys")


def _proposed(evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for each open proposal by others that would change this account's keys."""
    for live in proposed_changes(evidence):
        claim = evidence_claim("proposal_to_change")
        proposer = evidence.name(live.proposer)
        yield AUTHORITY_PROPOSED.found(
            evidence_items=[
                EvidenceItem(claim=claim, time=evidence.now, source=live.id, observed=proposer)
            ],
            proposer=proposer,
            proposal=live.id,
            expires=live.expires,
        )


def _taken_over(evidence: Evidence) -> Iterator[Finding]:
    """Yield findings for movements to strangers shortly after a change of keys.

    All movements in the window and in the hours after it count, whether the case means them or
    not. Each one that the case means gets a finding of its own. If the case means none, or also
    others that are not affected, one more finding is about the whole case, so that none of it
    looks fine.
    """
    stolen = {
        w.id: (w, change)
        for w in (*evidence.withdrawals, *evidence.candidates, *evidence.later)
        if (change := _change_before(evidence, w)) is not None
    }
    for withdrawal in evidence.withdrawals:
        if withdrawal.id in stolen:
            yield _theft(evidence, *stolen[withdrawal.id], stolen, withdrawal.id)
    unsaid = any(w.id not in stolen for w in evidence.withdrawals) or not evidence.withdrawals
    if stolen and unsaid:
        yield _theft(evidence, *next(iter(stolen.values())), stolen, None)


_Stolen = Mapping[str, tuple[Withdrawal, AuthorityUpdate]]


def _theft(
    evidence: Evidence,
    withdrawal: Withdrawal,
    change: AuthorityUpdate,
    stolen: _Stolen,
    withdrawal_id: str | None,
) -> Finding:
    changed = evidence_claim("authority_changed")
    left = [w for w, _ in stolen.values()]
    listed = "; ".join(f"{w.amount} -> {w.recipient} ({w.id})" for w in left)
    return AUTHORITY_CHANGED.found(
        withdrawal_id,
        evidence_items=[
            evidence_item(evidence, change, changed),
            sent(evidence, withdrawal),
            *(sent(evidence, w) for w in left if w.id != withdrawal.id),
        ],
        change=change.id,
        changed_at=change.at,
        age=withdrawal.at - change.at,
        affected=len(left),
        movements=listed,
        **facts(withdrawal),
    )


def _change_before(evidence: Evidence, withdrawal: Withdrawal) -> AuthorityUpdate | None:
    """Return the change of keys shortly before coins reached a stranger, if there was one.

    A withdrawal to a gateway keeps its own verdict, which mentions the change.
    """
    if withdrawal.gateway or arrival(evidence, withdrawal) is None:
        return None
    return changed_keys(evidence, withdrawal)


def _overridden(evidence: Evidence) -> Iterator[Finding]:
    """Yield findings for coins that the issuer moved.

    They lead the case unless it means another withdrawal; first what did not come back.
    """
    account, case = evidence.history.account, evidence.case
    pulled = [
        (operation, evidence.history.amount(operation.amount))
        for operation in evidence.window
        if isinstance(operation, Override) and account and operation.sender == account.id
    ]
    back = _given_back(evidence, [operation for operation, _ in pulled])
    for operation, moved in sorted(pulled, key=lambda found: found[0].id in back):
        if case.asset not in (None, moved.asset.symbol):
            continue
        shown = [evidence_item(evidence, operation, evidence_claim("override"), str(moved))]
        known: dict[str, Any] = {}
        if credit := back.get(operation.id):
            came = evidence_claim("return")
            returned = str(evidence.history.amount(credit.amount))
            shown.append(evidence_item(evidence, credit, came, returned))
            known = {"answer": credit.id, "returned": returned, "returned_at": credit.at}
        rule = GIVEN_BACK if credit else ISSUER_OVERRIDE
        yield rule.found(
            operation.id if _means_another(evidence, moved) else None,
            evidence_items=shown,
            amount=str(moved),
            moved_at=operation.at,
            issuer=evidence.name(operation.issuer),
            recipient=evidence.name(operation.recipient),
            operation=operation.id,
            **known,
        )


_Credit = Issue | Override | Transfer


def _given_back(evidence: Evidence, pulled: Sequence[Override]) -> dict[str, _Credit]:
    """Return the later credits of the same amount by the issuer or the recipient, by the override
    that each gives back: one credit gives back one, the oldest that waits.
    """
    found: dict[str, _Credit] = {}
    for o in evidence.history.log.operations if pulled else ():
        if not isinstance(o, _Credit):
            continue
        givers = {getattr(o, "issuer", None), getattr(o, "sender", None)}
        fitting = (
            p.id
            for p in pulled
            if p.id not in found
            and o.recipient == p.sender
            and o.location.number > p.location.number
            and o.amount == p.amount
            and givers & {p.issuer, p.recipient}
        )
        if (given := next(fitting, None)) is not None:
            found[given] = o
    return found


def _means_another(evidence: Evidence, moved: Amount) -> bool:
    """Return True if the case is about another withdrawal, because it names one or means a far
    larger one.
    """
    same_asset = [w for w in evidence.withdrawals if w.amount.asset.id == moved.asset.id]
    if not evidence.withdrawals:
        return False
    case = evidence.case
    named = case.identified or (case.amount is not None and case.amount != moved.value)
    dust = all(moved.value * DUST < w.amount.value for w in same_asset)
    return named or (bool(same_asset) and dust)
