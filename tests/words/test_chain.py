"""The words for what could not be read from the chain: every key that the code names, and none left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import diag
from diag.chain.pool.history_service import Lack
from diag.words import tables, text, texts

CODE = "".join(
    path.read_text(encoding="utf-8") for path in Path(diag.__file__).parent.rglob("*.py")
)
NAMED = sorted(set(re.findall(r'"(chain\.(?:gap|reason)\.\w+)"', CODE)))


@pytest.mark.parametrize("key", NAMED)
def test_each_text_exists(key: str) -> None:
    assert text(key)


def test_every_lack_has_a_text() -> None:
    assert texts("chain.lack").keys() == set(Lack)


def test_no_text_is_left_over() -> None:
    parts = {"proposals", "locks", "orders", "vesting", "balances"}  # of wave 1
    stated = {
        f"chain.{table}.{name}" for table in tables("chain") for name in texts(f"chain.{table}")
    }
    dynamic = {f"chain.gap.{part}" for part in parts} | {f"chain.lack.{lack}" for lack in Lack}
    assert stated == dynamic | set(NAMED)
