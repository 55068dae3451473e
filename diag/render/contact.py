"""Whom to contact: the gateway that a verdict is about, and the channels of its support."""

from __future__ import annotations

from diag.diagnosis.engine import Diagnosis
from diag.diagnosis.verdict_builder import REGISTER_GOOD_FOR
from diag.domain.gateway import Gateway
from diag.domain.vocabulary import Actor
from diag.domain.withdrawal import Withdrawal


def leading(diagnosis: Diagnosis) -> Withdrawal | None:
    """The withdrawal that the leading verdict is about, if it is about one."""
    withdrawal_id = diagnosis.verdict.finding.withdrawal_id
    return next((w for w, _ in diagnosis.withdrawals if w.id == withdrawal_id), None)


def gateway(diagnosis: Diagnosis) -> Gateway | None:
    """The gateway of the withdrawal, or the gateway of the asset or issuer that has to act."""
    withdrawal = leading(diagnosis)
    if withdrawal is not None:
        return withdrawal.gateway
    rule, facts = diagnosis.verdict.rule, diagnosis.verdict.finding.facts
    if rule.actor is not Actor.GATEWAY:
        return None
    register = diagnosis.evidence.register
    named = register.by_asset(str(facts.get("asset", "")))
    return named or register.by_account(str(facts.get("issuer", "")))


def channels(diagnosis: Diagnosis) -> tuple[str, ...]:
    """The channels of the gateway: first those in the operator's notices, then those in the register."""
    found = gateway(diagnosis)
    if found is None:
        return ()
    return tuple(dict.fromkeys((*_in_notices(diagnosis), *found.support)))


def channel(diagnosis: Diagnosis) -> str | None:
    """The channel to give to a user; one from the register only while its entry is recent."""
    found = gateway(diagnosis)
    if found is None:
        return None
    old = found.as_of and diagnosis.evidence.now.date() - found.as_of > REGISTER_GOOD_FOR
    return next(iter((*_in_notices(diagnosis), *(() if old else found.support))), None)


def _in_notices(diagnosis: Diagnosis) -> list[str]:
    return [c for notice in diagnosis.notices if notice.gateway for c in notice.channels]
