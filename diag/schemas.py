"""JSON or a query string in, Case out; every mistake names its field and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from diag import names
from diag.errors import BadInput, FieldError, SecretExposed
from diag.evidence import Case
from diag.given import Exposure, search
from diag.redaction import redact
from diag.text import Text

LONGEST_WINDOW = timedelta(days=31)
LONGEST_TEXT = 512
"""The longest free text in a case, in characters."""

_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)([Zz]|[ +-]\d{2}:?\d{2})?\Z"
)
# a bare + of an offset is a space by the time a query has been read
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_LAST = re.compile(r"([1-9][0-9]{0,4})([mhd])\Z")
_ASSET = re.compile(r"(?=.{3,16}\Z)[A-Z][A-Z0-9.]*[A-Z0-9]\Z")
_OPERATION = re.compile(r"1\.11\.(?:0|[1-9][0-9]{0,18})\Z")
_TRANSACTION = re.compile(r"[0-9a-f]{40}\Z")
_AMOUNT = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,12})?\Z")
_NO_ZONES = frozenset({"localtime", "posixrules", "posix", "right", "Factory"})
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Wrong(ValidationError):
    """A mistake in one field, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text.literal(zh, en)


class _Words(fields.Field[str]):
    """A string of a given form."""

    def __init__(self, form: re.Pattern[str] | None, zh: str, en: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.form, self.remedy = form, (zh, en)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
            raise Wrong(*self.remedy)
        text = value.strip()
        if self.form and not self.form.match(text):
            raise Wrong(*self.remedy)
        if any(
            ord(letter) < 32 or 127 <= ord(letter) < 160 or 0xD800 <= ord(letter) <= 0xDFFF
            for letter in text
        ):
            raise Wrong("不能包含控制字符。", "Remove the control characters.")
        return text


class _Account(fields.Field[str]):
    """An account name or id."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        text = value.strip() if isinstance(value, str) else ""
        if not names.valid(text):
            raise Wrong(
                "账户名只能用小写字母、数字、连字符和点，1 至 63 个字符；也可以填 1.2.x 编号。",
                "Give an account name (lower-case letters, digits, hyphens and dots, 1 to 63 "
                "characters) or an id such as 1.2.345.",
            )
        return text


class _Amount(fields.Field[Decimal]):
    """A decimal string, never a float."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        text = (
            str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        )
        if not _AMOUNT.match(text.strip()):
            raise Wrong(
                '请用字符串写出十进制数额，例如 "0.05"，不带符号、单位和千分位。',
                'Write the amount as a decimal string such as "0.05", without sign, unit or '
                "thousands separators.",
            )
        try:
            return Decimal(text.strip())
        except InvalidOperation as exc:  # pragma: no cover - the form admits no such text
            raise Wrong("数额无法识别。", "The amount is not readable.") from exc


_ANY_TEXT = ("请填写不超过 512 个字符的文字。", "Give a text of at most 512 characters.")


class CaseSchema(Schema):
    """The fields of a case; times are read by `parse`, because they need tz."""

    class Meta:
        unknown = EXCLUDE

    account = _Account(required=True)
    start = fields.Raw(data_key="from")
    end = fields.Raw(data_key="to")
    last = fields.Raw()
    tz = fields.Raw()
    asset = _Words(
        _ASSET,
        "资产代码用大写字母、数字和点，例如 BTS 或 XBTSX.BTC。",
        "Give the asset's symbol in capitals, such as BTS or XBTSX.BTC.",
    )
    amount = _Amount()
    received = _Amount()
    destination = _Account()
    operation = _Words(
        _OPERATION, "操作编号的形式是 1.11.数字。", "An operation id looks like 1.11.12345."
    )
    transaction = _Words(
        _TRANSACTION,
        "交易 ID 是 40 位小写十六进制字符。",
        "A transaction id has 40 lower-case hexadecimal digits.",
    )
    memo = _Words(None, *_ANY_TEXT)
    external_transaction = _Words(None, *_ANY_TEXT)


KNOWN = tuple(field.data_key or name for name, field in CaseSchema().fields.items())
"""The names of the fields as a caller writes them."""


def parse(
    given: Mapping[str, Any],
    now: datetime,
    ignore: frozenset[str] = frozenset(),
    exposed: Sequence[Exposure] = (),
) -> Case:
    """A Case from raw fields; `last` is counted back from now (aware UTC).

    A field that holds a secret counts as not given, and the case says so; exposed are those that
    were left out before. Raises BadInput with an entry for every field that is wrong, and
    SecretExposed where a secret stood in a field that is needed.
    """
    searched = search(given)
    given, found = searched.fields, sorted({*exposed, *searched.exposed})
    errors = [_unknown(name) for name in given if name not in KNOWN and name not in ignore]
    schema = CaseSchema()
    try:
        loaded = schema.load({k: v for k, v in given.items() if k in KNOWN and v is not None})
    except ValidationError as exc:
        errors += _field_errors(given, schema, exc)
        loaded = exc.valid_data
    tz = loaded.pop("tz", None)
    zone = _zone(tz, errors)
    stand_in = ZoneInfo("UTC") if tz is not None else None  # a wrong zone is one mistake
    window = _window(loaded, zone or stand_in, now, errors)
    if errors or window is None:
        wrong = BadInput(*errors)
        raise SecretExposed.instead_of(wrong, (e.field for e in found)) if found else wrong
    start, end = window
    return Case(
        start=start,
        end=end,
        zone=zone.key if zone else None,
        exposed=tuple(dict.fromkeys(e.kind for e in found)),
        exposed_in=tuple(dict.fromkeys(e.field for e in found)),
        **loaded,
    )


def _unknown(name: object) -> FieldError:
    known = ", ".join(KNOWN)
    return FieldError(
        shown(name),
        Text.literal(
            f"没有这个字段；可用的字段：{known}。", f"There is no such field; use {known}."
        ),
    )


def shown(name: object) -> str:
    """The name of a field as far as it may be repeated: short, printable, and no secret."""
    text = str(name).encode("utf-8", "replace").decode()
    return "…" if redact(text).kinds else text[:64]


def _field_errors(
    given: Mapping[str, Any], schema: Schema, exc: ValidationError
) -> list[FieldError]:
    """One entry per wrong field, in both languages; the texts come from the fields themselves."""
    found = []
    for name, field in schema.fields.items():
        key = field.data_key or name
        if key not in exc.messages_dict:
            continue
        found.append(FieldError(key, _text_of(field, given.get(key))))
    return found


def _text_of(field: fields.Field[Any], value: object) -> Text:
    if value is None:
        return Text(zh="此项必填。", en="This field is required.")
    try:
        field.deserialize(value)
    except Wrong as exc:
        return exc.text
    except ValidationError as exc:
        return Text.literal("此项有误。", str(exc))
    return Text(zh="此项有误。", en="This field is wrong.")


def _zone(given: object, errors: list[FieldError]) -> ZoneInfo | None:
    if given is None:
        return None
    try:
        if isinstance(given, str) and re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", given):
            found = ZoneInfo(given)
            if given not in _NO_ZONES:
                return found
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    errors.append(
        FieldError(
            "tz",
            Text(
                zh="请使用 IANA 时区名，例如 Asia/Shanghai。",
                en="Give an IANA time zone such as Asia/Shanghai.",
            ),
        )
    )
    return None


def zone_of(given: object) -> ZoneInfo | None:
    """The zone of an IANA name, None for none; BadInput names the field tz."""
    errors: list[FieldError] = []
    found = _zone(given, errors)
    if errors:
        raise BadInput(*errors)
    return found


def _window(
    loaded: dict[str, Any], zone: ZoneInfo | None, now: datetime, errors: list[FieldError]
) -> tuple[datetime, datetime] | None:
    """from and to, or last; both ends included."""
    start, end, last = (loaded.pop(name, None) for name in ("start", "end", "last"))
    if last is not None:
        return _last(last, now, errors, start is not None or end is not None)
    moments = [
        _moment(name, value, zone, errors) for name, value in (("from", start), ("to", end))
    ]
    if moments[0] is None or moments[1] is None:
        return None
    if moments[1] < moments[0]:
        errors.append(
            FieldError(
                "to",
                Text(
                    zh="结束时间早于开始时间，请对调。",
                    en="The window ends before it begins; swap from and to.",
                ),
            )
        )
        return None
    if moments[1] - moments[0] > LONGEST_WINDOW:
        errors.append(
            FieldError(
                "to",
                Text(
                    zh="时间段最长 31 天，请缩短。",
                    en="The window may be at most 31 days long; make it shorter.",
                ),
            )
        )
        return None
    return moments[0], moments[1]


def _last(
    given: object, now: datetime, errors: list[FieldError], both: bool
) -> tuple[datetime, datetime] | None:
    match = _LAST.match(given) if isinstance(given, str) else None
    length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
    if both:
        text = Text(zh="last 与 from、to 只能二选一。", en="Give either last, or from and to.")
    elif length is None or length > LONGEST_WINDOW:
        text = Text(
            zh="请写成 90m、6h 或 7d 的形式，最长 31d。", en="Write 90m, 6h or 7d; at most 31d."
        )
    else:
        return now - length, now
    errors.append(FieldError("last", text))
    return None


def _moment(
    name: str, given: object, zone: ZoneInfo | None, errors: list[FieldError]
) -> datetime | None:
    """An RFC 3339 time, or a date-time in the zone of tz; whole seconds.

    Where clocks are put forward or back a local time has two readings: the one that makes the
    window wider counts.
    """
    try:
        readings = [_read_moment(given, zone, fold) for fold in (0, 1)]
    except Wrong as exc:
        errors.append(FieldError(name, exc.text))
        return None
    return min(readings) if name == "from" else max(readings)


def moment(name: str, given: object) -> datetime:
    """One time with its offset, whole seconds in UTC; BadInput says what is wrong with it."""
    errors: list[FieldError] = []
    found = _moment(name, given, None, errors)
    if found is None:
        raise BadInput(*errors)
    return found


def _read_moment(given: object, zone: ZoneInfo | None, fold: int) -> datetime:
    example = "2026-11-22T20:00:00+08:00"
    if given is None:
        raise Wrong(
            "请填写时间，或改用 last，例如 last=6h。",
            "Give a time, or use last, such as last=6h.",
        )
    text = given.strip() if isinstance(given, str) else ""
    if _DATE.match(text):
        raise Wrong(
            f"只有日期不够，请写明时刻和时区，例如 {example}。",
            f"A date alone is not enough; give the time and its offset, such as {example}.",
        )
    match = _TIME.match(text)
    if not match:
        raise Wrong(
            f"时间格式应为 RFC 3339，例如 {example}。",
            f"Write the time as RFC 3339, such as {example}.",
        )
    if not match[3] and zone is None:
        raise Wrong(
            f"缺少时区：请加上偏移（例如 {example}），或另填 tz=Asia/Shanghai。",
            f"The time zone is missing: add the offset (such as {example}), or tz=Asia/Shanghai.",
        )
    offset = (match[3] or "").upper().replace(" ", "+")
    try:
        found = datetime.fromisoformat(f"{match[1]}T{match[2]}{offset}")
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone, fold=fold)
        found = found.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as exc:
        raise Wrong(
            "没有这样的日期或时刻，请核对。", "There is no such date or time; check it."
        ) from exc
    if not 2015 <= found.year <= 2105:
        raise Wrong(
            "年份超出范围：这条链始于 2015 年。",
            "The year is out of range: this chain began in 2015.",
        )
    return found
