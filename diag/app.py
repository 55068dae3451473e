"""The composition root: what the service is made of, from the settings."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from flask import Flask

from diag import api, gateways
from diag.chain.collect import Collector
from diag.chain.ledger import Ledger, LedgerSource
from diag.chain.rpc import HttpNode
from diag.chain.source import Source
from diag.checks import Check, installed
from diag.diagnose import Collect
from diag.gateways import Register
from diag.settings import Settings

WORKERS = 32
"""Calls that one node may have under way at once, so that a wave is one wave."""
LARGEST_ANSWER = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a face needs to diagnose."""

    collect: Collect
    register: Register
    checks: tuple[Check, ...]
    settings: Settings
    now: Callable[[], datetime]
    """The present moment: the wall clock, or where a recorded chain stands still."""
    sources: tuple[Source, ...]


def parts(settings: Settings) -> Parts:
    """Nodes if any are named, else a recorded chain; and the register that belongs to it."""
    if settings.nodes:
        sources: tuple[Source, ...] = tuple(
            HttpNode(url, workers=WORKERS, max_body=LARGEST_ANSWER) for url in settings.nodes
        )
        register = _register(settings, None)
        chain_id = settings.chain_id or register.chain_id
        clock = _wall_clock
    else:
        directory = settings.ledger or embedded_ledger()
        ledger = Ledger.load(directory)
        sources = (LedgerSource(ledger, ledger.name),)
        register = _register(settings, directory)
        chain_id = settings.chain_id

        def clock() -> datetime:
            return ledger.clock

    collect = Collector(
        sources, register, seconds=settings.deadline, chain_id=chain_id, clock=clock
    )
    return Parts(collect, register, installed(), settings, clock, sources)


def _wall_clock() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def embedded_ledger() -> Path:
    """The recorded chain that comes with the package."""
    return Path(str(files("diag") / "data" / "ledger"))


def _register(settings: Settings, ledger: Path | None) -> Register:
    if settings.gateways:
        return gateways.load(settings.gateways)
    beside = gateways.of_ledger(ledger) if ledger else None
    return beside or gateways.builtin()


def create_app(settings: Settings, collect: Collect | None = None) -> Flask:
    """The WSGI application; another `collect` takes the place of the chain."""
    made = parts(settings)
    logging.getLogger("diag").setLevel(logging.INFO)
    return api.create(
        collect or made.collect, made.register, made.checks, settings, made.now, made.sources
    )
