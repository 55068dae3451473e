"""A TLS socket between two threads: neither waits for the other, and nothing is lost."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from waiting import PATIENCE

from diag.chain.rpc import tls_socket
from diag.chain.rpc.tls_socket import SharedTlsSocket

MUCH = b"0123456789abcdef" * (256 * 1024)  # more than any buffer between them holds


@pytest.fixture
def ends(
    identity: ssl.SSLContext, trusting: ssl.SSLContext
) -> Iterator[tuple[ssl.SSLSocket, SharedTlsSocket]]:
    """A server, and the client that is connected to it."""
    trusting.sslsocket_class = SharedTlsSocket
    here, there = socket.socketpair()
    made: list[ssl.SSLSocket] = []
    peer = threading.Thread(
        target=lambda: made.append(identity.wrap_socket(there, server_side=True))
    )
    peer.start()
    wrapped = trusting.wrap_socket(here, server_hostname="127.0.0.1")
    peer.join()
    assert isinstance(wrapped, SharedTlsSocket)
    with closing(wrapped), closing(made[0]):
        yield made[0], wrapped


def received(end: ssl.SSLSocket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count and (part := end.recv(64 * 1024)):
        found += part
    return bytes(found)


def beside(work: list[bytes], end: ssl.SSLSocket, count: int) -> threading.Thread:
    thread = threading.Thread(target=lambda: work.append(received(end, count)), daemon=True)
    thread.start()
    return thread


def test_who_waits_for_an_answer_keeps_nobody_from_asking(
    ends: tuple[ssl.SSLSocket, SharedTlsSocket],
) -> None:
    server, client = ends
    found: list[bytes] = []
    reading = beside(found, client, 6)
    reading.join(0.1)  # the session tickets are read meanwhile
    assert reading.is_alive()
    client.sendall(b"question")
    assert received(server, 8) == b"question"
    server.sendall(b"answer")
    reading.join(PATIENCE)
    assert found == [b"answer"]


def test_who_cannot_send_any_more_keeps_nobody_from_reading(
    ends: tuple[ssl.SSLSocket, SharedTlsSocket],
) -> None:
    server, client = ends
    found: list[bytes] = []
    sending = threading.Thread(target=client.sendall, args=(MUCH,), daemon=True)
    sending.start()
    sending.join(0.1)
    assert sending.is_alive()  # the server does not read yet
    reading = beside(found, client, len(MUCH))
    server.sendall(MUCH)
    reading.join(PATIENCE)
    assert found == [MUCH]
    assert received(server, len(MUCH)) == MUCH


class Mute:
    """A system that never finds anything ready."""

    def register(self, *_: object) -> None: ...

    def poll(self, milliseconds: int) -> None:
        threading.Event().wait(milliseconds / 1000)


def test_it_is_tried_again_where_the_system_says_nothing(
    ends: tuple[ssl.SSLSocket, SharedTlsSocket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_socket, "PATIENCE", 1)
    monkeypatch.setattr(select, "poll", Mute)
    server, client = ends
    found: list[bytes] = []
    reading = beside(found, client, 2)
    reading.join(0.1)
    server.sendall(b"ok")
    reading.join(PATIENCE)
    assert found == [b"ok"]


def test_the_end_of_the_peer_and_ones_own_end_are_told(
    ends: tuple[ssl.SSLSocket, SharedTlsSocket],
) -> None:
    server, client = ends
    server.close()
    assert client.recv(10) == b""
    client.close()
    with pytest.raises(OSError):
        client.recv(10)
