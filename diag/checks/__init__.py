"""The checks; every module of this package is one.

A check is a module with a docstring (what it looks for, why it happens, what to tell the user),
RULES, and a pure `check(evidence)`. Other packages can add checks by an entry point of the
group `diag.checks` that names such a module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import Protocol, cast

from diag.domain.evidence import Evidence
from diag.domain.finding import LAST, Finding, Rule
from diag.errors import BadSetting


class Check(Protocol):
    """The interface of a check module."""

    @property
    def __name__(self) -> str: ...

    @property
    def RULES(self) -> tuple[Rule, ...]: ...

    def check(self, evidence: Evidence) -> Iterator[Finding]: ...


def _modules() -> Iterator[Check]:
    for found in iter_modules(__path__):
        yield cast(Check, import_module(f"{__name__}.{found.name}"))


CHECKS: tuple[Check, ...] = tuple(
    sorted(_modules(), key=lambda check: (getattr(check, "ORDER", LAST), check.__name__))
)
"""The modules of this package, in the order in which an agent would ask: by their ORDER."""


def installed() -> tuple[Check, ...]:
    """Return CHECKS, then the checks that other packages add by entry points, ordered by name.

    Raises BadSetting, which names the entry point, if one cannot be used.
    """
    found = list(CHECKS)
    for point in sorted(entry_points(group="diag.checks"), key=lambda point: point.name):
        known = {rule.code for check in found for rule in check.RULES}
        found.append(_loaded(point, known))
    return tuple(found)


_CODE = re.compile(r"[a-z][a-z0-9_]*")


def _loaded(point: EntryPoint, known: set[str]) -> Check:
    try:
        check = cast(Check, point.load())
        codes = [rule.code for rule in check.RULES]
        usable = callable(check.check)
    except Exception as error:  # another package may raise anything
        raise _unusable(point, type(error).__name__) from error
    if not usable:
        raise _unusable(point, "check")
    for place, code in enumerate(codes):
        if not _CODE.fullmatch(code) or code in known or code in codes[:place]:
            raise _unusable(point, code)
    return check


def _unusable(point: EntryPoint, why: str) -> BadSetting:
    where = f"{point.name} = {point.value}"
    return BadSetting.of("setup.bad_check", where=where, why=why)
