"""Sends the messages that are due, several at a time, and records the outcome of each.

The outbox holds what is due, so any number of workers may run this, any number of times. A worker
that dies between the sending and the settling leaves the message to the next one, which sends it again
under the same id; see docs/follow-up.md.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import repeat

from diag.cases import outbox
from diag.cases.database import Database
from diag.cases.lease import new_lease
from diag.cases.outbox import LEASE, Taken
from diag.channels.backoff import FIRST, next_attempt
from diag.channels.message import Channel, Failed, Outgoing
from diag.telemetry.logging import masking

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Messages that are taken at once and sent in parallel."""
MARGIN = LEASE / 2
"""A message is not sent any more in this last part of its lease, because another worker may take it
soon.
"""
OUTCOMES = ("delivered", "failed", "parked")


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends messages to the channels; thread-safe, and any number of senders may share a database.

    channels: returns the channels that the operator's file currently names; wall: the clock of the
    outbox; count: called with the outcome of each attempt, one of OUTCOMES; stopped: whether to start
    no further one.
    """

    database: Database
    channels: Callable[[], Mapping[str, Channel]]
    wall: Callable[[], datetime]
    count: Callable[[str], object] = lambda _: None
    stopped: Callable[[], bool] = lambda: False
    resting: dict[str, datetime] = field(default_factory=dict)
    """Channel → until when it gets no messages, because it failed or asked for a pause."""

    def run(self) -> int:
        """Sends messages until none is due; returns how many attempts were made."""
        done = 0
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tell") as pool:
            while not self.stopped():
                began = self.wall()
                lease = new_lease()
                taken = outbox.take(self.database, began, lease, AT_ONCE)
                if not taken:
                    break
                last = began + LEASE - MARGIN
                done += sum(pool.map(self._attempt, taken, repeat(last)))
        return done

    def _attempt(self, message: Taken, last: datetime) -> bool:
        """Sends one message and records the outcome; False if it was postponed. last: the latest time
        to start.
        """
        until = self.resting.get(message.destination)
        now = self.wall()
        if until is not None and now < until <= now + timedelta(days=1):
            outbox.postpone(self.database, message, until)
            return False
        if not now <= last:
            outbox.postpone(self.database, message, now)
            return False
        case = message.payload["case"]
        with masking(case.get("account"), case.get("reference")):
            try:
                self._send(message)
            except Failed as failure:
                self._failed(message, failure)
                return True
            except Exception:
                log.exception("telling %s crashed", message.destination)
                self._failed(message, Failed("an error of this service; see its log"))
                return True
        self.resting.pop(message.destination, None)
        outbox.delivered(self.database, message, self.wall())
        self.count("delivered")
        return True

    def _send(self, message: Taken) -> None:
        channel = self.channels().get(message.destination)
        if channel is None:
            raise Failed("there is no channel of this name in DIAG_CHANNELS")
        channel.send(Outgoing(message.id, message.payload, repeated=message.attempts > 1))

    def _failed(self, message: Taken, failure: Failed) -> None:
        now = self.wall()
        again = None if failure.final else next_attempt(message.attempts, now, failure.wait)
        outbox.failed(self.database, message, now, failure.reason, again)
        outcome = "failed" if again else "parked"
        self.count(outcome)
        log.warning("telling %s: %s: %s", message.destination, outcome, failure.reason)
        if again is not None:
            wait = timedelta(seconds=failure.wait) if failure.wait else FIRST
            self.resting[message.destination] = now + wait
