"""Zammad: an internal note on the ticket that the case's reference names, and the reply as a shared draft."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diag.channels import forms, http
from diag.channels.message import Failed, Outgoing
from diag.channels.secret import Secret
from diag.channels.texts import compose


@dataclass(frozen=True, slots=True)
class Zammad:
    """A Zammad server; draft: whether to also save the reply for the user as a shared draft.

    lang: the language of the notes, by default that of the case.
    """

    name: str
    url: str
    token: Secret
    draft: bool = False
    lang: str | None = None
    kind: str = "zammad"

    @property
    def address(self) -> str:
        return self.url

    def send(self, message: Outgoing) -> None:
        ticket = message.ticket()
        letter = compose(message, self.lang)
        if not (message.repeated and self._holds(ticket, message.marker)):
            note = {
                "ticket_id": ticket,
                "subject": letter.title,
                "body": forms.html(letter),
                "content_type": "text/html",
                "type": "note",
                "internal": True,
            }
            self._call("POST", "ticket_articles", require_internal(note))
        if self.draft and letter.reply:
            self._lay_draft(ticket, letter.reply)

    def probe(self) -> None:
        self._call("GET", "users/me")

    def _holds(self, ticket: int, marker: str) -> bool:
        """Whether the ticket has the note with this marker."""
        rows = self._call("GET", f"ticket_articles/by_ticket/{ticket}")
        if not isinstance(rows, list):
            return False
        return any(isinstance(r, Mapping) and marker in str(r.get("body")) for r in rows)

    def _lay_draft(self, ticket: int, reply: str) -> None:
        """Saves the reply as the ticket's shared draft, unless the ticket has one. A refusal is
        ignored: the note contains the reply as well, and some groups do not allow drafts.
        """
        path = f"tickets/{ticket}/shared_draft"
        try:
            found = self._call("GET", path)
            if not isinstance(found, Mapping) or found.get("shared_draft_id", 0) is not None:
                return
            article = {
                "body": forms.paragraphs(reply),
                "type": "note",
                "internal": True,  # whoever sends it chooses how
                "ticket_id": ticket,
                "content_type": "text/html",
            }
            self._call("PUT", path, {"new_article": article, "ticket_attributes": {}})
        except Failed as error:
            if not error.final:
                raise

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            token = self.token.reveal()
        except (OSError, ValueError):
            raise Failed("the token cannot be read") from None
        headers = {"Authorization": f"Token token={token}", "Content-Type": "application/json"}
        data = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        url = f"{self.url.rstrip('/')}/api/v1/{path}"
        return http.send(method, url, headers, data).json()


def require_internal(note: dict[str, Any]) -> dict[str, Any]:
    """Returns the note; raises Failed unless it is hidden from customers. An article of another type
    would be sent even if it is internal.
    """
    if note.get("internal") is not True or note.get("type") != "note":
        raise Failed("a note must be internal", final=True)
    return note
