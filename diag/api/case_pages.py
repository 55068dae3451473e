"""The pages of kept cases: the list, one case with its forms, and the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, request
from werkzeug.exceptions import RequestEntityTooLarge

from diag.api.background import hasten
from diag.api.cases import desk, find_case
from diag.api.errors import RETRY_AFTER, exposed_secrets_first, status_of
from diag.api.instrumentation import count_verdict
from diag.api.pages import Page, refused_page
from diag.api.request_parsing import (
    exposed_secrets,
    query_fields,
    redacted_text,
    refuse_encoded,
    services,
)
from diag.api.same_origin import from_our_page
from diag.domain.vocabulary import Severity
from diag.errors import BadInput, CaseChanged, DiagError, FieldError, Refused
from diag.i18n import LANGUAGES, Text
from diag.render import html_report
from diag.render.html_cases import Shown
from diag.render.html_words import WORDS
from diag.render.zones import Clock, known
from diag.schemas.kept_case import LISTED, read_event, read_new_case, read_page, read_patch
from diag.schemas.report import read_report
from diag.telemetry.logging import redact_in_log

if TYPE_CHECKING:
    from diag.cases.desk import Desk
    from diag.cases.record import StoredCase

blueprint = Blueprint("case_pages", __name__)
blueprint.register_error_handler(Refused, refused_page)

_WORDS = WORDS["case"]
_VIEWS = tuple(WORDS["case_views"])
_LONGEST_SEARCH = 128
DAYS = (7, 28, 90)
"""The periods that the page of the report offers."""
_BY = tuple(WORDS["report_by"])
_SPAN = ("gateway", "asset", "first", "last")
"""Query fields that limit the list to the withdrawals of an incident."""
_KEPT = ("tz", "days", "by", "view", "who", "text", *_SPAN, "before")
"""Query fields that the link to the other language keeps."""


# --- the list ---------------------------------------------------------------------------------


@blueprint.get("/panel/cases")
def list_page() -> Response:
    """The cases of a view, urgent ones first."""
    kept, page = desk(), _list_page()
    from diag.cases.board import board
    from diag.cases.span import Span

    given = page.given
    named = [given.get(name, "") for name in _SPAN]
    span = Span.between(*named) if all(named) else None
    view = given.get("view") if given.get("view") in _VIEWS else "open"
    mine = g.key is not None and given.get("who") != "everyone"
    text = given.get("text", "").strip()[:_LONGEST_SEARCH] or None
    found = board(
        kept.database,
        services().now(),
        str(view),
        LISTED,
        urgent=[code for code, found in _severities().items() if found == Severity.CRITICAL],
        opened_by=g.key if mine else None,
        text=text,
        span=span,
        before=given.get("before"),
    )
    shown = _shown(page.clock)
    return page.render(
        "cases.html",
        rows=[shown.row(case) for case in found.cases],
        counts=found.counts,
        more=found.more,
        views=_VIEWS,
        chosen=view,
        has_keys=g.key is not None,
        mine=mine,
        text=text,
        span=dict(zip(_SPAN, named, strict=True)) if span else {},
        later="before" in given,
    )


@blueprint.post("/panel/cases")
def watch() -> Response:
    """Open a case for the question that a verdict answers ("Watch this"), and redirect to its page."""
    kept, page = desk(), _list_page()
    if not from_our_page():
        return _message(page, _WORDS["foreign"], 403)
    given = _form()
    tell = request.form.getlist("tell")
    seen = given.pop("seen", "")
    asked = {name: value for name, value in given.items() if value.strip()}
    body: dict[str, Any] = {**asked, "tell": tell, "lang": page.lang}
    pages = services().templates
    new = read_new_case(
        body, services().now(), page.lang, kept.channels(), exposed_secrets(), pages
    )
    redact_in_log(*(reading.read_as for reading in new.question.read_as))
    # The same answer is watched once, however often the button is pressed.
    repeat = (f"panel {seen[:16]}", "") if seen else None
    case, _, is_new = kept.open(new, g.key, repeat)
    if is_new:
        count_verdict(case.verdict.code)
    return _to_case(f"cases/{case.id}", page, "opened")


# --- a case -----------------------------------------------------------------------------------


@blueprint.get("/panel/cases/<case>")
def case_page(case: str) -> Response:
    """The page of one case: what changed, the reply, the history, and the forms."""
    found = find_case(case)
    return _case_page(_page_of(found.id), found)


@blueprint.post("/panel/cases/<case>")
def change_case(case: str) -> Response:
    """Carry out the change that a form of the page asks for, and redirect to the page."""
    found = find_case(case)
    page = _page_of(found.id)
    if not from_our_page():
        return _message(page, _WORDS["foreign"], 403)
    given: dict[str, str] = {}
    try:
        given = _form()
        action = _ACTIONS.get(given.get("do", ""))
        if action is None:
            raise BadInput(FieldError("do", _WORDS["unknown_action"]))
        action(_Asked(desk(), found, given, g.key))
    except CaseChanged:
        again = find_case(case)
        return _case_page(
            page, again, [_WORDS["changed_meanwhile"]], given, status_of(CaseChanged())
        )
    except BadInput as error:
        wrong = exposed_secrets_first(error)
        texts = [wrong.text] if wrong.code != BadInput.code else []
        texts += [one.text for one in wrong.errors]
        return _case_page(page, found, texts, given, status_of(wrong))
    return _to_case(found.id, page, given["do"])


@dataclass(frozen=True, slots=True)
class _Asked:
    """The change that a form asks for; given: the fields of the form."""

    desk: Desk
    case: StoredCase
    given: Mapping[str, str]
    by: str | None

    def edit(self, **wanted: str | None) -> None:
        version = self.given.get("version", "")
        if not (version.isascii() and version.isdigit()):
            raise CaseChanged
        changes = read_patch(wanted, self.desk.channels(), exposed_secrets())
        self.desk.edit(self.case, int(version[:10]), changes, self.by)

    def add(self, kind: str, **fields: Any) -> None:
        wanted = read_event({"kind": kind, **fields}, exposed_secrets())
        self.desk.add(self.case, wanted, self.by)


def _check(asked: _Asked) -> None:
    found = asked.desk.check(asked.case, asked.by)
    hasten("tell")
    count_verdict(found.verdict.code)


_SCORES = {str(score): score for score in range(1, 6)}
_ACTIONS: Mapping[str, Callable[[_Asked], None]] = {
    "check": _check,
    "resolve": lambda a: a.edit(state="resolved", resolution=a.given.get("resolution")),
    "wait": lambda a: a.edit(state="waiting", waiting_for=a.given.get("waiting_for")),
    "take": lambda a: a.edit(state="open"),
    "close": lambda a: a.edit(state="closed"),
    "reopen": lambda a: a.edit(state="open"),
    "note": lambda a: a.add("note", text=a.given.get("text")),
    "judge": lambda a: a.add(
        "assessment",
        right=a.given.get("right"),
        really=(a.given.get("right") == "false" and a.given.get("really")) or None,
        diagnosis=a.given.get("diagnosis"),
    ),
    "rate": lambda a: a.add("rating", score=_SCORES.get(a.given.get("score", ""))),
    "reply": lambda a: a.add(
        "reply", lang=a.given.get("reply_lang"), diagnosis=a.given.get("diagnosis")
    ),
}


def _case_page(
    page: Page,
    case: StoredCase,
    wrong: list[Text] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    kept = desk()
    from diag.cases.board import history

    now = services().now()
    page.clock = Clock(known(case.question.zone), now, page.lang)
    listed, messages = history(kept.database, case, now)
    document = {**kept.document(case), **listed}
    limits = read_page({n: page.given[n] for n in ("before",) if n in page.given})
    events, more = kept.events(case, limits["limit"], limits["before"])
    shown = _shown(page.clock)
    done = page.given.get("done", "")
    return page.render(
        "case.html",
        status,
        case=document,
        row=shown.row(document),
        change=shown.change(document),
        now=shown.verdict(document),
        reply=case.verdict.reply,
        reply_lang=case.lang,
        reference=case.verdict.reference,
        question_of=_question(document),
        facts=shown.facts(document),
        events=shown.events(events),
        more=more,
        later="before" in page.given,
        told=shown.told(document, messages),
        causes=shown.causes(),
        wrong=wrong or [],
        note=(typed or {}).get("text", ""),
        done=done if done in WORDS["case_done"] and not wrong else "",
    )


def _question(document: Mapping[str, Any]) -> dict[str, str]:
    """The form fields that repeat the question of a case."""
    from diag.render.html import case_as_form

    return case_as_form(document["question"])


# --- the report -------------------------------------------------------------------------------


@blueprint.get("/panel/report")
def report_page() -> Response:
    """The report of the desk: its figures over a period."""
    kept, page = desk(), _page("panel/report", current="report")
    from diag.cases.report_document import document

    days = next((n for n in DAYS if str(n) == page.given.get("days")), DAYS[1])
    by = page.given.get("by") if page.given.get("by") in _BY else "gateway"
    zone = page.clock.name or "UTC"
    today = page.clock.local(services().now()).date()
    first = today - timedelta(days=days - 1)
    asked = {"from": str(first), "to": str(today), "tz": zone, "by": str(by)}
    wanted = read_report(asked, services().now())
    wanted.pop("format")
    shown = html_report.report(document(kept.report(**wanted)), page.clock)
    csv = {**asked, "format": "csv"}
    return page.render(
        "report.html", days=days, choices=DAYS, by=by, parts=_BY, csv=csv, **shown
    )


# --- what both have -----------------------------------------------------------------------------


@blueprint.errorhandler(DiagError)
def failed_page(error: DiagError) -> Response:
    """The page that reports an error."""
    page = _list_page()
    if isinstance(error, BadInput):
        error = exposed_secrets_first(error)
    texts = [one.text for one in error.errors] if isinstance(error, BadInput) else []
    response = _message(page, texts[0] if texts else error.text, status_of(error))
    if response.status_code == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def _message(page: Page, text: Text, status: int) -> Response:
    return page.render("message.html", status, words=text)


def _list_page() -> Page:
    return _page("panel/cases")


def _page_of(case: str) -> Page:
    return _page(f"panel/cases/{case}")


def _page(path: str, current: str = "cases") -> Page:
    """The page of the current address; in the language of the submitted form, if there is one."""
    depth = request.path.strip("/").count("/")
    page = Page(path, "../" * depth, services().now(), current=current, kept=_KEPT)
    try:
        lang = request.form.get("lang")
    except RequestEntityTooLarge:
        return page
    if lang in LANGUAGES:
        page.adopt({**page.given, "lang": lang})
    return page


def _form() -> dict[str, str]:
    """The fields of the submitted form, except its channels, with secrets removed."""
    refuse_encoded()
    given = request.form.to_dict(flat=False)
    for name in ("tell", "lang"):
        given.pop(name, None)
    text = given.pop("text", None)
    found = {name: str(value) for name, value in query_fields(given).items()}
    if text:
        found["text"] = redacted_text(text[0].replace("\r\n", "\n"), "text")
    return found


def _to_case(path: str, page: Page, done: str) -> Response:
    query = urlencode({"lang": page.lang, "done": done})
    return redirect(f"{path}?{query}", 303)  # type: ignore[return-value]


def _shown(clock: Clock) -> Shown:
    return Shown(clock, _severities())


def _severities() -> dict[str, str]:
    """Code → severity."""
    rules = (rule for check in services().checks for rule in check.RULES)
    return {rule.code: str(rule.severity) for rule in rules}
