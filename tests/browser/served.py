"""What the browser tests are handed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

ZONE = "Asia/Shanghai"
"""The time zone of the browser."""
Open = Callable[..., Page]


@dataclass(frozen=True)
class Servers:
    """Base addresses of services that differ in one thing each."""

    usual: str
    dead: str
    """No node answers it."""
    waiting: str
    """Its chain answers when `answer` is set."""
    answer: threading.Event
    framed: str
    """It may be framed by `helpdesk`."""
    helpdesk: str
    """Another origin, with a page that frames whatever ?url= names."""
