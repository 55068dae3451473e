"""Webhooks signed as the Standard Webhooks specification defines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from diag.channels import http
from diag.channels.message import Failed, Outgoing
from diag.channels.secret import Secret

_FINAL = frozenset((410,))
"""Gone: the receiver wants no more. Any other failure may be mended."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that takes the documents of events as JSON.

    secrets: the message is signed with each, so that the receiver can rotate them.
    """

    name: str
    url: str
    secrets: tuple[Secret, ...]
    kind: str = "webhook"

    @property
    def address(self) -> str:
        return self.url

    def send(self, message: Outgoing) -> None:
        body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":"))
        headers = {
            "Content-Type": "application/json",
            **self.signed(message.id, datetime.now(UTC), body),
        }
        http.send("POST", self.url, headers, body.encode(), final=_FINAL)

    def signed(self, message_id: str, at: datetime, body: str) -> dict[str, str]:
        """The headers that let the receiver check sender, time, and whether the message is a
        repetition.
        """
        from standardwebhooks import Webhook as Signer

        try:
            signers = [Signer(secret.reveal()) for secret in self.secrets]
        except (OSError, ValueError, RuntimeError):
            raise Failed("a secret cannot be read") from None
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(s.sign(message_id, at, body) for s in signers),
        }

    def probe(self) -> None:
        """Does nothing: only a real message can test a webhook; see `diag channels test`."""
        self.signed("probe", datetime.now(UTC), "")
