"""Whether the service lives and can answer, and the contract that it keeps."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from flask import Blueprint, Response, request

from diag import __version__
from diag.api import authentication, serializers
from diag.api.errors import RETRY_AFTER, as_json
from diag.api.instrumentation import metrics as counted
from diag.api.request_parsing import leaving, parts

READY_WITHIN = 2.0
"""Seconds that a look at readiness may take."""

blueprint = Blueprint("probes", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return as_json({"status": "ok", "version": __version__})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Ready while one node answers, is of the chain and not behind; all are asked, briefly. Not while
    stopping. Which nodes there are is told to who may ask everything else too.
    """
    found = () if leaving().is_set() else parts().roll_call(READY_WITHIN)
    nodes = [serializers.node(present) for present in found] if authentication.trusted() else []
    if any(present.ok for present in found):
        return as_json({"status": "ready", "nodes": nodes})
    response = as_json({"status": "unready", "nodes": nodes}, 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """What was counted since the start, for Prometheus."""
    text, content_type = counted().text(request.headers.get("Accept", ""))
    return Response(text, content_type=content_type)


@blueprint.get("/openapi.yaml")
def openapi() -> Response:
    return Response(contract(), content_type="application/yaml; charset=utf-8")


@cache
def contract() -> str:
    """The contract, as it stands in the package."""
    return (files("diag") / "data" / "openapi.yaml").read_text(encoding="utf-8")
