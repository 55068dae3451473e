"""`make demo`: diagnoses one case of the embedded recorded chain, in both languages."""

from __future__ import annotations

import sys
from datetime import timedelta

from diag.bootstrap import build_services, embedded_ledger
from diag.cli import output
from diag.config.settings import Settings
from diag.domain.case import Case
from diag.render.options import View
from diag.render.text import render

ACCOUNT = "zhao-ming"


def main() -> int:
    """Diagnose the last twelve hours of a recorded account, and print it as text."""
    services = build_services(Settings(ledger=embedded_ledger()))
    now = services.now()
    case = Case(ACCOUNT, now - timedelta(hours=12), now, zone="Asia/Shanghai")
    diagnosis = services.diagnose(case)
    for lang in ("zh", "en"):
        output.write(f"--- {lang}: diag diagnose {ACCOUNT} --last 12h --lang {lang}\n")
        output.write(render(diagnosis, View(lang)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
