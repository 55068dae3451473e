"""An agent at work: one box, claims, keys, copying, links, going back, mistakes, frames, no JavaScript."""

from __future__ import annotations

import re
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
ZHAO_MING = {"account": "zhao-ming", "last": "12h", "tz": ZONE}
CLAIMED = {"asset": "NORTH.BTC", "amount": "0.05616"}


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


def ask(page: Page, box: str) -> None:
    page.fill("#q", box)
    page.click("#ask")


# --- the claims of one ticket never decide the next ----------------------------------------------


def test_claims_stand_above_the_verdict_and_each_can_be_taken_away(
    opened: Open, servers: Servers
) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING, **CLAIMED))
    chips = page.locator(".chip")
    expect(chips).to_have_text(["Asset NORTH.BTC", "Amount sent 0.05616"], use_inner_text=True)
    top = page.locator("#verdict").bounding_box()
    chip = chips.first.bounding_box()
    assert top and chip and chip["y"] < top["y"]
    page.get_by_role("link", name="Remove Amount sent 0.05616").click()
    expect(chips).to_have_count(1)
    assert "amount" not in query(page) and query(page)["asset"] == "NORTH.BTC"
    page.locator("#clear").click()
    expect(chips).to_have_count(0)
    expect(page.locator("#verdict")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_another_account_has_none_of_the_claims_of_the_one_before(
    opened: Open, servers: Servers, script: bool
) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING, **CLAIMED), java_script_enabled=script)
    ask(page, "chen-hui")
    expect(page.locator("#q")).to_have_value("chen-hui")
    expect(page).to_have_title(re.compile("chen-hui"))
    expect(page.locator(".chip")).to_have_count(0)
    for name in ("asset", "amount"):
        expect(page.locator(f"#{name}")).to_have_value("")
    assert "0.05616" not in str(page.locator("#reply-en").text_content())


def test_claims_are_gone_from_sight_as_soon_as_the_account_is_changed(
    opened: Open, servers: Servers
) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING, **CLAIMED))
    page.fill("#q", "chen-hui")
    expect(page.locator("#claimed")).to_be_hidden()
    expect(page.locator("#amount")).to_have_value("")
    page.fill("#q", "zhao-ming")
    expect(page.locator("#claimed")).to_be_visible()
    expect(page.locator("#amount")).to_have_value("0.05616")


def test_what_is_typed_for_the_new_account_is_kept(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING, **CLAIMED))
    page.fill("#q", "chen-hui")
    page.locator("#claims summary").click()
    page.fill("#amount", "0.5")
    page.click("#ask")
    expect(page.locator(".chip")).to_have_text(["Amount sent 0.5"], use_inner_text=True)


def test_the_same_account_keeps_its_claims(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING, **CLAIMED))
    page.locator("#window summary").click()
    page.get_by_label("Last 24 h").check()
    page.click("#window button")
    expect(page.locator("#window summary")).to_contain_text("Last 24 h")
    expect(page.locator(".chip")).to_have_count(2)


TICKET = "你好，我昨天下午三点从 zhao-ming 提了 0.05616 NORTH.BTC，到现在还没到账。"
OTHER_TICKET = "账户 lin-yue，2026-11-21 20:45 UTC 提的币没到"


def test_a_pasted_ticket_has_none_of_the_claims_of_the_one_before(
    opened: Open, servers: Servers
) -> None:
    page = opened(panel(servers.usual, tz=ZONE))
    ask(page, TICKET)
    expect(page.locator(".chip")).to_have_count(2)
    ask(page, OTHER_TICKET)
    expect(page.locator("#q")).to_have_value("lin-yue")
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.locator("#zone summary")).to_contain_text("UTC")


@pytest.mark.parametrize("way", ["click", "key"])
def test_a_new_case_begins_empty(opened: Open, servers: Servers, way: str) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING, **CLAIMED))
    if way == "click":
        page.click("#new")
    else:
        page.keyboard.press("n")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("")
    expect(page.locator("article.result, .chip")).to_have_count(0)


def test_a_withdrawal_that_was_picked_does_not_stay_for_the_next_account(
    opened: Open, servers: Servers
) -> None:
    page = opened(panel(servers.usual, **MIAO_YI, operation="1.11.12683", tz=ZONE))
    page.locator(".pick-one").first.click()
    chip = page.locator(".chip")
    expect(chip).to_have_count(1)
    expect(chip).not_to_contain_text("1.11.12683")
    ask(page, "chen-hui")
    expect(page).to_have_title(re.compile("chen-hui"))
    expect(chip).to_have_count(0)


# --- any id is a question ------------------------------------------------------------------------


def test_an_operation_alone_opens_its_case(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, tz=ZONE))
    ask(page, " #1.11.24815 ")
    expect(page.locator("#q")).to_have_value("zhao-ming")
    expect(page.locator("#verdict")).to_have_text("3 h 49 min overdue at NORTH")
    expect(page.locator(".chip")).to_contain_text("1.11.24815")
    assert query(page)["account"] == "zhao-ming"


def test_a_reference_alone_opens_its_case(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING))
    reference = str(page.locator("#reference").text_content())
    page.click("#new")
    ask(page, reference)
    expect(page.locator("#reference")).to_have_text(reference)
    expect(page.locator("#q")).to_have_value("zhao-ming")


def test_an_id_that_nobody_knows_is_said_and_what_to_give_instead(
    opened: Open, servers: Servers
) -> None:
    page = opened(panel(servers.usual), expected=REFUSED)
    for unknown, remedy in (
        ("1.11.99999999", "give the account"),
        (secrets.token_hex(20), "give the account"),
        (secrets.token_hex(32), "another chain"),
    ):
        ask(page, unknown)
        expect(page.locator("#q-error")).to_contain_text(remedy, use_inner_text=True)
        expect(page.locator("#q")).to_have_value(unknown)


def test_the_root_leads_to_the_panel(opened: Open, servers: Servers) -> None:
    page = opened(servers.usual)
    expect(page.locator("#q")).to_be_focused()


# --- one screen, keys, copying -------------------------------------------------------------------


def test_the_keyboard_alone_is_enough(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual), permissions=CLIPBOARD)
    assert focused(page) == "q"
    page.keyboard.type("zhao-ming")
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
    assert clipboard(page) == page.locator("#reply-en").text_content()
    assert query(page)["account"] == "zhao-ming"


def test_one_key_copies_the_reply_that_is_shown(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING), permissions=CLIPBOARD)
    expect(page.locator("[data-copy=reply] kbd")).to_have_text("C")
    page.keyboard.press("c")
    expect(page.locator("#said")).to_have_text("Copied")
    assert clipboard(page) == page.locator("#reply-en").text_content()
    page.locator("#tab-zh").click()
    page.keyboard.press("c")
    expect(page.locator("[data-copy=reply] .word")).to_have_text("Copied")
    page.wait_for_function("navigator.clipboard.readText().then(text => /[一-鿿]/.test(text))")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("c")
    expect(page.locator("#q")).to_have_value("c")


def test_keys_can_be_turned_off(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING))
    page.click("#keys-switch")
    page.keyboard.press("n")
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("[data-copy=reply] kbd")).to_be_hidden()
    page.reload()
    page.keyboard.press("n")
    expect(page.locator("#verdict")).to_be_visible()
    page.click("#keys-switch")
    page.keyboard.press("n")
    expect(page.locator("#verdict")).to_have_count(0)


@pytest.mark.parametrize("source", ["note", "json", "request", "report"])
def test_what_is_copied_is_what_is_shown(opened: Open, servers: Servers, source: str) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING), permissions=CLIPBOARD)
    page.evaluate(
        "document.querySelectorAll('.folds details').forEach(one => { one.open = true; })"
    )
    page.locator(f"[data-copy={source}]").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert clipboard(page) == page.locator(f"#{source}").text_content()


def test_a_reply_is_copied_in_a_frame_without_the_permission(
    opened: Open, servers: Servers
) -> None:
    page = opened(servers.helpdesk, expected="Permissions policy violation")
    page.evaluate(
        "url => { document.querySelector('iframe').src = url; }",
        panel(servers.framed, **ZHAO_MING),
    )
    frame = page.frame_locator("iframe")
    frame.locator("[data-copy=reply]").click()
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


def test_what_is_wrong_comes_first_and_the_newest_of_it(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, account="miao-yi", last="24h", tz=ZONE))
    times = page.locator(".pick .num.time, .pick .meta .num").all_inner_texts()
    assert len(times) > 2
    rows = page.locator(".group-name")
    expect(rows.first).to_be_visible()
    assert times == sorted(times, reverse=True)


# --- times ---------------------------------------------------------------------------------------


def test_a_link_without_a_zone_is_shown_in_that_of_the_browser(
    opened: Open, servers: Servers
) -> None:
    page = opened(panel(servers.usual, account="zhao-ming", last="12h"))
    expect(page.locator("#zone summary")).to_contain_text("Beijing time")
    expect(page.locator(".verdict .meta").first).to_contain_text("Beijing time (UTC+8)")
    assert query(page)["tz"] == ZONE
    expect(page.locator("#facts")).to_contain_text("waiting for 3 h 59 min")


def test_one_zone_on_one_page(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING))
    expect(page.locator("#verdict")).to_have_text("3 h 49 min overdue at NORTH")
    shown = page.locator("article.result").inner_text()
    assert " UTC" not in shown.replace("(UTC+8)", "")
    page.locator("#zone summary").click()
    page.select_option("#tz", "Europe/Berlin")
    page.click("#zone button")
    expect(page.locator(".verdict .meta").first).to_contain_text("Berlin time (UTC+1)")


# --- links, going back ---------------------------------------------------------------------------


def test_a_link_asks_and_shows_what_it_asked(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **MIAO_YI, tz=ZONE))
    expect(page.locator("#q")).to_have_value("miao-yi")
    expect(page.locator("#from")).to_have_value("2026-11-22T03:43:20")
    expect(page.locator("#window summary")).to_contain_text("03:43 to 04:18")
    again = opened(page.url)
    assert again.locator("#json").text_content() == page.locator("#json").text_content()


def test_going_back_after_asking_shows_the_question_before(
    opened: Open, servers: Servers
) -> None:
    page = opened(panel(servers.usual, account="zhao-ming", last="6h", tz=ZONE))
    first = page.locator("#json").text_content()
    ask(page, "chen-hui")
    expect(page).to_have_title(re.compile("chen-hui"))
    assert query(page)["account"] == "chen-hui"
    assert parse_qs(urlparse(str(page.locator("#other").get_attribute("href"))).query)[
        "account"
    ] == ["chen-hui"]
    page.go_back()
    expect(page.locator("#q")).to_have_value("zhao-ming")
    expect(page.locator("#json")).to_have_text(str(first))
    assert page.locator("#json").text_content() == first


# --- mistakes ------------------------------------------------------------------------------------

MISTAKES = [
    pytest.param("q", "Bad!", "q", "lower-case", id="account"),
    pytest.param("asset", "nosuch", "asset", "no asset NOSUCH", id="asset, in a closed group"),
    pytest.param("to", "2026-11-21T10:00", "from", "give a time", id="time, in a closed group"),
]


@pytest.mark.parametrize(("field", "value", "place", "remedy"), MISTAKES)
def test_a_mistake_keeps_the_answer_shows_its_field_and_goes_away(
    opened: Open, servers: Servers, field: str, value: str, place: str, remedy: str
) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING), expected=REFUSED)
    headline = page.locator("#verdict").text_content()
    page.evaluate(
        "([name, value]) => { const one = document.getElementById(name); one.value = value;"
        " one.dispatchEvent(new Event('change', { bubbles: true })); }",
        [field, value],
    )
    page.click("#ask")
    expect(page.locator("#wrong")).to_be_focused()
    expect(page.locator("#verdict")).to_have_text(str(headline))
    expect(page.locator("#still")).to_be_visible()
    expect(page.locator(f"#{place}")).to_be_visible()
    message = page.locator(f"#{place}[aria-invalid=true]")
    expect(message).to_have_count(1)
    expect(page.locator("#wrong")).to_contain_text(remedy, ignore_case=True)
    page.locator("#wrong a").first.click()
    expect(page.locator(f"#{place}")).to_be_focused()
    page.goto(panel(servers.usual, **ZHAO_MING))
    expect(page.locator("#wrong")).to_be_hidden()
    expect(page.locator(".error")).to_have_count(0)


def test_a_dead_service_is_said_and_the_question_stays(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.dead), expected="503 (SERVICE UNAVAILABLE)")
    ask(page, "zhao-ming")
    expect(page.locator("#wrong")).to_contain_text("connection refused")
    expect(page.locator("#wrong")).to_contain_text("should not send again")
    expect(page.locator("#q")).to_have_value("zhao-ming")


def test_a_lost_connection_is_said_and_the_answer_stays(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **{**ZHAO_MING, "lang": "zh"}), expected="net::ERR")
    page.route("**/panel", lambda route: route.abort())
    ask(page, "chen-hui")
    expect(page.locator("#wrong")).to_contain_text("检查网络")
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#q")).to_have_value("chen-hui")


def test_markup_in_a_question_stays_text(opened: Open, servers: Servers) -> None:
    markup = "<img src=x onerror=alert(1)><b>btc:1x"
    page = opened(panel(servers.usual))
    page.locator("#claims summary").click()
    page.fill("#memo", markup)
    ask(page, "zhao-ming")
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator("#json")).to_contain_text("<img")
    page.reload()
    expect(page.locator("img")).to_have_count(0)
    assert page.input_value("#memo") == markup


def test_everything_works_without_javascript(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual), java_script_enabled=False)
    page.locator("#window summary").click()
    page.locator("label:has(#last-0)").click()
    page.locator("#window summary").click()
    ask(page, "zhao-ming")
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#reply-zh")).to_be_visible()
    expect(page.locator("#reply-en")).to_be_visible()
    expect(page.locator("button.copy:visible")).to_have_count(0)
    page.locator("details summary", has_text="For engineers").click()
    expect(page.locator("#json")).to_be_visible()


def test_it_prints_the_result_alone(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, **ZHAO_MING))
    page.emulate_media(media="print")
    for place in ("#form", "#ask", ".top"):
        expect(page.locator(place)).to_be_hidden()
    for place in ("#reply-zh", "#reply-en"):
        expect(page.locator(place)).to_be_visible()


# --- tickets in the box --------------------------------------------------------------------------


def test_a_ticket_is_read_and_says_what_was_taken(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual, tz=ZONE))
    ask(page, TICKET)
    expect(page.locator("#q")).to_have_value("zhao-ming")
    taken = page.locator("#taken")
    for part in ("0.05616", "NORTH.BTC", "昨天下午三点", "read as Beijing time"):
        expect(taken).to_contain_text(part)
    assert page.input_value("#from") <= "2026-11-21T15:00:00" <= page.input_value("#to")
    assert Axe().run(page).response["violations"] == []
    assert "到账" not in page.url and "zhao-ming" in page.url


def test_a_ticket_without_an_account_is_answered_with_the_question_to_ask(
    opened: Open, servers: Servers
) -> None:
    page = opened(panel(servers.usual), expected=REFUSED, permissions=CLIPBOARD)
    ask(page, "提币没到账，怎么回事？0.5 NORTH.BTC")
    expect(page.locator("#q-error")).to_be_visible()
    page.locator("[data-copy=question-text]").click()
    expect(page.locator("#said")).to_have_text("Copied")
    assert "账户" in clipboard(page)
    expect(page.locator("#q")).to_contain_text("怎么回事")


def test_a_doubt_is_a_choice_and_never_filled_in(opened: Open, servers: Servers) -> None:
    page = opened(panel(servers.usual), expected=REFUSED)
    ask(page, "I withdrew from zhao-ming today at 3pm UTC, nothing came.")
    choice = page.locator(".pick-doubt")
    expect(choice).to_have_text("Account zhao-ming", use_inner_text=True)
    expect(page.locator("article.result")).to_have_count(0)
    choice.click()
    expect(page.locator("#q")).to_have_value("zhao-ming")
    expect(page.locator("#verdict")).to_be_visible()


def test_a_key_in_a_field_never_reaches_the_address(opened: Open, servers: Servers) -> None:
    key = str(PrivateKey(secrets.token_hex(32)))
    page = opened(panel(servers.usual), expected=REFUSED)
    page.locator("#claims summary").click()
    page.fill("#memo", key)
    ask(page, "lin-yue")
    expect(page.locator("#verdict, #wrong:visible")).to_be_focused()
    assert key not in page.url
    assert key not in page.content()


def test_a_key_in_a_ticket_leaves_the_page_at_once(opened: Open, servers: Servers) -> None:
    key = str(PrivateKey(secrets.token_hex(32)))
    page = opened(panel(servers.usual))
    ask(page, f"账户 lin-yue，私钥 {key}，请帮我查 <img src=x>")
    expect(page.locator("#verdict")).to_contain_text("was exposed")
    expect(page.locator(".verdict .badge")).to_have_text("Urgent")
    assert key not in page.content() and key not in page.url
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator("#q")).to_have_value("lin-yue")
