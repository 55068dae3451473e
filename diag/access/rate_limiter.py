"""Limits how often one caller may send requests, counted in this process or in a shared store."""

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

log = logging.getLogger(__name__)

REFUSALS = "60/minute"
"""Requests of one address without a valid key that get a 401; further ones must wait."""
_STORE_SECONDS = 0.25
"""Timeout of the store."""
_STORE_BACKOFF = 10.0
"""Seconds for which a store is not used after it failed."""
_LOG_INTERVAL = 60.0


def open_store(address: str | None) -> Storage:
    """The store of the counters: this process, or the Redis at a redis:// or rediss:// address.

    Raises BadSetting if the address cannot be used.
    """
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
        raise BadSetting.of("setup.no_rate_store") from None
    assert isinstance(found, Storage)
    return found


class RateLimiter:
    """A moving-window limit per caller; thread-safe. While the store fails, nobody is limited.

    limit: such as "600/minute".
    """

    def __init__(
        self, limit: str, storage: Storage, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = parse(limit)
        self._limiter = MovingWindowRateLimiter(storage)
        self._clock = clock
        self._lock = threading.Lock()
        self._backoff_until = self._quiet_until = -math.inf

    def hit(self, caller: str) -> int | None:
        """Count a request; returns None within the limit, else the whole seconds to wait."""
        if self._clock() < self._backoff_until:
            return None
        try:
            if self._limiter.hit(self._limit, caller):
                return None
            free_at = self._limiter.get_window_stats(self._limit, caller).reset_time
        except StorageError as error:
            self._store_failed(error)
            return None
        return max(1, math.ceil(free_at - time.time()))

    def _store_failed(self, error: StorageError) -> None:
        now = self._clock()
        with self._lock:
            logged, self._backoff_until = now < self._quiet_until, now + _STORE_BACKOFF
            if logged:
                return
            self._quiet_until = now + _LOG_INTERVAL
        log.warning(
            "the rate store fails (%s): nobody is limited meanwhile",
            type(error.storage_error).__name__,
        )
