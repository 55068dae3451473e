"""Block explorers: URL templates whose placeholders are filled from evidence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from diag.domain.asset import MAIN_NETWORK
from diag.errors import BadSetting
from diag.i18n import Text, placeholders

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
_CHAIN = re.compile(r"[0-9a-f]{64}")
_MAX_NAME = 40


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
    """The only chain that it shows; None means any chain."""

    def url(self, kinds: Sequence[str], known: Mapping[str, object]) -> str | None:
        """The URL of the first of these pages whose placeholders have known, well-formed values."""
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
    """The explorers that show this chain."""
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


def parse_explorers(text: str) -> tuple[Explorer, ...]:
    """Parse a JSON list of explorers; raises BadSetting with the entry and the remedy."""
    try:
        given = json.loads(text)
    except ValueError:
        raise _error("", "不是有效的 JSON 列表", "this is not a JSON list") from None
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise _error("", "应为对象的 JSON 列表", "give a JSON list of objects")
    return tuple(_explorer(entry, f"[{number}]") for number, entry in enumerate(given))


def _explorer(entry: dict[str, Any], where: str) -> Explorer:
    known = ("name", *PAGE_KINDS, "chain_id")
    for field, value in entry.items():
        if field not in known:
            names = ", ".join(known)
            zh, en = f"未知字段；可用的有 {names}", f"unknown field; use one of {names}"
            raise _error(f"{where}.{field}", zh, en)
        if not isinstance(value, str):
            raise _error(f"{where}.{field}", "应为文本", "give a text in quotes")
    name = entry.get("name", "").strip()
    if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
        zh, en = f"缺少名称（最多 {_MAX_NAME} 字）", f"give a name of 1 to {_MAX_NAME}"
        raise _error(f"{where}.name", zh, f"{en} characters")
    chain_id = entry.get("chain_id")
    if chain_id is not None and not _CHAIN.fullmatch(chain_id):
        zh, en = "应为 64 位小写十六进制数字", "give 64 hexadecimal digits in lower case"
        raise _error(f"{where}.chain_id", zh, en)
    pages = {page: entry[page] for page in PAGE_KINDS if page in entry}
    if not pages:
        names = ", ".join(PAGE_KINDS)
        raise _error(where, f"至少给出一个网址：{names}", f"give at least one of {names}")
    for page, template in pages.items():
        for zh, en in _template_errors(template):
            raise _error(f"{where}.{page}", zh, en)
    return Explorer(name, chain_id=chain_id, **pages)


def _template_errors(template: str) -> Iterator[tuple[str, str]]:
    """The errors of a template, as (Chinese, English)."""
    if not _URL.fullmatch(template):
        yield "应为 https 网址（不含登录信息）", "give an https address without a login"
        return
    names = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    holes = set(re.findall(r"\{[^{}]*\}", template))
    bare = re.sub(r"\{[^{}]*\}", "", template)
    if {"{", "}"} & set(bare) or not holes <= {f"{{{name}}}" for name in PLACEHOLDERS}:
        yield f"只能使用占位符 {names}", f"use no blanks but {names}"
    elif not holes:
        yield f"缺少占位符；请使用 {names}", f"a blank is missing; use one of {names}"


def _error(where: str, zh: str, en: str) -> BadSetting:
    return BadSetting(
        Text.literal(f"DIAG_EXPLORERS{where}：{zh}。", f"DIAG_EXPLORERS{where}: {en}.")
    )
