"""Endpoints that need no case: checks, gateways, network, notices."""

from __future__ import annotations

from flask import Blueprint, Response

from diag.api import serializers
from diag.api.errors import http_error, json_response
from diag.api.probes import READY_WITHIN
from diag.api.request_parsing import query, services
from diag.diagnosis.catalog import entries
from diag.errors import BadInput
from diag.notices.model import notices_in_force
from diag.render import notices
from diag.render.formatting import stamp
from diag.schemas.queries import NoticesQuerySchema

blueprint = Blueprint("reference", __name__)


@blueprint.get("/v1/checks")
def get_checks() -> Response:
    return json_response({"checks": entries(services().checks)})


@blueprint.get("/v1/gateways")
def get_gateways() -> Response:
    used = services()
    return json_response(
        {"gateways": [serializers.gateway(g, used.now()) for g in used.register.gateways]}
    )


@blueprint.get("/v1/gateways/<key>")
def get_gateway(key: str) -> Response:
    used = services()
    found = used.register.by_key(key)
    if found is None:
        raise http_error(404)
    view = used.gateway_view(found)
    foreign = used.register.on(view.chain_id).foreign
    live = {"live": None} if foreign else serializers.live(found, view)
    return json_response(serializers.gateway(found, used.now()) | live)


@blueprint.get("/v1/network")
def get_network() -> Response:
    used = services()
    health = used.health(used.settings.deadline)
    return json_response(serializers.network(health, used.node_statuses(READY_WITHIN)))


@blueprint.get("/v1/notices")
def get_notices() -> Response:
    """The notices in force at a time, optionally for one gateway."""
    used = services()
    given = NoticesQuerySchema().read(query())
    gateway = given["gateway"]
    if gateway is not None and used.register.by_key(gateway) is None:
        raise BadInput.about("gateway", "request.no_gateway")
    at = given["at"] or used.now()
    found = notices_in_force(used.notices(), at, gateway)
    return json_response({"as_of": stamp(at), "notices": [notices.document(n) for n in found]})
