"""The nodes that the settings name: HTTP or WebSocket, as the scheme of each address says."""

from __future__ import annotations

from collections.abc import Sequence

from diag.chain.rpc.address import WEBSOCKET
from diag.chain.rpc.call import Source
from diag.chain.rpc.http import HttpNode
from diag.chain.rpc.websocket import WebSocketNode
from diag.errors import BadSetting
from diag.i18n import Text

WORKERS = 128
"""Calls that one HTTP node may have under way at once: the waves of several diagnoses."""
LARGEST_ANSWER = 4 * 1024 * 1024


def open_nodes(urls: Sequence[str]) -> tuple[Source, ...]:
    """A source for each address, in their order; raises BadSetting, which says which is none."""
    return tuple(_node(url, place) for place, url in enumerate(urls, 1))


def _node(url: str, place: int) -> Source:
    scheme, _, _ = url.partition(":")
    try:
        if scheme.lower() in WEBSOCKET:
            return WebSocketNode(url, max_body=LARGEST_ANSWER)
        return HttpNode(url, workers=WORKERS, max_body=LARGEST_ANSWER)
    except BadSetting as error:  # the address itself may hold a password
        zh, en = f"第 {place} 个地址：{error.text.zh}", f"Address {place}: {error.text.en}"
        raise BadSetting(Text.literal(zh, en)) from None
