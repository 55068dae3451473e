"""The background jobs of the service, as far as requests can start them early."""

from __future__ import annotations

from flask import current_app


def hasten(job: str) -> None:
    """Runs a job soon instead of within the next minute."""
    jobs = current_app.extensions["diag_jobs"]
    if jobs is not None:
        jobs.hasten(job)
