"""The fields of the requests that describe no case."""

from __future__ import annotations

from typing import Any

from diag.schemas.mistakes import message
from diag.schemas.request import RequestField, RequestSchema
from diag.schemas.times import MomentField, ZoneField

_IN_THE_BODY: dict[str, Any] = {"unknown": message("request.intake_fields")}
_IN_THE_ROWS: dict[str, Any] = {"unknown": message("request.triage_fields")}
_NO_TEXT: dict[str, Any] = dict.fromkeys(
    ("required", "null"),
    message("request.no_text"),
)


class AnyField(RequestField[Any]):
    """A field that is validated where it is used."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value


class ComplaintField(RequestField[str]):
    """A complaint in the user's own words."""

    default_error_messages = _NO_TEXT

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.make_error("required")
        return value


class IntakeQuerySchema(RequestSchema):
    """The query of an intake."""

    error_messages = _IN_THE_BODY
    tz = ZoneField()
    lang = AnyField()


class IntakeSchema(IntakeQuerySchema):
    """The body of an intake."""

    text = ComplaintField(required=True)


class TriageQuerySchema(RequestSchema):
    """The query of a triage: its format, and defaults for fields that rows do not have."""

    error_messages = _IN_THE_ROWS
    tz = AnyField()
    last = AnyField()
    lang = AnyField()
    format = AnyField()


class NoticesQuerySchema(RequestSchema):
    """The notices in force at a time, optionally for one gateway."""

    gateway = AnyField()
    at = MomentField()
