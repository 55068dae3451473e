"""The settings: read from DIAG_* environment variables, or from files named by DIAG_*_FILE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast, get_type_hints

from marshmallow import Schema, ValidationError, validates_schema

from diag.config import networks
from diag.config.explorers import DEFAULT, Explorer, ExplorersField
from diag.config.variables import (
    NO_ORIGINS,
    ChoiceVariable,
    ContactsVariable,
    FormVariable,
    ListVariable,
    MomentVariable,
    NumberVariable,
    OriginsVariable,
    PathVariable,
    RedisVariable,
    SwitchVariable,
    Variable,
)
from diag.errors import BadSetting
from diag.i18n import LANGUAGES, Text
from diag.schemas.mistakes import Mistake, key_path, mistakes
from diag.telemetry.logging import FORMATS, LEVELS
from diag.words import problem

PREFIX = "DIAG_"
MAX_DEADLINE = 60.0
MAX_AHEAD = 86_400.0
MAX_CONNECTION_TIMEOUT = 3600.0
MAX_CONNECTIONS = 100_000
_RATE = r"[1-9][0-9]{0,4}/(second|minute|hour|day)"


@dataclass(frozen=True, slots=True)
class Settings:
    """The operator's settings, each with the field that reads it from the text of its variable.

    docs/settings.md describes them.
    """

    nodes: Annotated[tuple[str, ...], ListVariable()] = ()
    """URLs of BitShares API nodes, separated by commas or spaces, best first (http, https,
    ws, wss); `mainnet` and `testnet` stand for the public nodes of that network."""
    elasticsearch: Annotated[str | None, Variable()] = None
    """URL of the index written by a node's elasticsearch plugin, for history that nodes pruned."""
    ledger: Annotated[Path | None, PathVariable(directory=True)] = None
    """Directory of a recorded chain to use without nodes; the embedded one by default."""
    gateways: Annotated[Path | None, PathVariable()] = None
    """Gateway register (.toml or .json) to use instead of the ledger's or the built-in one."""
    chain_id: Annotated[
        str | None, FormVariable(r"[0-9a-f]{64}", problem("form.chain_id_alone"))
    ] = None
    """The id of the chain that nodes must serve (64 hex digits); any chain by default."""
    clock: Annotated[datetime | None, MomentVariable()] = None
    """What time it is on a chain served by `diag replay`, whose time stands still; never set it for
    nodes of a live chain: a node that is behind would count as fit."""
    deadline: Annotated[float, NumberVariable(0.1, MAX_DEADLINE)] = 8.0
    """Seconds that one diagnosis may take at most."""
    memo_keys_file: Annotated[Path | None, PathVariable()] = None
    """File with the memo keys of gateways that the operator runs, one WIF per line."""
    gateway_lists: Annotated[bool, SwitchVariable()] = False
    """Whether to fetch the coin lists that gateways publish (minimum, fee, availability)."""
    cases: Annotated[bool, SwitchVariable()] = False
    """Whether cases are kept and watched; see `keeps_cases`."""
    database: Annotated[
        str | None, FormVariable(r"(sqlite|postgresql)://\S+", problem("form.database"))
    ] = None
    """Where cases are kept: sqlite:///PATH or postgresql://USER@HOST/NAME; by default a file in the
    data directory of the user."""
    queue: Annotated[str | None, RedisVariable()] = None
    """Redis (redis:// or rediss://) from which `diag worker` takes its jobs; without it `diag serve`
    does them itself."""
    retention: Annotated[int, NumberVariable(1, 3650, int)] = 90
    """Days for which a case is kept after its last event."""
    channels: Annotated[Path | None, PathVariable()] = None
    """File of the channels that are told of changes, and of the hooks of helpdesks (.toml or .json),
    read again whenever it changes."""
    explorers: Annotated[tuple[Explorer, ...], ExplorersField()] = DEFAULT
    """Block explorers to link evidence to, as a JSON list; off for none."""
    notices: Annotated[Path | None, PathVariable()] = None
    """File of the operator's notices (.toml or .json), read again whenever it changes."""
    phrases: Annotated[Path | None, PathVariable()] = None
    """File of phrases (.toml or .json) that replies use instead of ours, read again whenever it
    changes."""
    api_keys: Annotated[Path | None, PathVariable()] = None
    """File of API keys (.toml or .json), read again whenever it changes; without it access is open."""
    rate_limit: Annotated[str | None, FormVariable(_RATE, problem("form.rate"))] = None
    """Rate limit per key (or per address without keys), such as 600/minute; no limit by default."""
    rate_store: Annotated[str | None, RedisVariable()] = None
    """Redis (redis:// or rediss://) in which replicas count together; by default each counts alone."""
    proxies: Annotated[int, NumberVariable(0, 8, int)] = 0
    """Number of trusted proxies whose X-Forwarded-For and X-Forwarded-Proto are used."""
    hsts: Annotated[bool, SwitchVariable()] = False
    """Whether to send Strict-Transport-Security (one year) in responses to HTTPS requests."""
    frame_ancestors: Annotated[tuple[str, ...], OriginsVariable()] = NO_ORIGINS
    """Origins that may show the panel in a frame; none by default."""
    security_contact: Annotated[tuple[str, ...], ContactsVariable()] = ()
    """Where to report a vulnerability of this service (mailto:, https: or tel:), best first; it is
    published at /.well-known/security.txt."""
    security_policy: Annotated[
        str | None, FormVariable(r"https://[!-~]+", problem("form.https"))
    ] = None
    """https URL of the policy for such reports."""
    security_expires: Annotated[datetime | None, MomentVariable()] = None
    """Until when the contact is good; by default 30 days from each request."""
    lang: Annotated[str, FormVariable("|".join(LANGUAGES), problem("form.zh_or_en"))] = "zh"
    """Default language of texts: zh or en."""
    log: Annotated[str, ChoiceVariable(FORMATS)] = "json"
    """Log format of `diag serve`: json (one line per event) or text."""
    log_level: Annotated[str, ChoiceVariable(LEVELS)] = "info"
    """Log level of `diag serve`: debug, info (a line per request), warning or error."""
    host: Annotated[str, Variable()] = "127.0.0.1"
    """Address that `diag serve` listens on."""
    port: Annotated[int, NumberVariable(1, 65535, int)] = 8000
    """Port that `diag serve` listens on."""
    threads: Annotated[int, NumberVariable(1, 256, int)] = 32
    """Number of requests that `diag serve` answers in parallel."""
    connections: Annotated[int, NumberVariable(8, MAX_CONNECTIONS, int)] = 1000
    """Number of connections that `diag serve` holds; when full, those that wait longest are closed."""
    connection_timeout: Annotated[float, NumberVariable(1, MAX_CONNECTION_TIMEOUT)] = 30.0
    """Seconds after which an idle or too slow connection is closed."""
    ahead: Annotated[float, NumberVariable(0, MAX_AHEAD)] = 120.0
    """Seconds after a request during which the head block is read in advance, once per block, so that
    the next request over HTTP needs one round trip less. 0 switches it off."""
    drain: Annotated[float, NumberVariable(0, MAX_DEADLINE)] = 0.0
    """Seconds between SIGTERM and the end of new requests; meanwhile /readyz answers 503."""

    @property
    def keeps_cases(self) -> bool:
        """Whether cases are kept: with DIAG_CASES=on, or if a database is set."""
        return self.cases or self.database is not None


class NetworkSchema(Schema):
    """The rule that a named network and DIAG_CHAIN_ID agree."""

    @validates_schema(skip_on_field_errors=False)
    def _check_network(self, found: dict[str, Any], **_: Any) -> None:
        chains = {
            network.chain_id for network in networks.named(found.get("nodes", ())).values()
        }
        if len(chains) > 1:
            raise Mistake("setting.one_network", "nodes")
        if chains and found.get("chain_id", *chains) not in chains:
            raise Mistake("setting.other_network", "chain_id")


SettingsSchema = NetworkSchema.from_dict(
    {
        name: annotated.__metadata__[0]
        for name, annotated in get_type_hints(Settings, include_extras=True).items()
    }
)
"""Reads settings from the texts of variables; missing ones get their defaults."""


@dataclass(frozen=True, slots=True)
class Review:
    """The settings in an environment, and all mistakes in it."""

    settings: Settings
    """The settings, with defaults in place of wrong values."""
    given: tuple[str, ...] = ()
    """The DIAG_* variables that are set."""
    unknown: tuple[str, ...] = ()
    """DIAG_* variables that are not settings."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """The files that hold a value, by their variable."""
    wrong: Mapping[str, BadSetting] = field(default_factory=dict)
    """The errors, by variable."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from an environment; raises BadSetting with the variable and the remedy."""
    found = review(environ)
    for error in found.wrong.values():
        raise error
    return found.settings


def language(environ: Mapping[str, str]) -> str:
    """The language setting, even if another setting is wrong."""
    name = f"{PREFIX}LANG"
    return review({n: v for n, v in environ.items() if n.startswith(name)}).settings.lang


def review(environ: Mapping[str, str]) -> Review:
    """Read each setting of an environment; does not raise."""
    given = {n: v for n, v in environ.items() if n.startswith(PREFIX) and v}
    names = {PREFIX + setting.name.upper(): setting.name for setting in fields_of(Settings)}
    texts: dict[str, str] = {}
    wrong: dict[str, BadSetting] = {}
    files: dict[str, Path] = {}
    for variable, name in names.items():
        if f"{variable}_FILE" in given:
            files[f"{variable}_FILE"] = Path(given[f"{variable}_FILE"])
        try:
            texts[name] = _text(given, variable)
        except BadSetting as error:
            wrong[variable] = error
    try:
        values = SettingsSchema().load({name: text for name, text in texts.items() if text})
    except ValidationError as error:
        values = cast("dict[str, Any]", error.valid_data)
        for place, text in mistakes(error):
            variable = PREFIX + str(place[0]).upper()
            wrong.setdefault(variable, _error(variable + key_path(place[1:]), text))
            values.pop(str(place[0]), None)
    known = {*names, *(f"{variable}_FILE" for variable in names)}
    return Review(
        Settings(**_with_networks(values)),
        given=tuple(sorted(given)),
        unknown=tuple(sorted(given.keys() - known)),
        files=files,
        wrong={variable: wrong[variable] for variable in names if variable in wrong},
    )


def _with_networks(values: dict[str, Any]) -> dict[str, Any]:
    """The values, with names of networks replaced by their nodes and chain id."""
    nodes = values.get("nodes", ())
    named = networks.named(nodes).values()
    found = {**values, "nodes": networks.expanded(nodes)}
    for network in named:
        found["chain_id"] = network.chain_id
    return found


def _text(environ: Mapping[str, str], variable: str) -> str:
    """The value of a variable, or the content of its file; "" if neither is set."""
    file = environ.get(f"{variable}_FILE")
    if file and variable in environ:
        raise _error(variable, problem("setting.twice", variable=variable))
    if not file:
        return environ.get(variable, "").strip()
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise _error(f"{variable}_FILE", problem("setting.file", path=file)) from None


def _error(place: str, text: Text) -> BadSetting:
    return BadSetting.of("setting.at", place=place, text=text)
