"""What stands in a file, read again whenever it changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from diag.errors import BadSetting

log = logging.getLogger(__name__)

Content = TypeVar("Content")


class ReloadingFile(Generic[Content]):
    """What a file holds now. One that cannot be read at the start raises BadSetting; one that is
    spoilt later leaves what it last held in force, and is logged once.

    A change is told by the bytes of the file. Its size and times do not tell it for sure: a file may
    be replaced within one tick of its file system's clock, or by a copy that keeps the time. These
    files are small, and to read one takes some twenty microseconds.
    """

    def __init__(self, path: Path, read: Callable[[Path], Content], what: str) -> None:
        self._path, self._read, self._what = path, read, what
        self._lock = threading.Lock()
        self._seen = self._bytes()
        self._content = read(path)

    def __call__(self) -> Content:
        found = self._bytes()
        with self._lock:
            if found != self._seen:
                self._seen = found
                self._again()
            return self._content

    def _again(self) -> None:
        try:
            self._content = self._read(self._path)
        except BadSetting as error:
            log.warning("%s: the last good ones stay in force: %s", self._what, error)

    def _bytes(self) -> bytes | None:
        """What stands in the file; None where it cannot be read."""
        try:
            return self._path.read_bytes()
        except OSError:
            return None
