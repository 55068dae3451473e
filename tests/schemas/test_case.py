"""Times, amounts and languages as people write them: read exactly, or refused with a remedy."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diag.domain.asset import format_decimal
from diag.domain.case import Case
from diag.errors import BadInput
from diag.i18n import negotiate
from diag.schemas.case import KNOWN, parse
from diag.schemas.fields import LONGEST_TEXT
from diag.schemas.times import LONGEST_WINDOW

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST = datetime(2015, 1, 2, tzinfo=UTC).replace(tzinfo=None)
LAST = datetime(2105, 12, 30, tzinfo=UTC).replace(tzinfo=None)
MINUTE = timedelta(minutes=1)


def read(**fields: Any) -> Case:
    """A case from fields; `start` and `end` stand for from and to."""
    names = {"start": "from", "end": "to"}
    given = {"account": "alice", **{names.get(k, k): v for k, v in fields.items()}}
    return parse(given, NOW)


def refused(**fields: Any) -> dict[str, str]:
    """What is said in English of every field that is refused."""
    with pytest.raises(BadInput) as caught:
        read(**fields)
    for error in caught.value.errors:
        assert error.text.say("zh") != error.text.say("en")
    return {error.field: error.text.say("en") for error in caught.value.errors}


# --- times ---------------------------------------------------------------------------------

offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda n: timezone(n * MINUTE))
moments = st.datetimes(min_value=FIRST, max_value=LAST)
aware = st.builds(lambda at, zone: at.replace(tzinfo=zone), moments, offsets)


@given(aware)
@example(datetime(2026, 11, 22, 0, 0, tzinfo=timezone(timedelta(hours=14))))
@example(datetime(2026, 11, 22, 0, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=-12))))
@example(datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC))
def test_a_time_with_any_offset_is_the_same_instant_in_utc(at: datetime) -> None:
    case = read(start=at.isoformat(), end=at.isoformat())
    assert case.start == case.end == at.replace(microsecond=0)
    assert case.start.tzinfo is UTC


@given(aware, st.sampled_from("Tt "))
def test_separators_and_forms_of_the_offset_do_not_matter(at: datetime, mark: str) -> None:
    text = at.replace(microsecond=0).isoformat().replace("T", mark)
    without_colon = text[:-3] + text[-2:]
    assert read(start=text, end=without_colon).start == at.replace(microsecond=0)


@given(moments, st.sampled_from(["seconds", "minutes", "microseconds"]))
def test_a_naive_time_without_tz_is_refused(at: datetime, precision: str) -> None:
    said = refused(start=at.isoformat(timespec=precision), end="2026-11-22T12:00:00Z")
    assert "tz=" in said["from"]


@given(moments, st.sampled_from(["Asia/Shanghai", "UTC", "Asia/Kolkata", "Pacific/Apia"]))
def test_a_bare_date_is_refused_even_with_tz(at: datetime, zone: str) -> None:
    said = refused(start=f"{at:%Y-%m-%d}", end="2026-11-22T12:00:00Z", tz=zone)
    assert "date alone" in said["from"]


@given(st.text(max_size=40))
def test_any_other_text_as_time_is_refused_and_never_breaks(text: str) -> None:
    if re.match(r"\s*\d{4}-\d\d-\d\d[Tt ]", text):
        return
    assert set(refused(start=text, end="2026-11-22T12:00:00Z")) == {"from"}


@given(
    st.dictionaries(
        st.sampled_from([*KNOWN, "x"]),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.text(max_size=30),
            st.lists(st.text(max_size=3), max_size=2),
            st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
        ),
    )
)
def test_whatever_json_holds_it_is_read_or_refused(fields: dict[str, Any]) -> None:
    try:
        case = parse(fields, NOW)
    except BadInput as error:
        assert error.errors
        assert {e.field for e in error.errors} <= {*KNOWN, "x"}
        return
    assert case.start <= case.end <= case.start + LONGEST_WINDOW


@given(aware, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_a_window_is_read_up_to_31_days(start: datetime, length: timedelta) -> None:
    start = min(start, datetime(2105, 11, 1, tzinfo=UTC)).replace(microsecond=0)
    length = timedelta(seconds=int(length.total_seconds()))
    end = start + length
    if length > LONGEST_WINDOW:
        said = refused(start=start.isoformat(), end=end.isoformat())
        assert "31 days" in said["to"]
        return
    case = read(start=start.isoformat(), end=end.isoformat())
    assert case.end - case.start == length


@pytest.mark.parametrize(
    ("last", "length"),
    [
        ("1m", timedelta(minutes=1)),
        ("90m", timedelta(minutes=90)),
        ("6h", timedelta(hours=6)),
        ("744h", timedelta(days=31)),
        ("31d", timedelta(days=31)),
        ("44640m", timedelta(days=31)),
    ],
)
def test_last_counts_back_from_now(last: str, length: timedelta) -> None:
    case = read(last=last)
    assert (case.start, case.end) == (NOW - length, NOW)


@pytest.mark.parametrize(
    "last",
    ["0m", "06h", "6", "h", "1.5h", "6 h", "6H", "745h", "44641m", "99999d", "6h\n", "-1h"],
)
def test_any_other_last_is_refused(last: str) -> None:
    assert set(refused(last=last)) == {"last"}


# --- clocks that are put forward and back --------------------------------------------------

UNAMBIGUOUS = [
    # zone, local time, the instant
    pytest.param(
        "Asia/Shanghai", "2026-07-01T08:00:00", "00:00:00", id="China, no summer time"
    ),
    pytest.param("America/New_York", "2026-03-08T01:59:59", "06:59:59", id="before the gap"),
    pytest.param("America/New_York", "2026-03-08T03:00:00", "07:00:00", id="after the gap"),
    pytest.param("America/New_York", "2026-11-01T00:59:59", "04:59:59", id="before the fold"),
    pytest.param("America/New_York", "2026-11-01T02:00:00", "07:00:00", id="after the fold"),
    pytest.param("Asia/Kolkata", "2026-07-01T05:30:00", "00:00:00", id="half an hour"),
    pytest.param("Asia/Kathmandu", "2026-07-01T05:45:00", "00:00:00", id="three quarters"),
    pytest.param("UTC", "2026-07-01T05:45:00", "05:45:00", id="UTC"),
]


@pytest.mark.parametrize(("zone", "local", "clock"), UNAMBIGUOUS)
def test_a_local_time_is_read_in_its_zone(zone: str, local: str, clock: str) -> None:
    case = read(start=local, end=local, tz=zone)
    assert f"{case.start:%H:%M:%S}" == clock
    assert case.start == case.end
    assert case.zone == zone


TWO_READINGS = [
    # zone, local time, the earlier and the later reading in UTC
    pytest.param(
        "America/New_York",
        "2026-11-01T01:30:00",
        "2026-11-01T05:30:00+00:00",
        "2026-11-01T06:30:00+00:00",
        id="twice in New York",
    ),
    pytest.param(
        "Europe/Berlin",
        "2026-10-25T02:30:00",
        "2026-10-25T00:30:00+00:00",
        "2026-10-25T01:30:00+00:00",
        id="twice in Berlin",
    ),
    pytest.param(
        "America/New_York",
        "2026-03-08T02:30:00",
        "2026-03-08T06:30:00+00:00",
        "2026-03-08T07:30:00+00:00",
        id="never in New York",
    ),
    pytest.param(
        "Australia/Lord_Howe",
        "2026-04-05T01:45:00",
        "2026-04-04T14:45:00+00:00",
        "2026-04-04T15:15:00+00:00",
        id="twice on Lord Howe, by half an hour",
    ),
]


@pytest.mark.parametrize(("zone", "local", "early", "late"), TWO_READINGS)
def test_a_time_with_two_readings_makes_the_window_wider_never_narrower(
    zone: str, local: str, early: str, late: str
) -> None:
    """from takes the earlier reading, to the later: nothing that may be meant falls outside."""
    case = read(start=local, end=local, tz=zone)
    assert case.start == datetime.fromisoformat(early)
    assert case.end == datetime.fromisoformat(late)


def test_an_offset_says_which_reading_is_meant() -> None:
    case = read(
        start="2026-11-01T01:30:00-05:00",
        end="2026-11-01T01:30:00-05:00",
        tz="America/New_York",
    )
    assert case.start == case.end == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


# --- amounts -------------------------------------------------------------------------------

digits = st.text("0123456789", min_size=1, max_size=20)
fractions = st.text("0123456789", max_size=12)
HOUR = {"start": "2026-11-22T11:00:00Z", "end": "2026-11-22T12:00:00Z"}


@given(digits, fractions, st.sampled_from(["amount", "received"]))
@example("0", "", "amount")
@example("0", "000000000001", "amount")
@example("9" * 20, "9" * 12, "received")
def test_a_decimal_text_is_read_exactly(whole: str, fraction: str, field: str) -> None:
    text = f"{whole}.{fraction}" if fraction else whole
    value = getattr(read(**HOUR, **{field: text}), field)
    assert isinstance(value, Decimal)
    assert value == Decimal(text)
    assert f"{value:f}" == f"{Decimal(text):f}"
    assert Decimal(format_decimal(value)) == Decimal(text)
    assert getattr(read(**HOUR, **{field: format_decimal(value)}), field) == value


@given(st.integers(0, 10**20 - 1))
def test_a_whole_number_is_read_exactly(number: int) -> None:
    assert read(**HOUR, amount=number).amount == number


@given(st.floats())
def test_a_float_is_always_refused(number: float) -> None:
    assert "decimal string" in refused(**HOUR, amount=number)["amount"]


@given(st.integers(max_value=-1) | st.integers(min_value=10**20))
def test_a_number_out_of_range_is_refused(number: int) -> None:
    assert set(refused(**HOUR, amount=number)) == {"amount"}


@given(st.text(max_size=30))
def test_a_text_that_is_no_amount_is_refused(text: str) -> None:
    if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,12})?", text.strip()):
        return
    assert set(refused(**HOUR, amount=text)) == {"amount"}


# --- texts ---------------------------------------------------------------------------------


@given(st.text(max_size=LONGEST_TEXT))
def test_a_memo_is_kept_as_it_is_or_refused(text: str) -> None:
    try:
        memo = read(**HOUR, memo=text).memo
    except BadInput as error:
        assert [e.field for e in error.errors] == ["memo"]
        return
    assert memo == text.strip() != ""
    assert not re.search("[\x00-\x1f\x7f\ud800-\udfff]", memo)
    memo.encode()


def test_every_field_is_known_by_the_name_callers_use() -> None:
    assert KNOWN[:5] == ("account", "from", "to", "last", "tz")
    assert not {"start", "end", "zone"} & set(KNOWN)


# --- other spellings -----------------------------------------------------------------------

SPELLINGS = {
    # field: its canonical form, and others that mean the same
    "account": ("lin-yue", "@Lin-Yue", "https://blocksights.info/#/accounts/lin-yue"),
    "destination": ("north-wallet", "North-Wallet", "ｎｏｒｔｈ-wallet"),
    "asset": ("NORTH.BTC", "north.btc", "North.Btc", "ＮＯＲＴＨ.ＢＴＣ"),
    "operation": (
        "1.11.24815",
        "#1.11.24815",
        "https://blocksights.info/#/operations/1.11.24815",
    ),
    "transaction": ("ab" * 20, "AB" * 20, f"https://blocksights.info/#/txs/{'aB' * 20}"),
}


@pytest.mark.parametrize("field", SPELLINGS)
def test_other_spellings_are_the_same_case_and_it_says_how_they_were_read(field: str) -> None:
    canonical, *others = SPELLINGS[field]
    expected = read(**HOUR, **{field: canonical})
    assert expected.read_as == ()

    for spelling in others:
        case = read(**HOUR, **{field: spelling})
        assert case == expected
        [reading] = case.read_as
        assert (reading.field, reading.given, reading.read_as) == (field, spelling, canonical)


def test_what_cannot_be_seen_in_a_value_is_told_as_escapes() -> None:
    [reading] = read(**HOUR, account="ali\u200bce\x00"[:6]).read_as
    assert reading.given == "ali\\u200bce"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("asset", "bitUSD", "give USD"),
        ("asset", "NORTH BTC", "symbol"),
        ("operation", "24815", "1.11."),
        ("operation", "##1.11.5", "1.11."),
        ("transaction", "AB" * 32, "external_transaction"),
        ("transaction", "0x" + "ab" * 20, "40"),
        ("account", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", "link"),
        ("destination", "https://bloks.io/account/alice", "link"),
    ],
)
def test_what_may_mean_something_else_is_refused(field: str, value: str, words: str) -> None:
    assert words in refused(**HOUR, **{field: value})[field]


# --- languages -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "default"),
        ("", "default"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-Hans-CN", "zh"),
        ("zh-Hant-HK, zh-TW;q=0.9", "zh"),
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("zh;q=0.4, en-GB;q=0.6", "en"),
        ("de-DE,de;q=0.9,en;q=0.2", "en"),
        ("fr, *;q=0.5", "default"),
        ("en;q=0, zh;q=0", "default"),
        (" EN_us ;q=0.7 , zh ;q=abc", "en"),
    ],
)
@pytest.mark.parametrize("default", ["zh", "en"])
def test_eleven_headers_are_understood(header: str | None, expected: str, default: str) -> None:
    assert negotiate(header, default) == (default if expected == "default" else expected)


@given(st.text(max_size=60))
def test_any_header_gives_a_language_that_exists(header: str) -> None:
    assert negotiate(header, "zh") in ("zh", "en")
