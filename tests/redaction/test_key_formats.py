"""Keys that are known by their form: whole, in pieces, in part; and public things like them."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from hashlib import blake2b

import pytest
from secret_texts import (
    BASE58,
    base58,
    bech32,
    checked,
    pair,
    remains,
    secret,
    strkey,
    wif,
)

from diag.redaction import Redacted, redact

CHANCE = random.Random(20261125)
KEY, SHORT = wif(CHANCE), wif(CHANCE, compressed=True)
EXTENDED, BIP38, STELLAR, SOLANA, NOSTR, API = (
    secret(CHANCE, kind)
    for kind in ("extended", "encrypted", "stellar", "solana", "nostr", "api_key")
)
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + "".join(CHANCE.choices(BASE58, k=43))
BOT = "6123456789:AA" + "".join(CHANCE.choices(BASE58, k=33))
API_KEY = "".join(CHANCE.choices(BASE58, k=64))
FACTOR = "MFRGGZDFMZTWQ2LK"
BASIC = b64encode(f"helpdesk:{API}".encode()).decode()
PAIR = pair(CHANCE)
FEW_DIGITS = min(
    (secret(CHANCE, "solana") for _ in range(200)), key=lambda key: sum(map(str.isdigit, key))
)
ZPRV = checked(bytes.fromhex("04b2430c") + CHANCE.randbytes(74))
XRP = str.maketrans(BASE58, "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz")
BODY = b64encode(CHANCE.randbytes(120)).decode()
LINES = "\n".join(BODY[i : i + 64] for i in range(0, len(BODY), 64))
PEM = f"-----BEGIN EC PRIVATE KEY-----\n{LINES}\n-----END EC PRIVATE KEY-----"
CIPHER, MAC = CHANCE.randbytes(32).hex(), CHANCE.randbytes(32).hex()
KEYSTORE = {
    "version": 3,
    "address": CHANCE.randbytes(20).hex(),
    "crypto": {
        "cipher": "aes-128-ctr",
        "ciphertext": CIPHER,
        "cipherparams": {"iv": CHANCE.randbytes(16).hex()},
        "kdf": "scrypt",
        "kdfparams": {"dklen": 32, "n": 8192, "p": 1, "r": 8},
        "mac": MAC,
    },
}


LOWER = "".join(random.Random(5).choices("abcdefghijkmnopqrstuvwxyz12346789", k=107))
"""What follows the prefix of an extended key; none of its pieces begins as other keys do."""


def in_pieces(text, size, mark=" "):
    return mark.join(text[i : i + size] for i in range(0, len(text), size))


def row(name, text, *secrets, kind="private_key"):
    return pytest.param(text, secrets, kind, id=name)


FOUND = [
    row("WIF of 46 letters", KEY[:46], KEY[:46], kind="wif"),
    row("compressed WIF of 46 letters", SHORT[:46], SHORT[:46], kind="wif"),
    row("WIF with its middle left out", f"{KEY[:25]}…{KEY[-20:]}", KEY[:25], KEY[-20:], kind="wif"),
    row("WIF with dots", f"{SHORT[:25]} ... {SHORT[-20:]}", SHORT[:25], SHORT[-20:], kind="wif"),
    row("WIF with stars", f"{KEY[:26]}****{KEY[-8:]}", KEY[:26], KEY[-8:], kind="wif"),
    row("WIF that ends in dots", f"{KEY[:30]}...", KEY[:30], kind="wif"),
    row("password with its middle left out", f"P{KEY[:25]}…{KEY[-20:]}", KEY[:25], KEY[-20:], kind="password"),
    row("WIF in numbered parts", f"part 1: {KEY[:25]}\npart 2: {KEY[25:]}", KEY[:25], KEY[25:], kind="wif"),
    row("WIF in two halves", f"{SHORT[:30]}, and the rest of it is {SHORT[30:]}", SHORT[:30], SHORT[30:], kind="wif"),
    row("BIP-38", BIP38, BIP38),
    row("BIP-38 in two lines", f"{BIP38[:29]}\n{BIP38[29:]}", BIP38),
    row("BIP-38 in groups", in_pieces(BIP38, 10), BIP38),
    row("BIP-38 that lost a letter", BIP38[:-1], BIP38[:-1]),
    row("xprv", EXTENDED, EXTENDED),
    row("zprv", f"zprv: {ZPRV}", ZPRV),
    row("xprv in two pieces", f"{EXTENDED[:50]} {EXTENDED[50:]}", EXTENDED),
    row("xprv in fours", in_pieces(f"xprv{LOWER}", 4), LOWER),
    row("xprv in lines", in_pieces(EXTENDED, 20, "\n"), EXTENDED),
    row("xprv in part", EXTENDED[:60], EXTENDED[:60]),
    row("xprv letter by letter", " ".join(EXTENDED), EXTENDED),
    row("two xprv in two lines", f"{EXTENDED}\n{ZPRV}", EXTENDED, ZPRV),
    row("Stellar", STELLAR, STELLAR),
    row("Stellar in two pieces", f"{STELLAR[:28]} {STELLAR[28:]}", STELLAR),
    row("Stellar with a mistake", STELLAR[:20] + "AB" + STELLAR[22:], STELLAR[22:]),
    row("Solana", SOLANA, SOLANA),
    row("Solana in lines", in_pieces(SOLANA, 22, "\n"), SOLANA),
    row("Solana in groups, with few digits", in_pieces(FEW_DIGITS, 6), FEW_DIGITS),
    row("Solana as bytes", json.dumps(list(PAIR))),
    row("Solana as bytes without brackets", ",".join(map(str, PAIR))),
    row("a pair in base64", b64encode(PAIR).decode(), b64encode(PAIR).decode()[:86]),
    row("a pair in hexadecimal", PAIR.hex(), PAIR.hex()),
    row("nostr", NOSTR, NOSTR),
    row("nostr in two pieces", f"{NOSTR[:30]}\n{NOSTR[30:]}", NOSTR),
    row("nostr in capitals", NOSTR.upper(), NOSTR.upper()),
    *(
        row(prefix, key := bech32(CHANCE, prefix, letters), key)
        for prefix, letters in (
            ("ed25519_sk", 58),
            ("ed25519e_sk", 109),
            ("xprv", 160),
            ("addr_xsk", 160),
            ("root_xsk", 160),
            ("stake_sk", 58),
            ("suiprivkey", 58),
            ("secret-extended-key-main", 270),
        )
    ),
    row("age", age := "AGE-SECRET-KEY-" + bech32(CHANCE, "", 58).upper(), age[16:]),
    row("EOS", eos := "PVT_K1_" + base58(CHANCE.randbytes(36)), eos),
    row("Tezos", tezos := "edsk" + base58(CHANCE.randbytes(36)), tezos),
    row("NEAR", near := "ed25519:" + base58(CHANCE.randbytes(64)), near[8:]),
    row("XRP ledger", seed := checked(b"\x21" + CHANCE.randbytes(16)).translate(XRP), seed),
    row("PEM", PEM, BODY),
    row("PEM in one line", PEM.replace("\n", " "), BODY),
    row("PEM in JSON", json.dumps({"k": PEM}), BODY),
    row("PEM in a quoted mail", "> " + PEM.replace("\n", "\n> "), BODY),
    row("PEM in part", PEM[:140], BODY[:100]),
    row("OpenSSH", PEM.replace("EC ", "OPENSSH "), BODY),
    row("PGP", PEM.replace("EC PRIVATE KEY", "PGP PRIVATE KEY BLOCK"), BODY),
    row("keystore", json.dumps(KEYSTORE), CIPHER, MAC),
    row("keystore in lines", "file:\n" + json.dumps(KEYSTORE, indent=2), CIPHER, MAC),
    row("keystore in a string", json.dumps(json.dumps(KEYSTORE)), CIPHER, MAC),
    row("keystore in part", json.dumps(KEYSTORE)[:-40], CIPHER),
    row("vault", json.dumps({"data": BODY, "iv": "x", "salt": "y"}), BODY),
    row("wallet backup", json.dumps({"wallet": [{"encrypted_brainkey": CIPHER}]}), CIPHER),
    row("name and key in a header", f"Authorization: Basic {BASIC}", BASIC, kind="api_key"),
    row("a token of JSON", JWT, JWT[-40:], kind="api_key"),
    row("a token in a header", f"Authorization: Bearer {BODY[:60]}", BODY[:60], kind="api_key"),
    row("a token of a bot", BOT, BOT[11:], kind="api_key"),
    row("an API key with its name", f"api key: {API_KEY}", API_KEY, kind="api_key"),
    row("an API key in a header", f"X-MBX-APIKEY: {API_KEY}", API_KEY, kind="api_key"),
    row("an API key in an address", f"?apiKey={API_KEY}&a=1", API_KEY, kind="api_key"),
    row("a token with a prefix", f"ghp_{API_KEY[:36]}", API_KEY[:36], kind="api_key"),
    row("a key of a cloud", f"aws_secret_access_key = {API_KEY[:40]}", API_KEY[:40], kind="api_key"),
    row("a second factor", f"google authenticator secret {FACTOR}", FACTOR),
    row("a second factor by its short name", f"2FA secret: {FACTOR}", FACTOR),
    row("a second factor in groups", f"谷歌验证码密钥：{in_pieces(FACTOR, 4)}", FACTOR),
    row("our API key", API, API, kind="api_key"),
    row("our API key in a header", f"Authorization: Bearer {API}", API, kind="api_key"),
    row("our API key in part", API[:30], API[:30], kind="api_key"),
    row("our API key in two lines", f"{API[:30]}\n{API[30:]}", API, kind="api_key"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "secrets", "kind"), FOUND)
def test_a_key_is_cut_out(text, secrets, kind):
    for around in ("{}", "看一下：{}。谢谢", "please look at {} thanks"):
        found = redact(around.format(text))

        assert found.kinds == (kind,), around
        assert [one for one in secrets if remains(found.text, one)] == [], around


def substrate(network):
    body = bytes([network]) + CHANCE.randbytes(32)
    return base58(body + blake2b(b"SS58PRE" + body).digest()[:2])


PUBLIC = {
    **{f"Polkadot, generic {n}": substrate(42) for n in range(60)},
    "a signature of Solana": base58(CHANCE.randbytes(64)),
    "an address of Stellar": strkey(0x30, CHANCE.randbytes(32)),
    "an address of Cardano": bech32(CHANCE, "addr", 98),
    "a public key of nostr": bech32(CHANCE, "npub", 58),
    "a public key of Cardano": bech32(CHANCE, "addr_vk", 58),
    "an extended public key": "xpub" + "".join(CHANCE.choices(BASE58, k=107)),
    "a public key of NEAR": "ed25519:" + base58(CHANCE.randbytes(32)),
    "a public key in PEM": PEM.replace("PRIVATE", "PUBLIC"),
    "the frame of a key": "it begins with -----BEGIN PRIVATE KEY----- and then?",
    "words of keystores": "does the keystore have ciphertext and kdf in it?",
    "a signature of a webhook": "X-Signature: sha256=" + CHANCE.randbytes(32).hex(),
    "a bearer": "the bearer of good news, see /bearer/settings for more",
    "a request": '{"account": "lin-yue", "asset": "XBTSX.BTC"}',
    "talk of keys": "the api key page is broken, api token: XBTSX.USDT, access token expired",
    "an address with a second factor": "2FA is on, send to LTC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7K",
    "an address of Stellar with a second factor": "2FA is on, send to "
    + strkey(0x30, CHANCE.randbytes(32)),
    "our prefix": "look for diag_ in diag_http_refused_total of diag_secrets_removed",
    "short forms of addresses": "5HpG9w…UsSWFc and 5Ka... and P5K…",
    "numbers": ", ".join(map(str, range(1, 80))),
}


@pytest.mark.parametrize("name", PUBLIC)
def test_what_only_looks_like_a_key_stays(name):
    assert redact(PUBLIC[name]) == Redacted(PUBLIC[name])
