"""Account names: as people write them, valid, near, or made to deceive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.domain.account_names import edits, lookalike, near, read, shape, valid


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "ab",
        "lin-yue",
        "chang-e1",
        "a1",
        "a--b",
        "a.b",
        "crypto-bridge.btc1",
        "x9.y-8.z7",
        "a" * 63,
        "1.2.0",
        "1.2.5",
        "1.2.123456789012345",
    ],
)
def test_valid(text: str) -> None:
    assert valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "lin-yue",
        " lin-yue ",
        "Lin-Yue",
        "LIN-YUE",
        "@lin-yue",
        "@ Lin-Yue",
        "＠ｌｉｎ－ｙｕｅ",
        "lin‐yue",
        "lin-yue\u200b",
        "\ufefflin-\u2060yue",
        "\u202alin-yue\u202c",
        "lin-yue\u3000",
        '"lin-yue"',
        "「lin-yue」",
        "<https://blocksights.info/#/accounts/Lin-Yue>",
        "https://wallet.bitshares.org/#/account/lin-yue/",
    ],
)
def test_a_name_is_read_however_it_is_written(text: str) -> None:
    assert read(text) == "lin-yue"


@pytest.mark.parametrize(
    ("text", "name"), [("1.2.7", "1.2.7"), ("#1.2.7", "1.2.7"), ("１．２．７", "1.2.7")]
)
def test_an_id_is_read_too(text: str, name: str) -> None:
    assert read(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "lin yue",
        "lin_yue",
        "lin\nyue",
        "lin-yue, shi-tou7",
        "lin-yue@mail.example",
        "林月",
        "liń-yue",
        "lіn-yue",  # a Cyrillic letter
        "13731",
        "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8",  # Tron
        "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",  # XRP
        "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ",  # Stellar
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",  # Bitcoin
        "https://bloks.io/account/linyue",
    ],
)
def test_what_is_no_name_is_not_read(text: str) -> None:
    assert read(text) is None


def test_a_long_name_in_capitals_is_no_address() -> None:
    assert read("COMMITTEE-WORKER-PROPOSAL-2026") == "committee-worker-proposal-2026"


@given(st.text(max_size=80))
def test_whatever_is_read_is_a_valid_name_and_reads_as_itself(text: str) -> None:
    name = read(text)
    assert name is None or (valid(name) and read(name) == name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "Lin-Yue",
        "lin_yue",
        "lin yue",
        "lin-yue ",
        "lin-yue\n",
        "林月",
        "1abc",
        "-abc",
        "abc-",
        ".abc",
        "abc.",
        "a..b",
        "a.-b",
        "a-.b",
        "a.1b",
        "a" * 64,
        "1.2",
        "1.2.",
        "1.2.x",
        "1.2.05",
        "1.3.5",
        "1.2.5.6",
        "1.2.5\n",
        "1.2.1234567890123456",
        "1.2.٣",
        "ａbc",
        "lin-yue@example",
        "https://example.org",
    ],
)
def test_not_valid(text: str) -> None:
    assert not valid(text)


# --- edits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("lin-yue", "lin-yu"),
        ("lin-yue", "in-yue"),
        ("lin-yue", "linyue"),
        ("lin-yue", "lin-yeu"),
        ("lin-yue", "iln-yue"),
        ("lin-yue", "lin-yua"),
        ("lin-yue", "min-yue"),
        ("lin-yue", "lin-yue9"),
        ("lin-yue", "alin-yue"),
        ("lin-yue", "lin.yue"),
        ("lin-yue", "lin--yue"),
        ("a", "b"),
        ("a", "ab"),
        ("a-very-long-name-of-an-account", "a-very-long-name-of-an-acount"),
        ("a-very-long-name-of-an-account", "a-very-long-name-fo-an-account"),
    ],
)
def test_an_edit(name: str, edit: str) -> None:
    assert edit in edits(name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("lin-yue", "lin-yue"),
        ("lin-yue", "lin-y"),
        ("lin-yue", "9lin-yue"),
        ("lin-yue", "lin-yue-"),
        ("a-very-long-name-of-an-account", "a-very-long-name-of-an-accounts"),
    ],
)
def test_no_edit(name: str, other: str) -> None:
    assert other not in edits(name)


@given(st.from_regex(r"[a-z][a-z0-9-]{0,30}[a-z0-9]", fullmatch=True))
def test_edits_are_valid_sorted_few_and_other(name: str) -> None:
    found = edits(name)
    assert found == sorted(set(found))
    assert name not in found
    assert all(valid(text) for text in found)
    assert len(found) <= 2000


# --- near -----------------------------------------------------------------------------------

KNOWN = ("lin-yue", "lin-yun", "liu-yun", "chang-e1", "north-wallet", "river-gateway")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param(
            "lin-yua", ("lin-yue", "lin-yun", "liu-yun"), id="nearest first, then a-z"
        ),
        pytest.param("lin-yu", ("lin-yue", "lin-yun", "liu-yun"), id="left out"),
        pytest.param("north-walet", ("north-wallet",), id="one only"),
        pytest.param("nroth-walet", ("north-wallet",), id="a swap and one left out"),
        pytest.param("chang-e", ("chang-e1",), id="without its number"),
        pytest.param("river-gate", (), id="three edits"),
        pytest.param("zzz", (), id="none"),
        pytest.param("lin-yue", ("lin-yun", "liu-yun"), id="itself is not near itself"),
    ],
)
def test_near(name: str, found: tuple[str, ...]) -> None:
    assert near(name, KNOWN) == found
    assert near(name, [*reversed(KNOWN), *KNOWN]) == found


def test_near_names_are_few() -> None:
    assert near("abcd", [f"abc{letter}" for letter in "efghijk"]) == (
        "abce",
        "abcf",
        "abcg",
        "abch",
        "abci",
    )
    assert near("abcd", ["abce", "abcf"], most=1) == ("abce",)


# --- look-alikes ----------------------------------------------------------------------------

GATEWAYS = ("north-wallet", "river-gateway", "crypto-bridge", "xbtsx", "gdex", "rudex-gateway")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        pytest.param("north-walllet", "north-wallet", id="a letter more"),
        pytest.param("north-walet", "north-wallet", id="a letter less"),
        pytest.param("n0rth-wallet", "north-wallet", id="0 for o"),
        pytest.param("north-wa11et", "north-wallet", id="1 for l, twice"),
        pytest.param("north-wai1et", "north-wallet", id="i and 1 for l"),
        pytest.param("northwallet", "north-wallet", id="without the dash"),
        pytest.param("north.wallet", "north-wallet", id="a dot for the dash"),
        pytest.param("n-o-r-t-h-w-a-l-l-e-t", "north-wallet", id="many dashes"),
        pytest.param("norht-walelt", "north-wallet", id="two swaps in a long name"),
        pytest.param("river-gatevvay", "river-gateway", id="vv for w"),
        pytest.param("crypto-bridqe", "crypto-bridge", id="q for g"),
        pytest.param("xbt5x", "xbtsx", id="5 for s"),
        pytest.param("xbtsxx", "xbtsx", id="one edit in a short name"),
    ],
)
def test_lookalike(name: str, meant: str) -> None:
    assert lookalike(name, GATEWAYS) == meant


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("north-wallet", id="the account itself"),
        pytest.param("xbtsx", id="a known one near no other"),
        pytest.param("xbtsyy", id="two edits in a short name"),
        pytest.param("gdez", id="near a name of four letters"),
        pytest.param("lin-yue", id="a friend"),
        pytest.param("north-issuer", id="an own word"),
        pytest.param("small-wallet", id="five edits"),
        pytest.param("", id="nothing"),
    ],
)
def test_no_lookalike(name: str) -> None:
    assert lookalike(name, GATEWAYS) is None


def test_a_known_name_is_never_a_lookalike_of_another() -> None:
    assert lookalike("north-wallets", ["north-wallet", "north-wallets"]) is None


def test_nothing_is_alike_where_nothing_is_known() -> None:
    assert lookalike("north-wallet", []) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("o0", "oo"), ("l1i", "lll"), ("corn", "com"), ("vvin", "win"), ("a-b.c", "abc")],
)
def test_the_same_at_a_glance(one: str, other: str) -> None:
    assert shape(one) == shape(other)
