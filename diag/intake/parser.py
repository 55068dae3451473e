"""Reads free text into an Intake: redact, keep the user's own words, extract, classify, find what is
missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

from diag.domain.gateway_register import Register
from diag.i18n import LANGUAGES, Text
from diag.intake.candidates import Field
from diag.intake.case_fields import FIAT, case_fields
from diag.intake.classify.complaint_kind import (
    Classification,
    Kind,
    classify,
    redirected,
    unread,
)
from diag.intake.classify.danger import demands
from diag.intake.classify.language import language
from diag.intake.classify.urgency import UrgencyAssessment, assess_urgency
from diag.intake.extract.identifiers import Remark, identifiers
from diag.intake.extract.links import Templates
from diag.intake.followup.missing_fields import Told, missing_fields, next_question
from diag.intake.followup.questions import Need
from diag.intake.normalized_text import BLANK, Page, clean
from diag.intake.statement.markup import plain_text
from diag.intake.statement.own_words import own_words
from diag.intake.times.model import Relation, Time
from diag.intake.times.parser import times
from diag.intake.times.window import window
from diag.redaction import redact

_CASE_FIELDS = (
    "asset", "amount", "received", "destination", "operation", "transaction", "memo", "external_transaction",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Intake:
    """The result of reading a text; all spans refer to `text`, which is redacted."""

    text: str
    exposed: tuple[str, ...]
    language: str | None
    fields: dict[str, Field]
    times: tuple[Time, ...]
    window: tuple[datetime, datetime] | None
    classification: Classification
    urgency: UrgencyAssessment
    remarks: tuple[Remark, ...]
    missing: tuple[Need, ...]
    question: Text | None
    zone: tzinfo | None
    """The zone of the times: the one in the text, else the caller's."""

    @property
    def case(self) -> dict[str, str] | None:
        """The fields of a diagnosis if account and window are certain, else None."""
        account = self.fields["account"].sure()
        if account is None or self.window is None:
            return None
        start, end = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in self.window)
        given = {"account": account, "from": start, "to": end}
        if isinstance(self.zone, ZoneInfo):
            given["tz"] = self.zone.key
        for name in _CASE_FIELDS:
            field = self.fields[name]
            value = field.sure()
            unit = field.meant.unit if field.meant else None
            if value is not None and not (name in ("amount", "received") and self._fiat(unit)):
                given[name] = value
        return given

    def _fiat(self, unit: str | None) -> bool:
        return unit in FIAT and unit != self.fields["asset"].value


def read(
    text: str,
    now: datetime,
    zone: tzinfo | None,
    register: Register,
    flagged: Callable[[str], bool] = lambda name: False,
    templates: Templates = MappingProxyType({}),
) -> Intake:
    """Read a text; now: aware UTC; zone: the user's time zone, if the caller knows it.

    HTML is turned into text first. flagged: returns whether an account is listed as fraudulent;
    templates: the URL templates of the configured explorers.
    """
    plain = plain_text(text)
    redacted = redact(clean(plain))
    unseen = redact(clean(text)).kinds if plain != text else ()  # secrets in the markup
    exposed = tuple(dict.fromkeys((*redacted.kinds, *unseen)))
    statement = own_words(Page.of(redacted.text))
    spoken = language(statement.page.plain.replace(BLANK, " "))
    foreign = spoken is not None and spoken not in LANGUAGES
    ids = identifiers(statement.page, templates)
    stated = times(
        statement.page.without_names().without(ids.taken), now, zone, statement.written
    )
    page = statement.page.without(time.span for time in stated)
    words = page.without(ids.links).without_names()
    waiting = any(time.relation is Relation.WAITED for time in stated)
    dated = any(time.relation is Relation.AT and (time.local or time.start) for time in stated)
    classification = unread(words) if foreign else classify(words, waiting, dated)
    found = case_fields(
        page,
        ids,
        register,
        flagged,
        deposit=classification.kind is Kind.DEPOSIT_MISSING,
        decimal_comma=foreign,
        demanded=tuple(demands(words.low)) if classification.kind is Kind.STOLEN else (),
    )
    classification = redirected(classification, found.fields, register)
    span = window(stated, now)
    told = Told(found.fields, stated, span, classification, ids.remarks, bool(exposed), words)
    needs = tuple(missing_fields(told))
    urgency = assess_urgency(words, bool(exposed), classification, stated, now, foreign)
    remarks = [*found.remarks, *(Remark("day_or_month", t.span) for t in stated if t.ambiguous)]
    if foreign:
        remarks.append(Remark("language", (0, len(redacted.text))))
    return Intake(
        redacted.text, exposed, spoken, found.fields, stated, span, classification, urgency,
        tuple(remarks), needs, next_question(needs, told), _zone_of(stated) or zone,
    )  # fmt: skip


def _zone_of(stated: tuple[Time, ...]) -> tzinfo | None:
    """The time zone that the text states for the user's own times."""
    own = (time.zone for time in stated if time.relation is not Relation.MESSAGE)
    return next((zone for zone in own if zone is not None), None)
