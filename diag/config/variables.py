"""The types of settings: marshmallow fields that parse a text and report errors in both languages."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from marshmallow import fields

from diag.i18n import Text
from diag.schemas.mistakes import Mistake
from diag.words import problem

NO_ORIGINS = ("'none'",)
"""The word in a content security policy for no allowed origin."""
_ORIGIN = re.compile(
    r"https?://(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?"
)
_CONTACT = re.compile(r"mailto:[!-~]+@[!-~]+|https://[!-~]+|tel:[+0-9-]+")
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class Variable(fields.Field[Any]):
    """A setting, read from a non-empty text."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> Any:
        return value


class FormVariable(Variable):
    """A text of a given form."""

    def __init__(self, pattern: str, form: Text) -> None:
        super().__init__()
        self.pattern, self.form = re.compile(pattern), form

    def _deserialize(self, value: str, *_: Any, **__: Any) -> Any:
        if not self.pattern.fullmatch(value):
            raise Mistake("setting.give", form=self.form)
        return value


class ChoiceVariable(FormVariable):
    """One of several words."""

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__("|".join(words), problem("form.one_of", names=Text.listing(words)))


class RedisVariable(FormVariable):
    """The URL of a Redis server."""

    def __init__(self) -> None:
        super().__init__(r"rediss?://\S+", problem("form.redis"))


class SwitchVariable(FormVariable):
    """On or off."""

    def __init__(self) -> None:
        super().__init__("on|off", problem("form.on_or_off"))

    def _deserialize(self, value: str, *_: Any, **__: Any) -> bool:
        return bool(super()._deserialize(value) == "on")


class NumberVariable(Variable):
    """A number in a range, both ends included."""

    def __init__(self, low: float, high: float, kind: type[float] = float) -> None:
        super().__init__()
        self.low, self.high, self.kind = low, high, kind

    def _deserialize(self, value: str, *_: Any, **__: Any) -> float:
        try:
            found = float(value)
        except ValueError:
            found = math.nan
        if self.low <= found <= self.high and self.kind(found) == found:
            return self.kind(found)
        span = f"{self.low:g} – {self.high:g}"
        raise Mistake("setting.range", range=span)


class PathVariable(Variable):
    """An existing file or directory."""

    def __init__(self, *, directory: bool = False) -> None:
        super().__init__()
        self.directory = directory

    def _deserialize(self, value: str, *_: Any, **__: Any) -> Path:
        path = Path(value)
        if not (path.is_dir() if self.directory else path.is_file()):
            kind = "directory" if self.directory else "file"
            raise Mistake(f"setting.no_{kind}", path=value)
        return path


class MomentVariable(Variable):
    """A UTC time in whole seconds, with a Z."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> datetime:
        try:
            return datetime.strptime(value, _MOMENT).replace(tzinfo=UTC)
        except ValueError:
            raise Mistake("setting.utc") from None


class ListVariable(Variable):
    """A list of words, separated by commas or white space."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:
        return tuple(re.findall(r"[^,\s]+", value))


class OriginsVariable(ListVariable):
    """Origins for a content security policy; `self` stands for the service's own."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:
        found = super()._deserialize(value)
        if any(origin != "self" and not _ORIGIN.fullmatch(origin) for origin in found):
            raise Mistake("setting.origins")
        quoted = tuple("'self'" if origin == "self" else origin for origin in found)
        return quoted or NO_ORIGINS


class ContactsVariable(ListVariable):
    """Contact URIs, as RFC 9116 allows them."""

    def _deserialize(self, value: str, *_: Any, **__: Any) -> tuple[str, ...]:
        found = super()._deserialize(value)
        if not all(_CONTACT.fullmatch(contact) for contact in found):
            raise Mistake("setting.contacts")
        return found
