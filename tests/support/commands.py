"""The `diag` command: in this process, which is quick, and as a program of its own."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import requests
from waiting import PATIENCE

from diag.cli import main

ROOT = Path(__file__).parents[2]
EMBEDDED = ROOT / "diag" / "data" / "ledger"
"""The same cases in a tenth of the size."""


class Ran(NamedTuple):
    """What became of a command."""

    status: int
    out: str
    err: str


def ran(*arguments: str, given: bytes = b"", **settings: str) -> Ran:
    """Runs a command in this process, with pipes and with the environment of a program of its own.

    For commands that end by themselves and leave nothing behind; it never prints a traceback.
    """
    pipes = [io.TextIOWrapper(io.BytesIO(data), "utf-8") for data in (given, b"", b"")]
    with (
        patch.dict(os.environ, environment(**settings), clear=True),
        patch.multiple(sys, **dict(zip(("stdin", "stdout", "stderr"), pipes, strict=True))),
    ):
        try:
            status = main.main(arguments)
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else 1
    for pipe in pipes:
        pipe.flush()
    out, err = (pipe.buffer.getvalue().decode() for pipe in pipes[1:])  # type: ignore[attr-defined]
    assert "Traceback" not in out + err
    return Ran(status, out, err)


# --- programs that are started -------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def environment(**changes: str) -> dict[str, str]:
    ours = ("DIAG_", "COLUMNS", "LINES")  # the runner of the tests has a terminal of its own
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    plain = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}
    return {**kept, **plain, **changes}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "diag.cli.main", *arguments]


def ran_as_program(*arguments: str, **settings: str) -> Ran:
    """Runs a command as a program of its own, until it ends by itself."""
    done = subprocess.run(
        command(*arguments),
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(*arguments: str, columns: int = 80, **settings: str) -> str:
    """What a command in this process shows on a terminal of so many columns."""
    screen = Terminal()
    plain = environment(TERM="xterm-256color", COLUMNS=str(columns), **settings)
    streams = patch.multiple(sys, stdout=screen, stderr=screen)
    with patch.dict(os.environ, plain, clear=True), streams:
        main.main(arguments)
    return screen.getvalue()


def on_terminal(*arguments: str, columns: int = 80, **changes: str) -> tuple[int, str]:
    """Exit status and output of a program on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    plain = environment(TERM="xterm-256color", **changes)
    program = subprocess.Popen(
        command(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={k: v for k, v in plain.items() if k != "NO_COLOR" or k in changes},
    )
    os.close(theirs)
    seen = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while part := os.read(ours, 65536):
            seen += part
    os.close(ours)
    return program.wait(PATIENCE), seen.decode().replace("\r\n", "\n")


@contextmanager
def started(*arguments: str, log: Path, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs meanwhile; its output is in the log. It is ended in any case."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background
        signal.signal(
            signal.SIGINT, signal.default_int_handler
        )  # a program inherits the former
    with log.open("wb") as output:
        program = subprocess.Popen(
            command(*arguments),
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(**changes),
            cwd=log.parent,
        )
    try:
        yield program
    finally:
        if program.poll() is None:
            program.kill()
        program.wait(PATIENCE)


def until(condition: Any, program: subprocess.Popen[bytes], log: Path) -> Any:
    """What the condition gives as soon as it gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and program.poll() is None:
        try:
            if found := condition():
                return found
        except requests.RequestException:
            pass
        time.sleep(0.02)
    raise AssertionError(f"not in time: {log.read_text(encoding='utf-8')}")
