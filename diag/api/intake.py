"""/v1/intake: reads a pasted complaint into the fields of a case, and names the next question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from diag.api.errors import json_response
from diag.api.request_parsing import json_body, language_of, plain_text, query_fields, services
from diag.config.explorers import templates
from diag.errors import BadInput, FieldError
from diag.gateways.flagged_accounts import listed
from diag.i18n import Text
from diag.intake.parser import read
from diag.intake.serializer import document
from diag.schemas.fields import printable_name
from diag.schemas.times import zone_of

blueprint = Blueprint("intake", __name__)

FIELDS = ("text", "tz", "lang")
_UNKNOWN = Text(
    zh="没有这个字段；可用的字段：text、tz、lang，其中 text 只能放在正文里。",
    en="There is no such field here; use text, tz or lang, and text in the body only.",
)


@blueprint.post("/v1/intake")
def post_intake() -> Response:
    query = query_fields(request.args.to_dict(flat=False))
    body = (
        {"text": plain_text()}
        if request.mimetype == "text/plain"
        else json_body(frozenset({"text"}))
    )
    wrong = [name for name in query if name not in FIELDS[1:]]
    wrong += [name for name in body if name not in FIELDS]
    if wrong:
        raise BadInput(*(FieldError(printable_name(name), _UNKNOWN) for name in wrong))
    # the first one that gives a value counts
    sides: tuple[Mapping[str, Any], ...] = (query, body)
    used = services()
    langs = [language_of(side) for side in sides if side.get("lang") is not None]
    zones = [zone_of(side["tz"]) for side in sides if side.get("tz") is not None]
    lang = langs[0] if langs else language_of({})
    zone = zones[0] if zones else None
    pages = templates(used.settings.explorers)
    intake = read(_text(body.get("text")), used.now(), zone, used.register, listed, pages)
    return json_response(document(intake, lang))


def _text(given: object) -> str:
    if not isinstance(given, str) or not given.strip():
        raise BadInput.of(
            "text",
            "请填写用户的原话。",
            "Give the text of the complaint, as the user wrote it.",
        )
    return given
