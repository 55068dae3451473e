"""Detects a change of an account's authority shortly before coins left to a new recipient. Pure.

A thief who takes an account over changes its keys and then empties it, to another account or
through a gateway.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from diag.domain.account import Authority
from diag.domain.chain_objects import Proposal
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import key_changes
from diag.domain.operations import AuthorityUpdate, Created, Operation, TimeLock, Transfer
from diag.domain.withdrawal import Withdrawal

SHORTLY = timedelta(hours=24)
DUST = 20
"""An amount so many times smaller than a withdrawal is dust: it shows no earlier dealings, and
is not what the case means.
"""
_SETTING_KEYS = (Created, AuthorityUpdate)


def changed_keys(evidence: Evidence, withdrawal: Withdrawal | None) -> AuthorityUpdate | None:
    """Return the last change of the owner or active authority in the 24 hours before a withdrawal.

    None if a proposal carried the withdrawal out, which several had to approve, or if the
    account had dealt with the recipient before the change: it had sent coins to it (or to
    another account of the same gateway), or had received more than dust from it.
    """
    account = evidence.history.account
    if account is None or withdrawal is None:
        return None
    if not isinstance(withdrawal.sent, Transfer | TimeLock) or withdrawal.sent.location.virtual:
        return None
    changes = [
        o for o in evidence.authority_changes if timedelta() <= withdrawal.at - o.at <= SHORTLY
    ]
    if not changes or _dealt_before(evidence, withdrawal, changes[0].location.number):
        return None
    return changes[-1]


def recent_changes(evidence: Evidence, start: datetime, end: datetime) -> list[AuthorityUpdate]:
    """Return the authority changes from 24 hours before `start` until `end`, except those by a
    proposal.
    """
    return [
        o
        for o in evidence.authority_changes
        if start - SHORTLY <= o.at <= end and not o.location.virtual
    ]


def proposed_changes(evidence: Evidence) -> list[Proposal]:
    """Return open proposals, by neither the account nor its signers, that would change its keys."""
    account = evidence.history.account
    if account is None:
        return []
    signers = {account.id, *(signer for signer, _ in account.active.accounts)}
    return [
        live
        for live in evidence.history.proposals.values()
        if live and live.proposer not in signers and key_changes(live.inner, account.id)
    ]


def authority_changes(operations: tuple[Operation, ...], account: str) -> list[AuthorityUpdate]:
    """Return the updates that gave an account another owner or active authority than it had before.

    Setting the same authority again is no change. If the previous one is not known, the update
    counts.
    """
    known: dict[str, Authority | None] = {"owner": None, "active": None}
    changes = []
    for operation in operations:
        if not isinstance(operation, _SETTING_KEYS) or operation.account != account:
            continue
        new = {"owner": operation.owner, "active": operation.active}
        set_anew = {role: found for role, found in new.items() if found is not None}
        differs = any(known[role] != found for role, found in set_anew.items())
        if isinstance(operation, AuthorityUpdate) and differs:
            changes.append(operation)
        known.update(set_anew)
    return changes


def _dealt_before(evidence: Evidence, withdrawal: Withdrawal, number: int) -> bool:
    """Return True if the account had dealt with the recipient before the operation with this number.

    A small credit does not count, because a thief can send dust in advance to look known; a small
    payment counts only if it is more than a day old. A credit by a gateway does not count, because
    a deposit is no withdrawal.
    """
    assert isinstance(withdrawal.sent, Transfer | TimeLock)
    own, other, sent_now = (
        withdrawal.sent.sender,
        withdrawal.sent.recipient,
        withdrawal.amount,
    )

    def known_by(earlier: Transfer) -> bool:
        paid = earlier.amount
        same_asset = paid.asset_id == sent_now.asset.id
        dust = same_asset and paid.base_units * DUST < sent_now.base_units
        if earlier.sender == own and earlier.recipient == other:
            return not dust or withdrawal.at - earlier.at > SHORTLY
        if earlier.sender == own:
            return _same_gateway(evidence, withdrawal, earlier)
        return (
            earlier.sender == other and withdrawal.gateway is None and same_asset and not dust
        )

    return any(known_by(o) for o in _transfers(evidence, other) if o.location.number < number)


def _same_gateway(evidence: Evidence, withdrawal: Withdrawal, earlier: Transfer) -> bool:
    gateway = withdrawal.gateway
    if gateway is None or not gateway.key:
        return False
    return evidence.register.by_account(evidence.name(earlier.recipient)) == gateway


def _transfers(evidence: Evidence, other: str) -> Iterator[Transfer]:
    """Yield the known transfers of the account and of its recipient."""
    history = evidence.history
    yield from (o for o in history.log.operations if isinstance(o, Transfer))
    if other in history.gateway_logs:
        log = history.gateway_logs[other]
        yield from (o for o in log.operations if isinstance(o, Transfer))
