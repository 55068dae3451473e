"""Opens the nodes named in the settings, over HTTP or WebSocket according to each URL."""

from __future__ import annotations

from collections.abc import Sequence

from diag.chain.rpc.address import WEBSOCKET
from diag.chain.rpc.call import Source
from diag.chain.rpc.http import HttpNode
from diag.chain.rpc.websocket import WebSocketNode
from diag.errors import BadSetting

MAX_CALLS = 128
"""The most calls under way at one HTTP node; enough for the waves of several diagnoses."""
MAX_REPLY_BYTES = 4 * 1024 * 1024


def open_nodes(urls: Sequence[str]) -> tuple[Source, ...]:
    """Return a source for each URL, in order; raises BadSetting with the position of an
    unusable one.
    """
    return tuple(_open(url, position) for position, url in enumerate(urls, 1))


def _open(url: str, position: int) -> Source:
    scheme, _, _ = url.partition(":")
    try:
        if scheme.lower() in WEBSOCKET:
            return WebSocketNode(url, max_body=MAX_REPLY_BYTES)
        return HttpNode(url, workers=MAX_CALLS, max_body=MAX_REPLY_BYTES)
    except BadSetting as error:  # does not quote the URL, which may hold a password
        raise BadSetting.of("setup.node_at", number=position, text=error.text) from None
