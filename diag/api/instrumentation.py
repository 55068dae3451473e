"""Every request is timed, counted and logged, from its first look to the end of its answer."""

from __future__ import annotations

import logging
import re
import time
import uuid
from contextlib import AbstractContextManager

from flask import Response, current_app, g, request

from diag.redaction import redact
from diag.telemetry import logging as telemetry_logging
from diag.telemetry.metrics import Metrics

log = logging.getLogger("diag.request")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that machines ask all day long: not worth a line."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_TRACE_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}\Z"
)
"""A trace context of W3C, version 00 or later ones that read like it."""
NO_ROUTE = "none"
"""Stands for an address that is not in the contract."""


def metrics() -> Metrics:
    """What this application counts with."""
    found: Metrics = current_app.extensions["diag_metrics"]
    return found


def begin() -> None:
    """The first thing that is done for a request."""
    g.began = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    fit = _REQUEST_ID.match(given) and not redact(given).kinds
    g.request_id = given if fit else uuid.uuid4().hex
    telemetry_logging.begin(g.request_id)
    telemetry_logging.redact_in_log(*(request.view_args or {}).values())
    metrics().under_way.inc()


def finish(response: Response) -> Response:
    """The last thing: counted and logged when the answer has gone, however long that takes."""
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
    level = logging.DEBUG if route() in QUIET else logging.INFO

    def done() -> None:
        seconds = time.perf_counter() - began
        counts.under_way.dec()
        counts.requests.labels(*labels).observe(seconds)
        told = {name: value for name, value in fields.items() if value is not None}
        told["milliseconds"] = round(seconds * 1000, 1)
        log.log(level, "answered", extra={"fields": told})

    if response.is_streamed:
        response.call_on_close(done)
    else:
        done()
    return response


def route() -> str:
    """The template of the address, never the address itself."""
    return request.url_rule.rule if request.url_rule else NO_ROUTE


def stage(name: str) -> AbstractContextManager[object]:
    """Times a stage of the work."""
    return metrics().stage(name)


def decided(code: str) -> None:
    """Count a verdict."""
    metrics().verdicts.labels(code).inc()
