"""Workbooks of tickets: read as a CSV file of the same cells, never computed, never unpacked beyond the
limits."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.errors import BadInput, TooLarge
from diag.i18n import LANGUAGES
from diag.triage.tickets import read

LIN_YUE = {"account": "lin-yue", "last": "6h"}
HEADER = ["account", "last"]
SECRET = "5J" + "x" * 49  # of the form of a private key
Table = list[list[object]]


def workbook(*sheets: tuple[str, Table], hidden: str = "") -> bytes:
    """A workbook of these sheets; times are written as spreadsheets keep them."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "remove_timezone": True})
    moment = book.add_format({"num_format": "yyyy/m/d h:mm"})
    day = book.add_format({"num_format": "yyyy/m/d"})
    for name, table in sheets:
        sheet = book.add_worksheet(name)
        if name == hidden:
            sheet.hide()
        else:
            sheet.activate()
        for at, row in enumerate(table):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(at, column, value, moment)
                elif isinstance(value, date):
                    sheet.write_datetime(at, column, value, day)
                elif isinstance(value, Formula):
                    sheet.write_formula(at, column, value.source, None, value.saved)
                else:
                    sheet.write(at, column, value)
    book.close()
    return content.getvalue()


class Formula:
    """A formula, and the result that was saved with it."""

    def __init__(self, source: str, saved: object = "") -> None:
        self.source, self.saved = source, saved


def rebuilt(content: bytes, **parts: str) -> bytes:
    """The workbook with other parts: sheet=… is the first sheet, strings=… the shared strings."""
    names = {
        "sheet": "xl/worksheets/sheet1.xml",
        "strings": "xl/sharedStrings.xml",
        "book": "xl/workbook.xml",
    }
    wanted = {names[name]: text for name, text in parts.items()}
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, wanted.get(name) or old.read(name), zipfile.ZIP_DEFLATED)
    return made.getvalue()


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


PLAIN = workbook(("Tickets", [HEADER, ["lin-yue", "6h"]]))
SHEET = part(PLAIN, "xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("sheets", "fields"),
    [
        pytest.param([("Sheet1", [HEADER, ["lin-yue", "6h"]])], LIN_YUE, id="plain"),
        pytest.param([("工单", [["账户", "最近"], ["lin-yue", "6h"]])], LIN_YUE, id="Chinese"),
        pytest.param(
            [("a", [[" Account ", "LAST"], [" lin-yue ", "6h"]])],
            LIN_YUE,
            id="spaces, capitals",
        ),
        pytest.param(
            [("a", [["Export of November"], [], ["by", "Ann"], HEADER, ["lin-yue", "6h"]])],
            LIN_YUE,
            id="titles above the header",
        ),
        pytest.param(
            [("a", [HEADER, [], ["", None], ["lin-yue", "6h"], []])], LIN_YUE, id="empty rows"
        ),
        pytest.param([("a", [HEADER, HEADER, ["lin-yue", "6h"]])], LIN_YUE, id="header twice"),
        pytest.param(
            [("a", [[None, "account", None, "last"], ["x", "lin-yue", "y", "6h", "z"]])],
            LIN_YUE,
            id="cells beside the table",
        ),
        pytest.param(
            [("Notes", [["How to use this"]]), ("Data", [HEADER, ["lin-yue", "6h"]])],
            LIN_YUE,
            id="the second sheet",
        ),
        pytest.param(
            [("a", [HEADER, ["lin-yue", "6h"]]), ("b", [HEADER, ["chen-hui", "1h"]])],
            LIN_YUE,
            id="the first of two",
        ),
        pytest.param(
            [("a", [[*HEADER, "amount"], ["lin-yue", "6h", "N/A"]])], LIN_YUE, id="no amount"
        ),
        pytest.param(
            [("a", [[*HEADER, "amount"], ["lin-yue", "6h", Formula("=NA()", "#N/A")]])],
            LIN_YUE,
            id="a lookup that found nothing",
        ),
        pytest.param(
            [("a", [HEADER, [Formula("=B9", "lin-yue"), Formula('="6h"', "6h")]])],
            LIN_YUE,
            id="formulas with results",
        ),
    ],
)
def test_a_workbook_is_read_as_it_is_meant(sheets, fields):
    [row] = read(workbook(*sheets), None, {})

    assert row.wrong is None
    assert dict(row.fields) == fields
    assert row.left_out == ()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(0.05616, "0.05616", id="a fraction"),
        pytest.param(0.1 + 0.2, "0.3", id="the digits that Excel shows"),
        pytest.param(0.00000012, "0.00000012", id="a small one"),
        pytest.param(12345678.5, "12345678.5", id="a large one"),
        pytest.param(1200, "1200", id="a whole number"),
        pytest.param(1e15, "1000000000000000", id="no exponent"),
        pytest.param("1,234.56", "1,234.56", id="a text"),
    ],
)
def test_a_number_is_what_excel_shows(value, text):
    [row] = read(workbook(("a", [["account", "amount"], ["lin-yue", value]])), None, {})

    assert row.fields["amount"] == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(
            datetime(2026, 11, 22, 15, 0, tzinfo=UTC), "2026-11-22 15:00:00", id="a moment"
        ),
        pytest.param(
            datetime(2026, 11, 22, 15, 29, 59, tzinfo=UTC), "2026-11-22 15:29:59", id="seconds"
        ),
        pytest.param(datetime(2026, 11, 22, tzinfo=UTC), "2026-11-22 00:00:00", id="midnight"),
        pytest.param(date(2026, 11, 22), "2026-11-22", id="a day"),
        pytest.param(46348.625, "46348.625", id="a bare serial number"),
        pytest.param("2026/11/22 15:00", "2026/11/22 15:00", id="a text"),
    ],
)
def test_a_time_is_read_as_in_csv(value, text):
    [row] = read(workbook(("a", [["account", "from"], ["lin-yue", value]])), None, {})

    assert row.fields["from"] == text


def test_a_ticket_number_and_an_operation_stay_what_they_are():
    table: Table = [["工单号", "账户", "操作"], [70155, "lin-yue", "1.11.24815"]]
    [row] = read(workbook(("a", table)), None, {})

    assert row.ticket == "70155"
    assert dict(row.fields) == {"account": "lin-yue", "operation": "1.11.24815"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("formula", "words"),
    [
        pytest.param(Formula("=1/0", "#DIV/0!"), "#DIV/0!", id="an error"),
        pytest.param(Formula("=SUM(A1:A9)", ""), "Tickets!C2", id="no result"),
    ],
)
def test_a_formula_is_never_computed_and_the_cell_is_named(formula, words, lang):
    table: Table = [[*HEADER, "amount"], ["lin-yue", "6h", formula]]
    [row] = read(workbook(("Tickets", table)), None, {})

    assert dict(row.fields) == LIN_YUE
    [cell] = row.left_out
    assert cell.field == "amount"
    assert words in cell.text.say(lang) and "Tickets!C2" in cell.text.say(lang)


def test_an_account_that_is_a_failed_formula_spoils_its_row_alone():
    table: Table = [HEADER, [Formula("=B1", "#REF!"), "6h"], ["lin-yue", "6h"]]
    first, second = read(workbook(("a", table)), None, {})

    assert [error.field for error in first.wrong.errors] == ["account"]
    assert "a!A2" in first.wrong.errors[0].text.say("en")
    assert dict(second.fields) == LIN_YUE


def test_a_hidden_sheet_is_not_read():
    book = workbook(
        ("Old", [HEADER, ["chen-hui", "1h"]]),
        ("New", [HEADER, ["lin-yue", "6h"]]),
        hidden="Old",
    )
    [row] = read(book, None, {})

    assert dict(row.fields) == LIN_YUE


def test_a_secret_in_a_cell_is_cut_out():
    table: Table = [[*HEADER, "remarks"], ["lin-yue", "6h", f"my key {SECRET}"]]
    [row] = read(workbook(("a", table)), None, {})

    assert [found.kind for found in row.exposed] == ["wif"]
    assert SECRET not in repr(row)


@pytest.mark.parametrize("kind", [None, "csv", "jsonl", "xlsx"])
def test_a_workbook_is_known_by_what_it_holds(kind):
    [row] = read(PLAIN, kind, {})

    assert dict(row.fields) == LIN_YUE


def bomb(name: str, unpacked: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as old, zipfile.ZipFile(made, "w") as new:
        for part_name in old.namelist():
            new.writestr(part_name, old.read(part_name), zipfile.ZIP_DEFLATED)
        new.writestr(name, b" " * unpacked, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def grown(name: str, before: str, more: str) -> bytes:
    """The workbook with more in one part, before the first place that holds some text."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as old, zipfile.ZipFile(made, "w") as new:
        for part_name in old.namelist():
            held = old.read(part_name).decode()
            if part_name == name:
                assert before in held
                held = held.replace(before, more + before, 1)
            new.writestr(part_name, held, zipfile.ZIP_DEFLATED)
    return made.getvalue()


STYLES = "xl/styles.xml"
FIRST_SHEET = "xl/worksheets/sheet1.xml"


def crowd(parts: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for number in range(parts):
            new.writestr(f"{number}.xml", b"")
    return made.getvalue()


ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&b;</t></si></sst>'
)
OUTSIDE = (
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a;</t></si></sst>'
)


@pytest.mark.parametrize(
    ("content", "error", "field"),
    [
        pytest.param(b"PK\x03\x04rest", BadInput, "body", id="the beginning of one"),
        pytest.param(PLAIN[: len(PLAIN) // 2], BadInput, "body", id="half of one"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", BadInput, "body", id="an old one"),
        pytest.param(crowd(3), BadInput, "body", id="another archive"),
        pytest.param(crowd(501), TooLarge, None, id="too many parts"),
        pytest.param(bomb("xl/media/a.bin", 17 * 2**20), TooLarge, None, id="unpacks to much"),
        pytest.param(bomb("xl/comments1.xml", 2**20), TooLarge, None, id="too dense"),
        pytest.param(
            grown(STYLES, "</cellXfs>", "<xf/>" * 60_000), TooLarge, None, id="too many styles"
        ),
        pytest.param(
            grown(FIRST_SHEET, "</row>", "<c/>" * 60_000), TooLarge, None, id="too many cells"
        ),
        pytest.param(
            grown(FIRST_SHEET, "</sheetData>", "<row/>" * 1_000_000),
            TooLarge,
            None,
            id="too many elements",
        ),
        pytest.param(rebuilt(PLAIN, strings=ENTITIES), BadInput, "body", id="entities"),
        pytest.param(rebuilt(PLAIN, strings=OUTSIDE), BadInput, "body", id="a file outside"),
        pytest.param(
            rebuilt(PLAIN, sheet=SHEET.replace("</row>", "<row>", 1)),
            BadInput,
            "body",
            id="a damaged sheet",
        ),
        pytest.param(
            rebuilt(PLAIN, sheet=SHEET.replace("<v>2</v>", "<v>99</v>")),
            BadInput,
            "body",
            id="a text that is not there",
        ),
        pytest.param(workbook(("Notes", [["nothing"]])), BadInput, "header", id="no header"),
        pytest.param(workbook(("Empty", [])), BadInput, "header", id="an empty sheet"),
        pytest.param(workbook(("a", [HEADER])), BadInput, "body", id="no tickets"),
        pytest.param(
            workbook(("a", [["x"]] * 20 + [HEADER, ["lin-yue", "6h"]])),
            BadInput,
            "header",
            id="too far down",
        ),
        pytest.param(
            workbook(("a", [["account"]] + [["a"]] * 5001)), TooLarge, None, id="too many rows"
        ),
    ],
)
def test_a_workbook_that_cannot_be_used_is_refused_as_a_whole(content, error, field):
    with pytest.raises(error) as caught:
        read(content, None, {})

    assert [e.field for e in caught.value.errors] == ([field] if field else [])
    for found in (caught.value, *caught.value.errors):
        assert all(found.text.say(lang) for lang in LANGUAGES)


def test_a_sheet_that_is_listed_many_times_is_read_once():
    listed = "".join(
        f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(2, 20_000)
    )
    [row] = read(grown("xl/workbook.xml", "</sheets>", listed), None, {})

    assert dict(row.fields) == LIN_YUE


def test_many_rows_are_not_too_many_cells():
    blank = "".join(f'<row r="{n}"><c r="A{n}"/><c r="B{n}"/></row>' for n in range(3, 30_000))
    [row] = read(grown(FIRST_SHEET, "</sheetData>", blank), None, {})

    assert dict(row.fields) == LIN_YUE


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param(
            '<c r="C2" t="d"><v>9999-12-31T23:59:59.9</v></c>',
            "9999-12-31 23:59:59",
            id="the end of time",
        ),
        pytest.param(
            '<c r="C2" t="d" s="99"><v>2026-01-02T00:00:00</v></c>',
            "2026-01-02",
            id="a format that is not there",
        ),
    ],
)
def test_a_time_at_the_edge_is_read(cell, text):
    table: Table = [[*HEADER, "from"], ["lin-yue", "", "x"]]
    content = workbook(("a", table))
    sheet = part(content, FIRST_SHEET)
    kept = sheet[: sheet.index('<c r="C2"')] + cell + sheet[sheet.rindex("</row>") :]
    [row] = read(rebuilt(content, sheet=kept), None, {})

    assert row.fields["from"] == text


def test_a_file_that_is_sent_as_a_workbook_and_is_none_is_refused():
    with pytest.raises(BadInput):
        read(b"account,last\nlin-yue,6h\n", "xlsx", {})


@pytest.mark.parametrize(
    "far",
    [
        pytest.param('<row r="99999999999"><c r="A99999999999"/></row>', id="a row far down"),
        pytest.param('<row r="3"><c r="XFD3" t="n"><v>1</v></c></row>', id="the last column"),
        pytest.param('<row r="1048576"><c r="A1048576"/></row>', id="the last row"),
    ],
)
def test_a_cell_far_away_costs_nothing(far):
    content = rebuilt(PLAIN, sheet=SHEET.replace("</sheetData>", f"{far}</sheetData>"))
    [row] = read(content, None, {})

    assert dict(row.fields) == LIN_YUE


def test_a_row_that_is_too_long_is_an_error_of_its_own():
    table: Table = [[*HEADER, "remarks"], ["a", "6h", "x" * 17_000], ["lin-yue", "6h"]]
    first, second = read(workbook(("a", table)), None, {})

    assert [error.field for error in first.wrong.errors] == ["row"]
    assert dict(second.fields) == LIN_YUE


@settings(max_examples=50, deadline=None)
@given(st.integers(0, len(SHEET) - 1), st.text(max_size=8), st.integers(0, 40))
def test_whatever_a_sheet_holds_is_rows_or_a_clear_refusal(at, text, gone):
    try:
        found = read(rebuilt(PLAIN, sheet=SHEET[:at] + text + SHEET[at + gone :]), None, {})
    except (BadInput, TooLarge):
        return
    assert [row.number for row in found] == list(range(1, len(found) + 1))
