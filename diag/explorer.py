"""Block explorers: addresses with blanks, filled with what was found on the chain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explorer:
    """One explorer; a template is an https address with blanks, None where it has no such page."""

    name: str
    account: str | None = None
    operation: str | None = None
    transaction: str | None = None
    block: str | None = None
    asset: str | None = None
    chain_id: str | None = None
    """The only chain that it shows; None where it is taken to show any."""
