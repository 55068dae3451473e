"""The agent's note: evidence, excluded causes, whom to contact with which reference, what to ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from diag.checks import CHECKS
from diag.diagnosis.engine import Diagnosis
from diag.diagnosis.resend_proof import condition
from diag.domain.changed_keys import changed_keys
from diag.domain.evidence_items import evidence_item, gateway_name
from diag.domain.finding import EvidenceItem
from diag.domain.gateway import Gateway
from diag.domain.vocabulary import Actor
from diag.domain.withdrawal import Withdrawal
from diag.i18n import Text
from diag.render import notices
from diag.render.chain_location import coordinates
from diag.render.formatting import fill, listed, moment, one_line, typeset
from diag.render.input_readings import READINGS, reading

MOST_EVIDENCE = 4
MOST_WITHDRAWALS = 6
TITLES = {rule.code: rule.title for check in CHECKS for rule in check.RULES}


def note(diagnosis: Diagnosis, lang: str, *, whole: bool = True) -> str:
    """What only the agent sees, in plain text, one subject a line.

    Not whole: without the evidence and the notices, where they are shown apart.
    """
    return "\n".join(typeset(one_line(line), lang) for line in _lines(diagnosis, lang, whole))


def _lines(diagnosis: Diagnosis, lang: str, whole: bool) -> Iterator[str]:
    verdict = diagnosis.verdict
    zone = diagnosis.evidence.case.zone
    withdrawal = leading(diagnosis)
    found = fill(verdict.rule.note, verdict.finding, lang, zone)
    yield _labelled(verdict.rule.title, found, lang)
    if verdict.finding.evidence_items and whole:
        withdrawal_id = verdict.finding.withdrawal_id
        shown = verdict.finding.evidence_items[:MOST_EVIDENCE]
        yield _labelled(
            EVIDENCE,
            _joined([_evidence_line(e, withdrawal_id, lang) for e in shown], lang),
            lang,
        )
    if "keys_changed" in verdict.basis and withdrawal is not None:
        yield from _keys(diagnosis, withdrawal, lang)
    if verdict.differing and withdrawal is not None:
        yield _labelled(DIFFERING, _differing(diagnosis, withdrawal, lang), lang)
    if len(diagnosis.withdrawals) > 1:
        yield _labelled(ALL, _joined(list(_each(diagnosis, lang)), lang), lang)
    if verdict.resend_unmet:
        missing = [condition(key).requires.say(lang) for key in verdict.resend_unmet]
        yield _labelled(NOT_PROVEN, _joined(missing, lang), lang)
    if read_as := diagnosis.evidence.case.read_as:
        yield _labelled(READINGS, _joined([reading(one, lang) for one in read_as], lang), lang)
    if verdict.ruled_out:
        causes = [TITLES[code].say(lang) for code in verdict.ruled_out if code in TITLES]
        yield _labelled(RULED_OUT, listed(causes, lang), lang)
    if verdict.not_checked:
        reasons = [what.say(lang) for _, what in verdict.not_checked]
        yield _labelled(NOT_CHECKED, _joined(reasons, lang), lang)
    if diagnosis.notices and whole:
        told = [notices.line(notice, lang, zone) for notice in diagnosis.notices]
        yield _labelled(NOTICES, _joined(told, lang), lang)
    if contact := _contact(diagnosis, withdrawal, lang):
        yield _labelled(CONTACT, contact, lang)
    if withdrawal is not None:
        yield _labelled(REFERENCE, reference(diagnosis, withdrawal, lang), lang)
    if verdict.ask_user_for:
        wanted = [WANTED[item].say(lang) for item in verdict.ask_user_for]
        yield _labelled(ASK, listed(wanted, lang), lang)


def _differing(diagnosis: Diagnosis, withdrawal: Withdrawal, lang: str) -> str:
    """Each claim that the withdrawal does not fit, beside what stands on the chain."""
    case = diagnosis.evidence.case
    found = {
        "asset": (case.asset, withdrawal.amount.asset.symbol),
        "amount": (case.amount, str(withdrawal.amount)),
        "destination": (case.destination, withdrawal.recipient),
        "operation": (case.operation, withdrawal.id),
        "transaction": (case.transaction, withdrawal.transaction or "-"),
    }
    rows = [found[name] for name in diagnosis.verdict.differing]
    return _joined([NAMED.say(lang, {"named": a, "found": b}) for a, b in rows], lang)


def _keys(diagnosis: Diagnosis, withdrawal: Withdrawal, lang: str) -> Iterator[str]:
    """The change of keys before it, with its time and operation."""
    if changed := changed_keys(diagnosis.evidence, withdrawal):
        at = moment(changed.at, lang, diagnosis.evidence.case.zone)
        told = {"at": at, "operation": changed.id, "recipient": withdrawal.recipient}
        yield _labelled(KEYS, KEYS_CHANGED.say(lang, told), lang)


def _each(diagnosis: Diagnosis, lang: str) -> Iterator[str]:
    """Every withdrawal that the case may mean, with what became of it."""
    for withdrawal, verdict in diagnosis.withdrawals[:MOST_WITHDRAWALS]:
        yield f"{withdrawal.id} {withdrawal.amount}: {verdict.rule.title.say(lang)}"
    more = len(diagnosis.withdrawals) - MOST_WITHDRAWALS
    if more > 0:
        yield MORE.say(lang, {"count": more})


def leading(diagnosis: Diagnosis) -> Withdrawal | None:
    """The withdrawal that the leading verdict is about, if it is about one."""
    withdrawal_id = diagnosis.verdict.finding.withdrawal_id
    return next((w for w, _ in diagnosis.withdrawals if w.id == withdrawal_id), None)


def _evidence_line(shown: EvidenceItem, withdrawal_id: str | None, lang: str) -> str:
    """A claim with what was seen; the coordinates of the withdrawal itself stand in the reference."""
    facts = [shown.observed or ""]
    if shown.expected:
        facts.append(EXPECTED.say(lang, {"value": shown.expected}))
    if shown.operation is None or shown.operation != withdrawal_id:
        facts.append(coordinates(shown))
    told = ("，" if lang == "zh" else ", ").join(fact for fact in facts if fact)
    words = shown.claim.say(lang)
    if not told:
        return words
    return f"{words}（{told}）" if lang == "zh" else f"{words} ({told})"


def _contact(diagnosis: Diagnosis, withdrawal: Withdrawal | None, lang: str) -> str | None:
    """Whom to turn to, and where: the gateway's channels as the register has them."""
    rule, facts = diagnosis.verdict.rule, diagnosis.verdict.finding.facts
    if rule.actor is Actor.SECURITY:
        return SECURITY.say(lang)
    gateway = withdrawal.gateway if withdrawal else _behind(diagnosis)
    if gateway is not None:
        name = {"name": gateway_name(withdrawal) if withdrawal else gateway.name}
        told = [c for notice in diagnosis.notices if notice.gateway for c in notice.channels]
        channels = tuple(dict.fromkeys((*told, *gateway.support)))
        if not channels:
            return NO_CHANNEL.say(lang, name)
        dated = f"{gateway.as_of}" if gateway.as_of else None
        where = name | {"channels": listed(channels, lang), "date": dated}
        return (CHANNELS if dated else UNDATED_CHANNELS).say(lang, where)
    if issuer := facts.get("issuer"):
        return ISSUER.say(lang, {"name": issuer})
    if rule.actor is Actor.RECIPIENT and withdrawal is not None:
        return RECIPIENT.say(lang, {"name": withdrawal.recipient})
    return None


def _behind(diagnosis: Diagnosis) -> Gateway | None:
    """The gateway behind the asset or issuer that the verdict names, where that is to act."""
    rule, facts = diagnosis.verdict.rule, diagnosis.verdict.finding.facts
    if rule.actor is not Actor.GATEWAY:
        return None
    register = diagnosis.evidence.register
    named = register.by_asset(str(facts.get("asset", "")))
    return named or register.by_account(str(facts.get("issuer", "")))


def reference(diagnosis: Diagnosis, withdrawal: Withdrawal, lang: str) -> str:
    """What a gateway needs to find a withdrawal: accounts, amount, time, place on the chain."""
    evidence = diagnosis.evidence
    zone = evidence.case.zone
    account = evidence.history.account
    name = account.name if account else evidence.case.account
    at = f"{withdrawal.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if zone and zone != "UTC":
        at += f" = {moment(withdrawal.at, lang, zone)}"
    where = coordinates(evidence_item(evidence, withdrawal.sent, REFERENCE))
    return ", ".join((f"{name} -> {withdrawal.recipient}", str(withdrawal.amount), at, where))


def _labelled(label: Text, words: str, lang: str) -> str:
    return f"{label.say(lang)}：{words}" if lang == "zh" else f"{label.say(lang)}: {words}"


def _joined(parts: list[str], lang: str) -> str:
    return ("；" if lang == "zh" else "; ").join(parts)


EVIDENCE = Text(zh="依据", en="Evidence")
NOTICES = Text(zh="公告", en="Notices")
DIFFERING = Text(zh="与用户所说不同", en="Differs from what the user named")
NAMED = Text(zh="所说 {named}，链上 {found}", en="named {named}, on the chain {found}")
KEYS = Text(zh="密钥更改", en="Change of keys")
KEYS_CHANGED = Text(
    zh="{at}，操作 {operation}；此后首次转给 {recipient}（就所读历史而言）。如非用户本人操作，请转交安全"
    "人员",
    en="at {at} by operation {operation}; what followed is the first transfer to {recipient} in the "
    "history that was read. If the user did not change them, hand over to security",
)
ALL = Text(zh="所查到的全部转出", en="All movements found")
MORE = Text(zh="另有 {count} 笔", en="{count} more")
NOT_PROVEN = Text(
    zh="可安全重发尚未得到证明，还需", en="Not proven safe to send again; this is missing"
)
RULED_OUT = Text(zh="已排除", en="Ruled out")
NOT_CHECKED = Text(zh="未能核对", en="Not checked")
CONTACT = Text(zh="联系", en="Contact")
REFERENCE = Text(zh="核查信息", en="Reference")
ASK = Text(zh="可向用户询问", en="Ask the user for")
EXPECTED = Text(zh="应为 {value}", en="expected {value}")
SECURITY = Text(zh="安全人员", en="the security team")
CHANNELS = Text(
    zh="{name} 网关：{channels}（登记于 {date}）",
    en="the gateway {name}: {channels} (recorded {date})",
)
UNDATED_CHANNELS = Text(zh="{name} 网关：{channels}", en="the gateway {name}: {channels}")
NO_CHANNEL = Text(
    zh="{name} 网关（没有登记客服渠道）", en="the gateway {name} (no support channel on record)"
)
ISSUER = Text(zh="资产发行方 {name}", en="the asset's issuer, {name}")
RECIPIENT = Text(zh="收款方 {name}", en="the recipient, {name}")
WANTED = {
    "external_transaction": Text(
        zh="对方链的交易 ID（TxID）", en="the transaction ID (TxID) on the other chain"
    ),
    "memo": Text(zh="备注原文", en="the text of the memo"),
    "operation": Text(zh="操作编号或交易 ID", en="the operation number or transaction ID"),
    "amount": Text(zh="数额", en="the amount"),
    "time": Text(zh="大致时间和时区", en="the rough time and its time zone"),
    "account": Text(zh="准确的账户名", en="the exact account name"),
    "destination": Text(zh="收款地址", en="the receiving address"),
    "wallet": Text(zh="所用钱包", en="which wallet was used"),
    "received": Text(zh="实际到账数额", en="the amount that arrived"),
    "keys": Text(zh="账户密钥是否由本人更改", en="whether the user changed the account's keys"),
}
"""What the user may be asked for, by its name in the contract."""
