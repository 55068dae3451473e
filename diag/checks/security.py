"""Somebody else may have moved the coins, or soon may.

### What it looks for

A private key, password or seed phrase in what the user sent; keys or authorities of the account
changed shortly before coins left to a stranger; coins moved by the asset's issuer.

### Why it happens

People paste all they have, and some are asked for their keys by a false supporter.
Whoever has a user's key first locks the owner out and then empties the account. Some assets
let their issuer move anybody's coins.

### What to tell the user

To secure the account at once, if it is a takeover or a key was sent; calmly, and without asking
for any key. Of an issuer's action, to ask the issuer for the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from diag.checks.delivered import arrival
from diag.domain.changed_keys import DUST, changed_keys
from diag.domain.evidence import Evidence
from diag.domain.evidence_items import evidence_item, facts, key_changes, sent
from diag.domain.finding import EvidenceItem, Finding, Rule
from diag.domain.operations import AuthorityUpdate, Issue, Override, Transfer
from diag.domain.vocabulary import Actor, Advice, Ask, Confidence, Outcome, Severity, Stage
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text

AUTHORITY_CHANGED = Rule(
    code="authority_changed",
    title=Text(zh="更换密钥后转出", en="Sent after a change of keys"),
    outcome=Outcome.AT_RISK,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.CRITICAL,
    actor=Actor.SECURITY,
    advice=Advice.SECURE_ACCOUNT,
    confidence=Confidence.MEDIUM,
    ask=(Ask.WALLET,),
    sep24="error",
    iso20022="UAPA",
    reply=Text(
        zh="您的账户不安全：密钥在 {changed_at} 被更改，随后 {amount} 于 {sent_at} 转给了 "
        "{recipient}。如果不是您本人操作，请立即用所有者权限更换全部密钥。请不要再向该账"
        "户转入资产，并告诉我们。",
        en="Your account is not safe: its keys were changed at {changed_at}; then {amount} "
        "went to {recipient} at {sent_at}. If that was not you, please change all keys "
        "at once with the owner authority. Please send nothing more to the account, and "
        "tell us.",
    ),
    note=Text(
        zh="{change} 更改了权限，{age} 后资产转给 {recipient}，所读历史中此前没有往来。此后转给陌"
        "生账户的全部转出：{movements}。请转交安全人员。",
        en="{change} changed the authority; {age} later coins left to {recipient}, with "
        "whom the history that was read shows no dealings before. All that left to strangers "
        "since: {movements}. Hand over to security.",
    ),
)
ISSUER_OVERRIDE = Rule(
    code="issuer_override",
    title=Text(zh="发行方转走了资产", en="Moved by the asset's issuer"),
    outcome=Outcome.STUCK,
    stage=Stage.AT_RECIPIENT,
    severity=Severity.CRITICAL,
    actor=Actor.GATEWAY,
    advice=Advice.CONTACT_GATEWAY,
    confidence=Confidence.CERTAIN,
    ask=(Ask.WALLET,),
    sep24="error",
    iso20022="BLCK",
    reply=Text(
        zh="您的 {amount} 于 {moved_at} 被发行方 {issuer} 转到 {recipient}，不是您发出的提"
        "币。该资产允许发行方这样做，原因只有发行方知道。请凭操作编号 {operation} 询问发"
        "行方。",
        en="Your {amount} was moved to {recipient} at {moved_at} by {issuer}, the issuer of "
        "that asset; you did not send it. The asset allows its issuer to do so, and only "
        "the issuer knows why. Please ask the issuer, naming operation number {operation}"
        ".",
    ),
    note=Text(
        zh="发行方强制转账 {operation}。",
        en="override_transfer {operation} by the issuer.",
    ),
)
GIVEN_BACK = replace(
    ISSUER_OVERRIDE,
    outcome=Outcome.RETURNED,
    stage=Stage.USER_ACCOUNT,
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    reply=Text(
        zh="您的 {amount} 于 {moved_at} 被发行方 {issuer} 转到 {recipient}，不是您发出的提币。其后 "
        "{returned_at} 有 {returned} 转回您的账户，请先核对。原因请凭操作编号 {operation} 询问发行方。",
        en="Your {amount} was moved to {recipient} at {moved_at} by its issuer {issuer}; you did "
        "not send it. Then, at {returned_at}, {returned} came back, so please look at your "
        "account first. Why, please ask the issuer, naming operation number {operation}.",
    ),
    note=Text(
        zh="发行方强制转账 {operation}，其后由操作 {answer} 转回 {returned}。",
        en="override_transfer {operation} by the issuer; {answer} brought {returned} back.",
    ),
)
"""As much came back to the account afterwards."""
AUTHORITY_PROPOSED = Rule(
    code="authority_proposed",
    title=Text(zh="有人提议更换密钥", en="A proposal to change the keys"),
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
    reply=Text(
        zh="您的账户有风险：{proposer} 发起了一份提案（{proposal}），一旦获批，您账户的密钥"
        "就会被更换。如果不是您本人安排的，请不要批准。也请不要理会任何要求您批准的消息。",
        en="Your account is at risk: {proposer} has made a proposal ({proposal}) that would "
        "change its keys once approved. Unless you arranged that yourself, do not "
        "approve it. Please ignore any message that asks you to.",
    ),
    note=Text(
        zh="待批准的提案 {proposal} 由 {proposer} 发起，包含更改该账户权限的操作，{expires} "
        "到期。",
        en="Open proposal {proposal} by {proposer} would change this account's authority; "
        "it expires at {expires}.",
    ),
)
SECRET_EXPOSED = Rule(
    code="secret_exposed",
    title=Text(zh="密钥或密码外泄", en="A secret was exposed"),
    outcome=Outcome.AT_RISK,
    stage=Stage.UNKNOWN,
    severity=Severity.CRITICAL,
    actor=Actor.SECURITY,
    advice=Advice.SECURE_ACCOUNT,
    confidence=Confidence.HIGH,
    sep24="error",
    iso20022="NARR",
    reply=Text(
        zh="您发来的内容里有{kinds}，可能已被他人看到。请立即{remedy}。然后请删除那条消息，不要理会"
        "任何索要密钥的人。我们没有留存它，但客服系统中仍有原文。",
        en="What you sent contains {kinds}; others may know it by now. Please act at "
        "once: {remedy}. Then delete that message, and ignore anyone who asks for keys. We have "
        "kept no copy, but the helpdesk still holds the original.",
    ),
    aside=Text(zh="关于提币，我们另行答复。", en="About your withdrawal we answer separately."),
    note=Text(
        zh="来件的 {fields} 里有{kinds}：已删去，没有保存，也没有写入日志；该项按未填写处理。客服系统仍有原文，请在那里删除，"
        "不要转发。请用户确认已更换密钥或转移资产。",
        en="Cut out of {fields}: {kinds}. It was neither stored nor logged, and the field counts "
        "as not given. The helpdesk still holds the original: delete it there, do not forward "
        "it. Have the user confirm that keys were changed or funds moved.",
    ),
)
RULES = (AUTHORITY_CHANGED, ISSUER_OVERRIDE, AUTHORITY_PROPOSED, SECRET_EXPOSED)
VARIANTS = (GIVEN_BACK,)
"""What is said instead where the coins came back."""

_KINDS = {
    "wif": Text(zh="私钥", en="a private key"),
    "private_key": Text(zh="私钥", en="a private key"),
    "password": Text(zh="钱包密码", en="a wallet password"),
    "brain_key": Text(zh="脑密钥", en="a brain key"),
    "seed_phrase": Text(zh="助记词", en="a seed phrase"),
    "api_key": Text(zh="API 密钥", en="an API key"),
}
_SEVERAL = Text(zh="多种密钥", en="several keys")
_CHANGE_KEYS = Text(
    zh="在您的钱包里用所有者权限更换全部密钥",
    en="in your own wallet, change all keys with the owner authority",
)
_MOVE_FUNDS = Text(
    zh="在您的钱包里把资产全部转入新建的钱包",
    en="in your own wallet, move all funds to a newly created one",
)
_BOTH = Text(
    zh="在您的钱包里用所有者权限更换全部密钥，并把其余密钥名下的资产转入新钱包",
    en="in your own wallet, change all keys with the owner authority, and move what the other key "
    "guards to a new wallet",
)
_REPLACE = Text(
    zh="请签发方更换这把 API 密钥", en="ask whoever issued the API key to replace it"
)
_NOT_OF_AN_ACCOUNT = frozenset({"seed_phrase", "private_key"})
"""Kinds that guard funds elsewhere: no authority can change them, so the funds have to move."""


def check(evidence: Evidence) -> Iterator[Finding]:
    yield from _exposed(evidence)
    yield from _taken_over(evidence)
    yield from _overridden(evidence)
    yield from _proposed(evidence)


def _exposed(evidence: Evidence) -> Iterator[Finding]:
    """A secret came with the question."""
    case = evidence.case
    if not case.exposed:
        return
    kinds = list(dict.fromkeys(_KINDS[kind] for kind in case.exposed))
    if len(kinds) > 2:
        kinds = [_SEVERAL]
    remedy = _remedy(frozenset(case.exposed) - {"api_key"})
    yield SECRET_EXPOSED.found(
        evidence_items=[
            EvidenceItem(
                claim=Text(zh="来件中的密钥，已删去", en="a secret in what was sent, removed"),
                time=evidence.now,
                source=", ".join(case.exposed_in),
                observed=", ".join(case.exposed),
            )
        ],
        kinds=Text(zh="和".join(k.zh for k in kinds), en=" and ".join(k.en for k in kinds)),
        fields=", ".join(case.exposed_in),
        remedy=remedy,
    )


def _remedy(kinds: frozenset[str]) -> Text:
    """What makes keys of these kinds worthless to whoever has seen them."""
    if not kinds:
        return _REPLACE
    if kinds <= _NOT_OF_AN_ACCOUNT:
        return _MOVE_FUNDS
    return _BOTH if kinds & _NOT_OF_AN_ACCOUNT else _CHANGE_KEYS


def _proposed(evidence: Evidence) -> Iterator[Finding]:
    """Open proposals of others that would hand over this account."""
    account = evidence.history.account
    for live in evidence.history.proposals.values():
        if account is None or live is None or live.proposer == account.id:
            continue
        if any(signer == live.proposer for signer, _ in account.active.accounts):
            continue  # one of its own signers
        if not key_changes(live.inner, account.id):
            continue
        claim = Text(zh="更改权限的提案", en="a proposal to change the authority")
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
    """Movements to strangers after a change of keys, among all of the window, meant or not.

    Each that the case means gets a finding of its own. Where there are others, or other
    withdrawals beside them, one finding is about the whole case: nothing is fine then.
    """
    stolen = {
        w.id: (w, change)
        for w in (*evidence.withdrawals, *evidence.candidates)
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
    changed = Text(zh="账户权限被更改", en="the account's authority was changed")
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
    """The change of keys shortly before coins reached a stranger, if that is what this is.

    What went to a gateway keeps its own verdict: the change is told beside it.
    """
    if withdrawal.gateway or arrival(evidence, withdrawal) is None:
        return None
    return changed_keys(evidence, withdrawal)


def _overridden(evidence: Evidence) -> Iterator[Finding]:
    """Coins that the issuer moved. It leads the case unless that means something else."""
    account, case = evidence.history.account, evidence.case
    for operation in evidence.window:
        if not isinstance(operation, Override) or account is None:
            continue
        if operation.sender != account.id:
            continue
        if case.asset not in (None, operation.amount.asset.symbol):
            continue
        claim = Text(zh="发行方强制转账", en="the issuer moved the coins")
        shown = [evidence_item(evidence, operation, claim, str(operation.amount))]
        known: dict[str, Any] = {}
        if back := _given_back(evidence, operation):
            came = Text(zh="款项转回到该账户", en="coins came back to the account")
            shown.append(evidence_item(evidence, back, came, str(back.amount)))
            known = {
                "answer": back.id,
                "returned": str(back.amount),
                "returned_at": back.at,
            }
        rule = GIVEN_BACK if back else ISSUER_OVERRIDE
        yield rule.found(
            operation.id if _means_another(evidence, operation) else None,
            evidence_items=shown,
            amount=str(operation.amount),
            moved_at=operation.at,
            issuer=evidence.name(operation.issuer),
            recipient=evidence.name(operation.recipient),
            operation=operation.id,
            **known,
        )


def _given_back(evidence: Evidence, override: Override) -> Issue | Override | Transfer | None:
    """A later credit of as much by the issuer, or by who got it."""
    givers = {override.issuer, override.recipient}
    return next(
        (
            o
            for o in evidence.history.log.operations
            if isinstance(o, Issue | Override | Transfer)
            and o.recipient == override.sender
            and o.location.number > override.location.number
            and o.amount == override.amount
            and givers & {getattr(o, "issuer", None), getattr(o, "sender", None)}
        ),
        None,
    )


def _means_another(evidence: Evidence, override: Override) -> bool:
    """True where a withdrawal that was named, or a far larger one, is what the case is about."""
    same_asset = [
        w for w in evidence.withdrawals if w.amount.asset.id == override.amount.asset.id
    ]
    if not evidence.withdrawals:
        return False
    case = evidence.case
    named = case.identified or (
        case.amount is not None and case.amount != override.amount.value
    )
    dust = all(override.amount.value * DUST < w.amount.value for w in same_asset)
    return named or (bool(same_asset) and dust)
