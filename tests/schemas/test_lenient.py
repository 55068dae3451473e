"""Files that were made for people: what a spreadsheet makes of values is read, or left out and named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.domain.case import Case
from diag.errors import BadInput
from diag.i18n import LANGUAGES
from diag.schemas.case import KNOWN, parse_leniently

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHANGHAI = {"tz": "Asia/Shanghai"}
AFTERNOON = datetime(2026, 11, 22, 7, tzinfo=UTC)  # 15:00 in Shanghai
DAY = datetime(2026, 11, 21, 16, tzinfo=UTC), datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)


def read(**fields: Any) -> tuple[Case, dict[str, str]]:
    """The case, and what is said in English of each field that was left out."""
    names = {"start": "from", "end": "to"}
    case, left_out = parse_leniently(
        {"account": "alice"} | {names.get(k, k): v for k, v in fields.items()}, NOW
    )
    return case, {error.field: error.text.say("en") for error in left_out}


def refused(**fields: Any) -> dict[str, str]:
    with pytest.raises(BadInput) as caught:
        read(**fields)
    assert all(error.text.say(lang) for error in caught.value.errors for lang in LANGUAGES)
    return {error.field: error.text.say("en") for error in caught.value.errors}


# --- times ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 15:00",
        "2026-11-22 15:00:00",
        "2026/11/22 15:00",
        "2026/11/22 15:00:00.000",
        "2026.11.22 15:00",
        "2026年11月22日 15:00",
        "2026年11月22日15时0分",
        "2026/11/22 下午 3:00:00",
        "2026/11/22 3:00 PM",
        "22-Nov-2026 15:00",
        "22 November 2026, 15:00",
        "Nov 22, 2026 3:00 p.m.",
        "Sun, 22 Nov 2026 15:00:00 +0800",
        "22/11/2026 15:00",
        "11/22/2026 15:00",
        "2026-11-22 07:00 UTC",
        "2026/11/22 15:00 GMT+8",
        "２０２６/11/22 15:00",
        "20261122 150000",
        "202611221500",
        "46348.625",
        "1795330800",
        "1795330800000",
    ],
)
def test_a_time_that_can_mean_one_moment_is_read(text: str) -> None:
    case, left_out = read(start=text, end=text, **SHANGHAI)

    assert case.start == case.end == AFTERNOON
    assert left_out == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("03/04/2026 15:00", "2026-03-04 or 2026-04-03", id="day or month"),
        pytest.param("3.4.2026", "2026-03-04 or 2026-04-03", id="with points"),
        pytest.param("22-Nov-26 15:00", "two-digit year", id="a short year"),
        pytest.param("11/22/26", "two-digit year", id="a short year in numbers"),
        pytest.param("2026/02/30 15:00", "no such date", id="30 February"),
        pytest.param("2026/11/22 25:00", "no such date", id="hour 25"),
        pytest.param("2026/11/22 15:00 CST", "RFC 3339", id="a zone of two meanings"),
        pytest.param("11/22 15:00", "RFC 3339", id="no year"),
        pytest.param("46348.63", "RFC 3339", id="a rounded serial number"),
        pytest.param("昨天", "RFC 3339", id="yesterday"),
        pytest.param("15:00", "RFC 3339", id="no date"),
        pytest.param("2026/11/22 15", "RFC 3339", id="no minutes"),
        pytest.param("2026/11/22 15:0", "RFC 3339", id="half the minutes"),
        pytest.param("2026/11/22 13:00 PM", "RFC 3339", id="13 PM"),
    ],
)
def test_a_time_that_cannot_be_read_is_refused_by_name(text: str, words: str) -> None:
    said = refused(start=text, end="2026-11-22T12:00:00Z", **SHANGHAI)

    assert list(said) == ["from"]
    assert words in said["from"]


@pytest.mark.parametrize(
    "text", ["2026-11-22", "2026/11/22", "22-Nov-2026", "46348", "20261122"]
)
def test_a_date_is_the_whole_day_where_the_zone_tells_it(text: str) -> None:
    case, _ = read(start=text, end=text, **SHANGHAI)
    assert (case.start, case.end) == DAY

    said = refused(start=text, end=text)
    assert "tz" in said["from"]


def test_a_day_and_month_that_are_equal_have_one_order() -> None:
    case, _ = read(start="11/11/2026 15:00", end="11/11/2026 16:00", **SHANGHAI)
    assert case.start == datetime(2026, 11, 11, 7, tzinfo=UTC)


def test_times_that_were_read_otherwise_are_told_as_the_moment_in_utc() -> None:
    case, _ = read(start="2026/11/22 15:00", end="2026-11-22T08:00:00Z", **SHANGHAI)

    [reading] = case.read_as
    assert (reading.field, reading.given) == ("from", "2026/11/22 15:00")
    assert reading.read_as == "2026-11-22T07:00:00Z"


@pytest.mark.parametrize(
    ("last", "read_as"), [("12H", "12h"), ("12 小时", "12h"), ("3天", "3d"), ("90分钟", "90m")]
)
def test_a_length_is_read_with_its_unit_in_words(last: str, read_as: str) -> None:
    case, _ = read(last=last)
    assert [(r.field, r.read_as) for r in case.read_as] == [("last", read_as)]


@pytest.mark.parametrize("tz", ["北京时间", "UTC+8", "utc +08:00", "东八区"])
def test_a_zone_is_read_by_its_usual_names(tz: str) -> None:
    assert read(last="1h", tz=tz)[0].zone == "Asia/Shanghai"


def test_a_zone_that_cannot_be_read_matters_where_a_time_depends_on_it() -> None:
    offset, naive = "2026-11-22T11:00:00Z", "2026-11-22 11:00"

    assert list(read(start=offset, end=offset, tz="CST")[1]) == ["tz"]
    assert list(read(last="1h", tz="CST")[1]) == ["tz"]
    assert list(refused(start=naive, end=offset, tz="CST")) == ["tz"]


# --- amounts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.05616", "0.05616"),
        ("0,05616", "0.05616"),
        ("0,5", "0.5"),
        ("0,123", "0.123"),
        (".5", "0.5"),
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1 234.56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1234,567", "1234.567"),
        ("5E-05", "0.00005"),
        ("０.５", "0.5"),
        ("0.5个", "0.5"),
    ],
)
@pytest.mark.parametrize("field", ["amount", "received"])
def test_an_amount_that_can_mean_one_number_is_read(field: str, text: str, value: str) -> None:
    case, left_out = read(last="1h", **{field: text})

    assert getattr(case, field) == Decimal(value)
    assert left_out == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("1,234", "1234 or 1.234", id="comma"),
        pytest.param("12,345", "12345 or 12.345", id="comma, five digits"),
        pytest.param("1.23457E-05", "rounded", id="digits that a spreadsheet rounds"),
        pytest.param("1,23,456", "decimal", id="no grouping"),
        pytest.param("¥320", "decimal", id="money"),
        pytest.param("320 元", "decimal", id="money in words"),
        pytest.param("320 CNY", "does not tell the asset", id="money as a unit"),
        pytest.param("2 hours", "does not tell the asset", id="no unit of a coin"),
        pytest.param("约0.05", "decimal", id="about"),
        pytest.param("-0.05", "without sign", id="a sign"),
        pytest.param("否", "decimal", id="no"),
        pytest.param("已到账", "decimal", id="arrived"),
    ],
)
@pytest.mark.parametrize("field", ["amount", "received"])
def test_any_other_amount_is_left_out_and_named(field: str, text: str, words: str) -> None:
    case, left_out = read(last="1h", **{field: text})

    assert getattr(case, field) is None
    assert words in left_out[field]


@pytest.mark.parametrize(
    ("asset", "amount", "read_asset"),
    [
        pytest.param("NORTH.BTC", "0.5 NORTH.BTC", "NORTH.BTC", id="the asset"),
        pytest.param("NORTH.BTC", "0.5 btc", "NORTH.BTC", id="its coin"),
        pytest.param("north.btc", "BTC 0.5", "NORTH.BTC", id="before the number"),
        pytest.param(None, "0.5 north.btc", "NORTH.BTC", id="the only mention of the asset"),
        pytest.param(None, "0.5 BTS", "BTS", id="the core asset"),
        pytest.param(None, "0.5 BTC", None, id="a coin of several gateways"),
    ],
)
def test_a_unit_is_the_asset_where_it_names_one(
    asset: str | None, amount: str, read_asset: str | None
) -> None:
    case, left_out = read(last="1h", amount=amount, asset=asset)

    assert (case.asset, case.amount, left_out) == (read_asset, Decimal("0.5"), {})


def test_a_unit_that_is_another_asset_leaves_the_amount_out() -> None:
    case, left_out = read(last="1h", amount="5 BTS", asset="NORTH.BTC")

    assert (case.asset, case.amount) == ("NORTH.BTC", None)
    assert "BTS is not the asset NORTH.BTC" in left_out["amount"]


# --- everything ----------------------------------------------------------------------------

UNREADABLE = {
    "asset": "NORTH BTC",
    "amount": "many",
    "received": "no",
    "destination": "Mr. Wang",
    "operation": "查看 编辑",
    "transaction": "413cefd1",
    "memo": "a\x00b",
    "external_transaction": ["a"],
}


@pytest.mark.parametrize("field", UNREADABLE)
def test_one_optional_field_that_cannot_be_read_costs_no_answer(field: str) -> None:
    good = {"asset": "NORTH.BTC", "memo": "btc:1", "received": "0.5"}
    case, left_out = read(last="1h", **{**good, field: UNREADABLE[field]})

    assert list(left_out) == [field]
    assert getattr(case, field) is None
    assert all(getattr(case, name) for name in good if name != field)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"account": "no name", "last": "1h"}, "account"),
        ({"account": None, "last": "1h"}, "account"),
        ({}, "from"),
        ({"last": "soon"}, "last"),
    ],
)
def test_what_the_question_needs_is_refused(fields: dict[str, Any], wrong: str) -> None:
    assert wrong in refused(**fields)


@given(
    st.dictionaries(
        st.sampled_from([*KNOWN, "subject"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.lists(st.text()),
    )
)
def test_whatever_a_file_holds_it_is_read_or_refused(fields: dict[str, Any]) -> None:
    try:
        case, left_out = parse_leniently(fields, NOW)
    except BadInput as error:
        assert error.errors
        assert len({e.field for e in error.errors}) == len(error.errors)
        return
    assert case.start <= case.end
    assert {e.field for e in left_out} <= set(KNOWN)
