"""The values of a verdict in words that a person reads: where, who, what to do, how sure."""

from __future__ import annotations

from diag.i18n import Text

OUTCOMES = {
    "delivered": Text(zh="已完成", en="done"),
    "in_progress": Text(zh="处理中", en="in progress"),
    "returned": Text(zh="已退回", en="returned"),
    "not_sent": Text(zh="未发出", en="not sent"),
    "stuck": Text(zh="停滞", en="stuck"),
    "at_risk": Text(zh="有风险", en="at risk"),
    "nothing_found": Text(zh="未找到", en="nothing found"),
    "undetermined": Text(zh="暂不能确定", en="not determined"),
}
STAGES = {
    "user_account": Text(zh="仍在用户账户", en="still in the user's account"),
    "chain_unconfirmed": Text(zh="在链上等待确认", en="on the chain, not yet confirmed"),
    "at_gateway": Text(zh="在网关", en="at the gateway"),
    "sent_onward": Text(zh="已由网关转出", en="sent onward by the gateway"),
    "at_recipient": Text(zh="在收款账户", en="in the recipient's account"),
    "returned": Text(zh="已退回用户账户", en="back in the user's account"),
    "locked": Text(zh="锁定在链上", en="locked on the chain"),
    "unknown": Text(zh="未知", en="not known"),
}
"""Where the money is."""
SEVERITIES = {
    "info": Text(zh="正常", en="normal"),
    "notice": Text(zh="留意", en="notice"),
    "warning": Text(zh="需要处理", en="needs action"),
    "critical": Text(zh="紧急", en="urgent"),
}
ACTORS = {
    "nobody": Text(zh="无需任何人", en="nobody"),
    "user": Text(zh="用户", en="the user"),
    "gateway": Text(zh="网关", en="the gateway"),
    "recipient": Text(zh="收款方", en="the recipient"),
    "network": Text(zh="区块链网络", en="the network"),
    "support": Text(zh="客服", en="support"),
    "security": Text(zh="安全人员", en="the security team"),
}
"""Who must act next."""
ADVICE = {
    "wait": Text(zh="等待", en="wait"),
    "contact_gateway": Text(zh="联系网关", en="contact the gateway"),
    "contact_recipient": Text(zh="联系收款方", en="contact the recipient"),
    "provide_info": Text(zh="补充信息", en="provide more information"),
    "approve_proposal": Text(zh="批准提案", en="approve the proposal"),
    "send_again": Text(zh="重新发送", en="send again"),
    "do_not_resend": Text(zh="不要重新发送", en="do not send again"),
    "secure_account": Text(zh="立即保护账户", en="secure the account at once"),
    "retry_later": Text(zh="稍后再查", en="ask again later"),
}
RESEND_SAFE = {
    "yes": Text(zh="可以", en="yes"),
    "no": Text(zh="不可以", en="no"),
    "unknown": Text(zh="未知，请勿重发", en="not known: do not"),
}
FINALITIES = {
    "final": Text(zh="最终", en="final"),
    "provisional": Text(zh="仍可能变化", en="may still change"),
}
CONFIDENCES = {
    "certain": Text(zh="已确认", en="confirmed"),
    "high": Text(zh="已确认", en="confirmed"),
    "medium": Text(zh="很可能", en="likely"),
    "low": Text(zh="暂不能确定", en="not known for certain"),
}
ETA_BASES = {
    "observed": Text(zh="按该网关近期其他人的用时", en="from how it served others lately"),
    "register": Text(zh="按网关公布的用时", en="from what the gateway states"),
    "default": Text(zh="按一般网关的用时", en="from what gateways usually need"),
    "protocol": Text(zh="按链的规则", en="from the chain's own rules"),
}
