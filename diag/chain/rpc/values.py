"""The values that raw chain objects are made of: ids, times, amounts, assets, authorities, memos.

Every reader raises KeyError, ValueError or TypeError for what is not of the documented shape.
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
"""What comes of reading something that is not of the shape that is expected."""

OBJECT_ID = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,15}\Z")
_NAMED = re.compile(r'"(1\.[23]\.\d{1,15})"')


@lru_cache(maxsize=1 << 12)  # the same few accounts stand in all the rows of a page
def identity(value: object) -> str:
    """An object id such as 1.2.345; raises TypeError for anything else."""
    if not isinstance(value, str) or not OBJECT_ID.match(value):
        raise TypeError("not an object id")
    return value


@lru_cache(maxsize=1 << 12)  # every row of a page is asked for its time more than once
def when(text: str) -> datetime:
    """A node's time (UTC, written without a zone) as an aware datetime."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def node_time(at: datetime) -> str:
    """A time as a node wants it: UTC, whole seconds, no zone letter."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def ids_in(raw: object) -> list[str]:
    """Every account's and every asset's id that occurs in raw objects, once, in the order of appearance."""
    return list(dict.fromkeys(_NAMED.findall(encoded(raw))))


def amount(raw: Raw, assets: Mapping[str, Asset]) -> Amount:
    """{"amount": int or string, "asset_id"} as an Amount; an asset we could not fetch keeps its id as name."""
    asset_id = str(raw["asset_id"])
    return Amount(int(raw["amount"]), assets.get(asset_id) or Asset(asset_id, asset_id, 0))


@lru_cache(maxsize=1 << 10)
def _first_alike(**fields: Any) -> Asset:
    """The same object for the same asset: what was read with it is then known to hold."""
    return Asset(**fields)


def asset(raw: Raw) -> Asset:
    """A 1.3.x object as an Asset."""
    options = raw.get("options", {})
    return _first_alike(
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
    """weight_threshold, account_auths and key_auths as an Authority."""
    return Authority(
        threshold=int(raw["weight_threshold"]),
        accounts=tuple((str(who), int(weight)) for who, weight in raw.get("account_auths", ())),
        keys=tuple((str(key), int(weight)) for key, weight in raw.get("key_auths", ())),
    )


def public_key(value: object) -> str:
    """A public key as the node writes it; raises TypeError for anything but text."""
    if not isinstance(value, str):
        raise TypeError("not a public key")
    return value


def memo(raw: Raw | None) -> Memo | None:
    """A raw memo, or None where the operation has none."""
    if not raw:
        return None
    return Memo(
        sender_key=public_key(raw["from"]),
        recipient_key=public_key(raw["to"]),
        nonce=int(raw["nonce"]),
        message=bytes.fromhex(raw["message"]),
    )


def decoded(body: bytes) -> Any:
    """What a JSON text says; None where it is none, or could not be written again."""
    with suppress(orjson.JSONDecodeError, orjson.JSONEncodeError):
        found = orjson.loads(body)
        orjson.dumps(found)  # which nests less deep than what it reads
        return found
    return None


def encoded(value: object) -> str:
    """A value as JSON, the same each time."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # an integer over 64 bits, read from the text of a node
        return json.dumps(value)
