"""The gateway could not know where to pay: the memo is absent, unreadable, or no address.

### What it looks for

For an unanswered withdrawal to a gateway that needs a memo: whether there is one, whether it
was written for the gateway's memo key, whether it is long enough for an address and, if it can
be read without a key, whether it names the coin. Also how the gateway treated others'
withdrawals with the same fault: if it served them, this is not the cause.

### Why it happens

A transfer made by hand, or by a wallet that drops the memo, is a valid transfer; the chain does
not warn. The gateway cannot read a memo for an old key of its own.

### What to tell the user

That the gateway holds the coins and has to assign them by hand: contact it with the operation
id, do not send again.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.domain import coin_addresses
from diag.domain.asset import coin_of
from diag.domain.comparable import MEMO_AS_SHORT, MEMO_KEY, NO_MEMO, Respect
from diag.domain.convention import Breach, stated
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import key_changes, memo_key_at, sent, takes_withdrawals
from diag.domain.finding import Finding, Rule
from diag.domain.history import Log
from diag.domain.memo import AES_BLOCK_BYTES, Memo
from diag.domain.memo_format import fault
from diag.domain.operations import AuthorityUpdate, Transfer
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

MISSING = Rule(
    **rule_words("memo_missing"),
    group=Group.CAUSE,
    rank=60,
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.CERTAIN,
    ask=(Ask.DESTINATION, Ask.WALLET),
    sep24="pending_transaction_info_update",
    iso20022="UTAP",
)
UNREADABLE = Rule(
    **rule_words("memo_unreadable"),
    group=Group.CAUSE,
    rank=70,
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.CERTAIN,
    ask=(Ask.MEMO, Ask.WALLET),
    sep24="pending_transaction_info_update",
    iso20022="UTAP",
)
MALFORMED = Rule(
    **rule_words("memo_malformed"),
    group=Group.CAUSE,
    rank=80,
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.MEMO, Ask.DESTINATION),
    sep24="pending_transaction_info_update",
    iso20022="RR09",
)
ORDER = 100
RULES = (MISSING, UNREADABLE, MALFORMED)

TOO_SHORT = filler("reason_memo", "too_short")


def check(evidence: Evidence) -> Iterator[Finding]:
    for withdrawal in evidence.withdrawals:
        for breach in breaches(evidence, withdrawal):
            yield from stated(evidence, withdrawal, breach)


def breaches(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Breach]:
    """Yield what is wrong with the memo of an unanswered withdrawal, by the gateway's own rules."""
    if not withdrawal.open or withdrawal.ambiguous or not _needs_memo(withdrawal):
        return
    assert isinstance(withdrawal.sent, Transfer)
    memo = withdrawal.sent.memo
    if memo is None:
        yield Breach(MISSING, NO_MEMO, evidence_items=(sent(evidence, withdrawal),))
        return
    yield from _unreadable(evidence, withdrawal, memo)
    yield from _malformed(evidence, withdrawal, memo)


def _needs_memo(withdrawal: Withdrawal) -> bool:
    gateway = withdrawal.gateway
    if gateway is None or not takes_withdrawals(withdrawal):
        return False
    return bool(_grammar(withdrawal))


def _unreadable(evidence: Evidence, withdrawal: Withdrawal, memo: Memo) -> Iterator[Breach]:
    if memo.public or memo.text is not None:
        return  # readable without a key
    expected = memo_key_at(evidence, withdrawal)
    if expected is None or memo.recipient_key == expected:
        return
    changes = _key_changes(evidence, withdrawal)
    held = _own_keys(evidence, withdrawal) | {change.memo_key for change in changes}
    earlier = [c.at for c in changes if c.location.number < withdrawal.sent.location.number]
    yield Breach(
        UNREADABLE,
        MEMO_KEY,
        since=max(earlier, default=None),
        evidence_items=(sent(evidence, withdrawal, memo.recipient_key, expected),),
        facts={"key": memo.recipient_key, "expected": expected},
        limit=Confidence.MEDIUM if memo.recipient_key in held else Confidence.CERTAIN,
    )


def _own_keys(evidence: Evidence, withdrawal: Withdrawal) -> set[str | None]:
    """Return the memo keys of all known accounts of the gateway, which may read with any of them."""
    names = withdrawal.gateway.account_names if withdrawal.gateway else frozenset()
    return {a.memo_key for a in evidence.history.accounts.values() if a.name in names}


def _key_changes(evidence: Evidence, withdrawal: Withdrawal) -> list[AuthorityUpdate]:
    """Return the recipient's changes of its memo key, as far as its history was read."""
    recipient = getattr(withdrawal.sent, "recipient", "")
    log = evidence.history.gateway_logs.get(recipient, Log())
    return [o for o in key_changes(log.operations, recipient) if o.memo_key]


def _malformed(evidence: Evidence, withdrawal: Withdrawal, memo: Memo) -> Iterator[Breach]:
    grammar, coin = _grammar(withdrawal), _coin(withdrawal)
    text, pasted = evidence.memo_text(withdrawal), evidence.case.memo
    respect: Respect | None = None
    said_by_user = False
    if text is not None:
        reason = fault(grammar, coin, text)
        respect = _same_fault(grammar, coin, reason) if reason else None
    elif "{address}" in grammar and memo.most_bytes < (coin_addresses.shortest(coin) or 0):
        reason, respect = TOO_SHORT, MEMO_AS_SHORT
    else:
        said_by_user = pasted is not None and _may_hold(memo, pasted)
        reason = fault(grammar, coin, pasted) if pasted and said_by_user else None
    if reason:
        observed = masked(text) if text else f"{len(memo.message)} bytes"
        yield Breach(
            MALFORMED,
            respect,
            evidence_items=(sent(evidence, withdrawal, observed),),
            basis=("user_statement",) if said_by_user else (),
            facts={"reason": reason},
        )


def _same_fault(grammar: str, coin: str, reason: Text) -> Respect:
    """Return the comparison with others whose readable memo has the same fault."""

    def like(other: Transfer, this: Transfer) -> bool:
        text = other.memo.text if other.memo else None
        return text is not None and fault(grammar, coin, text) == reason

    return Respect(filler("respect", "same_fault"), like)


def _grammar(withdrawal: Withdrawal) -> str:
    gateway, coin = withdrawal.gateway, withdrawal.coin
    return (coin and coin.memo) or (gateway and gateway.memo) or ""


def _coin(withdrawal: Withdrawal) -> str:
    """Return the coin's own name: as listed, or else its symbol without the gateway's prefix."""
    if withdrawal.coin:
        return withdrawal.coin.coin
    return coin_of(withdrawal.amount.asset.symbol)


def _may_hold(memo: Memo, text: str) -> bool:
    """Return True if a text of this length can be what the encrypted memo holds."""
    size = len(text.encode())
    return memo.most_bytes - AES_BLOCK_BYTES < size <= memo.most_bytes


def masked(text: str) -> str:
    """Return a memo as it may be shown: only its beginning and its end."""
    return text if len(text) <= 12 else f"{text[:8]}…{text[-4:]}"
