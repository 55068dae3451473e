"""The fields of a case. Each reads its value in any usual form, and reports what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from diag.domain import account_names, links
from diag.domain.folding import fold
from diag.schemas.amounts import CANONICAL
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
    """A string of a given form, after `read` has normalised it.

    problem: the key of what is said of other values.
    """

    def __init__(
        self,
        form: re.Pattern[str] | None,
        problem: str,
        read: Callable[[str], str] = str.strip,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.form, self.problem, self.read = form, problem, read

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
            raise Mistake(self.problem)
        text = self.read(value)
        if self.form and not self.form.match(text):
            raise Mistake(self.problem)
        if any(
            ord(letter) < 32 or 127 <= ord(letter) < 160 or 0xD800 <= ord(letter) <= 0xDFFF
            for letter in text
        ):
            raise Mistake("value.control_characters")
        return text


def symbol(text: str) -> str:
    """An asset's symbol in upper case."""
    name = fold(text)
    if _SMART_COIN.match(name):
        raise Mistake("value.bit_prefix", symbol=name[3:].upper())
    return name.upper()


def operation_id(text: str) -> str:
    """An operation's id without the # before it."""
    return fold(text).removeprefix("#").strip()


def transaction_id(text: str) -> str:
    """A transaction's id in lower case."""
    digits = fold(text).lower()
    if _HASH_OF_ANOTHER_CHAIN.match(digits):
        raise Mistake("value.hash_of_another_chain")
    return digits


class AccountField(RequestField[str]):
    """An account name or id, in any form that `account_names.read` knows."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        short = isinstance(value, str) and len(value) <= LONGEST_TEXT
        name = account_names.read(value) if short else None
        if name is None:
            raise Mistake("value.account_name")
        return name


class AmountField(RequestField[Decimal]):
    """A decimal string or a whole number, never a float."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:
        text = (
            str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
        )
        if not CANONICAL.match(text.strip()):
            raise Mistake("value.amount")
        return Decimal(text.strip())


ANY_TEXT = "value.any_text"
