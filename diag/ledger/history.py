"""The methods of the history API of a ledger.

As on a node, an unknown account has an empty history.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from diag.ledger.arguments import (
    MethodTable,
    as_identifier,
    as_list,
    as_number,
    as_seconds,
    find_account,
    read_limit,
)
from diag.ledger.recording import History, Json, instance_of
from diag.ledger.view import VisibleRecording

METHODS = MethodTable()


def _maximum(ledger: VisibleRecording, limit: Json, option: str) -> int:
    return ledger.limit(option, 100) if limit is None else read_limit(ledger, limit, option)


@METHODS.method("history.get_account_history", 4)
def _get_account_history(
    ledger: VisibleRecording, name: Json, stop: Json, limit: Json, start: Json
) -> Json:
    most = read_limit(ledger, limit, "get_account_history")
    low = instance_of(as_identifier(stop, "1.11"))
    high = instance_of(as_identifier(start, "1.11"))
    numbers = _history(ledger, name).operations
    first = bisect_right(numbers, low) if low else 0
    last = bisect_right(numbers, high) if high else len(numbers)
    return _newest_first(ledger, numbers[first:last], most)


@METHODS.method("history.get_account_history_by_time", 1, modern=True)
def _get_account_history_by_time(
    ledger: VisibleRecording, name: Json, limit: Json = None, start: Json = None
) -> Json:
    most = _maximum(ledger, limit, "get_account_history")
    moment = None if start is None else as_seconds(start)
    numbers = _history(ledger, name).operations
    if moment is not None:
        numbers = numbers[: bisect_right(numbers, moment, key=ledger.operation_time)]
    return _newest_first(ledger, numbers, most)


@METHODS.method("history.get_relative_account_history", 4)
def _get_relative_account_history(
    ledger: VisibleRecording, name: Json, stop: Json, limit: Json, start: Json
) -> Json:
    most = read_limit(ledger, limit, "get_relative_account_history")
    return _relative(ledger, name, as_number(stop, 64), most, as_number(start, 64))


@METHODS.method("history.get_account_history_by_operations", 4)
def _get_account_history_by_operations(
    ledger: VisibleRecording, name: Json, types: Json, start: Json, limit: Json
) -> Json:
    most = read_limit(ledger, limit, "get_account_history_by_operations")
    wanted = {as_number(kind, 16) for kind in as_list(types)}
    stop = as_number(start)
    newest = (most + stop - 1) % (1 << 32)
    found = _relative(ledger, name, stop, most, newest)
    matched = [item for item in found if not wanted or item["op"][0] in wanted]
    return {"total_count": len(found), "operation_history_objs": matched}


@METHODS.method("history.get_block_operation_history", 1, modern=True)
def _get_block_operation_history(
    ledger: VisibleRecording, block: Json, transaction: Json = None
) -> Json:
    position = None if transaction is None else as_number(transaction, 16)
    items = _of_block(ledger, as_number(block))
    return [item for item in items if position is None or item["trx_in_block"] == position]


@METHODS.method("history.get_block_operations_by_time", 0, modern=True)
def _get_block_operations_by_time(ledger: VisibleRecording, start: Json = None) -> Json:
    numbers: Sequence[int] = ledger.operations
    last = len(numbers)
    if start is not None:
        last = bisect_right(numbers, as_seconds(start), key=ledger.operation_time)
    if not last:
        return []
    return _of_block(ledger, ledger.operation_block(numbers[last - 1]))[::-1]


def _history(ledger: VisibleRecording, name: Json) -> History:
    return ledger.history(find_account(ledger, name) or "")


def _newest_first(ledger: VisibleRecording, numbers: Sequence[int], limit: int) -> list[Json]:
    page = numbers[max(0, len(numbers) - limit) :]
    return ledger.page(reversed(page))


def _relative(
    ledger: VisibleRecording, name: Json, stop: int, limit: int, start: int
) -> list[Json]:
    held = _history(ledger, name)
    start = min(start, held.last) if start else held.last
    first = max(stop, held.first)
    if start < max(stop, held.first):
        return []
    page = held.operations[first - held.first : start - held.first + 1]
    return _newest_first(ledger, page, limit)


def _of_block(ledger: VisibleRecording, block: int) -> list[Json]:
    numbers = ledger.operations
    first = bisect_left(numbers, block, key=ledger.operation_block)
    last = bisect_right(numbers, block, key=ledger.operation_block)
    return ledger.page(numbers[first:last])
