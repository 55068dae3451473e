"""A recording as one particular node would show it.

A `View` describes the node: one that prunes history, one that lags behind, one of an older version,
one of another chain. The JSON-RPC methods are in `database` and `history`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Self

from diag.ledger.recording import (
    NO_HISTORY,
    TIME_FORMAT,
    History,
    Json,
    Recording,
    instance_of,
    seconds_of,
    type_of,
)

HEAD = "2.1.0"
CHAIN_PROPERTIES = "2.11.0"
GLOBAL_PROPERTIES = "2.0.0"


@dataclass(frozen=True, slots=True)
class View:
    """How a node differs from one that keeps everything and has reached the head.

    keep: operations held per account, the newest ones; None keeps all.
    behind: seconds by which the head is behind. Later blocks and operations are invisible; live
        objects (accounts, balances, proposals) stay as recorded at the head.
    legacy: answer like a version before 6.1.
    chain_id: claim to be another chain.
    history: "denied" to everybody, or "missing" as without the plugin that keeps it.
    tracked: names of the only accounts whose histories are kept; None keeps those of all.
    """

    keep: int | None = None
    behind: float = 0
    legacy: bool = False
    chain_id: str | None = None
    history: Literal["denied", "missing"] | None = None
    tracked: frozenset[str] | None = None


class VisibleRecording:
    """The part of a recording that is visible through a view."""

    def __init__(self, recording: Recording, view: View | None = None) -> None:
        self.recording = recording
        self.view = view or View()
        self._head = self._find_head()
        self.head_number: int = self._head["head_block_number"]
        self.histories = self._visible_histories()
        self.operations = self._visible_operations()
        self._decoded: dict[int, Json] | None = None

    @property
    def clock(self) -> datetime:
        """The time of the recorded head block; it is the current time in every view."""
        return datetime.fromtimestamp(seconds_of(self._recorded_head()["time"]), UTC)

    def head(self) -> dict[str, Json]:
        """Object 2.1.0 (dynamic global properties) at this view's head."""
        return dict(self._head)

    def history(self, account: str) -> History:
        """Return the visible history of the account with an id."""
        return self.histories.get(account, NO_HISTORY)

    def operation(self, number: int) -> Json:
        """Return the operation with a number; None if it is not visible."""
        return self.page([number])[0] if self._is_visible(number) else None

    def page(self, numbers: Iterable[int]) -> list[Json]:
        """Return the operations with these numbers, in this order."""
        wanted = list(numbers)
        decoded = {} if self._decoded is None else self._decoded
        missing = [number for number in wanted if number not in decoded]
        rows = self.recording.operations.page(missing)
        for row in filter(None, rows) if self.view.legacy else ():
            del row["block_time"], row["is_virtual"]
        decoded.update(zip(missing, rows, strict=True))
        return [decoded[number] for number in wanted]

    def with_shared_operations(self) -> Self:
        """Return a copy that decodes each operation once; its replies share the decoded objects."""
        found = copy(self)
        found._decoded = {}
        return found

    def operation_time(self, number: int) -> int:
        """Return the time of an operation, in seconds since 1970."""
        position = self.recording.operations.position(number)
        return 0 if position is None else self.recording.operations.times[position]

    def operation_block(self, number: int) -> int:
        """Return the block number of an operation."""
        position = self.recording.operations.position(number)
        return 0 if position is None else self.recording.operations.blocks[position]

    def block(self, number: int) -> Json:
        """Return the row of a block; None above the head and for blocks that were not recorded."""
        return self.recording.blocks.row(number) if 0 < number <= self.head_number else None

    def object(self, identifier: str) -> Json:
        """Return the object with an id; None if there is none."""
        kind = type_of(identifier)
        if identifier == HEAD:
            return self.head()
        if kind == "1.11":
            return self.operation(instance_of(identifier))
        if kind == "2.9":
            return self._entry(instance_of(identifier))
        item = self.recording.object(identifier)
        if item is None:
            return None
        if identifier == CHAIN_PROPERTIES:
            item["chain_id"] = self.chain_id
        if kind == "2.6":
            self._adjust_statistics(item)
        if kind in ("1.2", "1.3") and self.view.legacy:
            item.pop("creation_block_num", None)
            item.pop("creation_time", None)
        return item

    @property
    def chain_id(self) -> str:
        """The chain id that the view claims, else the recorded one."""
        return self.view.chain_id or str(self.recording.chain["chain_id"])

    def next_instance(self, kind: str) -> int:
        """Return the instance that the next new object of a type would get.

        It is a lower bound for types whose objects are deleted, because only live ones are
        recorded.
        """
        if kind == "1.11":
            return self.operations[-1] + 1 if self.operations else 0
        if kind == "2.9":
            ends = [held.entries[-1] for held in self.histories.values() if held.entries]
            return max(ends, default=-1) + 1
        if kind == "2.7":
            return self.recording.transactions
        known = [instance_of(item) for item in self.recording.live if type_of(item) == kind]
        return max(known, default=-1) + 1

    def limit(self, option: str, default: int) -> int:
        """Return the node's limit of a list, from its `api_limit_…` option."""
        options = self.recording.chain.get("login_config", {})
        return int(options.get(f"api_limit_{option}", default))

    def _recorded_head(self) -> dict[str, Json]:
        head: dict[str, Json] = self.recording.object(HEAD)
        return head

    def _find_head(self) -> dict[str, Json]:
        head = self._recorded_head()
        blocks = self.recording.blocks
        if self.view.behind <= 0 or not len(blocks):
            return head
        moment = seconds_of(head["time"]) - self.view.behind
        place = max(0, bisect_right(blocks.times, moment) - 1)
        block, following = blocks.at(place), blocks.row(blocks.numbers[place] + 1)
        distance = head["head_block_number"] - block["n"]
        if not distance:
            return head
        head["head_block_number"] = block["n"]
        unknown = f"{block['n']:08x}".ljust(40, "0")
        head["head_block_id"] = following["previous"] if following else unknown
        head["time"] = block["timestamp"]
        head["current_witness"] = block["witness"]
        head["current_aslot"] -= distance
        head["last_irreversible_block_num"] = max(
            0, head["last_irreversible_block_num"] - distance
        )
        head["next_maintenance_time"] = self._maintenance_after(head)
        head["dynamic_flags"] = 0
        return head

    def _maintenance_after(self, head: dict[str, Json]) -> str:
        parameters = self.recording.object(GLOBAL_PROPERTIES)["parameters"]
        interval, planned = parameters["maintenance_interval"], head["next_maintenance_time"]
        early = (seconds_of(planned) - seconds_of(head["time"]) - 1) // interval
        moment = seconds_of(planned) - early * interval
        return datetime.fromtimestamp(moment, UTC).strftime(TIME_FORMAT)

    def _visible_histories(self) -> dict[str, History]:
        every = self.recording.operations
        visible = bisect_right(every.blocks, self.head_number)
        histories = self.recording.histories
        if self.view.tracked is not None:
            ids = {self.recording.accounts.get(name) for name in self.view.tracked}
            histories = {who: held for who, held in histories.items() if who in ids}
        if visible == len(every) and self.view.keep is None:
            return histories
        newest = every.numbers[visible - 1] if visible else -1
        cut = {}
        for account, held in histories.items():
            high = bisect_right(held.operations, newest)
            low = 0 if self.view.keep is None else max(0, high - self.view.keep)
            cut[account] = held.cut(low, high)
        return cut

    def _visible_operations(self) -> array[int]:
        every = self.recording.operations
        if self.view.keep is None and self.view.tracked is None:
            return every.numbers[: bisect_right(every.blocks, self.head_number)]
        return array(
            "Q", sorted({n for held in self.histories.values() for n in held.operations})
        )

    def _is_visible(self, number: int) -> bool:
        place = bisect_right(self.operations, number) - 1
        return place >= 0 and self.operations[place] == number

    def _entry(self, number: int) -> Json:
        for account, held in self.histories.items():
            place = bisect_right(held.entries, number) - 1
            if place < 0 or held.entries[place] != number:
                continue
            return {
                "id": f"2.9.{number}",
                "account": account,
                "operation_id": f"1.11.{held.operations[place]}",
                "sequence": held.first + place,
                "next": f"2.9.{held.entries[place - 1] if place else 0}",
            }
        return None

    def _adjust_statistics(self, item: dict[str, Json]) -> None:
        held = self.histories.get(item["owner"])
        if held is None and self.view.tracked is not None:
            held = NO_HISTORY
        if held is None:
            return
        item["total_ops"] = held.last
        item["removed_ops"] = held.first - 1
        item["most_recent_op"] = f"2.9.{held.entries[-1] if held.entries else 0}"
