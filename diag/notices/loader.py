"""Reads and validates the file of notices."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from diag.config.fields import ASSET, read_period, refuse_duplicates
from diag.config.file_reader import Grammar, Table, open_table
from diag.domain.vocabulary import Severity
from diag.i18n import Text
from diag.notices.model import Notice, NoticeKind

_FIELDS = "id kind from until gateway asset codes text expected_repair severity channels"
_ID = Grammar(
    re.compile(r"[a-z0-9][a-z0-9._-]{0,62}"),
    "公告编号（小写字母、数字、连字符）",
    "a notice id (lower-case letters, digits, hyphens)",
)
MAX_LENGTH = {"zh": 200, "en": 600}
"""The most characters of a notice, by language."""


def read_notices(
    path: Path, gateways: Collection[str], codes: Collection[str]
) -> tuple[Notice, ...]:
    """Read the notices of a .toml or .json file; raises BadSetting with line, field and remedy.

    gateways, codes: the known gateway keys and verdict codes.
    """
    top = open_table(path)
    top.only("notices")
    tables = list(top.tables("notices"))
    notices = tuple(_notice(table, gateways, codes) for table in tables)
    refuse_duplicates(tables, "id", [notice.id for notice in notices])
    return notices


def _notice(table: Table, gateways: Collection[str], codes: Collection[str]) -> Notice:
    table.only(_FIELDS)
    table.require("id", "kind", "from", "text")
    period = read_period(table)
    repair = table.moment("expected_repair")
    if repair and period.start and repair <= period.start:
        raise table.wrong(
            "expected_repair",
            "不晚于公告开始；请改正。",
            "is not after the notice begins; correct one of them.",
        )
    return Notice(
        id=table.word("id", _ID) or "",
        kind=table.choice("kind", NoticeKind) or NoticeKind.INCIDENT,
        period=period,
        text=_text(table),
        gateway=_require_known(table, "gateway", table.text("gateway"), gateways),
        asset=table.word("asset", ASSET),
        codes=frozenset(
            _require_known(table, "codes", c, codes) or "" for c in table.words("codes")
        ),
        expected_repair=repair,
        severity=table.choice("severity", Severity) or Severity.NOTICE,
        channels=table.words("channels"),
    )


def _text(table: Table) -> Text:
    """The text in both languages, each on one line."""
    text = table.note("text") or Text(zh="", en="")
    if not isinstance(table.values["text"], dict):
        raise table.wrong(
            "text",
            '两种语言都要写：text = { zh = "…", en = "…" }。',
            'write both languages: text = { zh = "…", en = "…" }.',
        )
    for lang, most in MAX_LENGTH.items():
        words: str = getattr(text, lang)
        if len(words) > most or "\n" in words:
            raise table.wrong(
                "text",
                f"{lang} 应为一行，最多 {most} 字。",
                f"{lang}: one line of {most} at most.",
            )
    return text


def _require_known(
    table: Table, field: str, value: str | None, known: Collection[str]
) -> str | None:
    """The value, if it is known; a notice for an unknown gateway or code would never be shown."""
    if value is None or value in known:
        return value
    close = get_close_matches(value, sorted(known), n=3) or sorted(known)[:9]
    shown, names = value[:40], ", ".join(close)
    raise table.wrong(
        field,
        f'没有 "{shown}"；请用其一：{names}。',
        f'"{shown}" is not known; use one of {names}.',
    )
