"""The only reader of the environment: DIAG_* variables, each also as a file by DIAG_*_FILE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from diag.config.explorers import DEFAULT, Explorer, explorers_in
from diag.errors import BadSetting
from diag.i18n import LANGUAGES, Text
from diag.telemetry.logging import FORMS, LEVELS

PREFIX = "DIAG_"
LONGEST_DEADLINE = 60.0
LONGEST_AHEAD = 86_400.0
LONGEST_CONNECTION = 3600.0
MOST_CONNECTIONS = 100_000
_ORIGIN = re.compile(
    r"https?://(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?"
)
_RATE = r"[1-9][0-9]{0,4}/(second|minute|hour|day)"
_LANG_FORM = ("zh 或 en", "zh or en")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decides. The comments are the table in the README."""

    nodes: tuple[str, ...] = ()
    """URLs of BitShares API nodes, separated by commas or spaces, best first (http, https,
    ws, wss)."""
    elasticsearch: str | None = None
    """URL of the index that a node's elasticsearch plugin writes, for history that nodes dropped."""
    ledger: Path | None = None
    """A recorded chain to answer from instead; the embedded one where no node is named."""
    gateways: Path | None = None
    """Gateway register (.toml or .json) to use instead of the ledger's or the built-in one."""
    chain_id: str | None = None
    """The chain that nodes must serve (64 hex digits); the register's where it names one."""
    deadline: float = 8.0
    """Seconds that one diagnosis may take, whatever the nodes do."""
    memo_keys_file: Path | None = None
    """File with the memo keys of gateways one operates, to read their memos; one WIF a line."""
    gateway_lists: bool = False
    """Ask gateways for their own coin lists (minimum, fee, availability)."""
    explorers: tuple[Explorer, ...] = DEFAULT
    """Block explorers to link evidence to, as a JSON list; off: none."""
    notices: Path | None = None
    """The operator's notices (.toml or .json), read again whenever they change."""
    api_keys: Path | None = None
    """File of API keys (.toml or .json), read again whenever it changes; open without it."""
    rate_limit: str | None = None
    """How often one key (or address, without keys) may ask, such as 600/minute; no limit."""
    rate_store: str | None = None
    """Redis (redis:// or rediss://) in which replicas count together; else each for itself."""
    proxies: int = 0
    """Trusted proxies in front, whose X-Forwarded-For and -Proto count."""
    hsts: bool = False
    """Tell browsers that came by HTTPS to come so for a year (behind a proxy that ends TLS)."""
    frame_ancestors: tuple[str, ...] = ("'none'",)
    """Origins of the helpdesks that may show the panel in a frame; nobody by default."""
    lang: str = "zh"
    """Language of texts where a request names none: zh or en."""
    log: str = "json"
    """How `diag serve` logs: json, a line per event, or text."""
    log_level: str = "info"
    """What it logs: debug, info (a line per request), warning or error."""
    host: str = "127.0.0.1"
    """Address that `diag serve` listens on."""
    port: int = 8000
    """Port that `diag serve` listens on."""
    threads: int = 32
    """Requests that `diag serve` answers side by side."""
    connections: int = 1000
    """Connections that `diag serve` holds at once; when full, those that wait longest are closed."""
    connection_timeout: float = 30.0
    """Seconds after which a connection that is idle or too slow is closed."""
    ahead: float = 120.0
    """Seconds after a question for which the head of the chain is asked for once a block: the next
    question then costs a round trip less over HTTP. 0: never."""
    drain: float = 0.0
    """Seconds between being told to stop and taking no more requests, in which /readyz says 503."""


def read(environ: Mapping[str, str]) -> Settings:
    """The settings in an environment; a wrong one raises BadSetting, naming it and the remedy."""
    given = _Given(environ)
    defaults = Settings()
    return Settings(
        nodes=tuple(re.findall(r"[^,\s]+", given.text("NODES"))),
        elasticsearch=given.text("ELASTICSEARCH") or None,
        ledger=given.path("LEDGER", directory=True),
        gateways=given.path("GATEWAYS", directory=False),
        memo_keys_file=given.path("MEMO_KEYS_FILE", directory=False),
        gateway_lists=given.choice("GATEWAY_LISTS"),
        chain_id=given.form(
            "CHAIN_ID", r"[0-9a-f]{64}", ("64 位小写十六进制数字", "64 hexadecimal digits")
        )
        or None,
        deadline=given.number("DEADLINE", defaults.deadline, 0.1, LONGEST_DEADLINE),
        explorers=given.explorers("EXPLORERS"),
        notices=given.path("NOTICES", directory=False),
        api_keys=given.path("API_KEYS", directory=False),
        rate_limit=given.form(
            "RATE_LIMIT", _RATE, ("600/minute 这样的限额", "a limit such as 600/minute")
        )
        or None,
        rate_store=given.form(
            "RATE_STORE",
            r"rediss?://\S+",
            ("redis:// 地址", "an address such as redis://host:6379"),
        )
        or None,
        proxies=int(given.number("PROXIES", defaults.proxies, 0, 8, whole=True)),
        hsts=given.choice("HSTS"),
        frame_ancestors=given.origins("FRAME_ANCESTORS") or defaults.frame_ancestors,
        lang=given.form("LANG", "|".join(LANGUAGES), _LANG_FORM) or defaults.lang,
        log=given.one_of("LOG", FORMS) or defaults.log,
        log_level=given.one_of("LOG_LEVEL", LEVELS) or defaults.log_level,
        host=given.text("HOST") or defaults.host,
        port=int(given.number("PORT", defaults.port, 1, 65535, whole=True)),
        threads=int(given.number("THREADS", defaults.threads, 1, 256, whole=True)),
        connections=int(
            given.number("CONNECTIONS", defaults.connections, 8, MOST_CONNECTIONS, whole=True)
        ),
        connection_timeout=given.number(
            "CONNECTION_TIMEOUT", defaults.connection_timeout, 1, LONGEST_CONNECTION
        ),
        ahead=given.number("AHEAD", defaults.ahead, 0, LONGEST_AHEAD),
        drain=given.number("DRAIN", defaults.drain, 0, LONGEST_DEADLINE),
    )


def language(environ: Mapping[str, str]) -> str:
    """The language of the settings, also where another of them is wrong."""
    try:
        return _Given(environ).form("LANG", "|".join(LANGUAGES), _LANG_FORM) or Settings().lang
    except BadSetting:
        return Settings().lang


@dataclass(frozen=True, slots=True)
class Review:
    """An environment looked at as a whole: `read` stops at the first mistake, this names them all."""

    settings: Settings
    """With the default in place of what is wrong."""
    given: tuple[str, ...] = ()
    """The DIAG_* variables that are set."""
    unknown: tuple[str, ...] = ()
    """Those of them that mean nothing."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """The files that stand for a value, by their variable."""
    wrong: Mapping[str, BadSetting] = field(default_factory=dict)


def review(environ: Mapping[str, str]) -> Review:
    """All settings of an environment, each read by itself; raises nothing."""
    known = frozenset(PREFIX + setting.name.upper() for setting in fields(Settings))
    given = {n: v for n, v in environ.items() if n.startswith(PREFIX) and v}
    bases = {n: n if n in known else n.removesuffix("_FILE") for n in given}
    unknown = tuple(sorted(n for n, base in bases.items() if base not in known))
    right: dict[str, str] = {}
    wrong = {}
    for base in sorted(known & set(bases.values())):
        one = {name: value for name, value in given.items() if bases[name] == base}
        try:
            read(one)
            right |= one
        except BadSetting as error:
            wrong[base] = error
    files = {n: Path(v) for n, v in given.items() if bases[n] in known and bases[n] != n}
    return Review(read(right), tuple(sorted(given)), unknown, files, wrong)


class _Given:
    """One environment, read with manners."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str:
        """The value, or that of the file named by NAME_FILE; empty where neither is set."""
        key = PREFIX + name
        file = self._environ.get(key + "_FILE")
        if file and self._environ.get(key):
            raise _bad(
                key, f"与 {key}_FILE 只能设置一个", f"set either it or {key}_FILE, not both"
            )
        if not file:
            return self._environ.get(key, "").strip()
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise _bad(f"{key}_FILE", f"无法读取 {file}", f"cannot read {file}") from None

    def form(self, name: str, pattern: str, wanted: tuple[str, str]) -> str:
        value = self.text(name)
        if value and not re.fullmatch(pattern, value):
            raise _bad(PREFIX + name, f"应为 {wanted[0]}", f"give {wanted[1]}")
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
            raise _bad(PREFIX + name, f"应为 {wanted} 之间的数", f"give a number from {wanted}")
        return found

    def one_of(self, name: str, words: tuple[str, ...]) -> str:
        zh, en = "、".join(words), ", ".join(words)
        return self.form(name, "|".join(words), (f"其一：{zh}", f"one of {en}"))

    def choice(self, name: str) -> bool:
        return self.form(name, "on|off", ("on 或 off", "on or off")) == "on"

    def explorers(self, name: str) -> tuple[Explorer, ...]:
        value = self.text(name)
        if value == "off":
            return ()
        return explorers_in(value) if value else DEFAULT

    def origins(self, name: str) -> tuple[str, ...]:
        """Origins as a content security policy names them; `self` is the service's own."""
        found = re.findall(r"[^,\s]+", self.text(name))
        if any(origin != "self" and not _ORIGIN.fullmatch(origin) for origin in found):
            raise _bad(
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
            raise _bad(
                PREFIX + name, f"没有这个{kind[0]}：{value}", f"there is no {kind[1]} {value}"
            )
        return path


def _bad(name: str, zh: str, en: str) -> BadSetting:
    return BadSetting(Text.literal(f"{name}：{zh}。", f"{name}: {en}."))
