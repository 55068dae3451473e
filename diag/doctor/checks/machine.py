"""Combines all diagnostics of a set-up, in the order in which to act on them; and checks the
machine.
"""

from __future__ import annotations

from collections.abc import Iterator

from diag.doctor.checks import index, nodes, register, settings
from diag.doctor.result import Diagnostic, Level
from diag.doctor.snapshot import Facts

AREA = "machine"


def check(facts: Facts) -> tuple[Diagnostic, ...]:
    """Return all diagnostics that follow from the facts. Pure."""
    return (
        *settings.check(facts),
        *nodes.check(facts),
        *index.check(facts),
        *register.check(facts),
        *_machine(facts),
    )


def _machine(facts: Facts) -> Iterator[Diagnostic]:
    machine = facts.machine
    software = f"diag {machine.version}, Python {machine.python}"
    if machine.zones:
        yield Diagnostic.of(Level.OK, AREA, software, ("时区数据可用", "time zones are known"))
    else:
        yield Diagnostic.of(
            Level.FAULT,
            AREA,
            software,
            (
                "没有时区数据：tz=Asia/Shanghai 会被拒绝",
                "no time zones: tz=Asia/Shanghai is refused",
            ),
            ("pip install tzdata", "pip install tzdata"),
        )
    listen = facts.review.settings
    where = f"{listen.host}:{listen.port}"
    if machine.port == "taken":
        yield Diagnostic.of(
            Level.HINT,
            AREA,
            where,
            (
                "端口已被占用；也许服务正在运行",
                "the port is taken, perhaps by the running service",
            ),
            ("若不是，请改 DIAG_PORT", "if it is not that, change DIAG_PORT"),
        )
    elif machine.port:
        yield Diagnostic.of(
            Level.WARNING,
            AREA,
            where,
            ("本机不能在此监听", "this machine cannot listen there"),
            ("更正 DIAG_HOST 或 DIAG_PORT", "correct DIAG_HOST or DIAG_PORT"),
        )
    if not machine.scratch:
        yield Diagnostic.of(
            Level.WARNING,
            AREA,
            ("临时目录", "temporary files"),
            (
                "没有可写的目录，diag serve 无法启动",
                "no place can be written to: diag serve does not start",
            ),
            ("使 /dev/shm 或 /tmp 可写", "make /dev/shm or /tmp writable"),
        )
