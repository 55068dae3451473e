"""A notices file, checked and turned into notices."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

from diag.config.fields import ASSET, period_of, refuse_twice
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
LONGEST_TEXT = {"zh": 200, "en": 600}
"""Characters of a notice."""


def notices_in(
    path: Path, gateways: Collection[str], codes: Collection[str]
) -> tuple[Notice, ...]:
    """The notices of a .toml or .json file; gateways and codes are those that exist.

    A mistake raises BadSetting, with line, field and remedy.
    """
    top = open_table(path)
    top.only("notices")
    tables = list(top.tables("notices"))
    notices = tuple(_notice(table, gateways, codes) for table in tables)
    refuse_twice(tables, "id", [notice.id for notice in notices])
    return notices


def _notice(table: Table, gateways: Collection[str], codes: Collection[str]) -> Notice:
    table.only(_FIELDS)
    table.require("id", "kind", "from", "text")
    period = period_of(table)
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
        gateway=_known(table, "gateway", table.text("gateway"), gateways),
        asset=table.word("asset", ASSET),
        codes=frozenset(_known(table, "codes", c, codes) or "" for c in table.words("codes")),
        expected_repair=repair,
        severity=table.choice("severity", Severity) or Severity.NOTICE,
        channels=table.words("channels"),
    )


def _text(table: Table) -> Text:
    """Both languages, each on one line."""
    text = table.note("text") or Text(zh="", en="")
    if not isinstance(table.values["text"], dict):
        raise table.wrong(
            "text",
            '两种语言都要写：text = { zh = "…", en = "…" }。',
            'write both languages: text = { zh = "…", en = "…" }.',
        )
    for lang, most in LONGEST_TEXT.items():
        words: str = getattr(text, lang)
        if len(words) > most or "\n" in words:
            raise table.wrong(
                "text",
                f"{lang} 应为一行，最多 {most} 字。",
                f"{lang}: one line of {most} at most.",
            )
    return text


def _known(table: Table, field: str, value: str | None, known: Collection[str]) -> str | None:
    """A name that must be one of those known: a notice for nobody would silently never be shown."""
    if value is None or value in known:
        return value
    close = get_close_matches(value, sorted(known), n=3) or sorted(known)[:9]
    shown, names = value[:40], ", ".join(close)
    raise table.wrong(
        field,
        f'没有 "{shown}"；请用其一：{names}。',
        f'"{shown}" is not known; use one of {names}.',
    )
