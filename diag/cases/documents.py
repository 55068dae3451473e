"""The documents of a case's diagnoses, compressed in the database."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from diag.cases.tables import diagnoses


def add_diagnosis(
    connection: Connection, seq: int, document: Mapping[str, Any], at: datetime
) -> None:
    """Stores the document of a diagnosis, unless the case has it already."""
    found = str(document["id"])
    kept = select(diagnoses.c.id).where(diagnoses.c.case_seq == seq, diagnoses.c.id == found)
    if connection.execute(kept).first() is None:
        values = {
            "case_seq": seq,
            "id": found,
            "reference": found[:10],
            "at": at,
            "document": pack(document),
        }
        connection.execute(insert(diagnoses).values(**values))


def pack(document: Mapping[str, Any]) -> bytes:
    """Compresses a document for the database; see `as_kept`."""
    text = json.dumps(as_kept(document), ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(), 6)


def as_kept(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without the caller's original spelling of the fields."""
    return {**document, "case": {**document["case"], "read_as": []}}


def unpack(document: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zlib.decompress(document))
    return found


def diagnosis(connection: Connection, seq: int, reference: str) -> dict[str, Any] | None:
    """The document of a diagnosis of a case, by its id or reference."""
    query = (
        select(diagnoses.c.document)
        .where(diagnoses.c.case_seq == seq, diagnoses.c.id.startswith(reference))
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return unpack(found) if found else None


def all_diagnoses(connection: Connection, seq: int) -> list[dict[str, Any]]:
    """All documents of a case, oldest first."""
    query = select(diagnoses.c.document).where(diagnoses.c.case_seq == seq)
    return [unpack(found) for found in connection.scalars(query.order_by(diagnoses.c.at))]
