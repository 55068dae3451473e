"""What the service knows without a case: its codes, the gateways, the network."""

from __future__ import annotations

from flask import Blueprint, Response, request

from diag.api import serializers
from diag.api.errors import as_json, http
from diag.api.probes import READY_WITHIN
from diag.api.request_parsing import parts, single
from diag.diagnosis.catalog import entries
from diag.errors import BadInput, FieldError
from diag.i18n import Text
from diag.notices.model import current
from diag.render import notices
from diag.render.json_document import stamp
from diag.schemas.fields import printable_name
from diag.schemas.times import moment

blueprint = Blueprint("reference", __name__)


@blueprint.get("/v1/checks")
def get_checks() -> Response:
    return as_json({"checks": entries(parts().checks)})


@blueprint.get("/v1/gateways")
def get_gateways() -> Response:
    made = parts()
    return as_json(
        {"gateways": [serializers.gateway(g, made.now()) for g in made.register.gateways]}
    )


@blueprint.get("/v1/gateways/<key>")
def get_gateway(key: str) -> Response:
    made = parts()
    found = made.register.by_key(key)
    if found is None:
        raise http(404)
    view = made.look(found)
    foreign = made.register.on(view.chain_id).foreign
    live = {"live": None} if foreign else serializers.live(found, view)
    return as_json(serializers.gateway(found, made.now()) | live)


@blueprint.get("/v1/network")
def get_network() -> Response:
    made = parts()
    health = made.health(made.settings.deadline)
    return as_json(serializers.network(health, made.roll_call(READY_WITHIN)))


@blueprint.get("/v1/notices")
def get_notices() -> Response:
    """What the operator wants to be known: at a time, and for a gateway."""
    made, given = parts(), single(request.args.to_dict(flat=False))
    unknown = [name for name in given if name not in ("gateway", "at")]
    if unknown:
        raise BadInput(*(FieldError(printable_name(name), _NO_FIELD) for name in unknown))
    gateway = given.get("gateway")
    if gateway is not None and made.register.by_key(gateway) is None:
        raise BadInput.of(
            "gateway",
            "没有这个网关；网关代号见 /v1/gateways。",
            "There is no such gateway; see /v1/gateways for their keys.",
        )
    at = moment("at", given["at"]) if "at" in given else made.now()
    found = current(made.notices(), at, gateway)
    return as_json({"as_of": stamp(at), "notices": [notices.document(n) for n in found]})


_NO_FIELD = Text(
    zh="没有这个字段；可用的字段：gateway、at。",
    en="There is no such field; use gateway or at.",
)
