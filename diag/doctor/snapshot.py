"""What an examination saw, before anybody judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from diag.chain.elasticsearch.survey import IndexReport
from diag.chain.pool.survey import NodeReport
from diag.config.settings import Review
from diag.domain.account import Account
from diag.domain.gateway_register import Register, empty
from diag.errors import BadSetting
from diag.notices.model import Notice


@dataclass(frozen=True, slots=True)
class OnChain:
    """What one node told about names, and about blocks that the index speaks of too."""

    node: str
    asked: tuple[str, ...] = ()
    """The names and ids of accounts that were asked for."""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    """Those that exist, by name and by id."""
    symbols: frozenset[str] | None = None
    """The assets that exist of those asked for; None where nothing was told."""
    times: Mapping[int, str] | None = None
    """Block times; None where nothing was told."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the service runs."""

    version: str
    python: str
    zones: bool
    """Whether time zones are known by name."""
    port: str | None = None
    """Why the port cannot be listened on: `taken`, `refused`; None where it can."""
    scratch: bool = True
    """Whether there is a place for temporary files."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was seen."""

    now: datetime
    """The local wall clock, or the time set by DIAG_CLOCK; aware."""
    review: Review
    machine: Machine
    bad_addresses: tuple[int, ...] = ()
    """Which of the addresses of nodes, counted from 1, are none."""
    reports: tuple[NodeReport, ...] = ()
    register: Register = field(default_factory=empty)
    keys: tuple[str, ...] | None = None
    """The public keys of the memo keys held, without prefix; None where none are configured."""
    notices: tuple[Notice, ...] | None = None
    index: IndexReport | None = None
    on_chain: OnChain | None = None
    modes: Mapping[str, int] = field(default_factory=dict)
    """Permission bits of the files that settings name, by variable."""
    broken: Mapping[str, BadSetting] = field(default_factory=dict)
    """What could not be loaded, by variable, though its setting is well formed."""

    @property
    def demo(self) -> bool:
        """True where a recorded chain answers."""
        return not self.review.settings.nodes

    @property
    def chain_id(self) -> str | None:
        """The chain that nodes must serve, as far as anything says so."""
        return self.review.settings.chain_id or self.register.chain_id

    @property
    def usable(self) -> tuple[NodeReport, ...]:
        """The nodes that a diagnosis could be asked of, those whose head fits the clock first."""
        strict = self.review.settings.chain_id
        fit = [r for r in self.reports if r.head and strict in (None, r.chain_id)]
        return tuple(sorted(fit, key=lambda r: r.head is not None and r.head.gap is not None))
