"""Whether a request is let in: whose key it brings, and how often it came."""

from __future__ import annotations

from flask import Response, current_app, g, request

from diag.access.access_control import AccessControl
from diag.api.errors import problem_of
from diag.api.instrumentation import metrics
from diag.errors import RateLimited, Refused, Unauthorized

OPEN = frozenset({"probes.healthz", "probes.readyz", "probes.openapi"})
"""What needs no key: what tells nothing of anybody, and is asked by machines without one."""
UNCOUNTED = OPEN | {"probes.metrics", "panel.style", "panel.script", "panel.paste_script"}
"""What does not count towards a limit; the files of a page belong to the page."""
_CHALLENGES = ('Bearer realm="diag"', 'Basic realm="diag", charset="UTF-8"')


def admit() -> None:
    """Notes whose key it is; raises Refused. Nothing else of the request was looked at.

    A batch counts as one request: how many run at once, its rows and its time have bounds of
    their own.
    """
    if request.endpoint in OPEN:
        return
    guard = _guard()
    try:
        g.key = _name()
    except Unauthorized:
        guard.spend_refusal(request.remote_addr)
        raise
    if request.endpoint not in UNCOUNTED:
        guard.spend(g.key, request.remote_addr)


def trusted() -> bool:
    """Whether the request brings a good key, or none is needed; also where everybody may ask."""
    try:
        _name()
    except Unauthorized:
        return False
    return True


def _guard() -> AccessControl:
    found: AccessControl = current_app.extensions["diag_guard"]
    return found


def _name() -> str | None:
    given = request.authorization
    said = None
    text = given.token if given and given.type == "bearer" else None
    if given and given.type == "basic":
        said, text = given.username or "", given.password
    return _guard().name(text, said)


def refused(error: Refused) -> Response:
    """The problem, with what to do about it in its headers."""
    return with_remedy(problem_of(error), error)


def with_remedy(response: Response, error: Refused) -> Response:
    """Any answer to a refused request."""
    metrics().refused.labels(error.code).inc()
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.seconds)
    if isinstance(error, Unauthorized):
        for challenge in _CHALLENGES:
            response.headers.add("WWW-Authenticate", challenge)
    return response
