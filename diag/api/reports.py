"""/v1/reports: figures of the desk over a period."""

from __future__ import annotations

from flask import Blueprint, Response

from diag.api.cases import desk
from diag.api.errors import json_response
from diag.api.request_parsing import (
    accepted_format,
    exposed_secrets,
    query,
    services,
)
from diag.errors import BadInput, SecretExposed
from diag.schemas.report import read_report
from diag.triage.page_view import as_csv
from diag.words import problem

blueprint = Blueprint("reports", __name__)

KINDS = {"application/json": "json", "text/csv": "csv"}


@blueprint.get("/v1/reports")
def get_report() -> Response:
    kept = desk()
    given = query()
    exposed = exposed_secrets()
    if exposed:
        raise SecretExposed.instead_of(BadInput(), [found.field for found in exposed])
    wanted = read_report(given, services().now())
    form = wanted.pop("format") or accepted_format(KINDS, problem("request.report_formats"))
    from diag.cases import report_document

    found = kept.report(**wanted)
    if form == "json":
        response = json_response(report_document.document(found))
    else:
        rows = list(report_document.table(found))
        response = Response(as_csv(rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="report.csv"'
    response.headers["Vary"] = "Accept"
    return response
