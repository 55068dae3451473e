"""Extracts the assets, coins and gateways in a text.

An asset is a symbol of the BitShares chain (XBTSX.BTC, BTS). A coin is what people call it
elsewhere (bitcoin). A coin is resolved to an asset only if exactly one gateway is named with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from diag.domain.gateway import Gateway
from diag.domain.gateway_register import Register
from diag.intake.candidates import Confidence, Found, at
from diag.intake.cues import Cue, any_of, facts, words
from diag.intake.normalized_text import Page, each
from diag.redaction.wordlists import in_dictionary

CORE = "BTS"


@cache
def _spoken() -> frozenset[str]:
    """Coins that have a name besides their symbol."""
    return frozenset((*facts("money.spoken"), *words("money.unspoken")))


@cache
def known_coins() -> frozenset[str]:
    """Symbols of coins that people withdraw to."""
    return _capitals() | frozenset(words("money.chains"))


@cache
def _capitals() -> frozenset[str]:
    """Symbols that count without an amount beside them if written in capitals."""
    return _spoken() | frozenset(words("money.capitals"))


@cache
def _no_symbols() -> frozenset[str]:
    return frozenset(words("money.no_symbols"))


_BEFORE = r"(?<![a-z.-])(?<![a-z][0-9])"
"""A number may stand right before a coin without a space; a letter may not."""
_PREFIXED = re.compile(
    r"(?<![a-z.@-])(?<![a-z][0-9])([a-z][a-z0-9]{1,11})\.([a-z][a-z0-9]{1,9})(?![a-z0-9-]|\.[a-z0-9])"
)
_BIT = re.compile(
    r"(?<![a-z0-9.])bit(usd|cny|eur|btc|gold|silver|rub|jpy|gbp|krw|hkd)(?![a-z0-9])"
)
_SYMBOL = re.compile(
    r"(?<![A-Za-z.@_-])(?<![A-Za-z][0-9])\$?([A-Z][A-Z0-9]{1,9})(?![A-Za-z0-9_]|[.-](?!(?i:trc|erc|bep)-?20|(?i:omni))[A-Za-z0-9])"
)


@cache
def _names_of_coins() -> Mapping[str, Cue]:
    """Coin → pattern of its names, case-insensitive."""
    small = frozenset(words("money.small"))
    names = {coin: words(f"money.spoken.{coin}") for coin in facts("money.spoken")}
    unspoken = dict.fromkeys(words("money.unspoken"), ())
    called = {
        coin: (*spoken, *({coin.lower()} & small))
        for coin, spoken in {**names, **unspoken}.items()
    }
    return {coin: _any_name(coin, found) for coin, found in called.items() if found}


def _any_name(coin: str, names: Sequence[str]) -> Cue:
    return Cue(lambda: "|".join(map(_name_of_coin, names)), f"money.spoken.{coin}")


def _name_of_coin(name: str) -> str:
    """The pattern of a name: a Latin name must be a whole word, perhaps followed by its network."""
    if not name.isascii():
        return name
    return rf"{_BEFORE}{name}(?![a-z0-9+]|_[a-z]|-(?!{any_of('money.network')})|\.[a-z0-9])"


_OTHER_SMALL = re.compile(rf"{_BEFORE}(btsx|cny)(?![a-z0-9-]|\.[a-z0-9])")
_SMALL = Cue(
    lambda: (
        rf"{_BEFORE}(?:{'|'.join(sorted(map(str.lower, _capitals())))})(?![a-z0-9+-]|_[a-z]|\.[a-z0-9])"
    ),
    "money.capitals",
)
"""Any symbol in lower case; it counts only after an amount."""
_NOT_THE_COIN = Cue(lambda: rf" ?{any_of('money.not_the_coin')}", "money.not_the_coin")
"""Words after a coin's name that turn it into the name of its chain."""
_NUMBERED = re.compile(r" ?(?:id|hash|no\b|#|:|[0-9])")
"""Words beside "trx" that make it mean "transaction"."""
_AMOUNT_BEFORE = re.compile(r"[0-9][kmw万千]? ?(?:个|枚|的)? ?\Z")


@dataclass(frozen=True, slots=True)
class Money:
    """The assets, coins and gateways in a text."""

    assets: tuple[Found, ...]
    coins: tuple[Found, ...]
    gateways: tuple[Found, ...]

    @property
    def named(self) -> tuple[Found, ...]:
        return (*self.assets, *self.coins)


def money(page: Page, register: Register) -> Money:
    """The assets, coins and gateways of a page."""
    gateways = tuple(_gateways(page, register))
    assets = [*_prefixed(page, register), *_joined(page, register), *_bit(page)]
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
    """Pairs of symbols that name a market, as in BTC/BTS; neither is known to be the one sent."""
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
        if symbol in listed or (prefix in known and (coin in _capitals() or capitals)):
            yield at(page, m.span(), symbol, Confidence.CERTAIN)
        elif coin in _spoken() and (capitals or len(prefix) >= 3):
            yield at(page, m.span(), symbol, Confidence.HIGH)
        elif prefix in known or (capitals and len(prefix) >= 3):
            yield at(page, m.span(), symbol, Confidence.MEDIUM)


_JOINED = re.compile(
    r"(?<![A-Za-z0-9.@_-])([A-Z]{3,8})[-:]([A-Z][A-Z0-9]{1,9})(?![A-Za-z0-9_.-]|:[A-Za-z0-9])"
)


def _joined(page: Page, register: Register) -> Iterator[Found]:
    """Assets with another sign instead of the dot: XBTSX-BTC. In capitals only, because account
    names have hyphens.
    """
    known = {prefix for gateway in register.gateways for prefix in gateway.prefixes}
    for m in each(_JOINED, page.plain):
        if m[1] in known and m[2] in known_coins():
            yield at(page, m.span(), f"{m[1]}.{m[2]}", Confidence.HIGH)


def _bit(page: Page) -> Iterator[Found]:
    """Reads `bitUSD` as USD, the asset that wallets show under that name."""
    return (at(page, m.span(), m[1].upper(), Confidence.HIGH) for m in each(_BIT, page.low))


def _coins(page: Page) -> Iterator[Found]:
    """Coins by symbol or name, and capitalised words beside an amount."""
    taken: list[tuple[int, int]] = []
    for coin, form in _names_of_coins().items():
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
        if m[1] in _capitals():
            yield at(page, span, m[1], Confidence.HIGH)
        elif counted and m[1] not in _no_symbols() and len(m[1]) >= 3 and m[1].isalpha():
            yield at(page, span, m[1], Confidence.MEDIUM)


_GATEWAY_BEHIND = Cue(lambda: rf" ?{any_of('money.gateway_word')}", "money.gateway_word")
_GATEWAY_BEFORE = Cue(
    lambda: (
        rf"{any_of('money.gateway_before')}(?: (?:called|named|is|was)|名?[称字]?[是为叫:])? ?[\"']?\Z"
    ),
    "money.gateway_before",
)


def _gateways(page: Page, register: Register) -> Iterator[Found]:
    """Gateways by name, account or prefix; a name that is also an everyday word needs a cue."""
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
    """Whether a word has an everyday meaning: bridge, open, north."""
    return len(word) < 4 or in_dictionary(word)


def _called_gateway(low: str, span: tuple[int, int]) -> bool:
    """Whether the words around a word say that it is a gateway."""
    before, after = low[max(0, span[0] - 24) : span[0]], low[span[1] : span[1] + 16]
    return bool(_GATEWAY_BEHIND.match(after) or _GATEWAY_BEFORE.search(before))


def _names(gateway: Gateway) -> set[str]:
    """The names of a gateway in lower case: the words of its name, its key, its accounts."""
    name = re.sub(r"\.(?:io|us|com|org|net)\b", "", gateway.name.lower())
    key = gateway.key.lower()
    words = set(re.findall(r"[a-z0-9]{4,}", name))
    return words | {key} | set(gateway.account_names)


def _of_gateway(coins: Iterable[Found], keys: set[str], register: Register) -> Iterator[Found]:
    """The asset of a coin, if exactly one of the named gateways issues it."""
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
    """A find with another value at the same place of the text."""
    return Found(value, found.text, found.start, found.end, confidence)
