"""The fields of a case. Each reads its value in any usual form, and reports what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from diag.domain import account_names, links
from diag.domain.folding import fold
from diag.schemas.amounts import CANONICAL, no_amount
from diag.schemas.mistakes import Mistake
from diag.schemas.request import RequestField

LONGEST_TEXT = 512
"""The longest free text in a case, in characters."""

OPERATION = re.compile(r"1\.11\.(?:0|[1-9][0-9]{0,18})\Z")
TRANSACTION = re.compile(r"[0-9a-f]{40}\Z")
_SMART_COIN = re.compile(r"bit[A-Z]")
_HASH_OF_ANOTHER_CHAIN = re.compile(r"(?:0x)?[0-9a-f]{64}\Z")

PAGES = {
    "account": "account",
    "destination": "account",
    "asset": "asset",
    "operation": "operation",
    "transaction": "transaction",
}
"""Field → the kind of page that a link in it leads to."""
Templates = Mapping[str, Sequence[str]]
"""Kind of page → the addresses of the configured explorers."""


def follow_links(values: Mapping[str, Any], templates: Templates) -> dict[str, Any]:
    """The values, with links replaced by the ids in them. Nothing is fetched."""
    return {name: _follow_link(name, value, templates) for name, value in values.items()}


def _follow_link(name: str, value: Any, templates: Templates) -> Any:
    kind = PAGES.get(name)
    if kind is None or not isinstance(value, str) or len(value) > LONGEST_TEXT:
        return value
    return links.target(value, kind, templates.get(kind, ())) or value


class TextField(RequestField[str]):
    """A string of a given form, after `read` has normalised it."""

    def __init__(
        self,
        form: re.Pattern[str] | None,
        zh: str,
        en: str,
        read: Callable[[str], str] = str.strip,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.form, self.remedy, self.read = form, (zh, en), read

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
            raise Mistake(*self.remedy)
        text = self.read(value)
        if self.form and not self.form.match(text):
            raise Mistake(*self.remedy)
        if any(
            ord(letter) < 32 or 127 <= ord(letter) < 160 or 0xD800 <= ord(letter) <= 0xDFFF
            for letter in text
        ):
            raise Mistake("不能包含控制字符。", "Remove the control characters.")
        return text


def symbol(text: str) -> str:
    """An asset's symbol in upper case."""
    name = fold(text)
    if _SMART_COIN.match(name):
        raise Mistake(
            f"链上代码不带 bit 前缀，请填写 {name[3:].upper()} 并与用户核对。",
            f"Symbols on the chain have no prefix bit: give {name[3:].upper()}, and check it with "
            "the user.",
        )
    return name.upper()


def operation_id(text: str) -> str:
    """An operation's id without the # before it."""
    return fold(text).removeprefix("#").strip()


def transaction_id(text: str) -> str:
    """A transaction's id in lower case."""
    digits = fold(text).lower()
    if _HASH_OF_ANOTHER_CHAIN.match(digits):
        raise Mistake(
            "这是另一条链的交易 ID，请填入 external_transaction；BitShares 的交易 ID 是 40 位十六进制字符。",
            "This transaction id is of another chain: give it as external_transaction. An id on "
            "BitShares has 40 hexadecimal digits.",
        )
    return digits


class AccountField(RequestField[str]):
    """An account name or id, in any form that `account_names.read` knows."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        short = isinstance(value, str) and len(value) <= LONGEST_TEXT
        name = account_names.read(value) if short else None
        if name is None:
            raise Mistake(
                "账户名只能用小写字母、数字、连字符和点，1 至 63 个字符；也可以填 1.2.x 编号，"
                "或区块浏览器的账户链接。",
                "Give an account name (lower-case letters, digits, hyphens and dots, 1 to 63 "
                "characters), an id such as 1.2.345, or a link to the account in an explorer.",
            )
        return name


class AmountField(RequestField[Decimal]):
    """A decimal string or a whole number, never a float."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        text = (
            str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        )
        if not CANONICAL.match(text.strip()):
            raise no_amount()
        return Decimal(text.strip())


ANY_TEXT = ("请填写不超过 512 个字符的文字。", "Give a text of at most 512 characters.")
