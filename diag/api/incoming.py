"""What a request says: the fields of its query and body, the format and the language it wants."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app, request

from diag.api.outgoing import HTTP_TEXTS, http
from diag.errors import BadInput, FieldError, TooLarge
from diag.parts import Parts
from diag.render import FORMATS
from diag.schemas import shown
from diag.text import LANGUAGES, Text, negotiate

LARGEST_BODY = 64 * 1024
VIEW_FIELDS = frozenset({"format", "lang"})


def parts() -> Parts:
    """What this application was made of."""
    made: Parts = current_app.extensions["diag"]
    return made


def single(arguments: Mapping[str, list[str]]) -> dict[str, Any]:
    """A query's fields; one that is given twice is refused rather than guessed."""
    _refuse_twice([name for name, values in arguments.items() if len(values) > 1])
    return {name: values[0] for name, values in arguments.items()}


def _refuse_twice(names: Sequence[str]) -> None:
    if names:
        raise BadInput(*(FieldError(shown(name), _ONCE) for name in names))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a body; a field that is given twice is refused there as well."""
    counts = Counter(name for name, _ in pairs)
    _refuse_twice([name for name, count in counts.items() if count > 1])
    return dict(pairs)


_ONCE = Text(zh="此项重复，请只给一次。", en="Give this field once.")


def json_body() -> dict[str, Any]:
    """The object that the body holds, read before anything else looks at it."""
    if request.mimetype != "application/json":
        raise http(415)
    raw = request.get_data(cache=False)
    if len(raw) > LARGEST_BODY:
        raise TooLarge(text=HTTP_TEXTS[413])
    try:
        body = json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise BadInput.of(
            "body", "正文不是有效的 JSON。", "The body is not valid JSON."
        ) from None
    if not isinstance(body, dict):
        raise BadInput.of("body", "正文应为 JSON 对象。", "The body must be a JSON object.")
    return body


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
