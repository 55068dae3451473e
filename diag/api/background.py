"""The jobs that the service does by itself, as requests may hasten them."""

from __future__ import annotations

from flask import current_app


def hasten(job: str) -> None:
    """Lets a job be done soon instead of within the next minute."""
    jobs = current_app.extensions["diag_jobs"]
    if jobs is not None:
        jobs.hasten(job)
