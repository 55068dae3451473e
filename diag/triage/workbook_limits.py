"""What an Excel workbook may hold, checked before any of it is kept in memory. Pure.

The sizes that the archive declares come first: zipfile unpacks no more than a part declares. Then the
elements of each part are counted as they stream by. Few bytes unpack to many elements, and openpyxl
takes up to a kilobyte and 20 microseconds for each one that it keeps: all those of the styles, of the
list of sheets and of one row.
"""

from __future__ import annotations

import io
import zipfile
from typing import IO
from xml.parsers import expat

from diag.errors import TooLarge
from diag.words import problem

MOST_PARTS = 500
MOST_UNPACKED = 16 * 1024 * 1024
"""Bytes of all parts of the archive together."""
DENSEST = 200
"""How many times its packed size a part may have; of a real sheet it is 5 to 50 times."""
MOST_ELEMENTS = 1_000_000
"""XML elements of all parts together; 16 MiB of real sheets hold about 700,000."""
MOST_KEPT = 50_000
"""Elements of a part outside the rows, or in one row; Excel itself allows 65,490 formats of cells."""
_ENTRIES = {"worksheet": "row", "sst": "si"}
"""Root of a part that is read entry by entry → the element that is an entry."""
_CHUNK = 64 * 1024


def check(content: bytes) -> None:
    """Raises TooLarge for a workbook that would take too much memory or time."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        dense = any(part.file_size > max(part.compress_size, 1024) * DENSEST for part in parts)
        if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or dense:
            raise TooLarge(text=problem("tickets.unpacks_to_too_much"))
        left = MOST_ELEMENTS
        for part in parts:
            with archive.open(part) as stream:
                left -= _count(stream, left)


def _count(stream: IO[bytes], left: int) -> int:
    """The number of elements of a part; TooLarge if they are more than `left`, or too many are kept.

    It ends where the part is no XML, or declares entities: nothing reads further than that.
    """
    counter = _Counter(left)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler, parser.EndElementHandler = counter.start, counter.end
    parser.EntityDeclHandler = counter.refuse
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
    except (expat.ExpatError, _Entity):
        pass
    return counter.total


class _Entity(Exception):
    """A part declares an entity."""


class _Counter:
    """Counts the elements of a part: all of them, and those outside its entries or in one entry."""

    def __init__(self, left: int) -> None:
        self.total = 0
        self._left = left
        self._entry: str | None = None
        self._outside = self._inside = self._depth = 0
        """Elements outside the entries and in the present one, and how many entries are open."""

    def start(self, name: str, _attributes: object) -> None:
        local = name.rpartition("}")[2]
        if not self.total:
            self._entry = _ENTRIES.get(local)
        self.total += 1
        if local == self._entry:
            self._depth += 1
        if self._depth:
            self._inside += 1
        else:
            self._outside += 1
        if self.total > self._left or self._inside > MOST_KEPT or self._outside > MOST_KEPT:
            raise TooLarge(text=problem("tickets.unpacks_to_too_much"))

    def end(self, name: str) -> None:
        if self._depth and name.rpartition("}")[2] == self._entry:
            self._depth -= 1
            if not self._depth:
                self._inside = 0

    def refuse(self, *_declared: object) -> None:
        raise _Entity
