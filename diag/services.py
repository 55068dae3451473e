"""What a face of the service is handed: everything it needs to answer, and nothing global."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from diag.chain.client import Health
from diag.chain.collect.gateway_view import GatewayView
from diag.chain.metrics import Counters
from diag.chain.pool.pool import Pool
from diag.chain.pool.status import NodeStatus
from diag.checks import Check
from diag.config.settings import Settings
from diag.diagnosis.engine import Collect, Stage, unwatched
from diag.domain.gateway import Gateway
from diag.domain.gateway_register import Register
from diag.notices.model import Notice

Look = Callable[[Gateway], GatewayView]
Made = TypeVar("Made")


class Once(Protocol):
    """What was made of the present look at the chain, made anew if it was not; weigh tells how many
    bytes it takes to keep it, None if it must not be kept.
    """

    def __call__(
        self, key: str, make: Callable[[], Made], weigh: Callable[[Made], int | None]
    ) -> Made: ...


def anew(key: str, make: Callable[[], Made], weigh: Callable[[Made], int | None]) -> Made:
    """Keeps nothing."""
    return make()


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a face needs to diagnose."""

    collect: Collect
    look: Look
    """One look at a gateway's last day."""
    health: Callable[[float], Health]
    """The chain's health, asked within so many seconds."""
    register: Register
    checks: tuple[Check, ...]
    settings: Settings
    now: Callable[[], datetime]
    """The present moment: the wall clock, or where a recorded chain stands still."""
    pool: Pool
    together: Callable[[], Collect]
    """A `collect` for one batch of cases, which share what they have in common."""
    rows_at_once: int = 1
    """Cases of a batch at work at once: several only where there is a node to wait for."""
    notices: Callable[[], tuple[Notice, ...]] = tuple
    """What the operator wants to be known, as it stands now."""
    tally: Counters = field(default_factory=Counters)
    """What went over the wire, counted."""
    roll_call: Callable[[float], Sequence[NodeStatus]] = lambda _: ()
    """Every source and how it stands, asked within so many seconds."""
    stage: Stage = unwatched
    """Opened around each stage of a diagnosis, to time it."""

    @property
    def once(self) -> Once:
        """The same question on the same evidence is answered once, where `collect` can tell."""
        known: Once = getattr(self.collect, "once", anew)
        return known
