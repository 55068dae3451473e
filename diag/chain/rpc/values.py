"""Parses the values that raw chain objects consist of: ids, times, amounts, assets, authorities, memos.

Every parser raises KeyError, ValueError or TypeError if the value does not have the documented shape.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from diag.domain.account import Authority
from diag.domain.asset import MAX_BASE_UNITS, MAX_PRECISION, SYMBOL, Amount, Asset
from diag.domain.memo import Memo
from diag.json_limits import within_limits
from diag.printable import printable

Raw = Mapping[str, Any]

UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError)
"""The errors raised when a value does not have the expected shape."""

OBJECT_ID = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,15}\Z")
LONGEST_WORDS = 1000
_KEY = re.compile(r"[A-Za-z0-9]{1,100}\Z")
_NAMED = re.compile(r'"(1\.[23]\.[0-9]{1,15})"')


@lru_cache(maxsize=1 << 12)  # the rows of a page name the same few accounts
def identity(value: object) -> str:
    """An object id such as 1.2.345; raises TypeError for anything else."""
    if not isinstance(value, str) or not OBJECT_ID.match(value):
        raise TypeError("not an object id")
    return value


@lru_cache(maxsize=1 << 12)  # the time of a row is parsed more than once
def when(text: str) -> datetime:
    """Parse a time as nodes write it (UTC without a zone) into an aware datetime."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def node_time(at: datetime) -> str:
    """Format a time as nodes expect it: UTC, whole seconds, no zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def ids_in(raw: object) -> list[str]:
    """The ids of all accounts and assets that occur in raw objects, each once, in order."""
    return list(dict.fromkeys(_NAMED.findall(encoded(raw))))


def amount(raw: Raw, assets: Mapping[str, Asset]) -> Amount:
    """Parse {"amount": int or string, "asset_id"}; an asset that is not known is named by its id."""
    asset_id = identity(raw["asset_id"])
    return Amount(
        base_units(raw["amount"]), assets.get(asset_id) or Asset(asset_id, asset_id, 0)
    )


def base_units(value: str | int) -> int:
    """A number of base units; raises ValueError for one that the chain cannot hold."""
    found = int(value)
    if abs(found) > MAX_BASE_UNITS:
        raise ValueError("not an amount")
    return found


@lru_cache(maxsize=1 << 10)
def _interned(**fields: Any) -> Asset:
    """One object per asset, so that caches can compare assets by identity."""
    return Asset(**fields)


def asset(raw: Raw) -> Asset:
    """Parse a 1.3.x object; raises ValueError for a symbol or a precision that no asset can have."""
    options = raw.get("options", {})
    precision = int(raw["precision"])
    if not SYMBOL.match(raw["symbol"]) or not 0 <= precision <= MAX_PRECISION:
        raise ValueError("not an asset")
    return _interned(
        id=identity(raw["id"]),
        symbol=raw["symbol"],
        precision=precision,
        issuer=identity(raw["issuer"]) if raw.get("issuer") else "",
        flags=int(options.get("flags", 0)),
        whitelist_authorities=frozenset(options.get("whitelist_authorities", ())),
        blacklist_authorities=frozenset(options.get("blacklist_authorities", ())),
        market_issued="bitasset_data_id" in raw,
    )


def authority(raw: Raw) -> Authority:
    """Parse weight_threshold, account_auths and key_auths."""
    return Authority(
        threshold=int(raw["weight_threshold"]),
        accounts=tuple(
            (identity(a), int(weight)) for a, weight in raw.get("account_auths", ())
        ),
        keys=tuple((public_key(key), int(weight)) for key, weight in raw.get("key_auths", ())),
    )


def public_key(value: object) -> str:
    """A public key as nodes write it: a prefix and base 58; raises TypeError for anything else."""
    if not isinstance(value, str) or not _KEY.match(value):
        raise TypeError("not a public key")
    return value


def words(text: object) -> str:
    """What a node says in words: on one line, at most 1000 characters of it, all of them visible."""
    return printable(" ".join(str(text)[:LONGEST_WORDS].split()))


def memo(raw: Raw | None) -> Memo | None:
    """Parse a memo; None if the operation has none."""
    if not raw:
        return None
    return Memo(
        sender_key=public_key(raw["from"]),
        recipient_key=public_key(raw["to"]),
        nonce=int(raw["nonce"]),
        message=bytes.fromhex(raw["message"]),
    )


def decoded(body: bytes, *, json_in_strings: bool = False) -> Any:
    """Parse JSON; None if the text is not JSON, holds more than `within_limits` allows, or nests too
    deep to be written again.
    """
    if within_limits(body, json_in_strings=json_in_strings):
        with suppress(orjson.JSONDecodeError, orjson.JSONEncodeError):
            found = orjson.loads(body)
            orjson.dumps(found)  # orjson reads deeper nesting than it can write
            return found
    return None


def encoded(value: object) -> str:
    """Write a value as JSON; equal values give equal texts."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # an integer of more than 64 bits in a node's reply
        return json.dumps(value)
