"""A register file, checked and turned into gateways."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import as_file, files
from itertools import combinations, zip_longest
from pathlib import Path

from diag.config.fields import ASSET, read_period, refuse_duplicates
from diag.config.file_reader import Grammar, Table, open_table
from diag.domain.gateway import (
    ACCOUNT_NAME,
    Api,
    Coin,
    Deposits,
    Family,
    Gateway,
    GatewayAccount,
    LifecycleStage,
    Role,
    Status,
    Terms,
)
from diag.domain.gateway_register import Register
from diag.domain.period import Period
from diag.domain.settlement import Settlement

_GATEWAY = (
    "key name prefix prefixes withdrawal_account issuer_account accounts settlement "
    "batch_every_s usual_time_s overdue_after_s escalate_after_s memo deposits lifecycle coins "
    "support as_of source notes api"
)
_COIN = "coin asset id minimum withdrawal_fee terms memo withdrawal_account own source"

_ACCOUNT = Grammar(
    ACCOUNT_NAME,
    "BitShares 账户名（小写字母开头，可含数字、连字符和点）",
    "a BitShares account name (lower case, starts with a letter; digits, hyphens, dots)",
)
_ACCOUNT_ID = Grammar(
    re.compile(r"1\.2\.(?:0|[1-9][0-9]*)"),
    "账户编号，如 1.2.345",
    "an account id such as 1.2.345",
)
_ASSET_ID = Grammar(
    re.compile(r"1\.3\.(?:0|[1-9][0-9]*)"),
    "资产编号，如 1.3.345",
    "an asset id such as 1.3.345",
)
_PREFIX = Grammar(
    re.compile(r"[A-Z][A-Z0-9]{0,13}"),
    "资产前缀（大写字母或数字，不含点）",
    "an asset prefix (upper-case letters or digits, no dot)",
)
_ADDRESS = Grammar(
    re.compile(
        r"https://(?=[^/?]{1,259}(?:[/?]|\Z))[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
        r"(?::[1-9][0-9]{0,4})?(?:/[\w.~!$&'()*+,;=:@%/-]*)?(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?",
        re.ASCII,
    ),
    "https 网址（不含用户名和密码），如 https://api.example/coins",
    "an https address without a login, such as https://api.example/coins",
)
_KEY = Grammar(
    re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}"),
    "网关代号（字母、数字、连字符）",
    "a gateway key (letters, digits, hyphens)",
)
_CHAIN = Grammar(
    re.compile(r"[0-9a-f]{64}"), "链 ID（64 位十六进制）", "a chain id (64 hexadecimal digits)"
)
_SCHEMA = Grammar(re.compile("1"), '本版本支持的格式；请写 "1"', 'a known schema; write "1"')


def gateways_in(path: Path) -> tuple[tuple[Gateway, ...], str | None, bool]:
    """The gateways of a .toml or .json file, the id of their chain, and whether they come on top
    of those that would be used otherwise.
    """
    top = open_table(path)
    top.only("schema chain_id extends note gateways")
    top.word("schema", _SCHEMA)
    top.note("note")
    top.require("gateways")
    tables = list(top.tables("gateways"))
    gateways = tuple(_gateway(table) for table in tables)
    refuse_duplicates(tables, "key", [gateway.key for gateway in gateways])
    _refuse_shared_accounts(tables, gateways)
    return gateways, top.word("chain_id", _CHAIN), top.flag("extends", default=False)


def _gateway(table: Table) -> Gateway:
    table.only(_GATEWAY)
    table.require("key")
    key = table.word("key", _KEY) or ""
    source = table.text("source") or ""
    coin_tables = list(table.tables("coins"))
    coins = tuple(_coin(row, source) for row in coin_tables)
    refuse_duplicates(coin_tables, "asset", [coin.asset for coin in coins])
    return Gateway(
        key=key,
        name=table.text("name") or key,
        prefixes=_prefixes(table),
        accounts=_accounts(table, source),
        coins=coins,
        settlement=table.choice("settlement", Settlement) or Settlement.UNKNOWN,
        batch_every=table.seconds("batch_every_s"),
        usual=table.seconds("usual_time_s"),
        overdue=table.seconds("overdue_after_s"),
        escalate=table.seconds("escalate_after_s"),
        memo=table.text("memo"),
        deposits=table.choice("deposits", Deposits),
        lifecycle=_lifecycle(table, source),
        support=table.words("support"),
        as_of=table.day("as_of"),
        source=source,
        notes=table.note("notes"),
        api=_api(table, source),
    )


def _prefixes(table: Table) -> tuple[str, ...]:
    one = table.word("prefix", _PREFIX)
    every = table.words("prefixes", _PREFIX)
    return tuple(dict.fromkeys((one, *every) if one else every))


def _api(table: Table, source: str) -> Api | None:
    values = table.values.get("api")
    if values is None:
        return None
    if not isinstance(values, dict):
        raise table.wrong(
            "api",
            "应为一个表；请写成 [gateways.api]。",
            "must be a table; write it as [gateways.api].",
        )
    row = Table(table.document, (*table.location, "api"), values)
    row.only("family coins wallets pairs source")
    row.require("family", "coins")
    family = row.choice("family", Family) or Family.SIMPLE
    _require_lists(row, family)
    return Api(
        family=family,
        coins=row.word("coins", _ADDRESS) or "",
        wallets=row.word("wallets", _ADDRESS),
        pairs=row.word("pairs", _ADDRESS),
        source=row.text("source") or source,
    )


def _require_lists(row: Table, family: Family) -> None:
    """Wallets and pairs stand beside the coins in one family, and not in the other."""
    if family is Family.BLOCKTRADES:
        row.require("wallets", "pairs")
        return
    for field in ("wallets", "pairs"):
        if field in row.values:
            raise row.wrong(
                field,
                f"{family} 类接口没有此列表；请删除，或将 family 改为 {Family.BLOCKTRADES}。",
                f"the family {family} has no such list; remove it, "
                f"or write {Family.BLOCKTRADES} as the family.",
            )


def _accounts(table: Table, source: str) -> tuple[GatewayAccount, ...]:
    """The two plain fields, and the dated list."""
    plain = {
        Role.WITHDRAWAL: table.word("withdrawal_account", _ACCOUNT),
        Role.ISSUER: table.word("issuer_account", _ACCOUNT),
    }
    return (
        *(GatewayAccount(name, role, source=source) for role, name in plain.items() if name),
        *(_account(row, source) for row in table.tables("accounts")),
    )


def _account(row: Table, source: str) -> GatewayAccount:
    row.only("name id role from until source")
    row.require("role", *(() if "id" in row.values else ("name",)))
    number = row.word("id", _ACCOUNT_ID)
    return GatewayAccount(
        name=row.word("name", _ACCOUNT) or number or "",
        role=row.choice("role", Role) or Role.OTHER,
        period=read_period(row),
        id=number,
        source=row.text("source") or source,
    )


def _coin(row: Table, source: str) -> Coin:
    row.only(_COIN)
    row.require("coin", "asset")
    source = row.text("source") or source
    always = {"minimum", "withdrawal_fee"} & row.values.keys()
    terms = [_terms_of(row, Period(), source)] if always else []
    terms += [_terms(dated, source) for dated in row.tables("terms")]
    return Coin(
        coin=row.text("coin") or "",
        asset=row.word("asset", ASSET) or "",
        terms=tuple(sorted(terms, key=lambda term: _start(term.period))),
        memo=row.text("memo"),
        withdrawal_account=row.word("withdrawal_account", _ACCOUNT),
        id=row.word("id", _ASSET_ID),
        own=row.flag("own", default=True),
        source=source,
    )


def _terms(row: Table, source: str) -> Terms:
    row.only("from until minimum withdrawal_fee source")
    return _terms_of(row, read_period(row), row.text("source") or source)


def _terms_of(row: Table, period: Period, source: str) -> Terms:
    return Terms(period, row.decimal("minimum"), row.decimal("withdrawal_fee"), source)


def _lifecycle(table: Table, source: str) -> tuple[LifecycleStage, ...]:
    """In time order; a stage without an end lasts until the next begins."""
    stages = sorted(
        (_stage(row, source) for row in table.tables("lifecycle")),
        key=lambda stage: _start(stage.period),
    )
    followers = [stage.period.start for stage in stages[1:]]
    return tuple(
        replace(stage, period=Period(stage.period.start, stage.period.end or follower))
        for stage, follower in zip_longest(stages, followers)
    )


def _stage(row: Table, source: str) -> LifecycleStage:
    row.only("from until status note source")
    row.require("from", "status")
    return LifecycleStage(
        period=read_period(row),
        status=row.choice("status", Status) or Status.LIVE,
        note=row.note("note"),
        source=row.text("source") or source,
    )


def _start(period: Period) -> datetime:
    return period.start or datetime.min.replace(tzinfo=UTC)


def _refuse_shared_accounts(tables: list[Table], gateways: tuple[Gateway, ...]) -> None:
    """One account cannot take the withdrawals of two gateways at the same time."""
    claims = [
        (index, account) for index, gateway in enumerate(gateways) for account in gateway.takers
    ]
    for (first, one), (second, other) in combinations(claims, 2):
        if first != second and one.name == other.name and one.period.overlaps(other.period):
            key = gateways[first].key
            raise tables[second].wrong(
                None,
                f"账户 {one.name} 同时是 {key} 的提币账户；请删除其一，或用 from/until 错开。",
                f"account {one.name} takes withdrawals for {key} at the same time; "
                "remove one, or part them with from and until.",
            )


FILES = ("gateways.toml", "gateways.json")


def load(path: Path) -> Register:
    """The register in a .toml or .json file; a mistake in it raises BadSetting."""
    gateways, chain_id, extends = gateways_in(path)
    return Register(gateways, chain_id, source=path.name, extends=extends)


@cache
def builtin() -> Register:
    """The gateways of the BitShares main network, as far as they are documented."""
    with as_file(files("diag") / "data" / FILES[0]) as path:
        return load(path)


def of_ledger(directory: Path) -> Register | None:
    """The register that lies beside a recorded chain, or one directory above."""
    places = [place / name for place in (directory, directory.parent) for name in FILES]
    found = next((path for path in places if path.is_file()), None)
    return load(found) if found else None
