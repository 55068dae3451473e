"""Assets, coins and gateways that a text names.

An asset is a symbol of the BitShares chain (XBTSX.BTC, BTS). A coin is what people call it
elsewhere (bitcoin). Which asset a coin means is said only where one gateway is named with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from diag.domain.gateway import Gateway
from diag.domain.gateway_register import Register
from diag.intake.candidates import Confidence, Found, at
from diag.intake.normalized_text import Page, each
from diag.redaction.wordlists import in_dictionary

CORE = "BTS"
_SPOKEN: dict[str, tuple[str, ...]] = {
    # coin: how it is called beside its symbol
    "BTC": ("bitcoins?", "比特币", "大饼", "xbt"),
    "BTS": ("bitshares? coins?", "bts币", "比特股币?"),
    "ETH": ("ether(?:eum)?", "以太坊", "以太币", "以太"),
    "USDT": ("tether", "泰达币", "usd-t"),
    "LTC": ("litecoins?", "莱特币"),
    "XRP": ("ripple", "瑞波币?"),
    "EOS": ("柚子币?",),
    "DOGE": ("dogecoins?", "狗狗币"),
    "XLM": ("lumens?", "恒星币"),
    "BCH": ("bitcoin cash",),
    "XMR": ("monero", "门罗币?"),
    "TRX": ("tron", "波场币?"),
    "DASH": ("达世币",),
    "ETC": ("ethereum classic", "以太经典"),
    "STEEM": (),
    "HIVE": (),
    "ZEC": ("zcash",),
    "ADA": ("cardano",),
    "NEO": ("小蚁币?",),
    "BNB": ("币安币",),
    "USDC": (),
    "SBD": (),
}
_SAFE_SMALL = frozenset(("btc", "bts", "eth", "usdt", "ltc", "xrp", "eos", "xlm", "bch", "xmr", "doge",
                         "usdc", "bnb", "btsx", "zec", "sbd", "cny", "xbt"))  # fmt: skip
"""Symbols that are no words, also in small letters."""
_CAPITALS = frozenset((*_SPOKEN, "BTSX", "CNY", "RUB", "PPY", "MUSE", "ZRX", "STH", "HONEST", "IOST",
                       "LINK", "DAI", "SOL", "TON", "ATOM", "DOT", "FIL", "HT", "OKB", "GAS", "NANO", "WAVES",
                       "SC", "DGB", "ARDR", "LISK", "LSK", "QTUM", "IOTA", "ACT", "SEED", "AVAX", "MATIC"))  # fmt: skip
"""Symbols that count without an amount beside them where written in capitals."""
KNOWN_COINS = _CAPITALS | {"HBD", "WAX", "TLOS", "NEAR", "PEOS", "GLS"} - {
    "SC",
    "HT",
    "ACT",
    "GAS",
    "DOT",
}
"""Symbols of coins that people withdraw to."""
_NO_SYMBOLS = frozenset(
    ["USD",
        "EUR",
        "GBP",
        "THE", "AND", "NOT", "FOR", "YOU", "ARE", "WAS", "HAS", "HAVE", "BUT", "ALL", "ANY", "CAN", "NOW", "OUT", "GET", "GOT", "WHY", "HOW", "WHO", "PLS", "PLZ", "OK", "ID", "TX", "TXID", "UTC", "GMT", "PST", "EST", "CET", "MSK", "JST", "KST", "HKT", "AM", "PM", "FAQ", "API", "URL", "USB", "PDF", "PNG", "JPG", "KYC", "AML", "TOS", "DEX", "CEX", "UI", "WIF", "HELP", "ASAP", "FYI", "OTC", "NFT", "QR", "IP", "SMS", "PIN", "OTP", "VIP", "CSV", "JSON", "HTTP", "HTTPS", "PUBLIC", "PRIVATE", "MEMO", "FROM", "TO", "ME", "MY", "IT", "IS", "IN", "ON", "OF", "NO", "YES", "SENT", "SEND", "ERROR", "FAILED", "PENDING", "HOURS", "DAYS", "MINUTES", "MIN", "SEC", "TIMES", "KEY", "KEYS", "ERC", "BEP", "TRC", "OMNI", "SEGWIT", "LTS", "PC", "IOS", "APP", "IM", "WE", "US"]
)  # fmt: skip
_NET = r"(?:trc|erc|bep)-?20|omni"
"""The network of a coin, as in USDT-TRC20."""
_BEFORE = r"(?<![a-z.-])(?<![a-z][0-9])"
"""An amount may stand right before a coin, another word may not."""
_PREFIXED = re.compile(
    r"(?<![a-z.@-])(?<![a-z][0-9])([a-z][a-z0-9]{1,11})\.([a-z][a-z0-9]{1,9})(?![a-z0-9-]|\.[a-z0-9])"
)
_BIT = re.compile(
    r"(?<![a-z0-9.])bit(usd|cny|eur|btc|gold|silver|rub|jpy|gbp|krw|hkd)(?![a-z0-9])"
)
_SYMBOL = re.compile(
    r"(?<![A-Za-z.@_-])(?<![A-Za-z][0-9])\$?([A-Z][A-Z0-9]{1,9})(?![A-Za-z0-9_]|[.-](?!(?i:trc|erc|bep)-?20|(?i:omni))[A-Za-z0-9])"
)
_WORDS = {coin: re.compile("|".join(
    rf"{_BEFORE}{w}(?![a-z0-9+]|-(?!{_NET})|\.[a-z0-9])" if w.isascii() else w for w in (*words, *([coin.lower()] if coin.lower() in _SAFE_SMALL else []))
)) for coin, words in _SPOKEN.items() if words or coin.lower() in _SAFE_SMALL}  # fmt: skip
_OTHER_SMALL = re.compile(rf"{_BEFORE}(btsx|cny)(?![a-z0-9-]|\.[a-z0-9])")
_SMALL = re.compile(
    rf"{_BEFORE}(?:{'|'.join(sorted(map(str.lower, _CAPITALS)))})(?![a-z0-9+-]|\.[a-z0-9])"
)
"""Any symbol in small letters; it counts behind an amount."""
_NOT_THE_COIN = re.compile(
    r" ?(?:hash|address(?:es)?|network|chain|blockchain|explorer|transaction id|tx ?id|mainnet|node|block"
    r"|accounts?|wallet|地址|网络|链|主网|浏览器|哈希|区块|账户|账号|钱包|平台|系统|交易)"
)
"""What makes a coin's name that of its chain."""
_NUMBERED = re.compile(r" ?(?:id|hash|no\b|#|:|[0-9])")
"""What makes "trx" a transaction."""
_AMOUNT_BEFORE = re.compile(r"[0-9][kmw万千]? ?(?:个|枚|的)? ?\Z")


@dataclass(frozen=True, slots=True)
class Money:
    """What a text names of assets, coins and gateways."""

    assets: tuple[Found, ...]
    coins: tuple[Found, ...]
    gateways: tuple[Found, ...]

    @property
    def named(self) -> tuple[Found, ...]:
        return (*self.assets, *self.coins)


def money(page: Page, register: Register) -> Money:
    """The assets, coins and gateways of a page."""
    gateways = tuple(_gateways(page, register))
    assets = [*_prefixed(page, register), *_bit(page)]
    rest = page.without(found.span for found in assets)
    coins = list(_coins(rest))
    assets += [_as_core(found) for found in coins if found.value == CORE]
    coins = [found for found in coins if found.value != CORE]
    keys = {found.value for found in gateways}
    assets += list(_of_gateway(coins, keys, register))
    named = [found.span for found in (*assets, *coins)]
    pairs = {span for a, b in _pairs(page.low, named) for span in (a, b)}
    return Money(
        tuple(_doubted(found, pairs) for found in assets),
        tuple(_doubted(found, pairs) for found in coins),
        gateways,
    )


def _pairs(
    low: str, spans: list[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Two symbols that name a market, as in BTC/BTS: nothing says which of them was sent."""
    ordered = sorted(set(spans))
    for first, second in pairwise(ordered):
        if re.fullmatch(r" ?/ ?", low[first[1] : second[0]]):
            yield first, second


def _doubted(found: Found, pairs: set[tuple[int, int]]) -> Found:
    if found.span not in pairs or found.confidence.rank > Confidence.MEDIUM.rank:
        return found
    return replace(found, confidence=Confidence.MEDIUM)


def _as_core(found: Found) -> Found:
    return Found(CORE, found.text, found.start, found.end, found.confidence)


def _prefixed(page: Page, register: Register) -> Iterator[Found]:
    known = {prefix for gateway in register.gateways for prefix in gateway.prefixes}
    listed = {coin.asset for gateway in register.gateways for coin in gateway.coins}
    for m in each(_PREFIXED, page.low):
        symbol = m[0].upper()
        capitals = page.plain[m.start() : m.end()] == symbol
        prefix, coin = m[1].upper(), m[2].upper()
        if len(symbol) > 16:
            continue
        if symbol in listed or (prefix in known and (coin in _CAPITALS or capitals)):
            yield at(page, m.span(), symbol, Confidence.CERTAIN)
        elif coin in _SPOKEN and (capitals or len(prefix) >= 3):
            yield at(page, m.span(), symbol, Confidence.HIGH)
        elif prefix in known or (capitals and len(prefix) >= 3):
            yield at(page, m.span(), symbol, Confidence.MEDIUM)


def _bit(page: Page) -> Iterator[Found]:
    """bitUSD is how wallets show the asset USD."""
    return (at(page, m.span(), m[1].upper(), Confidence.HIGH) for m in each(_BIT, page.low))


def _coins(page: Page) -> Iterator[Found]:
    """Coins by symbol or by name; a capital word that stands with an amount is one as well."""
    taken: list[tuple[int, int]] = []
    for coin, form in _WORDS.items():
        for m in each(form, page.low):
            counted = bool(_AMOUNT_BEFORE.search(page.low[max(0, m.start() - 8) : m.start()]))
            if _NOT_THE_COIN.match(page.low, m.end()) and not counted:
                taken.append(m.span())
            if not any(m.start() < e and s < m.end() for s, e in taken):
                taken.append(m.span())
                yield at(page, m.span(), coin, Confidence.HIGH)
    for m in each(_OTHER_SMALL, page.low):
        taken.append(m.span())
        yield at(page, m.span(), m[1].upper(), Confidence.HIGH)
    for m in each(_SMALL, page.low):
        free = not any(m.start() < e and s < m.end() for s, e in taken)
        if m[0] == "trx" and _NUMBERED.match(page.low, m.end()):
            continue
        if free and _AMOUNT_BEFORE.search(page.low[max(0, m.start() - 8) : m.start()]):
            taken.append(m.span())
            yield at(page, m.span(), m[0].upper(), Confidence.HIGH)
    for m in each(_SYMBOL, page.plain):
        span = m.span(1)
        if any(span[0] < e and s < span[1] for s, e in taken):
            continue
        counted = bool(_AMOUNT_BEFORE.search(page.low[max(0, span[0] - 8) : span[0]]))
        if m[1] in _CAPITALS:
            yield at(page, span, m[1], Confidence.HIGH)
        elif counted and m[1] not in _NO_SYMBOLS and len(m[1]) >= 3 and m[1].isalpha():
            yield at(page, span, m[1], Confidence.MEDIUM)


_BESIDE_WORD = r"(?: ?(?:gateway|exchange|dex|网关|交易所))"
_BEFORE_WORD = r"(?:(?:gateway|网关|exchange|交易所)(?: (?:called|named|is|was)|名?[称字]?[是为叫:])? ?[\"']?)"


def _gateways(page: Page, register: Register) -> Iterator[Found]:
    """Gateways by name, account or prefix; a name that is an everyday word needs more than itself."""
    shouted = page.plain == page.plain.upper()
    for gateway in register.gateways:
        for word in sorted(
            _names(gateway) | {p.lower() for p in gateway.prefixes if len(p) > 2}
        ):
            prefix = word.upper() in gateway.prefixes
            for m in each(
                re.compile(rf"(?<![a-z0-9.@-]){re.escape(word)}(?![a-z0-9-])"), page.low
            ):
                written = page.plain[m.start() : m.end()]
                if _symbol_follows(page, m.end()):
                    found = prefix
                elif _everyday(word):
                    found = _called_gateway(page.low, m.span())
                elif prefix and word not in _names(gateway):
                    found = written.isupper() and not shouted
                else:
                    found = True
                if found:
                    yield at(page, m.span(), gateway.key, Confidence.HIGH)


def _symbol_follows(page: Page, end: int) -> bool:
    return bool(re.match(r"\.[a-z][a-z0-9]", page.low[end : end + 3]))


def _everyday(word: str) -> bool:
    """Whether a word means something else to everybody: bridge, open, north."""
    return len(word) < 4 or in_dictionary(word)


def _called_gateway(low: str, span: tuple[int, int]) -> bool:
    """Whether the words around a word say that it is a gateway."""
    before, after = low[max(0, span[0] - 24) : span[0]], low[span[1] : span[1] + 16]
    return bool(re.match(_BESIDE_WORD, after) or re.search(rf"{_BEFORE_WORD}\Z", before))


def _names(gateway: Gateway) -> set[str]:
    """What people call a gateway, in small letters: the words of its name, its key, its accounts."""
    name = re.sub(r"\.(?:io|us|com|org|net)\b", "", gateway.name.lower())
    key = gateway.key.lower()
    words = set(re.findall(r"[a-z0-9]{4,}", name))
    return words | {key} | set(gateway.account_names)


def _of_gateway(coins: Iterable[Found], keys: set[str], register: Register) -> Iterator[Found]:
    """The asset that a coin means where exactly one gateway is named that has it."""
    if len(keys) != 1:
        return
    gateway = register.by_key(next(iter(keys)))
    if gateway is None:
        return
    for found in coins:
        symbols = {c.asset for c in gateway.coins if c.coin == found.value and c.own}
        if not symbols and gateway.prefixes:
            yield _same_place(found, f"{gateway.prefixes[0]}.{found.value}", Confidence.LOW)
        elif len(symbols) == 1:
            yield _same_place(found, symbols.pop(), Confidence.MEDIUM)


def _same_place(found: Found, value: str, confidence: Confidence) -> Found:
    """Another value from the same place of the text."""
    return Found(value, found.text, found.start, found.end, confidence)
