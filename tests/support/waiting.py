"""Waiting for what other threads bring about."""

from __future__ import annotations

import time
from collections.abc import Callable

from diag.chain.rpc.call import Deadline


def soon(holds: Callable[[], bool], seconds: float = 2.0) -> bool:
    """Whether it comes to hold within so many seconds."""
    patience = Deadline(seconds)
    while not holds() and patience.left():
        time.sleep(0.01)
    return holds()
