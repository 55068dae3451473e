"""An agent at work: keyboard, copying, links, going back, mistakes, frames, no JavaScript."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs, urlencode, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe
from graphenebase.account import PrivateKey
from playwright.sync_api import Page, expect
from served import ZONE, Open, Servers

REFUSED = "400 (BAD REQUEST)"
CLIPBOARD = ["clipboard-read", "clipboard-write"]
MIAO_YI = {"account": "miao-yi", "from": "2026-11-21T19:43:20Z", "to": "2026-11-21T20:18:20Z"}


def panel(base: str, **query: str) -> str:
    return f"{base}/panel?{urlencode({'lang': 'en', **query})}"


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def query(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlparse(page.url).query).items()}


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent"))


def press_until(page: Page, key: str, wanted: str) -> None:
    """Tab until the element whose id or words these are has the focus; it must be visible."""
    for _ in range(60):
        page.keyboard.press(key)
        if focused(page).strip() == wanted:
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert page.evaluate(outline) != "none"
            return
    raise AssertionError(f"{wanted} is not reached by {key}")


def test_the_keyboard_alone_is_enough(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual), permissions=CLIPBOARD)
    press_until(page, "Tab", "Skip to the result")
    press_until(page, "Tab", "account")
    page.keyboard.type("zhao-ming")
    page.keyboard.press("Tab")
    assert focused(page) == "last-1"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#last-1")).to_be_checked()
    press_until(page, "Tab", "tz")
    expect(page.locator("#tz")).to_have_value(ZONE)
    press_until(page, "Tab", "ask")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_be_focused()
    press_until(page, "Tab", "tab-en")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "tab-zh"
    expect(page.locator("#reply-zh")).to_be_visible()
    expect(page.locator("#reply-en")).to_be_hidden()
    page.keyboard.press("End")
    assert focused(page) == "tab-en"
    press_until(page, "Tab", "panel-en")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Copied")
    reply = page.locator("#reply-en").text_content()
    assert clipboard(page) == reply
    assert reply and reply.startswith("Confirmed: ")
    assert query(page)["account"] == "zhao-ming"


@pytest.mark.parametrize("source", ["reply-zh", "reply-en", "note", "json"])
def test_what_is_copied_is_what_is_shown(opened: Open, servers: Servers, source: str) -> None:
    page = opened(panel(servers.usual, account="zhao-ming", last="6h"), permissions=CLIPBOARD)
    page.get_by_role("tab").first.click()
    if source == "reply-en":
        page.get_by_role("tab").last.click()
    page.get_by_text("Raw JSON").click()
    page.locator(f"[data-copy={source}]").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert clipboard(page) == page.locator(f"#{source}").text_content()


def test_a_reply_is_copied_in_a_frame_without_the_permission(
    opened: Open, servers: Servers
) -> None:
    page = opened(servers.helpdesk, expected="Permissions policy violation")
    page.evaluate(
        "url => { document.querySelector('iframe').src = url; }",
        panel(servers.framed, account="zhao-ming", last="6h"),
    )
    frame = page.frame_locator("iframe")
    frame.locator("[data-copy=reply-en]").click()
    expect(frame.locator("#said")).to_have_text("Copied")
    page.locator("textarea").click()
    page.keyboard.press("Control+V")
    reply = str(frame.locator("#reply-en").text_content())
    expect(page.locator("textarea")).to_have_value(reply)


def test_only_the_named_helpdesk_may_frame_it(opened: Open, servers: Servers) -> None:
    page = opened(servers.helpdesk, expected="frame-ancestors")
    for base, allowed in ((servers.usual, False), (servers.framed, True)):
        page.evaluate(
            "url => new Promise(done => { const frame = document.querySelector('iframe');"
            " frame.onload = done; frame.src = url; })",
            panel(base),
        )
        found = page.frame_locator("iframe").locator("#form").count()
        assert bool(found) is allowed


def test_a_link_asks_and_shows_what_it_asked(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **MIAO_YI, tz=ZONE))
    expect(page.locator("#account")).to_have_value("miao-yi")
    expect(page.locator("#from")).to_have_value("2026-11-22T03:43:20")
    expect(page.locator("#from")).to_be_visible()
    expect(page.locator("#verdict")).to_be_visible()
    again = opened(page.url)
    assert again.locator("#json").text_content() == page.locator("#json").text_content()


def test_a_candidate_is_picked_and_going_back_returns(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **MIAO_YI, operation="1.11.12683", tz=ZONE))
    page.locator(".pick").first.click()
    expect(page.locator("#operation")).to_have_value("1.11.12581")
    expect(page.locator("article.result code").get_by_text("1.11.12581").first).to_be_visible()
    page.go_back()
    expect(page.locator("#operation")).to_have_value("1.11.12683")


def test_going_back_after_asking_shows_the_question_before(
    opened: Open, servers: Servers
) -> None:
    page = opened(panel(servers.usual, account="zhao-ming", last="6h", tz=ZONE))
    first = page.locator("#json").text_content()
    page.fill("#account", "chen-hui")
    page.click("#ask")
    expect(page.locator(".way .name").first).to_have_text("chen-hui")
    assert query(page)["account"] == "chen-hui"
    assert parse_qs(urlparse(str(page.locator("#other").get_attribute("href"))).query)[
        "account"
    ] == ["chen-hui"]
    page.go_back()
    expect(page.locator("#account")).to_have_value("zhao-ming")
    expect(page.locator("#json")).to_have_text(str(first))
    assert page.locator("#json").text_content() == first


def test_asking_again_asks_the_form(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, account="zhao-ming", last="6h", tz=ZONE))
    expect(page.locator("#ask")).to_have_text("Check again")
    with page.expect_response("**/v1/diagnoses") as answered:
        page.click("#ask")
    assert answered.value.request.post_data_json == {
        "account": "zhao-ming",
        "last": "6h",
        "tz": ZONE,
        "lang": "en",
        "format": "html",
    }


MISTAKES = [
    pytest.param("account", "Bad Name", "account", "lower-case", id="account"),
    pytest.param("asset", "btc", "asset", "no asset BTC", id="asset, in a closed group"),
    pytest.param("tz", "Beijing", "tz", "IANA", id="time zone"),
]


@pytest.mark.parametrize(("field", "value", "place", "remedy"), MISTAKES)
def test_a_mistake_is_said_at_its_field_and_goes_away(
    opened: Open, servers: Servers, field: str, value: str, place: str, remedy: str
) -> None:
    page = opened(panel(servers.usual), expected=REFUSED)
    page.fill("#account", "zhao-ming")
    page.locator("#claims summary").click()
    page.fill(f"#{field}", value)
    page.locator("#claims summary").click()
    page.click("#ask")
    expect(page.locator("#wrong")).to_be_focused()
    page.locator("#wrong a").click()
    expect(page.locator(f"#{place}")).to_be_focused()
    message = page.locator(f"#{page.get_attribute(f'#{place}', 'aria-describedby')}")
    expect(message).to_contain_text(remedy, use_inner_text=True)
    page.fill(f"#{field}", {"account": "zhao-ming", "tz": ZONE}.get(field, ""))
    page.click("#ask")
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#wrong")).to_be_hidden()
    expect(page.locator(".error")).to_have_count(0)


def test_dates_without_a_zone_or_an_end_are_asked_for_in_place(
    opened: Open, servers: Servers
) -> None:
    page = opened(panel(servers.usual))
    page.fill("#account", "zhao-ming")
    expect(page.locator("#from")).to_be_hidden()
    page.locator("label:has(#last-3)").click()
    page.fill("#from", "2026-11-22T15:00")
    page.fill("#tz", "")
    page.click("#ask")
    expect(page.locator("#from-error")).to_contain_text("time zone", use_inner_text=True)
    expect(page.locator("#to-error")).to_contain_text("Give a time", use_inner_text=True)


def test_a_dead_service_is_said_and_the_question_stays(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.dead), expected="503 (SERVICE UNAVAILABLE)")
    page.fill("#account", "zhao-ming")
    page.click("#ask")
    expect(page.locator("#wrong")).to_contain_text("connection refused")
    expect(page.locator("#wrong")).to_contain_text("should not send again")
    expect(page.locator("#account")).to_have_value("zhao-ming")


def test_a_lost_connection_is_said(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, lang="zh"), expected="net::ERR")
    page.route("**/v1/diagnoses", lambda route: route.abort())
    page.fill("#account", "zhao-ming")
    page.click("#ask")
    expect(page.locator("#wrong")).to_contain_text("检查网络")
    expect(page.locator("#progress")).to_be_hidden()


def test_markup_in_a_question_stays_text(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual))
    page.fill("#account", "zhao-ming")
    page.locator("#claims summary").click()
    page.fill("#memo", "<img src=x onerror=alert(1)><b>btc:1x")
    page.click("#ask")
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator("#json")).to_contain_text("<img")
    page.reload()
    expect(page.locator("img")).to_have_count(0)
    assert page.input_value("#memo") == "<img src=x onerror=alert(1)><b>btc:1x"


def test_everything_works_without_javascript(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual), java_script_enabled=False)
    page.fill("#account", "zhao-ming")
    page.locator("label:has(#last-0)").click()
    page.click("#ask")
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#reply-zh")).to_be_visible()
    expect(page.locator("#reply-en")).to_be_visible()
    expect(page.locator("button.copy:visible")).to_have_count(0)
    expect(page.locator("#paste")).to_be_hidden()
    page.locator("details summary", has_text="Raw JSON").click()
    expect(page.locator("#json")).to_be_visible()


def test_it_prints_the_result_alone(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, account="zhao-ming", last="6h"))
    page.emulate_media(media="print")
    for place in ("#form", "#ask"):
        expect(page.locator(place)).to_be_hidden()
    for place in ("#reply-zh", "#reply-en"):
        expect(page.locator(place)).to_be_visible()


TICKET = "你好，我昨天下午三点从 zhao-ming 提了 0.05616 NORTH.BTC，到现在还没到账。"


def pasted(opened: Open, servers: Servers, text: str, **context: object) -> Page:
    page = opened(panel(servers.usual), **context)
    page.locator("#paste summary").click()
    page.fill("#pasted", text)
    page.click("#read")
    return page


def test_a_ticket_fills_in_the_form_and_its_zone_is_asked_for(
    opened: Open, servers: Servers
) -> None:
    page = pasted(opened, servers, TICKET, permissions=CLIPBOARD)
    expect(page.locator("#account")).to_have_value("zhao-ming")
    expect(page.locator("#asset")).to_have_value("NORTH.BTC")
    expect(page.locator("#amount")).to_have_value("0.05616")
    expect(page.locator("[data-field=amount] .filled")).to_have_text("From the text: 0.05616")
    expect(page.locator("#from")).to_have_value("")
    page.locator("[data-copy=question-text]").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert "时区" in clipboard(page)
    page.get_by_role("button", name=f"Read the times as {ZONE}").click()
    expect(page.locator("#from")).to_be_visible()
    assert page.input_value("#from") <= "2026-11-21T15:00:00" <= page.input_value("#to")
    expect(page.locator("[data-field=from] .filled")).to_contain_text("昨天下午三点")
    assert Axe().run(page).response["violations"] == []
    assert "zhao-ming" not in page.url
    page.click("#ask")
    expect(page.locator("#verdict")).to_be_visible()
    assert "到账" not in page.url


def test_another_ticket_leaves_nothing_of_the_one_before(
    opened: Open, servers: Servers
) -> None:
    page = pasted(opened, servers, TICKET)
    expect(page.locator("#amount")).to_have_value("0.05616")
    page.fill("#destination", "north-wallet")
    page.fill("#pasted", "账户 lin-yue，2026-11-21 20:45 UTC 提的币没到")
    page.click("#read")
    expect(page.locator("#account")).to_have_value("lin-yue")
    for place in ("#amount", "#asset"):
        expect(page.locator(place)).to_have_value("")
    expect(page.locator("#destination")).to_have_value("north-wallet")
    expect(page.locator("#tz")).to_have_value("UTC")


def test_a_doubt_is_a_choice_and_never_filled_in(opened: Open, servers: Servers) -> None:
    page = pasted(opened, servers, "I withdrew from zhao-ming today at 3pm UTC, nothing came.")
    choice = page.get_by_role("group", name="Please confirm").get_by_role("button")
    expect(choice).to_have_text("zhao-ming")
    expect(page.locator("#account")).to_have_value("")
    choice.click()
    expect(page.locator("#account")).to_be_focused()
    expect(page.locator("#account")).to_have_value("zhao-ming")


def test_a_key_in_a_field_never_reaches_the_address(opened: Open, servers: Servers) -> None:
    key = str(PrivateKey(secrets.token_hex(32)))
    page = opened(panel(servers.usual), expected=REFUSED)
    page.fill("#account", "lin-yue")
    page.locator("#claims summary").click()
    page.fill("#memo", key)
    page.click("#ask")
    expect(page.locator("#verdict, #wrong:visible")).to_be_focused()
    assert key not in page.url
    assert key not in page.content()


def test_a_key_in_a_ticket_leaves_the_page_at_once(opened: Open, servers: Servers) -> None:
    key = str(PrivateKey(secrets.token_hex(32)))
    page = pasted(opened, servers, f"账户 lin-yue，私钥 {key}，请帮我查 <img src=x>")
    expect(page.locator("#intake-said")).to_contain_text("private key or password")
    assert key not in page.content() and key not in page.input_value("#pasted")
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator("#account")).to_have_value("lin-yue")
