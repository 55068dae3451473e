"""What the other side of a connection does that does not behave."""

from __future__ import annotations

import select
import socket

PAUSE = 20
"""Milliseconds between two pieces of what drips."""


def _ended(peer: socket.socket, milliseconds: int | None) -> bool:
    """Whether the connection has ended in both directions, at the latest after so long."""
    end = select.poll()
    end.register(peer, 0)
    return bool(end.poll(milliseconds))


def hangs(peer: socket.socket) -> None:
    """Neither reads nor says anything more until the connection has ended."""
    _ended(peer, None)


def drip(peer: socket.socket, piece: bytes) -> None:
    """Says the same again and again, with a pause in between."""
    peer.sendall(piece)
    while not _ended(peer, PAUSE):
        peer.sendall(piece)
