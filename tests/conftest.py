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

from diag.cli.main import ROWS_BETWEEN_SWEEPS
from diag.ledger.recording import Recording

read = Recording.load
kept = cache(read)


def pytest_configure() -> None:
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
    gc.set_threshold(*ROWS_BETWEEN_SWEEPS)


@pytest.fixture(autouse=True)
def nothing_is_asked_ahead(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a service asks ahead of its next question would be asked in the tests that follow."""
    before = set(threading.enumerate())
    yield
    begun = (thread for thread in threading.enumerate() if thread not in before)
    ahead = [thread for thread in begun if thread.name == "ahead"]
    assert not ahead or request.path.name == "test_client.py", "give its settings ahead=0"
