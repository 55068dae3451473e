"""Combines all diagnostics of a set-up, in the order in which to act on them; and checks the
machine.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.doctor.checks import index, nodes, register, settings
from diag.doctor.result import Diagnostic, Level
from diag.doctor.snapshot import Facts


def check(facts: Facts) -> tuple[Diagnostic, ...]:
    """Return all diagnostics that follow from the facts. Pure."""
    return (
        *settings.check(facts),
        *nodes.check(facts),
        *index.check(facts),
        *register.check(facts),
        *_machine(facts),
    )


def _machine(facts: Facts) -> Iterator[Diagnostic]:
    machine = facts.machine
    software = f"diag {machine.version}, Python {machine.python}"
    if machine.zones:
        yield Diagnostic.of(Level.OK, "machine.zones", software)
    else:
        yield Diagnostic.of(Level.FAULT, "machine.no_zones", software)
    listen = facts.review.settings
    address = f"{listen.host}:{listen.port}"
    if machine.port == "taken":
        yield Diagnostic.of(Level.HINT, "machine.port_taken", address)
    elif machine.port:
        yield Diagnostic.of(Level.WARNING, "machine.port_refused", address)
    if not machine.scratch:
        yield Diagnostic.of(Level.WARNING, "machine.no_scratch")
