"""Explains a failed network exchange in one short phrase that quotes nothing of the address."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException, IncompleteRead
from typing import Any

import requests
import urllib3

from diag.chain.rpc.call import CONNECTION_LOST

NETWORK_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    HTTPException,
    OSError,
    ValueError,
)
REASONS: tuple[tuple[tuple[type[Exception], ...], str, bool], ...] = (  # (types, reason, retry)
    ((ssl.SSLCertVerificationError,), "certificate not trusted", False),
    ((urllib3.exceptions.ReadTimeoutError, requests.ReadTimeout), "reading timed out", False),
    ((TimeoutError, requests.ConnectTimeout), "connecting timed out", False),
    ((ConnectionRefusedError,), "connection refused", False),
    ((socket.gaierror,), "host name not found", False),
    ((ConnectionError, IncompleteRead, ssl.SSLEOFError), CONNECTION_LOST, True),
    ((ssl.SSLError, urllib3.exceptions.SSLError), "TLS failed", False),
    ((HTTPException, urllib3.exceptions.InvalidHeader, ValueError), "not HTTP", False),
    ((Exception,), "no connection", False),
)


def explain(error: Exception) -> tuple[str, bool]:
    """Return the first known reason among an error and its causes, and whether a retry may help."""
    found = causes(error)
    return next(row[1:] for row in REASONS if any(isinstance(e, row[0]) for e in found))


def causes(error: BaseException) -> list[BaseException]:
    """Return the error and everything it was caused by, nearest first."""
    found: list[Any] = [error]
    for cause in found:
        near = *cause.args, vars(cause).get("reason"), cause.__cause__, cause.__context__
        found += [e for e in near if isinstance(e, BaseException) and e not in found]
    return found
