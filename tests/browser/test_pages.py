"""The pages for the team in a browser: every look of each, charts, filters, files, progress."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from recorded import RECORDED
from served import ZONE, Open, Servers
from test_screens import LOOKS, assert_good

from diag.triage.spreadsheet import MEDIA_TYPES
from diag.triage.workbook import as_xlsx

PATHS = {
    "right now": "panel/now",
    "gateways": "panel/gateways",
    "a gateway that has stopped": "panel/gateways/HARBOR",
    "a gateway and the case at hand": "panel/gateways/NORTH?case=1.11.24815",
    "a gateway without a trace": "panel/gateways/RIVER",
    "a closed gateway": "panel/gateways/OLDPORT",
    "network": "panel/network",
    "tickets": "panel/tickets",
}
ANSWERED = 600_000
"""Milliseconds until a batch is missed: some dozen diagnoses take what the machine leaves them."""
TRUTH = json.loads((RECORDED / "truth.json").read_text(encoding="utf-8"))["cases"]


def address(base: str, path: str, lang: str = "en") -> str:
    query = urlencode({"lang": lang, "tz": ZONE})
    return f"{base}/{path}{'&' if '?' in path else '?'}{query}"


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")


@pytest.mark.parametrize(("lang", "width", "scheme"), LOOKS)
@pytest.mark.parametrize("name", PATHS)
def test_a_page_is_accessible_and_fits(
    opened: Open, servers: Servers, name: str, lang: str, width: int, scheme: str
) -> None:
    url = address(servers.usual, PATHS[name], lang)
    page = opened(url, width, 700 if width == 320 else 800, color_scheme=scheme)
    unfold(page)
    assert_good(page)


def check(page: Page, rows: list[dict[str, str]]) -> None:
    content = "\n".join(map(json.dumps, rows)).encode()
    page.set_input_files(
        "#file", files=[{"name": "t.jsonl", "mimeType": "application/json", "buffer": content}]
    )
    page.click("#tickets .main-button")
    page.locator("#batch .ready").wait_for(timeout=ANSWERED)


def stories() -> list[dict[str, str]]:
    return [
        {
            "ticket": case["id"],
            "account": case["account"],
            "from": f"{case['from']}Z",
            "to": f"{case['to']}Z",
            **case["claim"],
        }
        for case in TRUTH
    ]


@pytest.mark.parametrize(("lang", "width", "scheme"), LOOKS)
def test_the_start_page_says_how_the_gateways_do_once_it_is_shown(
    opened: Open, servers: Servers, lang: str, width: int, scheme: str
) -> None:
    page = opened(address(servers.usual, "panel", lang), width, color_scheme=scheme)
    expect(page.locator("#now li")).to_have_count(4)
    expect(page.locator("#now li").first).to_contain_text("HARBOR")
    expect(page.locator("#q")).to_be_focused()
    assert_good(page)
    page.get_by_role("link", name="HARBOR").click()
    expect(page.locator("h1")).to_have_text("HARBOR")


def test_without_javascript_the_start_page_leads_to_the_gateways(
    opened: Open, servers: Servers
) -> None:
    page = opened(address(servers.usual, "panel"), java_script_enabled=False)
    page.get_by_role("link", name="All gateways").click()
    expect(page.locator("h1")).to_have_text("Gateways")


def test_a_workbook_is_handed_in_and_a_wrong_one_is_said(
    opened: Open, servers: Servers
) -> None:
    page = opened(address(servers.usual, "panel/tickets"), expected="400 (BAD REQUEST)")

    def hand_in(*table: list[str]) -> None:
        file = {"name": "t.xlsx", "mimeType": MEDIA_TYPES[0], "buffer": as_xlsx(table)}
        page.set_input_files("#file", files=[file])
        page.click("#tickets .main-button")

    hand_in(["nothing", "here"])
    expect(page.locator("#wrong")).to_contain_text("“Sheet1”")
    hand_in(["工单", "账户", "最近"], ["T-1", "zhao-ming", "6h"])
    page.locator("#batch .ready").wait_for(timeout=ANSWERED)
    expect(page.locator(".group").first).to_contain_text("Overdue at the gateway")


@pytest.mark.parametrize(("lang", "width", "scheme"), LOOKS)
def test_a_batch_is_accessible_and_fits(
    opened: Open, servers: Servers, lang: str, width: int, scheme: str
) -> None:
    url = address(servers.usual, "panel/tickets", lang)
    page = opened(url, width, 700 if width == 320 else 800, color_scheme=scheme)
    check(page, [*stories(), {"account": "x_y"}])
    unfold(page)
    assert_good(page)


def test_tickets_are_filtered_by_links_and_going_back_takes_the_filter_away(
    opened: Open, servers: Servers
) -> None:
    page = opened(address(servers.usual, "panel/tickets"))
    check(page, stories())
    everything = page.locator(".group:visible").count()
    page.locator(".filters a", has_text="Urgent").click()
    expect(page.locator(".group:visible").first).to_have_attribute("data-tone", "danger")
    urgent = page.locator(".group:visible").count()
    assert 0 < urgent < everything
    page.locator(".filters a", has_text="NORTH").click()
    expect(page.locator(".group:visible")).not_to_have_count(urgent)
    assert page.locator(".group:visible").count() < urgent
    page.go_back()
    page.go_back()
    expect(page.locator(".group:visible")).to_have_count(everything)


def test_a_group_has_one_reply_to_copy_and_files_to_keep(
    opened: Open, servers: Servers, tmp_path: Path
) -> None:
    page = opened(
        address(servers.usual, "panel/tickets"),
        permissions=["clipboard-read", "clipboard-write"],
    )
    page.fill("#text", "zhao-ming\nchen-hui\n1.11.24815")
    page.select_option("#last", "12h")
    page.click("#tickets .main-button")
    page.locator("#batch .ready").wait_for(timeout=ANSWERED)
    group = page.locator(".group", has_text="Overdue at the gateway").first
    group.locator("summary").first.click()
    group.locator("[data-copy=reply]").click()
    expect(page.locator("#said")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "{ref}" in copied and "zhao-ming" not in copied
    for name in ("CSV", "XLSX"):
        with page.expect_download() as downloaded:
            page.get_by_role("link", name=f"Download all ({name})").click()
        kept = tmp_path / downloaded.value.suggested_filename
        downloaded.value.save_as(kept)
        assert kept.read_bytes()[:2] in (b"PK", b"\xef\xbb")
    group.locator("tbody a").first.click()
    expect(page.locator("#verdict")).to_be_visible()


def test_many_tickets_work_without_javascript(opened: Open, servers: Servers) -> None:
    page = opened(address(servers.usual, "panel/tickets"), java_script_enabled=False)
    page.fill("#text", "zhao-ming\nchen-hui")
    page.click("#tickets .main-button")
    expect(page.locator(".ready")).to_be_visible(timeout=ANSWERED)
    expect(page.locator(".ticks")).to_be_hidden()
    page.locator(".group summary").first.click()
    expect(page.locator(".group table").first).to_be_visible()


def test_a_mistake_with_tickets_is_said(opened: Open, servers: Servers) -> None:
    page = opened(address(servers.usual, "panel/tickets"), expected="400 (BAD REQUEST)")
    page.click("#tickets .main-button")
    expect(page.locator("#wrong")).to_contain_text("Choose a file")


def test_the_chart_speaks_and_stands_as_a_table_too(opened: Open, servers: Servers) -> None:
    page = opened(address(servers.usual, "panel?account=zhao-ming&last=12h"))
    chart = page.locator("svg[role=img]")
    expect(chart).to_have_accessible_name(
        re.compile("to processing, NORTH.BTC .*still waiting")
    )
    expect(chart.locator(".mine")).to_have_count(1)
    page.locator(".behind summary").click()
    expect(page.locator(".behind table")).to_be_visible()
    page.get_by_role("link", name="All of NORTH").click()
    expect(page.locator("h1")).to_have_text("NORTH")
    expect(page.locator("svg[role=img] .mine")).to_have_count(1)


def test_the_contract_is_read_in_the_browser_from_our_own_files(
    opened: Open, servers: Servers
) -> None:
    page = opened(address(servers.usual, "docs"))
    page.set_default_timeout(ANSWERED)  # the renderer draws hundreds of rows at a click
    page.locator("#contract", has_text="/v1/diagnoses").wait_for()
    page.locator(".opblock-summary-control").first.click()
    page.locator(".opblock-body", has_text="account").first.wait_for()
    outside = [
        name
        for name in page.evaluate(
            "performance.getEntriesByType('resource').map(one => one.name)"
        )
        if not name.startswith((servers.usual, "data:"))
    ]
    assert outside == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_the_contract_is_accessible_and_fits(
    opened: Open, servers: Servers, width: int, scheme: str
) -> None:
    page = opened(address(servers.usual, "docs"), width, color_scheme=scheme)
    page.set_default_timeout(ANSWERED)  # the renderer draws hundreds of rows at a click
    for operation in ("diagnosis-getDiagnosis", "cases-changeCase"):
        block = page.locator(f"#operations-{operation}")
        block.locator(".opblock-summary-control").click()
        block.locator(".responses-table").first.wait_for()
    expect(page.locator(".opblock button a[href]")).to_have_count(0)
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [f"{v['id']}: {v['nodes'][0]['html']}" for v in found] == []
    too_wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(too_wide) == 0


def test_a_page_without_a_zone_takes_that_of_the_browser(
    opened: Open, servers: Servers
) -> None:
    page = opened(f"{servers.usual}/panel/gateways?lang=en")
    expect(page.locator(".head .meta").first).to_contain_text("Beijing time")
