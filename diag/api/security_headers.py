"""The headers that every response carries."""

from __future__ import annotations

from flask import Response, current_app, g, request

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors"
)
"""What a page may do: nothing that is not served from here; who may frame it follows."""

_NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""What anything else may do that a browser is shown."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Content-Security-Policy": _NOTHING,
}
"""Headers of every answer; a page has a policy of its own."""
_HSTS = "max-age=31536000"


def headers(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "")
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.update(ALWAYS)
    settings = current_app.extensions["diag"].settings
    if response.mimetype == "text/html":
        ancestors = " ".join(settings.frame_ancestors)
        response.headers["Content-Security-Policy"] = f"{_POLICY} {ancestors}"
    if settings.hsts and request.is_secure:
        response.headers["Strict-Transport-Security"] = _HSTS
    return response
