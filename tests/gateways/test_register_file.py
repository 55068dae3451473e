"""The gateway register loads dated facts, answers by time, and explains every mistake."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from diag.config.file_reader import line_of
from diag.domain.gateway import Api, Family, Role, Status
from diag.domain.gateway_register import empty
from diag.domain.period import Period
from diag.domain.settlement import Settlement
from diag.errors import BadSetting
from diag.gateways.register_file import GatewaySchema, builtin, load, of_ledger


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- a file in the plain shape ----------------------------------------------------------

PLAIN = {
    "note": "two gateways with made-up names",
    "gateways": [
        {
            "key": "MAPLE",
            "prefix": "MAPLE",
            "withdrawal_account": "maple-wallet",
            "issuer_account": "maple-issuer",
            "settlement": "burn_batch",
            "batch_every_s": 1800,
            "usual_time_s": 3600,
            "overdue_after_s": 10800,
            "memo": "{coin lower-case}:{address}[:{tag}]",
            "lifecycle": [
                {"from": "2024-01-01T08:00:00+08:00", "status": "live"},
                {"from": "2024-06-01T00:00:00Z", "status": "closed", "note": "shut down"},
            ],
            "coins": [
                {
                    "coin": "BTC",
                    "asset": "MAPLE.BTC",
                    "minimum": "0.001",
                    "withdrawal_fee": "0.0003",
                }
            ],
        },
        {
            "key": "BIRCH",
            "prefix": "BIRCH",
            "withdrawal_account": "birch-gate",
            "issuer_account": "birch-gate",
            "settlement": "none",
            "batch_every_s": None,
            "usual_time_s": 900,
            "overdue_after_s": 3600,
            "memo": "{coin lower-case}:{address}",
            "lifecycle": [],
            "coins": [],
        },
    ],
}


@pytest.fixture
def write(tmp_path):
    def write(content, name="gateways.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            content if isinstance(content, str) else json.dumps(content), encoding="utf-8"
        )
        return path

    return write


def test_plain_file_loads_unchanged(write):
    register = load(write(PLAIN, "gateways.json"))
    maple, birch = register.gateways

    assert (maple.key, maple.name, maple.prefixes) == ("MAPLE", "MAPLE", ("MAPLE",))
    assert maple.settlement is Settlement.BURN_BATCH
    assert maple.batch_every == timedelta(minutes=30)
    assert (maple.usual, maple.overdue) == (timedelta(hours=1), timedelta(hours=3))
    assert (birch.batch_every, birch.escalate, birch.as_of) == (None, None, None)
    assert maple.memo == "{coin lower-case}:{address}[:{tag}]"
    assert maple.account_names == {"maple-wallet", "maple-issuer"}
    assert birch.withdrawal_accounts(day("2024-02-01")) == {"birch-gate"}
    assert register.account_names == ("birch-gate", "maple-issuer", "maple-wallet")
    assert (register.chain_id, register.source) == (None, "gateways.json")


def test_times_are_utc(write):
    (live, closed) = load(write(PLAIN, "gateways.json")).gateways[0].lifecycle

    assert live.period == Period(day("2024-01-01"), day("2024-06-01"))
    assert closed.period == Period(day("2024-06-01"), None)
    assert closed.note.say("zh") == "shut down"


def test_same_facts_have_the_same_digest(write):
    one = load(write(PLAIN, "gateways.json"))
    moved = load(write(PLAIN, "elsewhere/other.json"))
    changed = json.loads(json.dumps(PLAIN))
    changed["gateways"][0]["coins"][0]["minimum"] = "0.002"

    assert one.digest == moved.digest
    assert one.digest != load(write(changed, "gateways.json")).digest
    assert re.fullmatch("[0-9a-f]{12}", one.digest)


@pytest.mark.parametrize(
    ("present", "found"),
    [
        pytest.param(["chain/gateways.json"], "chain/gateways.json", id="beside the ledger"),
        pytest.param(
            ["chain/gateways.json", "chain/gateways.toml"],
            "chain/gateways.toml",
            id="toml before json",
        ),
        pytest.param(["gateways.json"], "gateways.json", id="one directory above"),
        pytest.param(
            ["chain/gateways.json", "gateways.toml"], "chain/gateways.json", id="near first"
        ),
        pytest.param([], None, id="nowhere"),
    ],
)
def test_register_of_a_ledger(write, tmp_path, present, found):
    (tmp_path / "chain").mkdir()
    for name in present:
        write(f'chain_id = "{"0" * 64}"\ngateways = []' if "toml" in name else PLAIN, name)

    register = of_ledger(tmp_path / "chain")

    assert (register and register.source) == (found and Path(found).name)
    assert (register and register.chain_id) == ("0" * 64 if found and "toml" in found else None)


def test_empty_register_knows_nobody():
    assert empty().by_account("maple-wallet") is None
    assert empty().by_asset("MAPLE.BTC") is None
    assert empty().account_names == ()


# --- the full shape ---------------------------------------------------------------------

DATED = """
schema = "1"

[[gateways]]
key = "MAPLE"
name = "Maple Exchange"
prefix = "MAPLE"
prefixes = ["MPL", "MAPLE"]
escalate_after_s = 86400
deposits = "issue"
support = ["https://maple.example"]
as_of = 2024-05-01
source = "announcement"
notes = { zh = "说明。", en = "A note." }
accounts = [
  { name = "maple-old", role = "withdrawal", until = 2024-03-01 },
  { name = "maple-new", id = "1.2.7", role = "withdrawal", from = 2024-03-01, source = "post" },
  { id = "1.2.78", role = "issuer" },
  { name = "maple-lost", role = "retired" },
]
coins = [
  { coin = "BTC", asset = "MAPLE.BTC", withdrawal_account = "maple-btc", memo = "b:{address}" },
  { coin = "ETH", asset = "MAPLE.ETH", minimum = 2, terms = [
    { until = 2024-02-01, minimum = "1", withdrawal_fee = "0.1" },
    { from = 2024-02-01, minimum = "3", source = "letter" },
  ] },
  { coin = "BTS", asset = "BTS", own = false },
]
[[gateways.lifecycle]]
from = 2024-04-01
until = 2024-05-01
status = "maintenance"
note = { zh = "维护。", en = "Maintenance." }
[[gateways.lifecycle]]
from = 2024-01-01
status = "live"
source = "letter"
[[gateways.lifecycle]]
from = 2024-06-01
status = "closed"

[[gateways]]
key = "BIRCH"
prefix = "BIRCH"
accounts = [{ name = "maple-old", role = "withdrawal", from = 2024-03-01 }]
"""


@pytest.fixture
def maple(write):
    return load(write(DATED)).by_key("MAPLE")


@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("2023-12-31", None),
        ("2024-01-01", Status.LIVE),
        ("2024-03-31T23:59:59", Status.LIVE),
        ("2024-04-01", Status.MAINTENANCE),
        ("2024-05-01", None),
        ("2024-06-01", Status.CLOSED),
        ("2034-06-01", Status.CLOSED),
    ],
)
def test_status_over_time(maple, at, status):
    stage = maple.status_at(day(at))

    assert (stage and stage.status) == status


@pytest.mark.parametrize(
    ("at", "asset", "accounts"),
    [
        ("2024-02-29", None, {"maple-old", "maple-btc"}),
        ("2024-03-01", None, {"maple-new", "maple-btc"}),
        ("2024-03-01", "MAPLE.BTC", {"maple-btc"}),
        ("2024-03-01", "MAPLE.ETH", {"maple-new"}),
        ("2024-03-01", "MAPLE.NEW", {"maple-new"}),
    ],
)
def test_withdrawal_accounts_over_time(maple, at, asset, accounts):
    assert maple.withdrawal_accounts(day(at), asset) == accounts


@pytest.mark.parametrize(
    ("at", "minimum", "fee"),
    [
        ("2024-01-15", Decimal(1), Decimal("0.1")),
        ("2024-02-01", Decimal(3), None),
    ],
)
def test_terms_over_time(maple, at, minimum, fee):
    terms = maple.coin("MAPLE.ETH").terms_at(day(at))

    assert (terms.minimum, terms.fee) == (minimum, fee)
    assert maple.coin("MAPLE.BTC").terms_at(day(at)).minimum is None


@pytest.mark.parametrize(
    ("period", "covered"),
    [
        (Period(None, None), [True, True, True]),
        (Period(day("2024-01-02"), None), [False, True, True]),
        (Period(None, day("2024-01-02")), [True, False, False]),
        (Period(day("2024-01-02"), day("2024-01-03")), [False, True, False]),
    ],
)
def test_period_holds_its_start_and_not_its_end(period, covered):
    days = [day("2024-01-01"), day("2024-01-02"), day("2024-01-03")]

    assert [period.covers(at) for at in days] == covered


def test_facts_keep_their_source(maple):
    sources = {account.name: account.source for account in maple.accounts}

    assert sources["maple-new"] == "post"
    assert sources["maple-old"] == "announcement"
    assert [stage.source for stage in maple.lifecycle] == [
        "letter",
        "announcement",
        "announcement",
    ]
    assert [term.source for term in maple.coin("MAPLE.ETH").terms][-1] == "letter"


def test_lookups(write):
    register = load(write(DATED))
    maple, birch = register.gateways

    assert register.by_account("maple-new") is register.by_account("1.2.7") is maple
    assert register.by_account("1.2.78") is register.by_account("maple-lost") is maple
    assert register.by_account("stranger") is None
    assert register.by_asset("MAPLE.ANY") is register.by_asset("MPL.X") is maple
    assert register.by_asset("BIRCH.ETH") is birch
    assert register.by_asset("BTS") is None, "a bridge takes it, but does not stand behind it"
    assert maple.takes("BTS")
    assert not maple.takes("BIRCH.ETH")
    assert not birch.takes("BTS")
    assert "1.2.78" not in register.account_names
    assert maple.account_ids == {"1.2.7", "1.2.78"}


# --- the lists a gateway publishes ------------------------------------------------------

LISTS = """
[[gateways]]
key = "MAPLE"
source = "letter"
[gateways.api]
family = "blocktrades"
coins = "https://api.maple.example:8443/v1/coins"
wallets = "https://api.maple.example/v1/active-wallets"
pairs = "https://api.maple.example/v1/trading-pairs?chain=bts"

[[gateways]]
key = "BIRCH"
api = { family = "simple", coins = "https://birch.example", source = "post" }

[[gateways]]
key = "ALDER"
"""


def test_lists_of_a_gateway(write):
    maple, birch, alder = load(write(LISTS)).gateways

    assert maple.api == Api(
        family=Family.BLOCKTRADES,
        coins="https://api.maple.example:8443/v1/coins",
        wallets="https://api.maple.example/v1/active-wallets",
        pairs="https://api.maple.example/v1/trading-pairs?chain=bts",
        source="letter",
    )
    assert birch.api == Api(Family.SIMPLE, "https://birch.example", source="post")
    assert alder.api is None


def test_lists_of_a_gateway_count_for_the_digest(write):
    moved = LISTS.replace("https://birch.example", "https://birch.example/coins")

    assert load(write(LISTS)).digest != load(write(moved)).digest


# --- the register that ships ------------------------------------------------------------


@pytest.mark.parametrize("gateway", builtin().gateways, ids=lambda gateway: gateway.key)
def test_built_in_gateways_are_dated_and_sourced(gateway):
    rows = [*gateway.accounts, *gateway.lifecycle, *(t for c in gateway.coins for t in c.terms)]

    assert gateway.source
    assert gateway.as_of
    assert gateway.lifecycle
    assert all(stage.period.start for stage in gateway.lifecycle)
    assert all(row.source for row in rows)
    assert all(
        coin.asset.split(".")[0] in gateway.prefixes for coin in gateway.coins if coin.own
    )
    for text in [gateway.notes, *(stage.note for stage in gateway.lifecycle)]:
        assert text is None or (re.search("[一-鿿]", text.zh) and text.zh.endswith("。"))
        assert text is None or (not re.search("[一-鿿]", text.en) and text.en.endswith("."))


@pytest.mark.parametrize(
    ("key", "at", "status"),
    [
        ("GDEX", "2022-10-09", "live"),
        ("GDEX", "2023-06-01", "manual"),
        ("OPEN", "2018-06-01", "live"),
        ("OPEN", "2019-12-01", "degraded"),
        ("OPEN", "2021-06-01", "closed"),
        ("RUDEX", "2020-01-01", "live"),
        ("RUDEX", "2021-05-25", "closed"),
        ("BRIDGE", "2019-12-15T12:00:00", "degraded"),
        ("BRIDGE", "2020-01-01", "closed"),
        ("SPARKDEX", "2020-03-04", "closed"),
        ("CITADEL", "2021-02-16", "closed"),
        ("WIN", "2020-01-01", "closed"),
        ("DEEX", "2020-05-01", "closed"),
        ("XBTSX", "2026-10-01", "live"),
        ("IOB", "2026-10-01", "live"),
        ("PIRATE", "2026-10-01", None),
        ("OPEN", "2015-01-01", None),
    ],
)
def test_built_in_history(key, at, status):
    stage = builtin().by_key(key).status_at(day(at))

    assert (stage and stage.status) == status


@pytest.mark.parametrize(
    ("asset", "at", "accounts"),
    [
        ("XBTSX.BTC", "2026-10-01", {"xbtsx-wallet"}),
        ("XBTSX.STH", "2026-10-01", {"xbtsx"}),
        ("XBTSX.USD", "2026-10-01", {"xbtsx"}),
        ("RUDEX.STEEM", "2019-10-01", {"rudex-steem"}),
        ("IOB.XRP", "2026-10-01", {"ioxbank-gateway"}),
        ("GDEX.ETH", "2020-01-01", {"gdex-wallet"}),
        ("OPEN.EOS", "2018-01-01", {"openledger-dex", "openledger-gateway"}),
        ("OPEN.EOS", "2019-08-01", {"openledger-gateway"}),
    ],
)
def test_built_in_withdrawal_accounts(asset, at, accounts):
    assert builtin().by_asset(asset).withdrawal_accounts(day(at), asset) == accounts


def test_built_in_lookups():
    register = builtin()

    assert register.chain_id.startswith("4018d784")
    assert register.by_account("openledger-dex").key == "OPEN"
    assert register.by_account("1.2.1003283").key == "XBTSX"
    assert register.by_asset("GDEX.ANY").key == "GDEX"
    assert register.by_asset("BTS") is None
    assert register.by_key("RUDEX").settlement is Settlement.BURN_EACH
    assert {a.role for a in register.by_key("IOB").accounts} == {Role.WITHDRAWAL, Role.ISSUER}


@pytest.mark.parametrize(
    ("key", "family", "host"),
    [
        ("XBTSX", Family.SIMPLE, "apis.xbts.io"),
        ("IOB", Family.SIMPLE, "api.ioxbank.com"),
        ("PIRATE", Family.SIMPLE, "pirate.cash"),
        ("TRADE", Family.BLOCKTRADES, "api.blocktrades.us"),
        ("OPEN", None, None),
        ("GDEX", None, None),
    ],
)
def test_built_in_lists(key, family, host):
    api = builtin().by_key(key).api

    assert (api and api.family) == family
    for url in filter(None, [api.coins, api.wallets, api.pairs] if api else []):
        assert url.startswith(f"https://{host}/")
        assert not re.search("deposit|address|initiate|mapping|simple-api", url)


# --- mistakes ---------------------------------------------------------------------------

HEAD = '[[gateways]]\nkey = "MAPLE"\nprefix = "MAPLE"\n'  # lines 1 to 3
COIN = '{ coin = "BTC", asset = "MAPLE.BTC"'
API = "[gateways.api]\ncoins = 'https://a.example'\n"  # lines 4 and 5

MISTAKES = {
    "syntax": (HEAD + "memo = \n", 4, "", ["TOML", "语法"], ["syntax"]),
    "no end": (HEAD + "coins = [", 4, "", ["语法"], ["syntax"]),
    "key twice in a table": (HEAD + 'key = "X"\n', 4, "", ["语法"], ["overwrite"]),
    "no gateways": ('schema = "1"', 1, "", ["缺少", "gateways"], ["missing", "gateways"]),
    "unknown schema": ('schema = "2"\ngateways = []', 1, "schema", ["请写"], ['"2"', "write"]),
    "chain id": ('gateways = []\nchain_id = "4018"', 2, "chain_id", ["十六进制"], ["64"]),
    "unknown field": (
        HEAD + 'memmo = "x"',
        4,
        "gateways[0].memmo",
        ["未知", "memo"],
        ["unknown field", "memo"],
    ),
    "unknown field in a coin": (
        HEAD + f"coins = [\n  # first\n  {COIN}, minimun = '1' }},\n]",
        6,
        "gateways[0].coins[0].minimun",
        ["minimum"],
        ["minimum"],
    ),
    "missing key": ("\n\n[[gateways]]\nprefix = 'M'", 3, "gateways[0]", ["key"], ["missing"]),
    "missing asset": (
        HEAD + '[[gateways.coins]]\ncoin = "BTC"',
        4,
        "gateways[0].coins[0]",
        ["缺少", "asset"],
        ["missing", "asset"],
    ),
    "missing role": (
        HEAD + 'accounts = [{ name = "abc" }]',
        4,
        "accounts[0]",
        ["role"],
        ["role"],
    ),
    "missing name": (
        HEAD + 'accounts = [{ role = "other" }]',
        4,
        "accounts",
        ["name"],
        ["name"],
    ),
    "missing status": (
        HEAD + "lifecycle = [{ from = 2024-01-01 }]",
        4,
        "",
        ["status"],
        ["add"],
    ),
    "unknown status": (
        HEAD + '[[gateways.lifecycle]]\nfrom = 2024-01-01\n\nstatus = "dead"',
        7,
        "gateways[0].lifecycle[0].status",
        ["dead", "closed"],
        ["dead", "live", "closed"],
    ),
    "unknown settlement": (
        HEAD + 'settlement = "burn"',
        4,
        "settlement",
        ["其一"],
        ["burn_each"],
    ),
    "unknown role": (
        HEAD + 'accounts = [\n{ name = "abc", role = "boss" }]',
        5,
        "gateways[0].accounts[0].role",
        ["boss"],
        ["withdrawal"],
    ),
    "unknown deposits": (HEAD + 'deposits = "x"', 4, "deposits", ["issue"], ["transfer"]),
    "no such date": (
        HEAD + 'lifecycle = [{ from = "2024-02-30", status = "live" }]',
        4,
        "gateways[0].lifecycle[0].from",
        ["2024-02-30", "时区"],
        ["2024-02-30", "write 2024-05-01"],
    ),
    "no offset": (HEAD + "as_of = 2024-01-01T00:00:00", 4, "as_of", ["时区"], ["offset"]),
    "backward": (
        HEAD + 'lifecycle = [{ from = 2024-02-01, until = 2024-01-01, status = "live" }]',
        4,
        "until",
        ["结束"],
        ["ends before"],
    ),
    "negative time": (
        HEAD + "usual_time_s = -1",
        4,
        "usual_time_s",
        ["-1", "秒"],
        ["-1", "from 0"],
    ),
    "time in words": (HEAD + 'batch_every_s = "1h"', 4, "batch_every_s", ["1h"], ["seconds"]),
    "no number": (
        HEAD + f'coins = [{COIN}, minimum = "few" }}]',
        4,
        "gateways[0].coins[0].minimum",
        ["few", "十进制"],
        ["few", "decimal"],
    ),
    "negative fee": (
        HEAD + f'coins = [{COIN}, withdrawal_fee = "-1" }}]',
        4,
        "",
        ["-1"],
        ["-1"],
    ),
    "float minimum": (
        HEAD + f"coins = [\n{COIN},\nminimum = 0.001 }}]".replace(",\nm", ", m"),
        5,
        "minimum",
        ["引号", '"0.001"'],
        ["float", "quotes", '"0.001"'],
    ),
    "float fee in terms": (
        HEAD
        + f"coins = [{COIN}, terms = [\n{{ minimum = '1' }},\n{{ withdrawal_fee = 1.5 }}]}}]",
        6,
        "gateways[0].coins[0].terms[1].withdrawal_fee",
        ["引号"],
        ["quotes"],
    ),
    "duplicate key": (
        HEAD + '\n[[gateways]]\nname = "x"\nkey = "MAPLE"',
        7,
        "gateways[1].key",
        ["MAPLE", "重复"],
        ["duplicate key MAPLE"],
    ),
    "duplicate asset": (
        HEAD + f"coins = [\n{COIN} }},\n{COIN} }}]",
        6,
        "asset",
        ["重复"],
        ["once"],
    ),
    "shared account": (
        HEAD
        + 'withdrawal_account = "abc"\n[[gateways]]\nkey = "BIRCH"\n'
        + 'accounts = [{ name = "abc", role = "withdrawal", from = 2024-01-01 }]',
        5,
        "gateways[1]",
        ["abc", "MAPLE", "from"],
        ["abc", "MAPLE", "from and until"],
    ),
    "shared by a coin": (
        HEAD
        + 'withdrawal_account = "abc"\n[[gateways]]\nkey = "BIRCH"\ncoins = [{ coin = "X", '
        + 'asset = "BIRCH.X", withdrawal_account = "abc" }]',
        5,
        "gateways[1]",
        ["abc"],
        ["same time"],
    ),
    "account name": (
        HEAD + 'withdrawal_account = "Maple_Wallet"',
        4,
        "withdrawal_account",
        ["Maple_Wallet", "账户名"],
        ["Maple_Wallet", "lower case"],
    ),
    "account name with a line": (
        HEAD + 'issuer_account = "abc\\n"',
        4,
        "",
        ["账户名"],
        ["name"],
    ),
    "account id": (
        HEAD + 'accounts = [{ id = "1.3.1", role = "other" }]',
        4,
        "id",
        ["编号"],
        ["id"],
    ),
    "asset symbol": (
        HEAD + 'coins = [{ coin = "BTC", asset = "MAPLE.B.TC" }]',
        4,
        "gateways[0].coins[0].asset",
        ["代号"],
        ["symbol"],
    ),
    "prefix": (HEAD + 'prefixes = ["MPL."]', 4, "prefixes", ["前缀"], ["no dot"]),
    "no list": (HEAD + 'support = "x"', 4, "support", ["列表"], ["must be a list"]),
    "list of numbers": (HEAD + "support = [1]", 4, "support[0]", ["文本"], ["text in quotes"]),
    "empty text": (HEAD + 'memo = " "', 4, "memo", ["非空"], ["not empty"]),
    "one language": (HEAD + 'notes.zh = "说明。"', 4, "gateways[0].notes", ["en"], ["missing"]),
    "braces in a note": (HEAD + 'notes = "{x}"', 4, "notes", ["花括号"], ["braces"]),
    "own in words": (HEAD + f'coins = [{COIN}, own = "no" }}]', 4, "own", ["true"], ["true"]),
    "api in a word": (HEAD + 'api = "x"', 4, "gateways[0].api", ["表"], ["table"]),
    "api of no family": (
        HEAD + "[gateways.api]\ncoins = 'https://a.example'",
        4,
        "gateways[0].api",
        ["缺少", "family"],
        ["missing", "family"],
    ),
    "api without coins": (
        HEAD + "[gateways.api]\nfamily = 'simple'",
        4,
        "gateways[0].api",
        ["coins"],
        ["coins"],
    ),
    "unknown family": (
        HEAD + API + "family = 'rpc'",
        6,
        "gateways[0].api.family",
        ["rpc", "simple"],
        ["rpc", "simple, blocktrades"],
    ),
    "unknown field in an api": (
        HEAD + API + "family = 'simple'\naddress = 'x'",
        7,
        "gateways[0].api.address",
        ["未知"],
        ["unknown field"],
    ),
    "half a blocktrades api": (
        HEAD + API + "family = 'blocktrades'\nwallets = 'https://a.example/wallets'",
        4,
        "gateways[0].api",
        ["缺少", "pairs"],
        ["missing", "pairs"],
    ),
    "wallets of a simple api": (
        HEAD + API + "family = 'simple'\nwallets = 'https://a.example/wallets'",
        7,
        "gateways[0].api.wallets",
        ["删除", "blocktrades"],
        ["remove it", "blocktrades"],
    ),
    "no tables": (HEAD + "coins = [1]", 4, "gateways[0].coins[0]", ["表"], ["table"]),
}


@pytest.mark.parametrize(
    ("content", "line", "field", "zh", "en"), MISTAKES.values(), ids=MISTAKES
)
def test_mistake_in_toml_is_placed_and_explained(write, content, line, field, zh, en):
    with pytest.raises(BadSetting) as caught:
        load(write(content))

    text = caught.value.text
    assert text.en.startswith(f"gateways.toml, line {line}")
    assert text.zh.startswith(f"gateways.toml 第 {line} 行")
    for word in [field, *zh]:
        assert word in text.zh
    for word in [field, *en]:
        assert word in text.en
    assert text.as_dict() == {"zh": text.zh, "en": text.en}, "no blanks are left in the message"


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/coins",
        "https:///coins",
        "https://",
        "https://me:secret@a.example/coins",
        "https://me@a.example",
        "https://a.example/co ins",
        "https://a.example/coins#part",
        "https://a.example:0/coins",
        "https://-a.example/coins",
        "https://a.example/coins\n",
        "https://a.example\\@b.example/coins",
        "https://гейт.example/coins",
        "ftp://a.example",
        "a.example/coins",
    ],
)
@pytest.mark.parametrize("field", ["coins", "wallets", "pairs"])
def test_lists_lie_at_https_addresses_without_a_login(write, field, url):
    api = {"family": "blocktrades"}
    api |= dict.fromkeys(("coins", "wallets", "pairs"), "https://a.example")
    content = {"gateways": [{"key": "MAPLE", "api": {**api, field: url}}]}

    with pytest.raises(BadSetting) as caught:
        load(write(content, "gateways.json"))

    text = caught.value.text
    assert f"gateways[0].api.{field}" in text.en
    assert "https address" in text.en
    assert "https 网址" in text.zh


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("coins", 0, "minimum"), 0.1, "gateways[0].coins[0].minimum: a float is not exact"),
        (("coins", 0, "asset"), "maple.btc", 'gateways[0].coins[0].asset: "maple.btc" is not'),
        (("lifecycle", 1, "status"), "gone", 'gateways[0].lifecycle[1].status: "gone" is not'),
        (("lifecycle", 1, "from"), 5, 'gateways[0].lifecycle[1].from: "5" is not a time'),
        (("usual_time_s",), True, 'gateways[0].usual_time_s: "True" is not a usable time'),
        (("key",), None, "gateways[0].key: missing; add it."),
        (("key",), "BIRCH", "gateways[1].key: duplicate key BIRCH"),
        (("settlment",), "none", "gateways[0].settlment: unknown field"),
    ],
)
def test_mistake_in_json_is_named_by_its_path(write, place, value, message):
    content = json.loads(json.dumps(PLAIN))
    target = content["gateways"][0]
    for part in place[:-1]:
        target = target[part]
    target[place[-1]] = value

    with pytest.raises(BadSetting) as caught:
        load(write(content, "gateways.json"))

    assert caught.value.text.en.startswith(f"gateways.json {message}")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", '{\n"gateways": [,]}', "a.json, line 2: JSON syntax"),
        (
            "a.json",
            '{"gateways": [], "gateways": []}',
            'a.json: field "gateways" is given twice',
        ),
        ("a.json", "[]", "a.json: must be a table"),
        ("a.yaml", "", "a.yaml: unknown file type; use .toml or .json."),
    ],
)
def test_unusable_file(write, name, content, message):
    with pytest.raises(BadSetting, match=re.escape(message)):
        load(write(content, name))


def test_of_several_mistakes_the_first_is_told_and_the_others_are_counted(write):
    wrong = HEAD + f"memo = 1\ncoins = [\n{COIN}, own = 1, minimum = 0.1 }},\n]\nas_of = 5"

    with pytest.raises(BadSetting) as caught:
        load(write(wrong))

    assert caught.value.text.en == (
        "gateways.toml, line 4 gateways[0].memo: must be a text in quotes, not empty. "
        "(3 more mistakes.)"
    )
    assert "另有 3 处错误" in caught.value.text.zh


@pytest.mark.parametrize("field", GatewaySchema().fields)
def test_whatever_stands_in_a_field_it_is_read_or_refused_in_both_languages(write, field):
    name = GatewaySchema().fields[field].data_key or field
    refused = 0
    for value in (None, True, 0, 1.5, "", "x", [], [None], [1], {}, {"x": 1}):
        content = {"gateways": [{"key": "MAPLE", name: value}]}
        try:
            load(write(content, "gateways.json"))
        except BadSetting as error:
            refused += 1
            assert f"gateways[0].{name}" in error.text.en
            assert re.search("[一-鿿]", error.text.say("zh"))
            assert not re.search("[一-鿿]", error.text.say("en"))
    assert refused


def test_unreadable_file(tmp_path):
    with pytest.raises(BadSetting, match=r"^missing\.toml: cannot be read .* check the path"):
        load(tmp_path / "missing.toml")


def test_file_that_is_not_utf8(tmp_path):
    path = tmp_path / "gateways.toml"
    path.write_bytes(b'\xff\xfe = "x"')

    with pytest.raises(BadSetting, match=r"^gateways\.toml: is not UTF-8 text"):
        load(path)


# --- lines of a TOML document -----------------------------------------------------------


def test_lines_of_every_kind_of_value():
    text = '''a = """
[[not.a.table]]
""" # [[nor.this]]
b.c = [ # comment ]
  1, "]",
  { d = 1979-05-27 07:32:00Z, "e f" = '}' },
]
[t]
u = true
[[r]]
[[r.s]]
x = 1
[[r]]
[r.o]
[[r.s]]
[[r.s]]
y = \'\'\'
\'\'\'
z = -1.5e3'''
    assert line_of(text, ("a",)) == 1
    assert line_of(text, ("b", "c")) == 4
    assert [line_of(text, ("b", "c", index)) for index in range(3)] == [5, 5, 6]
    assert line_of(text, ("b", "c", 2, "e f")) == 6
    assert line_of(text, ("t", "u")) == 9
    assert line_of(text, ("r", 0, "s", 0, "x")) == 12
    assert line_of(text, ("r", 1, "o")) == 14
    assert line_of(text, ("r", 1, "s", 1, "y")) == 17
    assert line_of(text, ("r", 1, "s", 1, "z")) == 19


@pytest.mark.parametrize(
    ("extends", "keys"),
    [
        pytest.param("", ["WILLOW"], id="a register of one's own replaces the other"),
        pytest.param("extends = false\n", ["WILLOW"], id="said so"),
        pytest.param(
            "extends = true\n",
            ["WILLOW", "XBTSX"],
            id="one that extends comes on top, its own gateways first",
        ),
    ],
)
def test_a_register_replaces_or_extends(tmp_path, extends, keys):
    path = tmp_path / "gateways.toml"
    path.write_text(f'{extends}[[gateways]]\nkey = "WILLOW"\nname = "Willow"\n')
    found = load(path).over(builtin())
    listed = [gateway.key for gateway in found.gateways]

    assert listed[: len(keys)] == keys
    assert (
        len(listed) == len(keys)
        if len(keys) == 1
        else len(listed) == 1 + len(builtin().gateways)
    )


def test_an_extending_register_has_the_last_word_about_a_gateway(tmp_path):
    path = tmp_path / "gateways.toml"
    path.write_text('extends = true\n[[gateways]]\nkey = "XBTSX"\nname = "Ours"\n')
    found = load(path).over(builtin())

    assert found.by_key("XBTSX").name == "Ours"
    assert len(found.gateways) == len(builtin().gateways)
    assert found.chain_id == builtin().chain_id


def test_what_another_program_says_beyond_the_register_is_passed_over(write):
    content = json.loads(json.dumps(PLAIN))
    content["written_by"] = "somebody's exporter"
    content["gateways"][0]["colour"] = {"of": "the logo"}
    content["gateways"][0]["coins"][0]["daily"] = 5

    assert load(write(content, "gateways.json")) == load(write(PLAIN, "gateways.json"))
