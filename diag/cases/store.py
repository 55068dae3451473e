"""Inserts, finds, lists, changes and deletes cases, inside a given transaction."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from diag.cases.record import (
    EventKind,
    State,
    StoredCase,
    VerdictSummary,
    question_json,
    question_of,
)
from diag.cases.span import Span
from diag.cases.tables import cases, diagnoses, events

_REFERENCE = re.compile(r"[0-9a-f]{10}(?:[0-9a-f]{6})?\Z")
"""The id of a diagnosis, or the part of it that is quoted to users."""


def new_id() -> str:
    """A new id of a case; its first letter distinguishes it from the id of a diagnosis."""
    return f"c{secrets.token_hex(8)}"


def is_reference(wanted: str) -> bool:
    """Whether a text is the id or the reference of a diagnosis."""
    return bool(_REFERENCE.match(wanted))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases to list; None in a field admits any value."""

    state: tuple[str, ...] = ()
    code: str | None = None
    gateway: str | None = None
    account: str | None = None
    reference: str | None = None
    text: str | None = None
    """A text to search for in account, ticket, gateway, asset, ids, title and notes;
    case-insensitive.
    """
    opened_by: str | None = None
    span: Span | None = None
    right: bool | None = None
    """Whether the verdict was assessed as right, or as wrong."""


def of_row(row: Row[Any]) -> StoredCase:
    """The case that a row of `cases` holds."""
    found = row._mapping
    plain = {name: found[name] for name in _PLAIN}
    return StoredCase(
        **plain,
        state=State(found["state"]),
        tell=tuple(found["tell"]),
        question=question_of(found["question"]),
        verdict=VerdictSummary.of_json(found["verdict"]),
    )


_PLAIN = tuple(
    field.name
    for field in fields(StoredCase)
    if field.name not in ("state", "tell", "question", "verdict")
)


def verdict_columns(verdict: VerdictSummary, case: StoredCase) -> dict[str, Any]:
    """The columns derived from the verdict of a case, by which it is listed and found."""
    question = case.question
    words = (
        question.account,
        question.destination,
        question.operation,
        question.transaction,
        verdict.operation,
        verdict.gateway,
        verdict.asset,
        verdict.code,
        *verdict.title.values(),
        case.reference,
        case.channel,
        case.account_name,
        case.account_id,
    )
    return {
        "code": verdict.code,
        "gateway": verdict.gateway,
        "asset": verdict.asset,
        "verdict": verdict.as_json(),
        "search": "\n".join(dict.fromkeys(word for word in words if word)).lower(),
    }


def columns(case: StoredCase) -> dict[str, Any]:
    """All columns of a case except its number and its lease."""
    plain = {name: getattr(case, name) for name in _PLAIN if name != "seq"}
    return {
        **plain,
        "state": str(case.state),
        "tell": list(case.tell),
        "account": case.question.account,
        "question": question_json(case.question),
        **verdict_columns(case.verdict, case),
    }


def add(connection: Connection, case: StoredCase) -> StoredCase:
    """Inserts a case; returns it with its number."""
    done = connection.execute(insert(cases).values(**columns(case)).returning(cases.c.seq))
    return replace(case, seq=int(done.scalar_one()))


def find(connection: Connection, case_id: str, *, lock: bool = False) -> StoredCase | None:
    """A case by its id; lock: whether to lock it until the transaction ends."""
    query = select(cases).where(cases.c.id == case_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return of_row(row) if row else None


def id_by_reference(connection: Connection, reference: str) -> str | None:
    """The id of the newest case that has a diagnosis of this reference."""
    query = (
        select(cases.c.id)
        .join(diagnoses, diagnoses.c.case_seq == cases.c.seq)
        .where(diagnoses.c.reference == reference[:10], diagnoses.c.id.startswith(reference))
        .order_by(cases.c.seq.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return str(found) if found else None


def page(
    connection: Connection, wanted: Filter, limit: int, before: int | None
) -> list[StoredCase]:
    """Up to `limit` cases, the newest first; before: the number of the last case of the previous
    page.
    """
    query = select(cases).where(*conditions(wanted)).order_by(cases.c.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(cases.c.seq < before)
    return [of_row(row) for row in connection.execute(query)]


def of_account(account: str) -> ColumnElement[bool]:
    """The cases of an account, given its name or its id, whichever of the two the question named."""
    return or_(
        cases.c.account == account,
        cases.c.account_name == account,
        cases.c.account_id == account,
    )


def conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """The SQL conditions of a filter."""
    if wanted.state:
        yield cases.c.state.in_(wanted.state)
    for column in ("code", "gateway", "reference", "opened_by"):
        value = getattr(wanted, column)
        if value is not None:
            yield cases.c[column] == value
    if wanted.span is not None:
        yield wanted.span.condition()
    if wanted.right is not None:
        yield cases.c.judged_right.is_(wanted.right)
    if wanted.account is not None:
        yield of_account(wanted.account)
    if wanted.text is not None:
        text = wanted.text.lower()
        note = exists().where(
            events.c.case_seq == cases.c.seq,
            events.c.kind == EventKind.NOTE,
            events.c.body["text"].as_string().icontains(text, autoescape=True),
        )
        yield or_(cases.c.search.contains(text, autoescape=True), note)


def change(
    connection: Connection,
    case: StoredCase,
    values: Mapping[str, Any],
    *where: ColumnElement[bool],
) -> bool:
    """Sets columns of a case if it still has this version; returns False otherwise."""
    unchanged = and_(cases.c.seq == case.seq, cases.c.version == case.version, *where)
    return connection.execute(update(cases).where(unchanged).values(**values)).rowcount == 1


def remove(connection: Connection, *where: ColumnElement[bool]) -> int:
    """Deletes cases and everything that belongs to them; returns how many."""
    return connection.execute(delete(cases).where(*where)).rowcount
