"""Whether the service lives and can answer, and the contract that it keeps."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response

from diag import __version__
from diag.api.incoming import parts
from diag.api.outgoing import RETRY_AFTER, as_json
from diag.errors import ChainError
from diag.render.document import stamp

READY_WITHIN = 2.0
"""Seconds that a look at readiness may take."""

blueprint = Blueprint("probes", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return as_json({"status": "ok", "version": __version__})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Ready when a source that is not behind tells its head; one short look."""
    try:
        found = parts().health(READY_WITHIN)
    except ChainError:
        names = [source.name for source in parts().pool]
        nodes = [dict.fromkeys(_NODE) | {"name": name, "ok": False} for name in names]
        return _unready(nodes)
    node = {
        "name": found.node.name,
        "ok": found.node.behind is None,
        "head_block": found.node.head_block,
        "head_time": stamp(found.node.head_time),
    }
    return as_json({"status": "ready", "nodes": [node]}) if node["ok"] else _unready([node])


_NODE = ("name", "ok", "head_block", "head_time")


def _unready(nodes: list[dict[str, Any]]) -> Response:
    response = as_json({"status": "unready", "nodes": nodes}, 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


@blueprint.get("/openapi.yaml")
def openapi() -> Response:
    return Response(contract(), content_type="application/yaml; charset=utf-8")


@cache
def contract() -> str:
    """The contract, as it stands in the package."""
    return (files("diag") / "data" / "openapi.yaml").read_text(encoding="utf-8")
