"""The panel in a real Chromium: servers on free ports, pages that forgive no error."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from recorded import RECORDED
from served import ZONE, Open, Servers
from werkzeug.serving import WSGIRequestHandler, make_server

from diag.api.app import build_app
from diag.bootstrap import build_services
from diag.config.settings import Settings
from diag.domain.case import Case
from diag.domain.history import History
from diag.errors import Unreachable

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


PATIENCE = 10_000  # milliseconds until what a page shall come to show is missed
expect.set_options(timeout=PATIENCE)


class Silent(WSGIRequestHandler):
    """Requests are not logged."""

    def log_request(self, *_: object) -> None:
        return


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    running = []

    def serve(app: Flask) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
        running.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.port}"

    made = build_services(Settings(ledger=RECORDED))
    answer = threading.Event()

    def collect_later(case: Case) -> History:
        answer.wait(30)
        return made.collect(case)

    def collect_nothing(case: Case) -> History:
        raise Unreachable("connection refused")

    helpdesk = serve(_helpdesk())
    framing = replace(made.settings, frame_ancestors=(helpdesk,))
    yield Servers(
        usual=serve(build_app(made)),
        dead=serve(build_app(replace(made, collect=collect_nothing))),
        waiting=serve(build_app(replace(made, collect=collect_later))),
        answer=answer,
        framed=serve(build_app(replace(made, settings=framing))),
        helpdesk=helpdesk,
    )
    answer.set()
    for server in running:
        server.shutdown()


def _helpdesk() -> Flask:
    app = Flask("helpdesk")

    @app.get("/")
    def frame() -> Response:
        body = "<!doctype html><title>Helpdesk</title><link rel=icon href=data:,><textarea></textarea><iframe width=400 height=600></iframe>"
        return Response(body, content_type="text/html")

    return app


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = subprocess.run(
        ["sh", str(Path(__file__).parent / "chromium.sh")], capture_output=True, text=True
    )
    if found.returncode:
        pytest.exit(found.stderr, returncode=2)
    with sync_playwright() as playwright:
        program = os.path.realpath(found.stdout.splitlines()[0])
        launched = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield launched
        launched.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Opens pages; whatever such a page complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        url: str, width: int = 1280, height: int = 800, expected: str = "", **context: Any
    ) -> Page:
        made = browser.new_context(
            viewport={"width": width, "height": height},
            timezone_id=ZONE,
            **{"reduced_motion": "reduce", **context},
        )
        made.set_default_timeout(PATIENCE)
        contexts.append(made)
        page = made.new_page()

        def heard(text: str) -> None:
            if not expected or expected not in text:
                complaints.append(text)

        page.on("console", lambda message: heard(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: heard(f"error: {error}"))
        page.goto(url)
        return page

    yield open_page
    for made in contexts:
        made.close()
    assert complaints == []
