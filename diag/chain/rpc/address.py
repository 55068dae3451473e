"""Parses the URL of a node, and separates its credentials from the name that may be displayed."""

from __future__ import annotations

import re
import ssl
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote, urlsplit

from diag.errors import BadSetting
from diag.i18n import Text
from diag.words import problem

HTTP = ("http", "https")
WEBSOCKET = ("ws", "wss")
BAD_ADDRESS = problem("setup.node_address")
tls_context = cache(ssl.create_default_context)  # loading the certificates is slow


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """The parts of a node's URL."""

    name: str
    """The host, with the port if the URL names one; never a credential."""
    url: str
    """The URL without credentials and fragment."""
    headers: dict[str, str]
    """The Authorization header, if the URL holds credentials."""


def parse_address(
    url: str, schemes: tuple[str, ...], remedy: Text = BAD_ADDRESS
) -> NodeAddress:
    """Parse a URL that has one of the schemes.

    Raises BadSetting with the given remedy; the error does not quote the URL, which may hold a
    password.
    """
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in schemes and parts.port != 0
        if not (usable and re.fullmatch(r"[\w.:%-]+", parts.hostname or "")):
            raise BadSetting(remedy)
        name = parts.netloc.rpartition("@")[2].lower()
        headers = {}
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = f"Basic {b64encode(login.encode()).decode()}"
        return NodeAddress(name, parts._replace(netloc=name, fragment="").geturl(), headers)
    except ValueError:
        raise BadSetting(remedy) from None  # the cause may quote a password
