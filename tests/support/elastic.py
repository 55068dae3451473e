"""An Elasticsearch made of the recorded chain, as bitshares-core's plugin would have filled it."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import responses

from diag.ledger.node import Ledger
from diag.ledger.recording import seconds_of

URL = "https://es.example:9200/bitshares-*"
SEARCH = "https://es.example:9200/bitshares-*/_search"
AS_TEXT = {"proposed_ops", "op", "initializer", "policy", "predicates", "parameters"}
Json = Any


def adapted(value: Json) -> Json:
    """An operation as versions from 6.1 write it into `op_object`."""
    if isinstance(value, list):
        return [adapted(item) if isinstance(item, list | dict) else str(item) for item in value]
    found: dict[str, Json] = {}
    for name, item in value.items():
        if isinstance(item, list) and name in AS_TEXT:
            found[name] = json.dumps(item)
            found[f"{name}_object"] = [{"which": 0, "data_object": {}}]
        else:
            found |= field_of(name, item, adapted)
    return found


def adapted_long_ago(value: Json) -> Json:
    """The same by versions before: altered first, and only then made text of."""
    if isinstance(value, list):
        return [
            adapted_long_ago(item) if isinstance(item, list | dict) else str(item)
            for item in value
        ]
    found: dict[str, Json] = {}
    for name, item in value.items():
        found |= field_of(name, item, adapted_long_ago)
    for name in found.keys() & (AS_TEXT - {"op", "parameters"}):
        found[name] = json.dumps(found[name])
    return found


def field_of(name: str, item: Json, inner: Callable[[Json], Json]) -> dict[str, Json]:
    if isinstance(item, dict):
        return {f"{name}_" if name in item else name: inner(item)}
    if isinstance(item, list):
        return {name: inner(item)}
    if name == "nonce":
        return {name: str(item)}
    if isinstance(item, str) and item.isdecimal():
        return {name: int(item)}  # large amounts: text at the node, numbers here
    return {"owner_" if name == "owner" else name: item}


def text(operation: Json) -> Json:
    """The operation as text and no object: the default before 4.0."""
    return {"op": json.dumps(operation["op"]), "op_object": None}


def objects(operation: Json) -> Json:
    """As an object and no text: the default since."""
    shown = {"op": "", "op_object": adapted(operation["op"][1])}
    return shown | {"is_virtual": operation["is_virtual"]}


def old_objects(operation: Json) -> Json:
    return {"op": "", "op_object": adapted_long_ago(operation["op"][1])}


def stripped(operation: Json) -> Json:
    """As objects, without the memos."""
    shown = adapted(operation["op"][1])
    shown.pop("memo", None)
    return {"op": "", "op_object": shown}


def both(operation: Json) -> Json:
    return objects(operation) | {"op": text(operation)["op"]}


STYLES = {
    "text": text,
    "objects": objects,
    "old objects": old_objects,
    "both": both,
    "stripped": stripped,
}


def document(ledger: Ledger, account: str, place: int, style: str = "objects") -> Json:
    """The document about one entry of an account's list; place counts from 0."""
    held = ledger.history(account)
    operation = ledger.operation(held.operations[place])
    block = ledger.block(operation["block_num"])
    transactions = len(block.get("transactions", ())) if block else 0
    late = operation["is_virtual"] and operation["trx_in_block"] >= transactions
    return {
        "account_history": {
            "id": f"2.9.{held.entries[place]}",
            "account": account,
            "operation_id": operation["id"],
            "sequence": held.first + place,
            "next": f"2.9.{held.entries[place - 1] if place else 0}",
        },
        "operation_history": {
            "trx_in_block": operation["trx_in_block"],
            "op_in_trx": operation["op_in_trx"],
            "operation_result": json.dumps(operation["result"]),
            "virtual_op": operation["virtual_op"],
            **STYLES[style](operation),
        },
        "operation_type": operation["op"][0],
        "operation_id_num": held.operations[place],
        "block_data": {
            "block_num": operation["block_num"],
            "block_time": operation["block_time"],
            "trx_id": "" if late else "0" * 40,
        },
    }


@dataclass
class Elastic:
    """What answers searches.

    lost: True for the entries (account, sequence) that the index does not hold.
    more: documents that it holds besides.
    bend: what an answer is turned into on its way.
    """

    ledger: Ledger
    style: str = "objects"
    lost: Callable[[str, int], bool] = lambda account, sequence: False
    more: list[Json] = field(default_factory=list)
    bend: Callable[[Json], Json] = lambda answer: answer
    searches: list[Json] = field(default_factory=list)

    def __call__(self, request: Any) -> tuple[int, dict[str, str], str]:
        body = json.loads(request.body)
        self.searches.append(body)
        hits = [
            {"_id": d["account_history"]["id"], "_source": d, "sort": order(d)}
            for d in self.found(body)
        ]
        answer = self.bend(
            {
                "took": 3,
                "timed_out": False,
                "_shards": {"total": 5, "successful": 5, "skipped": 0, "failed": 0},
                "hits": {"max_score": None, "hits": hits},
            }
        )
        return (*answer,) if isinstance(answer, tuple) else (200, {}, json.dumps(answer))

    def found(self, body: Json) -> list[Json]:
        same, moments = body["query"]["bool"]["filter"]
        account = same["bool"]["should"][0]["term"]["account_history.account.keyword"]
        limits = moments["range"]["block_data.block_time"]
        down = body["sort"][0]["account_history.sequence"] == "desc"
        held = self.ledger.history(account)
        low, high = 0, len(held.operations)
        for how, moment in limits.items():
            bisect = bisect_left if how in ("gte", "lt") else bisect_right
            place = bisect(held.operations, seconds_of(moment), key=self.ledger.operation_time)
            low, high = (place, high) if how in ("gt", "gte") else (low, place)
        after = body.get("search_after")
        if after:
            beyond = after[0] - held.first
            low, high = (low, min(high, beyond)) if down else (max(low, beyond + 1), high)
        places = reversed(range(low, high)) if down else range(low, high)
        kept = (p for p in places if not self.lost(account, held.first + p))
        rows = [
            document(self.ledger, account, p, self.style) for p in islice(kept, body["size"])
        ]
        rows += [
            d
            for d in self.more
            if d["account_history"]["account"] == account
            and within(d, limits)
            and not (after and (order(d) >= after if down else order(d) <= after))
        ]
        return sorted(rows, key=order, reverse=down)[: body["size"]]


def order(found: Json) -> list[int]:
    return [found["account_history"]["sequence"], found["operation_id_num"]]


def within(found: Json, limits: dict[str, str]) -> bool:
    at = found["block_data"]["block_time"]
    tests = {"gte": at.__ge__, "gt": at.__gt__, "lte": at.__le__, "lt": at.__lt__}
    return all(tests[how](moment) for how, moment in limits.items())


@contextmanager
def serving(elastic: Callable[[Any], Any], node: str | None = None) -> Iterator[None]:
    """The wire to it, and past it to a node on a real socket."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        if node:
            mock.add_passthru(node)
        mock.add_callback("POST", SEARCH, elastic)
        yield
