"""Reads what callers write about kept cases; every mistake names its field and the remedy."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from diag.domain.case import Case
from diag.errors import BadInput, FieldError, SecretExposed
from diag.i18n import LANGUAGES, Text
from diag.redaction.request_fields import Exposure
from diag.schemas.case import KNOWN, parse
from diag.schemas.fields import Templates
from diag.schemas.mistakes import Mistake
from diag.schemas.request import printable_name

LONGEST_NOTE = 4000
MOST_CHANNELS = 16
MOST_LISTED = 200
LISTED = 50
"""How many cases or events a page holds if the caller does not say."""
_CHANNEL = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_CODE = re.compile(r"[a-z_]{1,64}\Z")
_REFERENCE = re.compile(r"[0-9a-f]{10}(?:[0-9a-f]{6})?\Z")


class Words(fields.Field[str]):
    """A text on one line without control characters; longest in characters."""

    def __init__(self, longest: int, *, lines: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest, self.lines = longest, lines

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        text = value.strip() if isinstance(value, str) else ""
        plain = re.sub(r"[\n\t]", " ", text.replace("\r\n", "\n")) if self.lines else text
        if not text or len(text) > self.longest or not plain.isprintable():
            raise Mistake(
                f"请填写 1 至 {self.longest} 个可见字符。",
                f"Give 1 to {self.longest} visible characters.",
            )
        return text.replace("\r\n", "\n") if self.lines else text


class OneOf(fields.Field[str]):
    """One of a few words."""

    def __init__(self, words: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            zh, en = "、".join(self.words), ", ".join(self.words)
            raise Mistake(f"可填：{zh}。", f"Use one of {en}.")
        return value


class Name(fields.Field[str]):
    """A name of a given form."""

    def __init__(self, form: re.Pattern[str], zh: str, en: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.form, self.remedy = form, (zh, en)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not self.form.match(value):
            raise Mistake(*self.remedy)
        return value


class Channels(fields.Field[tuple[str, ...]]):
    """Names of channels of the operator; which ones there are is checked by the caller."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:
        right = isinstance(value, list) and len(value) <= MOST_CHANNELS
        if not right or not all(isinstance(n, str) and _CHANNEL.match(n) for n in value):
            raise Mistake(
                f"请填写通知渠道名称的列表，最多 {MOST_CHANNELS} 个。",
                f"Give a list of at most {MOST_CHANNELS} names of channels.",
            )
        return tuple(dict.fromkeys(value))


class Count(fields.Field[int]):
    """A whole number in a query."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        text = str(value)
        if not re.fullmatch(r"[1-9][0-9]{0,2}", text) or int(text) > MOST_LISTED:
            raise Mistake(
                f"请填写 1 至 {MOST_LISTED} 的整数。",
                f"Give a whole number from 1 to {MOST_LISTED}.",
            )
        return int(text)


class Cursor(fields.Field[int]):
    """Where a page begins, as the page before has written it into its link."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not re.fullmatch(r"[1-9][0-9]{0,17}", str(value)):
            raise Mistake(
                "请使用上一页 Link 响应头中的地址。",
                "Use the address from the Link header of the page before.",
            )
        return int(value)


class States(fields.Field[tuple[str, ...]]):
    """One or several states, separated by commas."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:
        given = tuple(str(value).split(","))
        if not set(given) <= set(STATES):
            zh, en = "、".join(STATES), ", ".join(STATES)
            raise Mistake(f"可填：{zh}，以逗号分隔。", f"Use {en}, separated by commas.")
        return given


STATES = ("open", "waiting", "resolved", "closed")
WAITED_FOR = ("user", "gateway", "recipient", "network", "support", "security")
RESOLUTIONS = ("delivered", "returned", "not_sent", "answered", "other")
ADDED = ("note", "reply")


def _channel_field() -> Name:
    return Name(
        re.compile(r"[A-Za-z0-9._-]{1,32}\Z"),
        "渠道名称用字母、数字、点、下划线和连字符，不超过 32 个。",
        "A channel has at most 32 letters, digits, dots, underscores and hyphens.",
        allow_none=True,
    )


class DeskSchema(Schema):
    """What a caller may say of a case besides its question."""

    class Meta:
        unknown = EXCLUDE

    reference = Words(128, allow_none=True)
    channel = _channel_field()
    lang = OneOf(LANGUAGES)
    tell = Channels()


class PatchSchema(DeskSchema):
    """What of a case can be changed."""

    state = OneOf(STATES)
    waiting_for = OneOf(WAITED_FOR, allow_none=True)
    resolution = OneOf(RESOLUTIONS, allow_none=True)


class EventSchema(Schema):
    """What can be added to a case."""

    class Meta:
        unknown = EXCLUDE

    kind = OneOf(ADDED, required=True)
    text = Words(LONGEST_NOTE, lines=True)
    lang = OneOf(LANGUAGES)
    diagnosis = Name(
        _REFERENCE,
        "请填写查询编号（10 或 16 位十六进制字符）。",
        "Give the reference of a diagnosis (10 or 16 hexadecimal digits).",
    )


class FilterSchema(Schema):
    """Which cases are to be listed."""

    class Meta:
        unknown = EXCLUDE

    state = States()
    code = Name(_CODE, "请填写结论代码。", "Give the code of a verdict.")
    gateway = Words(64)
    account = Words(63)
    reference = Words(128)
    text = Words(128)
    opened_by = Words(128)
    limit = Count(load_default=LISTED)
    before = Cursor(load_default=None)


class PageSchema(Schema):
    """Which page of a list is wanted."""

    class Meta:
        unknown = EXCLUDE

    limit = Count(load_default=LISTED)
    before = Cursor(load_default=None)


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to open."""

    question: Case
    reference: str | None
    channel: str | None
    lang: str
    tell: tuple[str, ...]


def read_new_case(
    given: Mapping[str, Any],
    now: datetime,
    default_lang: str,
    channels: Collection[str],
    exposed: Sequence[Exposure] = (),
    templates: Templates | None = None,
) -> NewCase:
    """The case that a request wants to open; raises BadInput with an entry per mistake.

    channels: the names of the operator's channels. exposed: where secrets were cut out of the
    request; in a field of the question they only count as not given.
    """
    own = frozenset(DeskSchema().fields)
    desk = {n: value for n, value in given.items() if n in own and value is not None}
    found, wrong = _load(DeskSchema(), desk)
    wrong += _unknown_channels(found.get("tell", ()), channels)
    hidden = [e.field for e in exposed if e.field not in KNOWN]
    rest = {name: value for name, value in given.items() if name not in own}
    try:
        question = parse(rest, now, exposed=exposed, templates=templates)
    except BadInput as error:
        wrong += error.errors
        hidden += [e.field for e in exposed] if isinstance(error, SecretExposed) else []
    refuse(wrong, hidden)
    return NewCase(
        question,
        found.get("reference"),
        found.get("channel"),
        found.get("lang", default_lang),
        found.get("tell", ()),
    )


def read_patch(
    given: Mapping[str, Any], channels: Collection[str], exposed: Sequence[Exposure] = ()
) -> dict[str, Any]:
    """The changes that a request wants, by field; raises BadInput."""
    found, wrong = _load(PatchSchema(), given)
    wrong += _unknown_channels(found.get("tell", ()), channels)
    wrong += unknown_fields(given, PatchSchema())
    refuse(wrong, [e.field for e in exposed])
    if not found:
        raise BadInput.of("body", "没有要修改的内容。", "There is nothing to change.")
    return found


def read_event(given: Mapping[str, Any], exposed: Sequence[Exposure] = ()) -> dict[str, Any]:
    """The event that a request wants to add; raises BadInput."""
    found, wrong = _load(EventSchema(), given)
    wrong += unknown_fields(given, EventSchema())
    needed = {"note": "text", "reply": "lang"}.get(found.get("kind", ""))
    if needed and needed not in given:
        wrong.append(FieldError(needed, _REQUIRED))
    needless = {"note": ("lang", "diagnosis"), "reply": ("text",)}
    for name in needless.get(found.get("kind", ""), ()):
        if name in given:
            wrong.append(FieldError(name, _NEEDLESS))
    refuse(wrong, [e.field for e in exposed])
    return found


def read_query(
    given: Mapping[str, Any], schema: Schema, exposed: Sequence[Exposure] = ()
) -> dict[str, Any]:
    """The fields of a query for a list; raises BadInput."""
    found, wrong = _load(schema, given)
    wrong += unknown_fields(given, schema)
    refuse(wrong, [e.field for e in exposed])
    return found


def unknown_fields(given: Mapping[str, Any], schema: Schema) -> list[FieldError]:
    known = ", ".join(schema.fields)
    return [
        FieldError(
            printable_name(name),
            Text.literal(
                f"没有这个字段；可用的字段：{known}。", f"There is no such field; use {known}."
            ),
        )
        for name in given
        if name not in schema.fields
    ]


def refuse(wrong: Sequence[FieldError], hidden: Sequence[str] = ()) -> None:
    """Raises BadInput for mistakes, and SecretExposed for fields in which secrets stood."""
    if hidden:
        raise SecretExposed.instead_of(BadInput(*wrong), hidden)
    if wrong:
        raise BadInput(*{error.field: error for error in reversed(wrong)}.values())


def _load(schema: Schema, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[FieldError]]:
    try:
        return dict(schema.load(given)), []
    except ValidationError as error:
        wrong = []
        for name, said in error.messages_dict.items():
            text = Text.literal(**said) if isinstance(said, dict) else _REQUIRED
            wrong.append(FieldError(name, text))
        return dict(error.valid_data or {}), wrong


def _unknown_channels(tell: Sequence[str], channels: Collection[str]) -> list[FieldError]:
    unknown = [name for name in tell if name not in channels]
    if not unknown:
        return []
    if not channels:
        return [FieldError("tell", _NO_CHANNELS)]
    zh, en = "、".join(sorted(channels)), ", ".join(sorted(channels))
    return [
        FieldError(
            "tell",
            Text.literal(
                f"没有通知渠道 {unknown[0]}；可用的渠道：{zh}。",
                f"There is no channel {unknown[0]}; use {en}.",
            ),
        )
    ]


_REQUIRED = Text(zh="此项必填。", en="This field is required.")
_NEEDLESS = Text(zh="这种事件不能有此项。", en="An event of this kind has no such field.")
_NO_CHANNELS = Text(
    zh="本服务没有配置通知渠道，请去掉此项。",
    en="No channels are configured here; leave this field out.",
)
