"""A file that is read again when it changes: whatever its size and its times say."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from diag.config.reloading_file import ReloadingFile
from diag.errors import BadSetting
from diag.i18n import Text

AT = (1_800_000_000, 1_800_000_000)
"""The second at which every file here was written, it says."""
Change = Callable[[Path], None]


def put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, AT)


class Reader:
    """Reads a word, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, path: Path) -> str:
        self.times += 1
        try:
            found = path.read_text(encoding="utf-8")
        except OSError:
            found = "spoilt"
        if found == "spoilt":
            raise BadSetting(Text(zh="错", en="wrong"))
        return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """By way of a link, as where files are mounted into a container."""
    (tmp_path / "first").mkdir()
    put(tmp_path / "first" / "words", "one")
    (tmp_path / "now").symlink_to("first")
    return tmp_path / "now" / "words"


def replaced(path: Path) -> None:
    other = path.with_name("prepared")
    put(other, "two")
    other.replace(path)


def relinked(path: Path) -> None:
    folder = path.parent.parent
    (folder / "second").mkdir()
    put(folder / "second" / "words", "two")
    (folder / "new").symlink_to("second")
    (folder / "new").replace(folder / "now")


CHANGES = [
    pytest.param(lambda path: put(path, "two"), "two", id="written over, in the same second"),
    pytest.param(replaced, "two", id="replaced, in the same second"),
    pytest.param(relinked, "two", id="the link leads elsewhere"),
    pytest.param(lambda path: put(path, "three"), "three", id="longer"),
    pytest.param(lambda path: put(path, ""), "", id="emptied"),
]
NO_CHANGES = [
    pytest.param(lambda path: None, id="nothing happened"),
    pytest.param(lambda path: os.utime(path), id="touched"),
    pytest.param(lambda path: put(path, "one"), id="the same written once more"),
]


@pytest.mark.parametrize("change", NO_CHANGES)
def test_what_has_not_changed_is_not_read_again(path: Path, change: Change) -> None:
    read = Reader()
    held = ReloadingFile(path, read, "words")
    change(path)
    assert [held() for _ in range(3)] == ["one"] * 3
    assert read.times == 1


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_what_has_changed_is_read_once(path: Path, change: Change, expected: str) -> None:
    read = Reader()
    held = ReloadingFile(path, read, "words")
    assert held() == "one"
    change(path)
    assert [held() for _ in range(3)] == [expected] * 3
    assert read.times == 2


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: put(path, "spoilt"), id="it cannot be understood"),
        pytest.param(Path.unlink, id="it is gone"),
    ],
)
def test_a_spoilt_file_leaves_what_it_held_and_is_logged_once(
    path: Path, change: Change, caplog: pytest.LogCaptureFixture
) -> None:
    held = ReloadingFile(path, Reader(), "words")
    change(path)
    with caplog.at_level(logging.WARNING):
        assert [held() for _ in range(3)] == ["one"] * 3
    assert len(caplog.records) == 1
    put(path, "two")
    assert held() == "two"


def test_a_file_that_cannot_be_read_at_the_start_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(BadSetting):
        ReloadingFile(tmp_path / "nowhere", Reader(), "words")
