"""The recorded chain whose truth is known, read once for all tests of a process."""

from functools import cache
from pathlib import Path

from diag.chain.ledger import Ledger
from diag.gateways import Register, of_ledger

RECORDED = Path(__file__).parent / "data" / "ledger"


@cache
def ledger(name: str = "") -> Ledger:
    """What happened, whole; name is one of the recordings of a degraded network."""
    return Ledger.load(RECORDED / name)


@cache
def register(name: str = "") -> Register:
    """The gateways that the recording brings along."""
    found = of_ledger(RECORDED / name)
    assert found
    return found
