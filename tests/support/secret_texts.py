"""Texts with fresh secrets in them, and texts without any: what people paste, made by a seed."""

from __future__ import annotations

import json
import unicodedata
from base64 import b32encode
from binascii import crc_hqx
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mnemonic import Mnemonic

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
KINDS = ("wif", "compressed", "misspelt", "password", "truncated", "brain_key", "hex")
SEEDS = ("english", "simplified", "traditional")
KEYS = ("extended", "encrypted", "stellar", "solana", "nostr", "api_key")
LANGUAGES = (
    "japanese",
    "korean",
    "spanish",
    "french",
    "italian",
    "portuguese",
    "czech",
    "turkish",
)
"""Russian is left out: one word of the list that is shipped is damaged."""
SIZES = (12, 15, 18, 21, 24)


def base58(raw: bytes) -> str:
    number, letters = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        letters = BASE58[digit] + letters
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + letters


def checked(raw: bytes) -> str:
    return base58(raw + sha256(sha256(raw).digest()).digest()[:4])


def wif(chance, version=0x80, compressed=False) -> str:
    return checked(bytes([version]) + chance.randbytes(32) + b"\1" * compressed)


@cache
def brain_words():
    from graphenebase.dictionary import words

    return words.split(",")


def places(chance, size):
    """Indices of a BIP-39 phrase whose checksum holds."""
    entropy = chance.randbytes(size * 4 // 3)
    bits = size // 3
    number = int.from_bytes(entropy, "big") << bits | sha256(entropy).digest()[0] >> 8 - bits
    return [number >> 11 * n & 2047 for n in reversed(range(size))]


def phrase(chance, language):
    """A seed phrase as a list of words."""
    words = listed(language)
    return [words[n] for n in places(chance, chance.choice(SIZES))]


@cache
def listed(language) -> list[str]:
    """A list of BIP-39, in order."""
    chinese = language in ("simplified", "traditional")
    return list(Mnemonic(f"chinese_{language}" if chinese else language).wordlist)


def pair(chance) -> bytes:
    """A private key of Ed25519 and its public key."""
    private = chance.randbytes(32)
    return (
        private + Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    )


def strkey(version: int, raw: bytes) -> str:
    """A key or an address as Stellar writes it."""
    body = bytes([version]) + raw
    return b32encode(body + crc_hqx(body, 0).to_bytes(2, "little")).decode().rstrip("=")


def bech32(chance, prefix: str, letters: int) -> str:
    return f"{prefix}1" + "".join(chance.choices(BECH32, k=letters))


def secret(chance, kind) -> str | list[str]:
    """A fresh secret: a string, or the words of it."""
    match kind:
        case "wif":
            return wif(chance)
        case "compressed":
            return wif(chance, compressed=True)
        case "misspelt":
            key = wif(chance)
            at = chance.randrange(2, len(key))
            return key[:at] + chance.choice(BASE58) + key[at + 1 :]
        case "password":
            return "P" + wif(chance)
        case "truncated":
            return ("P" + wif(chance))[:45]
        case "hex":
            return chance.randbytes(32).hex()
        case "extended":
            return checked(bytes.fromhex("0488ade4") + chance.randbytes(74))
        case "encrypted":
            return checked(bytes.fromhex("0142c0") + chance.randbytes(36))
        case "stellar":
            return strkey(0x90, chance.randbytes(32))
        case "solana":
            return base58(pair(chance))
        case "nostr":
            return bech32(chance, "nsec", 58)
        case "api_key":
            return "diag_" + b32encode(chance.randbytes(32)).decode().rstrip("=").lower()
        case "brain_key":
            return [word.upper() for word in chance.choices(brain_words(), k=16)]
    return phrase(chance, kind)


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def cut(chance, text: str, *marks: str) -> str:
    """A text broken in two or three places."""
    for _ in range(chance.choice((1, 2))):
        at = chance.randrange(6, len(text) - 5)
        text = text[:at] + chance.choice(marks) + text[at:]
    return text


def disguised_key(chance, key: str) -> str:
    """A key as it arrives: mostly whole, else broken, dressed up, escaped."""
    match chance.randrange(12):
        case 0:
            return cut(chance, key, "\n", "\r\n", " ", "\n    ", "-\n", "\n> ")
        case 1:
            return cut(chance, key, "\u200b", "\u00ad", "\ufeff", "\u2060", "\u200d")
        case 2:
            return full_width(key)
        case 3:
            return json.dumps({"key": key, "n": 1})
        case 4:
            return f"`{key}`"
        case 5:
            return "".join(f"%{ord(c):02X}" for c in key)
        case 6:
            size = chance.choice((5, 8, 10, 13))
            return " ".join(key[i : i + size] for i in range(0, len(key), size))
    return key


def disguised_words(chance, words: list[str]) -> str:
    case = chance.choice((str, str.upper, str.title, str))
    words = [case(word) for word in words]
    return [
        lambda: " ".join(words),
        lambda: "\n".join(words),
        lambda: ", ".join(words),
        lambda: ",".join(words),
        lambda: "、".join(words),
        lambda: " ".join(f"{n}. {w}" for n, w in enumerate(words, 1)),
        lambda: "\n".join(f"{n}) {w}" for n, w in enumerate(words, 1)),
        lambda: "\n".join(f"{n}{w}" for n, w in enumerate(words, 1)),
        lambda: "，".join(f"第{n}个词{w}" for n, w in enumerate(words, 1)),
        lambda: json.dumps(words),
        lambda: quote(" ".join(words)),
        lambda: "+".join(words),
        lambda: "-".join(words),
        lambda: "".join(f"<li>{w}</li>" for w in words),
        lambda: "\u3000".join(words),
        lambda: " ".join(full_width(w) for w in words),
        lambda: "".join(w.capitalize() for w in words),
        lambda: "_".join(words),
        lambda: unicodedata.normalize("NFC", " ".join(words)),
        lambda: bare(" ".join(words)),
    ][chance.randrange(20)]()


def bare(text: str) -> str:
    """Letters without their accents."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def disguised_chinese(chance, words: list[str]) -> str:
    return [
        lambda: " ".join(words),
        lambda: "".join(words),
        lambda: "\u3000".join(words),
        lambda: "、".join(words),
        lambda: "，".join(words),
        lambda: ",".join(words),
        lambda: "\n".join(words),
        lambda: "\n".join(f"{n}. {w}" for n, w in enumerate(words, 1)),
        lambda: " ".join(f"{n}.{w}" for n, w in enumerate(words, 1)),
        lambda: "".join(f"{n}{w}" for n, w in enumerate(words, 1)),
        lambda: quote("".join(words)),
        lambda: quote(" ".join(words)),
        lambda: json.dumps(words),
        lambda: "\u200b".join(words),
        lambda: " ".join("".join(words[i : i + 4]) for i in range(0, len(words), 4)),
        lambda: unicodedata.normalize("NFC", " / ".join(words)),
    ][chance.randrange(16)]()


AROUND = (
    "{}",
    "你好，我的提币一直没到账，这是我的私钥：{}。麻烦帮我查一下，谢谢！",
    "提币失败了,密码{},账户是 harbor-lin,昨天下午三点提的",
    "私钥:{}。",
    "客服您好\n我把信息发给您：\n{}\n请尽快处理。",
    "助记词是“{}”，XBTSX.BTC 0.05 还没到",
    "备份内容（{}）能不能帮我恢复钱包？",
    "您好我提了0.5个比特币到现在没有收到钱包里只有这个{}，急",
    "hi, my withdrawal is stuck. private key: {}. please check asap",
    "Withdrew 0.05 BTC yesterday, nothing came.\n\n{}\n\nThanks, Ann",
    'I exported "{}" from the wallet, is that what you need?',
    "key={}; account=harbor-lin; amount=12.5",
    "my wallet backup -> {} <- can you get my coins back with it?",
    "Please help!! {} is all I have, tx 1.11.24815",
    "see https://wallet.example/#/restore?k={}&lang=zh it says error",
)
LABELLED = ("私钥：{}", "私鑰 {}", "private key: {}", "Private key is 0x{}", "private_key={}")


def text_with(chance, kind):
    """A message with a secret in it, and the pieces of which none may remain."""
    made = secret(chance, kind)
    around = chance.choice(AROUND)
    if kind == "hex":
        body, around = chance.choice(LABELLED).format(made), chance.choice(AROUND[:2])
    elif isinstance(made, str):
        body = disguised_key(chance, made)
    elif kind in ("simplified", "traditional"):
        body = disguised_chinese(chance, made)
    else:
        body = disguised_words(chance, made)
    return around.format(body), made


def remains(text: str, made) -> list[str]:
    """Parts of a secret that are still in a text: eight letters of a key, four words of a phrase."""
    plain = bare(text)
    if isinstance(made, str):
        letters = "".join(c for c in plain if c.isascii() and c.isalnum())
        made = "".join(filter(str.isalnum, made))
        return [made[i : i + 8] for i in range(len(made) - 7) if made[i : i + 8] in letters]
    if len(made[0]) == 1:
        letters = "".join(c for c in plain if "\u3400" <= c <= "\u9fff")
        wanted = ["".join(made[i : i + 4]) for i in range(len(made) - 3)]
    else:
        letters = "".join(filter(str.isalpha, plain)).upper()
        wanted = [bare("".join(made[i : i + 4])).upper() for i in range(len(made) - 3)]
    return [part for part in wanted if part in letters]


def public(chance) -> dict[str, str]:
    """Fresh public things, each by what a message calls it."""
    return {
        "pubkey": chance.choice(("BTS", "BTS", "TEST", "GPH"))
        + checked(b"\2" + chance.randbytes(32)),
        "eoskey": "EOS" + checked(b"\3" + chance.randbytes(32)),
        "txid": chance.randbytes(20).hex(),
        "hex64": chance.choice(("", "0x")) + chance.randbytes(32).hex(),
        "uuid": chance.choice((chance.randbytes(16).hex(), _uuid(chance))),
        "eth": "0x" + chance.randbytes(20).hex(),
        "btc": checked(chance.choice((b"\0", b"\5")) + chance.randbytes(20)),
        "trx": checked(b"\x41" + chance.randbytes(20)),
        "ltc": checked(b"\x30" + chance.randbytes(20)),
        "doge": checked(b"\x1e" + chance.randbytes(20)),
        "xrp": "r" + "".join(chance.choices(BASE58, k=33)),
        "xmr": "4" + "".join(chance.choices(BASE58, k=94)),
        "sol": "".join(chance.choices(BASE58, k=44)),
        "bech": "bc1q" + "".join(chance.choices(BECH32, k=chance.choice((38, 58)))),
    }


def _uuid(chance) -> str:
    raw = chance.randbytes(16).hex()
    return "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))


OPENINGS = (
    "",
    "您好，",
    "请问",
    "急！",
    "Hello, ",
    "Hi team,\n",
    "补充：",
    "> ",
    "@客服 ",
    "Re: ",
)
ENDINGS = (
    "",
    " 谢谢",
    "。谢谢！",
    " Thanks.",
    "\n-- \nAnn",
    "\n发自我的手机",
    " #48213",
    "！！",
    " ...",
)


def ordinary(chance, count):
    """Messages without a secret: those of the file, filled, and set together by chance."""
    lines = [
        line.format(**public(chance))
        for line in messages()
        for _ in range(1 + ("{" in line) * 3)
    ]
    yield from lines[:count]
    for _ in range(count - len(lines)):
        picked = [
            line.format(**public(chance))
            for line in chance.sample(messages(), k=chance.choice((1, 1, 2, 3)))
        ]
        joint = chance.choice(("\n", "，", " ", "\n\n", ""))
        yield chance.choice(OPENINGS) + joint.join(picked) + chance.choice(ENDINGS)


@cache
def messages():
    lines = (Path(__file__).parents[1] / "data" / "ordinary.txt").read_text(encoding="utf-8")
    return [line for line in lines.splitlines() if not line.startswith("#")]
