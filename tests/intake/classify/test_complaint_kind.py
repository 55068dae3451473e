"""A kind is named only where it is sure; else it stays open, and the user is asked."""

from __future__ import annotations

import pytest

NAMED = {
    "withdrawal_missing": [
        "my withdrawal of 3 LTC shows completed for two days but the ltc wallet is empty",
        "提币状态一直是处理中，已经三天",
        "Whithdraw not received in wallet",
        "昨天13:05的提现，现在还没有到，客服也联系不上",
    ],
    "deposit_missing": [
        "deposited 0.2 BTC six hours ago, 12 confirmations, balance unchanged",
        "冲了100U两个小时没到",
        "充值未到账",
    ],
    "transfer_missing": [
        "My friend did not get the 40 BTS I sent him last night",
        "币安说没收到我转的比特股",
    ],
    "memo_problem": [
        "I forgot the memo",
        "我转BTS到火币，备注写成了别人的",
        "提现时memo填了旧的，怎么补救",
    ],
    "wrong_destination": ["I sent it to the wrong address", "我把 2000 BTS 打错账户了"],
    "amount_differs": ["only received 0.4 instead of 0.5", "到账金额和我提的对不上，少了0.3"],
    "cannot_send": [
        "Cannot withdraw: error when I press the button",
        "点击发送之后一直提示 insufficient fee",
    ],
    "not_on_chain": [
        "the explorer cannot find the transaction",
        "钱包里显示转账成功，但区块浏览器搜不到",
    ],
    "gateway_state": [
        "Is the gateway closed?",
        "网关什么时候恢复？维护好几天了",
        "可以提现了吗",
    ],
    "access": ["I can't log in", "忘了账户密码，只有私钥备份，能登录吗"],
    "fee_question": ["What's the minimum to withdraw ETH?", "请问提币手续费是多少"],
    "solved": [
        "Thank you, it arrived!",
        "问题解决了，谢谢客服",
        "cheers, received",
        "谢谢",
        "好了，到账了",
    ],
    "other": [
        "How do I withdraw?",
        "Can I cancel a withdrawal?",
        "提币一般要多长时间到？",
        "你好，在吗？",
    ],
}


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in NAMED.items() for text in texts]
)
def test_a_sure_kind_is_named(said, kind, text):
    assert said(text).kind == kind


OPEN = {
    # text: what is asked in the end
    "0.5 XBTSX.BTC not received, account zhao-ming, 2026-11-29 15:00 UTC": "direction",
    "Still nothing after 4 hours": "direction",
    "account zhao-ming, 5 BTS, 2026-11-29 15:00 UTC": "problem",
    "I sent XLM to the wrong address and also forgot the memo": "problem",
    "提币 10 BTS，账户 zhao-ming": "problem",
}


@pytest.mark.parametrize(("text", "need"), OPEN.items(), ids=OPEN)
def test_an_unsure_kind_stays_open_and_is_asked_for(said, text, need):
    found = said(text)
    assert (found.kind, found.missing[-1]) == ("unclear", need)


NOT_SOLVED = [
    "到账了，但是少了0.1",
    "只收到一半",
    "it arrived, but only half of it",
    "The first one arrived, the second is still missing",
    "我把币转到了旧地址",
    "还没到，谢谢",
    "收到了吗？",
]


@pytest.mark.parametrize("text", NOT_SOLVED)
def test_what_is_not_well_is_not_solved(said, text):
    assert said(text).kind != "solved"


UNREAD = [
    "Hice un retiro y no me ha llegado a mi cuenta",
    "Realizei um saque e até agora não caiu na minha carteira",
    "не могу вывести средства, помогите пожалуйста",
    "출금이 안됩니다 도와주세요",
    "出金が届きません、助けてください",
    "Mein Geld ist nach der Auszahlung nicht angekommen, bitte helfen Sie mir",
]


@pytest.mark.parametrize("text", UNREAD)
def test_a_language_that_is_not_read_is_said_so_and_is_never_of_low_urgency(said, text):
    found = said(text)
    assert (found.kind, found.urgency) == ("unclear", ("normal", "unread"))
    assert "language" in found.remarks
    assert "problem" in found.missing


def test_of_another_language_what_needs_no_language_is_read(said):
    found = said(
        "Hola, ayer envié 12,5 XBTSX.BTC a la cuenta xbtsx-wallet, mi cuenta es maria-77, memo 778899, "
        f"https://x.example/tx/{'ab' * 20}"
    )
    assert found.fields == {
        "account": "maria-77",
        "asset": "XBTSX.BTC",
        "gateway": "XBTSX",
        "amount": "12.5",
        "destination": "xbtsx-wallet",
        "memo": "778899",
        "transaction": "ab" * 20,
    }
    assert [time["local"][0]["from"] for time in found["times"]] == ["2026-11-29T00:00:00"]


def test_a_comma_of_another_language_is_no_sure_thousand(said):
    found = said("Hola, mi retiro de 1,234 BTS no ha llegado todavía").open
    assert set(found["amount"]) == {"1234", "1.234"}
