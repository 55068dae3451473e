"""What all tests share: recorded chains that are read once, and the contract that all answers keep."""

import gc
from functools import cache
from pathlib import Path

from contract import Client
from flask import Flask
from recorded import RECORDED

from diag.chain.recording import Recording
from diag.cli import ROWS_BETWEEN_SWEEPS

read = Recording.load
kept = cache(read)


def pytest_configure() -> None:
    def load(path: Path) -> Recording:
        return (kept if path.is_relative_to(RECORDED) else read)(path)

    Recording.load = staticmethod(load)
    Flask.test_client_class = Client


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of collected tests are no garbage
    gc.set_threshold(*ROWS_BETWEEN_SWEEPS)
