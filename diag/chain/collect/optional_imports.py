"""Imports python-bitshares without the optional library that only signing needs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_UNUSED = "cryptography"
_lock = Lock()


@contextmanager
def without_cryptography() -> Iterator[None]:
    """Context manager in which `import cryptography` fails, unless it was imported before.

    graphenelib imports it if it is installed, to sign and to verify signatures, and works
    without it. This service does neither, and the import takes 7 MiB.
    """
    with _lock:
        if _UNUSED in sys.modules:
            yield
            return
        sys.modules[_UNUSED] = None  # type: ignore[assignment]  # the documented way to forbid one
        try:
            yield
        finally:
            del sys.modules[_UNUSED]
