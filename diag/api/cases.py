"""/v1/cases: cases that are stored, checked again until they are resolved, and notified about."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request

from diag.api.background import hasten
from diag.api.errors import json_response
from diag.api.instrumentation import count_verdict
from diag.api.request_parsing import (
    exposed_secrets,
    json_body,
    language_of,
    query,
    services,
)
from diag.errors import BadInput, CaseChanged, CasesOff, NoSuchCase, VersionNeeded
from diag.schemas.kept_case import (
    read_account,
    read_event,
    read_filter,
    read_new_case,
    read_page,
    read_patch,
)
from diag.schemas.request import printable_name
from diag.telemetry.logging import redact_in_log

if TYPE_CHECKING:
    from diag.cases.desk import Desk
    from diag.cases.record import StoredCase

blueprint = Blueprint("cases", __name__)

_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")
_ETAG = re.compile(r'"([1-9][0-9]{0,9})"\Z')
_PATH = re.compile(r"[0-9a-z]{1,32}\Z")


def desk() -> Desk:
    """The kept cases; raises CasesOff."""
    found: Desk | None = current_app.extensions["diag_desk"]
    if found is None:
        raise CasesOff
    return found


def keeps_cases() -> bool:
    """Whether this service keeps cases."""
    return current_app.extensions["diag_desk"] is not None


@blueprint.get("/v1/cases")
def list_cases() -> Response:
    kept = desk()
    given = query()
    wanted = read_filter(given, exposed_secrets())
    limit, before = wanted.pop("limit"), wanted.pop("before")
    found, more = kept.page(wanted, limit, before)
    return paged({"cases": found}, given, limit, more)


@blueprint.post("/v1/cases")
def open_case() -> Response:
    kept, body = desk(), json_body()
    _no_query()
    used = services()
    new = read_new_case(
        body,
        used.now(),
        language_of({}),
        kept.channels(),
        exposed_secrets(),
        used.templates,
    )
    redact_in_log(*(reading.read_as for reading in new.question.read_as))
    case, document, is_new = kept.open(new, g.key, _repeat(body))
    if is_new:
        count_verdict(case.verdict.code)
    response = _case(case, document, 201 if is_new else 200)
    response.headers["Location"] = f"/v1/cases/{case.id}"
    return response


@blueprint.get("/v1/cases/<case>")
def get_case(case: str) -> Response:
    found = find_case(case)
    return _case(found, desk().document(found))


@blueprint.patch("/v1/cases/<case>")
def patch_case(case: str) -> Response:
    kept, body = desk(), json_body()
    wanted = read_patch(body, kept.channels(), exposed_secrets())
    found = kept.edit(find_case(case), _version(), wanted, g.key)
    return _case(found, kept.document(found))


@blueprint.delete("/v1/cases/<case>")
def delete_case(case: str) -> Response:
    desk().delete(find_case(case), _version())
    return Response(status=204)


@blueprint.get("/v1/cases/<case>/events")
def list_events(case: str) -> Response:
    found = find_case(case)
    given = query()
    wanted = read_page(given, exposed_secrets())
    events, more = desk().events(found, wanted["limit"], wanted["before"])
    return paged({"events": events}, given, wanted["limit"], more)


@blueprint.post("/v1/cases/<case>/events")
def add_event(case: str) -> Response:
    kept, body = desk(), json_body()
    wanted = read_event(body, exposed_secrets())
    from diag.cases.serializer import event

    return json_response(event(kept.add(find_case(case), wanted, g.key)), 201)


@blueprint.post("/v1/cases/<case>/check")
def check_case(case: str) -> Response:
    kept = desk()
    found = kept.check(find_case(case), g.key)
    hasten("tell")
    count_verdict(found.verdict.code)
    return _case(found, kept.document(found))


@blueprint.get("/v1/accounts/<account>/cases")
def export_account(account: str) -> Response:
    return json_response({"cases": desk().export(read_account(account))})


@blueprint.delete("/v1/accounts/<account>/cases")
def erase_account(account: str) -> Response:
    return json_response({"deleted": desk().erase(read_account(account))})


def find_case(case: str) -> StoredCase:
    """A case by its id or by a reference of a diagnosis; raises CasesOff, NoSuchCase."""
    kept = desk()
    if not _PATH.match(case):
        raise NoSuchCase
    return kept.find(case)


def _no_query() -> None:
    for name in query():
        raise BadInput.about(printable_name(name), "request.query_unused")


def _version() -> int | None:
    """The version in If-Match that a change applies to; None for any version. Raises VersionNeeded,
    CaseChanged.
    """
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise VersionNeeded
    if given == "*":
        return None
    found = _ETAG.match(given)
    if not found:
        raise CaseChanged
    return int(found[1])


def _repeat(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """Digests of the Idempotency-Key and of the request; None without a key."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not _KEY.match(key):
        raise BadInput.about("Idempotency-Key", "request.bad_key")
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return _digest(key), _digest(canonical)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _case(case: StoredCase, document: Mapping[str, Any], status: int = 200) -> Response:
    response = json_response(document, status)
    response.headers["ETag"] = f'"{case.version}"'
    return response


def paged(
    content: Mapping[str, Any], fields: Mapping[str, Any], limit: int, more: object
) -> Response:
    """A page, with a link to the next one (RFC 8288) if there is one."""
    response = json_response(content)
    if more is not None:
        following = urlencode({**fields, "limit": limit, "before": more})
        response.headers["Link"] = f'<{request.path}?{following}>; rel="next"'
    return response
