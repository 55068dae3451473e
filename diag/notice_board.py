"""The notices as they stand in their file, read again whenever it changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from diag.errors import BadSetting
from diag.notice import Notice

log = logging.getLogger(__name__)

Read = Callable[[Path], tuple[Notice, ...]]


class NoticeBoard:
    """What a file holds now. One that cannot be read at the start raises BadSetting; one that is
    spoilt later leaves the last good notices in force, and is logged once.
    """

    def __init__(self, path: Path, read: Read) -> None:
        self._path, self._read = path, read
        self._lock = threading.Lock()
        self._seen = self._state()
        self._notices = read(path)

    def __call__(self) -> tuple[Notice, ...]:
        state = self._state()
        with self._lock:
            if state != self._seen:
                self._seen = state
                self._again()
            return self._notices

    def _again(self) -> None:
        try:
            self._notices = self._read(self._path)
        except BadSetting as error:
            log.warning("notices: the last good ones stay in force: %s", error)

    def _state(self) -> tuple[int, int, int] | None:
        """Changes whenever the file does; None where there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
