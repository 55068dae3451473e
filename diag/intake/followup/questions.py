"""What a diagnosis still needs, and the one question that is worth asking next."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from diag.i18n import Text


class Need(StrEnum):
    """What is missing, the most needed first."""

    SAFETY = "safety"
    PROTECT = "protect"
    PROBLEM = "problem"
    ACCOUNT = "account"
    ACCOUNT_CONFIRM = "account_confirm"
    ACCOUNT_CHOICE = "account_choice"
    TIME = "time"
    DAY_OR_MONTH = "day_or_month"
    TIME_CHOICE = "time_choice"
    ZONE = "zone"
    ASSET = "asset"
    ASSET_CHOICE = "asset_choice"
    AMOUNT = "amount"
    AMOUNT_CHOICE = "amount_choice"
    TRANSACTION = "transaction"
    MEMO = "memo"
    DESTINATION = "destination"
    DIRECTION = "direction"
    ERROR = "error"
    EXTERNAL = "external_transaction"


SAFE = Text(
    zh="请勿发送私钥、密码或助记词。",
    en="Please never send private keys, passwords or seed words.",
)

QUESTIONS: dict[Need, Text] = {
    Need.SAFETY: Text(
        zh="请您先保护账户：您发来的内容里有私钥、密码或助记词，它们已经外泄，请尽快更换密钥，必要时先把资产转到安全的账户。完成后，请告诉我们您的账户名，不要再发送密钥。",
        en="Please protect your account first: your message holds a key, a password or seed words, "
        "and they are exposed now. Change your keys as soon as you can, and move your funds to a safe "
        "account if needed. Then tell us your account name only.",
    ),
    Need.PROTECT: Text(
        zh="请您先停止与对方联系：不要付款，不要批准任何提案，不要连接钱包。如果密码、私钥或助记词已经给了别人，请立即更换密钥，并把资产转到安全的账户。请告诉我们您的账户名，以及事情发生的大致时间（请注明时区）。",
        en="Please stop all contact with them first: do not pay, do not approve any proposal, do not connect "
        "your wallet. If anyone has your password, key or seed words, change your keys now and move your funds "
        "to a safe account. Then tell us your account name and roughly when it happened, with your time zone.",
    ),
    Need.PROBLEM: Text(
        zh="请问您遇到了什么问题？请告诉我们账户名、资产、数额和大致时间（请注明时区）。",
        en="What went wrong? Please tell us your account name, the asset, the amount and "
        "roughly when, with your time zone.",
    ),
    Need.ACCOUNT: Text(
        zh="请问您的 BitShares 账户名是什么？", en="What is the name of your BitShares account?"
    ),
    Need.ACCOUNT_CONFIRM: Text(
        zh="请问您的 BitShares 账户名是“{candidates}”吗？",
        en='Is "{candidates}" the name of your BitShares account?',
    ),
    Need.ACCOUNT_CHOICE: Text(
        zh="请问您自己的 BitShares 账户是哪一个：{candidates}？",
        en="Which of these is your own BitShares account: {candidates}?",
    ),
    Need.TIME: Text(
        zh="请问这笔操作大约是什么时间发起的（日期、时刻和时区，例如北京时间）？",
        en="When did you start it, roughly? Please give the date, the time and your time zone.",
    ),
    Need.DAY_OR_MONTH: Text(
        zh="您写的“{said}”是几月几日？请同时注明时区。",
        en='Which day do you mean by "{said}"? Please write the month as a word, with your time zone.',
    ),
    Need.TIME_CHOICE: Text(
        zh="您提到了几个时间（{candidates}），请问这笔操作是哪一个时间发起的？",
        en="You gave several times ({candidates}). At which of them did you start it?",
    ),
    Need.ZONE: Text(
        zh="您说的“{said}”是哪个时区的时间（例如北京时间）？",
        en='Which time zone is "{said}" in, for example UTC or Beijing time?',
    ),
    Need.ASSET: Text(
        zh="请问是哪种资产（例如 BTS 或 XBTSX.BTC）？数额是多少？",
        en="Which asset was it, for example BTS or XBTSX.BTC, and how much?",
    ),
    Need.ASSET_CHOICE: Text(
        zh="您提到了几种资产（{candidates}），请问没有到账的是哪一种？",
        en="You named several assets ({candidates}). Which one is this about?",
    ),
    Need.AMOUNT: Text(zh="请问数额是多少？", en="What was the amount?"),
    Need.AMOUNT_CHOICE: Text(
        zh="您提到了几个数额（{candidates}），请问您发出的是哪一个？",
        en="You named several amounts ({candidates}). Which one did you send?",
    ),
    Need.TRANSACTION: Text(
        zh="您给的交易 ID 不完整，或属于另一条链。请在钱包的账户记录里复制 BitShares 的交易 ID（40 位）或操作编号（1.11. 开头）。",
        en="The id you gave is incomplete or belongs to another chain. Please copy the BitShares "
        "transaction id (40 characters) or the operation id (it begins with 1.11.) from your wallet.",
    ),
    Need.MEMO: Text(
        zh="请问您实际填写的备注（Memo）是什么？正确的备注应该是什么？",
        en="What did you enter as the memo, and what should it have been?",
    ),
    Need.DESTINATION: Text(
        zh="请问您把资金转到了哪个账户或地址？那个账户是您自己的吗？",
        en="Which account or address did you send it to, and is it your own?",
    ),
    Need.DIRECTION: Text(
        zh="请问这笔是提币、充币，还是转到别人的账户？",
        en="Was it a withdrawal, a deposit, or a transfer to somebody else's account?",
    ),
    Need.ERROR: Text(
        zh="请把钱包显示的错误提示以文字形式完整复制给我们，并说明所用的钱包或网站。",
        en="Please copy the full error text for us, and name the wallet or site that you used.",
    ),
    Need.EXTERNAL: Text(
        zh="请提供转入方那条链上的交易哈希（TxID）。",
        en="Please give us the transaction hash (TxID) on the chain that you sent from.",
    ),
}


def ready_to_paste(
    needs: Sequence[Need], said: str = "", candidates: Sequence[str] = ()
) -> Text:
    """The question for what is needed, ready to paste: polite, and with the line on keys."""
    shown = Text.literal("、".join(candidates), ", ".join(candidates))
    facts = {"said": said, "candidates": shown}
    zh = "".join(QUESTIONS[need].say("zh", facts) for need in needs)
    en = " ".join(QUESTIONS[need].say("en", facts) for need in needs)
    return Text.literal(f"您好，{zh}{SAFE.zh}", f"Hello. {en} {SAFE.en}")
