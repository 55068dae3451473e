"""Reads a case from JSON or a query string; every mistake names its field and the remedy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import post_load, validates_schema

from diag.domain.asset import SYMBOL
from diag.domain.case import Case, Reading
from diag.errors import BadInput, FieldError, SecretExposed
from diag.redaction.request_fields import Exposure, remove_secrets
from diag.schemas import lenient
from diag.schemas.amounts import CANONICAL
from diag.schemas.fields import (
    ANY_TEXT,
    OPERATION,
    TRANSACTION,
    AccountField,
    AmountField,
    Templates,
    TextField,
    follow_links,
    operation_id,
    symbol,
    transaction_id,
)
from diag.schemas.mistakes import Mistake
from diag.schemas.request import RequestSchema, shortened
from diag.schemas.times import LengthField, TimeField, ZoneField, is_canonical, read_window

LONGEST_GIVEN = 80
"""The most characters of a given value in a reading."""


class CaseSchema(RequestSchema):
    """The fields of a case, loaded as arguments of `Case`. `window` is a length that ends now, or
    start and end.
    """

    account = AccountField(required=True)
    start = TimeField(data_key="from")
    end = TimeField(data_key="to")
    last = LengthField()
    tz = ZoneField()
    asset = TextField(SYMBOL, "value.symbol", symbol)
    amount = AmountField()
    received = AmountField()
    destination = AccountField()
    operation = TextField(OPERATION, "value.operation", operation_id)
    transaction = TextField(TRANSACTION, "value.transaction", transaction_id)
    memo = TextField(None, ANY_TEXT)
    external_transaction = TextField(None, ANY_TEXT)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _one_window(self, data: dict[str, Any], raw: Mapping[str, Any], **_: Any) -> None:
        """Check that the window is given by last, or by from and to; ignores fields with errors."""
        if raw.get("last") is None:
            written = {n: data[key] for n, key in _ENDS.items() if key in data}
            zone = data.get("tz") or (UTC if raw.get("tz") is not None else None)
            read_window(written, zone)
        elif any(raw.get(name) is not None for name in _ENDS):
            raise Mistake("value.last_or_window", "last")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        zone = data.pop("tz")
        written = {name: data.pop(key) for name, key in _ENDS.items()}
        window = data.pop("last") or read_window(written, zone)
        return {**data, "window": window, "zone": zone.key if zone else None}


_ENDS = {"from": "start", "to": "end"}
_SCHEMA = CaseSchema()
KNOWN = _SCHEMA.names
"""The names of the fields as a caller writes them."""
OPTIONAL = frozenset(KNOWN) - {"account", "from", "to", "last", "tz"}
"""Fields without which the question can still be answered."""


def parse(
    raw: Mapping[str, Any],
    now: datetime,
    ignore: frozenset[str] = frozenset(),
    exposed: Sequence[Exposure] = (),
    templates: Templates | None = None,
) -> Case:
    """A Case from raw fields; `last` counts back from now (aware UTC).

    Accounts, assets and ids are read in any usual form, also from links to them; templates are
    the addresses of the configured explorers by kind of page. `Case.read_as` lists the fields that
    were not given in their canonical form.

    A field with a secret counts as not given, and the case records it; exposed are those that
    were left out before. Raises BadInput with an entry for every field that is wrong, and
    SecretExposed where a secret stood in a field that is needed.
    """
    searched = remove_secrets(raw)
    values = {name: value for name, value in searched.fields.items() if name not in ignore}
    found = sorted({*exposed, *searched.exposed})
    try:
        loaded = _SCHEMA.read(follow_links(values, templates or {}))
    except BadInput as wrong:
        raise _secrets_first(wrong, found) from None
    return _case(loaded, values, values, now, found)


def parse_leniently(
    raw: Mapping[str, Any],
    now: datetime,
    exposed: Sequence[Exposure] = (),
    templates: Templates | None = None,
) -> tuple[Case, list[FieldError]]:
    """As `parse`, for files written by people; also returns what was left out.

    Times, zones and amounts are also read in any usual form (see `lenient`), and unknown fields are
    ignored. An optional field that cannot be read is left out and returned with the reason, and so is
    a zone that no time depends on.
    """
    searched = remove_secrets(raw)
    values = {name: value for name, value in searched.fields.items() if name in KNOWN}
    found = sorted({*exposed, *searched.exposed})
    plain, unread = lenient.canonical(values)
    fields = follow_links(plain, templates or {})
    left_out: list[FieldError] = []
    try:
        try:
            loaded = _SCHEMA.read(fields)
        except BadInput as error:
            left_out = [replace(e, text=unread.get(e.field, e.text)) for e in error.errors]
            loaded = _read_without(fields, left_out)
    except BadInput as wrong:
        raise _secrets_first(wrong, found) from None
    return _case(loaded, values, plain, now, found), left_out


def _read_without(fields: Mapping[str, Any], wrong: Sequence[FieldError]) -> dict[str, Any]:
    """The loaded fields without the wrong ones; raises BadInput if a wrong field is required."""
    names = {e.field for e in wrong}
    needed = BadInput(*(e for e in wrong if e.field not in OPTIONAL))
    if names - OPTIONAL - {"tz"}:
        raise needed
    try:
        return dict(_SCHEMA.read({n: value for n, value in fields.items() if n not in names}))
    except BadInput:  # a time depends on the zone
        raise needed from None


def is_readable(name: str, value: Any, templates: Templates) -> bool:
    """True if `parse_leniently` can read a value on its own."""
    plain, unread = lenient.canonical({"tz": "UTC", name: value})
    return name not in unread and name not in _SCHEMA.validate(follow_links(plain, templates))


def _secrets_first(wrong: BadInput, found: Iterable[Exposure]) -> BadInput:
    fields = [exposure.field for exposure in found]
    return SecretExposed.instead_of(wrong, fields) if fields else wrong


def _case(
    loaded: dict[str, Any],
    raw: Mapping[str, Any],
    plain: Mapping[str, Any],
    now: datetime,
    exposed: Iterable[Exposure],
) -> Case:
    """The case of the loaded fields; raw and plain: the values that they were read from."""
    window = loaded.pop("window")
    start, end = (now - window, now) if isinstance(window, timedelta) else window
    times = {"from": f"{start:%Y-%m-%dT%H:%M:%SZ}", "to": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
    read = {**times, "last": plain.get("last"), "tz": loaded["zone"], **loaded}
    return Case(
        start=start,
        end=end,
        exposed=tuple(dict.fromkeys(e.kind for e in exposed)),
        exposed_in=tuple(dict.fromkeys(e.field for e in exposed)),
        read_as=tuple(_readings(raw, read)),
        **loaded,
    )


def _readings(values: Mapping[str, Any], read: Mapping[str, Any]) -> Iterator[Reading]:
    """The fields that were not given in their canonical form, in the order of the schema."""
    for name in KNOWN:
        given, value = values.get(name), read.get(name)
        if name == "asset" and given is None:
            given = values.get("amount")  # it was written beside the number
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
