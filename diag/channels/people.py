"""Channels to people: mail, Slack, Telegram and the other services of Apprise."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from diag.channels import forms
from diag.channels.message import Failed, Outgoing
from diag.channels.secret import Secret
from diag.channels.texts import compose


@dataclass(frozen=True, slots=True)
class People:
    """A channel given by an Apprise URL, which contains its secrets; lang: by default that of the
    case.
    """

    name: str
    url: Secret
    lang: str | None = None
    kind: str = "apprise"

    @property
    def address(self) -> str:
        """The service that the URL names."""
        try:
            return self.url.reveal().partition(":")[0]
        except (OSError, ValueError):
            return ""

    def send(self, message: Outgoing) -> None:
        from apprise import NotifyFormat

        letter = compose(message, self.lang)
        notifier = self._notifier()
        told = notifier.notify(
            title=letter.title, body=forms.plain(letter), body_format=NotifyFormat.TEXT
        )
        if not told:
            raise Failed("the service did not take it")

    def probe(self) -> None:
        self._notifier()

    def _notifier(self) -> Any:
        from apprise import Apprise, AppriseAsset  # slow to import, and rarely needed

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its lines may name a URL
        asset = AppriseAsset(app_id="diag", async_mode=False, http_redirects=False)
        notifier = Apprise(asset=asset)
        try:
            if notifier.add(self.url.reveal()):
                return notifier
        except (OSError, ValueError):
            raise Failed("the URL cannot be read") from None
        raise Failed("Apprise does not know this URL", final=True)
