"""Runs a command three times in a row while every processor has three times the work it can do.

No test may depend on how fast the machine is: `make test-busy`.
"""

from __future__ import annotations

import os
import subprocess
import sys

LOOPS = 3 * (os.cpu_count() or 1)
TIMES = 3


def main(command: list[str]) -> int:
    """The first exit status that is not 0, or 0."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(LOOPS)]
    try:
        for number in range(1, TIMES + 1):
            print(f"run {number} of {TIMES}, beside {LOOPS} busy loops", flush=True)
            if status := subprocess.run(command, check=False).returncode:
                return status
        return 0
    finally:
        for loop in loops:
            loop.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
