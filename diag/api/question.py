"""The panel's one box: an account, any id, one of our references, or a whole ticket.

The text in the box decides the question. The claims of the previous question are kept only if the
box still holds the same account.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from diag.domain import account_names
from diag.domain.folding import fold
from diag.domain.identifier import Identifier
from diag.errors import BadInput, FieldError
from diag.i18n import Text
from diag.intake.parser import Intake
from diag.render.html_form import Doubt, Taken, Ticket
from diag.render.html_labels import CLAIMS, FIELDS
from diag.render.html_words import WORDS
from diag.render.json_document import case as case_document
from diag.render.zones import known
from diag.schemas.identifier import read_identifier
from diag.services import Services

BOX, BEFORE = "q", "was"
"""Fields of the form: the box, and the claims of the question before as a query string."""
LONGEST = 16_000
_REFERENCE = re.compile(r"[0-9a-f]{10}(?:[0-9a-f]{6})?\Z")
_OTHER_CHAIN = re.compile(r"(?:0x)?[0-9a-f]{64}\Z")
_WINDOW = ("last", "from", "to")
_PROBLEMS = WORDS["problem"]


class RecentQuestions:
    """The questions that this process answered recently, by the references of the answers and by the
    transactions seen in them. Only canonical fields are kept, no free text; thread-safe.
    """

    KEPT = frozenset(FIELDS) - {"memo", "external_transaction"}

    def __init__(self, most: int = 4096) -> None:
        self._most, self._lock = most, Lock()
        self._found: OrderedDict[str, dict[str, str]] = OrderedDict()

    def remember(self, key: str, fields: Mapping[str, str]) -> None:
        kept = {name: value for name, value in fields.items() if name in self.KEPT}
        with self._lock:
            self._found[key] = kept
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)

    def find(self, key: str) -> dict[str, str] | None:
        """The question that a reference, or a transaction seen in its answer, belongs to."""
        with self._lock:
            found = self._found.get(key)
            return dict(found) if found else None


@dataclass(frozen=True, slots=True)
class Question:
    """The fields of the case; for a ticket also what was read from it."""

    fields: dict[str, str]
    ticket: Ticket | None = None


def read(given: Mapping[str, str], services: Services, recent: RecentQuestions) -> Question:
    """The question of a form or of a link; raises BadInput about the box, or ChainError."""
    fields = {name: value for name, value in given.items() if name not in (BOX, BEFORE)}
    if BOX not in given:
        return Question(fields)
    before = dict(parse_qsl(given.get(BEFORE, "")))
    text = given[BOX].strip()
    if len(text) > LONGEST:
        raise _wrong("too_long")
    token = fold(text).strip().removeprefix("#").strip()
    bare = {name: value for name, value in fields.items() if name in ("tz", *_WINDOW)}
    if (found := of_identifier(token, services, recent)) is not None:
        return Question({**found, **_zone(bare)})
    if _REFERENCE.match(token) and (asked := recent.find(token[:10])):
        return Question(asked | _zone(bare))
    if _OTHER_CHAIN.match(token.lower()):
        raise _wrong("other_chain")
    account = account_names.read(text, services.templates.get("account", ()))
    if account is not None:
        if account != before.pop("account", account):
            fields = {n: v for n, v in fields.items() if before.get(n) != v or n not in CLAIMS}
        return Question({**fields, "account": account})
    if not re.search(r"\s|[^\x00-\x7f]", text):
        return Question({**fields, "account": text})  # the case says what is wrong with it
    return _of_ticket(text, bare, services)


def is_reference(text: str) -> bool:
    """Whether a text has the form of our references; an account name may have that form too."""
    return bool(_REFERENCE.match(text))


def _zone(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name == "tz"}


def of_identifier(
    token: str, services: Services, recent: RecentQuestions
) -> dict[str, str] | None:
    """The fields of the case that an id, or a link to one, identifies; None if the text is neither.

    Raises BadInput if no source knows the id, and ChainError if no node answers.
    """
    identifier = _identifier(token, services)
    return None if identifier is None else _located(identifier, services, recent)


def _identifier(token: str, services: Services) -> Identifier | None:
    """The id of an operation or transaction, given as text or in a link."""
    try:
        return read_identifier(token, services.templates)
    except BadInput:
        return None


def _located(
    identifier: Identifier, services: Services, recent: RecentQuestions
) -> dict[str, str]:
    """The fields of the case; a transaction that no source finds is looked up in earlier answers."""
    try:
        found = services.locate(identifier)
    except BadInput as error:
        if (asked := recent.find(identifier.value)) is not None:
            return asked
        raise BadInput(*(FieldError(BOX, one.text) for one in error.errors)) from None
    fields = case_document(found.case(services.now()))
    return {name: fields[name] for name in _OF_LOCATED if fields[name] is not None}


_OF_LOCATED = ("account", "from", "to", "operation", "transaction")


def _of_ticket(text: str, typed: Mapping[str, str], services: Services) -> Question:
    """The question in a whole ticket; raises NoAccount if no account is certain."""
    intake = services.read_complaint(text, None)
    own_zone = intake.zone
    if own_zone is None and "tz" in typed and known(typed["tz"]):
        intake = services.read_complaint(text, ZoneInfo(typed["tz"]))
    fields: dict[str, str] = {}
    taken: list[Taken] = []
    for name in ("account", *CLAIMS):
        field = intake.fields.get(name)
        if field and field.meant and field.value is not None:
            fields[name] = field.value
            taken.append(Taken(name, field.value, field.meant.text))
    if intake.window:
        start, end = intake.window
        said = " / ".join(dict.fromkeys(time.text for time in intake.times if time.start))
        fields |= {"from": f"{start:%Y-%m-%dT%H:%M:%SZ}", "to": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
        taken.append(Taken("from", "", said))
    else:
        fields |= {name: value for name, value in typed.items() if name in _WINDOW}
    fields |= _zone(typed)
    if isinstance(own_zone, ZoneInfo):
        fields["tz"] = own_zone.key
    ticket = Ticket(
        text=intake.text,
        taken=tuple(taken),
        assumed_zone=intake.window is not None and own_zone is None,
        doubts=tuple(_doubts(intake)),
        question=intake.question,
        question_lang=intake.language if intake.language in ("zh", "en") else None,
        exposed=bool(intake.exposed),
    )
    if "account" not in fields:
        raise NoAccount(fields, ticket)
    return Question(fields, ticket)


class NoAccount(BadInput):
    """A ticket in which no account is certain; holds everything else that was read from it."""

    def __init__(self, fields: dict[str, str], ticket: Ticket) -> None:
        super().__init__(FieldError(BOX, _PROBLEMS["no_account"]))
        self.fields, self.ticket = fields, ticket


def _doubts(intake: Intake) -> list[Doubt]:
    """Fields with several possible values, none of which the text singles out."""
    found = []
    for name in ("account", *CLAIMS):
        field = intake.fields.get(name)
        if field and field.meant is None:
            values = dict.fromkeys(candidate.value for candidate in field.candidates)
            found += [Doubt(name, value) for value in values]
    return found


def _wrong(name: str, **facts: str) -> BadInput:
    text = _PROBLEMS[name]
    return BadInput(FieldError(BOX, Text.literal(text.say("zh", facts), text.say("en", facts))))
