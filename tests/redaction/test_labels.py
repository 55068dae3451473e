"""What the words of a text make of letters that could be a key or a hash."""

from __future__ import annotations

import random
from base64 import b32encode

import pytest
from secret_texts import BASE58, base58, checked, pair, public, remains

from diag.redaction import Redacted, redact

CHANCE = random.Random(20261124)
HEX = CHANCE.randbytes(32).hex()
OTHER = CHANCE.randbytes(32).hex()
FIRST, SECOND = HEX[:32], HEX[32:]
TRANSACTION = CHANCE.randbytes(20).hex()
SIGNATURE = base58(CHANCE.randbytes(64))
SOLANA = base58(pair(CHANCE))
PUBLIC_KEY = public(CHANCE)["pubkey"]
FACTOR = b32encode(CHANCE.randbytes(10)).decode()
BYTES = ", ".join(map(str, CHANCE.randbytes(32)))
LETTERS = "".join(CHANCE.choices(BASE58, k=40))
ADDRESS = checked(b"\0" + CHANCE.randbytes(20))

CALLED_A_KEY = [
    f"my key's {HEX}",
    "my key: {}",
    "my key is {}",
    "key {}",
    "KEY:{}",
    "secret: {}",
    "secret={}",
    "pk={}",
    "PK = 0x{}",
    "sk {}",
    "priv: {}",
    'privateKey: "0x{}"',
    "export ETH_PRIVATE_KEY={}",
    "WALLET_SECRET={}",
    "--private-key {}",
    "the key is: {}",
    "this is the key of my wallet {}",
    "owner key: {}",
    "active private key {}",
    "view key: {}",
    "seed: {}",
    "Private key (hex)\n{}",
    "my private key.\n{}",
    "here is my private key for the withdrawal: {}",
    "private key to check the transaction 0x{}",
    "the secret, as you asked, is {}",
    "you asked for my key, here it is: {}",
    "I attach the key: {} thanks",
    "my key (please do not share): {}",
    "{} is my private key",
    "{} = my private key",
    "{} - my key",
    "{} <- my private key",
    "0x{} (private key)",
    "{} that's my private key",
    "k: {} (this is my private key)",
    "私钥 {}",
    "我的私钥{}",
    "私鑰：{}",
    "秘钥 {}",
    "钥匙：{}",
    "密钥（不要告诉别人）{}",
    "钱包私钥如下\n{}",
    "我把私钥发给你：{}，请帮我处理",
    "我的提币没到账，这是私钥 {}",
    "{} 这是我的私钥",
    "{}（私钥）",
    "clave privada: {}",
    "clé privée : {}",
    "chave privada {}",
    "приватный ключ: {}",
    "개인키: {}",
    "秘密鍵 {}",
]


@pytest.mark.parametrize("text", CALLED_A_KEY)
def test_what_is_called_a_key_is_cut_out(text):
    found = redact(text.format(HEX))

    assert remains(found.text, HEX) == []
    assert found.kinds == ("private_key",)


IN_PIECES = [
    f"private key: {FIRST} {SECOND}",
    f"private key {FIRST}\n{SECOND}",
    f"my key first half {FIRST} second half {SECOND}",
    f"first half of my private key: {FIRST} and the second half: {SECOND}",
    f"key part 1: {FIRST}, part 2: {SECOND}",
    f"my private key (1/2): {FIRST} (2/2): {SECOND}",
    f"pk1={FIRST} pk2={SECOND}",
    f"私钥前半段 {FIRST} 后半段 {SECOND}",
    f"私钥第一部分：{FIRST}\n第二部分：{SECOND}",
    f"{FIRST} {SECOND} is my private key",
    "my key " + " ".join(HEX[i : i + 8] for i in range(0, 64, 8)),
    "private key: " + "-".join(HEX[i : i + 16] for i in range(0, 64, 16)),
    "key: " + ":".join(HEX[i : i + 2] for i in range(0, 64, 2)),
    "key: " + ", ".join("0x" + HEX[i : i + 2] for i in range(0, 64, 2)),
    f"private key: {HEX[:60]}",
    f"private key: {HEX[:20]}l{HEX[21:]}",
    f"我的私钥 {HEX}a",
    f"private keys:\n{OTHER}\n{HEX}",
    f"1) my keys: {OTHER} 2) {HEX}",
]


@pytest.mark.parametrize("text", IN_PIECES)
def test_a_key_in_pieces_or_with_a_mistake_is_cut_out(text):
    assert remains(redact(text).text, HEX[:20]) == []
    assert remains(redact(text).text, HEX[-20:] if HEX in text else HEX[40:60]) == []


CALLED_SOMETHING_ELSE = [
    f"0x{HEX}",
    f"txid: {HEX}",
    f"tx hash 0x{HEX}",
    f"https://explorer.example/tx/0x{HEX}",
    f"{HEX} (txid)",
    f"TxIDs: {HEX}, {OTHER}",
    f"1. {HEX}\n2. {OTHER}",
    f"public key: {HEX}",
    f"公钥 {HEX}",
    f"tx key: {HEX}",
    f"key image {HEX}",
    f"secret hash: {HEX}",
    f"idempotency key: {HEX}",
    f"the address 0x{HEX}",
    f"merkle root {HEX}",
    f"合约 {HEX}",
    f"I never gave away my private key. Hash: {HEX}",
    f"I never shared my private key, the tx is {HEX}",
    f"Somebody asked me for my private key. txid: {HEX}",
    f"My private key is safe. {HEX} is the transaction",
    f"My private key was stolen and 0x{HEX} took my money",
    f"phishing site asked for my seed, then 0x{HEX} emptied my account",
    f"why does support want my key? tx {HEX}",
    f"I forgot my key memo, tx {HEX}",
    f"我没有泄露私钥。交易哈希 {HEX}",
    f"我的私钥没问题，但是 {HEX} 没到账",
    f"私钥在我自己手里。0x{HEX}",
    f"私钥被盗，这笔 {HEX} 不是我转的",
    f"block id {TRANSACTION}",
    f"my key lost, trx {TRANSACTION}",
    f"solana tx {SIGNATURE}",
    f"我的私钥没有泄露，交易 {SIGNATURE}",
    f"private key: {ADDRESS}",
    "my private key is on my ledger nano s plus",
    "private key: do not share",
    f"memo key {PUBLIC_KEY}",
    f"my key: {LETTERS[:12]}…",
    "Idempotency-Key: 8f14e45fceea167a5a36dedd4bea2543",
    "operation ids 24815 24816 24817 24818 24819 24820 24821 24822 24823 24824 24825 24826",
]


@pytest.mark.parametrize("text", CALLED_SOMETHING_ELSE)
def test_what_is_called_something_else_stays(text):
    assert redact(text) == Redacted(text)


OF_ANY_FORM = [
    pytest.param(f"private key: {LETTERS}", LETTERS, id="letters of a kind nobody knows"),
    pytest.param(f"API secret: {LETTERS}", LETTERS, id="an exchange's secret"),
    pytest.param(f"私钥 {SOLANA[:20]}2{SOLANA[21:]}", SOLANA[21:], id="with a mistake"),
    pytest.param(f"private key: {SOLANA[:60]}", SOLANA[:60], id="in part"),
    pytest.param(f"otpauth://totp/x?secret={FACTOR}&issuer=x", FACTOR, id="a second factor"),
    pytest.param(f"private key: {BYTES}", BYTES, id="32 bytes"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "secret"), OF_ANY_FORM)
def test_random_letters_are_a_key_where_they_are_called_one(text, secret):
    found = redact(text)

    assert remains(found.text, secret) == []
    assert found.kinds == ("private_key",)


PASSWORDS = [
    "password: Sunshine2019!",
    "My password is hunter2!",
    "pwd=Qwerty!23",
    "密码是 abc12345",
    "我的密码：Lucky888",
    "登录密码 : 88888888",
    "contraseña: gatoNegro7",
    '"password": "Harbor_77"',
    "pw: Harbor!77",
    "wallet password - Harbor!77x",
    "Password (wallet): Harbor_77",
    "password → Harbor_77",
    "the password I use is Harbor!77x",
    "user bob-7 pass Harbor!77x please",
    "pasword: Harbor_77",
    "mi ma: abc12345",
    "密码就是abc12345",
    "密马：abc12345",
    "登录密码 abc12345",
    "账号 bob-7 密码 a1b2c3d4 提币没到",
    "backup code: 7HDJ29XKPP31",
    "备份码：7HDJ29XKPP31",
    "PIN: 4821",
    "密码：1234",
    "交易密码123456",
]
NO_PASSWORDS = [
    "the password for account bob-77 is not accepted",
    "my password is okay but my account is lin-yue9",
    "user lin-yue9 pass the ticket on",
    "忘了密码 100000 BTS 提不出来",
    "改密码 2026-11-28 之后提现被限制24小时",
    "密码没问题，账户 lin-yue9",
    "密码就是不对",
    "mi ma wang le, zhanghu lin-yue9",
    "pin: 1.2.345678",
    "w3apqe6347v4is4mlei6evt46kilfwmr43rccy4pwd5vrqlrt2oq",
    "修改密码：2026-11-28",
    "PIN: 2026-11-28",
    "the recovery code never arrived",
    "password hint is Mother's name",
    "password is wrong",
    "my password: forgotten",
    "I forgot my password, how do I reset it?",
    "password is needed to log in at 14:05",
    "password reset 2026-11-22 08:15",
    "passport: AB123456",
    "bypass: 1.2.345",
    "密码是对的，但登不上",
    "密码：忘记了",
    "我的密码是8位数",
    "密码输入3次错误",
    "what stands there: password: [redacted:password]",
]


@pytest.mark.parametrize("text", PASSWORDS)
def test_what_is_called_a_password_is_cut_out(text):
    assert redact(text).kinds == ("password",)


@pytest.mark.parametrize("text", NO_PASSWORDS)
def test_talk_of_passwords_stays(text):
    assert redact(text) == Redacted(text)
