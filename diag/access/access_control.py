"""Who may ask, and how often."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import IPv6Address, ip_address

from diag.access.api_keys import ApiKey, holder
from diag.errors import RateLimited, Unauthorized

_WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[0-9.]+))(?::[0-9]{1,5})?")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AccessControl:
    """The keys as they stand now, or None where nobody needs one; and the limit, if there is one."""

    keys: Callable[[], tuple[ApiKey, ...]] | None = None
    limit: Callable[[str], int | None] | None = None
    """Counts a request of a caller; tells the seconds to wait where it is one too many."""
    now: Callable[[], datetime] = _now
    refusals: Callable[[str], int | None] | None = None
    """The same for requests that were refused for want of a good key."""

    def name(self, text: str | None, said: str | None = None) -> str | None:
        """Whose key it is; None where no key is needed.

        Raises Unauthorized where there is none, where it is not good, or where it is not of the
        name that was said.
        """
        if self.keys is None:
            return None
        found = holder(self.keys(), text or "", self.now())
        if found is None or said not in (None, found):
            raise Unauthorized
        return found

    def spend(self, name: str | None, address: str | None) -> None:
        """Counts a request of a key, or of an address where there are no keys.

        Raises RateLimited where it is one too many.
        """
        if self.limit is None:
            return
        _count(self.limit, f"key {name}" if name else f"address {network(address or '')}")

    def spend_refusal(self, address: str | None) -> None:
        """Counts a request without a good key of an address. Who has one is never kept waiting.

        Raises RateLimited where it is one too many.
        """
        if self.refusals is not None:
            _count(self.refusals, f"refused {network(address or '')}")


def _count(limit: Callable[[str], int | None], caller: str) -> None:
    seconds = limit(caller)
    if seconds is not None:
        raise RateLimited(seconds)


def network(address: str) -> str:
    """Who stands behind an address: of IPv6 the /64, all of which one customer has.

    A proxy may write a port, brackets or quotes. What is no address stands for itself, as a digest.
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
