"""The place of an evidence item on the chain: its coordinates, and links to explorers."""

from __future__ import annotations

from collections.abc import Sequence

from diag.config.explorers import Explorer
from diag.domain.finding import EvidenceItem

_PAGES = ("operation", "transaction", "block")
"""Kinds of pages, most specific first; the first that an explorer has is linked."""


def coordinates(shown: EvidenceItem) -> str:
    """The known coordinates, the same in every language: block 93000000, trx 3, op 0, 1.11.x, txid ….

    Unlike links, they do not depend on an explorer.
    """
    parts = (
        ("block ", shown.block),
        ("trx ", shown.trx_in_block),
        ("op ", shown.op_in_trx),
        ("", shown.operation),
        ("txid ", shown.transaction),
    )
    return ", ".join(f"{name}{value}" for name, value in parts if value not in (None, ""))


def links(explorers: Sequence[Explorer], shown: EvidenceItem) -> list[tuple[str, str]]:
    """Explorer name and URL, one for each explorer that can show the item."""
    known = {
        "operation": shown.operation,
        "txid": shown.transaction,
        "block": shown.block,
        "trx_in_block": shown.trx_in_block,
    }
    pages = ((explorer.name, explorer.url(_PAGES, known)) for explorer in explorers)
    return [(name, page) for name, page in pages if page]
