"""The jobs of a service with channels: look at cases, send messages, answer helpdesks."""

from __future__ import annotations

from collections.abc import Callable

from diag.cases.desk import Desk
from diag.cases.jobs import Job, every_minute, every_six_hours
from diag.cases.watcher import Watcher
from diag.channels.file import Channels
from diag.channels.sender import Sender
from diag.hooks import inbox
from diag.hooks.answers import Answers


def telling_jobs(
    desk: Desk,
    watcher: Watcher,
    channels: Callable[[], Channels],
    stopped: Callable[[], bool],
    count: Callable[[str], object],
) -> list[Job]:
    """The jobs; a job that writes a message also sends it, without waiting for the next run.

    count: called with the outcome of each attempt to send a message.
    """
    sender = Sender(desk.database, lambda: channels().channels, desk.wall, count, stopped)
    answers = Answers(desk, lambda: channels().hooks, stopped)

    def look() -> None:
        if watcher.run().changed:
            sender.run()

    def answer() -> None:
        if answers.run():
            sender.run()

    def forget() -> None:
        inbox.purge(desk.database, desk.wall(), desk.keep)

    return [
        Job("look", look, every_minute),
        Job("tell", sender.run, every_minute),
        Job("answer", answer, every_minute),
        Job("forget", forget, every_six_hours),
    ]
