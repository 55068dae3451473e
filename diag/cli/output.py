"""Writes texts to the terminal, for all commands."""

from __future__ import annotations

import sys
from typing import TextIO

from diag.printable import printable_lines


def write(text: str, stream: TextIO | None = None) -> None:
    """Write a text to a stream, by default the standard output, with control characters escaped.

    Control and invisible characters are written as \\uXXXX, so that JSON keeps its meaning.
    """
    (stream or sys.stdout).write(printable_lines(text))
