"""Parses requests: the fields of query and body, the format and the language."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Event
from typing import Any

from flask import current_app, g, request

from diag.api.errors import HTTP_TEXTS, http_error
from diag.errors import BadInput, FieldError, SecretExposed, TooLarge
from diag.i18n import LANGUAGES, Text, negotiate
from diag.json_limits import within_limits
from diag.redaction import redact
from diag.redaction.request_fields import Exposure, remove_secrets
from diag.render import FORMATS
from diag.schemas.request import printable_name
from diag.services import Services
from diag.telemetry.logging import redact_in_log
from diag.words import problem

MAX_BODY = 64 * 1024
MAX_FIELDS = 64
"""The most fields of a query or body, more than any endpoint accepts."""
VIEW_FIELDS = frozenset({"format", "lang"})


def services() -> Services:
    """The services of the current application."""
    found: Services = current_app.extensions["diag"]
    return found


def stopping() -> Event:
    """An event that is set when the process starts to shut down."""
    found: Event = current_app.extensions["diag_stopping"]
    return found


def query_fields(arguments: Mapping[str, list[str]]) -> dict[str, Any]:
    """The fields of a query or form, without secrets; raises BadInput for duplicate fields."""
    _refuse_too_many(arguments, "query", request.query_string)
    found = _without_secrets(arguments)
    _refuse_duplicates([name for name, values in found.items() if len(values) > 1])
    return {name: values[0] for name, values in found.items()}


def query() -> dict[str, Any]:
    """The fields of the query of the address; see `query_fields`."""
    return query_fields(request.args.to_dict(flat=False))


def exposed_secrets() -> tuple[Exposure, ...]:
    """The fields from which secrets were removed so far in this request, never the secrets
    themselves.

    Pass them to `parse` when making a case of the request.
    """
    found: tuple[Exposure, ...] = g.get("exposed", ())
    return found


def record_exposures(found: Iterable[Exposure]) -> None:
    """Counts secrets that were removed from this request."""
    g.exposed = (*exposed_secrets(), *found)


def _without_secrets(fields: Mapping[str, Any]) -> dict[str, Any]:
    redact_in_log(fields)
    found = remove_secrets(fields)
    record_exposures(found.exposed)
    return found.fields


def refuse_secret_in_path() -> None:
    """Raise SecretExposed if the path of the request holds a secret."""
    kinds = redact(request.path).kinds
    if kinds:
        record_exposures(Exposure("path", kind) for kind in kinds)
        raise SecretExposed.instead_of(BadInput(), ["path"])


def _refuse_too_many(fields: Collection[str], where: str, raw: bytes) -> None:
    """Raise BadInput if there are more fields than any endpoint accepts."""
    if len(fields) > MAX_FIELDS:
        _search_whole(raw, where)
        raise BadInput.about(where, "request.too_many_fields", most=MAX_FIELDS)


def _refuse_duplicates(names: Sequence[str]) -> None:
    if names:
        raise BadInput(
            *(FieldError(printable_name(name), problem("request.repeated")) for name in names)
        )


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An `object_pairs_hook` for JSON that raises BadInput for duplicate fields."""
    counts = Counter(name for name, _ in pairs)
    _refuse_duplicates([name for name, count in counts.items() if count > 1])
    return dict(pairs)


def json_body(free_text: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The JSON object in the body, without secrets; raises BadInput or an HTTP error.

    free_text: names of fields that are returned unchanged; the caller must redact them.
    """
    if request.mimetype != "application/json":
        raise http_error(415)
    raw = _body()
    try:
        if not within_limits(raw):
            raise ValueError("too deep")
        body = json.loads(raw, object_pairs_hook=_unique_fields)
    except (ValueError, RecursionError):
        _search_whole(raw)
        raise BadInput.about("body", "request.not_json") from None
    except BadInput:
        _search_whole(raw)
        raise
    if not isinstance(body, dict):
        _without_secrets({"body": body})
        raise BadInput.about("body", "request.no_object")
    _refuse_too_many(body, "body", raw)
    texts = {name: body.pop(name) for name in free_text & body.keys()}
    redact_in_log(texts)
    return {**_without_secrets(body), **texts}


def redacted_text(text: str, field: str) -> str:
    """A free text with its secrets removed; they are recorded under the name of a field."""
    redact_in_log(text)
    found = redact(text)
    record_exposures(Exposure(field, kind) for kind in found.kinds)
    return found.text


def plain_text() -> str:
    """The body as text, unchanged; the caller must redact it."""
    try:
        text = _body().decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput.about("body", "request.not_utf8") from None
    redact_in_log(text)
    return text


def refuse_encoded() -> None:
    """Raise an HTTP error for a compressed body: its size is unknown until it is unpacked."""
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity"):
        raise http_error(415, problem("request.compressed"))


def _body() -> bytes:
    refuse_encoded()
    raw = request.get_data(cache=False)
    if len(raw) > MAX_BODY:
        raise TooLarge(text=HTTP_TEXTS[413])
    return raw


def _search_whole(raw: bytes, where: str = "body") -> None:
    """Record the secrets in a body that is not parsed."""
    kinds = redact(raw.decode(errors="replace")).kinds
    record_exposures(Exposure(where, kind) for kind in kinds)


def format_of(fields: Mapping[str, Any]) -> str:
    """The format to render: ?format=, else the Accept header, else JSON."""
    wanted = fields.get("format")
    if wanted is not None:
        if not isinstance(wanted, str) or wanted not in FORMATS:
            raise BadInput.about("format", "request.one_format_of", names=Text.listing(FORMATS))
        return wanted
    return accepted_format(
        {kind.partition(";")[0]: name for name, (kind, _) in FORMATS.items()}
    )


def accepted_format(offers: Mapping[str, str], not_offered: Text | None = None) -> str:
    """The best format by the Accept header, or the first one without it; raises an HTTP error.

    offers: media type → name of the format; not_offered: the text of the error.
    """
    if not request.accept_mimetypes:
        return next(iter(offers.values()))
    best = request.accept_mimetypes.best_match(list(offers))
    if best is None:
        raise http_error(406, not_offered)
    return offers[best]


def language_of(fields: Mapping[str, Any]) -> str:
    """The language to use: ?lang=, else Accept-Language, else the setting."""
    settings = services().settings
    wanted = fields.get("lang")
    if wanted is None:
        return negotiate(request.headers.get("Accept-Language"), settings.lang)
    if wanted not in LANGUAGES:
        raise BadInput.about("lang", "request.languages")
    return str(wanted)
