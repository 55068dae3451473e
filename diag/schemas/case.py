"""Reads a case from JSON or a query string; every mistake names its field and the remedy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from diag.domain.asset import SYMBOL
from diag.domain.case import Case, Reading
from diag.errors import BadInput, FieldError, SecretExposed
from diag.i18n import Text
from diag.redaction.request_fields import Exposure, remove_secrets
from diag.schemas import lenient
from diag.schemas.amounts import CANONICAL
from diag.schemas.fields import (
    ANY_TEXT,
    OPERATION,
    REQUIRED,
    TRANSACTION,
    AccountField,
    AmountField,
    Templates,
    TextField,
    follow_link,
    operation_id,
    printable_name,
    shortened,
    symbol,
    transaction_id,
)
from diag.schemas.times import is_canonical, read_window, read_zone

LONGEST_GIVEN = 80
"""Characters of a given value that are repeated in a reading."""


class CaseSchema(Schema):
    """The fields of a case; times are read by `parse`, because they need tz."""

    class Meta:
        unknown = EXCLUDE

    account = AccountField(required=True, error_messages={"required": REQUIRED})
    start = fields.Raw(data_key="from")
    end = fields.Raw(data_key="to")
    last = fields.Raw()
    tz = fields.Raw()
    asset = TextField(
        SYMBOL,
        "资产代码用字母、数字和点，例如 BTS 或 XBTSX.BTC。",
        "Give the asset's symbol, such as BTS or XBTSX.BTC.",
        symbol,
    )
    amount = AmountField()
    received = AmountField()
    destination = AccountField()
    operation = TextField(
        OPERATION,
        "操作编号的形式是 1.11.数字。",
        "An operation id looks like 1.11.12345.",
        operation_id,
    )
    transaction = TextField(
        TRANSACTION,
        "交易 ID 是 40 位十六进制字符。",
        "A transaction id has 40 hexadecimal digits.",
        transaction_id,
    )
    memo = TextField(None, *ANY_TEXT)
    external_transaction = TextField(None, *ANY_TEXT)


KNOWN = tuple(field.data_key or name for name, field in CaseSchema().fields.items())
"""The names of the fields as a caller writes them."""
OPTIONAL = frozenset(KNOWN) - {"account", "from", "to", "last", "tz"}
"""Fields without which the question can still be answered."""


def parse(
    given: Mapping[str, Any],
    now: datetime,
    ignore: frozenset[str] = frozenset(),
    exposed: Sequence[Exposure] = (),
    templates: Templates | None = None,
) -> Case:
    """A Case from raw fields; `last` is counted back from now (aware UTC).

    Accounts, assets and ids are read in any usual form, also from links to them; templates are
    the addresses of the configured explorers by kind of page. `Case.read_as` lists the fields that
    were not given in their canonical form.

    A field that holds a secret counts as not given, and the case says so; exposed are those that
    were left out before. Raises BadInput with an entry for every field that is wrong, and
    SecretExposed where a secret stood in a field that is needed.
    """
    searched = remove_secrets(given)
    values = _known(searched.fields)
    loaded, wrong = _load(values, templates or {})
    unknown = [_unknown(name) for name in searched.fields if name not in (*KNOWN, *ignore)]
    return _case(values, loaded, now, [*exposed, *searched.exposed], [*unknown, *wrong])


def parse_leniently(
    given: Mapping[str, Any],
    now: datetime,
    exposed: Sequence[Exposure] = (),
    templates: Templates | None = None,
) -> tuple[Case, list[FieldError]]:
    """As `parse`, for files that were made for people: also returns what was left out.

    Times, zones and amounts too are read in any usual form (see `lenient`), and unknown fields are
    ignored. An optional field that cannot be read is left out, and returned with the reason.
    """
    searched = remove_secrets(given)
    values = _known(searched.fields)
    plain, wrong = lenient.canonical(values)
    loaded, more = _load(plain, templates or {})
    wrong += more
    left_out = [e for e in wrong if e.field in OPTIONAL] + _drop_needless_zone(loaded, now)
    errors = [e for e in wrong if e.field not in OPTIONAL]
    return _case(values, loaded, now, [*exposed, *searched.exposed], errors), left_out


def is_readable(name: str, value: Any, templates: Templates) -> bool:
    """True where `parse_leniently` can read the value of a field by itself."""
    plain, wrong = lenient.canonical({"tz": "UTC", name: value})
    _, more = _load(plain, templates)
    return all(e.field != name for e in (*wrong, *more))


def _drop_needless_zone(loaded: dict[str, Any], now: datetime) -> list[FieldError]:
    """Removes a zone that cannot be read where no time depends on it; returns the mistake then."""
    wrong: list[FieldError] = []
    read_zone(loaded.get("tz"), wrong)
    if not wrong or read_window(dict(loaded), None, now, []) is None:
        return []
    del loaded["tz"]
    return wrong


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in fields.items() if name in KNOWN and value is not None
    }


def _load(
    values: Mapping[str, Any], templates: Templates
) -> tuple[dict[str, Any], list[FieldError]]:
    """What the schema makes of the values, and the mistakes in the fields that it cannot read."""
    followed = {name: follow_link(name, value, templates) for name, value in values.items()}
    try:
        return dict(CaseSchema().load(followed)), []
    except ValidationError as exc:
        wrong = [
            FieldError(name, Text.literal(**exc.messages_dict[name]))
            for name in KNOWN
            if name in exc.messages_dict
        ]
        return dict(exc.valid_data or {}), wrong


def _case(
    values: Mapping[str, Any],
    loaded: dict[str, Any],
    now: datetime,
    exposed: Iterable[Exposure],
    errors: list[FieldError],
) -> Case:
    """The case of the loaded fields; values are what was given, for the readings."""
    found = sorted(set(exposed))
    given_last = loaded.get("last")
    tz = loaded.pop("tz", None)
    zone = read_zone(tz, errors)
    stand_in = ZoneInfo("UTC") if tz is not None else None  # a wrong zone is one mistake
    window = read_window(loaded, zone or stand_in, now, errors)
    if errors or window is None:
        first = {e.field: e for e in reversed(errors)}
        wrong = BadInput(*(first[name] for name in dict.fromkeys(e.field for e in errors)))
        raise SecretExposed.instead_of(wrong, (e.field for e in found)) if found else wrong
    start, end = window
    times = {"from": f"{start:%Y-%m-%dT%H:%M:%SZ}", "to": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
    read = {**times, "last": given_last, "tz": zone.key if zone else None, **loaded}
    return Case(
        start=start,
        end=end,
        zone=zone.key if zone else None,
        exposed=tuple(dict.fromkeys(e.kind for e in found)),
        exposed_in=tuple(dict.fromkeys(e.field for e in found)),
        read_as=tuple(_readings(values, read)),
        **loaded,
    )


def _readings(values: Mapping[str, Any], read: Mapping[str, Any]) -> Iterator[Reading]:
    """The fields that were not given in their canonical form, in the order of the schema."""
    for name in KNOWN:
        given, value = values.get(name), read.get(name)
        if name == "asset" and given is None:
            given = values.get("amount")  # it stood beside the number
        if given is not None and value is not None and not _is_canonical(name, given, value):
            yield Reading(name, shortened(_as_text(given), LONGEST_GIVEN), str(value))


def _is_canonical(name: str, given: Any, value: object) -> bool:
    if name in ("from", "to"):
        return is_canonical(given)
    if name in ("amount", "received"):
        return bool(CANONICAL.match(str(given).strip()))
    return bool(str(given).strip() == value)


def _as_text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _unknown(name: object) -> FieldError:
    known = ", ".join(KNOWN)
    return FieldError(
        printable_name(name),
        Text.literal(
            f"没有这个字段；可用的字段：{known}。", f"There is no such field; use {known}."
        ),
    )
