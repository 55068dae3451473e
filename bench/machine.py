"""What was measured on: enough to judge the figures, nothing that tells whose machine it is."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("flask", "waitress", "requests", "websockets", "bitshares", "graphenelib")


def machine() -> dict[str, Any]:
    """Processors, memory, system, and how busy it is just now."""
    return {
        "processor": _first(Path("/proc/cpuinfo"), r"model name\s*:\s*(.+)")
        or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(
            int(_first(Path("/proc/meminfo"), r"MemTotal:\s*(\d+)") or 0) / 2**20, 1
        ),
        "system": f"{platform.system()} {platform.machine()}",
        "load_at_start": load(),
    }


def load() -> float | None:
    """Processes that wanted to run, on average over the last minute."""
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return None


def versions() -> dict[str, str]:
    """Of Python, of the service and of what the figures depend on."""
    found = {"python": platform.python_version(), "diag": version("bitshares-diag")}
    return found | {name: version(name) for name in PACKAGES}


def today() -> str:
    """The moment of measuring, UTC, to the minute."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}"


def _first(file: Path, pattern: str) -> str | None:
    try:
        found = re.search(pattern, file.read_text())
    except OSError:
        return None
    return found[1].strip() if found else None
