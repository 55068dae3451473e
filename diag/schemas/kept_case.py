"""Reads requests about cases; every mistake names its field and the remedy."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import validates_schema

from diag.domain import account_names
from diag.domain.case import Case
from diag.errors import BadInput, FieldError, SecretExposed
from diag.i18n import LANGUAGES, Text
from diag.redaction.request_fields import Exposure
from diag.schemas.case import KNOWN, parse
from diag.schemas.fields import Templates
from diag.schemas.mistakes import Mistake
from diag.schemas.plain_fields import Line, Name, OneOf, Paragraphs, Score, YesOrNo
from diag.schemas.request import RequestField, RequestSchema

LONGEST_NOTE = 4000
MOST_CHANNELS = 16
MOST_LISTED = 200
LISTED = 50
"""The default number of cases or events per page."""

STATES = ("open", "waiting", "resolved", "closed")
WAITED_FOR = ("user", "gateway", "recipient", "network", "support", "security")
RESOLUTIONS = ("delivered", "returned", "not_sent", "answered", "other")
ADDED = ("note", "reply", "assessment", "rating")


class States(RequestField[tuple[str, ...]]):
    """One or several states, separated by commas."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:
        given = tuple(str(value).split(","))
        if not set(given) <= set(STATES):
            raise Mistake("value.some_of", names=Text.listing(STATES))
        return given


class Channels(RequestField[tuple[str, ...]]):
    """Names of channels; whether they exist is checked by `_check_channels`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:
        form = re.compile(r"[A-Za-z0-9._-]{1,64}")
        right = isinstance(value, list) and len(value) <= MOST_CHANNELS
        if not right or not all(isinstance(n, str) and form.fullmatch(n) for n in value):
            raise Mistake("value.channels", most=MOST_CHANNELS)
        return tuple(dict.fromkeys(value))


class Limit(RequestField[int]):
    """The number of items per page."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not re.fullmatch("[1-9][0-9]{0,2}", str(value)) or int(value) > MOST_LISTED:
            raise Mistake("value.limit", most=MOST_LISTED)
        return int(value)


class Cursor(RequestField[int]):
    """The cursor of a page, taken from the link of the previous page."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not re.fullmatch("[1-9][0-9]{0,17}", str(value)):
            raise Mistake("value.cursor")
        return int(value)


class DeskSchema(RequestSchema):
    """The fields of a case besides its question."""

    reference = Line(128)
    channel = Name(r"[A-Za-z0-9._-]{1,32}", "value.desk_channel")
    lang = OneOf(LANGUAGES)
    tell = Channels()


class PatchSchema(DeskSchema):
    """The fields of a case that can be changed."""

    state = OneOf(STATES)
    waiting_for = OneOf(WAITED_FOR)
    resolution = OneOf(RESOLUTIONS)


class EventSchema(RequestSchema):
    """The events that can be added to a case."""

    kind = OneOf(ADDED, required=True)
    text = Paragraphs(LONGEST_NOTE)
    lang = OneOf(LANGUAGES)
    diagnosis = Name("[0-9a-f]{10}(?:[0-9a-f]{6})?", "value.reference")

    right = YesOrNo()
    really = Name("[a-z_]{1,64}", "value.code")
    score = Score()

    @validates_schema
    def _fits_its_kind(self, data: dict[str, Any], **_: Any) -> None:
        needed, optional = _OF_KIND[data["kind"]]
        if data[needed] is None:
            raise Mistake("value.required", needed)
        for name in data.keys() - {"kind", needed, *optional}:
            if data[name] is not None:
                raise Mistake("value.not_of_the_event", name)
        if data["right"] and data["really"] is not None:
            raise Mistake("value.only_if_wrong", "really")


_OF_KIND: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "note": ("text", ()),
    "reply": ("lang", ("diagnosis",)),
    "assessment": ("right", ("really", "diagnosis")),
    "rating": ("score", ()),
}
"""Kind of event → the field that it must have, and those that it may have."""


class PageSchema(RequestSchema):
    """The query fields for a page of a list."""

    limit = Limit()
    before = Cursor()


class FilterSchema(PageSchema):
    """The query fields for a list of cases."""

    state = States()
    code = Name("[a-z_]{1,64}", "value.code")
    gateway = Line(64)
    account = Line(63)
    reference = Line(128)
    text = Line(128)
    opened_by = Line(128)
    right = YesOrNo()


_DESK, _PATCH, _EVENT = DeskSchema(), PatchSchema(), EventSchema()
_PAGE, _FILTER = PageSchema(), FilterSchema()
_EMPTIABLE = ("waiting_for", "resolution", "reference", "channel")
"""Fields of a case that null resets."""


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to open."""

    question: Case
    reference: str | None
    channel: str | None
    lang: str
    tell: tuple[str, ...]


def read_new_case(
    raw: Mapping[str, Any],
    now: datetime,
    default_lang: str,
    channels: Collection[str],
    exposed: Sequence[Exposure] = (),
    templates: Templates | None = None,
) -> NewCase:
    """The case that a request wants to open; raises BadInput with an entry per mistake.

    channels: the names of the operator's channels. exposed: the fields from which secrets were
    removed; in the question such a field counts as not given, in others it is refused.
    """
    wrong: list[FieldError] = []
    found: dict[str, Any] = {}
    hidden = [e.field for e in exposed if e.field not in KNOWN]
    try:
        found = _DESK.read({n: v for n, v in raw.items() if n in _DESK.names})
        _check_channels(found["tell"], channels)
    except BadInput as error:
        wrong += error.errors
    try:
        own = frozenset(_DESK.names)
        question = parse(raw, now, ignore=own, exposed=exposed, templates=templates)
    except BadInput as error:
        wrong += error.errors
        hidden += [e.field for e in exposed]
    _refuse(wrong, hidden)
    return NewCase(
        question,
        found["reference"],
        found["channel"],
        found["lang"] or default_lang,
        found["tell"] or (),
    )


def read_patch(
    raw: Mapping[str, Any], channels: Collection[str], exposed: Sequence[Exposure] = ()
) -> dict[str, Any]:
    """Field → new value, for the changes in a request; raises BadInput."""
    found = _read(_PATCH, raw, exposed)
    _check_channels(found["tell"], channels)
    changed = {
        name: value
        for name, value in found.items()
        if value is not None or (name in raw and name in _EMPTIABLE)
    }
    if not changed:
        raise BadInput.about("body", "case.nothing_to_change")
    return changed


def read_event(raw: Mapping[str, Any], exposed: Sequence[Exposure] = ()) -> dict[str, Any]:
    """The event to add; raises BadInput."""
    return _read(_EVENT, raw, exposed)


def read_filter(raw: Mapping[str, Any], exposed: Sequence[Exposure] = ()) -> dict[str, Any]:
    """The filter for a list of cases, with `limit` and `before`; raises BadInput."""
    found = _read(_FILTER, raw, exposed)
    wanted = {name: value for name, value in found.items() if value is not None}
    return wanted | {"limit": found["limit"] or LISTED, "before": found["before"]}


def read_account(text: str) -> str:
    """The name or id of an account, in any form; raises BadInput."""
    name = account_names.read(text)
    if name is None:
        raise BadInput.about("account", "request.account")
    return name


def read_page(raw: Mapping[str, Any], exposed: Sequence[Exposure] = ()) -> dict[str, Any]:
    """The page of a list: `limit` and `before`; raises BadInput."""
    found = _read(_PAGE, raw, exposed)
    return {"limit": found["limit"] or LISTED, "before": found["before"]}


def _read(
    schema: RequestSchema, raw: Mapping[str, Any], exposed: Sequence[Exposure]
) -> dict[str, Any]:
    """Load a request with a schema; raises SecretExposed if secrets were removed from it."""
    wrong: list[FieldError] = []
    found: dict[str, Any] = {}
    try:
        found = schema.read(raw)
    except BadInput as error:
        wrong += error.errors
    _refuse(wrong, [e.field for e in exposed])
    return found


def _refuse(wrong: Sequence[FieldError], hidden: Sequence[str]) -> None:
    """Raises BadInput for mistakes, and SecretExposed for fields that contained secrets."""
    if hidden:
        raise SecretExposed.instead_of(BadInput(*wrong), hidden)
    if wrong:
        raise BadInput(*wrong)


def _check_channels(tell: Sequence[str] | None, channels: Collection[str]) -> None:
    """Raises BadInput for a channel that does not exist."""
    unknown = [name for name in tell or () if name not in channels]
    if not unknown:
        return
    if not channels:
        raise BadInput.about("tell", "case.no_channels")
    names = Text.listing(sorted(channels))
    raise BadInput.about("tell", "case.no_channel", name=unknown[0], names=names)
