"""Every request is timed and counted, from its first look to the end of its answer."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager

from flask import Response, current_app, g, request

from diag.metrics import Metrics

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"
"""Stands for an address that is not in the contract."""


def metrics() -> Metrics:
    """What this application counts with."""
    found: Metrics = current_app.extensions["diag_metrics"]
    return found


def begin() -> None:
    """The first thing that is done for a request."""
    g.began = time.perf_counter()
    metrics().under_way.inc()


def finish(response: Response) -> Response:
    """The last thing: counted when the answer has gone, however long it takes to write."""
    counts, began = metrics(), g.began
    method = request.method if request.method in _METHODS else "OTHER"
    labels = route(), method, str(response.status_code)
    for exposure in g.get("exposed", ()):
        counts.secrets.labels(exposure.kind).inc()

    def done() -> None:
        counts.under_way.dec()
        counts.requests.labels(*labels).observe(time.perf_counter() - began)

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
