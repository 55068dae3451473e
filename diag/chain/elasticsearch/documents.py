"""Turns a document of the index into the operation that a node would show.

The elasticsearch plugin of bitshares-core writes one document per account and operation. Depending on
its version and options, the operation is JSON text (`op`), an object altered so that all fields of
one name have one type (`op_object`), or both. One index may hold all kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from diag.chain.rpc.call import parse_reply
from diag.chain.rpc.history_rows import decode_operation, decode_row, name_of
from diag.chain.rpc.values import decoded, node_time
from diag.domain.operations import Operation

_ID = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,18}\Z")
_AS_TEXT = (  # fields that the plugin writes as JSON text
    "parameters",
    "op",
    "proposed_ops",
    "initializer",
    "policy",
    "predicates",
    "active_special_authority",
    "owner_special_authority",
    "acceptable_collateral",
    "acceptable_borrowers",
)
_DUPLICATES = tuple(
    f"{name}_object" for name in _AS_TEXT
)  # copies as objects, written by some versions
_MAX_VIRTUAL = 1000
"""Larger counts are ignored: versions before 3.1 counted all operations here, without a reset."""

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation in an account's history, which is a linked list: each entry names the previous one."""

    id: str
    """The id of the entry: 2.9.x."""
    account: str
    sequence: int
    """The number of the operation in the account's history: 1, 2, 3 …"""
    previous_id: str
    """The id of the previous entry; 2.9.0 in the first one."""
    operation: Operation

    @property
    def block(self) -> int:
        return self.operation.location.block


def parse_entry(document: Any) -> Entry:
    """Parse the `_source` of a document; raises KeyError, ValueError or TypeError if it has no position.

    An operation that cannot be parsed is kept as an unreadable one.
    """
    entry, stored, block = (
        document[part] for part in ("account_history", "operation_history", "block_data")
    )
    row = {
        "id": _identity(entry["operation_id"]),
        "op": [-1, None],
        "result": [0, {}],
        "block_num": int(block["block_num"]),
        "trx_in_block": int(stored["trx_in_block"]),
        "op_in_trx": int(stored["op_in_trx"]),
        "virtual_op": _virtual(int(stored["virtual_op"])),
        "block_time": _time(block["block_time"]),
    }
    try:
        row["op"] = _operation(int(document["operation_type"]), stored)
        row["result"] = _text(stored["operation_result"])
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        row["op"] = [-1, None]
    if isinstance(stored.get("is_virtual"), bool):
        row["is_virtual"] = stored["is_virtual"]
    elif block.get("trx_id") == "":
        row["is_virtual"] = True  # after all transactions of its block
    return Entry(
        id=_identity(entry["id"]),
        account=_identity(entry["account"]),
        sequence=int(entry["sequence"]),
        previous_id=_identity(entry["next"]),
        operation=decode_row(row),
    )


def entries(found: Iterable[Any]) -> list[Entry]:
    """Return the entries in documents, without those that have no position."""
    parsed = (parse_reply(document, parse_entry) for document in found)
    return [entry for entry in parsed if isinstance(entry, Entry)]


def with_block_operation(operation: Operation, transaction: Any) -> Operation:
    """Return the operation as it stands in its block: the index may lack its memo.

    A virtual operation is in no transaction, and is returned unchanged. Raises KeyError,
    IndexError or TypeError if the transaction does not have the operation.
    """
    pair = transaction["operations"][operation.location.position]
    if name_of(pair[0]) != operation.kind:
        return operation
    return decode_operation(pair, operation.location, operation.created)


def _identity(value: Any) -> str:
    if not isinstance(value, str) or not _ID.match(value):
        raise TypeError("not an object id")
    return value


def _time(text: Any) -> str:
    """Return a time as nodes write it, from any ISO form; times without a zone are UTC."""
    at = datetime.fromisoformat(text)
    return node_time(at.replace(tzinfo=UTC) if at.tzinfo is None else at)


def _virtual(count: int) -> int:
    return count if count <= _MAX_VIRTUAL else 0


def _text(value: str) -> Any:
    if (found := decoded(value.encode())) is None:
        raise ValueError("not JSON")
    return found


def _operation(number: int, stored: Mapping[str, Any]) -> list[Any]:
    """Return [number, body], from the unaltered text if there is one, else from the object."""
    if text := stored.get("op"):
        found, body = _text(text)
        if found != number:
            raise ValueError("two different operations in one document")
        return [number, body]
    if not isinstance(stored["op_object"], dict):
        raise TypeError("no operation in the document")
    return [number, _restored(stored["op_object"])]


def _restored(value: Any) -> Any:
    """Undo the changes that the plugin makes to an object for the index."""
    if isinstance(value, list):
        return [_restored(item) for item in value]
    if not isinstance(value, dict):
        return value
    return dict(_field(name, item) for name, item in value.items() if name not in _DUPLICATES)


def _field(name: str, value: Any) -> tuple[str, Any]:
    if name in _AS_TEXT and isinstance(value, str):
        value = _text(value)
    if name == "op" and isinstance(value, list) and len(value) == 2:
        return name, [int(value[0]), _restored(value[1])]  # old versions quote the number
    plain = name[:-1]
    if name.endswith("_") and (
        isinstance(value, str) or (isinstance(value, dict) and plain in value)
    ):
        name = plain  # `amount` inside `amount`, an `owner` that is no authority, a `memo` text
    return name, _restored(value)
