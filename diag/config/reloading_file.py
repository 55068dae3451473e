"""A file that is read again whenever it changes."""

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
    """Callable: returns the current content of a file; thread-safe.

    The constructor raises BadSetting if the file cannot be read. If a later version cannot be read,
    the last good content stays in use, and the error is logged once.

    name: what the file holds, for the log.
    """

    def __init__(self, path: Path, read: Callable[[Path], Content], name: str) -> None:
        self._path, self._read, self._name = path, read, name
        self._lock = threading.Lock()
        self._read_version = self._version()
        self._content = read(path)

    def __call__(self) -> Content:
        version = self._version()
        with self._lock:
            if version != self._read_version:
                self._read_version = version
                self._reload()
            return self._content

    def _reload(self) -> None:
        try:
            self._content = self._read(self._path)
        except BadSetting as error:
            log.warning("%s: the last good ones stay in force: %s", self._name, error)

    def _version(self) -> tuple[int, int, int] | None:
        """A value that changes whenever the file changes; None if the file does not exist."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
