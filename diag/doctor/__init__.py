"""`diag doctor`: examines a set-up and says what to correct.

`examine` reads files, nodes and the machine, within a few seconds. `check` is pure: it turns
the facts into diagnostics.
"""

from __future__ import annotations

from diag.doctor.checks.machine import check
from diag.doctor.probe import examine
from diag.doctor.result import Diagnostic, Level

__all__ = ["Diagnostic", "Level", "check", "examine"]
