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
    """

    def __init__(self, path: Path, read: Callable[[Path], Content], what: str) -> None:
        self._path, self._read, self._what = path, read, what
        self._lock = threading.Lock()
        self._seen = self._state()
        self._content = read(path)

    def __call__(self) -> Content:
        state = self._state()
        with self._lock:
            if state != self._seen:
                self._seen = state
                self._again()
            return self._content

    def _again(self) -> None:
        try:
            self._content = self._read(self._path)
        except BadSetting as error:
            log.warning("%s: the last good ones stay in force: %s", self._what, error)

    def _state(self) -> tuple[int, int, int] | None:
        """Changes whenever the file does; None where there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
