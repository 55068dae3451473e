"""/v1/deliveries: messages to the operator's channels, and whether they were delivered."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from diag.api.background import hasten
from diag.api.cases import desk, paged
from diag.api.errors import json_response
from diag.api.request_parsing import query
from diag.errors import NoSuchDelivery
from diag.schemas.deliveries import DeliveriesQuerySchema
from diag.schemas.kept_case import LISTED

blueprint = Blueprint("deliveries", __name__)

_ID = re.compile(r"[0-9a-f]{32}\Z")


@blueprint.get("/v1/deliveries")
def list_deliveries() -> Response:
    kept = desk()
    given = query()
    wanted = DeliveriesQuerySchema().read(given)
    from diag.cases import deliveries

    limit = wanted["limit"] or LISTED
    found, more = deliveries.page(
        kept.database, wanted["state"], wanted["channel"], limit, wanted["before"]
    )
    return paged({"deliveries": found}, given, limit, more)


@blueprint.post("/v1/deliveries/<delivery>/retry")
def retry_delivery(delivery: str) -> Response:
    kept = desk()
    if not _ID.match(delivery):
        raise NoSuchDelivery
    from diag.cases import deliveries

    found = deliveries.retry(kept.database, delivery, kept.wall())
    hasten("tell")
    return json_response(found)
