"""Theft and deceit are told first; what only sounds like them is not."""

from __future__ import annotations

import pytest

SILENT = [
    "I forgot my password and cannot log in",
    "密码不对，登录不了",
    "我的助记词丢了怎么办",
    "I entered my password but the wallet says wrong password",
    "I never shared my seed with anyone, just my withdrawal is late",
    "没有把私钥给过别人，就是提币没到",
    "How much is the fee?",
    "提币要交多少手续费",
    "I paid the fee but the withdrawal did not arrive",
    "the wallet asks for a fee of 24 BTS",
    "you asked me for a screenshot, here it is",
    "我给客服发了截图，还没回复",
    "客服说24小时内到账",
    "support told me to wait 3 days",
    "support wants my account name",
    "客服要我提供交易ID",
    "The gateway asks for a memo",
    "the exchange says they did not receive the deposit",
    "They require 3 confirmations",
    "Cannot connect my wallet to the node",
    "提案一直没通过",
    "对方说没收到我转的币",
    "private key import fails",
]


@pytest.mark.parametrize("text", SILENT)
def test_no_danger(said, text):
    found = said(text)
    assert (found.kind != "stolen", found.urgency[0] != "critical") == (True, True)


FOUND = {
    "a secret given away": [
        "I gave the support guy my password",
        "I shared my 12 words with support",
        "I typed my seed phrase into their website",
        "我把密码告诉了客服，现在币没了",
        "我在一个网站输入了助记词",
        "助记词被别人看到了",
    ],
    "a secret asked for": [
        "a guy on discord told me to send him my private key",
        "I received an email that says I have to verify my wallet or the account gets closed",
        "got an email that my account will be suspended unless I confirm my seed",
        "support asked me for a screenshot of my keys",
        "He asked me to share my screen with AnyDesk",
        "客服让我把助记词发给他",
        "让我截图私钥页面发过去",
        "客服要我的验证码",
        "有人冒充管理员私聊我要恢复词",
    ],
    "a payment asked for": [
        "They say I must pay a 10% tax before I can withdraw",
        "The admin wants a deposit of 0.1 BTC to unlock my account",
        "She asks for a fee of 200 USD to release the funds",
        "the gateway manager told me to transfer 50 USDT verification fee first",
        "客服说要先交20%的税才能提币",
        "对方让我充值1000USDT解冻账户",
        "平台要求缴纳保证金才能提现",
        "客服加我QQ说账户异常，让我把币转到安全账户",
    ],
    "a wallet or a proposal": [
        "let me know: the agent says I should connect my wallet to a validation page",
        "要我授权钱包才能到账",
        "there is a proposal from a stranger in my account, should I approve it?",
        "有个提案要不要批准？",
        "I approved a proposal and now my account is empty",
    ],
    "money taken": [
        "My account was drained",
        "someone took all my coins",
        "币自动转走了，不是我操作",
        "我的帐号被盗了",
        "1000 bts vanished, I did not make this transfer",
        "me robaron mis monedas",
        "у меня украли все монеты",
    ],
    "a question for it": ["is this site legit?", "他是不是骗子", "这个网站是假的吗？靠谱吗"],
}


@pytest.mark.parametrize("text", [text for texts in FOUND.values() for text in texts])
def test_danger_is_critical_and_the_first_answer_protects(said, text):
    found = said(text)
    assert (found.kind, found.urgency) == ("stolen", ("critical", "theft"))
    assert found.missing[0] == "protect"
    assert "proposal" in found["question"]["en"]
    assert "提案" in found["question"]["zh"]
