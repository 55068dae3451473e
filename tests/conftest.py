"""What all tests share: recorded chains that are read once, and the contract that all answers keep."""

import gc
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from contract import Client
from flask import Flask
from hypothesis import HealthCheck, settings
from recorded import RECORDED

from diag.chain.cache.prefetch import THREAD_NAME
from diag.cli.main import GC_THRESHOLDS
from diag.ledger.recording import Recording

pytest.register_assert_rewrite("overclaims")
read = Recording.load
kept = cache(read)


def pytest_configure(config: pytest.Config) -> None:
    # Else the files with the fewest tests come last: those that start programs and wait for them.
    config.option.loadscopereorder = False

    def load(path: Path) -> Recording:
        return (kept if path.is_relative_to(RECORDED) else read)(path)

    Recording.load = staticmethod(load)
    Flask.test_client_class = Client
    settings.register_profile(  # the same examples each time, however fast the machine is
        "steady",
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("steady")


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of collected tests are no garbage
    gc.set_threshold(*GC_THRESHOLDS)


@pytest.fixture(autouse=True)
def no_prefetch_thread_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A service whose prefetch thread is still running would ask its node during later tests.

    Tests of the prefetching itself are marked with `prefetch` and exempt.
    """
    before = set(threading.enumerate())
    yield
    if request.node.get_closest_marker("prefetch"):
        return
    started = set(threading.enumerate()) - before
    left = [thread for thread in started if thread.name == THREAD_NAME]
    assert not left, "give its settings ahead=0"
