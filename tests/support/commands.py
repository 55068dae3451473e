"""The `diag` command, started as a program of its own."""

from __future__ import annotations

import contextlib
import fcntl
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
from typing import Any

import requests
from waiting import PATIENCE

ROOT = Path(__file__).parents[2]
EMBEDDED = ROOT / "diag" / "data" / "ledger"
"""The same cases in a tenth of the size."""

# --- programs that are started -------------------------------------------------------------


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def environment(**changes: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("DIAG_")}
    plain = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}
    return {**kept, **plain, **changes}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "diag.cli.main", *arguments]


def on_terminal(
    *arguments: str, given: bytes = b"", columns: int = 80, **changes: str
) -> tuple[int, str]:
    """Exit status and output of the command on a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    plain = environment(TERM="xterm-256color", **changes)
    program = subprocess.Popen(
        command(*arguments),
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
        env={k: v for k, v in plain.items() if k != "NO_COLOR" or k in changes},
    )
    os.close(theirs)
    assert program.stdin
    program.stdin.write(given)
    program.stdin.close()
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    return program.wait(PATIENCE), shown.decode().replace("\r\n", "\n")


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
