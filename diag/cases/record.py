"""The record of a case, its events, and the verdict that later looks are compared with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from diag.diagnosis.engine import Diagnosis
from diag.domain.case import Case
from diag.domain.finding import NO_ETA
from diag.domain.vocabulary import Actor
from diag.i18n import LANGUAGES
from diag.render.formatting import stamp
from diag.render.json_document import case as case_document
from diag.render.user_reply import reply


class State(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    """For somebody else: `StoredCase.waiting_for` names whom."""
    RESOLVED = "resolved"
    """`StoredCase.resolution` says how."""
    CLOSED = "closed"


ACTIVE = (State.OPEN, State.WAITING)
"""The states of cases that somebody still works on."""


class Resolution(StrEnum):
    """How a case was resolved."""

    DELIVERED = "delivered"
    RETURNED = "returned"
    NOT_SENT = "not_sent"
    ANSWERED = "answered"
    """The user has the answer, and nothing else is awaited."""
    OTHER = "other"


WAITED_FOR = (
    Actor.USER,
    Actor.GATEWAY,
    Actor.RECIPIENT,
    Actor.NETWORK,
    Actor.SUPPORT,
    Actor.SECURITY,
)
"""Whom a case can wait for."""


class EventKind(StrEnum):
    """What happened to a case; `EventKind.TOLD` are sent to the case's destinations."""

    OPENED = "opened"
    UNCHANGED = "unchanged"
    """Looks, one or several in a row, that found nothing new."""
    UNREADABLE = "unreadable"
    """Looks, one or several in a row, for which the chain could not be read."""
    CHECKED = "checked"
    """A look requested by a person, which found nothing new."""
    CHANGED = "changed"
    RESOLVED = "resolved"
    """A final verdict ended the case."""
    WATCH_ENDED = "watch_ended"
    """The case was not resolved in the time for which cases are watched."""
    EDITED = "edited"
    """Somebody changed the state or another field."""
    NOTE = "note"
    REPLY = "reply"
    """Somebody sent the user the reply of a diagnosis."""
    ASSESSMENT = "assessment"
    """Somebody says whether a verdict was right."""
    RATING = "rating"
    """How satisfied the user was, from 1 to 5."""


COUNTED = (EventKind.UNCHANGED, EventKind.UNREADABLE)
"""Kinds of which several in a row are one event with a count."""
TOLD = (EventKind.CHANGED, EventKind.WATCH_ENDED)
"""Kinds that the case's destinations are told about."""
ADDED = (EventKind.NOTE, EventKind.REPLY, EventKind.ASSESSMENT, EventKind.RATING)
"""Kinds that callers may add."""


@dataclass(frozen=True, slots=True)
class VerdictSummary:
    """The parts of a diagnosis that later looks are compared with: what agent and user were told."""

    diagnosis: str
    """The id of the diagnosis."""
    block: int
    time: datetime
    """The chain's time of the verdict."""
    code: str
    title: Mapping[str, str]
    outcome: str
    stage: str
    actor: str
    advice: str
    resend_safe: str
    finality: str
    amounts: Mapping[str, str | None]
    normal_until: datetime | None
    expected_by: datetime | None
    escalate_after: datetime | None
    eta_basis: str | None
    gateway: str | None
    """The gateway's key in the register; the account of a gateway that is not in it."""
    asset: str | None
    operation: str | None
    """The id of the withdrawal that the verdict is about."""
    reply: Mapping[str, str]

    @classmethod
    def of(cls, diagnosis: Diagnosis) -> VerdictSummary:
        verdict, as_of = diagnosis.verdict, diagnosis.evidence.as_of
        eta = verdict.finding.eta or NO_ETA
        meant = next(
            (w for w, _ in diagnosis.withdrawals if w.id == verdict.finding.withdrawal_id), None
        )
        gateway = None
        if meant and meant.gateway:
            gateway = meant.gateway.key or meant.recipient
        return cls(
            diagnosis=diagnosis.id,
            block=as_of.block,
            time=as_of.time,
            code=verdict.code,
            title=verdict.rule.title.as_dict(),
            outcome=str(verdict.rule.outcome),
            stage=str(verdict.stage),
            actor=str(verdict.rule.actor),
            advice=str(verdict.advice),
            resend_safe=str(verdict.resend_safe),
            finality=str(verdict.finality),
            amounts=dict(verdict.amounts),
            normal_until=eta.normal_until,
            expected_by=eta.expected_by,
            escalate_after=eta.escalate_after,
            eta_basis=eta.basis,
            gateway=gateway,
            asset=meant.amount.asset.symbol if meant else diagnosis.evidence.case.asset,
            operation=meant.id if meant else None,
            reply={lang: reply(diagnosis, lang) for lang in LANGUAGES},
        )

    @property
    def reference(self) -> str:
        """The reference that was quoted to the user."""
        return self.diagnosis[:10]

    def as_json(self) -> dict[str, Any]:
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return found | {name: stamp(found[name]) for name in _TIMES}

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> VerdictSummary:
        return cls(**{**found, **{name: _time(found[name]) for name in _TIMES}})


_TIMES = ("time", "normal_until", "expected_by", "escalate_after")


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as it is stored. Times are aware UTC, by the chain's clock."""

    seq: int
    """Its number in the store; later cases have higher ones."""
    id: str
    version: int
    """Rises with every visible change; looks that find nothing new do not count."""
    state: State
    waiting_for: str | None
    resolution: str | None
    reference: str | None
    """The operator's number of the ticket."""
    channel: str | None
    """Where the user asked."""
    lang: str
    tell: tuple[str, ...]
    """The names of the operator's channels that are told of changes."""
    opened_by: str | None
    """The name of the API key that opened it."""
    account_name: str | None
    account_id: str | None
    """The account on the chain, if it exists; the question may give its name or its id."""
    question: Case
    verdict: VerdictSummary
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    looks: int
    """Diagnoses of this case so far."""
    looked_at: datetime
    failures: int
    """Looks in a row for which the chain could not be read."""
    next_look: datetime | None
    watch_until: datetime
    answered_at: datetime | None = None
    """When somebody first sent the user a reply."""
    judged_diagnosis: str | None = None
    """The id of the diagnosis that was assessed last, and the code of its verdict."""
    judged_code: str | None = None
    judged_right: bool | None = None
    right_code: str | None = None
    """The right code, if the assessed one was wrong and the right one was named."""
    score: int | None = None
    """The user's last rating, from 1 to 5."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a case; body holds the other members of its document."""

    id: str
    at: datetime
    kind: EventKind
    by: str | None
    """The name of the API key; None for the service itself."""
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one destination about one event.

    id: the same for every attempt, so that the receiver can recognise a repetition.
    """

    id: str
    destination: str
    payload: Mapping[str, Any]


QUESTION_TEXTS = (
    "account",
    "asset",
    "destination",
    "operation",
    "transaction",
    "memo",
    "external_transaction",
)


def question_json(question: Case) -> dict[str, Any]:
    """The question in its canonical form, without the caller's original spelling of the fields."""
    return case_document(replace(question, read_as=())) | {
        "exposed_in": list(question.exposed_in)
    }


def question_of(found: Mapping[str, Any]) -> Case:
    """The question that `question_json` has written."""
    texts: dict[str, Any] = {name: found[name] for name in QUESTION_TEXTS}
    amounts: dict[str, Any] = {
        name: None if found[name] is None else Decimal(found[name])
        for name in ("amount", "received")
    }
    return Case(
        start=datetime.fromisoformat(found["from"]),
        end=datetime.fromisoformat(found["to"]),
        zone=found["tz"],
        exposed=tuple(found["exposed"]),
        exposed_in=tuple(found["exposed_in"]),
        **texts,
        **amounts,
    )
