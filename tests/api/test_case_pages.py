"""The pages of kept cases: the list, a case, what its forms do, "Watch this"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit
from xml.etree.ElementTree import Element

import pytest
from desks import END, Chain, new_case
from flask import Flask
from flask.testing import FlaskClient
from pages import tree
from secret_texts import wif
from werkzeug.test import TestResponse

from diag.access.api_keys import file_entry, generate_key
from diag.api.app import build_app, create_app
from diag.bootstrap import build_access_control
from diag.cases.desk import Desk
from diag.cases.record import State, StoredCase
from diag.config.settings import Settings
from diag.i18n import LANGUAGES

ZONE = "Asia/Shanghai"
HAN = re.compile("[\u4e00-\u9fff]")
HOSTILE = "<img src=x onerror=alert(1)>\"'&"
KEY = wif(Random("kept cases"))
EARLY = END - timedelta(hours=14, minutes=59)
SENT = {"from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:00:30Z", "tz": ZONE}
LATE = {"from": "2026-11-22T07:30:00Z", "to": "2026-11-22T08:30:00Z", "tz": ZONE}
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def late(desk: Desk) -> StoredCase:
    """A case that is overdue."""
    return desk.open(new_case("zhao-ming", tell=("mail",), **LATE), "ada")[0]


@pytest.fixture
def changed(chain: Chain, desk: Desk) -> StoredCase:
    """A case whose withdrawal was processed since; nobody has seen it."""
    chain.now = EARLY
    case = desk.open(new_case("lin-yue", tell=("mail",), **SENT), "Ada")[0]
    chain.now = END
    chain.watcher(desk.database).run()
    return desk.find(case.id)


def words_of(element: Element | None) -> str:
    assert element is not None
    return " ".join(" ".join(element.itertext()).split())


def main_of(response: TestResponse) -> str:
    return words_of(tree(response).find(".//main"))


def page(client: FlaskClient, path: str, **query: str) -> TestResponse:
    return client.get(f"/panel/{path}", query_string={"lang": "en", "tz": ZONE, **query})


def send(client: FlaskClient, case: StoredCase, do: str, **fields: str) -> TestResponse:
    """What a form of the page sends."""
    form = {"lang": "en", "version": str(case.version), "do": do, **fields}
    return client.post(f"/panel/cases/{case.id}", data=form, headers=OURS)


def form_of(response: TestResponse, id_: str) -> dict[str, Any]:
    """The fields of the form inside an element, as a browser would send them."""
    place = tree(response).find(f".//*[@id='{id_}']")
    assert place is not None
    inputs = [e for e in place.iter("input") if e.get("type") != "checkbox"]
    return {str(e.get("name")): e.get("value", "") for e in inputs}


# --- every page -----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("which", ["list", "changed", "late", "report", "verdict"])
def test_a_page_is_valid_and_loads_nothing_from_elsewhere(
    client: FlaskClient, changed: StoredCase, late: StoredCase, lang: str, which: str
) -> None:
    paths = {
        "list": "/panel/cases",
        "changed": f"/panel/cases/{changed.id}",
        "late": f"/panel/cases/{late.id}",
        "report": "/panel/report",
        "verdict": "/panel",
    }
    asked = {"account": "zhao-ming", "last": "6h"} if which == "verdict" else {}
    response = client.get(paths[which], query_string={"lang": lang, "tz": ZONE, **asked})
    assert response.status_code == 200
    root = tree(response)
    assert root.get("lang") == {"zh": "zh-CN", "en": "en"}[lang]
    inline = [e.tag for e in root.iter() if e.tag == "style" or "style" in e.attrib]
    inline += [words_of(e) for e in root.iter("script") if words_of(e)]
    inline += [a for e in root.iter() for a in e.attrib if a.startswith("on")]
    assert inline == []
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    labelled = {e.get("for") for e in root.iter("label")}
    fields = [e for e in root.iter() if e.tag in ("input", "select", "textarea")]
    visible = [e for e in fields if e.get("type") not in ("hidden", "checkbox", "radio")]
    assert {e.get("id") for e in visible} <= labelled
    nav = [words_of(a) for a in root.findall(".//nav[@class='nav']/a")]
    assert {"zh": "跟进", "en": "Cases"}[lang] in nav


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_read_words_and_no_codes_or_ids(
    client: FlaskClient, changed: StoredCase, late: StoredCase, lang: str
) -> None:
    send(client, late, "judge", right="false", really="gateway_stalled")
    for path in (
        "cases",
        f"cases/{changed.id}",
        f"cases/{late.id}",
        "report",
        "report?by=code",
    ):
        root = tree(page(client, path.partition("?")[0], lang=lang, by=path[-4:]))
        main = root.find(".//main")
        assert main is not None
        for reply in main.iter("p"):
            if (reply.get("id") or "").startswith("reply-"):
                reply.text = ""
        for select in main.iter("select"):
            for option in select:
                assert "_" not in words_of(option)
        shown = words_of(main)
        assert changed.id not in shown and late.id not in shown
        assert not re.search(r"[a-z]+_[a-z]+", shown), shown
        if lang == "en":
            assert not HAN.search(shown.replace("中文", ""))


@pytest.fixture(scope="module")
def plain() -> FlaskClient:
    """A service without cases."""
    return create_app(Settings(ahead=0.0)).test_client()


@pytest.mark.parametrize("path", ["", "/c0123456789abcdef", "/d4616f976f"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_where_cases_are_off_the_addresses_say_so(
    plain: FlaskClient, path: str, method: str
) -> None:
    response = getattr(plain, method)(f"/panel/cases{path}?lang=en", headers=OURS)
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "not switched on" in main_of(response)


def test_where_cases_are_off_nothing_leads_there(plain: FlaskClient) -> None:
    for path in ("/panel/cases", "/panel", "/panel/gateways"):
        shown = plain.get(path, query_string={"lang": "en"})
        ways = " ".join(str(a.get("href")) for a in tree(shown).findall(".//nav/a"))
        assert "cases" not in ways and "report" not in ways
    asked = plain.get("/panel?account=zhao-ming&last=6h&lang=en")
    assert tree(asked).find(".//*[@id='watch']") is None


def test_a_case_that_there_is_not_is_told_on_a_page(client: FlaskClient) -> None:
    for case in ("c0123456789abcdef", "0123456789", "nope", "x" * 99):
        response = page(client, f"cases/{case}")
        assert response.status_code == 404
        assert "no such case" in main_of(response)


def test_a_page_without_a_key_says_on_a_page_that_one_is_needed(
    client: FlaskClient, desk: Desk, late: StoredCase, tmp_path: Path
) -> None:
    locked, _ = with_keys(desk, tmp_path, "ada")
    for path in ("/panel/cases", f"/panel/cases/{late.id}"):
        response = locked.get(path, query_string={"lang": "en"})
        assert response.status_code == 401
        assert response.mimetype == "text/html"


# --- the list ---------------------------------------------------------------------------------


def test_the_list_has_what_is_overdue_first_and_says_what_changed(
    client: FlaskClient, late: StoredCase, changed: StoredCase, desk: Desk
) -> None:
    desk.open(new_case("chen-hui", **{"from": None, "to": None, "last": "3h"}), None)
    root = tree(page(client, "cases"))
    rows = [words_of(row) for row in root.findall(".//tbody/tr")]
    assert [row.split()[0] for row in rows] == ["zhao-ming", "lin-yue", "chen-hui"]
    assert "3 h 49 min overdue" in rows[0] and "NORTH" in rows[0]
    assert "new: 20:00: Processed by the gateway" in rows[1]
    assert "no change" in rows[2]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["zhao-ming", "lin-yue"]),
        ({"view": "urgent"}, ["zhao-ming"]),
        ({"view": "changed"}, ["lin-yue"]),
        ({"view": "gateway"}, ["zhao-ming"]),
        ({"view": "closed"}, []),
        ({"view": "nothing"}, ["zhao-ming", "lin-yue"]),
        ({"view": "all", "text": "zhao"}, ["zhao-ming"]),
        ({"view": "all", "text": HOSTILE}, []),
        ({"before": "nonsense"}, ["zhao-ming", "lin-yue"]),
    ],
)
def test_the_list_is_filtered(
    client: FlaskClient,
    late: StoredCase,
    changed: StoredCase,
    query: dict[str, str],
    expected: list[str],
) -> None:
    response = page(client, "cases", **query)
    root = tree(response)
    rows = [words_of(row).split()[0] for row in root.findall(".//tbody/tr")]
    assert rows == expected
    assert "<img" not in response.text


@pytest.mark.parametrize("query", [{}, {"view": "all", "text": "zhao"}])
def test_filters_are_links(
    client: FlaskClient, late: StoredCase, changed: StoredCase, query: dict[str, str]
) -> None:
    root = tree(page(client, "cases", **query))
    for link in root.findall(".//nav[@class='filters']/a"):
        target = urlsplit(urljoin("http://localhost/panel/cases", str(link.get("href"))))
        found = client.get(target.path, query_string=target.query)
        number = int(words_of(link).split()[-1])
        assert len(tree(found).findall(".//tbody/tr")) == number
        assert parse_qs(target.query)["tz"] == [ZONE]


def test_a_long_list_goes_on_by_links(client: FlaskClient, desk: Desk) -> None:
    for _ in range(51):
        desk.open(new_case("lin-yue", **SENT), None)
    first = tree(page(client, "cases", view="all"))
    [more] = [a for a in first.iter("a") if a.get("rel") == "next"]
    target = urlsplit(urljoin("http://localhost/panel/cases", str(more.get("href"))))
    second = tree(client.get(target.path, query_string=target.query))
    assert len(first.findall(".//tbody/tr")) == 50
    assert len(second.findall(".//tbody/tr")) == 1
    assert not [a for a in second.iter("a") if a.get("rel") == "next"]


STOPPED = {"from": "2026-11-22T09:00:00Z", "to": "2026-11-22T10:00:00Z", "tz": ZONE}


def test_an_incident_counts_its_cases_and_leads_to_them(
    client: FlaskClient, desk: Desk, late: StoredCase
) -> None:
    """HARBOR has served nobody since 16:20; the overdue case at NORTH is none of its own."""
    none = tree(page(client, "gateways/HARBOR"))
    assert "none" in words_of(none.find(".//*[@aria-labelledby='h-incidents']//tbody"))
    assert not [a for a in none.iter("a") if "first=" in str(a.get("href"))]

    first = desk.open(new_case("zhou-fang", **STOPPED), "ada")[0]
    desk.open(new_case("zhou-fang", reference="T-2", **STOPPED), "bob")
    desk.edit(first, first.version, {"state": State.CLOSED}, "ada")
    incidents = tree(page(client, "gateways/HARBOR")).find(
        ".//*[@aria-labelledby='h-incidents']"
    )
    assert "2, 1 open" in words_of(incidents)
    [way] = [str(a.get("href")) for a in incidents.iter("a")]
    found = tree(client.get(urljoin("/panel/gateways/HARBOR", way)))
    rows = [words_of(row).split()[0] for row in found.findall(".//tbody/tr")]
    assert rows == ["zhou-fang", "zhou-fang"]
    assert "one incident at HARBOR" in words_of(found)
    everything = next(a for a in found.iter("a") if words_of(a) == "Show all")
    again = tree(client.get(urljoin("/panel/cases", str(everything.get("href")))))
    assert len(again.findall(".//tbody/tr")) == 3


@pytest.mark.parametrize(
    "span",
    [
        {"gateway": "HARBOR", "asset": "HARBOR.USDT", "first": "1.11.1", "last": "x"},
        {"gateway": "HARBOR", "asset": "HARBOR.USDT", "first": "1.2.5", "last": "1.11.9"},
        {"gateway": "HARBOR", "first": "1.11.1", "last": "1.11.9"},
    ],
)
def test_an_incident_that_is_none_limits_nothing(
    client: FlaskClient, late: StoredCase, span: dict[str, str]
) -> None:
    assert len(tree(page(client, "cases", **span)).findall(".//tbody/tr")) == 1


def with_keys(desk: Desk, directory: Path, *names: str) -> tuple[FlaskClient, dict[str, str]]:
    """A service with a key for each of these, and their keys."""
    made = {name: generate_key() for name in names}
    file = directory / "keys.toml"
    entries = (file_entry(name, key) for name, key in made.items())
    file.write_text("\n".join(entries), encoding="utf-8")
    settings = Settings(api_keys=file)
    services = replace(desk.services, settings=settings)
    locked = build_app(services, build_access_control(settings), desk)
    return locked.test_client(), made


def test_with_keys_everybody_sees_their_own_cases_first(
    client: FlaskClient, desk: Desk, late: StoredCase, tmp_path: Path
) -> None:
    locked, keys = with_keys(desk, tmp_path, "ada", "bob")

    def accounts(name: str, **query: str) -> list[str]:
        response = locked.get(
            "/panel/cases",
            query_string=query,
            headers={"Authorization": f"Bearer {keys[name]}"},
        )
        return [words_of(row).split()[0] for row in tree(response).findall(".//tbody/tr")]

    assert accounts("ada") == ["zhao-ming"]
    assert accounts("bob") == []
    assert accounts("bob", who="everyone") == ["zhao-ming"]


# --- a case -----------------------------------------------------------------------------------


def test_what_changed_stands_first_with_the_new_reply(
    client: FlaskClient, changed: StoredCase
) -> None:
    root = tree(page(client, f"cases/{changed.id}"))
    first = root.find(".//section")
    shown = words_of(first)
    assert shown.startswith(
        "New since 20:00, not taken up yet On its way Waiting at the gateway"
    )
    assert "Processed by the gateway" in shown
    assert words_of(root.find(".//*[@id='reply-en']")) == " ".join(
        changed.verdict.reply["en"].split()
    )
    log = [words_of(e) for e in root.findall(".//section[@aria-labelledby='h-log']//li")]
    assert [entry.split(" ", 1)[1].split(":")[0] for entry in log] == [
        "Resolved",
        "Changed",
        "Case opened",
    ]
    assert "mail: being sent" in words_of(root)


def test_a_case_that_did_not_change_says_where_it_stands(
    client: FlaskClient, late: StoredCase
) -> None:
    shown = main_of(page(client, f"cases/{late.id}"))
    assert "Where it stands Overdue at the gateway" in shown
    assert "Nothing has changed since" in shown
    assert "3 h 49 min overdue" in shown


def test_all_times_are_in_the_zone_of_the_case(client: FlaskClient, late: StoredCase) -> None:
    shown = main_of(page(client, f"cases/{late.id}", tz="America/New_York"))
    assert "Beijing time" in shown and "New York" not in shown
    assert "15:30 to 16:30" in shown


def test_a_reference_opens_its_case(client: FlaskClient, late: StoredCase) -> None:
    for wanted in (late.id, late.verdict.diagnosis, late.verdict.reference):
        box = client.post("/panel", data={"q": f" #{wanted} ", "lang": "en"})
        assert box.status_code == 303
        target = urlsplit(urljoin("http://localhost/panel", box.headers["Location"]))
        assert target.path == f"/panel/cases/{late.id}"
        assert client.get(target.path).status_code == 200
    assert page(client, f"cases/{late.verdict.reference}").status_code == 200


def test_another_reference_is_asked_for_as_ever(client: FlaskClient, late: StoredCase) -> None:
    answer = client.post("/panel", data={"account": "zhao-ming", "last": "6h", "lang": "en"})
    reference = words_of(tree(answer).find(".//*[@id='reference']"))
    assert reference != late.verdict.reference
    again = client.post("/panel", data={"q": reference, "lang": "en"})
    assert again.status_code == 200
    assert "X-Diag-Verdict" in again.headers


# --- what the forms do --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "fields", "state", "entry"),
    [
        ("check", {}, ("waiting", "gateway", None), "Checked by hand, no change"),
        (
            "resolve",
            {"resolution": "answered"},
            ("resolved", None, "answered"),
            "Changed by hand",
        ),
        ("wait", {"waiting_for": "user"}, ("waiting", "user", None), "Changed by hand"),
        ("take", {}, ("open", None, None), "Changed by hand"),
        ("close", {}, ("closed", None, None), "Changed by hand"),
        ("note", {"text": "one\r\ntwo"}, ("waiting", "gateway", None), "Note one two"),
        (
            "judge",
            {"right": "true", "really": "sent_twice"},
            ("waiting", "gateway", None),
            "The verdict was right: Overdue at the gateway",
        ),
        (
            "judge",
            {"right": "false", "really": "gateway_stalled"},
            ("waiting", "gateway", None),
            "It really was: The gateway is stalled",
        ),
        (
            "rate",
            {"score": "4"},
            ("waiting", "gateway", None),
            "Satisfaction of the user: 4 of 5",
        ),
        ("reply", {"reply_lang": "zh"}, ("waiting", "gateway", None), "Reply sent (中文)"),
    ],
)
def test_a_form_does_what_it_says_and_leads_back(
    client: FlaskClient,
    desk: Desk,
    late: StoredCase,
    do: str,
    fields: dict[str, str],
    state: tuple[str, str | None, str | None],
    entry: str,
) -> None:
    response = send(client, late, do, **fields)
    assert response.status_code == 303
    found = desk.find(late.id)
    assert (found.state, found.waiting_for, found.resolution) == state
    target = urlsplit(
        urljoin(f"http://localhost/panel/cases/{late.id}", response.headers["Location"])
    )
    root = tree(client.get(target.path, query_string=target.query))
    assert entry in words_of(root.find(".//section[@aria-labelledby='h-log']//li"))
    assert [e for e in root.iter() if e.get("role") == "status" and e.get("id") != "said"]


def test_a_closed_case_is_opened_again(
    client: FlaskClient, desk: Desk, late: StoredCase
) -> None:
    send(client, late, "close")
    assert send(client, desk.find(late.id), "reopen").status_code == 303
    assert desk.find(late.id).state == "open"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "HTTPS://LOCALHOST"}, 303),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:8000"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
    ],
)
def test_only_forms_of_our_own_pages_do_anything(
    client: FlaskClient, desk: Desk, late: StoredCase, headers: dict[str, str], status: int
) -> None:
    form = {"lang": "en", "version": "1", "do": "close"}
    response = client.post(f"/panel/cases/{late.id}", data=form, headers=headers)
    assert response.status_code == status
    assert (desk.find(late.id).state == "closed") is (status == 303)
    asked = {"account": "chen-hui", "last": "3h", "lang": "en"}
    assert client.post("/panel/cases", data=asked, headers=headers).status_code == status


def test_browsers_are_told_to_say_where_a_form_comes_from(client: FlaskClient) -> None:
    metas = {m.get("name"): m.get("content") for m in tree(page(client, "cases")).iter("meta")}
    assert metas["referrer"] == "same-origin"


@pytest.mark.parametrize("version", ["2", "", "x", "²", "99999999999999999999"])
def test_a_change_of_what_the_page_did_not_show_is_refused(
    client: FlaskClient, desk: Desk, late: StoredCase, version: str
) -> None:
    desk.add(late, {"kind": "note", "text": "meanwhile"}, "Bob")
    desk.add(late, {"kind": "note", "text": "and again"}, "Bob")
    response = send(client, late, "close", version=version)
    assert response.status_code == 412
    assert "changed in the meantime" in main_of(response)
    assert "and again" in main_of(response)
    assert desk.find(late.id).state == "waiting"


@pytest.mark.parametrize(
    ("do", "fields"),
    [
        ("", {}),
        ("erase", {}),
        ("note", {}),
        ("note", {"text": "x" * 4001}),
        ("wait", {}),
        ("wait", {"waiting_for": "godot"}),
        ("resolve", {}),
        ("reply", {}),
        ("judge", {}),
        ("judge", {"right": "maybe"}),
        ("judge", {"right": "false", "really": "no_such_code"}),
        ("rate", {}),
        ("rate", {"score": "6"}),
        ("reply", {"reply_lang": "zh", "diagnosis": "0123456789"}),
    ],
)
def test_a_mistake_is_said_on_the_page_and_nothing_is_done(
    client: FlaskClient, desk: Desk, late: StoredCase, do: str, fields: dict[str, str]
) -> None:
    response = send(client, late, do, **fields)
    assert response.status_code == 400
    assert tree(response).find(".//*[@id='wrong']") is not None
    assert desk.find(late.id) == late


def test_a_note_with_a_key_is_refused_and_the_rest_of_it_kept(
    client: FlaskClient, desk: Desk, late: StoredCase
) -> None:
    response = send(client, late, "note", text=f"they wrote {KEY} to me")
    assert response.status_code == 400
    assert KEY not in response.text
    note = tree(response).find(".//*[@id='note']")
    assert words_of(note).startswith("they wrote") and words_of(note).endswith("to me")
    assert len(desk.events(late, 50, None)[0]) == 1


def test_what_is_hostile_stays_text(client: FlaskClient, desk: Desk, late: StoredCase) -> None:
    assert send(client, late, "note", text=HOSTILE).status_code == 303
    response = page(client, f"cases/{late.id}")
    assert "<img" not in response.text
    assert HOSTILE in main_of(response)


def test_without_an_answer_of_the_chain_nothing_is_done(
    client: FlaskClient, chain: Chain, desk: Desk, late: StoredCase
) -> None:
    chain.silent = True
    response = send(client, late, "check")
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    assert response.mimetype == "text/html"
    assert desk.find(late.id) == late


# --- "Watch this" -------------------------------------------------------------------------------


def verdict(client: FlaskClient) -> TestResponse:
    query = {"account": "zhao-ming", "last": "6h", "lang": "en", "tz": ZONE}
    return client.get("/panel", query_string=query)


def test_a_verdict_is_watched_by_its_form(client: FlaskClient, desk: Desk) -> None:
    answer = verdict(client)
    channels = [e.get("value") for e in tree(answer).iter("input") if e.get("name") == "tell"]
    assert channels == ["hook", "mail"]
    form = {**form_of(answer, "watch"), "reference": "ZD-1", "tell": ["mail"]}
    response = client.post("/panel/cases", data=form, headers=OURS)
    assert response.status_code == 303
    [case] = desk.page({}, 50, None)[0]
    assert response.headers["Location"].startswith(f"cases/{case['id']}?")
    assert (case["reference"], case["tell"], case["lang"]) == ("ZD-1", ["mail"], "en")
    found = desk.find(case["id"])
    assert (found.question.zone, found.question.account) == (ZONE, "zhao-ming")
    assert found.verdict.reference == words_of(tree(answer).find(".//*[@id='reference']"))


def test_a_verdict_is_watched_once_however_often_it_is_sent(
    client: FlaskClient, desk: Desk
) -> None:
    form = form_of(verdict(client), "watch")
    sent = [client.post("/panel/cases", data=form, headers=OURS) for _ in range(2)]
    assert sent[0].headers["Location"] == sent[1].headers["Location"]
    assert len(desk.page({}, 50, None)[0]) == 1
    place = tree(verdict(client)).find(".//*[@id='watch']")
    assert "in a case already" in words_of(place)
    assert place is not None and place.find(".//form") is None


@pytest.mark.parametrize(
    "wrong", [{"tell": "nobody"}, {"account": "N O"}, {"reference": "x" * 129}, {"url": "x"}]
)
def test_a_mistake_opens_no_case(
    client: FlaskClient, desk: Desk, wrong: dict[str, str]
) -> None:
    form = {**form_of(verdict(client), "watch"), **wrong}
    response = client.post("/panel/cases", data=form, headers=OURS)
    assert response.status_code == 400
    assert response.mimetype == "text/html"
    assert desk.page({}, 50, None)[0] == []


def test_without_channels_the_form_says_where_changes_show(
    app: Flask, chain: Chain, desk: Desk
) -> None:
    app.extensions["diag_desk"] = replace(desk, channels=lambda: ())
    shown = words_of(tree(verdict(app.test_client())).find(".//*[@id='watch']"))
    assert "changes show under Cases" in shown


# --- the report -----------------------------------------------------------------------------------


def test_the_report_says_what_was_answered_judged_and_rated(
    client: FlaskClient, chain: Chain, late: StoredCase, changed: StoredCase
) -> None:
    chain.now = END + timedelta(seconds=90)
    send(client, late, "reply", reply_lang="zh")
    send(client, late, "judge", right="false", really="gateway_stalled")
    send(client, changed, "judge", right="true")
    send(client, late, "rate", score="2")
    root = tree(page(client, "report"))
    figures = [words_of(one) for one in root.findall(".//dl[@class='kpis']/div")]
    assert figures == [
        "First answer, half within 1 min 30 s 95 of 100 within 1 min 30 s",
        "Resolved, half within 14 h 59 min 95 of 100 within 14 h 59 min",
        "Right verdicts 50.0% 9\u201391% of 2",
        "Satisfaction 2.0 ratings: 1",
        "Open now 1 1 of them overdue",
    ]
    judged = [
        words_of(row) for row in root.findall(".//section[@aria-labelledby='h-verdicts']//tr")
    ]
    assert any(
        "Overdue at the gateway really: The gateway is stalled (1)" in row for row in judged
    )
    assert "NORTH 2 1 1" in words_of(
        root.find(".//section[@aria-labelledby='h-groups']//tbody")
    )


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ({}, "Gateway"),
        ({"by": "code", "days": "7"}, "Cause"),
        ({"by": "lang", "days": "90"}, "Language"),
        ({"by": "agent"}, "Agent"),
        ({"by": "nothing", "days": "0"}, "Gateway"),
        ({"tz": "Nowhere/Here"}, "Gateway"),
    ],
)
def test_the_report_is_divided_by_links_and_leads_to_its_table(
    client: FlaskClient, late: StoredCase, query: dict[str, str], heading: str
) -> None:
    root = tree(page(client, "report", **query))
    assert words_of(root.find(".//section[@aria-labelledby='h-groups']//th")) == heading
    [file] = [a.get("href") for a in root.iter("a") if "v1/reports" in str(a.get("href"))]
    target = urlsplit(urljoin("http://localhost/panel/report", str(file)))
    found = client.get(target.path, query_string=target.query)
    assert found.status_code == 200 and found.mimetype == "text/csv"
    assert found.text.splitlines()[1].startswith("total,,1,")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_report_of_nothing_says_so(client: FlaskClient, lang: str) -> None:
    shown = main_of(page(client, "report", lang=lang))
    assert {"zh": "这段时间没有个案", "en": "No case was opened"}[lang] in shown
