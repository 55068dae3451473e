"""Closes the gaps of a history from an index: searched by time, proven by the links between entries.

An account's operations are numbered without gaps, and each entry names the previous one. So nothing
is missing between linked entries, whatever the cluster left out. A run of entries is joined to the
present by an operation that the node shows itself, because the index may lag behind the node.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import dropwhile
from typing import Any

from diag.chain.elasticsearch import documents
from diag.chain.elasticsearch.documents import Entry
from diag.chain.history import coverage
from diag.chain.history.coverage import Interval
from diag.chain.history.timeline import Pages
from diag.chain.rpc.call import Call, Deadline, Reply, Source, parse_reply
from diag.chain.rpc.values import node_time
from diag.errors import ChainError, Unreachable

PAGE_SIZE = 500
MAX_PAGES = 24
NEIGHBOURS = coverage.PAGE_SIZE
"""How many operations to read on each side of a gap: as many as on a page of a node."""
_FIELDS = {
    "includes": [
        "account_history",
        "operation_history",
        "operation_type",
        "block_data",
    ],
    "excludes": ["operation_history.operation_result_object"],
}


def search_gaps(
    index: Source, gaps: Iterable[tuple[Pages, Interval]], deadline: Deadline
) -> list[GapSearch]:
    """Search all gaps in parallel, and the operations next to each of them."""
    searches = [GapSearch(pages, gap) for pages, gap in gaps]
    for _ in range(MAX_PAGES):
        calls = {
            (n, part): call
            for n, gap_search in enumerate(searches)
            for part, call in gap_search.calls().items()
        }
        if not calls:
            break
        replies = index.ask(list(calls.values()), deadline)
        for (n, part), reply in zip(calls, replies, strict=True):
            searches[n].add_reply(part, reply)
    return searches


@dataclass(slots=True)
class GapSearch:
    """The search of one gap of one account, and the entries found in it and next to it."""

    pages: Pages
    gap: Interval
    entries: list[Entry] = field(default_factory=list)
    started: bool = False
    search_after: Any = None
    """The sort values after which the next page begins; None if there is no next page."""

    def calls(self) -> dict[str, Call]:
        """Return the next searches, by part: inside the gap, before it, after it."""
        first, last = node_time(self.gap.first[0]), node_time(self.gap.last[0])
        account = self.pages.account
        inside = _search(account, {"gte": first, "lte": last}, PAGE_SIZE)
        if self.started:
            more = {"search_after": self.search_after}
            return {"inside": search(inside | more)} if self.search_after else {}
        self.started = True
        return {
            "inside": search(inside),
            "before": search(_search(account, {"lt": first}, NEIGHBOURS)),
            "after": search(_search(account, {"gt": last}, NEIGHBOURS, "asc")),
        }

    def add_reply(self, part: str, reply: Reply) -> None:
        """Add the entries in the reply to a search; an error is noted in the pages."""
        found = documents_in(reply)
        if isinstance(found, ChainError):
            self.pages.index_error = Unreachable(f"Elasticsearch: {found.reason}")
            found = []
        account = self.pages.account
        self.entries += (e for e in documents.entries(found) if e.account == account)
        if part == "inside":
            hits: Any = reply
            last = hits[-1].get("sort") if len(found) >= PAGE_SIZE else None
            self.search_after = last if last != self.search_after else None

    def newest(self, irreversible: int) -> tuple[int, datetime] | None:
        """Block and time of the newest irreversible entry; None if there is none."""
        found = max(
            (e for e in self.entries if e.block <= irreversible),
            key=lambda e: e.sequence,
            default=None,
        )
        return (found.block, found.operation.at) if found else None

    def add_runs(self, irreversible: int) -> None:
        """Add each run of linked entries to the pages, unless it contradicts what the node shows.

        irreversible: the last irreversible block. Entries of later blocks may belong to an
        abandoned fork; they count only below an operation that the node shows itself.
        """
        for run in _linked_runs(self.entries):
            rows = [
                entry.operation
                for entry in dropwhile(lambda e: not self._is_certain(e, irreversible), run)
            ]
            if not rows or self.pages.contradicts(rows):
                continue
            self.pages.add_run(rows)
            if run[-1].sequence == 1:
                self.pages.add_first(rows[-1])

    def _is_certain(self, entry: Entry, irreversible: int) -> bool:
        row = self.pages.rows.get(entry.operation.id)
        same = row is not None and row.location.block == entry.block
        return entry.block <= irreversible or same


def search(body: Mapping[str, Any]) -> Call:
    """Return a search; its reply is a list of hits with `_source` and `sort` of each document."""
    return Call("elasticsearch", "_search", (body,))


def documents_in(reply: Reply) -> list[Any] | ChainError:
    """Return the documents in the reply to a search."""
    return parse_reply(reply, lambda hits: [hit["_source"] for hit in hits])


def _search(
    account: str, time_range: Mapping[str, str], size: int, order: str = "desc"
) -> dict[str, Any]:
    """Return the body of a search for an account's entries, sorted by their numbers."""
    field = "account_history.account"
    same = [{"term": {f"{field}.keyword": account}}, {"term": {field: account}}]
    return {
        "size": size,
        "track_total_hits": False,
        "_source": _FIELDS,
        "query": {
            "bool": {
                "filter": [
                    {"bool": {"should": same, "minimum_should_match": 1}},
                    {"range": {"block_data.block_time": dict(time_range)}},
                ]
            }
        },
        "sort": [{"account_history.sequence": order}, {"operation_id_num": order}],
    }


def _linked_runs(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield runs of linked entries, newest first; of several entries with one number the linked
    one is used.
    """
    numbered: dict[int, dict[str, Entry]] = {}
    for entry in entries:
        numbered.setdefault(entry.sequence, {})[entry.id] = entry
    run: list[Entry] = []
    for number in sorted(numbered, reverse=True):
        candidates = numbered[number]
        if run and run[-1].sequence == number + 1:
            linked = candidates.get(run[-1].previous_id)
            if linked and coverage.position_of(linked.operation) < coverage.position_of(
                run[-1].operation
            ):
                run.append(linked)
                continue
            candidates = {}  # not named by the newer entry: from an abandoned fork
        if run:
            yield run
        run = list(candidates.values()) if len(candidates) == 1 else []
    if run:
        yield run
