"""The exit statuses of the `diag` command."""

from __future__ import annotations

EXIT_STATUS = {
    "delivered": 0,
    "returned": 0,
    "in_progress": 1,
    "stuck": 2,
    "at_risk": 2,
    "not_sent": 2,
    "nothing_found": 2,
    "undetermined": 3,
}
"""Outcome of a verdict → exit status: 0 nothing to do, 1 in progress, 2 a problem, 3 undetermined."""
EXIT_UNAVAILABLE = 3
EXIT_USAGE = 64
"""Wrong arguments or settings (EX_USAGE of sysexits)."""
EXIT_INTERRUPTED = 130
