"""Where on the chain a piece of evidence stands: its coordinates, and where to look it up."""

from __future__ import annotations

from collections.abc import Sequence

from diag.config.explorers import Explorer
from diag.domain.finding import EvidenceItem

_PAGES = ("operation", "transaction", "block")
"""Of these pages an explorer shows the first that it has: the narrowest."""


def coordinates(shown: EvidenceItem) -> str:
    """block 93000000, trx 3, op 0, 1.11.x, txid …: what is known, the same in every language.

    They outlive every explorer.
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
    """Explorer name and address, one of each explorer that can show it."""
    known = {
        "operation": shown.operation,
        "txid": shown.transaction,
        "block": shown.block,
        "trx_in_block": shown.trx_in_block,
    }
    pages = ((explorer.name, explorer.url(_PAGES, known)) for explorer in explorers)
    return [(name, page) for name, page in pages if page]
