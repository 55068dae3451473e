"""Removes secrets, terminal control characters and faked line breaks from all log records of this
process, including those of libraries.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any

from diag.printable import printable, printable_lines
from diag.redaction import redact


class RedactedRecord(logging.LogRecord):
    """A log record whose message, traceback and stack contain no secrets or control characters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            message = super().getMessage()
        except Exception:  # the format does not fit its arguments: show it without them
            message = str(self.msg)
        self.msg, self.args = printable(redact(message).text), None
        if self.exc_info and self.exc_info[0]:
            trace = "".join(traceback.format_exception(*self.exc_info))
            self.exc_text = printable_lines(redact(trace.rstrip("\n")).text)
            self.exc_info = None
        if self.stack_info:
            self.stack_info = printable_lines(redact(self.stack_info).text)


def install() -> None:
    """Makes every further log record of this process a RedactedRecord."""
    logging.setLogRecordFactory(RedactedRecord)
