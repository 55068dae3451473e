"""The facts that an examination collected."""

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
    """One node's answers about the names in the register, and about blocks in the index."""

    node: str
    asked: tuple[str, ...] = ()
    """Names and ids of the accounts that were asked for."""
    accounts: Mapping[str, Account] = field(default_factory=dict)
    """The accounts that exist, by name and by id."""
    symbols: frozenset[str] | None = None
    """Symbols of the assets that exist; None: no answer."""
    times: Mapping[int, datetime] | None = None
    """Block times by number; None: no answer."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine on which the service runs."""

    version: str
    python: str
    zones: bool
    """Whether time zones are known by name."""
    port: str | None = None
    """Why the port cannot be listened on: `taken` or `refused`; None if it can."""
    scratch: bool = True
    """Whether temporary files can be written."""


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What the file of channels holds."""

    clear: tuple[str, ...] = ()
    """Names of the channels whose address is not encrypted."""
    secrets_inside: bool = False
    """Whether the file itself holds secrets."""
    secret_files: tuple[str, ...] = ()
    """The files that hold the other secrets."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that an examination collected."""

    now: datetime
    """The local wall clock, or the time set by DIAG_CLOCK; aware."""
    review: Review
    machine: Machine
    bad_addresses: tuple[int, ...] = ()
    """Places of malformed node addresses, counted from 1."""
    reports: tuple[NodeReport, ...] = ()
    register: Register = field(default_factory=empty)
    keys: tuple[str, ...] | None = None
    """Public keys of the configured memo keys, without prefix; None if none are configured."""
    notices: tuple[Notice, ...] | None = None
    index: IndexReport | None = None
    on_chain: OnChain | None = None
    channels: ChannelFacts | None = None
    modes: Mapping[str, int] = field(default_factory=dict)
    """Permission bits of the files that settings name, by variable."""
    broken: Mapping[str, BadSetting] = field(default_factory=dict)
    """Errors of well-formed settings whose files or addresses could not be used, by variable."""

    @property
    def demo(self) -> bool:
        """True if a recorded chain answers instead of nodes."""
        return not self.review.settings.nodes

    @property
    def chain_id(self) -> str | None:
        """The chain that nodes must serve, by the settings or the register; None: any."""
        return self.review.settings.chain_id or self.register.chain_id

    @property
    def chains(self) -> frozenset[str]:
        """The chains that the usable nodes serve."""
        return frozenset(report.chain_id for report in self.usable if report.chain_id)

    @property
    def indexed(self) -> bool:
        """True if an index of histories answers."""
        return self.index is not None and self.index.failure is None

    @property
    def usable(self) -> tuple[NodeReport, ...]:
        """Nodes of the right chain that answered, those whose head fits the clock first."""
        strict = self.review.settings.chain_id
        fit = [r for r in self.reports if r.head and strict in (None, r.chain_id)]
        return tuple(sorted(fit, key=lambda r: r.head is not None and r.head.gap is not None))
