"""The place of an evidence item on the chain: its coordinates, and links to explorers."""

from __future__ import annotations

from collections.abc import Sequence

from diag.config.explorers import Explorer
from diag.domain.finding import EvidenceItem

_PAGES = ("operation", "transaction", "block")
"""Kinds of pages, most specific first; the first that an explorer has is linked."""


def coordinates(item: EvidenceItem) -> str:
    """The known coordinates, the same in every language: block 93000000, trx 3, op 0, 1.11.x, txid ….

    Unlike links, they do not depend on an explorer.
    """
    parts = (
        ("block ", item.block),
        ("trx ", item.trx_in_block),
        ("op ", item.op_in_trx),
        ("", item.operation),
        ("txid ", item.transaction),
    )
    return ", ".join(f"{name}{value}" for name, value in parts if value not in (None, ""))


def links(explorers: Sequence[Explorer], item: EvidenceItem) -> list[tuple[str, str]]:
    """Explorer name and URL, one for each explorer that can show the item."""
    known = {
        "operation": item.operation,
        "txid": item.transaction,
        "block": item.block,
        "trx_in_block": item.trx_in_block,
    }
    pages = ((explorer.name, explorer.url(_PAGES, known)) for explorer in explorers)
    return [(name, page) for name, page in pages if page]
