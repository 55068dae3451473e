"""The address of a node: what may be shown of it, and the credentials that may not."""

from __future__ import annotations

import re
import ssl
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote, urlsplit

from diag.errors import BadSetting
from diag.i18n import Text

HTTP = ("http", "https")
WEBSOCKET = ("ws", "wss")
BAD_ADDRESS = Text(
    zh="DIAG_NODES 中有一个节点地址无法使用：请写成 http://、https://、ws:// 或 wss:// 加 主机:端口。",
    en="An address in DIAG_NODES cannot be used: write http://host:port, https://host:port, "
    "ws://host:port or wss://host:port.",
)
trusting = cache(ssl.create_default_context)  # reading the certificates takes a while


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """A node's URL taken apart; name is its host (and port as written), never a credential."""

    name: str
    url: str
    headers: dict[str, str]


def parse_address(
    url: str, schemes: tuple[str, ...], remedy: Text = BAD_ADDRESS
) -> NodeAddress:
    """The parts of a URL with one of the schemes; raises BadSetting, which quotes nothing."""
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
