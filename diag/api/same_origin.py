"""Protects forms against cross-site requests: a browser adds Basic credentials to any request, even
one that another site triggers.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def from_our_page() -> bool:
    """Whether one of our own pages sent this request, according to the browser.

    Browsers send `Sec-Fetch-Site` on trusted connections, and `Origin` on others. A request with
    neither is refused: programs should use the HTTP API.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("Origin", ""))
    return bool(origin.netloc) and origin.netloc.lower() == request.host.lower()
