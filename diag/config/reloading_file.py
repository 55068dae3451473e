"""A file whose content is reloaded when it changes."""

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

    Changes are detected by content. Size and times are not enough: a file may be replaced
    within one tick of its file system's clock, or by a copy that keeps the time. Reading such a
    small file takes about twenty microseconds.

    name: what the file holds, for the log.
    """

    def __init__(self, path: Path, read: Callable[[Path], Content], name: str) -> None:
        self._path, self._read, self._name = path, read, name
        self._lock = threading.Lock()
        self._seen = self._bytes()
        self._content = read(path)

    def __call__(self) -> Content:
        found = self._bytes()
        with self._lock:
            if found != self._seen:
                self._seen = found
                self._reload()
            return self._content

    def _reload(self) -> None:
        try:
            self._content = self._read(self._path)
        except BadSetting as error:
            log.warning("%s: the last good ones stay in force: %s", self._name, error)

    def _bytes(self) -> bytes | None:
        """The content of the file; None if it cannot be read."""
        try:
            return self._path.read_bytes()
        except OSError:
            return None
