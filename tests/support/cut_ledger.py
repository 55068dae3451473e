"""Cuts a recorded chain down to a demo: `python tests/support/cut_ledger.py SOURCE DESTINATION`.

What goes: what traders do among themselves (orders, transfers), their deposits and living
orders; the blocks without anything left in them, save the newest; signatures, and the merkle
roots over them. The traders' withdrawals stay: they are how a gateway's usual time is known.
What stays, stays as it was: ids, block numbers, times. Only the sequences of an account's
history are counted anew, from 1 without a gap, and its statistics with them, so that the proof
that a history is complete still holds.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from diag.ledger.writer import write_lines

TRANSFER, DEPOSIT = 0, 14
ORDER_OPERATIONS = frozenset({1, 2, 4, 77})  # create, cancel, fill, update
FEW_ORDERS = 2  # with more order operations than this an account is a trader
NEWEST_BLOCKS = 60
NO_MERKLE_ROOT = "0" * 40

Row = dict[str, Any]


def main(source: Path, destination: Path) -> None:
    """Read a ledger, write the cut; the same input gives the same bytes."""
    destination.mkdir(parents=True, exist_ok=True)
    histories, operations = rows(source, "history"), rows(source, "operations")
    traders = find_traders(histories, operations)
    dropped = find_dropped(histories, operations, traders)
    histories = [cut_history(row, dropped) for row in histories]
    operations = [item for item in operations if item["id"] not in dropped]
    write(destination, "history", histories)
    write(destination, "operations", operations)
    write(destination, "blocks", cut_blocks(rows(source, "blocks"), operations))
    write(destination, "statistics", cut_statistics(rows(source, "statistics"), histories))
    write(destination, "accounts", rows(source, "accounts"))
    write(destination, "assets", rows(source, "assets"))
    write(destination, "objects", cut_objects(rows(source, "objects"), traders))
    chain = json.loads((source / "chain.json").read_bytes())
    (destination / "chain.json").write_text(json.dumps(chain, separators=(",", ":")) + "\n")
    shutil.copyfile(source / "gateways.json", destination / "gateways.json")


def rows(source: Path, name: str) -> list[Row]:
    """A file of the ledger."""
    with gzip.open(source / f"{name}.jsonl.gz", "rb") as file:
        return [json.loads(line) for line in file]


def write(destination: Path, name: str, lines: Iterable[Row]) -> None:
    """A file of the cut."""
    write_lines(destination / f"{name}.jsonl.gz", lines)


def find_traders(histories: list[Row], operations: list[Row]) -> set[str]:
    """The accounts that place orders again and again."""
    orders = {item["id"] for item in operations if item["op"][0] in ORDER_OPERATIONS}
    counts = {
        row["account"]: sum(entry[1] in orders for entry in row["entries"]) for row in histories
    }
    return {account for account, count in counts.items() if count > FEW_ORDERS}


def find_dropped(histories: list[Row], operations: list[Row], traders: set[str]) -> set[str]:
    """The operations that concern traders only, and the deposits that they received."""
    concerned: dict[str, set[str]] = {}
    for row in histories:
        for _, operation, _ in row["entries"]:
            concerned.setdefault(operation, set()).add(row["account"])
    return {
        item["id"]
        for item in operations
        if (
            item["op"][0] in ORDER_OPERATIONS | {TRANSFER}
            and concerned.get(item["id"], set()) <= traders
        )
        or (item["op"][0] == DEPOSIT and item["op"][1]["issue_to_account"] in traders)
    }


def cut_history(row: Row, dropped: set[str]) -> Row:
    """The entries that are left, counted from 1."""
    kept = [entry for entry in row["entries"] if entry[1] not in dropped]
    entries = [[place, *entry[1:]] for place, entry in enumerate(kept, start=1)]
    return {"account": row["account"], "entries": entries}


def cut_blocks(blocks: list[Row], operations: list[Row]) -> list[Row]:
    """The blocks that operations are left of, and the newest."""
    wanted = {item["block_num"] for item in operations}
    wanted.update(block["n"] for block in blocks[-NEWEST_BLOCKS:])
    return [cut_block(block) for block in blocks if block["n"] in wanted]


def cut_block(block: Row) -> Row:
    """A block without signatures; its transactions keep their places."""
    if "transactions" not in block:
        return block
    transactions = [item | {"signatures": []} for item in block["transactions"]]
    return block | {"merkle": NO_MERKLE_ROOT, "transactions": transactions}


def cut_statistics(statistics: list[Row], histories: list[Row]) -> list[Row]:
    """Totals that agree with the histories."""
    entries = {row["account"]: row["entries"] for row in histories}
    return [
        item
        | {
            "total_ops": len(entries.get(item["owner"], ())),
            "removed_ops": 0,
            "most_recent_op": (entries.get(item["owner"]) or [[0, "", "2.9.0"]])[-1][2],
        }
        for item in statistics
    ]


def cut_objects(objects: list[Row], traders: set[str]) -> list[Row]:
    """Without the orders of traders."""
    return [item for item in objects if item.get("seller") not in traders]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
