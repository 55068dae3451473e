"""A written number: every way in which it can be meant."""

from __future__ import annotations

import pytest

from diag.intake.extract.numerals import readings

ONE = {
    "12'500.50": "12500.50",
    "12,500.50": "12500.50",
    "12.500,50": "12500.50",
    "1,234": "1234",
    "1.234.567": "1234567",
    "1.2e+3": "1200",
    "1e-8": "0.00000001",
    "0. 05616": "0.05616",
    "0 .05616": "0.05616",
    "0,5": "0.5",
    "12,50": "12.50",
    ".5": "0.5",
    "3.000": "3",
}


@pytest.mark.parametrize(("text", "number"), ONE.items(), ids=ONE)
def test_a_number_that_can_be_meant_in_one_way(text, number):
    assert [f"{float(found):g}" for found in readings(text)] == [f"{float(number):g}"]


SEVERAL = {"12 500": ["12500", "500"], "5. 10": ["5.10", "10"]}


@pytest.mark.parametrize(("text", "numbers"), SEVERAL.items(), ids=SEVERAL)
def test_a_gap_may_part_two_numbers(text, numbers):
    assert [str(found) for found in readings(text)] == numbers


def test_a_comma_may_be_a_decimal_point_in_other_languages():
    assert [str(found) for found in readings("1,234", decimal_comma=True)] == ["1234", "1.234"]


@pytest.mark.parametrize("text", ["05616", "1.2.3", "12 34", "1,23,456", "1'2"])
def test_nobody_writes_a_number_so(text):
    assert readings(text) == ()
