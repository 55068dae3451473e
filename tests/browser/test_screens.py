"""Every screen of the panel: no axe violation, nothing cut off, the verdict in sight."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from served import ZONE, Open, Servers

MIAO_YI = {"account": "miao-yi", "from": "2026-11-21T19:43:20Z", "to": "2026-11-21T20:18:20Z"}

SCREENS: dict[str, dict[str, str]] = {
    "empty": {},
    "settled": {
        "account": "lin-yue",
        "from": "2026-11-21T20:30:00Z",
        "to": "2026-11-21T21:30:00Z",
        "amount": "0.05205",
    },
    "overdue": {"account": "zhao-ming", "last": "6h"},
    "returned": {
        "account": "chu-han",
        "from": "2026-11-21T20:45:00Z",
        "to": "2026-11-21T21:45:00Z",
    },
    "nothing in the window": {"account": "lin-yue", "last": "6h"},
    "several withdrawals": MIAO_YI,
    "candidates": {**MIAO_YI, "operation": "1.11.12683"},
    "near names": {"account": "xie-axq", "last": "24h"},
    "keys were changed": {
        "account": "peng-zu",
        "from": "2026-11-22T10:06:40Z",
        "to": "2026-11-22T11:06:40Z",
    },
    "bad input": {"account": "Zhao_Ming", "from": "2026-11-22T10:00", "asset": "btc"},
}
LOOKS = [
    pytest.param("zh", 320, "light", id="zh narrow light"),
    pytest.param("en", 320, "dark", id="en narrow dark"),
    pytest.param("zh", 1280, "dark", id="zh wide dark"),
    pytest.param("en", 1280, "light", id="en wide light"),
]


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in found]


def assert_good(page: Page) -> None:
    assert violations(page) == []
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(too_wide) == 0


@pytest.mark.parametrize(("lang", "width", "scheme"), LOOKS)
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_accessible_and_fits(
    opened: Open, servers: Servers, name: str, lang: str, width: int, scheme: str
) -> None:
    query = urlencode({"tz": ZONE, "lang": lang, **SCREENS[name]})
    status = "400 (BAD REQUEST)" if name == "bad input" else ""
    height = 700 if width == 320 else 800
    page = opened(f"{servers.usual}/panel?{query}", width, height, status, color_scheme=scheme)
    headline = page.locator("#verdict")
    if headline.count():
        for place in (headline, page.locator("[data-copy=reply]")):
            box = place.bounding_box()
            assert box and box["y"] + box["height"] <= height, "it is on the first screen"
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert_good(page)


@pytest.mark.parametrize(("lang", "width", "scheme"), LOOKS)
def test_the_screen_of_a_dead_node_is_accessible_and_fits(
    opened: Open, servers: Servers, lang: str, width: int, scheme: str
) -> None:
    page = opened(
        f"{servers.dead}/panel?account=zhao-ming&lang={lang}",
        width,
        expected="503 (SERVICE UNAVAILABLE)",
        color_scheme=scheme,
    )
    expect(page.locator("#wrong")).to_be_visible()
    assert_good(page)


@pytest.mark.parametrize(("lang", "width", "scheme"), LOOKS)
def test_the_screen_while_asking_is_accessible_and_fits(
    opened: Open, servers: Servers, lang: str, width: int, scheme: str
) -> None:
    servers.answer.clear()
    page = opened(f"{servers.waiting}/panel?lang={lang}", width, color_scheme=scheme)
    page.fill("#q", "zhao-ming")
    page.click("#ask")
    page.locator("#progress").wait_for()
    expect(page.locator("#progress-said")).to_contain_text("8", use_inner_text=True)
    assert_good(page)
    servers.answer.set()
    page.locator("#verdict").wait_for()
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#verdict")).to_be_focused()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_of_the_format_html_is_accessible_and_fits(
    opened: Open, servers: Servers, lang: str
) -> None:
    query = urlencode({**SCREENS["overdue"], "format": "html", "lang": lang})
    page = opened(f"{servers.usual}/v1/diagnoses?{query}", 320)
    assert_good(page)
    page.get_by_role("tab").last.click()
    expect(page.locator("#reply-en")).to_be_visible()
    expect(page.locator("#reply-zh")).to_be_hidden()
