"""The schema of a request: unknown fields are refused, and every mistake becomes an entry of BadInput."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from marshmallow import RAISE, Schema, ValidationError, fields

from diag.errors import BadInput, FieldError
from diag.i18n import Text
from diag.printable import printable
from diag.redaction import redact
from diag.schemas.mistakes import message, mistakes

Value = TypeVar("Value")
_REQUIRED: dict[str, Any] = dict.fromkeys(("required", "null"), message("value.required"))


class RequestField(fields.Field[Value], Generic[Value]):
    """A field of a request; null counts as not given."""

    default_error_messages = _REQUIRED

    def __init__(self, **options: Any) -> None:
        if not options.get("required"):
            options["load_default"] = None
        super().__init__(**options)


class RequestSchema(Schema):
    """The fields of a request; any other field is refused."""

    class Meta:
        unknown = RAISE

    def __init__(self) -> None:
        super().__init__()
        self.names = tuple(field.data_key or name for name, field in self.fields.items())
        """The fields as a caller writes them."""
        self.error_messages = {
            "unknown": message("request.unknown_field", names=Text.listing(self.names)),
            **type(self).error_messages,
        }

    def read(self, raw: Mapping[str, Any]) -> Any:
        """Load a request with a schema; raises BadInput with an entry per wrong field."""
        try:
            return self.load(raw)
        except ValidationError as error:
            raise BadInput(*self.errors_of(error)) from None

    def errors_of(self, error: ValidationError) -> list[FieldError]:
        """The first mistake of each field: unknown fields, then the others in the schema's order."""
        found = {str(place[0]): text for place, text in reversed(list(mistakes(error)))}
        order = sorted(
            found, key=lambda name: name in self.names and self.names.index(name) + 1
        )
        return [FieldError(printable_name(name), found[name]) for name in order]


def shortened(text: str, longest: int) -> str:
    """A text for error messages: on one line, shortened, invisible characters escaped."""
    seen = printable(text)
    return seen if len(seen) <= longest else f"{seen[:longest]}…"


def printable_name(name: object) -> str:
    """The name of a field for error messages: short, printable, and never a secret."""
    text = str(name).encode("utf-8", "replace").decode()
    return "…" if redact(text).kinds else printable(text[:64])
