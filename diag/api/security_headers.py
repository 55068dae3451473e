"""Sets the security headers of every response."""

from __future__ import annotations

from flask import Response, current_app, g, request

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors"
)
"""The content security policy of pages: only own files; the allowed frame ancestors follow."""

_NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""The content security policy of all other responses."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Content-Security-Policy": _NOTHING,
}
"""The headers of every response; pages replace the content security policy."""
_HSTS = "max-age=31536000"


def add_headers(response: Response) -> Response:
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
