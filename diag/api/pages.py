"""What all pages for support agents share; the pages of the network and of the API contract."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

from flask import Blueprint, Response, request

from diag.api import serializers
from diag.api.authentication import add_refusal_headers, refused_response
from diag.api.cases import keeps_cases
from diag.api.errors import RETRY_AFTER, http_error, status_of
from diag.api.panel import page_response
from diag.api.probes import READY_WITHIN
from diag.api.request_parsing import query, services
from diag.errors import BadInput, ChainError, Refused
from diag.i18n import LANGUAGES, negotiate
from diag.render import html, html_network
from diag.render.html_words import WORDS
from diag.render.options import View
from diag.render.zones import Clock, known

blueprint = Blueprint("pages", __name__)


class Page:
    """What the address of a page contains: language, time zone, and fields of that page."""

    KEPT = ("tz", "days", "asset", "case", "last")
    """Query fields that the link to the other language keeps."""

    def __init__(
        self, path: str, root: str, now: datetime, *, current: str, kept: Sequence[str] = KEPT
    ) -> None:
        self._now = now
        self._path, self._root, self._current = path, root, current
        self._kept, self._keeps_cases = kept, keeps_cases()
        self.adopt(_fields())

    def adopt(self, fields: Mapping[str, str]) -> None:
        """Take language and time zone from these fields, such as those of a form."""
        self.given = dict(fields)
        wanted = fields.get("lang")
        preferred = negotiate(request.headers.get("Accept-Language"), services().settings.lang)
        self.lang = wanted if wanted in LANGUAGES else preferred
        self.clock = Clock(known(fields.get("tz")), self._now, self.lang)

    def render(self, template: str, status: int = 200, **shown: object) -> Response:
        return page_response("".join(self.stream(template, **shown)), self.lang, status)

    def stream(self, template: str, **shown: object) -> Iterator[str]:
        """Yields the page in pieces; needs no request context once it has started."""
        return html.stream(
            template,
            View(self.lang, cases=self._keeps_cases),
            root=self._root,
            home=self._path,
            current=self._current,
            asked={name: self.given[name] for name in self._kept if name in self.given},
            clock=self.clock,
            **shown,
        )


def _fields() -> dict[str, str]:
    """The query fields, with secrets removed; of a repeated field one value counts."""
    try:
        return query()
    except BadInput:
        return {}


@blueprint.errorhandler(Refused)
def refused_page(error: Refused) -> Response:
    """The page that reports a refused request."""
    if request.endpoint not in _PAGES:
        return refused_response(error)
    page = Page(
        "panel", "../" * request.path.strip("/").count("/"), services().now(), current=""
    )
    shown = page.render("message.html", status_of(error), words=error.text)
    return add_refusal_headers(shown, error)


_PAGES = frozenset(
    (
        "gateway_pages.gateways",
        "gateway_pages.gateway",
        "gateway_pages.now",
        "pages.network",
        "pages.docs",
        "tickets.get_tickets",
        "tickets.post_tickets",
        "case_pages.list_page",
        "case_pages.watch",
        "case_pages.case_page",
        "case_pages.change_case",
        "case_pages.report_page",
    )
)


# --- the network ------------------------------------------------------------------------------


@blueprint.get("/panel/network")
def network() -> Response:
    """The page of the network: head block, irreversible block, missed slots, and our nodes."""
    used = services()
    page = Page("panel/network", "../", used.now(), current="network")
    try:
        health = used.health(used.settings.deadline)
    except ChainError as error:
        words = WORDS["network"]["unreachable"].say(
            page.lang, {"why": error.text.say(page.lang)}
        )
        response = page.render(
            "network.html",
            503,
            tone="danger",
            state=words,
            figures=[],
            nodes=[],
            maintenance="",
            recorded=False,
        )
        response.headers["Retry-After"] = RETRY_AFTER
        return response
    found = serializers.network(health, used.node_statuses(READY_WITHIN))
    shown = html_network.network(found, used.now(), page.clock)
    return page.render("network.html", recorded=not used.settings.nodes, **shown)


# --- the contract -----------------------------------------------------------------------------


@blueprint.get("/docs")
def docs() -> Response:
    """The API contract, rendered for the browser."""
    return Page("docs", "", services().now(), current="docs").render(
        "docs.html", container="div"
    )


@blueprint.get("/docs/<name>")
def docs_file(name: str) -> Response:
    """A file of Swagger UI, which is shipped with the service; sent compressed, because it is
    large.
    """
    kind = _RENDERER.get(name)
    if kind is None:
        raise http_error(404)
    response = Response(_compressed(name), content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


_RENDERER = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress((files("flask_swagger_ui") / "dist" / name).read_bytes(), mtime=0)
