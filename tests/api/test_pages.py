"""The pages for the team: gateways, the network, many tickets, the contract."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import secrets
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit
from xml.etree.ElementTree import Element

import pytest
from flask.testing import FlaskClient
from graphenebase.account import PrivateKey
from pages import tree
from recorded import RECORDED
from waiting import FOREVER
from werkzeug.test import TestResponse

from diag.access.api_keys import file_entry, generate_key
from diag.api import app
from diag.bootstrap import build_services
from diag.chain.collect.gateway_view import GatewayView
from diag.config.settings import Settings
from diag.domain.gateway import Gateway
from diag.domain.operations import Burn, Operation
from diag.domain.period import Period
from diag.domain.vocabulary import Severity
from diag.errors import Unreachable
from diag.i18n import LANGUAGES, Text
from diag.notices.model import Notice, NoticeKind
from diag.services import Services
from diag.triage.workbook import as_xlsx

ZONE = "Asia/Shanghai"
HAN = re.compile("[\u4e00-\u9fff]")
HOSTILE = "<img src=x onerror=alert(1)>\"'&"
TRUTH = json.loads((RECORDED / "truth.json").read_text(encoding="utf-8"))["cases"]
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


@cache
def made() -> Services:
    return build_services(Settings(deadline=FOREVER, ledger=RECORDED))


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return app.build_app(made()).test_client()


def words_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


PAGES = (
    "/panel/now",
    "/panel/gateways",
    "/panel/gateways/NORTH",
    "/panel/gateways/HARBOR",
    "/panel/gateways/OLDPORT",
    "/panel/gateways/RIVER",
    "/panel/network",
    "/panel/tickets",
    "/docs",
)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_valid_in_both_languages_and_loads_nothing_from_elsewhere(
    client: FlaskClient, path: str, lang: str
) -> None:
    response = client.get(path, query_string={"lang": lang, "tz": ZONE})
    assert response.status_code == 200
    assert response.headers["Content-Language"] == lang
    assert response.headers["Content-Security-Policy"] == POLICY
    root = tree(response)
    assert root.get("lang") == {"zh": "zh-CN", "en": "en"}[lang]
    assert bool(HAN.search(words_of(root))) and root.find(".//h1") is not None
    inline = [e.tag for e in root.iter() if e.tag == "style" or "style" in e.attrib]
    inline += [words_of(e) for e in root.iter("script") if words_of(e)]
    inline += [a for e in root.iter() for a in e.attrib if a.startswith("on")]
    assert inline == []
    loaded = [e.get("src") or e.get("href") for e in root.iter() if e.tag in ("script", "link")]
    assert not [address for address in loaded if "//" in str(address)]
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    [here] = [a for a in root.iter("a") if a.get("aria-current") == "page"]
    assert here.get("href")


def test_the_links_of_a_page_lead_somewhere(client: FlaskClient) -> None:
    """One of those that differ only in the values of their query, of each page."""
    targets = {}
    for path in PAGES:
        root = tree(client.get(path, query_string={"tz": ZONE}))
        links = sorted({str(a.get("href")) for a in root.iter("a")})
        for link in links:
            if not link.startswith(("http", "#", "data:", "mailto:")):
                target = urlsplit(urljoin(f"http://localhost{path}", link))
                targets[target.path, *sorted(parse_qs(target.query))] = target
    assert len(targets) > 10
    dead = [
        target
        for target in targets.values()
        if client.get(target.path, query_string=target.query).status_code != 200
    ]
    assert dead == []


@pytest.mark.parametrize("path", [*PAGES, "/panel"])
def test_a_page_without_a_key_says_on_a_page_that_one_is_needed(
    tmp_path: Path, path: str
) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(file_entry("desk", generate_key()), encoding="utf-8")
    locked = app.create_app(
        Settings(deadline=FOREVER, ledger=RECORDED, api_keys=keys)
    ).test_client()
    response = locked.get(path, query_string={"lang": "en"})
    assert response.status_code == 401
    assert "WWW-Authenticate" in response.headers
    assert "API key" in words_of(tree(response))


# --- gateways ---------------------------------------------------------------------------------

STATES = {
    "HARBOR": ("Stopped", "HARBOR has processed nobody since 16:20, with 21 waiting."),
    "NORTH": ("Some overdue", "NORTH serves others, with 12 overdue."),
    "STONE": ("Normal", "STONE serves normally."),
    "RIVER": ("Cannot be seen", "RIVER leaves no trace on the chain"),
    "OLDPORT": ("Closed", "According to the register, OLDPORT has closed."),
}


@pytest.mark.parametrize("key", STATES)
def test_the_state_of_a_gateway_is_what_the_chain_shows(client: FlaskClient, key: str) -> None:
    badge, line = STATES[key]
    text = words_of(
        tree(client.get(f"/panel/gateways/{key}", query_string={"lang": "en", "tz": ZONE}))
    )
    assert badge in text
    assert line in text
    every = words_of(tree(client.get("/panel/gateways?lang=en")))
    assert badge in every


def test_what_is_wrong_stands_first(client: FlaskClient) -> None:
    root = tree(client.get("/panel/gateways?lang=en"))
    names = [words_of(th) for th in root.iter("th") if th.get("scope") == "row"]
    assert names == ["HARBOR", "NORTH", "STONE", "OLDPORT", "RIVER"]


def test_a_gateway_says_what_it_owes_and_marks_the_case(client: FlaskClient) -> None:
    given = {"lang": "en", "tz": ZONE, "case": "1.11.24815"}
    root = tree(client.get("/panel/gateways/NORTH", query_string=given))
    figures = {
        words_of(one[0]): words_of(one[1])
        for one in root.iter("div")
        if len(one) == 3 and one[0].tag == "dt"
    }
    assert figures["Waiting"] == "14"
    assert figures["Overdue"] == "12"
    assert figures["Oldest"] == "6 h 59 min"
    assert "this one: 3 h 59 min" in words_of(root)
    late = [a for a in root.iter("a") if "q=1.11." in str(a.get("href"))]
    assert len(late) == 12
    stopped = words_of(tree(client.get("/panel/gateways/HARBOR", query_string=given)))
    assert "No HARBOR.USDT processed" in stopped
    assert "since 16:20" in stopped
    assert "withdrawals, not tickets" in stopped


def test_the_days_and_the_coin_are_chosen_by_links(client: FlaskClient) -> None:
    root = tree(client.get("/panel/gateways/NORTH?lang=en&asset=NORTH.USDT&days=3"))
    chosen = [words_of(a) for a in root.iter("a") if a.get("aria-current") == "true"]
    assert chosen == ["NORTH.USDT", "3 days"]


def test_an_unknown_gateway_is_not_found(client: FlaskClient) -> None:
    assert client.get("/panel/gateways/NOBODY").status_code == 404


def test_a_gateway_that_cannot_be_read_is_said_and_the_others_are_shown() -> None:
    def fail(found: Any, look_back: timedelta = timedelta(days=1)) -> Any:
        if found.key == "NORTH":
            raise Unreachable("connection refused")
        return made().gateway_view(found, look_back)

    broken = app.build_app(replace(made(), gateway_view=fail)).test_client()
    text = words_of(tree(broken.get("/panel/gateways?lang=en")))
    assert "NORTH could not be read" in text
    assert "STONE" in text
    assert broken.get("/panel/gateways/NORTH?lang=en").status_code == 200


def test_right_now_has_a_line_on_each_gateway_that_serves(client: FlaskClient) -> None:
    root = tree(client.get("/panel/now", query_string={"lang": "en"}))
    lines = [words_of(li) for li in root.findall(".//*[@id='now']/li")]
    assert lines == [
        "Stopped HARBOR 21 waiting, 21 overdue · last processed 3 h 39 min ago",
        "Some overdue NORTH 15 waiting, 12 overdue · last processed 24 s ago",
        "Normal STONE 6 waiting, none overdue · last processed 29 min ago",
        "Cannot be seen RIVER leaves no trace on the chain",
    ]


def test_right_now_is_read_once_a_minute_and_says_nothing_of_what_was_not_read() -> None:
    read: list[str] = []

    def fail(found: Any, look_back: timedelta = timedelta(days=1)) -> Any:
        read.append(found.key)
        if found.key != "STONE":
            raise Unreachable("connection refused")
        return made().gateway_view(found, look_back)

    one = app.build_app(replace(made(), gateway_view=fail)).test_client()
    for lang in LANGUAGES:
        root = tree(one.get("/panel/now", query_string={"lang": lang}))
        [line] = root.findall(".//*[@id='now']/li")
        assert "STONE" in words_of(line)
    assert len(read) == len(set(read))


def test_the_start_page_waits_for_no_gateway() -> None:
    def fail(found: Any, look_back: timedelta = timedelta(days=1)) -> Any:
        raise AssertionError("the start page reads nothing of gateways")

    start = (
        app.build_app(replace(made(), gateway_view=fail)).test_client().get("/panel?lang=en")
    )
    place = tree(start).find(".//*[@id='now']")
    assert place is not None and str(place.get("data-from")).startswith("panel/now?")


def test_a_notice_stands_among_the_incidents_and_stays_text() -> None:
    notice = Notice(
        "repair",
        NoticeKind.INCIDENT,
        Period(datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)),
        Text.literal(f"钱包在维修 {HOSTILE}", f"The wallet is being repaired {HOSTILE}"),
        gateway="NORTH",
        severity=Severity.WARNING,
    )
    told = app.build_app(replace(made(), notices=lambda: (notice,))).test_client()
    root = tree(told.get("/panel/gateways/NORTH?lang=en"))
    assert not list(root.iter("img"))
    assert "The wallet is being repaired" in words_of(root)


@pytest.mark.parametrize("asset", ["NORTH.BTC", "NORTH.USDT"])
def test_a_coin_that_was_never_settled_stands_beside_one_that_was(asset: str) -> None:
    def unserved(found: Gateway, *look_back: timedelta) -> GatewayView:
        view = made().gateway_view(found, *look_back)
        [coin] = [one.id for one in view.assets.values() if one.symbol == asset]
        logs = {
            who: replace(
                log, operations=tuple(o for o in log.operations if not _burns(o, coin))
            )
            for who, log in view.logs.items()
        }
        return replace(view, logs=logs)

    shown = app.build_app(replace(made(), gateway_view=unserved)).test_client()
    page = shown.get(f"/panel/gateways/NORTH?lang=en&asset={asset}")
    assert page.status_code == 200
    assert asset in words_of(tree(page))


def _burns(operation: Operation, coin: str) -> bool:
    return isinstance(operation, Burn) and operation.amount.asset_id == coin


# --- the network ------------------------------------------------------------------------------


def test_the_network_is_shown_with_its_nodes(client: FlaskClient) -> None:
    text = words_of(tree(client.get("/panel/network?lang=en&tz=UTC")))
    for part in ("BitShares is normal", "35,910", "35,902", "1 of 1", "ledger", "Good"):
        assert part in text


def test_a_network_that_nobody_can_read_says_why() -> None:
    def fail(seconds: float) -> Any:
        raise Unreachable("connection refused")

    dead = app.build_app(replace(made(), health=fail)).test_client()
    response = dead.get("/panel/network?lang=en")
    assert response.status_code == 503
    assert "connection refused" in words_of(tree(response))


# --- many tickets -----------------------------------------------------------------------------


def batch(client: FlaskClient, lang: str = "en", **given: Any) -> TestResponse:
    return client.post(
        "/panel/tickets",
        data={"lang": lang, "tz": ZONE, **given},
        content_type="multipart/form-data",
    )


def file_of(*rows: dict[str, str]) -> tuple[io.BytesIO, str]:
    return io.BytesIO("\n".join(map(json.dumps, rows)).encode()), "tickets.jsonl"


def story(name: str) -> dict[str, str]:
    case = next(case for case in TRUTH if case["id"] == name)
    window = {"from": f"{case['from']}Z", "to": f"{case['to']}Z"}
    return {"ticket": name, "account": case["account"], **window, **case["claim"]}


def groups(root: Element) -> list[Element]:
    return [e for e in root.iter("details") if "group" in e.get("class", "").split()]


def downloads(root: Element) -> dict[str, bytes]:
    found = {}
    for a in root.iter("a"):
        if a.get("download"):
            found.setdefault(
                str(a.get("download")), base64.b64decode(str(a.get("href")).partition(",")[2])
            )
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_recorded_ticket_is_answered_on_one_page(client: FlaskClient, lang: str) -> None:
    rows = [story(case["id"]) for case in TRUTH]
    response = batch(client, lang, file=file_of(*rows, {"account": "x_y"}))
    assert response.status_code == 200
    root = tree(response)
    found = groups(root)
    tones = [str(group.get("data-tone")) for group in found[:-1]]
    order = ["danger", "act", "unknown", "wait", "done"]
    assert tones == sorted(tones, key=order.index)
    assert found[-1].get("id") == "group-problems"
    files = downloads(root)
    table = list(csv.reader(io.StringIO(files["tickets.csv"].decode("utf-8-sig"))))
    assert len(table) == 1 + len(rows) + 1
    assert bool(HAN.search(table[0][0])) == (lang == "zh")
    with zipfile.ZipFile(io.BytesIO(files["tickets.xlsx"])) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<row ") == len(table)
        assert "<f>" not in sheet


def test_no_code_of_a_verdict_reaches_the_page_or_the_files(client: FlaskClient) -> None:
    rows = [{**story(case["id"]), "ticket": str(n)} for n, case in enumerate(TRUTH)]
    root = tree(batch(client, file=file_of(*rows)))
    said = words_of(root) + downloads(root)["tickets.csv"].decode()
    codes = {rule.code for check in made().checks for rule in check.RULES}
    assert not [code for code in codes if code in said]


def test_the_workbook_that_is_downloaded_can_be_handed_in_again(client: FlaskClient) -> None:
    rows = [story(case["id"]) for case in TRUTH[:3]]
    first = downloads(tree(batch(client, file=file_of(*rows))))["tickets.xlsx"]
    again = tree(batch(client, file=(io.BytesIO(first), "tickets.xlsx")))
    table = csv.reader(io.StringIO(downloads(again)["tickets.csv"].decode("utf-8-sig")))
    assert sorted(row[0] for row in list(table)[1:]) == sorted(row["ticket"] for row in rows)


def test_a_workbook_without_a_header_is_said_with_its_sheets(client: FlaskClient) -> None:
    response = batch(client, file=(io.BytesIO(as_xlsx([["nothing", "here"]])), "a.xlsx"))
    assert response.status_code == 400
    assert "Sheet1" in words_of(tree(response))


TEXTS = {
    "an account a line": ("zhao-ming\nchen-hui\n", ["zhao-ming", "chen-hui"]),
    "an operation": ("1.11.24815", ["zhao-ming"]),
    "whole tickets": (
        "账户 zhao-ming，0.05616 NORTH.BTC 没到账\n请尽快\n\naccount lin-yue, nothing came",
        ["zhao-ming", "lin-yue"],
    ),
    "a table": ("account,last\nzhao-ming,6h\n", ["zhao-ming"]),
    "JSON lines": ('{"account": "zhao-ming", "last": "6h"}\n', ["zhao-ming"]),
}


@pytest.mark.parametrize("name", TEXTS)
def test_pasted_text_is_read_as_what_it_is(client: FlaskClient, name: str) -> None:
    text, accounts = TEXTS[name]
    root = tree(batch(client, text=text))
    rows = [words_of(td) for td in root.iter("td") if td.get("data-label") == "Account"]
    assert sorted(rows) == sorted(accounts)


def test_a_ticket_that_cannot_be_read_is_listed_with_the_reason(client: FlaskClient) -> None:
    root = tree(batch(client, text="zhao-ming\n1.11.99999999\nnothing came of it, help\n"))
    [problems] = [group for group in groups(root) if group.get("id") == "group-problems"]
    text = words_of(problems)
    assert "row 2" in text and "1.11.99999999" in text
    assert "row 3" in text and "No account name" in text


@pytest.mark.parametrize("text", ["", "   \n\n "])
def test_nothing_to_check_is_said(client: FlaskClient, text: str) -> None:
    response = batch(client, text=text)
    assert response.status_code == 400
    assert "Choose a file" in words_of(tree(response))


def test_a_key_in_a_ticket_is_cut_out_and_said(client: FlaskClient) -> None:
    key = str(PrivateKey(secrets.token_hex(32)))
    response = batch(client, text=f"账户 zhao-ming 没到账，私钥 {key}\n\nzhao-ming 没到账")
    assert key not in response.text
    assert "held a key" in words_of(tree(response))


def test_markup_in_a_ticket_stays_text_and_no_cell_is_a_formula(client: FlaskClient) -> None:
    row = {"ticket": f"=HYPERLINK(1) {HOSTILE}", "account": "zhao-ming", "last": "6h"}
    root = tree(batch(client, file=file_of(row)))
    assert not list(root.iter("img"))
    table = list(csv.reader(io.StringIO(downloads(root)["tickets.csv"].decode("utf-8-sig"))))
    assert table[1][0].startswith("'=")


def test_a_batch_that_is_too_many_waits(client: FlaskClient) -> None:
    application = app.build_app(made())
    free = application.extensions["diag_triage"]
    while free.acquire(blocking=False):
        pass
    response = batch(application.test_client(), text="zhao-ming")
    assert response.status_code == 503
    free.release()
    assert batch(application.test_client(), text="zhao-ming").status_code == 200
    assert free.acquire(blocking=False)


def test_the_page_comes_in_pieces_while_rows_are_answered() -> None:
    response = batch(app.build_app(made()).test_client(), text="zhao-ming\nchen-hui\n")
    pieces = list(response.iter_encoded())
    assert len(pieces) > 3
    assert b"".join(pieces).count(b'<i data-all="2">') == 2


# --- the contract -----------------------------------------------------------------------------


def test_the_contract_is_also_json(client: FlaskClient) -> None:
    found = client.get("/openapi.json").get_json()
    assert found["openapi"].startswith("3.1")
    assert "/v1/diagnoses" in found["paths"]


def test_the_renderer_is_ours_and_sent_once(client: FlaskClient) -> None:
    first = client.get("/docs/swagger-ui.css")
    again = client.get("/docs/swagger-ui.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, first.headers["Content-Encoding"]) == (200, "gzip")
    assert again.status_code == 304
    assert client.get("/docs/index.html").status_code == 404
