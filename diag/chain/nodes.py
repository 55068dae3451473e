"""The nodes that the settings name: HTTP or WebSocket, as the scheme of each address says."""

from __future__ import annotations

from collections.abc import Sequence

from diag.chain.node_address import WEBSOCKET
from diag.chain.rpc import HttpNode
from diag.chain.source import Source
from diag.chain.websocket import WebSocketNode

WORKERS = 32
"""Calls that one HTTP node may have under way at once, so that a wave is one wave."""
LARGEST_ANSWER = 4 * 1024 * 1024


def named(urls: Sequence[str]) -> tuple[Source, ...]:
    """A source for each address, in their order; raises BadSetting for one that is none."""
    return tuple(_node(url) for url in urls)


def _node(url: str) -> Source:
    scheme, _, _ = url.partition(":")
    if scheme.lower() in WEBSOCKET:
        return WebSocketNode(url, max_body=LARGEST_ANSWER)
    return HttpNode(url, workers=WORKERS, max_body=LARGEST_ANSWER)
