"""The two kinds of files that tickets come in, JSON lines and CSV, as raw rows. Pure."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from diag.errors import BadInput, FieldError, SecretExposed, TooLarge
from diag.i18n import Text
from diag.redaction.request_fields import exposures

MOST_ROWS = 5000
LONGEST_ROW = 16 * 1024
"""Characters of one row."""
MOST_LINES = 50
"""Lines that one row of a CSV file may go over: a quote that is never closed ends there."""

TICKET, LANG = "ticket", "lang"
COLUMNS: dict[str, tuple[str, ...]] = {
    "account": ("账户", "账户名", "用户", "用户名", "帐户", "账号", "account name"),
    "from": ("开始", "开始时间", "起始时间", "start"),
    "to": ("结束", "结束时间", "截止时间", "end"),
    "last": ("最近",),
    "tz": ("时区", "timezone", "time zone"),
    "asset": ("资产", "币种", "资产代码", "coin", "symbol"),
    "amount": ("数额", "金额", "数量", "提币数额"),
    "received": ("到账", "实收", "到账数额", "实收数额"),
    "destination": ("收款账户", "目标账户"),
    "operation": ("操作", "操作编号", "operation id"),
    "transaction": ("交易", "交易id", "txid", "transaction id"),
    "memo": ("备注", "memo文本"),
    "external_transaction": ("对方链交易", "对方链交易id", "external txid"),
    TICKET: ("id", "工单", "工单号", "编号", "ticket id"),
    LANG: ("语言", "language"),
}
"""Field → other names that a column may have; capitals, spaces and _ do not matter."""
_SEPARATOR = re.compile(r"sep=(.)\Z")


RawRow = dict[str, Any] | BadInput
"""The fields of a row, or what is wrong with it."""


def _bounded(count: int) -> None:
    if count > MOST_ROWS:
        raise TooLarge(text=TOO_MANY)


# --- JSON lines -------------------------------------------------------------------------------


def jsonl(text: str) -> Iterator[RawRow]:
    lines = [line for line in text.split("\n") if line.strip()]
    _bounded(len(lines))
    for line in lines:
        yield _guarded(line, _object)


def _guarded(line: str, read: Callable[[str], RawRow]) -> RawRow:
    if len(line) > LONGEST_ROW:
        return BadInput(FieldError("row", _LONG))
    if any("\udc80" <= letter <= "\udcff" for letter in line):
        return BadInput(FieldError("row", _NOT_UTF8))
    found = read(line)
    if isinstance(found, BadInput) and exposures(line):
        return SecretExposed.instead_of(found, ["row"])
    return found


def _object(line: str) -> RawRow:
    try:
        found = json.loads(line, object_pairs_hook=_once)
    except BadInput as error:
        return error
    except (ValueError, RecursionError):
        return BadInput(FieldError("row", _NOT_JSON))
    return found if isinstance(found, dict) else BadInput(FieldError("row", _NO_OBJECT))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    counts = Counter(name for name, _ in pairs)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        known = [name if name in COLUMNS else "row" for name in twice]
        raise BadInput(*(FieldError(name, _ONCE) for name in known))
    return dict(pairs)


# --- CSV --------------------------------------------------------------------------------------


def spreadsheet(text: str) -> Iterator[RawRow]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [line + "\n" for line in lines]
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    named = _SEPARATOR.match(lines[start].strip())
    if named:
        start += 1
    if start >= len(lines):
        return
    delimiter = named[1] if named else _delimiter(lines[start])
    header, used = _record(lines, start, delimiter)
    if header is None:
        raise BadInput(FieldError("header", _NO_HEADER))
    names = _names(header)
    yield from _records(lines, start + used, delimiter, names)


def _records(
    lines: list[str], at: int, delimiter: str, names: list[str | None]
) -> Iterator[RawRow]:
    count = 0
    while at < len(lines):
        record, used = _record(lines, at, delimiter)
        line = "".join(lines[at : at + used])
        at += used
        if record is not None and not any(cell.strip() for cell in record):
            continue
        count += 1
        _bounded(count)
        if record is None:
            yield BadInput(FieldError("row", _QUOTES))
        else:
            yield _guarded(line, lambda _, record=record: _fields(names, record))  # type: ignore[misc]


def _record(lines: list[str], at: int, delimiter: str) -> tuple[list[str] | None, int]:
    """The record that begins in a line, and how many lines it takes; None where it cannot be read."""
    reader = csv.reader(lines[at : at + MOST_LINES], delimiter=delimiter, strict=True)
    try:
        return next(reader), reader.line_num
    except (csv.Error, StopIteration):
        return None, 1


def _fields(names: list[str | None], record: list[str]) -> RawRow:
    if any(cell.strip() for cell in record[len(names) :]):
        return BadInput(FieldError("row", _MORE_CELLS))
    pairs = zip(names, record, strict=False)
    return {name: cell.strip() for name, cell in pairs if name and cell.strip()}


def _delimiter(header: str) -> str:
    try:
        return csv.Sniffer().sniff(header, delimiters=",;\t").delimiter
    except csv.Error:
        return ","


def _names(header: list[str]) -> list[str | None]:
    """The field of each column; None for a column that is not ours."""
    names = [_BY_NAME.get(_plain(cell)) for cell in header]
    twice = [name for name, count in Counter(filter(None, names)).items() if count > 1]
    if twice:
        raise BadInput(*(FieldError(name, _ONCE) for name in twice))
    if "account" not in names:
        raise BadInput(FieldError("header", _NO_HEADER))
    return names


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "", name).casefold()


_BY_NAME = {_plain(name): field for field, other in COLUMNS.items() for name in (field, *other)}

# --- words ------------------------------------------------------------------------------------

TOO_MANY = Text(
    zh="工单超过 5000 行，请分成几份。",
    en="There are over 5000 rows; split them into several files.",
)
_LONG = Text(
    zh="这一行超过 16384 个字符，请缩短。", en="The row is over 16384 characters; shorten it."
)
_NOT_UTF8 = Text(
    zh="这一行不是 UTF-8 文字；请将文件另存为 UTF-8 编码。",
    en="The row is not UTF-8 text; save the file with UTF-8 encoding.",
)
_NOT_JSON = Text(
    zh="这一行不是有效的 JSON，请核对引号和逗号。",
    en="The row is not valid JSON; check its quotes and commas.",
)
_NO_OBJECT = Text(
    zh='每一行应为一个 JSON 对象，例如 {{"account": "lin-yue", "last": "6h"}}。',
    en='Each row must be a JSON object, such as {{"account": "lin-yue", "last": "6h"}}.',
)
_ONCE = Text(zh="此项重复，请只给一次。", en="Give this field once.")
_QUOTES = Text(
    zh="引号没有配对，这一行无法读取；字段内的引号请写成两个。",
    en="The quotes do not match and the row cannot be read; write a quote inside a field twice.",
)
_MORE_CELLS = Text(
    zh="这一行的列数多于表头；含分隔符的内容请加引号。",
    en="The row has more cells than the header; put quotes around what holds the delimiter.",
)
_NO_HEADER = Text(
    zh="第一行应为表头，且须有 account（账户）一列；文件请用 UTF-8 编码。",
    en="The first line must be the header and name the column account; the file must be UTF-8.",
)
