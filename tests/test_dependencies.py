"""The lock files agree with each other and with setup.cfg, and each direct dependency is explained."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def plain(name: str) -> str:
    """A name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file: str) -> set[tuple[str, str]]:
    return {(plain(name), version) for name, version in _PIN.findall(read(file))}


def direct() -> list[str]:
    """What setup.cfg asks for in order to run."""
    config = configparser.ConfigParser()
    config.read_string(read("setup.cfg"))
    lines = config["options"]["install_requires"].split()
    found = [_NAME.match(line) for line in lines]
    return [plain(name[0]) for name in found if name]


def left_out() -> set[str]:
    settings = tomllib.loads(read("pyproject.toml"))["tool"]["uv"]
    return {plain(name) for name in settings["exclude-dependencies"]}


def test_what_runs_is_pinned_as_everywhere_else() -> None:
    assert pins("requirements.txt") <= pins("requirements-cases.txt") <= pins("constraints.txt")


@pytest.mark.parametrize(
    "file", ["requirements.txt", "requirements-cases.txt", "requirements-build.txt"]
)
def test_every_pin_of_the_image_has_a_hash(file: str) -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", read(file), flags=re.MULTILINE)
    pinned = [block for block in blocks if _PIN.match(block)]
    assert len(pinned) == len(pins(file)) > 0
    assert all("--hash=sha256:" in block for block in pinned)


def test_everything_asked_for_is_pinned_and_nothing_that_is_left_out() -> None:
    pinned = {name for name, _ in pins("requirements.txt")}
    assert set(direct()) <= pinned
    assert not pinned & left_out()


def test_the_docs_say_what_each_is_for() -> None:
    page = read("docs/dependencies.md").lower()
    names = [*direct(), *left_out() - {"robust-downloader"}]
    missing = [
        name for name in names if not re.search(rf"\b{name.replace('-', '[-_]')}\b", page)
    ]
    assert missing == []


def test_no_lock_file_names_an_index() -> None:
    files = [path.name for path in ROOT.glob("requirements*.txt")]
    for file in ("constraints.txt", *files):
        assert not re.search(r"://|--index|--find-links|/tmp|/opt", read(file))
