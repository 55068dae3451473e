"""Whether a form was sent from a page of ours: a browser adds the password of Basic authentication to
what any other site makes it send."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def from_our_page() -> bool:
    """Whether the browser says that one of our own pages sent this request.

    `Sec-Fetch-Site` says it where the connection is trusted, and `Origin` elsewhere; a request with
    neither is refused, for callers that are no browser have the HTTP interface.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("Origin", ""))
    return bool(origin.netloc) and origin.netloc.lower() == request.host.lower()
