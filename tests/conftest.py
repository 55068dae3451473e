"""What all tests share: each recorded chain is read from its files once, and nobody changes it."""

import gc
from functools import cache
from pathlib import Path

from recorded import RECORDED

from diag.chain.recording import Recording
from diag.cli import ROWS_BETWEEN_SWEEPS

read = Recording.load
kept = cache(read)


def pytest_configure() -> None:
    def load(path: Path) -> Recording:
        return (kept if path.is_relative_to(RECORDED) else read)(path)

    Recording.load = staticmethod(load)


def pytest_collection_finish() -> None:
    gc.freeze()  # thousands of collected tests are no garbage
    gc.set_threshold(*ROWS_BETWEEN_SWEEPS)
