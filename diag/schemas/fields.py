"""The fields of a case, each with its own words for what is wrong."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from marshmallow import ValidationError, fields

from diag.domain import account_names
from diag.i18n import Text
from diag.redaction import redact

LONGEST_TEXT = 512
"""The longest free text in a case, in characters."""

ASSET = re.compile(r"(?=.{3,16}\Z)[A-Z][A-Z0-9.]*[A-Z0-9]\Z")
OPERATION = re.compile(r"1\.11\.(?:0|[1-9][0-9]{0,18})\Z")
TRANSACTION = re.compile(r"[0-9a-f]{40}\Z")
_AMOUNT = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,12})?\Z")


class Wrong(ValidationError):
    """A mistake in one field, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text.literal(zh, en)


class TextField(fields.Field[str]):
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


class AccountField(fields.Field[str]):
    """An account name or id."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        text = value.strip() if isinstance(value, str) else ""
        if not account_names.valid(text):
            raise Wrong(
                "账户名只能用小写字母、数字、连字符和点，1 至 63 个字符；也可以填 1.2.x 编号。",
                "Give an account name (lower-case letters, digits, hyphens and dots, 1 to 63 "
                "characters) or an id such as 1.2.345.",
            )
        return text


class AmountField(fields.Field[Decimal]):
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


ANY_TEXT = ("请填写不超过 512 个字符的文字。", "Give a text of at most 512 characters.")


def shown(name: object) -> str:
    """The name of a field as far as it may be repeated: short, printable, and no secret."""
    text = str(name).encode("utf-8", "replace").decode()
    return "…" if redact(text).kinds else text[:64]
