"""Amounts, accounts, links, memos and gateways among words that look like them."""

from __future__ import annotations

import pytest

from diag.config.explorers import DEFAULT

WHEN = "account zhao-ming, 2026-11-29 15:00 UTC, not received, "
SURE = {
    "withdrew 12 500 XBTSX.USDT": "12500",
    "数量：1 234.5 BTS": "1234.5",
    "-0.5 XBTSX.BTC": "0.5",
    "2 million BTS": "2000000",
    "1.5 万 BTS": "15000",
    "0.5 XBTSX.BTC fee 0.0002": "0.5",
    "tx at block 93000000, 0.5 XBTSX.BTC": "0.5",
    "0.5 XBTSX.BTC\n手续费：0.0002": "0.5",
}


@pytest.mark.parametrize(("text", "amount"), SURE.items(), ids=SURE)
def test_an_amount_that_is_sure_stands_in_the_case(said, text, amount):
    assert said(WHEN + text).case["amount"] == amount


@pytest.mark.parametrize(
    "text",
    [
        "XBTSX.USDT 12 500",
        "step 5. 10 BTS",
        "0.5-0.6 XBTSX.BTC",
        "about 500 BTS",
        "500+ BTS",
        "00.5 BTS",
        "1.2E+3 BTS",
    ],
)
def test_an_amount_that_is_not_sure_stands_in_no_case(said, text):
    assert "amount" not in said(WHEN + text).case


OWN = {
    "my account is zhao-ming": "zhao-ming",
    "账户：ＺＨＡＯ－ＭＩＮＧ": "zhao-ming",
    "ACCOUNT: ZHAO-MING": "zhao-ming",
    "@zhao-ming 提币没到": "zhao-ming",
    "sent 100 BTS from zhao-ming to bob-8": "zhao-ming",
    "my account https://blocksights.info/#/accounts/zhao-ming not received": "zhao-ming",
    "My username on bitshares is emiliatrade, please help": "emiliatrade",
    "account name is goldrush all withdrawals stuck": "goldrush",
    "0.5BTC account bob-77": "bob-77",
    "账户 bob-77 周一提的": "bob-77",
    "cuenta bob-77, retiro de 5 BTS no llega": "bob-77",
    "他的账户是 evil-55，我的账户是 zhao-ming": "zhao-ming",
    "my EOS account is eosuser12345 and my bitshares account is zhao-ming": "zhao-ming",
}


@pytest.mark.parametrize(("text", "account"), OWN.items(), ids=OWN)
def test_the_users_own_account(said, text, account):
    assert said(text).fields["account"] == account


NOT_OWN = [
    "I received a message from gdex-security about a proposal",
    "A user named scam-x1 contacted me and asked for my key",
    "有个叫 safe-bts1 的人说要帮我",
    "my binance account alice99 did not get my 500 BTS",
    "I got 5 BTS from evil-1 yesterday",
    "hacker account is evil-55",
    "我朋友的账户 bob-8 没收到我转的 100 BTS",
    "my EOS account is eosuser12345",
    "对方账户 https://bts.exchange/#/account/bob-8",
]


@pytest.mark.parametrize("text", NOT_OWN)
def test_the_account_of_another_is_not_the_users_own(said, text):
    assert "account" not in {**said(text).fields, **said(text).open}


def test_a_listed_account_is_the_users_own_only_where_he_says_so(said):
    listed = frozenset({"lin-yue8"})
    assert said("5 BTS from lin-yue8 did not arrive", flagged=listed).remarks == {
        "suspicious_account"
    }
    assert said("my account is lin-yue8", flagged=listed).fields == {"account": "lin-yue8"}


ELSEWHERE = {
    "withdraw 7 XBTSX.STEEM to steemguy7, account zhao-ming": "steemguy7",
    "提 10 个 XBTSX.HIVE 到 hiveuser9，账户 zhao-ming": "hiveuser9",
    "sent 5 BTS to my EOS account eosuser12345": "eosuser12345",
}


@pytest.mark.parametrize(("text", "address"), ELSEWHERE.items(), ids=ELSEWHERE)
def test_an_account_of_another_chain_is_no_destination_here(said, text, address):
    fields = said(text).fields
    assert (fields.get("address"), fields.get("destination")) == (address, None)


def test_an_account_of_this_chain_is_a_destination(said):
    assert (
        said("transfer 100 XBTSX.BTC to bob-8 from zhao-ming").fields["destination"] == "bob-8"
    )
    assert said("withdrew 5 XBTSX.EOS to xbtsx-wallet").fields["destination"] == "xbtsx-wallet"


KNOWN = {
    "account": "zhao-ming",
    "operation": "1.11.24815",
    "txid": "b2063f8e9b29c89764a74b6cdac8c071ecb5003a",
}


@pytest.mark.parametrize("explorer", DEFAULT, ids=lambda explorer: explorer.name)
def test_the_pages_that_a_diagnosis_prints_are_read_as_what_they_show(said, explorer):
    for page, field in (
        ("account", "account"),
        ("operation", "operation"),
        ("transaction", "transaction"),
    ):
        address = explorer.url((page,), KNOWN)
        if address:
            value = KNOWN["txid" if page == "transaction" else page]
            assert said(f"my account: {address} .").fields[field] == value


LINKS = {
    "blocksights.info/#/txs/b2063f8e9b29c89764a74b6cdac8c071ecb5003a": (
        "transaction",
        KNOWN["txid"],
    ),
    f"[tx](https://x.example/tx/{KNOWN['txid']}).": ("transaction", KNOWN["txid"]),
    f"https://etherscan.io/tx/0x{'9f' * 32}": ("external_transaction", f"0x{'9f' * 32}"),
    "https://x.example/address/1BoatSLRHtKNngkdXEeobR76b53LETtpyT": (
        "address",
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    ),
}


@pytest.mark.parametrize(("text", "told"), LINKS.items(), ids=LINKS)
def test_links_are_read_by_their_path(said, text, told):
    assert said(text).fields == {told[0]: told[1]}


MEMOS = {
    "memo: btc:1BoatSLRHtKNngkdXEeobR76b53LETtpyT": "btc:1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    "MEMO/Tag：123456": "123456",
    "备注(memo)：xlm88997": "xlm88997",
    "memo id 1902150198": "1902150198",
    'memo: "speed test"': "speed test",
}


@pytest.mark.parametrize(("text", "memo"), MEMOS.items(), ids=MEMOS)
def test_a_memo_stands_behind_its_label(said, text, memo):
    assert said(text).fields["memo"] == memo


@pytest.mark.parametrize(
    "text",
    [
        "uid:12345678 qq:987654321 order:a12345",
        "标签忘填了，提 50 IOB.XRP",
        "forgot the memo 2026-11-29",
        "no memo 12345 entered",
        "Memo (ID): please",
        f"tx:{'9f' * 32}",
    ],
)
def test_what_is_no_memo_is_none(said, text):
    assert "memo" not in {**said(text).fields, **said(text).open}


NO_GATEWAY = [
    "I crack the bridge several times",
    "the market is open, I want to trade and win",
    "www is slow",
    "Citadel of hope, pirate of the sea",
]


@pytest.mark.parametrize("text", NO_GATEWAY)
def test_an_everyday_word_is_no_gateway(said, text):
    assert "gateway" not in {**said(text).fields, **said(text).open}


GATEWAYS = {
    "withdrawal from openledger": "OPEN",
    "提 OPEN.EOS": "OPEN",
    "the citadel gateway": "CITADEL",
    "网关：bridge": "BRIDGE",
    "cryptobridge closed?": "BRIDGE",
    "GDEX 还能提吗": "GDEX",
}


@pytest.mark.parametrize(("text", "key"), GATEWAYS.items(), ids=GATEWAYS)
def test_a_gateway_is_named_by_its_name_its_asset_or_the_words_around_it(said, text, key):
    assert said(text).fields["gateway"] == key
