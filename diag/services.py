"""The services that the HTTP API and the command line depend on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Protocol, TypeVar

from diag.chain.client import Health
from diag.chain.collect.gateway_view import LOOK_BACK, GatewayView
from diag.chain.metrics import Counters
from diag.chain.pool.pool import Pool
from diag.chain.pool.status import NodeStatus
from diag.checks import Check
from diag.config.explorers import templates
from diag.config.settings import Settings
from diag.diagnosis.engine import Collect, Diagnosis, Stage, diagnose, unwatched
from diag.domain.case import Case
from diag.domain.gateway import Gateway
from diag.domain.gateway_register import Register
from diag.domain.identifier import Identifier, Located
from diag.gateways.flagged_accounts import listed
from diag.notices.model import Notice
from diag.schemas.fields import Templates
from diag.words import OURS, Phrases

if TYPE_CHECKING:
    from diag.intake.parser import Intake


class ReadGateway(Protocol):
    """Reads how a gateway served all its users during the last day, or longer."""

    def __call__(self, gateway: Gateway, look_back: timedelta = LOOK_BACK) -> GatewayView: ...


Result = TypeVar("Result")


class Memoize(Protocol):
    """Returns the result of `make`, or an earlier one for the same key and the same chain snapshot.

    weigh: returns the size of a result in bytes, or None if it must not be kept.
    """

    def __call__(
        self, key: str, make: Callable[[], Result], weigh: Callable[[Result], int | None]
    ) -> Result: ...


def without_cache(
    key: str, make: Callable[[], Result], weigh: Callable[[Result], int | None]
) -> Result:
    """Return the result of `make`: a `Memoize` that keeps nothing."""
    return make()


@dataclass(frozen=True, slots=True)
class Services:
    """Everything needed to diagnose cases; no other state is shared between requests."""

    collect: Collect
    """Reads the history of a case."""
    gateway_view: ReadGateway
    locate: Callable[[Identifier], Located]
    """Finds the account and time of an operation or transaction; raises BadInput if unknown."""
    health: Callable[[float], Health]
    """Reads the chain's health within so many seconds."""
    register: Register
    checks: tuple[Check, ...]
    settings: Settings
    now: Callable[[], datetime]
    """The current time: the wall clock, or the time of the last block of a recorded chain."""
    pool: Pool
    new_batch: Callable[[], Collect]
    """Makes a `collect` for one batch of cases, which share what they read."""
    batch_concurrency: int = 1
    """How many cases of a batch are read side by side: one where there is no node to wait for."""
    notices: Callable[[], tuple[Notice, ...]] = tuple
    """The operator's notices that are currently in the file."""
    phrases: Callable[[], Phrases] = lambda: OURS
    """The words of replies: ours, with the operator's that are currently in the file."""
    counters: Counters = field(default_factory=Counters)
    """Counters of network calls and cache hits."""
    node_statuses: Callable[[float], Sequence[NodeStatus]] = lambda _: ()
    """Reads the status of every node within so many seconds."""
    stage: Stage = unwatched
    """Context manager opened around each stage of a diagnosis, to time it."""

    @property
    def templates(self) -> Templates:
        """The addresses of the configured explorers, to recognise links to them."""
        return templates(self.settings.explorers)

    def diagnose(self, case: Case) -> Diagnosis:
        """Diagnose a case with the notices and phrases of now; raises what `collect` raises."""
        return diagnose(
            case,
            self.collect,
            self.register,
            self.checks,
            self.notices(),
            self.stage,
            self.phrases(),
        )

    def read_complaint(self, text: str, zone: tzinfo | None) -> Intake:
        """Read what a user wrote; zone: the user's time zone, if it is known."""
        from diag.intake.parser import read  # slow to import, and not needed for a diagnosis

        return read(text, self.now(), zone, self.register, listed, self.templates)

    @property
    def memoize(self) -> Memoize:
        """Return the memoization of `collect` if it has one, else `without_cache`."""
        found: Memoize = getattr(self.collect, "memoize", without_cache)
        return found
