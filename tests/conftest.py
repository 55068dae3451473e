"""What all tests share: each recorded chain is read from its files once, and nobody changes it."""

from functools import cache
from pathlib import Path

from recorded import RECORDED

from diag.chain.recording import Recording

read = Recording.load
kept = cache(read)


def pytest_configure() -> None:
    def load(path: Path) -> Recording:
        return (kept if path.is_relative_to(RECORDED) else read)(path)

    Recording.load = staticmethod(load)
