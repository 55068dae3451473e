"""The coins went to the wrong account, or the wrong coins to a gateway.

### What it looks for

A transfer of a gateway's coin to one of its accounts that takes no withdrawals, or to another
gateway; an asset that the gateway does not take; a recipient whose name imitates a gateway's
account. A recipient that serves others' withdrawals, or that the user has paid several times
before, is not called wrong or a look-alike because of the register or its name.

### Why it happens

Issuer and wallet accounts have similar names, and retired accounts live on in address books.
Look-alike names are registered on purpose to catch transfers.

### What to tell the user

Which account received the coins, and whether it belongs to a gateway. A transfer cannot be
recalled; a look-alike account belongs to a stranger.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from diag.domain.account_names import foreign_address, lookalike
from diag.domain.comparable import SAME_ASSET
from diag.domain.convention import ENOUGH, Breach, stated
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import facts, sent, takes_withdrawals
from diag.domain.finding import Finding, Rule
from diag.domain.history import Log
from diag.domain.operations import Burn, Operation, Transfer
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
from diag.words import filler, rule_words

WRONG_ACCOUNT = Rule(
    **rule_words("wrong_gateway_account"),
    group=Group.CAUSE,
    rank=30,
    outcome=Outcome.STUCK,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.CERTAIN,
    ask=(Ask.MEMO, Ask.WALLET),
    sep24="error",
    iso20022="AC03",
)
LOOKALIKE = Rule(
    **rule_words("lookalike_account"),
    group=Group.CAUSE,
    rank=10,
    outcome=Outcome.AT_RISK,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.CRITICAL,
    actor=Actor.SECURITY,
    advice=Advice.DO_NOT_RESEND,
    confidence=Confidence.MEDIUM,
    ask=(Ask.DESTINATION, Ask.WALLET),
    sep24="error",
    iso20022="FRAD",
)
WRONG_ASSET = Rule(
    **rule_words("wrong_asset"),
    group=Group.CAUSE,
    rank=40,
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.DESTINATION,),
    sep24="error",
    iso20022="AM03",
)
ORDER = 110
RULES = (WRONG_ACCOUNT, LOOKALIKE, WRONG_ASSET)


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        if not isinstance(withdrawal.sent, Transfer) or withdrawal.settled:
            continue
        if withdrawal.gateway is None and not withdrawal.whole_back:
            yield from _lookalike(evidence, withdrawal)
        for breach in breaches(evidence, withdrawal):
            yield from stated(evidence, withdrawal, breach)


def breaches(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Breach]:
    """Yield a breach if, by the register, the recipient does not take this withdrawal."""
    if not withdrawal.open or withdrawal.gateway is None:
        return
    if not withdrawal.gateway.takes(withdrawal.amount.asset.symbol):
        yield from _foreign(evidence, withdrawal)
    elif not takes_withdrawals(withdrawal):
        yield _wrong_account(evidence, withdrawal)


def _foreign(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Breach]:
    """Yield a breach for an asset that this gateway does not take: another gateway's coin, or
    no gateway's.
    """
    gateway = withdrawal.gateway
    assert gateway is not None
    owner = evidence.register.by_asset(withdrawal.amount.asset.symbol)
    if owner is not None and owner.key != gateway.key:
        yield _wrong_account(evidence, withdrawal)
        return
    if any(not coin.own for coin in gateway.coins):
        return  # a bridge also takes others' assets that are not listed
    yield Breach(
        WRONG_ASSET,
        SAME_ASSET,
        evidence_items=(sent(evidence, withdrawal),),
        facts={
            "asset": withdrawal.amount.asset.symbol,
            "coins": tuple(c.asset for c in gateway.coins) or gateway.prefixes or "-",
        },
    )


def _wrong_account(evidence: Evidence, withdrawal: Withdrawal) -> Breach:
    symbol = withdrawal.amount.asset.symbol
    right = evidence.register.by_asset(symbol) or withdrawal.gateway
    expected = right.withdrawal_accounts(withdrawal.at, symbol) if right else frozenset()
    names = ", ".join(sorted(expected))
    return Breach(
        WRONG_ACCOUNT,
        SAME_ASSET,
        since=_changed_over(withdrawal),
        evidence_items=(sent(evidence, withdrawal, withdrawal.recipient, names or None),),
        facts={
            "expected": names or filler("expected", "unknown"),
            "right": filler("right", "known" if names else "unknown", names=names),
        },
        waits=False,
    )


def _changed_over(withdrawal: Withdrawal) -> datetime | None:
    """Return when the recipient's role at its gateway last changed before the withdrawal, if
    recorded.
    """
    accounts = withdrawal.gateway.accounts if withdrawal.gateway else ()
    own = [a.period for a in accounts if a.name == withdrawal.recipient]
    moments = [at for period in own for at in (period.start, period.end)]
    return max((at for at in moments if at and at <= withdrawal.at), default=None)


# --- look-alike accounts ------------------------------------------------------------------------

KNOWN_BY_PAYMENTS = ((2, timedelta(days=365)), (5, timedelta(days=2)))
"""(Payments, time since the first) that make a recipient known to the payer; one pair is enough."""


def _lookalike(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Finding]:
    known = lookalike(withdrawal.recipient, evidence.register.account_names)
    why = _suspicion(evidence, withdrawal, known)
    if why:
        yield LOOKALIKE.found(
            withdrawal.id,
            evidence_items=[sent(evidence, withdrawal, withdrawal.recipient, known)],
            why=why,
            **facts(withdrawal),
        )


def _suspicion(evidence: Evidence, withdrawal: Withdrawal, known: str | None) -> Text | None:
    """Return why the recipient is suspicious; None if it is not."""
    trusted = _known_by_payments(evidence, withdrawal) or _serves(evidence, withdrawal)
    if known and not trusted:
        return filler("why_lookalike", "similar", known=known)
    if getattr(withdrawal.sent, "recipient", None) in evidence.history.flagged:
        return filler("why_lookalike", "flagged")
    foreign = foreign_address(withdrawal.recipient) and not trusted
    return filler("why_lookalike", "foreign") if foreign else None


def _known_by_payments(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True if the account had sent coins to the recipient several times before."""
    sent = withdrawal.sent
    assert isinstance(sent, Transfer)
    earlier = {
        o.id: o.at
        for o in _dealings(evidence, sent.recipient)
        if isinstance(o, Transfer)
        and (o.sender, o.recipient) == (sent.sender, sent.recipient)
        and o.location.number < sent.location.number
    }
    return any(
        len(earlier) >= enough and sent.at - min(earlier.values()) >= age
        for enough, age in KNOWN_BY_PAYMENTS
    )


def _serves(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """Return True if the recipient burns what others send it, as a gateway does.

    It must have burnt several such transfers, together at least as much as this withdrawal.
    """
    sent = withdrawal.sent
    assert isinstance(sent, Transfer)
    taken: list[Transfer] = []
    burnt: list[int] = []
    for o in sorted(_dealings(evidence, sent.recipient), key=lambda o: o.location.number):
        match o:
            case Transfer(recipient=sent.recipient) if (
                o.amount.asset_id == sent.amount.asset_id
            ):
                taken.append(o)
            case Burn(payer=sent.recipient) if o.amount.asset_id == sent.amount.asset_id:
                equal = next((t for t in taken if t.amount == o.amount), None)
                if equal is not None:
                    taken.remove(equal)
                    burnt.append(o.amount.base_units)
    return len(burnt) >= ENOUGH and sum(burnt) >= sent.amount.base_units


def _dealings(evidence: Evidence, account: str) -> Iterator[Operation]:
    """Yield the known operations of the user's account and of the given one, each once."""
    logs = (evidence.history.log, evidence.history.gateway_logs.get(account, Log()))
    yield from {o.id: o for log in logs for o in log.operations}.values()
