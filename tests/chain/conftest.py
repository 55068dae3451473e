"""Limits that no machine is too slow for, and certificates for nodes over TLS, made on the spot."""

from __future__ import annotations

import ssl

import pytest
import trustme
from waiting import FOREVER


@pytest.fixture(autouse=True)
def no_limit_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is slow is still waited for: a test that is about waiting says for how long."""
    monkeypatch.setattr("diag.chain.collect.collector.OPINION", FOREVER)
    monkeypatch.setattr("diag.chain.pool.pool.PROBE", FOREVER)
    monkeypatch.setattr("diag.chain.pool.hedging.USUAL", FOREVER)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Whoever has signed the certificates of a file's tests."""
    return trustme.CA()


@pytest.fixture
def identity(authority: trustme.CA) -> ssl.SSLContext:
    """Of a server at 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Of a client that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
