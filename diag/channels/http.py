"""Requests to the operator's destinations: no redirects; response time and size are limited."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from diag import __version__
from diag.channels.message import Failed
from diag.json_limits import within_limits

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5.0, 10.0, 15.0
MOST_BYTES = 1_000_000
"""The most bytes of a response that are read."""
FINAL = frozenset((400, 404, 405, 410, 413, 415, 422))
"""Statuses of a helpdesk that mean that repeating the request is useless."""
LONGEST_WAIT = 86_400.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A response with a 2xx status."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The decoded body; raises Failed if it is not JSON."""
        try:
            if within_limits(self.body):
                return json.loads(self.body)
        except (ValueError, RecursionError):
            pass
        raise Failed("the answer is not readable")


class _Header(requests.auth.AuthBase):
    """Keeps `requests` from replacing our headers by credentials from ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


def send(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    final: frozenset[int] = FINAL,
) -> Answer:
    """Sends a request; raises Failed unless the status is 2xx.

    final: the statuses after which the request must not be repeated.
    """
    own = {"User-Agent": f"bitshares-diag/{__version__}", **headers}
    end = time.monotonic() + WHOLE_SECONDS
    try:
        with (
            requests.Session() as session,
            session.request(
                method,
                url,
                data=body,
                headers=own,
                auth=_Header(),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            status = response.status_code
            wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            found = _read(response, end) if 200 <= status < 300 else b""
    except (requests.RequestException, UnicodeError) as error:
        raise Failed(f"no answer ({type(error).__name__})") from None
    if not 200 <= status < 300:
        redirected = " (redirects are not followed)" if 300 <= status < 400 else ""
        raise Failed(f"HTTP {status}{redirected}", final=status in final, wait=wait)
    return Answer(status, found)


def _read(response: requests.Response, end: float) -> bytes:
    """The body, cut at the limits of time and size."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(16_384):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES or time.monotonic() > end:
            break
    return b"".join(parts)


def retry_after(text: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After header, which holds seconds or a date; a day at most."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = (
            until - now if until.tzinfo else until.replace(tzinfo=UTC) - now
        ).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None


def in_clear(url: str) -> bool:
    """Whether requests to an address are sent unencrypted."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1")
