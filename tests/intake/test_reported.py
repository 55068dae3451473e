"""Inputs that were once read wrongly, each with what must be said of it, and what must not.

A row names only what it is about. `window` is the time meant with its margin of three hours.
"""

from __future__ import annotations

import pytest

ID = "b2063f8e9b29c89764a74b6cdac8c071ecb5003a"

TIMES = {
    # text: window
    "From: someone <a@ex.example>\nDate: Wed, 25 Nov 2026 09:12:44 +0000\nSubject: missing\n\n"
    "My account is zhao-ming. 0.5 XBTSX.BTC did not arrive.": None,
    "account zhao-ming 0.5 XBTSX.BTC not received\n\nOn Wed, Nov 25, 2026 at 3:05 PM UTC Support <help@ex.example> wrote:\n"
    "> Please tell us your account name and when you withdrew.": None,
    "账户 zhao-ming，提 0.5 XBTSX.BTC 没到\n\n客服 <help@ex.example> 于2026年11月25日周三 09:12写道：\n> 您好，请问账户名？\n北京时间": None,
    "工单创建时间：2026-11-25 10:00 北京时间\n账户：zhao-ming\n提 0.5 XBTSX.BTC 一直没到，上周就提了": None,
    "[2026-11-20 10:00] 用户: 昨天下午3点提的 0.5 XBTSX.BTC 没到 账户 zhao-ming 北京时间": (
        "11-19 04:00",
        "11-19 10:59",
    ),
    "[25/11/2026, 09:12:44] Wang: account zhao-ming, 0.5 XBTSX.BTC, I did it yesterday 3pm UTC, nothing": (
        "11-24 12:00",
        "11-24 18:59",
    ),
    "Previous withdrawal on Nov 20 2026 10:00 UTC arrived in 5 minutes, but this one of 0.5 XBTSX.BTC did not. "
    "account zhao-ming": None,
    "account zhao-ming 0.5 XBTSX.BTC withdrawal missing. If not solved before 2026-11-30 10:00 UTC I call the police": None,
    "account zhao-ming 0.5 XBTSX.BTC 2026-11-29 03:05 PM UTC not received": (
        "11-29 12:05",
        "11-29 18:05",
    ),
    "withdrew 0.5 XBTSX.BTC 2026-11-29 12:30 AM UTC account zhao-ming not received": (
        "11-28 21:30",
        "11-29 03:30",
    ),
    "2026/11/29 上午12:30 提 0.5 XBTSX.BTC 账户 zhao-ming 没到 北京时间": (
        "11-28 13:30",
        "11-28 19:30",
    ),
    "2026-11-29 04:00 下午 北京时间 提 0.5 XBTSX.BTC 账户 zhao-ming 没到": (
        "11-29 05:00",
        "11-29 11:00",
    ),
    "账户：zhao-ming 资产：XBTSX.BTC 数量：0.5 时间：2026/11/29 15:05 北京时间 提币未到账": (
        "11-29 04:05",
        "11-29 10:05",
    ),
    "0.5 XBTSX.BTC withdrawal at 1795964700000 account zhao-ming not received": (
        "11-29 12:05",
        "11-29 18:05",
    ),
}


@pytest.mark.parametrize(("text", "window"), TIMES.items(), ids=lambda v: str(v)[:40])
def test_only_the_time_of_the_withdrawal_makes_the_window(said, text, window):
    found = said(text)
    assert found.window == window
    assert (found.fields["account"], found.fields["amount"]) == ("zhao-ming", "0.5")
    assert window or "time" in found.missing


FIELDS = {
    # text: fields, and the open ones
    "withdrew 12 500 XBTSX.USDT on 2026-11-29 15:00 UTC account zhao-ming, not received": (
        {"amount": "12500", "asset": "XBTSX.USDT"},
        {},
    ),
    "withdrew 12'500.50 XBTSX.USDT on 2026-11-29 15:00 UTC account zhao-ming, not received": (
        {"amount": "12500.5"},
        {},
    ),
    "account: zhao-ming\n0. 05616 XBTSX.BTC\n2026-11-29 15:00 UTC not received": (
        {"amount": "0.05616"},
        {},
    ),
    "withdrew 1.2E+3 XBTSX.USDT account zhao-ming 2026-11-29 15:00 UTC not received": (
        {"amount": "1200"},
        {},
    ),
    "提现 0.5 XBTSX.BTC\n手续费：0.0002\n账户：zhao-ming\n2026-11-29 15:00 UTC": (
        {"amount": "0.5"},
        {},
    ),
    "Asset: BTS\nAccount: zhao-ming\nAmount: 500\nTime: 2026-11-29 15:00 UTC\nnot received": (
        {"asset": "BTS", "amount": "500", "account": "zhao-ming"},
        {},
    ),
    "account zhao-ming withdrew 0.5 XBTSX.BTC/BTS 2026-11-29 15:00 UTC missing": (
        {"asset": None},
        {"asset": ["XBTSX.BTC", "BTS"]},
    ),
    "account zhao-ming XBTSX.BTC withdrawal 2026-11-29T15:05:11Z not received": (
        {"asset": "XBTSX.BTC", "coin": None},
        {},
    ),
    f"I withdrew XBTSX.BTC and it is missing: https://cryptofresh.com/tx/{ID} account zhao-ming": (
        {"transaction": ID},
        {},
    ),
    "提币没到账 https://blocksights.info/#/operations/1.11.24815": (
        {"operation": "1.11.24815"},
        {},
    ),
    "withdraw 10 XBTSX.EOS to eosuser12345 (my EOS account), account zhao-ming, 2026-11-29 15:00 UTC, not arrived": (
        {
            "destination": None,
            "asset": "XBTSX.EOS",
            "address": "eosuser12345",
            "account": "zhao-ming",
        },
        {},
    ),
    "Username is emotiontrade all of my withdrawals are still in processing . It's been hours": (
        {"account": "emotiontrade"},
        {},
    ),
    "<p>账户：<b>zhao-ming</b></p><p>数量：0.5&nbsp;XBTSX.BTC</p><p>时间：2026-11-29&nbsp;15:00 UTC</p>没到": (
        {"account": "zhao-ming", "amount": "0.5", "asset": "XBTSX.BTC"},
        {},
    ),
    "Memo (ID): 1902150198 is mine. I sent it to Memo (ID): 1902150189. Account: zhao-ming, 98 BTS, 2026-11-29 14:11:27 UTC": (
        {"memo": None},
        {"memo": ["1902150198", "1902150189"]},
    ),
    "账户 zhao-ming 提 50 IOB.XRP 到币安忘了填标签 2026-11-29 15:00 UTC": ({"memo": None}, {}),
    "充值btc后帐户X-BTC没有到账\ntx:9982faaadae318d26f9a628292fbfc38ebd8c0fe01d147e315830f9f6afa5c4d": (
        {
            "memo": None,
            "external_transaction": "9982faaadae318d26f9a628292fbfc38ebd8c0fe01d147e315830f9f6afa5c4d",
        },
        {},
    ),
    "What happened? I crack the bridge several times and the coins don't fall out. 2 ETH from EOS, account zhao-ming": (
        {"gateway": None, "asset": None},
        {"coin": ["ETH", "EOS"]},
    ),
    "Здравствуйте! Сегодня произвел транзакцию отправил 98.0080961 BTS на счет xchg-hot-2, но при отправке видимо не там "
    "написал код МЕМО 478327835 и монеты до сих пор не пришли": (
        {
            "memo": "478327835",
            "destination": "xchg-hot-2",
            "amount": "98.0080961",
            "account": None,
        },
        {},
    ),
}


@pytest.mark.parametrize(("text", "told"), FIELDS.items(), ids=lambda v: str(v)[:40])
def test_a_value_enters_a_field_only_where_its_reading_is_the_only_one(said, text, told):
    fields, open_ = told
    found = said(text)
    assert {name: found.fields.get(name) for name in fields} == fields
    assert {name: found.open.get(name) for name in open_} == open_


def test_a_number_that_a_spreadsheet_may_have_rounded_stays_out_of_the_case(said):
    assert (
        "amount"
        not in said("withdrew 1.2E+3 XBTSX.USDT account zhao-ming 2026-11-29 15:00 UTC").case
    )


def test_a_name_in_a_sentence_is_confirmed_before_it_is_used(said):
    found = said("Username is emotiontrade all of my withdrawals are still in processing")
    assert (found["fields"]["account"]["confidence"], found.missing[0]) == (
        "medium",
        "account_confirm",
    )


def test_the_id_of_a_deposit_of_the_chains_own_asset_is_of_this_chain(said):
    found = said(
        f"I sent 500 BTS from binance to my account zhao-ming 2026-11-29 15:00 UTC, not arrived. TXID {ID}"
    )
    assert (found.kind, found.fields["transaction"], found.missing) == (
        "deposit_missing",
        ID,
        [],
    )


KINDS = {
    # text: kind, urgency
    "Someone asks me to approve a proposed transaction from openledger-security to release my withdrawal": (
        "stolen",
        "critical",
    ),
    "客服让我把助记词发给他才能到账，安全吗？账户 zhao-ming": ("stolen", "critical"),
    "A support agent on Telegram says my withdrawal is locked and asks me to connect my wallet to a rectify site. Should I?": (
        "stolen",
        "critical",
    ),
    "I gave the support guy my password yesterday and now 500 BTS are gone": (
        "stolen",
        "critical",
    ),
    "Прошло больше 48 часов я не получил средства что делать?": ("unclear", "high"),
    "提币到了，谢谢": ("solved", "low"),
    "How long does a withdrawal take?": ("other", "low"),
}


@pytest.mark.parametrize(("text", "told"), KINDS.items(), ids=lambda v: str(v)[:40])
def test_the_kind_and_how_urgent_it_is(said, text, told):
    found = said(text)
    assert (found.kind, found.urgency[0]) == told


@pytest.mark.parametrize("text", ["提币到了，谢谢", "How long does a withdrawal take?"])
def test_who_lacks_nothing_is_asked_for_nothing(said, text):
    found = said(text)
    assert (found.missing, found["question"]) == ([], None)


def test_the_account_of_a_deceiver_is_not_the_users_own(said):
    found = said(
        "Someone asks me to approve a proposed transaction from openledger-security to release my withdrawal"
    )
    assert ("account" in found.fields, "suspicious_account" in found.remarks) == (False, True)
    assert found.missing[0] == "protect"
