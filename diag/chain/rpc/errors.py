"""Why an exchange over the network failed: one short phrase that quotes nothing of the address."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException, IncompleteRead
from typing import Any

import requests
import urllib3

from diag.chain.rpc.call import BROKEN_OFF

FOREIGN = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    HTTPException,
    OSError,
    ValueError,
)
REASONS: tuple[tuple[tuple[type[Exception], ...], str, bool], ...] = (  # why, try again?
    ((ssl.SSLCertVerificationError,), "certificate not trusted", False),
    ((urllib3.exceptions.ReadTimeoutError, requests.ReadTimeout), "reading timed out", False),
    ((TimeoutError, requests.ConnectTimeout), "connecting timed out", False),
    ((ConnectionRefusedError,), "connection refused", False),
    ((socket.gaierror,), "host name not found", False),
    ((ConnectionError, IncompleteRead, ssl.SSLEOFError), BROKEN_OFF, True),
    ((ssl.SSLError, urllib3.exceptions.SSLError), "TLS failed", False),
    ((HTTPException, urllib3.exceptions.InvalidHeader, ValueError), "not HTTP", False),
    ((Exception,), "no connection", False),
)


def explain(error: Exception) -> tuple[str, bool]:
    """The reason, found anywhere among the causes; whether to try again."""
    found = causes(error)
    return next(row[1:] for row in REASONS if any(isinstance(e, row[0]) for e in found))


def causes(error: BaseException) -> list[BaseException]:
    """The error, and whatever lies behind it."""
    found: list[Any] = [error]
    for cause in found:
        near = *cause.args, vars(cause).get("reason"), cause.__cause__, cause.__context__
        found += [e for e in near if isinstance(e, BaseException) and e not in found]
    return found
