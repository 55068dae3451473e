"""Reads and checks a register file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import as_file, files
from itertools import combinations, zip_longest
from pathlib import Path
from typing import Any, TypeVar

from marshmallow import post_load, validates_schema

from diag.config.fields import (
    ASSET,
    CHAIN_ID,
    AmountField,
    ChoiceField,
    DatedSchema,
    DurationField,
    FileSchema,
    FlagField,
    Form,
    ListField,
    MomentField,
    NoteField,
    TableField,
    TextField,
    refuse_duplicates,
    rows,
    take_period,
)
from diag.config.file_reader import read_file
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
from diag.schemas.mistakes import Mistake
from diag.words import problem

_ACCOUNT = Form(ACCOUNT_NAME, problem("form.account"))
_ACCOUNT_ID = Form(re.compile(r"1\.2\.(?:0|[1-9][0-9]*)"), problem("form.account_id"))
_ASSET_ID = Form(re.compile(r"1\.3\.(?:0|[1-9][0-9]*)"), problem("form.asset_id"))
_PREFIX = Form(re.compile(r"[A-Z][A-Z0-9]{0,13}"), problem("form.prefix"))
_ADDRESS = Form(
    re.compile(
        r"https://(?=[^/?]{1,259}(?:[/?]|\Z))[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
        r"(?::[1-9][0-9]{0,4})?(?:/[\w.~!$&'()*+,;=:@%/-]*)?(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?",
        re.ASCII,
    ),
    problem("form.api"),
)
_KEY = Form(re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}"), problem("form.gateway"))
_SCHEMA = Form(re.compile("1"), problem("form.schema"))


class AccountSchema(DatedSchema):
    """An account of a gateway, by name, id or both."""

    name = TextField(_ACCOUNT)
    id = TextField(_ACCOUNT_ID)
    role = ChoiceField(Role, required=True)
    source = TextField()

    @validates_schema
    def _named(self, data: dict[str, Any], **_: Any) -> None:
        if not {"name", "id"} & data.keys():
            raise Mistake("setting.account_or_id", "name")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> GatewayAccount:
        return GatewayAccount(period=take_period(data), **{"name": data.get("id"), **data})


class TermsSchema(DatedSchema):
    """The terms of a coin during a period."""

    minimum = AmountField()
    fee = AmountField(data_key="withdrawal_fee")
    source = TextField()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Terms:
        return Terms(period=take_period(data), **data)


class CoinSchema(FileSchema):
    """A coin; its terms are dated, or hold always."""

    coin = TextField(required=True)
    asset = TextField(ASSET, required=True)
    id = TextField(_ASSET_ID)
    minimum = AmountField()
    fee = AmountField(data_key="withdrawal_fee")
    terms = rows(TermsSchema)
    memo = TextField()
    withdrawal_account = TextField(_ACCOUNT)
    own = FlagField()
    source = TextField()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Coin:
        always = {name: data.pop(name) for name in ("minimum", "fee") if name in data}
        terms = [Terms(**always), *data.pop("terms")] if always else data.pop("terms")
        dated = _sourced(sorted(terms, key=_start), data.get("source", ""))
        return Coin(terms=dated, **data)


class StageSchema(DatedSchema):
    """A stage of a gateway's life."""

    start = MomentField(data_key="from", required=True)
    status = ChoiceField(Status, required=True)
    note = NoteField()
    source = TextField()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> LifecycleStage:
        return LifecycleStage(period=take_period(data), **data)


class ApiSchema(FileSchema):
    """The lists that a gateway publishes."""

    family = ChoiceField(Family, required=True)
    coins = TextField(_ADDRESS, required=True)
    wallets = TextField(_ADDRESS)
    pairs = TextField(_ADDRESS)
    source = TextField()

    @validates_schema
    def _lists_of_the_family(self, data: dict[str, Any], **_: Any) -> None:
        """Require the lists of wallets and pairs for one family, and refuse them for the other."""
        family = data["family"]
        for field in ("wallets", "pairs"):
            if family is Family.BLOCKTRADES and field not in data:
                raise Mistake("setting.family_needs", field, family=family)
            if family is not Family.BLOCKTRADES and field in data:
                raise Mistake(
                    "setting.family_lacks", field, family=family, other=Family.BLOCKTRADES
                )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Api:
        return Api(**data)


class GatewaySchema(FileSchema):
    """A gateway; facts without a source of their own get that of the gateway."""

    key = TextField(_KEY, required=True)
    name = TextField()
    prefix = TextField(_PREFIX)
    prefixes = ListField(TextField(_PREFIX))
    withdrawal_account = TextField(_ACCOUNT)
    issuer_account = TextField(_ACCOUNT)
    accounts = rows(AccountSchema)
    coins = rows(CoinSchema)
    settlement = ChoiceField(Settlement)
    batch_every = DurationField(data_key="batch_every_s")
    usual = DurationField(data_key="usual_time_s")
    overdue = DurationField(data_key="overdue_after_s")
    escalate = DurationField(data_key="escalate_after_s")
    memo = TextField()
    deposits = ChoiceField(Deposits)
    lifecycle = rows(StageSchema)
    support = ListField(TextField())
    as_of = MomentField()
    source = TextField()
    notes = NoteField()
    api = TableField(ApiSchema)

    @validates_schema
    def _each_asset_once(self, data: dict[str, Any], **_: Any) -> None:
        refuse_duplicates(data["coins"], "coins", "asset")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Gateway:
        source = data.get("source", "")
        prefixes = (data.pop("prefix", None), *data.pop("prefixes"))
        plain = {
            Role.WITHDRAWAL: data.pop("withdrawal_account", None),
            Role.ISSUER: data.pop("issuer_account", None),
        }
        listed = [GatewayAccount(name, role) for role, name in plain.items() if name]
        coins = (
            replace(coin, terms=_sourced(coin.terms, source)) for coin in data.pop("coins")
        )
        api = data.pop("api", None)
        as_of = data.pop("as_of", None)
        return Gateway(
            name=data.pop("name", data["key"]),
            prefixes=tuple(dict.fromkeys(filter(None, prefixes))),
            accounts=_sourced([*listed, *data.pop("accounts")], source),
            coins=_sourced(coins, source),
            lifecycle=_closed(_sourced(data.pop("lifecycle"), source)),
            api=_sourced([api], source)[0] if api else None,
            as_of=as_of.date() if as_of else None,
            **data,
        )


class RegisterSchema(FileSchema):
    """A register file."""

    schema = TextField(_SCHEMA)
    chain_id = TextField(CHAIN_ID)
    extends = FlagField()
    note = NoteField()
    gateways = rows(GatewaySchema, required=True)

    @validates_schema
    def _each_key_once(self, data: dict[str, Any], **_: Any) -> None:
        refuse_duplicates(data["gateways"], "gateways", "key")

    @validates_schema
    def _no_shared_accounts(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse an account that takes the withdrawals of two gateways at the same time."""
        gateways = data["gateways"]
        claims = [
            (i, account) for i, gateway in enumerate(gateways) for account in gateway.takers
        ]
        for (first, one), (second, other) in combinations(claims, 2):
            if first != second and one.name == other.name and one.period.overlaps(other.period):
                key = gateways[first].key
                raise Mistake(
                    "setting.shared_account",
                    *("gateways", second),
                    account=one.name,
                    gateway=key,
                )


Fact = TypeVar("Fact", GatewayAccount, Coin, Terms, LifecycleStage, Api)


def _sourced(facts: Iterable[Fact], source: str) -> tuple[Fact, ...]:
    """Return the facts; those without a source get this one."""
    return tuple(fact if fact.source else replace(fact, source=source) for fact in facts)


def _closed(stages: Iterable[LifecycleStage]) -> tuple[LifecycleStage, ...]:
    """Return the stages in order of time; a stage without an end ends when the next one begins."""
    ordered = sorted(stages, key=_start)
    followers = [stage.period.start for stage in ordered[1:]]
    return tuple(
        replace(stage, period=Period(stage.period.start, stage.period.end or follower))
        for stage, follower in zip_longest(ordered, followers)
    )


def _start(fact: Terms | LifecycleStage) -> datetime:
    return fact.period.start or datetime.min.replace(tzinfo=UTC)


FILES = ("gateways.toml", "gateways.json")


def load(path: Path) -> Register:
    """Load the register from a .toml or .json file; raises BadSetting if it contains a mistake."""
    found = read_file(path, RegisterSchema())
    return Register(
        found["gateways"],
        found.get("chain_id"),
        source=path.name,
        extends=found.get("extends", False),
    )


@cache
def builtin() -> Register:
    """Load the built-in register: the documented gateways of the BitShares main network."""
    with as_file(files("diag") / "data" / FILES[0]) as path:
        return load(path)


def of_ledger(directory: Path) -> Register | None:
    """Load the register that lies beside a recorded chain, or one directory above; None without one."""
    found = beside_ledger(directory)
    return load(found) if found else None


def beside_ledger(directory: Path) -> Path | None:
    """Return the register file beside a recorded chain, or one directory above; None without one."""
    places = [place / name for place in (directory, directory.parent) for name in FILES]
    return next((path for path in places if path.is_file()), None)
