"""/v1/hooks: events of helpdesks. Each is verified, stored once, and answered later with a private
note.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from diag.access.access_control import AccessControl
from diag.api.authentication import is_authenticated
from diag.api.background import hasten
from diag.api.errors import http_error, json_response
from diag.api.request_parsing import record_exposures, refuse_encoded, services
from diag.errors import BadInput, TooLarge, Unauthorized
from diag.json_limits import within_limits
from diag.telemetry.logging import redact_in_log
from diag.words import problem

if TYPE_CHECKING:
    from diag.cases.desk import Desk
    from diag.channels.file import Hook

blueprint = Blueprint("hooks", __name__)

MAX_HOOK_BODY = 1024 * 1024
_ALL = "/v1/hooks/<source>/<name>"


@blueprint.post(_ALL)
@blueprint.post(f"{_ALL}/<token>")
def receive(source: str, name: str, token: str | None = None) -> Response:
    """Verifies a delivery by its raw bytes, stores the question in it, and responds at once."""
    kept, hook = _hook(source, name)
    raw = _raw()
    _verify(kept, hook, raw, token)
    from diag.hooks import inbox, signatures
    from diag.hooks.events import IgnoredEvent, Rating, read
    from diag.hooks.questions import read as read_question

    delivery = inbox.delivery_id(
        hook.name, signatures.delivery(hook.source, dict(request.headers)), raw
    )
    if inbox.is_known(kept.database, delivery):
        return _accepted(delivery, duplicate=True)
    payload = _payload(raw)
    event = read(hook, payload)
    if isinstance(event, IgnoredEvent):
        return _ignored(event.reason)
    if isinstance(event, Rating):
        lang = hook.lang or services().settings.lang
        return _kept(kept, delivery, hook, event.reference, lang, {"score": event.score})
    redact_in_log(event.text, event.reference, event.fields)
    used = services()
    question = read_question(
        event,
        used.now(),
        hook.zone,
        hook.lang or used.settings.lang,
        used.register,
        used.templates,
    )
    if isinstance(question, IgnoredEvent):
        return _ignored(question.reason)
    record_exposures(question.exposed)
    return _kept(kept, delivery, hook, event.reference, question.lang, question.kept)


def _kept(
    kept: Desk,
    delivery: str,
    hook: Hook,
    reference: str,
    lang: str,
    question: Mapping[str, Any],
) -> Response:
    from diag.hooks import inbox

    wall = kept.wall()
    is_new = inbox.put(kept.database, delivery, hook.name, reference, lang, question, wall)
    hasten("answer")
    return _accepted(delivery, duplicate=not is_new)


def _hook(source: str, name: str) -> tuple[Desk, Hook]:
    """The hook of an address. Without one, the response is that of any unknown address: HTTP 404,
    or 401 if API keys are needed and the request has none.
    """
    kept: Desk | None = current_app.extensions["diag_desk"]
    channels = current_app.extensions["diag_channels"]
    hook: Hook | None = channels().hooks.get(name) if channels else None
    if kept is None or hook is None or hook.source != source:
        if not is_authenticated():
            _refuse()
        raise http_error(404)
    return kept, hook


def _raw() -> bytes:
    refuse_encoded()
    if request.mimetype != "application/json":
        raise http_error(415)
    request.max_content_length = MAX_HOOK_BODY
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge(text=problem("request.hook_too_large")) from None
    if len(raw) > MAX_HOOK_BODY:
        raise TooLarge(text=problem("request.hook_too_large"))
    return raw


def _verify(kept: Desk, hook: Hook, raw: bytes, token: str | None) -> None:
    """Raises Unauthorized unless the delivery has a valid signature or token."""
    from diag.hooks.signatures import has_token, is_signed

    given = request.authorization
    presented = (token, given.token if given else None, given.password if given else None)
    try:
        secrets = [secret.reveal() for secret in hook.secrets]
        tokens = [secret.reveal() for secret in hook.tokens]
    except (OSError, ValueError):
        secrets, tokens = [], []
    if has_token(presented, tokens):
        return
    if is_signed(hook.source, dict(request.headers), raw, secrets, kept.wall()):
        return
    _refuse()


def _refuse() -> NoReturn:
    """Raises Unauthorized, or RateLimited if the caller was refused too often."""
    access_control: AccessControl = current_app.extensions["diag_access_control"]
    access_control.count_refusal(request.remote_addr)
    raise Unauthorized


def _payload(raw: bytes) -> Mapping[str, Any]:
    try:
        if within_limits(raw) and isinstance(found := json.loads(raw), dict):
            return found
    except (ValueError, RecursionError):
        pass
    raise BadInput.about("body", "request.no_hook_object")


def _accepted(delivery: str, *, duplicate: bool) -> Response:
    return json_response({"accepted": True, "id": delivery, "duplicate": duplicate}, 202)


def _ignored(reason: str) -> Response:
    return json_response({"accepted": False, "reason": reason})
