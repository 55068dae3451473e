"""`diag worker`: looks at kept cases until it is told to stop; any number may run, on any hosts."""

from __future__ import annotations

import logging
import signal
from dataclasses import replace
from threading import Event

import click

from diag.case_bootstrap import build_jobs, require_desk
from diag.cli.environment import environment
from diag.config.settings import Settings, read_settings
from diag.redaction import log_records
from diag.telemetry.logging import configure_logging

log = logging.getLogger(__name__)


@click.command()
def command() -> int:
    """Look at kept cases, with the jobs of DIAG_QUEUE or of this host, until SIGTERM or SIGINT."""
    return run(read_settings(environment()))


def run(settings: Settings) -> int:
    """Runs jobs until SIGTERM or SIGINT; a look in progress is finished first."""
    log_records.install()
    configure_logging(settings.log, settings.log_level)
    desk = require_desk(replace(settings, ahead=0.0))  # a batch reads its own head
    stopping = Event()
    jobs, _ = build_jobs(settings, desk, stopping)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    jobs.start()
    log.info("looking at cases")
    while not stopping.wait(1):
        pass  # a wait without a timeout is not ended by a signal to another thread
    jobs.stop()
    return 0
