"""Times, counts and logs every request, from its arrival to the end of its response."""

from __future__ import annotations

import logging
import re
import time
import uuid
from contextlib import AbstractContextManager

from flask import Response, current_app, g, request

from diag.redaction import redact
from diag.telemetry.logging import redact_in_log, set_request_id
from diag.telemetry.metrics import Metrics

log = logging.getLogger("diag.request")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DEBUG_ROUTES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that monitoring calls all the time; they are logged at level debug only."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_TRACE_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}\Z"
)
"""A W3C trace context of version 00, or of a later version with the same form."""
NO_ROUTE = "none"
"""The route of a request that matches no route."""


def metrics() -> Metrics:
    """The metrics of the current application."""
    found: Metrics = current_app.extensions["diag_metrics"]
    return found


def before_request() -> None:
    """Start timing and logging a request."""
    g.began = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    fit = _REQUEST_ID.match(given) and not redact(given).kinds
    g.request_id = given if fit else uuid.uuid4().hex
    set_request_id(g.request_id)
    redact_in_log(*(request.view_args or {}).values())
    metrics().in_flight.inc()


def after_request(response: Response) -> Response:
    """Count and log the request when the response has been sent completely."""
    counts, began = metrics(), g.began
    method = request.method if request.method in _METHODS else "OTHER"
    labels = route(), method, str(response.status_code)
    for exposure in g.get("exposed", ()):
        counts.secrets.labels(exposure.kind).inc()

    trace = request.headers.get("traceparent", "")
    fields = {
        "request_id": g.request_id,
        "method": method,
        "route": route(),
        "status": response.status_code,
        "verdict": response.headers.get("X-Diag-Verdict"),
        "key": g.get("key"),
        "traceparent": trace if _TRACE_PARENT.match(trace) else None,
    }
    level = logging.DEBUG if route() in DEBUG_ROUTES else logging.INFO

    def done() -> None:
        seconds = time.perf_counter() - began
        counts.in_flight.dec()
        counts.requests.labels(*labels).observe(seconds)
        logged = {name: value for name, value in fields.items() if value is not None}
        logged["milliseconds"] = round(seconds * 1000, 1)
        log.log(level, "answered", extra={"fields": logged})

    if response.is_streamed:
        response.call_on_close(done)
    else:
        done()
    return response


def route() -> str:
    """The template of the request's route, never the path itself."""
    return request.url_rule.rule if request.url_rule else NO_ROUTE


def stage(name: str) -> AbstractContextManager[object]:
    """Context manager that times a stage of a diagnosis."""
    return metrics().stage(name)


def count_verdict(code: str) -> None:
    """Count a verdict."""
    metrics().verdicts.labels(code).inc()
