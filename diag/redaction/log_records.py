"""What is written to the log is searched for secrets once more, whoever writes it."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

from diag.redaction import redact


class Discreet(logging.LogRecord):
    """A record whose message and traceback hold no secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            message = super().getMessage()
        except Exception:  # a wrong format is shown as it stands, without what was to fill it
            message = str(self.msg)
        self.msg, self.args = _clean(message), None
        if self.exc_info and self.exc_info[0]:
            trace = "".join(traceback.format_exception(*self.exc_info))
            self.exc_text, self.exc_info = _clean(trace.rstrip("\n")), None
        if self.stack_info:
            self.stack_info = _clean(self.stack_info)


_API_KEY = re.compile(r"diag_[a-z2-7]{16,}")


def _clean(text: str) -> str:
    return _API_KEY.sub("[redacted:api_key]", redact(text).text)


def install() -> None:
    """From now on every record of this process is discreet."""
    logging.setLogRecordFactory(Discreet)
