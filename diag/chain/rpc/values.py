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
from diag.domain.asset import Amount, Asset
from diag.domain.memo import Memo

Raw = Mapping[str, Any]

UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError)
"""The errors raised when a value does not have the expected shape."""

OBJECT_ID = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,15}\Z")
_NAMED = re.compile(r'"(1\.[23]\.\d{1,15})"')


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
    asset_id = str(raw["asset_id"])
    return Amount(int(raw["amount"]), assets.get(asset_id) or Asset(asset_id, asset_id, 0))


@lru_cache(maxsize=1 << 10)
def _interned(**fields: Any) -> Asset:
    """One object per asset, so that caches can compare assets by identity."""
    return Asset(**fields)


def asset(raw: Raw) -> Asset:
    """Parse a 1.3.x object."""
    options = raw.get("options", {})
    return _interned(
        id=str(raw["id"]),
        symbol=str(raw["symbol"]),
        precision=int(raw["precision"]),
        issuer=str(raw.get("issuer", "")),
        flags=int(options.get("flags", 0)),
        whitelist_authorities=frozenset(options.get("whitelist_authorities", ())),
        blacklist_authorities=frozenset(options.get("blacklist_authorities", ())),
        market_issued="bitasset_data_id" in raw,
    )


def authority(raw: Raw) -> Authority:
    """Parse weight_threshold, account_auths and key_auths."""
    return Authority(
        threshold=int(raw["weight_threshold"]),
        accounts=tuple((str(who), int(weight)) for who, weight in raw.get("account_auths", ())),
        keys=tuple((str(key), int(weight)) for key, weight in raw.get("key_auths", ())),
    )


def public_key(value: object) -> str:
    """A public key as nodes write it; raises TypeError if the value is not a string."""
    if not isinstance(value, str):
        raise TypeError("not a public key")
    return value


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


def decoded(body: bytes) -> Any:
    """Parse JSON; None if the text is not JSON, or nests too deep to be written again."""
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
