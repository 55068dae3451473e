"""Whether a request is let in: whose key it brings."""

from __future__ import annotations

from flask import Response, current_app, g, request

from diag.api.outgoing import problem_of
from diag.errors import Refused
from diag.guard import Guard

OPEN = frozenset({"probes.healthz", "probes.readyz", "probes.openapi"})
"""What needs no key: what tells nothing of anybody, and is asked by machines without one."""
_CHALLENGES = ('Bearer realm="diag"', 'Basic realm="diag", charset="UTF-8"')


def admit() -> None:
    """Notes whose key it is; raises Unauthorized. Nothing else of the request was looked at."""
    if request.endpoint in OPEN:
        return
    guard: Guard = current_app.extensions["diag_guard"]
    given = request.authorization
    said = None
    text = given.token if given and given.type == "bearer" else None
    if given and given.type == "basic":
        said, text = given.username or "", given.password
    g.key = guard.name(text, said)


def refused(error: Refused) -> Response:
    """The problem, with what to do about it in its headers."""
    return with_remedy(problem_of(error), error)


def with_remedy(response: Response, error: Refused) -> Response:
    """Any answer to a refused request."""
    if response.status_code == 401:
        for challenge in _CHALLENGES:
            response.headers.add("WWW-Authenticate", challenge)
    return response
