"""Chatwoot: a private note in the conversation that the case's reference names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diag.channels import forms, http
from diag.channels.message import Failed, Outgoing
from diag.channels.secret import Secret
from diag.channels.texts import compose

_PAGES = 5
"""How many pages of a conversation to search for a note that may exist already."""


@dataclass(frozen=True, slots=True)
class Chatwoot:
    """An account on a Chatwoot server; lang: the language of the notes, by default that of the case."""

    name: str
    url: str
    account: int
    token: Secret
    lang: str | None = None
    kind: str = "chatwoot"

    @property
    def address(self) -> str:
        return self.url

    def send(self, message: Outgoing) -> None:
        conversation = message.ticket()
        if message.repeated and self._holds(conversation, message.marker):
            return
        text = forms.markdown(compose(message, self.lang))
        note = {
            "content": text,
            "message_type": "outgoing",
            "private": True,
            "content_attributes": {"diag": {"id": message.id}},
        }
        answer = self._call(
            "POST", f"conversations/{conversation}/messages", require_private(note)
        )
        if isinstance(answer, Mapping) and answer.get("private") is False:
            raise Failed("the note was not kept private: check this installation", final=True)

    def probe(self) -> None:
        self._call("GET", "conversations/meta")

    def _holds(self, conversation: int, marker: str) -> bool:
        """Whether one of the newest messages is the note with this marker."""
        before = ""
        for _ in range(_PAGES):
            found = self._call("GET", f"conversations/{conversation}/messages{before}")
            rows = found.get("payload") if isinstance(found, Mapping) else None
            rows = [row for row in rows or [] if isinstance(row, Mapping)]
            if any(row.get("private") and marker in str(row.get("content")) for row in rows):
                return True
            ids = [row["id"] for row in rows if isinstance(row.get("id"), int)]
            if not ids:
                return False
            before = f"?before={min(ids)}"
        return False

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            headers = {
                "api_access_token": self.token.reveal(),
                "Content-Type": "application/json",
            }
        except (OSError, ValueError):
            raise Failed("the token cannot be read") from None
        url = f"{self.url.rstrip('/')}/api/v1/accounts/{self.account}/{path}"
        data = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        return http.send(method, url, headers, data).json()


def require_private(note: dict[str, Any]) -> dict[str, Any]:
    """Returns the note; raises Failed unless it is private, because other notes reach the customer."""
    if note.get("private") is not True:
        raise Failed("a note must be private", final=True)
    return note
