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
    "The wallet asks for my password every time, is that normal?",
    "I changed my active key yesterday and now the withdrawal fails",
    "I verified my wallet address twice, it's right, but no LTC",
    "Do I need to pay a fee to withdraw?",
    "the gateway requires 0.001 BTC minimum",
    "The site told me the withdrawal was sent",
    "your admin asked for the tx id, here: 1.11.887766554",
    "I sent a screenshot of the transaction to support",
    "I paid 24 BTS fee and nothing happened",
    "He told me to wait 24 hours",
    "Your bot asked for my account name: kind-user4",
    "My friend asked me to send 10 BTS, I sent it, he has not got it",
    "I deposited 100 USDT before I could withdraw, as the rules say, still no deposit",
    "the proposal needs another signature",
    "How do I approve a proposal?",
    "I want to import my private key into a new wallet",
    "Wallet backup password forgotten",
    "手续费要先付吗",
    "提币要求实名认证吗",
    "客服让我等三天",
    "我给客服发了交易截图",
    "我要先充值才能提现吗？",
    "忘了备注，客服让我提供账户名和txid",
    "提币需要多少矿工费",
    "我授权给交易机器人的额度怎么取消",
    "钱包要我输入密码才能转账",
    "对方要我提供转账截图，我的转账 50 BTS 没到",
    "平台公告说要维护到周五",
    "我充了保证金账户 500 BTS，没显示",
    "网站要验证码，收不到",
    "验证码收不到怎么提币",
    "账户解冻需要什么条件",
    "提币需要输入密码吗",
    "我需要改密码",
    "需要私钥才能导入吗",
    "登录需要验证码",
    "the gateway requires a minimum deposit of 50 USDT",
    "you guys are scammers, where is my withdrawal",
    "I want to withdraw 100 BTS to my bank",
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


WARNED = [
    "I was told to buy 0.1 BTC gas to release my withdrawal",
    "A woman on WhatsApp helped me invest and now the platform wants 15% tax",
    "They locked my account until I upload my private key file",
    "support (the one on Twitter) sent me a form to fill in my 12 words and I did",
    "my wife approved some proposal and the BTS is gone",
    "coins leave my account by themselves",
    "There are 3 transfers I don't recognize",
    "Unknown transfer out of my account yesterday",
    "Somebody logged in from Russia and withdrew everything",
    "I think my key leaked, what now?",
    "the telegram admin wants a screenshot of my wallet keys",
    "I scanned a QR code and my wallet got drained",
    "He says my account is on a blacklist, I need to transfer funds to a safe wallet",
    'they want a "refundable" deposit of 500 BTS',
    "Is walletvalidate.example legit?",
    "Got an email asking to verify my wallet or it will be suspended",
    "我老公被人骗了，把私钥告诉了对方",
    "有陌生账户从我这转走了 800 BTS，不是我转的",
    "客服说要先充值200U验证账户才能提现",
    "收到短信让我点链接更新钱包，输入了助记词",
    "资产自己转出去了，我没有操作",
    "平台说我账户异常要交解冻金",
    "有个老师带我投资，现在要交个人所得税才能出金",
    "密钥好像泄露了怎么办",
    "对方要我截图私钥页面",
    "提案是谁发起的？我没发起过，能批准吗",
    "账户权限被改了，登不上去",
    "加了个telegram群，管理员要我连接钱包领空投，之后币没了",
    "他让我把币转到他指定的安全地址",
    "Mi hanno rubato i BTS, qualcuno ha la mia chiave",
    "Меня обманули, перевёл 200 USDT мошенникам",
    "私の資金が盗まれました",
    "客服要验证码",
    "把验证码给了我的朋友",
    "He insists I deposit another 0.05 BTC as tax before the release of my 1.2 BTC",
    "Received a proposal from gdex-security, it says I must approve or lose funds",
    "有人发我一个提案让我批准，说批准后才能提币，要不要点同意？",
    "public key changed? I never did that",
]


@pytest.mark.parametrize("text", WARNED)
def test_danger_in_further_wordings(said, text):
    found = said(text)
    assert (found.kind, found.urgency[0]) == ("stolen", "critical")
