"""Parses the addresses in the settings; notes whether one holds a login, but does not keep the
login.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from diag.config.settings import Settings

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address of a node or an index."""

    setting: str
    scheme: str
    host: str
    port: int
    login: bool

    @property
    def shown(self) -> str:
        return f"{self.scheme}://{self.host}"

    @property
    def clear(self) -> bool:
        """True if the connection is not encrypted and leads through networks of others."""
        return self.scheme in ("http", "ws") and not _near(self.host)


def addresses_in(settings: Settings) -> Iterator[Address]:
    """Yield the addresses of the nodes and of the index; malformed ones are left out."""
    urls = [("DIAG_NODES", url) for url in settings.nodes]
    for name, url in [*urls, ("DIAG_ELASTICSEARCH", settings.elasticsearch or "")]:
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme)
        except ValueError:
            continue
        if parts.hostname and port:
            login = parts.username is not None
            yield Address(name, parts.scheme, parts.hostname, port, login)


def _near(host: str) -> bool:
    """Return True for this machine and private networks: a private address, or a name without a
    domain.
    """
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))
