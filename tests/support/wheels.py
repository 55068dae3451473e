"""`make wheels`: which packages of the lock file have no wheel, by processor and Python.

Asks the package index for each package and environment, so it takes some minutes. Prints a table in
Markdown of those that lack one, and whether their source needs a compiler.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PROCESSORS = {"x86-64": "x86_64", "arm64": "aarch64"}
_LIBC = ("manylinux2014", "manylinux_2_17", "manylinux_2_28")
_PIN = re.compile(r"([a-z0-9.-]+==[^ ;\\]+)(?: ; ([^\\]+))?", re.IGNORECASE)


def pins(lock: Path) -> list[tuple[str, str]]:
    """Each pinned package, and the marker that says where it is needed."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    found = (_PIN.match(line) for line in lines if line[:1].isalnum())
    return [(pin[1], (pin[2] or "").strip()) for pin in found if pin]


def has_wheel(pin: str, python: str, machine: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        platforms = [word for libc in _LIBC for word in ("--platform", f"{libc}_{machine}")]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--only-binary=:all:", "--dest", folder]
        command += ["--python-version", python, "--implementation", "cp", *platforms, pin]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def needed(marker: str, python: str) -> bool:
    """Whether a marker asks for the package; of markers, only those about the Python decide."""
    minor = int(python.partition(".")[2])
    bound = re.search(r"python_full_version (<|>=) '3\.(\d+)'", marker)
    return bound is None or (minor < int(bound[2])) == (bound[1] == "<")


def main(lock: Path) -> int:
    places = [(cpu, python) for cpu in PROCESSORS for python in PYTHONS]
    print("| package | " + " | ".join(f"{cpu} {python}" for cpu, python in places) + " |")
    print("|---|" + "---|" * len(places))

    def cell(pin: str, marker: str, cpu: str, python: str) -> str:
        if not needed(marker, python):
            return "–"
        return "wheel" if has_wheel(pin, python, PROCESSORS[cpu]) else "**source**"

    whole = 0
    with ThreadPoolExecutor(4) as pool:
        for pin, marker in pins(lock):
            cells = list(pool.map(lambda place, p=pin, m=marker: cell(p, m, *place), places))
            if "**source**" in cells:
                print(f"| {pin} | " + " | ".join(cells) + " |", flush=True)
            else:
                whole += 1
    print(f"\n{whole} others have a wheel for each.")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "requirements.txt")))
