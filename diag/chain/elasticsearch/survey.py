"""Surveys an index: which time it covers, and whether its documents can be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from diag.chain.elasticsearch.documents import entries
from diag.chain.elasticsearch.index import documents_in, search
from diag.chain.rpc.call import Call, Deadline, Source, parse_reply
from diag.domain.operations import Unreadable
from diag.errors import ChainError

SAMPLE = 20
_TIME = "block_data.block_time"


@dataclass(frozen=True, slots=True)
class IndexReport:
    """A survey of an index, from its newest and its oldest documents; None means not known."""

    name: str
    failure: str | None = None
    """Why the index cannot be used: a short English phrase."""
    newest: datetime | None = None
    oldest: datetime | None = None
    readable: int = 0
    """How many of the sampled documents could be parsed."""
    unreadable: int = 0
    styles: frozenset[str] = frozenset()
    """How the documents hold operations: "text", "objects", or both."""
    block_times: Mapping[int, datetime] = field(default_factory=dict)
    """Block times by block number; a node of the same chain has the same ones."""


def survey_index(index: Source, deadline: Deadline) -> IndexReport:
    """Survey an index in one wave of two searches."""
    replies = index.ask([_sample("desc"), _sample("asc")], deadline)
    documents: list[Any] = []
    for found in map(documents_in, replies):
        if isinstance(found, ChainError):
            return IndexReport(index.name, found.reason)
        documents += found
    parsed = [e for e in entries(documents) if not isinstance(e.operation, Unreadable)]
    times = sorted(entry.operation.at for entry in parsed)
    return IndexReport(
        name=index.name,
        failure=None if documents else "it is empty",
        newest=times[-1] if times else None,
        oldest=times[0] if times else None,
        readable=len(parsed),
        unreadable=len(documents) - len(parsed),
        styles=frozenset(style for one in documents for style in _styles(one)),
        block_times={entry.block: entry.operation.at for entry in parsed},
    )


def _sample(order: str) -> Call:
    """Return a search for the documents at one end of the index."""
    return search(
        {
            "size": SAMPLE,
            "track_total_hits": False,
            "query": {"match_all": {}},
            "sort": [{_TIME: {"order": order, "unmapped_type": "date"}}],
        }
    )


def _styles(document: Any) -> list[str]:
    operation = parse_reply(document, lambda one: one["operation_history"])
    if not isinstance(operation, dict):
        return []
    return [
        name for name, key in (("text", "op"), ("objects", "op_object")) if operation.get(key)
    ]
