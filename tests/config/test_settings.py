"""Settings come from the environment they are handed, and from nowhere else."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from diag.config.explorers import DEFAULT, Explorer
from diag.config.networks import NETWORKS
from diag.config.settings import MAX_DEADLINE, Settings, read_settings, review
from diag.errors import BadSetting

ROOT = Path(__file__).parents[2]
LEDGER = Path(__file__).parents[1] / "data" / "ledger"
REGISTER = LEDGER / "gateways.json"
HAN = re.compile("[\u4e00-\u9fff]")
CHAIN = "ea224991adb56cbc418635bbf0df505508db5f4f9143806cafd2c7a1020babfd"
NAMES = [field.name for field in fields(Settings)]

DEFAULTS: dict[str, Any] = {
    "nodes": (),
    "elasticsearch": None,
    "ledger": None,
    "gateways": None,
    "chain_id": None,
    "clock": None,
    "deadline": 8.0,
    "memo_keys_file": None,
    "gateway_lists": False,
    "cases": False,
    "database": None,
    "queue": None,
    "retention": 90,
    "channels": None,
    "explorers": DEFAULT,
    "notices": None,
    "phrases": None,
    "api_keys": None,
    "rate_limit": None,
    "rate_store": None,
    "proxies": 0,
    "hsts": False,
    "frame_ancestors": ("'none'",),
    "security_contact": (),
    "security_policy": None,
    "security_expires": None,
    "lang": "zh",
    "log": "json",
    "log_level": "info",
    "host": "127.0.0.1",
    "port": 8000,
    "threads": 32,
    "connections": 1000,
    "connection_timeout": 30.0,
    "ahead": 120.0,
    "drain": 0.0,
}

GIVEN = [
    pytest.param("nodes", "https://one.example/ws", ("https://one.example/ws",), id="one node"),
    pytest.param(
        "nodes",
        "http://a.example,http://b.example",
        ("http://a.example", "http://b.example"),
        id="two nodes with a comma",
    ),
    pytest.param(
        "nodes",
        "http://a.example http://b.example",
        ("http://a.example", "http://b.example"),
        id="two nodes with a space",
    ),
    pytest.param(
        "nodes",
        " http://a.example , \n http://b.example ",
        ("http://a.example", "http://b.example"),
        id="nodes with much space",
    ),
    pytest.param(
        "nodes", "http://a.example,", ("http://a.example",), id="a comma after the node"
    ),
    pytest.param(
        "nodes", ",http://a.example", ("http://a.example",), id="a comma before the node"
    ),
    pytest.param("nodes", " , ", (), id="commas only"),
    pytest.param(
        "elasticsearch",
        " https://es.example/bitshares-*\n",
        "https://es.example/bitshares-*",
        id="an index",
    ),
    pytest.param("ledger", str(LEDGER), LEDGER, id="a ledger"),
    pytest.param("gateways", str(REGISTER), REGISTER, id="a register"),
    pytest.param("chain_id", CHAIN, CHAIN, id="a chain"),
    pytest.param(
        "clock",
        "2026-11-22T12:00:00Z",
        datetime(2026, 11, 22, 12, tzinfo=UTC),
        id="a clock",
    ),
    pytest.param("deadline", "2.5", 2.5, id="a deadline"),
    pytest.param("deadline", "0.1", 0.1, id="the shortest deadline"),
    pytest.param("deadline", "60", MAX_DEADLINE, id="the longest deadline"),
    pytest.param("memo_keys_file", str(REGISTER), REGISTER, id="a file of keys"),
    pytest.param("gateway_lists", "on", True, id="lists on"),
    pytest.param("gateway_lists", " off\n", False, id="lists off"),
    pytest.param(
        "explorers",
        '[{"name": "mine", "block": "https://e.example/{block}"}]',
        (Explorer("mine", block="https://e.example/{block}"),),
        id="an explorer of one's own",
    ),
    pytest.param("explorers", "off", (), id="no explorers"),
    pytest.param("notices", str(REGISTER), REGISTER, id="a file of notices"),
    pytest.param("phrases", str(REGISTER), REGISTER, id="a file of phrases"),
    pytest.param("api_keys", str(REGISTER), REGISTER, id="a file of API keys"),
    pytest.param("rate_limit", "600/minute", "600/minute", id="a limit"),
    pytest.param("rate_store", "redis://r.example", "redis://r.example", id="a store"),
    pytest.param("cases", "on", True, id="cases kept"),
    pytest.param("database", "sqlite:////c.db", "sqlite:////c.db", id="a database"),
    pytest.param("queue", "redis://r.example", "redis://r.example", id="a queue"),
    pytest.param("retention", "30", 30, id="a month"),
    pytest.param("channels", str(REGISTER), REGISTER, id="a file of channels"),
    pytest.param("proxies", "2", 2, id="two proxies"),
    pytest.param("hsts", "on", True, id="HSTS"),
    pytest.param(
        "frame_ancestors",
        "self, https://helpdesk.example:8443 https://*.desk.example",
        ("'self'", "https://helpdesk.example:8443", "https://*.desk.example"),
        id="origins that may frame the panel",
    ),
    pytest.param(
        "security_contact",
        "mailto:security@diag.example, https://diag.example/report",
        ("mailto:security@diag.example", "https://diag.example/report"),
        id="two contacts",
    ),
    pytest.param(
        "security_policy",
        "https://diag.example/security",
        "https://diag.example/security",
        id="a policy",
    ),
    pytest.param(
        "security_expires",
        "2027-06-30T00:00:00Z",
        datetime(2027, 6, 30, tzinfo=UTC),
        id="until when the contact is good",
    ),
    pytest.param("lang", "en", "en", id="English"),
    pytest.param("lang", " zh\n", "zh", id="space around the language"),
    pytest.param("log", "text", "text", id="log as text"),
    pytest.param("log_level", "debug", "debug", id="log everything"),
    pytest.param("host", "0.0.0.0", "0.0.0.0", id="every address"),
    pytest.param("host", "::1", "::1", id="an IPv6 address"),
    pytest.param("port", "80", 80, id="a low port"),
    pytest.param("threads", "8", 8, id="few threads"),
    pytest.param("connections", "8", 8, id="few connections"),
    pytest.param("connection_timeout", "2.5", 2.5, id="little patience"),
    pytest.param("drain", "5", 5.0, id="time to drain"),
    pytest.param("ahead", "0", 0.0, id="nothing ahead of questions"),
    pytest.param("port", "65535", 65535, id="the highest port"),
]


def variable(name: str) -> str:
    return f"DIAG_{name.upper()}"


def complaint(environ: dict[str, str]) -> tuple[str, str]:
    """The message in Chinese and in English, each in its language."""
    with pytest.raises(BadSetting) as caught:
        read_settings(environ)
    zh, en = caught.value.text.say("zh"), caught.value.text.say("en")
    assert HAN.search(zh)
    assert not HAN.search(en)
    return zh, en


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings() == Settings(**DEFAULTS)
    assert list(DEFAULTS) == NAMES


def test_every_setting_is_covered_by_the_table_below() -> None:
    assert {given.values[0] for given in GIVEN} == set(NAMES)


@pytest.mark.parametrize(("name", "text", "value"), GIVEN)
def test_a_variable_is_read(name: str, text: str, value: Any) -> None:
    settings = read_settings({variable(name): text})
    assert getattr(settings, name) == value
    assert type(getattr(settings, name)) is type(value)
    others = {n: getattr(settings, n) for n in NAMES if n != name}
    assert others == {n: v for n, v in DEFAULTS.items() if n != name}


@pytest.mark.parametrize(("name", "text", "value"), GIVEN)
def test_a_variable_is_read_from_a_file(
    tmp_path: Path, name: str, text: str, value: Any
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{text}\n", encoding="utf-8")
    assert getattr(read_settings({f"{variable(name)}_FILE": str(file)}), name) == value


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_variable_counts_as_not_set(name: str) -> None:
    assert read_settings({variable(name): "", f"{variable(name)}_FILE": ""}) == Settings()
    assert read_settings({variable(name): "  "}) == Settings()


@pytest.mark.parametrize("name", NAMES)
def test_a_variable_and_its_file_at_once_are_refused(tmp_path: Path, name: str) -> None:
    text = next(str(given.values[1]) for given in GIVEN if given.values[0] == name)
    file = tmp_path / "secret"
    file.write_text(text, encoding="utf-8")
    key = variable(name)
    zh, en = complaint({key: text, f"{key}_FILE": str(file)})
    assert key in zh and f"{key}_FILE" in zh and "只能" in zh
    assert key in en and f"{key}_FILE" in en and "not both" in en


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["missing", "directory", "not text"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, kind: str) -> None:
    file = tmp_path / "secret"
    if kind == "directory":
        file.mkdir()
    if kind == "not text":
        file.write_bytes(b"\xff\xfe\x00")
    zh, en = complaint({f"{variable(name)}_FILE": str(file)})
    assert f"{variable(name)}_FILE" in zh and str(file) in zh
    assert f"{variable(name)}_FILE" in en and str(file) in en


WRONG = [
    # variable, value, words in zh and en
    ("LEDGER", "/no/such/place", "没有这个目录", "no directory /no/such/place"),
    ("LEDGER", str(REGISTER), "没有这个目录", "no directory"),
    ("GATEWAYS", "/no/such/file.toml", "没有这个文件", "no file /no/such/file.toml"),
    ("GATEWAYS", str(LEDGER), "没有这个文件", "no file"),
    ("NODES", "mainnet, testnet", "一条链", "one network"),
    ("CHAIN_ID", "4018d7844c78f6a6", "64", "64 hexadecimal digits"),
    ("CHAIN_ID", CHAIN.upper(), "64", "64 hexadecimal digits"),
    ("CHAIN_ID", f"0x{CHAIN[2:]}", "64", "64 hexadecimal digits"),
    ("CLOCK", "2026-11-22", "UTC 时间", "a UTC time"),
    ("CLOCK", "2026-11-22T12:00:00", "UTC 时间", "a UTC time"),
    ("CLOCK", "2026-11-22T12:00:00+08:00", "UTC 时间", "a UTC time"),
    ("CLOCK", "node", "UTC 时间", "a UTC time"),
    ("DEADLINE", "0", "0.1", "0.1"),
    ("DEADLINE", "-1", "0.1", "number from"),
    ("DEADLINE", "61", "60", "60"),
    ("DEADLINE", "8s", "之间的数", "number from"),
    ("DEADLINE", "nan", "之间的数", "number from"),
    ("DEADLINE", "inf", "之间的数", "number from"),
    ("MEMO_KEYS_FILE", "/no/such/keys", "没有这个文件", "no file /no/such/keys"),
    ("MEMO_KEYS_FILE", str(LEDGER), "没有这个文件", "no file"),
    ("GATEWAY_LISTS", "yes", "on 或 off", "on or off"),
    ("GATEWAY_LISTS", "1", "on 或 off", "on or off"),
    ("GATEWAY_LISTS", "true", "on 或 off", "on or off"),
    ("GATEWAY_LISTS", "ON", "on 或 off", "on or off"),
    ("GATEWAY_LISTS", "on,off", "on 或 off", "on or off"),
    ("NOTICES", "/no/such/notices.toml", "没有这个文件", "no file /no/such/notices.toml"),
    ("NOTICES", str(LEDGER), "没有这个文件", "no file"),
    ("API_KEYS", "/no/such/keys.toml", "没有这个文件", "no file /no/such/keys.toml"),
    ("RATE_LIMIT", "600", "限额", "such as 600/minute"),
    ("RATE_LIMIT", "0/minute", "限额", "such as 600/minute"),
    ("RATE_LIMIT", "600/minutes", "限额", "such as 600/minute"),
    ("RATE_STORE", "https://r.example", "地址", "such as redis://"),
    ("CASES", "yes", "on 或 off", "on or off"),
    ("DATABASE", "mysql://db.example/x", "sqlite:/// 加文件路径", "sqlite:///PATH"),
    ("DATABASE", "cases.db", "sqlite:/// 加文件路径", "sqlite:///PATH"),
    ("QUEUE", "https://r.example", "redis:// 地址", "such as redis://"),
    ("RETENTION", "0", "之间的数", "number from 1"),
    ("RETENTION", "1.5", "之间的数", "number from 1"),
    ("PROXIES", "9", "8", "0 – 8"),
    ("PROXIES", "1.5", "8", "0 – 8"),
    ("EXPLORERS", "on", "JSON", "JSON list"),
    ("EXPLORERS", "{}", "JSON", "list of objects"),
    ("FRAME_ANCESTORS", "helpdesk.example", "来源", "origins such as https://"),
    ("FRAME_ANCESTORS", "https://helpdesk.example/app", "不带路径", "without a path"),
    ("FRAME_ANCESTORS", "https://a.example; script-src *", "来源", "origins such as"),
    ("FRAME_ANCESTORS", "*", "来源", "origins such as"),
    ("FRAME_ANCESTORS", "'self'", "self", "self for"),
    ("SECURITY_CONTACT", "security@diag.example", "mailto:", "mailto:, https:// or tel:"),
    ("SECURITY_CONTACT", "http://diag.example", "https://", "mailto:, https:// or tel:"),
    ("SECURITY_CONTACT", "mailto:a@b.example, me", "逗号", "separated by commas"),
    ("SECURITY_CONTACT", "mailto:\u0430@b.example", "mailto:", "mailto:, https:// or tel:"),
    ("SECURITY_POLICY", "http://diag.example", "https://", "an https:// address"),
    ("SECURITY_POLICY", "https://diag.example/a b", "https://", "an https:// address"),
    ("SECURITY_EXPIRES", "2027-06-30", "UTC 时间", "a UTC time"),
    ("LANG", "fr", "zh", "zh or en"),
    ("LANG", "EN", "zh", "zh or en"),
    ("LANG", "zh_CN.UTF-8", "zh", "zh or en"),
    ("LOG", "xml", "json、text", "json, text"),
    ("LOG_LEVEL", "INFO", "info", "one of debug, info"),
    ("HSTS", "1", "on 或 off", "on or off"),
    ("THREADS", "0", "256", "256"),
    ("DRAIN", "61", "60", "60"),
    ("PORT", "0", "65535", "65535"),
    ("PORT", "65536", "65535", "65535"),
    ("PORT", "http", "65535", "65535"),
    ("PORT", "8000.5", "65535", "65535"),
    ("PORT", "nan", "65535", "65535"),
]


@pytest.mark.parametrize(("name", "value", "zh", "en"), WRONG)
def test_a_wrong_value_is_named_with_its_remedy(
    name: str, value: str, zh: str, en: str
) -> None:
    said_zh, said_en = complaint({f"DIAG_{name}": value})
    assert f"DIAG_{name}" in said_zh and zh in said_zh
    assert f"DIAG_{name}" in said_en and en in said_en


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, v, _, _ in WRONG])
def test_no_english_stands_in_a_chinese_message(name: str, value: str) -> None:
    zh, _ = complaint({f"DIAG_{name}": value})
    words = zh.replace(f"DIAG_{name}", "").replace(value, "")
    assert not re.search(
        r"\b(?!zh\b|en\b|on\b|off\b|JSON\b|UTC\b|https\b|mailto\b|tel\b|self\b|minute\b|redis\b|sqlite\b|postgresql\b|json\b|text\b|debug\b|info\b|warning\b|error\b)[A-Za-z]{2,}",
        words,
    )


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, v, _, _ in WRONG])
def test_a_review_goes_on_after_what_is_wrong(name: str, value: str) -> None:
    """The rest is read as it stands, and the default takes the place of what is wrong."""
    beside = "DIAG_HOST" if name != "HOST" else "DIAG_PORT"
    found = review({f"DIAG_{name}": value, beside: "::1", "DIAG_NODE": "x", "PATH": "y"})
    assert list(found.wrong) == [f"DIAG_{name}"] and found.unknown == ("DIAG_NODE",)
    assert found.settings == replace(Settings(), host="::1")
    assert found.given == tuple(sorted([f"DIAG_{name}", beside, "DIAG_NODE"]))


NAMED = [
    # what DIAG_NODES says, the first node, how many nodes, the chain
    ("mainnet", "wss://dex.iobanker.com/ws", 14, "4018d7844c78f6a6c41c6a552b898022310fc5dec06da467ee7905a8dad512c8"),
    ("testnet", "wss://eu.nodes.testnet.bitshares.ws", 7, "39f5e2ede1f8bc1a3a54a7914414e3779e33193f1f5693510e73cb7a87617447"),
    ("http://mine.example, mainnet", "http://mine.example", 15, "4018d7844c78f6a6c41c6a552b898022310fc5dec06da467ee7905a8dad512c8"),
    ("mainnet wss://bts.mypi.win", "wss://dex.iobanker.com/ws", 14, "4018d7844c78f6a6c41c6a552b898022310fc5dec06da467ee7905a8dad512c8"),
    ("http://mainnet", "http://mainnet", 1, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "first", "count", "chain"), NAMED)
def test_the_name_of_a_network_stands_for_its_public_nodes(text, first, count, chain):
    found = read_settings({"DIAG_NODES": text})

    assert (found.nodes[0], len(found.nodes), found.chain_id) == (first, count, chain)


def test_a_network_and_another_chain_are_refused():
    zh, en = complaint({"DIAG_NODES": "mainnet", "DIAG_CHAIN_ID": CHAIN})
    same = {"DIAG_NODES": "testnet", "DIAG_CHAIN_ID": NETWORKS["testnet"].chain_id}

    assert "DIAG_CHAIN_ID" in zh and "DIAG_CHAIN_ID" in en and "network named" in en
    assert read_settings(same).chain_id == NETWORKS["testnet"].chain_id


def test_a_review_names_everything_that_is_wrong(tmp_path: Path) -> None:
    nodes = tmp_path / "nodes"
    nodes.write_text("wss://a.example", encoding="utf-8")
    every = {f"DIAG_{name}": value for name, value, _, _ in WRONG if name != "NODES"}
    twice = {"DIAG_HOST": "a", "DIAG_HOST_FILE": str(nodes)}
    found = review({**every, **twice, "DIAG_NODES_FILE": str(nodes), "DIAG_MEMO_KEYS": "k"})
    assert set(found.wrong) == {*every, "DIAG_HOST"}
    assert found.settings == replace(Settings(), nodes=("wss://a.example",))
    assert found.files == {"DIAG_HOST_FILE": nodes, "DIAG_NODES_FILE": nodes}
    assert found.unknown == ("DIAG_MEMO_KEYS",)


def test_a_review_of_what_is_right_is_what_is_read() -> None:
    given = {"DIAG_PORT": "80", "DIAG_NODES": "ws://a", "DIAG_LANG": "", "DIAG_X": ""}
    found = review(given)
    assert found.settings == read_settings(given) and not found.wrong and not found.unknown
    assert found.given == ("DIAG_NODES", "DIAG_PORT")


def test_the_file_of_memo_keys_is_named_and_never_read_here(tmp_path: Path) -> None:
    """The path alone is a setting: no key stands in the settings, nor in the environment."""
    file = tmp_path / "keys"
    file.write_text("what is written here is nobody's business", encoding="utf-8")
    settings = read_settings({"DIAG_MEMO_KEYS_FILE": str(file)})
    assert settings.memo_keys_file == file
    assert "business" not in repr(settings)
    assert read_settings({"DIAG_MEMO_KEYS": "a key"}) == Settings()


def test_braces_in_a_value_stay_braces() -> None:
    _, en = complaint({"DIAG_LEDGER": "/no/{place}"})
    assert "/no/{place}" in en


def test_other_variables_do_not_matter() -> None:
    assert (
        read_settings({"LANG": "de_DE", "PORT": "1", "NODES": "x", "HOME": "/root"})
        == Settings()
    )


def test_only_what_is_handed_over_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIAG_PORT", "9")
    assert read_settings({}) == Settings()


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_explained(name: str) -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    heads = [line for line in page.splitlines() if line.startswith("- `DIAG_")]
    assert any(f"`{variable(name)}`" in head for head in heads)


def test_no_setting_is_explained_that_does_not_exist() -> None:
    pages = [ROOT / "README.md", ROOT / "docs" / "settings.md"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    named = set(re.findall(r"\bDIAG_([A-Z]+(?:_[A-Z]+)*)\b", text))
    known = {name.upper() for name in NAMES}
    assert {name if name in known else name.removesuffix("_FILE") for name in named} <= known
