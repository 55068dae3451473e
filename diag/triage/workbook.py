"""Writes a table as a workbook (XLSX). All cells are texts, so none can be a formula or a link."""

from __future__ import annotations

import io
from collections.abc import Sequence

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = (14, 20, 14, 30, 14, 22, 20, 16, 40, 60, 14, 40)
_LONGEST = 32_000
"""The most characters of a cell."""


def as_xlsx(table: Sequence[Sequence[object]]) -> bytes:
    """A table as XLSX; its first row is the header, which is frozen and has filters."""
    import xlsxwriter  # needed for this alone

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(content, options)
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    for number, row in enumerate(table):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, str(cell)[:_LONGEST], body if number else head)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table) - 1), len(table[0]) - 1)
    book.close()
    return content.getvalue()
