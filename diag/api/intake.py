"""/v1/intake: reads a pasted complaint into the fields of a case, and names the next question."""

from __future__ import annotations

from flask import Blueprint, Response, request

from diag.api.errors import json_response
from diag.api.request_parsing import (
    json_body,
    language_of,
    plain_text,
    query,
    services,
)
from diag.intake.serializer import document
from diag.schemas.queries import IntakeQuerySchema, IntakeSchema

blueprint = Blueprint("intake", __name__)


@blueprint.post("/v1/intake")
def post_intake() -> Response:
    address = query()
    body = (
        {"text": plain_text()}
        if request.mimetype == "text/plain"
        else json_body(frozenset({"text"}))
    )
    # the query counts first; both must be right
    sides = IntakeQuerySchema().read(address), IntakeSchema().read(body)
    used = services()
    langs = [language_of(side) for side in sides if side["lang"] is not None]
    lang = langs[0] if langs else language_of({})
    zone = sides[0]["tz"] or sides[1]["tz"]
    intake = used.read_complaint(sides[1]["text"], zone)
    return json_response(document(intake, lang))
