"""Decides who may send requests, and how often."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from diag.access.api_keys import ApiKey, find_owner
from diag.errors import RateLimited, Unauthorized

_WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[0-9.]+))(?::[0-9]{1,5})?")


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
    refusals: Callable[[str], int | None] | None = None
    """As `limit`, for requests that were refused because they have no valid key."""

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
        _count(self.limit, caller)

    def count_refusal(self, address: str | None) -> None:
        """Count a request without a valid key, per address. Requests with a valid key are not
        affected.

        Raises RateLimited if it is over the limit.
        """
        if self.refusals is not None:
            _count(self.refusals, f"refused {client_network(address or '')}")


def _count(limit: Callable[[str], int | None], caller: str) -> None:
    seconds = limit(caller)
    if seconds is not None:
        raise RateLimited(seconds)


def client_network(address: str) -> str:
    """The address under which a caller's requests are counted: for IPv6 its /64 network, which
    belongs to one customer.

    Ports, brackets and quotes that a proxy may write are removed. Text that is not an address is
    replaced by its digest.
    """
    text = address.strip().strip('"')
    written = _WITH_PORT.fullmatch(text)
    try:
        found = ip_address((written["v6"] or written["v4"]) if written else text)
    except ValueError:
        return f"text {sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))
