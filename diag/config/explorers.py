"""Block explorers: URL templates whose placeholders are filled from evidence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from marshmallow import fields, post_load, validates_schema

from diag.config.fields import CHAIN_ID, MESSAGES, FileSchema, TableField, TextField
from diag.domain.asset import MAIN_NETWORK
from diag.i18n import placeholders
from diag.schemas.mistakes import Mistake, message

PAGE_KINDS = ("account", "operation", "transaction", "block", "asset")
"""The kinds of pages that an explorer may have."""
PLACEHOLDERS: Mapping[str, re.Pattern[str]] = {
    "account": re.compile(r"[a-z][a-z0-9.-]{0,62}|1\.2\.[0-9]+"),
    "operation": re.compile(r"1\.11\.[0-9]+"),
    "txid": re.compile(r"[0-9a-f]{40}"),
    "block": re.compile(r"[1-9][0-9]*"),
    "trx_in_block": re.compile(r"[0-9]+"),
    "symbol": re.compile(r"[A-Z][A-Z0-9.]{1,14}[A-Z0-9]"),
}
"""Placeholder → the form of its value."""
_URL = re.compile(
    r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[1-9][0-9]{0,4})?"
    r"(?:[/?#][A-Za-z0-9._~!$&'()*+,;=:@%/?#{}-]*)?"
)
_MAX_NAME = 40
_MESSAGES = MESSAGES | {"invalid": message("setting.explorers")}


@dataclass(frozen=True, slots=True)
class Explorer:
    """One explorer, with an https URL template per kind of page; None if it has no such page."""

    name: str
    account: str | None = None
    operation: str | None = None
    transaction: str | None = None
    block: str | None = None
    asset: str | None = None
    chain_id: str | None = None
    """The only chain that the explorer shows; None means any chain."""

    def url(self, kinds: Sequence[str], known: Mapping[str, object]) -> str | None:
        """The URL of the first of these pages whose placeholders all have valid values."""
        for kind in kinds:
            template: str | None = getattr(self, kind)
            if template and (url := _fill(template, known)):
                return url
        return None


DEFAULT = (
    Explorer(
        "blocksights",
        account="https://blocksights.info/#/accounts/{account}",
        operation="https://blocksights.info/#/operations/{operation}",
        transaction="https://blocksights.info/#/txs/{txid}",
        asset="https://blocksights.info/#/assets/{symbol}",
        chain_id=MAIN_NETWORK,
    ),
    Explorer(
        "bts.exchange",
        account="https://bts.exchange/#/account/{account}",
        block="https://bts.exchange/#/block/{block}/{trx_in_block}",
        asset="https://bts.exchange/#/asset/{symbol}",
        chain_id=MAIN_NETWORK,
    ),
)
"""Explorers of the main network; they must not be used for another chain."""


def for_chain(explorers: Sequence[Explorer], chain_id: str) -> tuple[Explorer, ...]:
    """The explorers that support this chain."""
    return tuple(e for e in explorers if e.chain_id in (None, chain_id))


def templates(explorers: Sequence[Explorer]) -> dict[str, tuple[str, ...]]:
    """The URL templates of these explorers per kind of page, to recognize links to them."""
    return {
        kind: tuple(found for e in explorers if (found := getattr(e, kind)))
        for kind in PAGE_KINDS
    }


def _fill(template: str, known: Mapping[str, object]) -> str | None:
    values = {}
    for name in placeholders(template):
        value = known.get(name)
        if value is None or not PLACEHOLDERS[name].fullmatch(str(value)):
            return None
        values[name] = quote(str(value), safe="")
    return template.format_map(values)


def _validate_name(name: str) -> None:
    if len(name.strip()) > _MAX_NAME or not name.strip().isprintable():
        raise Mistake("setting.explorer_name", most=_MAX_NAME)


def _validate_template(template: str) -> None:
    names = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    holes = set(re.findall(r"\{[^{}]*\}", template))
    bare = re.sub(r"\{[^{}]*\}", "", template)
    if not _URL.fullmatch(template):
        raise Mistake("setting.https")
    if {"{", "}"} & set(bare) or not holes <= {f"{{{name}}}" for name in PLACEHOLDERS}:
        raise Mistake("setting.other_blank", names=names)
    if not holes:
        raise Mistake("setting.no_blank", names=names)


class PageField(TextField):
    """The URL template of a page."""

    def __init__(self) -> None:
        super().__init__(validate=_validate_template)


class ExplorerSchema(FileSchema):
    """The fields of one explorer."""

    name = TextField(required=True, validate=_validate_name)
    account = PageField()
    operation = PageField()
    transaction = PageField()
    block = PageField()
    asset = PageField()
    chain_id = TextField(CHAIN_ID)

    @validates_schema
    def _has_a_page(self, data: dict[str, Any], **_: Any) -> None:
        if not data.keys() & set(PAGE_KINDS):
            names = ", ".join(PAGE_KINDS)
            raise Mistake("setting.no_page", names=names)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Explorer:
        return Explorer(**{**data, "name": data["name"].strip()})


class ExplorersField(fields.List[Explorer]):
    """A JSON list of explorers, or off for none."""

    default_error_messages = _MESSAGES

    def __init__(self) -> None:
        super().__init__(TableField(ExplorerSchema))

    def _deserialize(self, value: str, attr: Any, data: Any, **options: Any) -> Any:
        if value == "off":
            return ()
        try:
            given = json.loads(value)
        except ValueError:
            raise self.make_error("invalid") from None
        return tuple(super()._deserialize(given, attr, data, **options))
