"""/v1/reports: figures of the desk over a period."""

from __future__ import annotations

from flask import Blueprint, Response, request

from diag.api.cases import desk
from diag.api.errors import http_error, json_response
from diag.api.request_parsing import exposed_secrets, query_fields, services
from diag.errors import BadInput, SecretExposed
from diag.schemas.report import read_report
from diag.triage.page_view import as_csv
from diag.words import problem

blueprint = Blueprint("reports", __name__)

KINDS = {"application/json": "json", "text/csv": "csv"}


@blueprint.get("/v1/reports")
def get_report() -> Response:
    kept = desk()
    given = query_fields(request.args.to_dict(flat=False))
    exposed = exposed_secrets()
    if exposed:
        raise SecretExposed.instead_of(BadInput(), [found.field for found in exposed])
    wanted = read_report(given, services().now())
    form = wanted.pop("format") or _accepted()
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


def _accepted() -> str:
    if not request.accept_mimetypes:
        return "json"
    best = request.accept_mimetypes.best_match(list(KINDS))
    if best is None:
        raise http_error(406, problem("request.report_formats"))
    return KINDS[best]
