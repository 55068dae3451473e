"""The package says what it is, in which version, and who made it."""

from __future__ import annotations

import re
from configparser import ConfigParser
from importlib.metadata import metadata
from pathlib import Path

from diag import __version__

ROOT = Path(__file__).parents[1]


def test_the_metadata_are_complete() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    told = config["metadata"]
    assert told["author"] == "bitshares-diag contributors"
    assert told["version"] == "attr: diag.__version__"
    assert {"description", "long_description", "license", "keywords", "classifiers"} <= set(
        told
    )
    assert metadata("bitshares-diag")["Name"] == told["name"]


def test_a_version_has_three_numbers() -> None:
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", __version__)
