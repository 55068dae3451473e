from __future__ import annotations

import pytest

from diag.domain.asset import alike, confusable


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("NORTH.USDT", "NORTH.USDC", False),
        ("NORTH.BTC", "NORTH.BCH", False),
        ("NORTH.ETH", "NORTH.ETC", False),
        ("NORTH.TRX", "NORTH.USDTTRC20", False),
        ("NORTH.X", "NORTH.XRP", False),
        ("NORTH.BSC", "NORTH.OMNI", False),
        ("NORTH.BTC", "NORTH.BTC", True),
        ("NORTH.BTC", "SOUTH.BTC", True),
        ("BTC", "SOUTH.BTC", True),
        ("NORTH.USDT", "SOUTH.USDTTRC20", True),
        ("NORTH.USDTERC20", "NORTH.USDTTRC20", True),
        ("NORTH.USDTOMNI", "NORTH.USDTBEP20", True),
        ("NORTH.USDT", "NORTH.USDTE", True),
    ],
)
def test_assets_that_may_be_called_by_the_same_name(
    one: str, other: str, expected: bool
) -> None:
    assert alike(one, other) is alike(other, one) is expected


@pytest.mark.parametrize(
    ("claimed", "sent", "expected"),
    [
        ("NORTH.BTC", "NORTH.LTC", False),
        ("NORTH.BTC", "NORTH.ETH", False),
        ("NORTH.USDT", "NORTH.BTC", False),
        ("NORTH.ETH", "NORTH.USDT", True),
        ("NORTH.TRX", "NORTH.BTC", True),
        ("NORTH.USDT", "NORTH.TRX", True),
        ("USDC", "SOUTH.ETH", True),
        ("NORTH.USDTTRC20", "NORTH.TRX", True),
    ],
)
def test_coins_that_may_be_taken_for_another(claimed: str, sent: str, expected: bool) -> None:
    assert confusable(claimed, sent) is expected
