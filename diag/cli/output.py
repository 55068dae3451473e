"""Writes texts to the terminal, for all commands."""

from __future__ import annotations

import sys
from typing import TextIO

from diag.printable import printable_lines
from diag.words import text as words


def write(text: str, stream: TextIO | None = None) -> None:
    """Write a text to a stream, by default the standard output, with control characters escaped.

    Control and invisible characters are written as \\uXXXX, so that JSON keeps its meaning.
    """
    (stream or sys.stdout).write(printable_lines(text))


def say(key: str, lang: str, **facts: object) -> None:
    """Write a line in the words of `commands.toml`, such as `db.deleted`."""
    write(words(f"commands.{key}").say(lang, facts) + "\n")
