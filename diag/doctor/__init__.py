"""`diag doctor`: what a set-up is made of, whether each part of it works, and what to mend.

`examine` looks (files, nodes, the machine) and keeps within a few seconds; `judge` is pure and
makes findings of what was seen.
"""

from __future__ import annotations

from diag.doctor.checks.machine import check
from diag.doctor.probe import examine
from diag.doctor.result import Diagnostic, Level

__all__ = ["Diagnostic", "Level", "check", "examine"]
