"""A recorded chain in memory: raw JSON lines with small indexes, decoded on demand.

A recording is a directory with `chain.json` and gzipped JSON lines. Blocks and operations are nearly
all of it, so they stay encoded; only the number, block and time of each are indexed. Every row
handed out is freshly decoded and belongs to the caller.
"""

from __future__ import annotations

import gzip
import json
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from diag.errors import BadSetting

Json = Any

LIVE_FILES = ("accounts", "statistics", "assets", "objects")
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)

# Object type → paths of the accounts to which an object of that type belongs.
_OWNERS = {
    "1.7": ("seller",),
    "1.10": (
        "required_active_approvals",
        "available_active_approvals",
        "required_owner_approvals",
        "available_owner_approvals",
    ),
    "1.12": ("withdraw_from_account", "authorized_account"),
    "1.13": ("owner",),
    "1.16": ("transfer.from", "transfer.to"),
    "2.5": ("owner",),
}


def seconds_of(moment: str) -> int:
    """Parse a time as nodes write it into seconds since 1970; raises ValueError."""
    if not _TIME.fullmatch(moment):
        raise ValueError(f"not a time of the form 2026-01-31T23:59:59: {moment!r}")
    return _recorded_seconds(moment)


def _recorded_seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment + "+00:00").timestamp())


def instance_of(identifier: str) -> int:
    """Return the last number of an object id."""
    return int(identifier.rsplit(".", 1)[1])


def type_of(identifier: str) -> str:
    """Space and type of an object id: the part before its last number."""
    return identifier.rsplit(".", 1)[0]


class Rows:
    """JSON lines in one piece of memory, indexed by an ascending number."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = array("I", (0,))
        self.numbers = array("Q")
        self.blocks = array("I")
        self.times = array("I")

    def __len__(self) -> int:
        return len(self.numbers)

    def decoded(self) -> Iterator[dict[str, Json]]:
        """Yield all lines in order; each must be passed to `add` before the next one is requested."""
        while (end := self._data.find(b"\n", self._starts[-1])) >= 0:
            yield msgspec.json.decode(self._data[self._starts[-1] : end])
            self._starts.append(end + 1)

    def add(self, number: int, block: int, time: int) -> None:
        """Index the line that was just decoded; numbers must ascend."""
        self.numbers.append(number)
        self.blocks.append(block)
        self.times.append(time)

    def position(self, number: int) -> int | None:
        """Return the position of a number; None if there is no such row."""
        position = bisect_left(self.numbers, number)
        if position == len(self.numbers) or self.numbers[position] != number:
            return None
        return position

    def at(self, position: int) -> dict[str, Json]:
        """Return the row at a position."""
        row: dict[str, Json] = msgspec.json.decode(self._at(position))
        return row

    def page(self, numbers: Iterable[int]) -> list[Json]:
        """Return the rows with these numbers, decoded together; None for a missing one."""
        rows: list[Json] = msgspec.json.decode(b"[%b]" % b",".join(map(self._line, numbers)))
        return rows

    def row(self, number: int) -> dict[str, Json] | None:
        """Return the row with a number; None if there is none."""
        position = self.position(number)
        return None if position is None else self.at(position)

    def _line(self, number: int) -> bytes:
        position = self.position(number)
        return b"null" if position is None else self._at(position)

    def _at(self, position: int) -> bytes:
        return self._data[self._starts[position] : self._starts[position + 1]]


@dataclass(frozen=True, slots=True)
class History:
    """The history of one account: operations with consecutive sequence numbers from `first`."""

    first: int
    operations: array[int]  # 1.11.x, ascending
    entries: array[int]  # 2.9.x, ascending

    @property
    def last(self) -> int:
        """The newest sequence number; `first` - 1 if the history is empty."""
        return self.first + len(self.operations) - 1

    def cut(self, low: int, high: int) -> History:
        """Return the part from one position to another."""
        return History(self.first + low, self.operations[low:high], self.entries[low:high])


NO_HISTORY = History(1, array("Q"), array("Q"))


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything a node knew, read from a directory; immutable."""

    name: str
    chain: dict[str, Json]
    blocks: Rows
    operations: Rows
    histories: dict[str, History]
    live: dict[str, bytes]  # object id -> raw JSON
    accounts: dict[str, str]  # name -> id, in order of names
    assets: dict[str, str]  # symbol -> id
    transactions: int
    _owned: dict[tuple[str, str], tuple[str, ...]]

    @classmethod
    def load(cls, path: Path) -> Recording:
        """Read a directory; raises BadSetting if a file is missing or damaged."""
        try:
            return cls._load(path)
        except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError) as error:
            raise BadSetting.of("setup.bad_ledger", path=path, error=error) from error

    @classmethod
    def _load(cls, path: Path) -> Recording:
        chain = msgspec.json.decode((path / "chain.json").read_bytes())
        histories = _load_histories(path / "history.jsonl.gz")
        blocks, transactions = _load_blocks(path / "blocks.jsonl.gz")
        live = {item["id"]: _packed(item) for item in chain["objects"]}
        accounts: dict[str, str] = {}
        assets: dict[str, str] = {}
        owned: dict[tuple[str, str], list[str]] = {}
        for file in LIVE_FILES:
            for item in read_lines(path / f"{file}.jsonl.gz"):
                identifier = item["id"]
                live[identifier] = _packed(item)
                kind = type_of(identifier)
                if kind == "1.2":
                    accounts[item["name"]] = identifier
                if kind == "1.3":
                    assets[item["symbol"]] = identifier
                for field in _OWNERS.get(kind, ()):
                    for owner in _owners(item, field):
                        owned.setdefault((f"{kind} {field}", owner), []).append(identifier)
        return cls(
            name=path.name,
            chain=chain,
            blocks=blocks,
            operations=_load_operations(path / "operations.jsonl.gz"),
            histories=histories,
            live=live,
            accounts=dict(sorted(accounts.items())),
            assets=assets,
            transactions=transactions,
            _owned={key: tuple(sorted(ids, key=instance_of)) for key, ids in owned.items()},
        )

    def object(self, identifier: str) -> Json:
        """Return a live object, or None."""
        raw = self.live.get(identifier)
        return None if raw is None else msgspec.json.decode(raw)

    def owned(self, kind: str, account: str, *fields: str) -> list[str]:
        """Return the ids of the objects of a type that name an account in any of these fields,
        sorted.
        """
        found: set[str] = set()
        for field in fields or _OWNERS[kind]:
            found.update(self._owned.get((f"{kind} {field}", account), ()))
        return sorted(found, key=instance_of)


def read_lines(path: Path) -> Iterator[dict[str, Json]]:
    """Yield all rows of a gzipped file of JSON lines."""
    with gzip.open(path, "rb") as file:
        for line in file:
            yield msgspec.json.decode(line)


def _packed(item: Json) -> bytes:
    return json.dumps(item, separators=(",", ":"), ensure_ascii=False).encode()


def _owners(item: dict[str, Json], field: str) -> list[str]:
    value: Json = item
    for part in field.split("."):
        value = value[part]
    return [value] if isinstance(value, str) else value


def _open(path: Path) -> Rows:
    data = gzip.decompress(path.read_bytes())
    return Rows(data if data.endswith(b"\n") or not data else data + b"\n")


def _load_blocks(path: Path) -> tuple[Rows, int]:
    rows = _open(path)
    transactions = 0
    for row in rows.decoded():
        number = row["n"]
        rows.add(number, number, _recorded_seconds(row["timestamp"]))
        transactions += len(row.get("transactions", ()))
    return rows, transactions


def _load_operations(path: Path) -> Rows:
    rows = _open(path)
    for row in rows.decoded():
        time = _recorded_seconds(row["block_time"])
        rows.add(instance_of(row["id"]), row["block_num"], time)
    return rows


def _load_histories(path: Path) -> dict[str, History]:
    return {
        row["account"]: History(
            row["entries"][0][0],
            array("Q", (instance_of(entry[1]) for entry in row["entries"])),
            array("Q", (instance_of(entry[2]) for entry in row["entries"])),
        )
        for row in read_lines(path)
        if row["entries"]
    }
