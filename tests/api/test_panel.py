"""The panel for agents: what a page holds, what it never holds, and how it can be asked."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from flask.testing import FlaskClient
from graphenebase.account import PrivateKey
from pages import tree
from recorded import RECORDED
from waiting import FOREVER
from werkzeug.test import TestResponse

from diag.api import app
from diag.bootstrap import build_services
from diag.config.explorers import Explorer
from diag.config.settings import Settings
from diag.domain.case import Case
from diag.domain.history import History
from diag.domain.period import Period
from diag.domain.vocabulary import Ask, Severity, Stage
from diag.errors import DiagError, OutOfTime, Unreachable
from diag.i18n import LANGUAGES, Text
from diag.notices.model import Notice, NoticeKind
from diag.render import html_choice, html_labels, labels, money_path
from diag.render.html_words import WORDS
from diag.render.notices import KINDS
from diag.schemas.case import KNOWN
from diag.services import Services

TRUTH = json.loads((RECORDED / "truth.json").read_text(encoding="utf-8"))["cases"]
HAN = re.compile("[\u4e00-\u9fff]")
HOSTILE = "<img src=x onerror=alert(1)>\"'&{{7*7}}</textarea><script>alert(2)</script>"
TWINS = {"account": "miao-yi", "from": "2026-11-21T19:43:20Z", "to": "2026-11-21T20:18:20Z"}


@cache
def made() -> Services:
    found = build_services(Settings(deadline=FOREVER, ledger=RECORDED))
    return replace(found, collect=cache(found.collect))  # many pages are about the same case


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return app.build_app(made()).test_client()


def failing(error: Exception) -> FlaskClient:
    def fail(case: Case) -> History:
        raise error

    return app.build_app(replace(made(), collect=fail)).test_client()


def question(name: str) -> dict[str, str]:
    case = next(case for case in TRUTH if case["id"] == name)
    window = {"from": f"{case['from']}Z", "to": f"{case['to']}Z"}
    return {"account": case["account"], **window, **case["claim"]}


def ask(client: FlaskClient, given: dict[str, str], **more: str) -> TestResponse:
    return client.get("/panel", query_string={**given, **more})


def words_of(element: Element | None) -> str:
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def named(root: Element, name: str) -> Element:
    found = root.find(f".//*[@id='{name}']")
    assert found is not None, f"nothing has the id {name}"
    return found


def values(root: Element) -> dict[str, str]:
    """What stands in the form."""
    fields = {
        i.get("name", ""): i.get("value", "")
        for i in root.iter("input")
        if i.get("name") and (i.get("type") != "radio" or i.get("checked") is not None)
    }
    fields["q"] = "".join(named(root, "q").itertext())
    chosen = [o for o in named(root, "tz").iter("option") if o.get("selected") is not None]
    fields |= (
        {"tz": chosen[0].get("value", "")}
        if named(root, "tz").get("data-given") == "yes"
        else {}
    )
    return {name: value for name, value in fields.items() if value and name != "was"}


# --- every page ----------------------------------------------------------------------------

PAGES = {
    "the empty form": ({}, 200),
    "a result": (TWINS, 200),
    "bad input": ({"account": "Bad!"}, 400),
    "html": ({**TWINS, "format": "html"}, 200),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_may_do_nothing_that_is_not_served_from_here(
    client: FlaskClient, name: str
) -> None:
    given, status = PAGES[name]
    address = "/v1/diagnoses" if "format" in given else "/panel"
    response = client.get(address, query_string=given)
    assert response.status_code == status
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert policy == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "X-Frame-Options" not in response.headers
    root = tree(response)
    loaded = [e.get("src") or e.get("href") for e in root.iter() if e.tag in ("script", "link")]
    files = {"data:,", "panel/panel.css", "panel/panel.js"}
    assert {str(a).removeprefix("../") for a in loaded} == files
    inline = [e.tag for e in root.iter() if e.tag == "style" or "style" in e.attrib]
    inline += [words_of(e) for e in root.iter("script") if words_of(e)]
    inline += [a for e in root.iter() for a in e.attrib if a.startswith("on")]
    assert inline == []


def test_only_the_origins_of_the_settings_may_frame_it() -> None:
    settings = replace(made().settings, frame_ancestors=("https://a.example", "'self'"))
    client = app.build_app(replace(made(), settings=settings)).test_client()
    policy = client.get("/panel").headers["Content-Security-Policy"]
    assert policy.endswith("; frame-ancestors https://a.example 'self'")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("panel.css", "text/css"),
        ("panel.js", "text/javascript"),
    ],
)
def test_a_file_of_the_page_is_sent_once(client: FlaskClient, name: str, kind: str) -> None:
    first = client.get(f"/panel/{name}")
    again = client.get(f"/panel/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, first.mimetype) == (200, kind)
    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.data) == (304, b"")
    assert "//" not in re.sub(r"//.*", "", first.text)


@pytest.mark.parametrize("number", range(len(TRUTH)), ids=[case["id"] for case in TRUTH])
def test_every_recorded_case_is_a_valid_page(client: FlaskClient, number: int) -> None:
    """The panel and the bare page, in the one language and in the other, by turns."""
    given = question(TRUTH[number]["id"])
    answer = client.get("/v1/diagnoses", query_string=given).get_json()
    lang = LANGUAGES[number // 2 % 2]
    bare = {**given, "format": "html", "lang": lang}
    response = (
        ask(client, given, lang=lang)
        if number % 2
        else client.get("/v1/diagnoses", query_string=bare)
    )
    assert response.status_code == 200
    assert response.headers["X-Diag-Verdict"] == answer["verdict"]["code"]
    assert response.headers["Content-Language"] == lang
    root = tree(response)
    assert root.get("lang") == {"zh": "zh-CN", "en": "en"}[lang]
    assert "".join(named(root, "reply-zh").itertext()) == answer["reply"]["zh"]
    assert "".join(named(root, "reply-en").itertext()) == answer["reply"]["en"]
    assert "".join(named(root, "note").itertext()) == answer["note"][lang]
    assert json.loads("".join(named(root, "json").itertext())) == answer
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert named(root, "verdict").tag == "h1"


# --- the question --------------------------------------------------------------------------


def test_the_form_has_a_labelled_field_for_everything_that_can_be_asked(
    client: FlaskClient,
) -> None:
    root = tree(client.get("/panel"))
    there = {i.get("name") for tag in ("input", "select", "textarea") for i in root.iter(tag)}
    labelled = {label.get("for") for label in root.iter("label")}
    assert there == {*KNOWN, "lang", "q", "was"} - {"account"}
    assert {*KNOWN, "q"} - labelled == {"last", "account"}
    assert set(html_labels.FIELDS) == set(KNOWN)


def test_the_form_is_posted_so_that_nothing_in_it_stands_in_an_address(
    client: FlaskClient,
) -> None:
    form = named(tree(client.get("/panel")), "form")
    assert (form.get("method"), form.get("action")) == ("post", "panel")
    assert form.get("enctype") == "multipart/form-data"


LOCAL = {"from": "2026-11-22T04:30", "to": "2026-11-22T05:30", "tz": "Asia/Shanghai"}
QUESTIONS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "an account alone: a day": ({"account": "zhao-ming"}, {"last": "24h"}),
    "empty fields as a form sends them": (
        {"account": "zhao-ming", "last": "6h", "from": "", "to": "", "asset": "", "tz": ""},
        {"last": "6h"},
    ),
    "the quick choice beats dates that were left": (
        {"account": "zhao-ming", "last": "6h", **LOCAL},
        {"last": "6h", "tz": "Asia/Shanghai"},
    ),
    "a window that is no quick choice": (
        {"account": "zhao-ming", "last": "90m"},
        {"last": "90m"},
    ),
    "dates as a form sends them": (
        {"account": "lin-yue", "last": "", **LOCAL},
        {"from": "2026-11-22T04:30:00", "to": "2026-11-22T05:30:00", "tz": "Asia/Shanghai"},
    ),
    "a link with UTC times and a zone": (
        {**TWINS, "tz": "Asia/Shanghai"},
        {"from": "2026-11-22T03:43:20", "to": "2026-11-22T04:18:20", "tz": "Asia/Shanghai"},
    ),
    "a link with UTC times alone": (
        TWINS,
        {"from": "2026-11-21T19:43:20", "to": "2026-11-21T20:18:20"},
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_answered_and_stands_in_the_form(client: FlaskClient, name: str) -> None:
    given, shown = QUESTIONS[name]
    response = ask(client, given, lang="en")
    assert response.status_code == 200, response.text
    expected = {"q": given["account"], "lang": "en", **shown}
    assert values(tree(response)) == expected


@pytest.mark.parametrize("name", [name for name in QUESTIONS if "UTC times alone" not in name])
def test_the_form_asks_the_same_again(client: FlaskClient, name: str) -> None:
    first = tree(ask(client, QUESTIONS[name][0]))
    again = tree(client.post("/panel", data=values(first)))
    assert "".join(named(again, "json").itertext()) == "".join(named(first, "json").itertext())


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        pytest.param(question("gateway-normal"), "records complete", id="complete"),
        pytest.param({"account": "nobody-here", "last": "12h"}, None, id="no account"),
    ],
)
def test_records_are_called_incomplete_only_where_something_is_missing(
    client: FlaskClient, given: dict[str, str], hint: str | None
) -> None:
    page = ask(client, given, lang="en").get_data(as_text=True)
    assert re.findall("records (?:not )?complete", page) == ([hint] if hint else [])


def test_an_account_in_another_form_is_read_and_the_note_says_how(client: FlaskClient) -> None:
    link = "https://blocksights.info/#/accounts/Miao-Yi"
    page = tree(ask(client, {**TWINS, "account": link}, lang="en"))

    assert values(page)["q"] == "miao-yi"
    assert f"Account “{link}” as miao-yi" in words_of(named(page, "note"))


def test_the_link_asks_the_same_again(client: FlaskClient) -> None:
    first = tree(ask(client, question("three-but-one-meant"), tz="Asia/Shanghai"))
    again = tree(client.get(f"/{named(first, 'link').get('href')}"))
    assert "".join(named(again, "json").itertext()) == "".join(named(first, "json").itertext())


def picks(root: Element) -> list[str]:
    return [
        str(a.get("href")) for a in root.iter("a") if "pick-one" in a.get("class", "").split()
    ]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        pytest.param("three-in-the-window", ["gateway_settled"] * 3, id="several"),
        pytest.param("three-but-one-meant", ["gateway_settled"] * 2, id="others in the window"),
        pytest.param("no-such-account", ["nothing_in_window"], id="near names"),
        pytest.param("eight-hours-off", ["gateway_settled"], id="outside the window"),
    ],
)
def test_a_candidate_is_a_link_that_asks_about_it(
    client: FlaskClient, name: str, codes: list[str]
) -> None:
    found = tree(ask(client, question(name)))
    answers = [client.get(f"/{link}") for link in picks(found)]
    assert [answer.headers["X-Diag-Verdict"] for answer in answers] == codes


def test_other_languages_are_one_link_away(client: FlaskClient) -> None:
    page = tree(ask(client, TWINS, lang="zh"))
    other = client.get(f"/{named(page, 'other').get('href')}")
    assert other.headers["Content-Language"] == "en"
    assert named(tree(other), "reply-zh") is not None


# --- what is wrong -------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, str], list[str], str, str]] = {
    "no account": ({"account": "", "last": "6h"}, ["account"], "必填", "required"),
    "a bad account": ({"account": "Bad_Name"}, ["account"], "小写字母", "lower-case"),
    "no end": ({"account": "a-b1", "from": LOCAL["from"]}, ["from", "to"], "时间", "time"),
    "no zone": ({"account": "a-b1", **LOCAL, "tz": ""}, ["from", "to"], "时区", "time zone"),
    "a bad zone": ({"account": "a-b1", **LOCAL, "tz": "Beijing"}, ["tz"], "IANA", "IANA"),
    "a bad window": ({"account": "a-b1", "last": "6x"}, ["last"], "7d", "7d"),
    "a bad claim": ({"account": "a-b1", "amount": "-5"}, ["amount"], "数额", "amount"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_at_its_field(client: FlaskClient, name: str, lang: str) -> None:
    given, fields, *remedies = WRONG[name]
    response = ask(client, given, lang=lang)
    assert response.status_code == 400
    root = tree(response)
    wrong = {i.get("name") for i in root.iter() if i.get("aria-invalid") == "true"}
    assert wrong == {
        "q" if field == "account" else field for field in fields if field != "last"
    }
    for field in fields:
        said = words_of(named(root, f"{field}-error"))
        assert bool(HAN.search(said)) == (lang == "zh")
    assert remedies[LANGUAGES.index(lang)] in words_of(named(root, f"{fields[-1]}-error"))
    kept = {"q" if k == "account" else k: v for k, v in given.items() if v}
    assert kept.items() <= values(root).items()


def test_a_field_that_does_not_exist_is_named(client: FlaskClient) -> None:
    root = tree(ask(client, TWINS, acount="x"))
    assert "acount" in words_of(named(root, "wrong"))


FAILURES: list[tuple[DiagError, int]] = [
    (Unreachable("connection refused"), 503),
    (OutOfTime(), 503),
    (DiagError(), 500),
]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("error", "status"), FAILURES, ids=lambda value: str(value))
def test_a_failure_is_said_in_the_page_and_keeps_the_question(
    error: DiagError, status: int, lang: str
) -> None:
    response = ask(failing(error), TWINS, lang=lang)
    assert response.status_code == status
    assert ("Retry-After" in response.headers) == (status == 503)
    root = tree(response)
    said = words_of(named(root, "wrong"))
    assert error.text.say(lang) in said
    assert WORDS["problem"]["failed_hint"].say(lang) in said
    assert values(root)["q"] == TWINS["account"]


# --- what never happens --------------------------------------------------------------------


@pytest.mark.parametrize("field", ["memo", "account", "external_transaction", "tz"])
def test_a_secret_is_never_repeated_and_never_ignored(client: FlaskClient, field: str) -> None:
    key = str(PrivateKey(secrets.token_hex(32)))
    response = ask(client, {"last": "6h", "account": "lin-yue", field: f"it is {key}"})
    assert key not in response.text
    exposed = response.headers.get("X-Diag-Verdict") == "secret_exposed"
    assert exposed or response.status_code == 400


@pytest.mark.parametrize(
    "field", ["memo", "external_transaction", "account", "asset", "nofield"]
)
def test_markup_stays_text(client: FlaskClient, field: str) -> None:
    response = ask(client, {**TWINS, field: HOSTILE})
    root = tree(response)
    assert not list(root.iter("img"))
    assert len(list(root.iter("script"))) == 1
    assert "49" not in values(root).get(field, "")
    if field != "nofield":
        assert values(root)["q" if field == "account" else field] == HOSTILE


def test_markup_in_what_the_chain_says_stays_text() -> None:
    """Names in a diagnosis may come from a register or a node; none of them is trusted."""
    collect: Callable[[Case], History] = made().collect

    def hostile(case: Case) -> History:
        return replace(collect(case), near_names=(HOSTILE,))

    client = app.build_app(replace(made(), collect=hostile)).test_client()
    root = tree(ask(client, question("no-such-account")))
    assert not list(root.iter("img"))
    assert len(list(root.iter("script"))) == 1
    assert HOSTILE.split('"')[0] in "".join(root.itertext())


NOTICE = Notice(
    "repair",
    NoticeKind.INCIDENT,
    Period(datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)),
    Text.literal(f"钱包在维修 {HOSTILE}", f"The wallet is being repaired {HOSTILE}"),
    gateway="NORTH",
    expected_repair=datetime(2026, 11, 23, 10, tzinfo=UTC),
    severity=Severity.WARNING,
    channels=("https://north.example/status", HOSTILE),
)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_notice_is_shown_with_its_times_and_stays_text(lang: str) -> None:
    client = app.build_app(replace(made(), notices=lambda: (NOTICE,))).test_client()
    given = {"account": "zhao-ming", "last": "6h", "tz": "Asia/Shanghai", "lang": lang}
    root = tree(ask(client, given))
    assert not list(root.iter("img"))
    [shown] = [e for e in root.iter("div") if "notice" in e.get("class", "").split()]
    said = words_of(shown)
    for part in (NOTICE.text.say(lang), KINDS[NoticeKind.INCIDENT].say(lang), *NOTICE.channels):
        assert " ".join(part.split()) in said
    for at in ((23, "18:00"), (24, "08:00")):
        assert ("11 月 {} 日 {}" if lang == "zh" else "{} Nov, {}").format(*at) in said
    other = tree(ask(client, {**given, "account": "chen-hui", "last": "1m"}))
    assert not [e for e in other.iter("div") if "notice" in e.get("class", "").split()]


def test_evidence_links_lead_to_the_explorers_of_the_settings() -> None:
    explorer = Explorer("mine", block="https://explorer.example/b/{block}")
    settings = replace(made().settings, explorers=(explorer,))
    client = app.build_app(replace(made(), settings=settings)).test_client()
    root = tree(ask(client, question("settled-by-burn")))
    links = [a for a in root.iter("a") if a.get("target") == "_blank"]
    blocks = ["17956", "18003"]
    assert [a.get("href") for a in links] == [f"https://explorer.example/b/{b}" for b in blocks]
    assert all(a.get("rel") == "noopener noreferrer external" for a in links)
    assert "explorer.example" in words_of(links[0])


# --- words ---------------------------------------------------------------------------------

TABLES = [
    table
    for module in (html_labels, money_path)
    for table in vars(module).values()
    if isinstance(table, dict) and table and all(isinstance(v, Text) for v in table.values())
] + list(WORDS.values())
SAME = {
    "other_language",
    "field_in",
    "UTC",
    "utc",
    "chain",
    "sent_at",
    "of",
    "group_xlsx",
    "find_hint",
}
"""Texts that are the same in both languages, or name the other one."""


def test_one_is_not_many_and_none_is_said_in_words(client: FlaskClient) -> None:
    page = ask(client, {"account": "lin-yue", "last": "6h"}, lang="en").get_data(as_text=True)
    assert "1 fact, records complete" in page
    assert ">1 event<" in page
    assert "0 things" not in page


@pytest.mark.parametrize("table", TABLES, ids=lambda table: next(iter(table)))
def test_the_page_speaks_both_languages(table: dict[str, Text]) -> None:
    for name, text in table.items():
        assert text.placeholders["zh"] == text.placeholders["en"], name
        assert HAN.search(text.zh) or name in SAME, name
        assert not HAN.search(text.en) or name in SAME, name


def test_every_place_the_money_can_be_has_its_station_or_is_not_known() -> None:
    here = {
        stage: [
            s.kind
            for s in money_path.stations(
                {"verdict": {"stage": stage}, "withdrawals": [], "case": {"account": "a"}}
            )
            if s.here
        ]
        for stage in Stage
    }
    assert here == {
        Stage.USER_ACCOUNT: ["account"],
        Stage.CHAIN_UNCONFIRMED: ["chain"],
        Stage.AT_GATEWAY: ["gateway"],
        Stage.SENT_ONWARD: ["other_chain"],
        Stage.AT_RECIPIENT: ["recipient"],
        Stage.RETURNED: ["account"],
        Stage.LOCKED: ["chain"],
        Stage.UNKNOWN: [],
    }


@pytest.mark.parametrize("case", TRUTH, ids=lambda case: case["id"])
def test_no_value_is_shown_without_its_words(client: FlaskClient, case: dict[str, Any]) -> None:
    verdict = client.get("/v1/diagnoses", query_string=question(case["id"])).get_json()[
        "verdict"
    ]
    assert set(verdict["basis"]) <= set(html_labels.BASES)
    assert set(verdict["ask_user_for"]) <= set(Ask)
    assert set(verdict["amounts"]) == {"asset", *labels.AMOUNTS}


# --- many withdrawals, a node that is behind --------------------------------------------------


def listed(root: Element) -> list[str]:
    """The operations that can be chosen, in the order in which they stand."""
    links = [a for a in root.iter("a") if "pick-one" in a.get("class", "").split()]
    return [str(a.get("href")).partition("operation=")[2].partition("&")[0] for a in links]


BUSY = {"account": "miao-yi", "last": "7d"}
FEW = 2


def test_many_withdrawals_are_paged_and_none_stands_twice(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html_choice, "PER_PAGE", FEW)
    everything = client.get("/v1/diagnoses", query_string=BUSY).get_json()["withdrawals"]
    assert len(everything) > FEW
    seen: list[str] = []
    for page in range(1, -(-len(everything) // FEW) + 1):
        found = listed(tree(ask(client, BUSY, page=str(page))))
        assert 0 < len(found) <= FEW
        seen += found
    assert sorted(seen) == sorted(one["operation"] for one in everything)
    for nonsense in ("0", "-1", "999", "x", "²"):
        assert listed(tree(ask(client, BUSY, page=nonsense)))


def test_the_worst_stands_first_and_then_the_newest(client: FlaskClient) -> None:
    answer = client.get("/v1/diagnoses", query_string=BUSY).get_json()
    by_id = {one["operation"]: one for one in answer["withdrawals"]}
    shown = [by_id[name] for name in listed(tree(ask(client, BUSY)))]
    severities = [one["verdict"]["severity"] for one in shown]
    worst = ["critical", "warning", "notice", "info"]
    assert severities == sorted(severities, key=worst.index)
    settled = [one["time"] for one in shown if one["verdict"]["code"] == "gateway_settled"]
    assert len(settled) > 1
    assert settled == sorted(settled, reverse=True)


def test_a_node_that_is_behind_is_nobodys_mistake() -> None:
    def late(case: Case) -> History:
        found = made().collect(case)
        [node, *others] = found.as_of.nodes
        nodes = (replace(node, behind=timedelta(minutes=14)), *others)
        return replace(found, as_of=replace(found.as_of, nodes=nodes))

    client = app.build_app(replace(made(), collect=late)).test_client()
    response = ask(client, {"account": "zhao-ming", "last": "12h", "lang": "en"})
    assert response.status_code == 200
    said = words_of(named(tree(response), "behind"))
    assert "14 min behind" in said
    assert "Nothing is wrong with what you entered" in said
