"""Where on the chain a piece of evidence stands, in a form that outlives every explorer."""

from __future__ import annotations

from diag.verdict import Exhibit


def coordinates(shown: Exhibit) -> str:
    """block 93000000, trx 3, op 0, 1.11.x, txid …; only what is known, the same in every language."""
    parts = (
        ("block ", shown.block),
        ("trx ", shown.trx_in_block),
        ("op ", shown.op_in_trx),
        ("", shown.operation),
        ("txid ", shown.transaction),
    )
    return ", ".join(f"{name}{value}" for name, value in parts if value not in (None, ""))
