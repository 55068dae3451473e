"""JSON or a query string in, Case out; every mistake names its field and the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from diag.domain.case import Case
from diag.errors import BadInput, FieldError, SecretExposed
from diag.i18n import Text
from diag.redaction.request_fields import Exposure, search
from diag.schemas.fields import (
    ANY_TEXT,
    ASSET,
    OPERATION,
    TRANSACTION,
    AccountField,
    AmountField,
    TextField,
    Wrong,
    shown,
)
from diag.schemas.times import read_window, read_zone


class CaseSchema(Schema):
    """The fields of a case; times are read by `parse`, because they need tz."""

    class Meta:
        unknown = EXCLUDE

    account = AccountField(required=True)
    start = fields.Raw(data_key="from")
    end = fields.Raw(data_key="to")
    last = fields.Raw()
    tz = fields.Raw()
    asset = TextField(
        ASSET,
        "资产代码用大写字母、数字和点，例如 BTS 或 XBTSX.BTC。",
        "Give the asset's symbol in capitals, such as BTS or XBTSX.BTC.",
    )
    amount = AmountField()
    received = AmountField()
    destination = AccountField()
    operation = TextField(
        OPERATION, "操作编号的形式是 1.11.数字。", "An operation id looks like 1.11.12345."
    )
    transaction = TextField(
        TRANSACTION,
        "交易 ID 是 40 位小写十六进制字符。",
        "A transaction id has 40 lower-case hexadecimal digits.",
    )
    memo = TextField(None, *ANY_TEXT)
    external_transaction = TextField(None, *ANY_TEXT)


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
    zone = read_zone(tz, errors)
    stand_in = ZoneInfo("UTC") if tz is not None else None  # a wrong zone is one mistake
    window = read_window(loaded, zone or stand_in, now, errors)
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
