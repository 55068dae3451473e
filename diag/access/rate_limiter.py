"""How often one caller may ask, counted here or in a store that replicas share."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable

from limits import parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from diag.access.memory_storage import Memory
from diag.errors import BadSetting
from diag.i18n import Text

log = logging.getLogger(__name__)

REFUSALS = "60/minute"
"""Requests of one address that are told that they have no good key; the next ones must wait."""
_STORE_SECONDS = 0.25
"""How long the store may keep a request waiting."""
_STORE_REST = 10.0
"""Seconds for which a store that failed is left alone."""
_LOG_REST = 60.0


def store(address: str | None) -> Storage:
    """Where to count: in this process, or in the Redis at an address (redis:// or rediss://)."""
    if address is None:
        return Memory()
    try:
        found = storage_from_string(
            address,
            wrap_exceptions=True,
            socket_timeout=_STORE_SECONDS,
            socket_connect_timeout=_STORE_SECONDS,
        )
    except (ConfigurationError, ValueError):
        raise BadSetting(
            Text(
                zh="DIAG_RATE_STORE：无法使用；请安装 bitshares-diag[redis]，并核对地址。",
                en="DIAG_RATE_STORE: cannot be used; install bitshares-diag[redis] and check the "
                "address.",
            )
        ) from None
    assert isinstance(found, Storage)
    return found


class RateLimiter:
    """A limit for each caller by itself, over any stretch of its length, not only from clock
    minute to clock minute. While the store fails, everybody is served.
    """

    def __init__(
        self, limit: str, storage: Storage, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = parse(limit)
        self._limiter = MovingWindowRateLimiter(storage)
        self._clock = clock
        self._lock = threading.Lock()
        self._rest_until = self._quiet_until = -math.inf

    def spend(self, caller: str) -> int | None:
        """Counts a request. None where it is within the limit, else the whole seconds to wait."""
        if self._clock() < self._rest_until:
            return None
        try:
            if self._limiter.hit(self._limit, caller):
                return None
            free_at = self._limiter.get_window_stats(self._limit, caller).reset_time
        except StorageError as error:
            self._failed(error)
            return None
        return max(1, math.ceil(free_at - time.time()))

    def _failed(self, error: StorageError) -> None:
        now = self._clock()
        with self._lock:
            told, self._rest_until = now < self._quiet_until, now + _STORE_REST
            if told:
                return
            self._quiet_until = now + _LOG_REST
        log.warning(
            "the rate store fails (%s): nobody is limited meanwhile",
            type(error.storage_error).__name__,
        )
