"""Writes a tape as the directory of a recorded chain. The same tape gives the same bytes.

Ids, block numbers and times are kept. The sequence numbers of an account's history are counted
anew, without a gap, from the first one that the node still had; so the proof that a history is
complete holds for the part that was read.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from diag.ledger.recording import Json, type_of
from diag.ledger.tape import Tape
from diag.ledger.view import CHAIN_PROPERTIES, GLOBAL_PROPERTIES, HEAD

_OF_CHAIN = (GLOBAL_PROPERTIES, HEAD, CHAIN_PROPERTIES, "2.12.0")
_FILES = {"1.2": "accounts", "1.3": "assets", "2.6": "statistics"}
_FIRST_BALANCE = 1 << 40
"""Instance of the first balance object; answers with balances do not contain their ids."""
_UNKNOWN_ID = "0" * 40

Row = dict[str, Json]


def write(tape: Tape, directory: Path) -> None:
    """Write the files of a recorded chain; raises OSError, and ValueError if the tape has no head."""
    head = tape.objects.get(HEAD)
    if head is None:
        raise ValueError("the tape holds no head of a chain")
    directory.mkdir(parents=True, exist_ok=True)
    histories = list(_histories(tape))
    objects: dict[str, list[Row]] = {name: [] for name in (*_FILES.values(), "objects")}
    for item in _objects(tape):
        if item["id"] not in _OF_CHAIN:
            objects[_FILES.get(type_of(item["id"]), "objects")].append(item)
    chain = {
        "chain_id": tape.chain_id,
        "recorded_at": head["time"],
        "config": {},
        "login_config": tape.login_config,
        "objects": [tape.objects[name] for name in _OF_CHAIN if name in tape.objects],
    }
    text = json.dumps(chain, separators=(",", ":"), ensure_ascii=False)
    (directory / "chain.json").write_text(f"{text}\n", encoding="utf-8")
    for name, rows in objects.items():
        write_lines(directory / f"{name}.jsonl.gz", rows)
    operations = [tape.operations[number] for number in sorted(tape.operations)]
    write_lines(directory / "operations.jsonl.gz", operations)
    write_lines(directory / "blocks.jsonl.gz", _blocks(tape))
    write_lines(directory / "history.jsonl.gz", histories)


def write_lines(path: Path, rows: Iterable[Mapping[str, Json]]) -> None:
    """Write a gzipped file of JSON lines, without a name or a time in its header."""
    text = "".join(
        json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n" for row in rows
    )
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _account_ids(tape: Tape) -> dict[str, str]:
    """Return account ids by account name, and by id."""
    known = {
        str(item["name"]): name for name, item in tape.objects.items() if type_of(name) == "1.2"
    }
    ids = {**tape.names, **known}
    return ids | {identifier: identifier for identifier in ids.values()}


def _objects(tape: Tape) -> Iterator[Row]:
    """Yield all objects in order of their ids; an account from a list of names has just its id
    and name.
    """
    found: dict[str, Row] = dict(tape.objects)
    for name, identifier in tape.names.items():
        found.setdefault(identifier, {"id": identifier, "name": name})
    ids, instance = _account_ids(tape), _FIRST_BALANCE
    for account, balances in tape.balances.items():
        for balance in balances if account in ids else ():
            item = {"owner": ids[account], "asset_type": balance["asset_id"]}
            identifier = f"2.5.{instance}"
            found[identifier] = {"id": identifier, **item, "balance": balance["amount"]}
            instance += 1
    yield from (found[name] for name in sorted(found, key=_order))


def _order(identifier: str) -> tuple[int, ...]:
    return tuple(map(int, identifier.split(".")))


def _histories(tape: Tape) -> Iterator[Row]:
    ids = _account_ids(tape)
    numbers: dict[str, set[int]] = {}
    for account, held in tape.histories.items():
        if account in ids:
            numbers.setdefault(ids[account], set()).update(held)
    pairs = sorted(
        (n, _order(account), account) for account, held in numbers.items() for n in held
    )
    entries: dict[str, list[Json]] = {account: [] for account in numbers}
    removed = {
        item["owner"]: int(item["removed_ops"])
        for name, item in tape.objects.items()
        if type_of(name) == "2.6"
    }
    for place, (number, _, account) in enumerate(pairs):
        sequence = removed.get(account, 0) + len(entries[account]) + 1
        entries[account].append([sequence, f"1.11.{number}", f"2.9.{place}"])
    for account in sorted(entries, key=_order):
        yield {"account": account, "entries": entries[account]}


def _blocks(tape: Tape) -> Iterator[Row]:
    """Yield the blocks known by their header, or by a transaction whose time an operation states."""
    times = {item["block_num"]: item["block_time"] for item in tape.operations.values()}
    within: dict[int, dict[int, Json]] = {}
    for (block, position), transaction in tape.transactions.items():
        within.setdefault(block, {})[position] = transaction
    for number in sorted(tape.headers.keys() | (within.keys() & times.keys())):
        header = tape.headers.get(number, {})
        row = {
            "n": number,
            "previous": header.get("previous", _UNKNOWN_ID),
            "timestamp": header.get("timestamp", times.get(number)),
            "witness": header.get("witness", "1.6.0"),
            "merkle": header.get("transaction_merkle_root", _UNKNOWN_ID),
        }
        if number in within:
            held = within[number]
            row["transactions"] = [
                {**held[place], "signatures": []} if place in held else _NO_TRANSACTION
                for place in range(max(held) + 1)
            ]
        yield row


_NO_TRANSACTION: Row = {
    "ref_block_num": 0,
    "ref_block_prefix": 0,
    "expiration": "1970-01-01T00:00:00",
    "operations": [],
    "extensions": [],
    "signatures": [],
    "operation_results": [],
}
"""The placeholder for a transaction that was not read."""
