"""What a request says: the fields of its query and body, the format and the language it wants."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from threading import Event
from typing import Any

from flask import current_app, g, request

from diag.api.errors import HTTP_TEXTS, http
from diag.errors import BadInput, FieldError, SecretExposed, TooLarge
from diag.i18n import LANGUAGES, Text, negotiate
from diag.redaction import Redacted, redact
from diag.redaction.request_fields import Exposure, search
from diag.render import FORMATS
from diag.schemas.fields import printable_name
from diag.services import Services
from diag.telemetry.logging import redact_in_log

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 64
"""Fields of a query or of a body; no address knows as many."""
VIEW_FIELDS = frozenset({"format", "lang"})


def parts() -> Services:
    """What this application was made of."""
    made: Services = current_app.extensions["diag"]
    return made


def leaving() -> Event:
    """Set once the process has been told to stop: it finishes what is under way."""
    found: Event = current_app.extensions["diag_leaving"]
    return found


def single(arguments: Mapping[str, list[str]]) -> dict[str, Any]:
    """A query's fields without secrets; one that is given twice is refused rather than guessed."""
    _refuse_many(arguments, "query", request.query_string)
    found = _without_secrets(arguments)
    _refuse_twice([name for name, values in found.items() if len(values) > 1])
    return {name: values[0] for name, values in found.items()}


def exposed() -> tuple[Exposure, ...]:
    """The secrets that were cut out of this request so far: where they stood, never what they were.

    Whoever makes a case of the request hands them to `parse`.
    """
    found: tuple[Exposure, ...] = g.get("exposed", ())
    return found


def _note(found: Iterable[Exposure]) -> None:
    g.exposed = (*exposed(), *found)


def _without_secrets(fields: Mapping[str, Any]) -> dict[str, Any]:
    redact_in_log(fields)
    found = search(fields)
    _note(found.exposed)
    return found.fields


def safe_path() -> None:
    """Refuses an address with a secret in it."""
    kinds = redact(request.path).kinds
    if kinds:
        _note(Exposure("path", kind) for kind in kinds)
        raise SecretExposed.instead_of(BadInput(), ["path"])


def _refuse_many(fields: Collection[str], place: str, raw: bytes) -> None:
    """Rather than to say of each that it is not known."""
    if len(fields) > MOST_FIELDS:
        _search_whole(raw, place)
        raise BadInput.of(
            place,
            f"字段太多，最多 {MOST_FIELDS} 个。",
            f"Too many fields; give at most {MOST_FIELDS}.",
        )


def _refuse_twice(names: Sequence[str]) -> None:
    if names:
        raise BadInput(*(FieldError(printable_name(name), _ONCE) for name in names))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a body; a field that is given twice is refused there as well."""
    counts = Counter(name for name, _ in pairs)
    _refuse_twice([name for name, count in counts.items() if count > 1])
    return dict(pairs)


_ONCE = Text(zh="此项重复，请只给一次。", en="Give this field once.")


def json_body(apart: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The object that the body holds, without the fields that hold a secret.

    Fields named in apart are free text, handed over as they are: whoever asks for them cuts the
    secrets out.
    """
    if request.mimetype != "application/json":
        raise http(415)
    raw = _body()
    try:
        body = json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        _search_whole(raw)
        raise BadInput.of(
            "body", "正文不是有效的 JSON。", "The body is not valid JSON."
        ) from None
    except BadInput:
        _search_whole(raw)
        raise
    if not isinstance(body, dict):
        _without_secrets({"body": body})
        raise BadInput.of("body", "正文应为 JSON 对象。", "The body must be a JSON object.")
    _refuse_many(body, "body", raw)
    texts = {name: body.pop(name) for name in apart & body.keys()}
    redact_in_log(texts)
    return {**_without_secrets(body), **texts}


def text_body() -> Redacted:
    """A body of plain text, without its secrets."""
    if request.mimetype != "text/plain":
        raise http(415)
    found = redact(plain_text())
    _note(Exposure("body", kind) for kind in found.kinds)
    return found


def plain_text() -> str:
    """The body as text, as it is: whoever asks for it cuts the secrets out."""
    try:
        text = _body().decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput.of(
            "body", "正文不是 UTF-8 文字。", "The body is not text in UTF-8."
        ) from None
    redact_in_log(text)
    return text


def refuse_encoded() -> None:
    """Refuses a compressed body: what it takes is not known before it is unpacked."""
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity"):
        raise http(415, _ENCODED)


_ENCODED = Text(
    zh="请不要压缩正文（去掉 Content-Encoding）。",
    en="Send the body as it is, without a Content-Encoding.",
)


def _body() -> bytes:
    refuse_encoded()
    raw = request.get_data(cache=False)
    if len(raw) > LARGEST_BODY:
        raise TooLarge(text=HTTP_TEXTS[413])
    return raw


def _search_whole(raw: bytes, place: str = "body") -> None:
    """Of what is not taken apart: whether a secret stands anywhere in it."""
    kinds = redact(raw.decode(errors="replace")).kinds
    _note(Exposure(place, kind) for kind in kinds)


def format_of(given: Mapping[str, Any]) -> str:
    """?format= decides, else Accept; JSON where neither says anything."""
    wanted = given.get("format")
    if wanted is not None:
        if not isinstance(wanted, str) or wanted not in FORMATS:
            names = "、".join(FORMATS), ", ".join(FORMATS)
            raise BadInput.of("format", f"可用的格式：{names[0]}。", f"Use one of {names[1]}.")
        return wanted
    accepted = request.accept_mimetypes
    if not accepted:
        return "json"
    offers = {kind.partition(";")[0]: name for name, (kind, _) in FORMATS.items()}
    best = accepted.best_match(list(offers))
    if best is None:
        raise http(406)
    return offers[best]


def language_of(given: Mapping[str, Any]) -> str:
    """?lang= decides, else Accept-Language, else the setting."""
    settings = parts().settings
    wanted = given.get("lang")
    if wanted is None:
        return negotiate(request.headers.get("Accept-Language"), settings.lang)
    if wanted not in LANGUAGES:
        raise BadInput.of("lang", "可用的语言：zh、en。", "Use zh or en.")
    return str(wanted)
