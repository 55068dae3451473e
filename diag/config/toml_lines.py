"""Finds the line of each key of a TOML document, for error messages."""

from __future__ import annotations

import re

KeyPath = tuple[str | int, ...]

_PART = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')"
_KEY = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*")
_EACH_PART = re.compile(_PART)
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}\n#]+")  # a number, a date, true or false
_BLANK = re.compile(
    r"(?:[\s,]|#[^\n]*)*"
)  # commas only separate, in a document known to be valid
_EQUALS = re.compile(r"[ \t]*=[ \t]*")


def toml_lines(text: str) -> dict[KeyPath, int]:
    """The line of every table, key and array element of a valid document, by key path."""
    return _Walk(text).document()


class _Walk:
    """One pass over a document that tomllib has accepted."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {(): 1}
        self.repeats: dict[KeyPath, int] = {}  # [[table]] → how many so far

    def document(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self.peek() != "":
            if self.peek() == "[":
                table = self.header()
            else:
                self.pair(table)
        return self.lines

    def header(self) -> KeyPath:
        repeated = self.text.startswith("[[", self.at)
        line = self.line()
        self.at += 2 if repeated else 1
        self.peek()
        path: KeyPath = ()
        parts = self.key()
        for depth, part in enumerate(parts, start=1):
            path = (*path, part)
            if repeated and depth == len(parts):
                self.repeats[path] = self.repeats.get(path, 0) + 1
            self.lines.setdefault(path, line)
            if path in self.repeats:
                path = (*path, self.repeats[path] - 1)
                self.lines.setdefault(path, line)
        self.peek()
        self.at += 2 if repeated else 1
        return path

    def pair(self, table: KeyPath) -> None:
        line = self.line()
        path = table
        for part in self.key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self.take(_EQUALS)
        self.value(path)

    def value(self, path: KeyPath) -> None:
        match self.peek():
            case "[":
                self.array(path)
            case "{":
                self.inline_table(path)
            case '"' | "'":
                self.take(_STRING)
            case _:
                self.take(_PLAIN)

    def array(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while self.peek() != "]":
            self.lines[(*path, index)] = self.line()
            self.value((*path, index))
            index += 1
        self.at += 1

    def inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self.peek() != "}":
            self.pair(path)
        self.at += 1

    def key(self) -> list[str]:
        return [part.strip("\"'") for part in _EACH_PART.findall(self.take(_KEY))]

    def peek(self) -> str:
        """The next character that is no white space or comment; "" at the end."""
        self.take(_BLANK)
        return self.text[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:  # never in a valid document; end the walk rather than loop
            self.at = len(self.text)
            return ""
        self.at = found.end()
        return found.group()

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1
