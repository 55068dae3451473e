"""The settings: read from DIAG_* environment variables, or from files named by DIAG_*_FILE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path

from diag.config.explorers import DEFAULT, Explorer, parse_explorers
from diag.errors import BadSetting
from diag.i18n import LANGUAGES, Text
from diag.telemetry.logging import FORMATS, LEVELS

PREFIX = "DIAG_"
MAX_DEADLINE = 60.0
MAX_AHEAD = 86_400.0
MAX_CONNECTION_TIMEOUT = 3600.0
MAX_CONNECTIONS = 100_000
_ORIGIN = re.compile(
    r"https?://(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?"
)
_RATE = r"[1-9][0-9]{0,4}/(second|minute|hour|day)"
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_LANG_FORM = ("zh 或 en", "zh or en")


@dataclass(frozen=True, slots=True)
class Settings:
    """The operator's settings; the README has a table of them."""

    nodes: tuple[str, ...] = ()
    """URLs of BitShares API nodes, separated by commas or spaces, best first (http, https,
    ws, wss)."""
    elasticsearch: str | None = None
    """URL of the index written by a node's elasticsearch plugin, for history that nodes pruned."""
    ledger: Path | None = None
    """Directory of a recorded chain to use without nodes; the embedded one by default."""
    gateways: Path | None = None
    """Gateway register (.toml or .json) to use instead of the ledger's or the built-in one."""
    chain_id: str | None = None
    """The id of the chain that nodes must serve (64 hex digits); any chain by default."""
    clock: datetime | None = None
    """What time it is on a chain served by `diag replay`, whose time stands still; never set it for
    nodes of a live chain: a node that is behind would count as fit."""
    deadline: float = 8.0
    """Seconds that one diagnosis may take at most."""
    memo_keys_file: Path | None = None
    """File with the memo keys of gateways that the operator runs, one WIF per line."""
    gateway_lists: bool = False
    """Whether to fetch the coin lists that gateways publish (minimum, fee, availability)."""
    cases: bool = False
    """Whether cases are kept and watched; see `keeps_cases`."""
    database: str | None = None
    """Where cases are kept: sqlite:///PATH or postgresql://USER@HOST/NAME; by default a file in the
    data directory of the user."""
    queue: str | None = None
    """Redis (redis:// or rediss://) from which `diag worker` takes its jobs; without it `diag serve`
    does them itself."""
    retention: int = 90
    """Days that a case is kept after the last thing that happened to it."""
    explorers: tuple[Explorer, ...] = DEFAULT
    """Block explorers to link evidence to, as a JSON list; off for none."""
    notices: Path | None = None
    """File of the operator's notices (.toml or .json), read again whenever it changes."""
    api_keys: Path | None = None
    """File of API keys (.toml or .json), read again whenever it changes; without it access is open."""
    rate_limit: str | None = None
    """Rate limit per key (or per address without keys), such as 600/minute; no limit by default."""
    rate_store: str | None = None
    """Redis (redis:// or rediss://) in which replicas count together; by default each counts alone."""
    proxies: int = 0
    """Number of trusted proxies whose X-Forwarded-For and X-Forwarded-Proto are used."""
    hsts: bool = False
    """Whether to send Strict-Transport-Security (one year) in responses to HTTPS requests."""
    frame_ancestors: tuple[str, ...] = ("'none'",)
    """Origins that may show the panel in a frame; none by default."""
    lang: str = "zh"
    """Default language of texts: zh or en."""
    log: str = "json"
    """Log format of `diag serve`: json (one line per event) or text."""
    log_level: str = "info"
    """Log level of `diag serve`: debug, info (a line per request), warning or error."""
    host: str = "127.0.0.1"
    """Address that `diag serve` listens on."""
    port: int = 8000
    """Port that `diag serve` listens on."""
    threads: int = 32
    """Number of requests that `diag serve` answers in parallel."""
    connections: int = 1000
    """Number of connections that `diag serve` holds; when full, those that wait longest are closed."""
    connection_timeout: float = 30.0
    """Seconds after which an idle or too slow connection is closed."""
    ahead: float = 120.0
    """Seconds after a request during which the head block is read in advance, once per block, so that
    the next request over HTTP needs one round trip less. 0 switches it off."""
    drain: float = 0.0
    """Seconds between SIGTERM and the end of new requests; meanwhile /readyz answers 503."""

    @property
    def keeps_cases(self) -> bool:
        """Whether cases are kept: a database alone says so, too."""
        return self.cases or self.database is not None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from an environment; raises BadSetting with the variable and the remedy."""
    env = _Environment(environ)
    defaults = Settings()
    return Settings(
        nodes=tuple(re.findall(r"[^,\s]+", env.text("NODES"))),
        elasticsearch=env.text("ELASTICSEARCH") or None,
        ledger=env.path("LEDGER", directory=True),
        gateways=env.path("GATEWAYS", directory=False),
        memo_keys_file=env.path("MEMO_KEYS_FILE", directory=False),
        gateway_lists=env.flag("GATEWAY_LISTS"),
        chain_id=env.matching(
            "CHAIN_ID", r"[0-9a-f]{64}", ("64 位小写十六进制数字", "64 hexadecimal digits")
        )
        or None,
        clock=env.time("CLOCK"),
        deadline=env.number("DEADLINE", defaults.deadline, 0.1, MAX_DEADLINE),
        cases=env.flag("CASES"),
        database=env.matching(
            "DATABASE",
            r"(sqlite|postgresql)://\S+",
            (
                "sqlite:/// 加文件路径，或 postgresql:// 地址",
                "sqlite:///PATH or an address such as postgresql://user@host/name",
            ),
        )
        or None,
        queue=env.matching(
            "QUEUE", r"rediss?://\S+", ("redis:// 地址", "an address such as redis://host:6379")
        )
        or None,
        retention=int(env.number("RETENTION", defaults.retention, 1, 3650, whole=True)),
        explorers=env.explorers("EXPLORERS"),
        notices=env.path("NOTICES", directory=False),
        api_keys=env.path("API_KEYS", directory=False),
        rate_limit=env.matching(
            "RATE_LIMIT", _RATE, ("600/minute 这样的限额", "a limit such as 600/minute")
        )
        or None,
        rate_store=env.matching(
            "RATE_STORE",
            r"rediss?://\S+",
            ("redis:// 地址", "an address such as redis://host:6379"),
        )
        or None,
        proxies=int(env.number("PROXIES", defaults.proxies, 0, 8, whole=True)),
        hsts=env.flag("HSTS"),
        frame_ancestors=env.origins("FRAME_ANCESTORS") or defaults.frame_ancestors,
        lang=env.matching("LANG", "|".join(LANGUAGES), _LANG_FORM) or defaults.lang,
        log=env.one_of("LOG", FORMATS) or defaults.log,
        log_level=env.one_of("LOG_LEVEL", LEVELS) or defaults.log_level,
        host=env.text("HOST") or defaults.host,
        port=int(env.number("PORT", defaults.port, 1, 65535, whole=True)),
        threads=int(env.number("THREADS", defaults.threads, 1, 256, whole=True)),
        connections=int(
            env.number("CONNECTIONS", defaults.connections, 8, MAX_CONNECTIONS, whole=True)
        ),
        connection_timeout=env.number(
            "CONNECTION_TIMEOUT", defaults.connection_timeout, 1, MAX_CONNECTION_TIMEOUT
        ),
        ahead=env.number("AHEAD", defaults.ahead, 0, MAX_AHEAD),
        drain=env.number("DRAIN", defaults.drain, 0, MAX_DEADLINE),
    )


def language(environ: Mapping[str, str]) -> str:
    """The language setting, even if another setting is wrong."""
    try:
        return (
            _Environment(environ).matching("LANG", "|".join(LANGUAGES), _LANG_FORM)
            or Settings().lang
        )
    except BadSetting:
        return Settings().lang


@dataclass(frozen=True, slots=True)
class Review:
    """All mistakes in an environment; `read_settings` stops at the first one."""

    settings: Settings
    """The settings, with defaults in place of wrong values."""
    given: tuple[str, ...] = ()
    """The DIAG_* variables that are set."""
    unknown: tuple[str, ...] = ()
    """DIAG_* variables that are no setting."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """The files that hold a value, by their variable."""
    wrong: Mapping[str, BadSetting] = field(default_factory=dict)
    """The errors, by variable."""


def review(environ: Mapping[str, str]) -> Review:
    """Read each setting of an environment separately; does not raise."""
    known = frozenset(PREFIX + setting.name.upper() for setting in fields(Settings))
    given = {n: v for n, v in environ.items() if n.startswith(PREFIX) and v}
    bases = {n: n if n in known else n.removesuffix("_FILE") for n in given}
    unknown = tuple(sorted(n for n, base in bases.items() if base not in known))
    right: dict[str, str] = {}
    wrong = {}
    for base in sorted(known & set(bases.values())):
        one = {name: value for name, value in given.items() if bases[name] == base}
        try:
            read_settings(one)
            right |= one
        except BadSetting as error:
            wrong[base] = error
    files = {n: Path(v) for n, v in given.items() if bases[n] in known and bases[n] != n}
    return Review(read_settings(right), tuple(sorted(given)), unknown, files, wrong)


class _Environment:
    """Reads and validates variables of an environment; names are given without the prefix.

    Methods raise BadSetting with the variable and the remedy.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        """The value, or the content of the file named by NAME_FILE; "" if neither is set."""
        key = PREFIX + name
        file = self._environ.get(key + "_FILE")
        if file and self._environ.get(key):
            raise _error(
                key, f"与 {key}_FILE 只能设置一个", f"set either it or {key}_FILE, not both"
            )
        if not file:
            return self._environ.get(key, "").strip()
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise _error(f"{key}_FILE", f"无法读取 {file}", f"cannot read {file}") from None

    def matching(self, name: str, pattern: str, wanted: tuple[str, str]) -> str:
        value = self.text(name)
        if value and not re.fullmatch(pattern, value):
            raise _error(PREFIX + name, f"应为 {wanted[0]}", f"give {wanted[1]}")
        return value

    def number(
        self, name: str, default: float, low: float, high: float, *, whole: bool = False
    ) -> float:
        value = self.text(name)
        if not value:
            return default
        wanted = f"{low:g} – {high:g}"
        try:
            found = float(value)
        except ValueError:
            found = float("nan")
        if not low <= found <= high or (whole and not found.is_integer()):
            raise _error(
                PREFIX + name, f"应为 {wanted} 之间的数", f"give a number from {wanted}"
            )
        return found

    def time(self, name: str) -> datetime | None:
        """A UTC time in whole seconds, with a Z."""
        value = self.text(name)
        try:
            return datetime.strptime(value, _MOMENT).replace(tzinfo=UTC) if value else None
        except ValueError:
            raise _error(
                PREFIX + name,
                "请填写 UTC 时间，例如 2026-11-22T12:00:00Z",
                "give a UTC time such as 2026-11-22T12:00:00Z",
            ) from None

    def one_of(self, name: str, words: tuple[str, ...]) -> str:
        zh, en = "、".join(words), ", ".join(words)
        return self.matching(name, "|".join(words), (f"其一：{zh}", f"one of {en}"))

    def flag(self, name: str) -> bool:
        return self.matching(name, "on|off", ("on 或 off", "on or off")) == "on"

    def explorers(self, name: str) -> tuple[Explorer, ...]:
        value = self.text(name)
        if value == "off":
            return ()
        return parse_explorers(value) if value else DEFAULT

    def origins(self, name: str) -> tuple[str, ...]:
        """Origins for a content security policy; `self` stands for the service's own."""
        found = re.findall(r"[^,\s]+", self.text(name))
        if any(origin != "self" and not _ORIGIN.fullmatch(origin) for origin in found):
            raise _error(
                PREFIX + name,
                "请填写来源（https:// 加主机名，不带路径），以逗号分隔；本服务自身写 self",
                "give origins such as https://helpdesk.example, separated by commas and without "
                "a path; self for the service's own",
            )
        return tuple("'self'" if origin == "self" else origin for origin in found)

    def path(self, name: str, *, directory: bool) -> Path | None:
        value = self.text(name)
        if not value:
            return None
        path = Path(value)
        if not (path.is_dir() if directory else path.is_file()):
            kind = ("目录", "directory") if directory else ("文件", "file")
            raise _error(
                PREFIX + name, f"没有这个{kind[0]}：{value}", f"there is no {kind[1]} {value}"
            )
        return path


def _error(name: str, zh: str, en: str) -> BadSetting:
    return BadSetting(Text.literal(f"{name}：{zh}。", f"{name}: {en}."))
