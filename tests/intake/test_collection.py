"""The measure on the collection of public complaints stays above what is promised."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def scores():
    spec = importlib.util.spec_from_file_location("measure", ROOT / "bench" / "intake.py")
    measure = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = measure
    spec.loader.exec_module(measure)
    found = measure.measured()
    found.table = measure.table(found)
    return found


FLOORS = {
    # field: precision, recall
    "asset": (0.9, 0.8),
    "amount": (0.9, 0.8),
    "times": (0.85, 0.7),
}


@pytest.mark.parametrize(("field", "floors"), FLOORS.items(), ids=FLOORS)
def test_a_field_is_read_as_well_as_promised(scores, field, floors):
    score = scores.fields[field]
    precision = score.right / (score.right + score.wrong)
    assert (precision >= floors[0], score.found / score.gold >= floors[1]) == (True, True)


@pytest.mark.parametrize("field", ["account", "transaction"])
def test_no_account_and_no_transaction_is_made_up(scores, field):
    assert scores.fields[field].wrong == 0


def test_a_kind_is_named_only_where_it_is_sure_and_often_enough(scores):
    assert scores.precision >= 0.95
    assert scores.coverage >= 0.6


def test_the_docs_show_these_figures(scores):
    page = (ROOT / "docs" / "intake.md").read_text(encoding="utf-8")
    assert scores.table in page
