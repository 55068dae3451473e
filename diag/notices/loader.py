"""Reads and validates the file of notices."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from marshmallow import post_load, validates_schema

from diag.config.fields import (
    ASSET,
    ChoiceField,
    DatedSchema,
    FileSchema,
    Form,
    ListField,
    MomentField,
    NoteField,
    TextField,
    quote,
    refuse_duplicates,
    rows,
    take_period,
)
from diag.config.file_reader import read_file
from diag.domain.vocabulary import Severity
from diag.i18n import Text
from diag.notices.model import Notice, NoticeKind
from diag.schemas.mistakes import Mistake
from diag.words import problem

_ID = Form(re.compile(r"[a-z0-9][a-z0-9._-]{0,62}"), problem("form.notice"))
MAX_LENGTH = {"zh": 200, "en": 600}
"""The most characters of a notice, by language."""


def _validate_length(text: Text) -> None:
    for lang, most in MAX_LENGTH.items():
        words: str = getattr(text, lang)
        if len(words) > most or "\n" in words:
            raise Mistake("setting.line", lang=lang, most=most)


class NoticeSchema(DatedSchema):
    """One notice."""

    start = MomentField(data_key="from", required=True)
    id = TextField(_ID, required=True)
    kind = ChoiceField(NoticeKind, required=True)
    gateway = TextField()
    asset = TextField(ASSET)
    codes = ListField(TextField())
    text = NoteField(both=True, required=True, validate=_validate_length)
    expected_repair = MomentField()
    severity = ChoiceField(Severity)
    channels = ListField(TextField())

    @validates_schema
    def _repaired_after_it_begins(self, data: dict[str, Any], **_: Any) -> None:
        repair = data.get("expected_repair")
        if repair and repair <= data["start"]:
            raise Mistake("setting.repaired_early", "expected_repair")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Notice:
        codes = frozenset(data.pop("codes"))
        return Notice(period=take_period(data), codes=codes, **data)


class NoticesSchema(FileSchema):
    """A file of notices; only known gateway keys and verdict codes are allowed."""

    notices = rows(NoticeSchema)

    def __init__(self, gateways: Collection[str], codes: Collection[str]) -> None:
        super().__init__()
        self.gateways, self.codes = gateways, codes

    @validates_schema
    def _each_id_once(self, data: dict[str, Any], **_: Any) -> None:
        refuse_duplicates(data["notices"], "notices", "id")

    @validates_schema
    def _about_what_is_known(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a notice about an unknown gateway or code, because it would never be shown."""
        for index, notice in enumerate(data["notices"]):
            if notice.gateway is not None:
                _require_known(notice.gateway, self.gateways, index, "gateway")
            for code in sorted(notice.codes):
                _require_known(code, self.codes, index, "codes")


def _require_known(value: str, known: Collection[str], index: int, field: str) -> None:
    if value in known:
        return
    close = get_close_matches(value, sorted(known), n=3) or sorted(known)[:9]
    names = ", ".join(close)
    raise Mistake(
        "setting.not_known", *("notices", index, field), value=quote(value), names=names
    )


def read_notices(
    path: Path, gateways: Collection[str], codes: Collection[str]
) -> tuple[Notice, ...]:
    """Read the notices of a .toml or .json file; raises BadSetting with line, field and remedy.

    gateways, codes: the known gateway keys and verdict codes.
    """
    notices: tuple[Notice, ...] = read_file(path, NoticesSchema(gateways, codes))["notices"]
    return notices
