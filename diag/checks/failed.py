"""Nothing was sent, although the user says so.

### What it looks for

A claim without any matching operation in a window that is proven complete. Whether a
transaction could still be included, and what would have kept it out: the issuer's white or
black list, a restricted asset, a balance that could not cover it.

### Why it happens

On this chain a transaction that cannot be carried out is never included and leaves no trace;
so does one that was signed and not broadcast, or that expired on the way.

### What to tell the user

That nothing left the account, and whether it is already safe to try again. While a signed
transaction can still be included, it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from diag.domain.asset import Amount, Asset, AssetFlag, format_decimal
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import coverage, short_id
from diag.domain.finding import Eta, EvidenceItem, Finding, Rule
from diag.domain.outflows import taken
from diag.domain.vocabulary import (
    Actor,
    Advice,
    Ask,
    Confidence,
    Outcome,
    ResendSafe,
    Severity,
    Stage,
)
from diag.i18n import Text

NEVER_INCLUDED = Rule(
    code="never_included",
    title=Text(zh="转账没有上链", en="The transfer never took place"),
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.SEND_AGAIN,
    confidence=Confidence.HIGH,
    resend_safe=ResendSafe.YES,
    ask=(Ask.OPERATION, Ask.WALLET),
    sep24="expired",
    iso20022="NOOR",
    reply=Text(
        zh="在 {start} 至 {end} 之间，账户 {account} 没有{claim}的转出。当时签署的交易都已过期，"
        "不会再生效。",
        en="Between {start} and {end} the account {account} made no {claim}. Any transaction "
        "signed then has expired and can no longer take effect.",
    ),
    resend=Text(
        zh="款项没有离开账户。请核对余额、时间和账户名；确认无误后，可以重新提币。",
        en="The funds never left the account. Please check the balance, the time and the account "
        "name; then it is safe to withdraw again.",
    ),
    note=Text(
        zh="窗口历史完整，最后不可逆区块时间 {irreversible} 晚于 {last_chance}。",
        en="The window's history is complete; the last irreversible block ({irreversible}) "
        "is later than {last_chance}.",
    ),
)
NOT_SEEN_YET = Rule(
    code="not_seen_yet",
    title=Text(zh="尚未看到转账", en="No transfer seen yet"),
    outcome=Outcome.NOTHING_FOUND,
    stage=Stage.UNKNOWN,
    severity=Severity.NOTICE,
    actor=Actor.NOBODY,
    advice=Advice.RETRY_LATER,
    confidence=Confidence.HIGH,
    lasting=False,
    ask=(Ask.OPERATION, Ask.TIME),
    sep24="pending_user_transfer_start",
    iso20022="PDNG",
    reply=Text(
        zh="账户 {account} 在 {start} 至 {end} 之间还没有{claim}的转出记录。已签署的交易最晚"
        "到 {last_chance} 仍可能生效。为免重复付款，请在此之前不要重新发送，之后再查询一"
        "次。",
        en="The account {account} shows no {claim} between {start} and {end} so far. A "
        "transaction already signed may still take effect until {last_chance}. Do not "
        "send again before then, or you may pay twice; after that, ask us once more.",
    ),
    note=Text(
        zh="截至 {now} 窗口历史完整；未过期的已签名交易最晚 {last_chance} 前可能入块。"
        "{pending}。",
        en="As of {now} the window's history is complete; a signed transaction may be "
        "included until {last_chance}. {pending}.",
    ),
)
BLOCKED = Rule(
    code="transfer_blocked",
    title=Text(zh="发行方不允许转出", en="The issuer blocks the transfer"),
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.WARNING,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.MEDIUM,
    ask=(Ask.WALLET,),
    sep24="error",
    iso20022="AG01",
    reply=Text(
        zh="转账被拒绝了，款项仍在账户 {account} 中：所说时段内没有{claim}的转出。{asset} 的"
        "发行方目前不允许该账户转出此资产（{reason}）。请联系发行方或网关；再次尝试也会被"
        "拒绝。",
        en="The transfer was refused and the funds are still in the account {account}: it "
        "made no {claim} in that period. The issuer of {asset} does not let this account "
        "move it at present ({reason}). Please contact the issuer or the gateway; trying "
        "again does not help.",
    ),
    note=Text(
        zh="{asset}：{reason}。被拒绝的交易不会留下任何痕迹。",
        en="{asset}: {reason}. A refused transaction leaves no trace.",
    ),
)
INSUFFICIENT = Rule(
    code="insufficient_balance",
    title=Text(zh="余额不足", en="The balance is too small"),
    outcome=Outcome.NOT_SENT,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.NOTICE,
    actor=Actor.USER,
    advice=Advice.PROVIDE_INFO,
    confidence=Confidence.MEDIUM,
    ask=(Ask.AMOUNT, Ask.ACCOUNT),
    sep24="error",
    iso20022="AM04",
    reply=Text(
        zh="余额不够，转账没有成功：账户 {account} 在所说时段内没有{claim}的转出，款项没有离"
        "开账户。它当时最多持有 {most}，不够转出 {claimed}。请核对数额和账户名。",
        en="The balance was too small for the transfer: the account {account} made no "
        "{claim} in that period, and nothing left it. It held at most {most} then, too "
        "little for {claimed}. Please check the amount and the account name.",
    ),
    note=Text(
        zh="现有余额加上此后全部转出仍不超过 {most}，小于 {claimed}。",
        en="The present balance and everything that has left since add up to {most}, less "
        "than {claimed}.",
    ),
)
RULES = (NEVER_INCLUDED, NOT_SEEN_YET, BLOCKED, INSUFFICIENT)


def check(evidence: Evidence) -> Iterator[Finding]:
    if evidence.history.account is None or evidence.withdrawals or not evidence.complete:
        return
    if not evidence.case.claims or evidence.unreadable(evidence.case.start, evidence.case.end):
        return
    yield from _absent(evidence)
    asset = evidence.history.claimed_asset
    if asset is not None:
        yield from _blocked(evidence, asset)
        yield from _insufficient(evidence, asset)


def last_chance(evidence: Evidence) -> datetime:
    """The last moment at which a transaction signed in the window may be included."""
    end = min(evidence.case.end, evidence.now)
    held = [transfer.at for transfer in evidence.history.pending]  # when each expires
    return max([end + evidence.history.network.longest_expiration, *held])


def claim(evidence: Evidence) -> Text:
    """What the user says was sent, in few words."""
    case = evidence.case
    amount = f"{format_decimal(case.amount)} " if case.amount is not None else ""
    if case.operation or case.transaction:
        identity = short_id(case.operation or case.transaction or "")
        kind = "operation" if case.operation else "transaction"
        return Text.literal(zh=f"编号为 {identity} ", en=f"{kind} {identity}")
    asset = case.asset or ""
    if not amount and not asset:
        return Text(zh="符合描述", en="transfer of that kind")
    what = f"{amount}{asset}".rstrip()
    return Text.literal(zh=f" {what} ", en=f"transfer of {what}")


def _absent(evidence: Evidence) -> Iterator[Finding]:
    chance = last_chance(evidence)
    irreversible = evidence.as_of.irreversible_time
    gone = irreversible is not None and irreversible > chance
    shared: dict[str, Any] = {
        "account": evidence.case.account,
        "claim": claim(evidence),
        "start": evidence.case.start,
        "end": evidence.case.end,
        "last_chance": chance,
    }
    proof = coverage(evidence)
    if not gone or irreversible is None or evidence.history.pending:
        eta = Eta(
            normal_until=None, expected_by=chance, escalate_after=chance, basis="protocol"
        )
        yield NOT_SEEN_YET.found(
            evidence_items=[proof],
            eta=eta,
            now=evidence.now,
            pending=_pending(evidence),
            **shared,
        )
    elif not evidence.case.identified:  # an id may belong to another day
        yield NEVER_INCLUDED.found(evidence_items=[proof], irreversible=irreversible, **shared)


def _pending(evidence: Evidence) -> Text:
    """Whether the node holds a transfer of the account for inclusion in a coming block."""
    held = evidence.history.pending
    if not held:
        return Text(
            zh="该节点没有待打包的转账", en="The node holds no transfer of it for inclusion"
        )
    what = ", ".join(f"{o.amount} -> {evidence.name(o.recipient)}" for o in held)
    return Text.literal(
        f"该节点有待打包的转账：{what}", f"The node holds for inclusion: {what}"
    )


def _blocked(evidence: Evidence, asset: Asset) -> Iterator[Finding]:
    account = evidence.history.account
    assert account is not None
    reason = None
    if asset.flags & AssetFlag.WHITE_LIST:
        if asset.blacklist_authorities & account.blacklisted_by:
            reason = Text(zh="账户在发行方黑名单上", en="it is on the issuer's blacklist")
        elif asset.whitelist_authorities and not (
            asset.whitelist_authorities & account.whitelisted_by
        ):
            reason = Text(zh="账户不在发行方白名单上", en="it is not on the issuer's whitelist")
    to_issuer = evidence.case.destination in (asset.issuer, evidence.name(asset.issuer))
    alone = asset.flags & AssetFlag.TRANSFER_RESTRICTED and asset.issuer != account.id
    if alone and not to_issuer:
        reason = Text(zh="该资产只能与发行方互转", en="it moves only to and from the issuer")
    if reason:
        yield BLOCKED.found(
            evidence_items=[
                EvidenceItem(claim=reason, source=asset.id, observed=f"flags {asset.flags:#x}")
            ],
            account=account.name,
            claim=claim(evidence),
            asset=asset.symbol,
            reason=reason,
        )


def _insufficient(evidence: Evidence, asset: Asset) -> Iterator[Finding]:
    case, account = evidence.case, evidence.history.account
    if case.amount is None or account is None or evidence.history.balances is None:
        return
    if not evidence.history.log.complete(case.start, evidence.now):
        return
    left = [
        taken(o, account.id, asset.id) for o in evidence.operations(case.start, evidence.now)
    ]
    if any(base_units is None for base_units in left):
        return
    most = evidence.history.balances.get(asset.id, 0) + sum(
        base_units or 0 for base_units in left
    )
    wanted = asset.base_units(case.amount)
    if (
        wanted is not None and 0 < most < wanted
    ):  # who held none at all has meant something else
        yield INSUFFICIENT.found(
            evidence_items=[
                EvidenceItem(
                    claim=Text(zh="账户最多可用余额", en="the most the account could spend"),
                    time=evidence.now,
                    source=account.id,
                    observed=str(Amount(most, asset)),
                    expected=str(Amount(wanted, asset)),
                )
            ],
            account=account.name,
            claim=claim(evidence),
            most=str(Amount(most, asset)),
            claimed=str(Amount(wanted, asset)),
        )
