"""Ways of settling: what each lets people know."""

from __future__ import annotations

import pytest

from diag.domain.settlement import Settlement

TRACEABLE = [
    # way, how many were seen to be settled, how many wait, whether the chain shows who was served
    (Settlement.BURN_EACH, 0, 9, True),
    (Settlement.BURN_BATCH, 0, 9, True),
    (Settlement.NONE, 0, 0, False),
    (Settlement.NONE, 3, 0, False),
    (Settlement.UNKNOWN, 0, 0, False),
    (Settlement.UNKNOWN, 1, 1, True),
    (Settlement.UNKNOWN, 1, 2, False),
    (Settlement.UNKNOWN, 2, 9, False),
    (Settlement.UNKNOWN, 3, 9, True),
]


@pytest.mark.parametrize(("way", "settled", "waiting", "traceable"), TRACEABLE)
def test_who_was_served_is_told_only_where_the_chain_shows_it(way, settled, waiting, traceable):
    assert way.traceable(settled, waiting) is traceable


@pytest.mark.parametrize("way", Settlement)
def test_every_way_is_found_by_its_name_in_the_register(way):
    assert way == way.value and Settlement(way.value) is way
