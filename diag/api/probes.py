"""Liveness, readiness and metrics, and the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

from flask import Blueprint, Response, request

from diag import __version__
from diag.api import serializers
from diag.api.authentication import is_authenticated
from diag.api.errors import RETRY_AFTER, json_response
from diag.api.instrumentation import metrics
from diag.api.request_parsing import services, stopping
from diag.checks import CHECKS, Check
from diag.diagnosis.catalog import with_codes

READY_WITHIN = 2.0
"""Timeout of the readiness probe, in seconds."""

blueprint = Blueprint("probes", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return json_response({"status": "ok", "version": __version__})


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 while at least one node is fit and the process is not shutting down, else 503.

    The nodes are listed only for authenticated callers.
    """
    statuses = () if stopping().is_set() else services().node_statuses(READY_WITHIN)
    nodes = [serializers.node(status) for status in statuses] if is_authenticated() else []
    if any(status.ok for status in statuses):
        return json_response({"status": "ready", "nodes": nodes})
    response = json_response({"status": "unready", "nodes": nodes}, 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


@blueprint.get("/metrics", endpoint="metrics")
def prometheus() -> Response:
    """The metrics of this process, for Prometheus."""
    text, content_type = metrics().text(request.headers.get("Accept", ""))
    return Response(text, content_type=content_type)


@blueprint.get("/openapi.yaml")
def openapi() -> Response:
    text = contract(services().checks)
    return Response(text, content_type="application/yaml; charset=utf-8")


@blueprint.get("/openapi.json")
def openapi_json() -> Response:
    """The same document as JSON, for tools that read no YAML."""
    return Response(
        _contract_json(contract(services().checks)), content_type="application/json"
    )


@lru_cache(maxsize=1)
def _contract_json(text: str) -> str:
    import yaml  # slow to import: needed for this alone

    return json.dumps(
        yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)), default=str
    )


def contract(checks: Sequence[Check] = CHECKS) -> str:
    """The OpenAPI document, with the codes of these checks."""
    return with_codes(_packaged_contract(), checks)


@cache
def _packaged_contract() -> str:
    return (files("diag") / "data" / "openapi.yaml").read_text(encoding="utf-8")
