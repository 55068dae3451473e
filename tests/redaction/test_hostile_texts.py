"""The work of a search grows with the length of a text and no faster, whatever stands in it.

Work is counted in calls, which are the same on every machine. Calls do not count what a regular
expression does: every pattern has bounded repetitions, and the largest text of each kind is
searched as a whole by `make chaos`, which a pattern that grew with the square would not end.
"""

from __future__ import annotations

import sys

import pytest
from hostile_texts import SECRETS, long

from diag.redaction import redact


def work(text):
    """How many calls a search makes."""
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        redact(text)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("name", SECRETS)
def test_work_grows_with_the_length_and_no_faster(name):
    redact(
        "one two three four " * 4 + "的一是在不了有和人这中大为上个国"
    )  # lists are read once
    small, large = (work(long(SECRETS[name], size)) for size in (3_000, 12_000))

    assert large <= 4.5 * small + 20_000  # what is spent once on doubts does not grow
    assert large <= 40 * 12_000
