"""A reply in its shortest form: what it is, where the money is, what to do. No names, no amounts."""

from __future__ import annotations

from diag.domain.verdict import Verdict
from diag.domain.vocabulary import ResendSafe
from diag.i18n import Text

WHERE = {
    "user_account": Text(zh="款项没有离开您的账户", en="the funds did not leave your account"),
    "chain_unconfirmed": Text(
        zh="款项在链上等待最终确认", en="the funds wait on the chain to be confirmed"
    ),
    "at_gateway": Text(zh="款项在网关", en="the funds are at the gateway"),
    "sent_onward": Text(zh="网关已结清", en="the gateway has settled it"),
    "at_recipient": Text(zh="款项在收款账户", en="the funds are in the recipient's account"),
    "returned": Text(zh="款项已退回您的账户", en="the funds are back in your account"),
    "locked": Text(zh="款项锁定在链上", en="the funds are held on the chain"),
    "unknown": Text(zh="款项位置未知", en="where the funds are is not known"),
}
"""By stage."""
TO_DO = {
    "wait": Text(zh="请耐心等待", en="Please be patient"),
    "contact_gateway": Text(zh="请联系网关核查", en="Please ask the gateway to check"),
    "contact_recipient": Text(zh="请向收款方核对", en="Please check with the recipient"),
    "provide_info": Text(
        zh="请向我们补充账户名、时间、资产和数额",
        en="Please tell us account, time, asset and amount",
    ),
    "approve_proposal": Text(
        zh="请尽快完成提案的批准", en="Please have the proposal approved soon"
    ),
    "send_again": Text(
        zh="如仍需要，可以重新发起", en="If you still want to, you can send again"
    ),
    "do_not_resend": Text(zh="请勿再向它转账", en="Do not send anything more to it"),
    "secure_account": Text(
        zh="请立即更换账户的全部密钥", en="Please change all keys of the account at once"
    ),
    "retry_later": Text(zh="请稍后再向我们查询", en="Please ask us again a little later"),
}
"""By advice."""
DO_NOT_RESEND = Text(zh="请勿重新发送。", en="Do not send again.")


def say(verdict: Verdict, lang: str) -> str:
    """Two or three sentences about the verdict, whatever its facts."""
    rule = verdict.rule
    withdrawal_id = verdict.finding.withdrawal_id
    subject = Text(
        zh="您的提币（操作编号 {id}）：" if withdrawal_id else "您的查询：",
        en="Your withdrawal (operation number {id}): " if withdrawal_id else "Your question: ",
    ).say(lang, {"id": withdrawal_id})
    title, where, to_do = (
        text.say(lang) for text in (rule.title, WHERE[verdict.stage], TO_DO[verdict.advice])
    )
    parts = [
        f"{subject}{title}，{where}。{to_do}。"
        if lang == "zh"
        else f"{subject}{title}; {where}. {to_do}."
    ]
    if verdict.resend_safe is not ResendSafe.YES:
        parts.append(DO_NOT_RESEND.say(lang))
    return ("" if lang == "zh" else " ").join(parts)
