"""Messages as the outbox holds them, and channels to send them to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from desks import Chain, new_case
from sqlalchemy import select

from diag.cases import outbox, serializer
from diag.cases.database import Database
from diag.cases.tables import outbox as messages
from diag.channels.message import Outgoing

SECRET = "whsec_" + "bWFkZSBvbiB0aGUgc3BvdCBmb3IgdGVzdHMgb25seSE="
WALL = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
BODY: dict[str, Any] = {
    "what": ["code", "outcome"],
    "text": {"zh": "结论由“处理中”变为“已到账”。", "en": "The finding was “A” and is now “B”."},
    "before": {},
    "after": {
        "diagnosis": "00112233445566aa",
        "title": {"zh": "已到账", "en": "Arrived"},
    },
    "reply": {
        "zh": "您好，已经到账。\n请查收。",
        "en": "Hello, it has arrived.\nPlease check.",
    },
}


def payload(
    kind: str = "case.changed",
    reference: str | None = "42",
    lang: str = "zh",
    body: dict[str, Any] = BODY,
    **case: Any,
) -> dict[str, Any]:
    none = serializer.no_case(reference, "helpdesk", lang)
    known = {"id": "c0123456789abcdef", "state": "waiting", "waiting_for": "gateway"}
    of_case = {**none, **known, "account": "lin-yue", "gateway": "NORTH", **case}
    return serializer.message(kind, "e" * 32, WALL, of_case, body)


def outgoing(number: int = 1, *, repeated: bool = False, **more: Any) -> Outgoing:
    found = f"{number:032x}"
    return Outgoing(found, {"id": found, **payload(**more)}, repeated)


def put(
    database: Database, *destinations: str, event: str = "e" * 32, **more: Any
) -> list[str]:
    """Adds a message to each destination; returns their ids."""
    with database.writing() as connection:
        outbox.add(connection, None, event, destinations, payload(**more), WALL)
    return [outbox.message_id(event, destination) for destination in destinations]


def rows(database: Database) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(messages).order_by(messages.c.created_at)))


def opened(chain: Chain, database: Database, **more: Any) -> Any:
    return chain.desk(database, ("ops",)).open(new_case(**more), None)[0]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def webhook_file(path: Path, url: str, name: str = "ops") -> Path:
    lines = (
        f'[[channels]]\nname = "{name}"\nkind = "webhook"\nurl = "{url}"\nsecret = "{SECRET}"\n'
    )
    return write(path, lines)
