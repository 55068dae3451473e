"""The pages of gateways: an overview, one page per gateway, and the current state of each."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from threading import Lock

from flask import Blueprint, Response, current_app

from diag.api import serializers
from diag.api.cases import desk, keeps_cases
from diag.api.errors import http_error
from diag.api.pages import Page, refused_page
from diag.api.request_parsing import services
from diag.domain.gateway import Gateway, Status
from diag.errors import ChainError, OutOfTime, Refused, StoreUnavailable
from diag.i18n import LANGUAGES
from diag.notices.model import notices_in_force
from diag.render import html_gateway, html_gateways
from diag.render.gateway_state import Seen
from diag.render.html_incidents import Incident, incidents_of
from diag.render.zones import Clock
from diag.services import Services

blueprint = Blueprint("gateway_pages", __name__)
blueprint.register_error_handler(Refused, refused_page)

SIDE_BY_SIDE = 4
"""The most gateways that are read in parallel."""
DAYS = (1, 3, 7)
DAY = timedelta(days=1)
FRESH = 60.0
"""Seconds for which the start page reuses the lines about gateways."""


class RightNow:
    """A line about each gateway, read within the last minute; thread-safe.

    One request at a time refreshes the lines. Other requests get the lines that exist already,
    perhaps none, and never wait.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: Mapping[str, Sequence[html_gateways.Line]] = {}
        self._until = 0.0

    def lines(self, used: Services, lang: str) -> Sequence[html_gateways.Line]:
        if self._is_old() and self._lock.acquire(blocking=False):
            try:
                if self._is_old():  # another request may have refreshed them meanwhile
                    self.keep(see_all(used, used.register.gateways), used)
            finally:
                self._lock.release()
        return self._lines.get(lang, ())

    def _is_old(self) -> bool:
        return time.monotonic() >= self._until

    def keep(self, seen: Sequence[Seen], used: Services) -> None:
        """Store what was just read of all gateways."""
        now = used.now()
        self._lines = {
            lang: html_gateways.lines(seen, Clock(None, now, lang)) for lang in LANGUAGES
        }
        self._until = time.monotonic() + FRESH


@blueprint.record_once
def _prepare(state: object) -> None:
    state.app.extensions["diag_right_now"] = RightNow()  # type: ignore[attr-defined]


def _right_now() -> RightNow:
    found: RightNow = current_app.extensions["diag_right_now"]
    return found


@blueprint.get("/panel/now")
def now() -> Response:
    """The current state of each gateway; the start page loads it after it is shown."""
    used = services()
    page = Page("panel/now", "../", used.now(), current="gateways")
    return page.render("now.html", lines=_right_now().lines(used, page.lang))


@blueprint.get("/panel/gateways")
def gateways() -> Response:
    """The page of all gateways of the register; those with problems first."""
    used = services()
    page = Page("panel/gateways", "../", used.now(), current="gateways")
    seen = see_all(used, used.register.gateways)
    _right_now().keep(seen, used)
    return page.render("gateways.html", **html_gateways.overview(seen, page.clock))


@blueprint.get("/panel/gateways/<key>")
def gateway(key: str) -> Response:
    """One gateway: overdue withdrawals, settlement times, incidents, rules and contact channels."""
    used = services()
    found = used.register.by_key(key)
    if found is None:
        raise http_error(404)
    page = Page(f"panel/gateways/{key}", "../../", used.now(), current="gateways")
    asked = page.given.get("days", "")
    days = next((n for n in DAYS if str(n) == asked), 1)
    seen = see(used, found, timedelta(days=days))
    told = notices_in_force(used.notices(), seen.now, found.key)
    shown = html_gateway.one(
        seen,
        page.clock,
        told,
        page.given.get("asset"),
        days,
        page.given.get("case"),
        _with_tickets(incidents_of(seen)),
    )
    return page.render("gateway.html", days=days, **shown)


def _with_tickets(found: list[Incident]) -> list[Incident]:
    """Add the number of cases to each incident; the numbers are left out if the store does not
    answer.
    """
    if not found or not keeps_cases():
        return found
    from diag.cases.span import Span

    counted = []
    try:
        for one in found:
            span = Span.between(one.gateway, one.asset, one.first, one.last)
            counted.append(replace(one, tickets=desk().count_about(span) if span else None))
    except StoreUnavailable:
        return found
    return counted


def see_all(used: Services, found: Sequence[Gateway]) -> list[Seen]:
    """Read several gateways in parallel; one that takes too long counts as not read."""
    executor = ThreadPoolExecutor(SIDE_BY_SIDE if used.settings.nodes else 1)
    futures: Mapping[str, Future[Seen]] = {
        g.key: executor.submit(see, used, g, DAY) for g in found
    }
    done, _ = wait(futures.values(), timeout=used.settings.deadline + 1)
    executor.shutdown(wait=False, cancel_futures=True)
    late = OutOfTime().text
    now = used.now()
    return [
        futures[g.key].result()
        if futures[g.key] in done
        else Seen(g, now, now - DAY, read=False, error=late)
        for g in found
    ]


def see(used: Services, found: Gateway, look_back: timedelta) -> Seen:
    """Read the recent activity of a gateway; a closed gateway is not read."""
    now = used.now()
    stage = found.status_at(now)
    if stage and stage.status is Status.CLOSED:
        return Seen(found, now, now - look_back, read=False)
    try:
        view = used.gateway_view(found, look_back)
    except ChainError as error:
        return Seen(found, now, now - look_back, read=False, error=error.text)
    if used.register.on(view.chain_id).foreign:
        return Seen(found, view.now, view.start, foreign=True)
    coins = tuple(serializers.coins(found, view))
    return Seen(found, view.now, view.start, coins, view.complete)
