"""The coins went to the wrong account, or the wrong coins to a gateway.

### What it looks for

A transfer of a gateway's coin to one of its accounts that takes no withdrawals, or to another
gateway; an asset the gateway does not take; a recipient whose name is made to look like a
gateway's account. Whoever serves others' withdrawals, or has been paid again and again, is not called
wrong or a look-alike for what a register or a name says.

### Why it happens

Issuer and wallet accounts have similar names, and retired accounts live on in address books.
Look-alike names are registered on purpose to catch transfers.

### What to tell the user

Which account it went to and whether anybody honest controls it. A transfer cannot be recalled;
a look-alike account belongs to a stranger.
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
from diag.domain.vocabulary import Actor, Advice, Ask, Confidence, Outcome, Severity, Stage
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text

WRONG_ACCOUNT = Rule(
    code="wrong_gateway_account",
    title=Text(zh="转错了网关账户", en="Sent to the wrong gateway account"),
    outcome=Outcome.STUCK,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.CERTAIN,
    ask=(Ask.MEMO, Ask.WALLET),
    sep24="error",
    iso20022="AC03",
    reply=Text(
        zh="您于 {sent_at} 把 {amount} 转到了 {recipient}，它不接收这种提币（{right}）。款项"
        "在该账户，不会自动处理。请凭操作编号 {operation} 联系 {gateway} 核对。请勿重新发"
        "送。",
        en="At {sent_at} you sent {amount} to {recipient}, which does not take withdrawals "
        "of this asset ({right}). The funds are in that account and are not processed "
        "automatically. Please contact {gateway} with operation number {operation} and "
        "ask for a check by hand. Do not send again.",
    ),
    note=Text(
        zh="{recipient} 属于 {gateway}，但当时不接收该资产的提币；应转给：{expected}。",
        en="{recipient} belongs to {gateway} but did not take withdrawals of this asset "
        "then; the right account: {expected}.",
    ),
)
LOOKALIKE = Rule(
    code="lookalike_account",
    title=Text(zh="转到了可疑账户", en="Sent to a suspect account"),
    outcome=Outcome.AT_RISK,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.CRITICAL,
    actor=Actor.SECURITY,
    advice=Advice.DO_NOT_RESEND,
    confidence=Confidence.MEDIUM,
    ask=(Ask.DESTINATION, Ask.WALLET),
    sep24="error",
    iso20022="FRAD",
    reply=Text(
        zh="收款账户 {recipient} 不可信：{why}。您于 {sent_at} 向它转出了 {amount}，链上转账"
        "无法撤回。请勿再向它转账，并从官方渠道核对收款账户。",
        en="The receiving account {recipient} is not to be trusted: {why}. At {sent_at} you "
        "sent {amount} to it, and transfers on the chain cannot be recalled. Do not send "
        "anything more to it, and check the right account on an official channel.",
    ),
    note=Text(
        zh="{recipient}：{why}。请转交安全人员。不在名单上也不代表可信。",
        en="{recipient}: {why}. Hand over to security. Not being on a list clears nobody.",
    ),
)
WRONG_ASSET = Rule(
    code="wrong_asset",
    title=Text(zh="网关不接收这种资产", en="The wrong asset for this gateway"),
    outcome=Outcome.STUCK,
    stage=Stage.AT_GATEWAY,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.HIGH,
    ask=(Ask.DESTINATION,),
    sep24="error",
    iso20022="AM03",
    reply=Text(
        zh="您于 {sent_at} 转给 {gateway} 网关的 {amount}，不是该网关接收的资产（{coins}）。"
        "款项在网关，但不会自动处理。请凭操作编号 {operation} 联系网关，请其退回。请勿重"
        "新发送。",
        en="The {amount} you sent to the gateway {gateway} at {sent_at} is not among the "
        "assets it takes ({coins}). The funds are at the gateway, but are not processed "
        "automatically. Please contact the gateway with operation number {operation} and "
        "ask for them back. Do not send again.",
    ),
    note=Text(
        zh="{asset} 不在 {gateway} 接收的资产之列：{coins}。",
        en="{asset} is not among the assets that {gateway} takes: {coins}.",
    ),
)
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
    """An unanswered transfer to an account of a gateway that, by the register, does not take it."""
    if not withdrawal.open or withdrawal.gateway is None:
        return
    if not withdrawal.gateway.takes(withdrawal.amount.asset.symbol):
        yield from _foreign(evidence, withdrawal)
    elif not takes_withdrawals(withdrawal):
        yield _wrong_account(evidence, withdrawal)


def _foreign(evidence: Evidence, withdrawal: Withdrawal) -> Iterator[Breach]:
    """An asset that this gateway does not take: another gateway's coin, or no gateway's at all."""
    gateway = withdrawal.gateway
    assert gateway is not None
    owner = evidence.register.by_asset(withdrawal.amount.asset.symbol)
    if owner is not None and owner.key != gateway.key:
        yield _wrong_account(evidence, withdrawal)
        return
    if any(not coin.own for coin in gateway.coins):
        return  # a bridge takes others' assets too, more than are listed
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
            "expected": names or UNRECORDED,
            "right": Text.literal(f"应为 {names}", f"it should be {names}")
            if names
            else NO_RIGHT,
        },
        waits=False,
    )


def _changed_over(withdrawal: Withdrawal) -> datetime | None:
    """When the recipient's part in its gateway last changed before the withdrawal, if recorded."""
    accounts = withdrawal.gateway.accounts if withdrawal.gateway else ()
    own = [a.period for a in accounts if a.name == withdrawal.recipient]
    moments = [at for period in own for at in (period.start, period.end)]
    return max((at for at in moments if at and at <= withdrawal.at), default=None)


# --- accounts that are made to look like another ----------------------------------------------

KNOWN_BY_PAYMENTS = ((2, timedelta(days=365)), (5, timedelta(days=2)))
"""How many earlier payments make a recipient known to the payer, the first at least so long ago."""


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
    """What makes the recipient suspect; None where nothing does."""
    trusted = _known_by_payments(evidence, withdrawal) or _serves(evidence, withdrawal)
    if known and not trusted:
        return Text.literal(
            zh=f"它的名称与网关账户 {known} 极为相似，但不是同一个账户",
            en=f"its name is very much like that of the gateway account {known}, "
            "but it is a different account",
        )
    if getattr(withdrawal.sent, "recipient", None) in evidence.history.flagged:
        return FLAGGED
    return FOREIGN if foreign_address(withdrawal.recipient) and not trusted else None


def _known_by_payments(evidence: Evidence, withdrawal: Withdrawal) -> bool:
    """True if the account sent coins there again and again before."""
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
    """True if the recipient burns what others send it, as a gateway does, and at least as much."""
    sent = withdrawal.sent
    assert isinstance(sent, Transfer)
    taken: list[Transfer] = []
    burnt: list[int] = []
    for o in sorted(_dealings(evidence, sent.recipient), key=lambda o: o.location.number):
        match o:
            case Transfer(recipient=sent.recipient) if o.amount.asset == sent.amount.asset:
                taken.append(o)
            case Burn(payer=sent.recipient) if o.amount.asset == sent.amount.asset:
                equal = next((t for t in taken if t.amount == o.amount), None)
                if equal is not None:
                    taken.remove(equal)
                    burnt.append(o.amount.base_units)
    return len(burnt) >= ENOUGH and sum(burnt) >= sent.amount.base_units


def _dealings(evidence: Evidence, account: str) -> Iterator[Operation]:
    """What was read of the two accounts' histories, each operation once."""
    logs = (evidence.history.log, evidence.history.gateway_logs.get(account, Log()))
    yield from {o.id: o for log in logs for o in log.operations}.values()


UNRECORDED = Text(zh="未登记", en="not on record")
NO_RIGHT = Text(zh="正确的账户未登记", en="the right one is not on record")
FLAGGED = Text(zh="它在公开的可疑账户名单上", en="it is on a public list of suspect accounts")
FOREIGN = Text(
    zh="它的名称像是其他链的地址，其实是他人注册的 BitShares 账户",
    en="its name looks like an address of another chain, but it is a BitShares account that "
    "somebody registered",
)
