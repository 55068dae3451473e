"""The chain's health as one source shows it just now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from diag.chain import opening
from diag.chain.head import head_calls
from diag.chain.inquiry import Inquiry
from diag.chain.race import Patience, unmeasured
from diag.chain.source import Deadline, Source
from diag.evidence import Node
from diag.records import Network


@dataclass(frozen=True, slots=True)
class Health:
    """The head of the chain, its parameters and counters, and the node that told them."""

    network: Network
    node: Node
    time: datetime


def look(
    sources: Iterable[Source],
    *,
    seconds: float,
    chain_id: str | None,
    clock: Callable[[], datetime],
    patience: Patience = unmeasured,
) -> Health:
    """One wave to the first fit source; raises Unreachable if there is none."""
    inquiry = Inquiry(tuple(sources), Deadline(seconds), patience=patience)
    _, head = opening.from_the_best(inquiry, head_calls(()), chain_id, clock)
    return Health(head.network, head.node, head.time)
