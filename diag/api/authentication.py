"""Authenticates requests, and applies the rate limit."""

from __future__ import annotations

from flask import Response, current_app, g, request

from diag.access.access_control import AccessControl
from diag.api.errors import error_response
from diag.api.instrumentation import metrics
from diag.errors import RateLimited, Refused, Unauthorized

PUBLIC_ENDPOINTS = frozenset(
    (
        "probes.healthz",
        "probes.readyz",
        "probes.openapi",
        "probes.openapi_json",
        "security_contact.get_security_contact",
        "hooks.receive",
    )
)
"""Endpoints that need no key: they reveal no data, and monitoring calls them without one. The hooks of
helpdesks have secrets of their own."""
UNLIMITED_ENDPOINTS = PUBLIC_ENDPOINTS | {
    "probes.metrics",
    "panel.panel_css",
    "panel.panel_js",
    "panel.docs_css",
    "panel.docs_js",
    "panel.tickets_js",
    "panel.helpdesk_js",
    "pages.docs_file",
}
"""Endpoints that do not count towards the rate limit; the files of a page belong to the page."""
_CHALLENGES = ('Bearer realm="diag"', 'Basic realm="diag", charset="UTF-8"')


def authenticate() -> None:
    """Store the owner of the request's key in `g.key`; raises Refused.

    A batch counts as one request; the number of batches, their rows and their time are limited
    separately.
    """
    if request.endpoint in PUBLIC_ENDPOINTS:
        return
    access_control = _access_control()
    try:
        g.key = _key_owner()
    except Unauthorized:
        access_control.count_refusal(request.remote_addr)
        raise
    if request.endpoint not in UNLIMITED_ENDPOINTS:
        access_control.count_request(g.key, request.remote_addr)


def is_authenticated() -> bool:
    """Whether the request has a valid key or needs none; also works on public endpoints."""
    try:
        _key_owner()
    except Unauthorized:
        return False
    return True


def _access_control() -> AccessControl:
    found: AccessControl = current_app.extensions["diag_access_control"]
    return found


def _key_owner() -> str | None:
    """The owner of the request's key; None if no key is needed. Raises Unauthorized."""
    given = request.authorization
    name = None
    key = given.token if given and given.type == "bearer" else None
    if given and given.type == "basic":
        name, key = given.username or "", given.password
    return _access_control().authenticate(key, name)


def refused_response(error: Refused) -> Response:
    """The problem document of a refused request, with `Retry-After` or `WWW-Authenticate`."""
    return add_refusal_headers(error_response(error), error)


def add_refusal_headers(response: Response, error: Refused) -> Response:
    """Count a refused request, and add Retry-After or WWW-Authenticate to its response."""
    metrics().refused.labels(error.code).inc()
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.seconds)
    if isinstance(error, Unauthorized):
        for challenge in _CHALLENGES:
            response.headers.add("WWW-Authenticate", challenge)
    return response
