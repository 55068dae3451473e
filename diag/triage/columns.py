"""Maps the columns of a ticket file to fields, and chooses between columns of the same field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from diag.domain import account_names
from diag.domain.folding import fold
from diag.errors import FieldError
from diag.i18n import Text
from diag.schemas.case import OPTIONAL, is_readable
from diag.schemas.fields import PAGES, Templates
from diag.schemas.request import shortened
from diag.triage.decoding import is_damaged
from diag.words import problem

TICKET, LANG = "ticket", "lang"
LOGIN_NAMES = ("用户", "用户名", "user", "user name")
"""Columns that may hold a login name; they count as the account only if no better column exists."""
COLUMNS: dict[str, tuple[str, ...]] = {
    "account": (
        "账户",
        "账户名",
        "账户名称",
        "帐户",
        "账号",
        "account name",
        "bitshares账户",
        "bitshares account",
        "bts账户",
        "bts账号",
        "bts account",
        *LOGIN_NAMES,
    ),
    "from": ("开始", "开始时间", "起始时间", "start", "start time"),
    "to": ("结束", "结束时间", "截止时间", "end", "end time"),
    "last": ("最近",),
    "tz": ("时区", "timezone", "time zone"),
    "asset": ("资产", "币种", "资产代码", "coin", "symbol"),
    "amount": ("数额", "金额", "数量", "提币数额"),
    "received": ("到账", "实收", "到账数额", "实收数额"),
    "destination": ("收款账户", "目标账户"),
    "operation": ("操作", "操作编号", "operation id"),
    "transaction": ("交易", "交易id", "txid", "transaction id"),
    "memo": ("memo文本", "备注(memo)", "memo(备注)", "memo备注", "转账备注", "提币备注"),
    "external_transaction": ("对方链交易", "对方链交易id", "external txid"),
    TICKET: ("id", "工单", "工单号", "编号", "ticket id"),
    LANG: ("语言", "language"),
}
"""Field → other titles of its column; case, width, spaces and _ are ignored. A column 备注 is not a
memo, because teams keep their own remarks in it.
"""
_EMPTY = {
    "",
    *("-", "--", "---", "/", "?", "\\n", "(null)", "<null>", "[null]"),
    *("n/a", "#n/a", "na", "nan", "nat", "null", "none", "nil", "undefined", "unknown", "tbd"),
    *("无", "空", "没有", "暂无", "未知", "未填", "不详", "待定"),
}
"""Placeholders for an empty cell, in lower case."""
LONGEST_GIVEN, LONGEST_TITLE = 80, 40
"""The most characters of a cell, and of a title, in messages."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value and the title of its column, as in the file."""

    title: str
    value: Any
    wrong: Text | None = None
    """Why the cell cannot be used, such as a formula without a result; None if it can."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cell that was not used, and why; `field` is a field's name or a column's title."""

    field: str
    given: str
    text: Text

    @classmethod
    def of(cls, field: str, value: object, text: Text) -> LeftOut:
        """A cell with a value of any type."""
        return cls(field, _given(value), text)


@dataclass(slots=True)
class Fields:
    """The fields of a row, and the cells that were not used."""

    values: dict[str, Any] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    wrong: list[FieldError] = field(default_factory=list)


def field_of(title: str) -> str | None:
    """The field of a column with this title; None for an unknown column."""
    return _BY_NAME.get(_key(title))


def count_fields(titles: Iterable[str]) -> int:
    """The number of known fields in a header; 0 if the account is not among them."""
    fields = set(map(field_of, titles)) - {None}
    return len(fields) if "account" in fields else 0


def is_empty(value: object) -> bool:
    """True for an empty cell, or a common placeholder for nothing."""
    if not isinstance(value, str):
        return value is None
    return len(value) <= LONGEST_GIVEN and fold(value).lower() in _EMPTY


def assign(cells: Mapping[str, Iterable[Cell]], templates: Templates) -> Fields:
    """Choose one value for each field; cells: field → its cells."""
    found = Fields()
    for name, given in cells.items():
        filled = [cell for cell in given if not is_empty(cell.value)]
        good = []
        for cell in filled:
            if wrong := cell.wrong or _not_text(cell.value):
                _refuse(found, name, cell, wrong)
            else:
                good.append(cell)
        if good:
            _choose(found, name, sorted(good, key=lambda c: _rank(name, c.title)), templates)
    return found


def _choose(found: Fields, name: str, cells: list[Cell], templates: Templates) -> None:
    """The value of the readable cell; of several, that of the more explicit column.

    If equally explicit columns have different values, none is used: an optional field is left out; a
    required one makes the row an error.
    """
    if len(cells) == 1 or name in (TICKET, LANG):
        found.values[name] = cells[0].value
        return
    read = [(cell, _read(name, cell.value, templates)) for cell in cells]
    readable = [pair for pair in read if pair[1] is not None] or read[:1]
    explicit = [pair for pair in readable if not _is_login(pair[0].title)] or readable
    chosen, value = explicit[0]
    if any(other != value for _, other in explicit):
        _refuse(found, name, chosen, _disagreeing([cell for cell, _ in explicit]))
        return
    found.values[name] = chosen.value
    for cell, other in read:
        if other != value:
            title = shortened(cell.title, LONGEST_TITLE)
            why = "unreadable_column" if other is None else "login_column"
            text = problem(
                f"tickets.{why}", chosen=shortened(chosen.title, LONGEST_TITLE), title=title
            )
            found.left_out.append(LeftOut.of(title, cell.value, text))


def _read(name: str, value: object, templates: Templates) -> str | None:
    """The canonical value of a cell, for comparison; None if it cannot be read."""
    if not is_readable(name, value, templates):
        return None
    if name in PAGES and PAGES[name] == "account":
        return account_names.read(str(value), templates.get("account", ()))
    return fold(value) if isinstance(value, str) else repr(value)


def _refuse(found: Fields, name: str, cell: Cell, text: Text) -> None:
    """Leave out an optional cell; a required one makes the row an error."""
    if name in (*OPTIONAL, TICKET, LANG):
        found.left_out.append(LeftOut.of(name, cell.value, text))
    else:
        found.wrong.append(FieldError(name, text))


def _not_text(value: object) -> Text | None:
    return problem("tickets.not_text") if isinstance(value, str) and is_damaged(value) else None


def _given(value: object) -> str:
    """A value, shortened for messages."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shortened(text.strip(), LONGEST_GIVEN)


def _key(title: str) -> str:
    """A column's title, normalised: without marks of required fields and the like."""
    plain = re.sub(r"[\s_*]+", "", fold(title)).rstrip(":").casefold()
    return re.sub(r"\((?:必填|选填|可选|required|optional)\)\Z", "", plain)


def _rank(name: str, title: str) -> int:
    return _RANKS[name].index(_key(title))


def _is_login(title: str) -> bool:
    return _key(title) in map(_key, LOGIN_NAMES)


_RANKS = {name: [_key(n) for n in (name, *others)] for name, others in COLUMNS.items()}
_BY_NAME = {key: name for name, keys in _RANKS.items() for key in keys}


def _disagreeing(cells: list[Cell]) -> Text:
    named = [(shortened(c.title, LONGEST_TITLE), _given(c.value)) for c in cells]
    zh = "、".join(f"“{title}”（{given}）" for title, given in named)
    en = ", ".join(f"“{title}” ({given})" for title, given in named)
    return problem("tickets.columns_disagree", columns=Text.literal(zh, en))
