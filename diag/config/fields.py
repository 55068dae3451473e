"""Fields that several configuration files have in common."""

from __future__ import annotations

import re

from diag.config.file_reader import Grammar, Table
from diag.domain.period import Period

ASSET = Grammar(
    re.compile(r"(?=.{3,16}\Z)(?=[^.]*\.?[^.]*\Z)[A-Z][A-Z0-9.]*[A-Z0-9]"),
    "资产代号（3 至 16 位大写字母或数字，至多一个点）",
    "an asset symbol (3 to 16 upper-case letters or digits, at most one dot)",
)


def read_period(row: Table) -> Period:
    """Read `from` and `until`; raises BadSetting if the period ends before it begins."""
    period = Period(row.moment("from"), row.moment("until"))
    if period.start and period.end and period.end <= period.start:
        raise row.wrong(
            "until",
            "结束不晚于开始；请对调或改正。",
            "ends before it begins; correct one of them.",
        )
    return period


def refuse_duplicates(tables: list[Table], field: str, values: list[str]) -> None:
    """Raise BadSetting if two tables have the same value in a field."""
    for index, value in enumerate(values):
        if value in values[:index]:
            raise tables[index].wrong(
                field,
                f"{value} 重复；每个只能出现一次。",
                f"duplicate {field} {value}; give each only once.",
            )
