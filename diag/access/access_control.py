"""Decides who may send requests, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address

from diag.access.api_keys import ApiKey, find_owner
from diag.errors import RateLimited, Unauthorized


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AccessControl:
    """Checks API keys and rate limits."""

    keys: Callable[[], tuple[ApiKey, ...]] | None = None
    """Returns the current API keys; None if no key is needed."""
    limit: Callable[[str], int | None] | None = None
    """Counts a request of a caller; returns the seconds to wait if it is over the limit, else None."""
    now: Callable[[], datetime] = _now

    def authenticate(self, key: str | None, claimed_name: str | None = None) -> str | None:
        """The name of a key's owner; None if no key is needed.

        Raises Unauthorized if the key is missing, unknown or expired, or if its owner is not the
        claimed one.
        """
        if self.keys is None:
            return None
        owner = find_owner(self.keys(), key or "", self.now())
        if owner is None or claimed_name not in (None, owner):
            raise Unauthorized
        return owner

    def count_request(self, name: str | None, address: str | None) -> None:
        """Count a request of a key's owner, or of an address if there are no keys.

        Raises RateLimited if it is over the limit.
        """
        if self.limit is None:
            return
        caller = f"key {name}" if name else f"address {client_network(address or '')}"
        seconds = self.limit(caller)
        if seconds is not None:
            raise RateLimited(seconds)


def client_network(address: str) -> str:
    """The address by which a caller is counted: for IPv6 the /64, which belongs to one customer."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))
