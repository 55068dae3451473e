"""Closing the gaps of a history out of an index: searched by time, proven by the links of the list.

An account's operations are numbered without a hole, and each entry names the one before it. So
entries that are linked have nothing between them, whatever the cluster left out. What joins
a run to the present is an operation that the node shows itself; the index may lag behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import Any

from diag.chain.elasticsearch import documents
from diag.chain.elasticsearch.documents import Entry
from diag.chain.history import coverage
from diag.chain.history.coverage import Stretch
from diag.chain.history.timeline import Pages
from diag.chain.rpc.call import Call, Deadline, Reply, Source, understood
from diag.chain.rpc.values import node_time
from diag.errors import ChainError, Unreachable

PAGE = 500
MOST_PAGES = 24
BESIDE = coverage.PAGE
"""How many operations are read on each side of a gap: as many as a page of a node holds."""
_FIELDS = {
    "includes": [
        "account_history",
        "operation_history",
        "operation_type",
        "block_data",
    ],
    "excludes": ["operation_history.operation_result_object"],
}


def read(
    index: Source, gaps: Iterable[tuple[Pages, Stretch]], deadline: Deadline
) -> list[Closing]:
    """Read what the gaps hold and what stands beside them, all of them side by side."""
    closing = [Closing(pages, gap) for pages, gap in gaps]
    for _ in range(MOST_PAGES):
        calls = {
            (place, part): call
            for place, one in enumerate(closing)
            for part, call in one.calls().items()
        }
        if not calls:
            break
        replies = index.ask(list(calls.values()), deadline)
        for (place, part), reply in zip(calls, replies, strict=True):
            closing[place].take(part, reply)
    return closing


@dataclass(slots=True)
class Closing:
    """One gap of one account, and the entries found in it and beside it."""

    pages: Pages
    gap: Stretch
    entries: list[Entry] = field(default_factory=list)
    begun: bool = False
    after: Any = None
    """The place in the order from which to go on; None where there is no more."""

    def calls(self) -> dict[str, Call]:
        """The searches that come next, by what part they are about."""
        first, last = node_time(self.gap.first[0]), node_time(self.gap.last[0])
        account = self.pages.account
        inside = _search(account, {"gte": first, "lte": last}, PAGE)
        if self.begun:
            more = {"search_after": self.after}
            return {"inside": search(inside | more)} if self.after else {}
        self.begun = True
        return {
            "inside": search(inside),
            "before": search(_search(account, {"lt": first}, BESIDE)),
            "after": search(_search(account, {"gt": last}, BESIDE, "asc")),
        }

    def take(self, part: str, reply: Reply) -> None:
        hits = understood(
            reply, lambda found: [(hit["_source"], hit.get("sort")) for hit in found]
        )
        if isinstance(hits, ChainError):
            reason = hits.reason if isinstance(hits, Unreachable) else hits.code
            self.pages.refused = Unreachable(f"Elasticsearch: {reason}")
            hits = []
        for document, _ in hits:
            entry = understood(document, documents.entry)
            if isinstance(entry, Entry) and entry.account == self.pages.account:
                self.entries.append(entry)
        if part == "inside":
            more = len(hits) >= PAGE and hits[-1][1] != self.after
            self.after = hits[-1][1] if more else None

    def moment(self, final: int) -> tuple[int, str] | None:
        """Block and time of the newest entry that must be on every node's chain."""
        found = max(
            (e for e in self.entries if e.block <= final),
            key=lambda e: e.sequence,
            default=None,
        )
        return (found.block, found.row["block_time"]) if found else None

    def prove(self, final: int) -> None:
        """Hand over each run of linked entries that nothing the node shows speaks against.

        final is the last irreversible block: entries of later ones may be of a branch that was
        left, and count only below an operation that the node shows itself.
        """
        for run in _runs(self.entries):
            rows = [entry.row for entry in dropwhile(lambda e: not self._sure(e, final), run)]
            if not rows or self.pages.contradict(rows):
                continue
            self.pages.add_run(rows)
            if run[-1].sequence == 1:
                self.pages.add_first(rows[-1])

    def _sure(self, entry: Entry, final: int) -> bool:
        shown = self.pages.rows.get(entry.row["id"], {})
        return entry.block <= final or shown.get("block_num") == entry.block


def search(body: Mapping[str, Any]) -> Call:
    """A search, whose reply is a list of hits: `_source` and `sort` of each document."""
    return Call("elasticsearch", "_search", (body,))


def _search(
    account: str, moments: Mapping[str, str], size: int, order: str = "desc"
) -> dict[str, Any]:
    """The body of a search for an account's entries, in the order of their numbers."""
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
                    {"range": {"block_data.block_time": dict(moments)}},
                ]
            }
        },
        "sort": [{"account_history.sequence": order}, {"operation_id_num": order}],
    }


def _runs(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Entries that are linked, newest first. Of several with one number, the linked one is true."""
    numbered: dict[int, dict[str, Entry]] = {}
    for entry in entries:
        numbered.setdefault(entry.sequence, {})[entry.id] = entry
    run: list[Entry] = []
    for number in sorted(numbered, reverse=True):
        ambiguous_with = numbered[number]
        if run and run[-1].sequence == number + 1:
            linked = ambiguous_with.get(run[-1].earlier)
            if linked and coverage.key(linked.row) < coverage.key(run[-1].row):
                run.append(linked)
                continue
            ambiguous_with = {}  # what the entry above does not name was left behind
        if run:
            yield run
        run = list(ambiguous_with.values()) if len(ambiguous_with) == 1 else []
    if run:
        yield run
