"""Kept cases in a browser: every look of their pages, watching a verdict, forms, the helpdesk's frame."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from desks import END, Chain, new_case
from playwright.sync_api import Page, expect
from served import ZONE, Open, Servers
from stores import new_database, sqlite_url
from test_screens import LOOKS, assert_good
from werkzeug.serving import WSGIRequestHandler, make_server

from diag.api.app import build_app
from diag.config.settings import Settings

LATE = {"from": "2026-11-22T07:30:00Z", "to": "2026-11-22T08:30:00Z"}
"""In no time zone: the page of such a case is in UTC, and is not loaded again in that of the browser."""
SENT = {"from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:00:30Z", "tz": ZONE}
ZHAO_MING = {"account": "zhao-ming", "last": "6h"}


@dataclass(frozen=True)
class Kept:
    """A service that keeps cases, and two of them."""

    base: str
    changed: str
    late: str
    reference: str

    def at(self, path: str, lang: str = "en", **query: str) -> str:
        return f"{self.base}/{path}?{urlencode({'lang': lang, 'tz': ZONE, **query})}"


class Silent(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        return


@pytest.fixture
def kept(tmp_path: Path, servers: Servers) -> Iterator[Kept]:
    """Name it before `opened`, so that pages are closed before their server is."""
    with new_database("sqlite", tmp_path) as database:
        chain = Chain(now=END - timedelta(hours=14, minutes=59))
        desk = chain.desk(database, ("helpdesk", "mail"))
        changed = desk.open(new_case("lin-yue", tell=("mail",), **SENT), "ada")[0]
        desk.add(changed, {"kind": "note", "text": "wrote to them\ntheir number 88121"}, "ada")
        chain.now = END
        chain.watcher(database).run()
        late = desk.open(new_case("zhao-ming", **LATE), "ada")[0]
        chain.now = END + timedelta(minutes=2)
        desk.add(late, {"kind": "reply", "lang": "zh"}, "ada")
        desk.add(late, {"kind": "assessment", "right": True}, "ada")
        desk.add(late, {"kind": "rating", "score": 4}, "ada")
        chain.now = END
        settings = Settings(database=sqlite_url(tmp_path), frame_ancestors=(servers.helpdesk,))
        app = build_app(replace(chain.services(), settings=settings), None, desk)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Kept(
            f"http://127.0.0.1:{server.port}", changed.id, late.id, late.verdict.reference
        )
        server.shutdown()


@pytest.mark.parametrize(("lang", "width", "scheme"), LOOKS)
def test_the_pages_are_accessible_and_fit(
    kept: Kept, opened: Open, lang: str, width: int, scheme: str
) -> None:
    page = opened(
        kept.at("panel/cases", lang), width, 700 if width == 320 else 800, color_scheme=scheme
    )
    assert_good(page)
    for path in (
        f"panel/cases/{kept.changed}",
        f"panel/cases/{kept.late}",
        "panel/report",
        "panel/gateways/HARBOR",
    ):
        page.goto(kept.at(path, lang))
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        assert_good(page)
    page.goto(kept.at("panel", lang, **ZHAO_MING))
    expect(page.locator("#watch form")).to_be_visible()
    assert_good(page)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_verdict_is_watched_and_its_case_worked_through(
    kept: Kept, opened: Open, script: bool
) -> None:
    page = opened(kept.at("panel", **ZHAO_MING), java_script_enabled=script)
    page.fill("#watch-ticket", "ZD-4498")
    page.get_by_label("mail").check()
    page.get_by_role("button", name="Watch this").click()
    expect(page.locator("h1")).to_have_text("zhao-ming · 0.05616 NORTH.BTC")
    expect(page.locator("main")).to_contain_text("ZD-4498")
    page.fill("#note", "asked the gateway")
    page.get_by_role("button", name="Add a note").click()
    expect(page.locator(".events li").first).to_contain_text("asked the gateway")
    page.select_option("#resolution", label="User answered")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".banner.done")).to_have_text("Resolved.")
    page.get_by_role("link", name="Cases", exact=True).first.click()
    page.get_by_role("link", name="Resolved").click()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_two_who_change_a_case_at_once_are_told(kept: Kept, opened: Open) -> None:
    address = kept.at(f"panel/cases/{kept.late}")
    page = opened(address, expected="412 (PRECONDITION FAILED)")
    other = page.context.new_page()
    other.goto(address)
    other.get_by_role("button", name="Close").click()
    expect(other.locator(".banner.done")).to_be_visible()
    page.get_by_role("button", name="Back to us").click()
    expect(page.locator("#wrong")).to_contain_text("changed in the meantime")
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()


def test_a_reference_in_the_box_opens_its_case(kept: Kept, opened: Open) -> None:
    page = opened(kept.at("panel"))
    page.fill("#q", kept.reference)
    page.click("#ask")
    page.wait_for_url(f"**/{kept.late}*")
    expect(page.locator("#h-change")).to_have_text("Where it stands")


def test_another_site_cannot_send_the_forms(kept: Kept, opened: Open, servers: Servers) -> None:
    page = opened(servers.helpdesk, expected="403 (FORBIDDEN)")
    action = f"{kept.base}/panel/cases/{kept.late}"
    with page.expect_navigation():
        page.evaluate(
            "action => { const form = document.createElement('form'); form.method = 'post';"
            " form.action = action; form.innerHTML = '<input name=do value=close>"
            "<input name=version value=4><input name=lang value=en>';"
            " document.body.append(form); form.submit(); }",
            action,
        )
    expect(page.locator("main")).to_contain_text("nothing was done")


# --- in the frame of a helpdesk -------------------------------------------------------------------

CONVERSATION = {
    "id": 42,
    "messages": [
        {"message_type": 0, "content": "Hello, where is my withdrawal?"},
        {"message_type": 1, "content": "Which account?"},
        {"message_type": 1, "content": "/diag", "private": True},
        {"message_type": 0, "content": "zhao-ming, this afternoon"},
        {"message_type": 2, "content": "Conversation was reopened"},
        {"message_type": 0, "content": None},
    ],
}
WRITTEN = "Hello, where is my withdrawal?\n\nzhao-ming, this afternoon"


def framed(page: Page, url: str) -> None:
    page.evaluate(
        "url => new Promise(done => { const frame = document.querySelector('iframe');"
        " window.asked = []; addEventListener('message', event => asked.push(event.data));"
        " frame.onload = done; frame.src = url; })",
        url,
    )


def tell(page: Page, data: Any, *, text: bool = True) -> None:
    message = {"event": "appContext", "data": data}
    page.evaluate(
        "message => document.querySelector('iframe').contentWindow.postMessage(message, '*')",
        json.dumps(message) if text else message,
    )


def test_the_box_is_filled_from_the_conversation_and_nothing_is_sent(
    kept: Kept, opened: Open, servers: Servers
) -> None:
    page = opened(servers.helpdesk)
    framed(page, kept.at("panel"))
    assert page.evaluate("asked") == ["chatwoot-dashboard-app:fetch-info"]
    box = page.frame_locator("iframe").locator("#q")
    tell(page, {"conversation": CONVERSATION, "contact": {"email": "a@example.com"}})
    expect(box).to_have_value(WRITTEN)
    tell(
        page,
        {"conversation": {"id": 43, "messages": [{"message_type": 0, "content": "chen-hui"}]}},
    )
    expect(box).to_have_value("chen-hui")
    expect(page.frame_locator("iframe").locator("article")).to_have_count(0)
    page.frame_locator("iframe").locator("#ask").click()
    ticket = page.frame_locator("iframe").locator("#watch-ticket")
    expect(ticket).to_have_value("43")


def test_what_an_agent_typed_is_not_replaced(
    kept: Kept, opened: Open, servers: Servers
) -> None:
    page = opened(servers.helpdesk)
    framed(page, kept.at("panel"))
    box = page.frame_locator("iframe").locator("#q")
    box.fill("1.11.24815")
    tell(page, {"conversation": CONVERSATION})
    tell(page, {"conversation": {**CONVERSATION, "id": 44}})
    expect(box).to_have_value("1.11.24815")


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"conversation": None},
        {"conversation": {"id": "<b>", "messages": "x"}},
        {"conversation": {"messages": [None, 1, {"message_type": 0, "content": 5}]}},
    ],
    ids=str,
)
def test_what_is_no_conversation_changes_nothing(
    kept: Kept, opened: Open, servers: Servers, data: Any
) -> None:
    page = opened(servers.helpdesk)
    framed(page, kept.at("panel"))
    tell(page, data, text=False)
    page.evaluate("document.querySelector('iframe').contentWindow.postMessage('{', '*')")
    tell(page, {"conversation": CONVERSATION})
    expect(page.frame_locator("iframe").locator("#q")).to_have_value(WRITTEN)


def test_only_the_helpdesk_that_frames_it_is_listened_to(
    kept: Kept, opened: Open, servers: Servers
) -> None:
    """A page of ours is framed by the helpdesk, and told by the frame itself and by another window."""
    page = opened(servers.helpdesk)
    framed(page, kept.at("panel"))
    box = page.frame_locator("iframe >> nth=0").locator("#q")
    message = json.dumps({"event": "appContext", "data": {"conversation": CONVERSATION}})
    page.frames[1].evaluate("message => postMessage(message, '*')", message)
    page.frames[1].evaluate(
        "data => dispatchEvent(new MessageEvent('message',"
        " {data, origin: 'https://evil.example', source: parent}))",
        message,
    )
    page.evaluate(
        "message => { const inner = document.createElement('iframe'); document.body.append(inner);"
        " const script = inner.contentDocument.createElement('script');"
        " script.textContent = `parent.frames[0].postMessage(${JSON.stringify(message)}, '*')`;"
        " inner.contentDocument.body.append(script); }",
        message,
    )
    tell(
        page,
        {"conversation": {"id": 1, "messages": [{"message_type": 0, "content": "chen-hui"}]}},
    )
    expect(box).to_have_value("chen-hui")
    assert page.frames[1].evaluate("filled") == "chen-hui"
