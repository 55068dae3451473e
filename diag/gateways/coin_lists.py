"""Reads what a gateway publishes of itself: its coin list, and its switch on the chain.

No value is trusted: one of a wrong type, size or shape counts as not stated.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from diag.domain.gateway import ACCOUNT_NAME, Gateway, prefix_of
from diag.domain.gateway_live import LiveCoin

MOST_ROWS = 1000
"""Maximum number of rows that are read; no gateway lists as many coins."""

MOST_PAIRS = 20_000
LONGEST_TEXT = 200
LARGEST = 10**21  # above every supply, even in the smallest unit
SMALLEST = Decimal(10) ** -18
MOST_DIGITS = 18

_NUMBER = re.compile(r"[0-9]{1,30}(?:\.[0-9]{0,30})?(?:[eE][+-]?[0-9]{1,2})?")
_SYMBOL = re.compile(r"(?=.{3,16}\Z)[A-Z][A-Z0-9]*(?:\.[A-Z0-9]*[A-Z0-9])?")
_ACCOUNT_ID = re.compile(r"1\.2\.(?:0|[1-9][0-9]{0,14})")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_CORE = "BTS"
_NOBODY = "null-account"

Row = Mapping[str, Any]


# --- coin lists -------------------------------------------------------------------------


def simple_coins(document: object, gateway: Gateway) -> dict[str, LiveCoin]:
    """Return the gateway's own assets from a list with one complete row per coin."""
    return _coins(document, None, None, gateway)


def blocktrades_coins(
    coins: object, wallets: object, pairs: object, gateway: Gateway
) -> dict[str, LiveCoin]:
    """Return the gateway's own assets from three lists: coins, wallets, and pairs of coins.

    The row of an asset names the coin behind it, and that coin's row holds the terms of a
    withdrawal. A row of the simple format is read as such. If wallets or pairs are no list, the
    availability is not known.
    """
    return _coins(coins, _wallets(wallets), _pairs(pairs), gateway)


def _coins(
    document: object,
    wallets: frozenset[str] | None,
    pairs: frozenset[tuple[str, str]] | None,
    gateway: Gateway,
) -> dict[str, LiveCoin]:
    rows = _rows(document, MOST_ROWS)
    by_type = {kind: row for row in rows if (kind := _word(row.get("coinType")))}
    found: dict[str, LiveCoin] = {}
    for row in rows:
        if "coinType" in row and "backingCoin" not in row:
            coin = _paired(row, by_type, wallets, pairs, gateway)
        else:
            coin = _simple(row, gateway)
        if coin is not None:
            known = found.get(coin.asset)
            found[coin.asset] = _agreed(known, coin) if known else coin
    return found


def _simple(row: Row, gateway: Gateway) -> LiveCoin | None:
    said = row.get("symbol")
    symbol = _own(gateway, said)
    if not symbol and isinstance(said, str) and said != _CORE:
        bare = "." not in said and row.get("issuer") != _NOBODY
        full = (_own(gateway, f"{prefix}.{said}") for prefix in gateway.prefixes if bare)
        symbol = next(filter(None, full), None)
    if not symbol:
        return None
    signs = [row.get("isAvailable"), row.get("withdrawalAllowed")]
    clear = [sign for sign in signs if isinstance(sign, bool)]
    return _coin(symbol, row, row, all(clear) if clear else None)


def _paired(
    row: Row,
    by_type: Mapping[str, Row],
    wallets: frozenset[str] | None,
    pairs: frozenset[tuple[str, str]] | None,
    gateway: Gateway,
) -> LiveCoin | None:
    kind, behind = _word(row.get("coinType")), _word(row.get("backingCoinType"))
    names = (_own(gateway, row.get(field)) for field in ("walletSymbol", "symbol", "coinType"))
    symbol = next(filter(None, names), None)
    if not symbol or not behind or behind == kind:
        return None
    outside = by_type.get(behind, row)
    at_work = paired = None
    if wallets is not None and "walletType" in outside and outside is not row:
        at_work = _word(outside["walletType"]) in wallets
    if pairs is not None:
        paired = (kind, behind) in pairs
    flags = ("isAvailable", "withdrawalAllowed", "allow_withdrawal")
    said = [at_work, paired, *(side.get(flag) for side in (row, outside) for flag in flags)]
    available = None if at_work is None or paired is None else True
    return _coin(symbol, row, outside, False if any(s is False for s in said) else available)


def _coin(symbol: str, row: Row, outside: Row, available: bool | None) -> LiveCoin:
    """Build a coin from its row and from that of the coin outside BitShares, which holds the terms.

    In the simple format both are the same row.
    """
    minimum, fee = _terms(outside)
    reason = _text(outside.get("maintenanceReason")) or _text(row.get("maintenanceReason"))
    return LiveCoin(
        asset=symbol,
        minimum=minimum,
        fee=fee,
        available=False if reason else available,
        account=_account(outside, row),
        reason=reason,
    )


def _terms(row: Row) -> tuple[Decimal | None, Decimal | None]:
    """Return the minimum and the fee of a withdrawal, in whole coins.

    minAmount and withdrawFee are in the smallest unit, gateFee and transactionFee in whole
    coins. Without a minimum, wallets demand twice the fee; a minimum that is unreadable stays
    unknown.
    """
    digits = _digits(row.get("precision"))
    minimum = _whole_units(_number(row.get("minAmount")), digits)
    fee = _whole_units(_number(row.get("withdrawFee")), digits)
    if row.get("withdrawFee") is None:
        fee = _number(row.get("gateFee"))
        fee = fee or _number(row.get("transactionFee")) or fee
        if fee and minimum and fee > minimum:  # nothing would be left, so it is in small units
            smaller = _whole_units(fee, digits)
            fee = smaller if smaller is not None and smaller <= minimum else None
    if minimum == 0 or row.get("minAmount") is None:
        minimum = fee * 2 if fee else None
    return minimum, fee


def _account(*rows: Row) -> str | None:
    """Return the account that takes withdrawals; never gatewayWallet, which is on another chain."""
    for field in ("intermediateAccount", "issuer", "issuerId"):
        said = next((row[field] for row in rows if row.get(field) not in (None, "")), None)
        if said == _NOBODY:
            return None
        if isinstance(said, str) and (
            _ACCOUNT_ID.fullmatch(said) or ACCOUNT_NAME.fullmatch(said)
        ):
            return said
        if said is not None:
            return None
    return None


def _agreed(one: LiveCoin, other: LiveCoin) -> LiveCoin:
    """Merge two rows about one asset, as for two networks: values that differ are not known."""
    values = {
        field.name: getattr(one, field.name)
        for field in fields(LiveCoin)
        if getattr(one, field.name) == getattr(other, field.name)
    }
    return LiveCoin(**values)


def _own(gateway: Gateway, name: object) -> str | None:
    """Return the symbol of the asset of this name, if the gateway stands behind it."""
    symbol = name.upper() if isinstance(name, str) and len(name) <= 16 else ""
    if not _SYMBOL.fullmatch(symbol):
        return None
    coin = gateway.coin(symbol)
    own = coin.own if coin else prefix_of(symbol) in gateway.prefixes
    return symbol if own else None


def _rows(document: object, most: int) -> list[Row]:
    listed = document[:most] if isinstance(document, list) else []
    return [row for row in listed if isinstance(row, dict)]


def _wallets(document: object) -> frozenset[str] | None:
    if not isinstance(document, list):
        return None
    known = frozenset(kind for item in document[:MOST_ROWS] if (kind := _word(item)))
    return known if known or not document else None


def _pairs(document: object) -> frozenset[tuple[str, str]] | None:
    if not isinstance(document, list):
        return None
    ends = (
        (_word(row.get("inputCoinType")), _word(row.get("outputCoinType")))
        for row in _rows(document, MOST_PAIRS)
    )
    known = frozenset((one, other) for one, other in ends if one and other)
    return known if known or not document else None


# --- the switch on the chain ------------------------------------------------------------


def switches(description: str) -> dict[str, tuple[bool, str | None]]:
    """Return by gateway key whether it is on, and why, from the description of the configuration asset.

    The description is JSON; its field `main` is a sentence for people followed by JSON. What
    cannot be read is left out, so it never means that a gateway is on.
    """
    outer = _json(description)
    main = outer.get("main") if isinstance(outer, dict) else None
    if not isinstance(main, str) or "{" not in main:
        return {}
    inner = _json(main[main.index("{") :])
    gateways = inner.get("gateways") if isinstance(inner, dict) else None
    if not isinstance(gateways, dict):
        return {}
    return {
        key: (row["enabled"], _text(row.get("comment")))
        for key, row in list(gateways.items())[:MOST_ROWS]
        if _KEY.fullmatch(key)
        and isinstance(row, dict)
        and isinstance(row.get("enabled"), bool)
    }


def _json(text: object) -> Any:
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(word: str) -> None:
    raise ValueError(word)


# --- single values ----------------------------------------------------------------------


def _number(value: object) -> Decimal | None:
    """Return a number that can be an amount of money: finite, not negative, of a sane size;
    else None.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        number = Decimal(value) if _NUMBER.fullmatch(value) else None
    elif isinstance(value, int):
        number = Decimal(value) if 0 <= value <= LARGEST else None
    elif isinstance(value, float):
        number = Decimal(repr(float(value)))
    else:
        number = value if isinstance(value, Decimal) else None
    if number is None or not number.is_finite() or not 0 <= number <= LARGEST:
        return None
    return _normalized(number) if number >= SMALLEST or number == 0 else None


def _whole_units(number: Decimal | None, digits: int | None) -> Decimal | None:
    """Convert smallest units to whole coins; a number with a fraction is in whole coins already."""
    if not number or number != number.to_integral_value():
        return number
    return None if digits is None else _normalized(number.scaleb(-digits))


def _normalized(number: Decimal) -> Decimal:
    """Return the number without trailing zeros and without an exponent."""
    number = number.normalize()
    exponent = number.as_tuple().exponent
    return number.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else number


def _digits(precision: object) -> int | None:
    """Return the number of decimals, stated as such (8) or as the smallest units per coin
    (100000000).
    """
    number = _number(precision)
    if number is None or number != number.to_integral_value():
        return None
    if number <= 12:
        return int(number)
    places = number.adjusted()
    return places if places <= MOST_DIGITS and number == Decimal(10) ** places else None


def _word(value: object) -> str | None:
    """Return a name in lower case, for comparison; None if it is not a usable name."""
    return value.lower() if isinstance(value, str) and 0 < len(value) <= 64 else None


def _text(value: object) -> str | None:
    """Return words for people on one line, without characters that could affect a terminal or a
    page.
    """
    if not isinstance(value, str):
        return None
    line = " ".join(value[: LONGEST_TEXT * 10].split())
    shown = "".join(sign for sign in line if unicodedata.category(sign)[0] != "C")
    return shown[:LONGEST_TEXT].strip() or None
