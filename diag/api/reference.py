"""What the service knows without a case: its codes, the gateways, the network."""

from __future__ import annotations

from flask import Blueprint, Response

from diag.api.incoming import parts
from diag.api.outgoing import as_json, http
from diag.catalogue import entries
from diag.render import overview

blueprint = Blueprint("reference", __name__)


@blueprint.get("/v1/checks")
def get_checks() -> Response:
    return as_json({"checks": entries(parts().checks)})


@blueprint.get("/v1/gateways")
def get_gateways() -> Response:
    made = parts()
    return as_json(
        {"gateways": [overview.gateway(g, made.now()) for g in made.register.gateways]}
    )


@blueprint.get("/v1/gateways/<key>")
def get_gateway(key: str) -> Response:
    made = parts()
    found = made.register.by_key(key)
    if found is None:
        raise http(404)
    view = made.look(found)
    foreign = made.register.on(view.chain_id).foreign
    live = {"live": None} if foreign else overview.live(found, view)
    return as_json(overview.gateway(found, made.now()) | live)


@blueprint.get("/v1/network")
def get_network() -> Response:
    made = parts()
    return as_json(overview.network(made.health(made.settings.deadline)))
