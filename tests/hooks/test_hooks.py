"""What helpdesks hand in, from the raw bytes to the note in the conversation."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import responses
from contract import SPEC
from desks import Chain, at, new_case
from flask import Flask
from flask.testing import FlaskClient
from messages import write
from secret_texts import wif
from sqlalchemy import select
from stores import sqlite_url
from werkzeug.test import TestResponse

from diag.access import api_keys
from diag.access.access_control import AccessControl
from diag.api.app import build_app
from diag.bootstrap import build_access_control
from diag.cases.database import Database
from diag.cases.desk import Desk
from diag.cases.outbox import Delivery
from diag.cases.tables import cases, events, inbox, outbox
from diag.channels.file import Source, read_channels
from diag.channels.sender import Sender
from diag.config.settings import Settings
from diag.hooks import inbox as kept
from diag.hooks.answers import Answers
from diag.hooks.events import REASONS
from diag.schemas.deliveries import STATES

SECRET = "a secret of the tests"
TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
KEY = wif(Random("kept cases"))
CHANNELS = f"""
[[channels]]
name = "desk"
kind = "chatwoot"
url = "https://chat.example"
account = 1
token = "t"
[[channels]]
name = "tickets"
kind = "zammad"
url = "https://tickets.example"
token = "t"
[[hooks]]
name = "chat"
source = "chatwoot"
secret = "{SECRET}"
token = "{TOKEN}"
tell = ["desk"]
tz = "UTC"
user = 7
[[hooks]]
name = "zam"
source = "zammad"
secret = "{SECRET}"
token = "{TOKEN}"
tell = ["tickets"]
[[hooks]]
name = "n8n"
source = "generic"
secret = "{SECRET}"
token = "{TOKEN}"
tell = ["desk", "tickets"]
"""
COMPLAINT = (
    "My withdrawal of 0.05205 NORTH.BTC has not arrived, account lin-yue, "
    "sent 2026-11-21 21:00 UTC"
)
LIN_YUE = {"to": "2026-11-21T21:00:30Z", "asset": "NORTH.BTC"}
SENT, SETTLED = at("2026-11-21T21:01:00"), at("2026-11-21T21:04:00")


@dataclass
class Setup:
    """A service with hooks on a chain whose head can be moved."""

    app: Flask
    chain: Chain
    desk: Desk
    file: Path

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def sign(self, name: str, raw: bytes) -> dict[str, str]:
        time = str(int(self.chain.wall.timestamp()))
        timed = hmac.new(SECRET.encode(), f"{time}.".encode() + raw, "sha256").hexdigest()
        plain = hmac.new(SECRET.encode(), raw, "sha1").hexdigest()
        return {
            "chat": {"X-Chatwoot-Timestamp": time, "X-Chatwoot-Signature": f"sha256={timed}"},
            "zam": {"X-Hub-Signature": f"sha1={plain}"},
            "n8n": {"X-Diag-Signature": f"t={time},v1={timed}"},
        }[name]

    def post(self, name: str, payload: Any, **headers: str) -> TestResponse:
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        source = {"chat": "chatwoot", "zam": "zammad", "n8n": "generic"}[name]
        return self.client.post(
            f"/v1/hooks/{source}/{name}",
            data=raw,
            headers={"Content-Type": "application/json", **self.sign(name, raw), **headers},
        )

    def answers(self) -> Answers:
        return Answers(self.desk, lambda: read_channels(self.file).hooks)

    def work(self) -> list[Any]:
        """Does the jobs; returns the requests that the helpdesks got."""
        self.answers().run()
        with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
            anything = responses.matchers.header_matcher({})
            for method in ("GET", "POST"):
                wire.add(
                    method,
                    url=re.compile("https://(chat|tickets).example/.*"),
                    json={"id": 1, "private": True},
                    match=[anything],
                )
            channels = read_channels(self.file).channels
            Sender(self.desk.database, lambda: channels, self.desk.wall).run()
            return [call.request for call in wire.calls]

    def all(self, table: Any) -> list[Any]:
        with self.desk.database.reading() as connection:
            return list(connection.execute(select(table)))


@pytest.fixture
def setup(tmp_path: Path, database: Database) -> Setup:
    chain = Chain(SENT)
    file = write(tmp_path / "channels.toml", CHANNELS)
    settings = Settings(database=sqlite_url(tmp_path), channels=file, lang="en")
    services = replace(chain.services(), settings=settings)
    desk = replace(
        chain.desk(database), channels=lambda: ("desk", "tickets"), services=services
    )
    return Setup(build_app(services, None, desk), chain, desk, file)


def chatwoot(content: str = COMPLAINT, **more: Any) -> dict[str, Any]:
    return {
        "event": "message_created",
        "id": 987,
        "content": content,
        "message_type": "incoming",
        "private": False,
        "content_attributes": {},
        "sender": {"id": 7, "name": "somebody"},
        "account": {"id": 1},
        "conversation": {"id": 42, "status": "open"},
        **more,
    }


def private(content: str, **more: Any) -> dict[str, Any]:
    sender = {"id": 3, "name": "an agent"}
    note = {"message_type": "outgoing", "private": True, "sender": sender}
    return chatwoot(content, **{**note, **more})


def zammad(body: str = COMPLAINT, **more: Any) -> dict[str, Any]:
    article = {
        "id": "9",
        "body": body,
        "internal": "false",
        "sender": "Customer",
        "type": "web",
    }
    return {
        "ticket": {"id": "42", "number": "67042", "title": "help", "group": "Users"},
        "article": {**article, **more},
        "customer": {"email": "", "locale": "zh-cn"},
    }


# --- from the message to the note ---------------------------------------------------------------


def test_a_customers_message_is_answered_by_a_private_note(setup: Setup) -> None:
    response = setup.post("chat", chatwoot())
    assert (response.status_code, response.get_json()["duplicate"]) == (202, False)
    [sent] = setup.work()
    assert sent.url == "https://chat.example/api/v1/accounts/1/conversations/42/messages"
    note = json.loads(sent.body)
    assert note["private"] is True
    assert "Withdrawal diagnosis" in note["content"]
    [case] = setup.all(cases)
    assert (case.reference, case.channel, case.opened_by) == ("42", "chatwoot", "hook:chat")
    assert (case.account, case.code, case.tell) == ("lin-yue", "gateway_processing", ["desk"])


def test_the_change_is_told_in_the_same_conversation(setup: Setup) -> None:
    setup.post("chat", chatwoot())
    setup.work()
    setup.chain.now = SETTLED
    setup.chain.watcher(setup.desk.database).run()
    [sent] = setup.work()
    assert "/conversations/42/" in sent.url
    assert "Withdrawal update" in json.loads(sent.body)["content"]


@pytest.mark.parametrize(
    "command",
    ["/diag lin-yue", f"/diag {COMPLAINT}", "  /DIAG lin-yue  ", "/diag lin-yue NORTH.BTC"],
)
def test_an_agents_command_is_answered(setup: Setup, command: str) -> None:
    assert setup.post("chat", private(command)).status_code == 202
    [sent] = setup.work()
    assert "lin-yue" in json.loads(sent.body)["content"]


def test_a_command_with_the_id_of_an_operation_needs_no_account(setup: Setup) -> None:
    operation = setup.desk.open(new_case(**LIN_YUE), None)[0].verdict.operation
    assert setup.post("chat", private(f"/diag {operation}")).status_code == 202
    [sent] = setup.work()
    content = json.loads(sent.body)["content"]
    assert "Withdrawal diagnosis" in content and "lin-yue" in content


def test_a_command_with_an_id_that_is_not_on_the_chain_says_so(setup: Setup) -> None:
    assert setup.post("chat", private("/diag 1.11.999999999")).status_code == 202
    [sent] = setup.work()
    content = json.loads(sent.body)["content"]
    assert "Not enough to go on" in content and "1.11" in content.replace("\\", "")


def test_a_command_that_says_too_little_is_answered_with_what_is_missing(setup: Setup) -> None:
    assert setup.post("chat", private("/diag")).status_code == 202
    [sent] = setup.work()
    content = json.loads(sent.body)["content"]
    assert "Not enough to go on" in content
    assert setup.all(cases) == []


def test_a_command_is_always_answered_and_a_customer_only_when_something_changed(
    setup: Setup,
) -> None:
    setup.post("chat", chatwoot())
    assert len(setup.work()) == 1
    setup.post("chat", chatwoot(f"{COMPLAINT}!!", id=988))
    assert setup.work() == [], "nothing has changed since"
    setup.post("chat", private("/diag lin-yue"))
    [sent] = setup.work()
    assert "no change" in json.loads(sent.body)["content"]
    assert len(setup.all(cases)) == 1


def test_zammad_is_answered_by_an_internal_note_in_the_customers_language(setup: Setup) -> None:
    html = "<div>我的提币没到账<br>账户 lin-yue，0.05205 NORTH.BTC，2026-11-21 21:00 UTC</div>"
    assert setup.post("zam", zammad(html)).status_code == 202
    [sent] = setup.work()
    assert sent.url == "https://tickets.example/api/v1/ticket_articles"
    note = json.loads(sent.body)
    assert (note["ticket_id"], note["internal"], note["type"]) == (42, True, "note")
    assert "提币诊断" in note["subject"]


def test_any_program_may_hand_in_fields(setup: Setup) -> None:
    body = {
        "ref": "42",
        "account": "lin-yue",
        "asset": "NORTH.BTC",
        "last": "6h",
        "locale": "zh",
    }
    assert setup.post("n8n", body).status_code == 202
    sent = setup.work()
    assert sorted(request.url.split("/")[2] for request in sent) == [
        "chat.example",
        "tickets.example",
    ]


# --- once -----------------------------------------------------------------------------------------


def test_the_same_delivery_is_kept_once(setup: Setup) -> None:
    first = setup.post("chat", chatwoot(), **{"X-Chatwoot-Delivery": "d-1"}).get_json()
    again = setup.post("chat", chatwoot(), **{"X-Chatwoot-Delivery": "d-1"}).get_json()
    assert (first["duplicate"], again["duplicate"]) == (False, True)
    assert first["id"] == again["id"]
    assert len(setup.work()) == 1
    assert setup.work() == []
    late = setup.post("chat", chatwoot(), **{"X-Chatwoot-Delivery": "d-1"}).get_json()
    assert late["duplicate"] and setup.work() == []


def test_a_worker_that_dies_after_it_has_opened_the_case_opens_no_second_one(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.post("chat", chatwoot())
    with monkeypatch.context() as patched:

        def killed(*_: Any) -> None:
            raise KeyboardInterrupt

        patched.setattr(kept, "done", killed)
        with pytest.raises(KeyboardInterrupt):
            setup.answers().run()
    assert len(setup.all(cases)) == 1 and setup.all(outbox) == []
    setup.chain.wall += kept.LEASE
    assert len(setup.work()) == 1
    assert len(setup.all(cases)) == 1


def test_a_silent_chain_is_asked_again_until_it_answers(setup: Setup) -> None:
    setup.post("chat", chatwoot())
    setup.chain.silent = True
    assert setup.work() == []
    setup.chain.silent = False
    assert setup.work() == [], "not yet"
    setup.chain.wall += timedelta(seconds=31)
    assert len(setup.work()) == 1


# --- ignored ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (chatwoot(event="conversation_created"), "other_event"),
        (chatwoot(account={"id": 2}), "other_account"),
        (private("a note\n\nReference 0011223344 · diag-00112233445566aa"), "own_message"),
        (private("/diag lin-yue", sender={"id": 7}), "own_message"),
        (private("/diag lin-yue", content_attributes={"diag": {"id": "x"}}), "own_message"),
        (private("please look into this"), "not_customer"),
        (private("see /diag lin-yue"), "not_customer"),
        (private("/diag lin-yue", private=False), "not_customer"),
        (chatwoot("thank you, it has arrived"), "no_candidate"),
        (chatwoot("hello"), "no_candidate"),
        (chatwoot(None), "no_candidate"),  # type: ignore[arg-type]
        (chatwoot("my withdrawal has not arrived"), "no_candidate"),
    ],
)
def test_what_chatwoot_sends_that_needs_no_answer(
    setup: Setup, payload: dict[str, Any], reason: str
) -> None:
    response = setup.post("chat", payload)
    assert (response.status_code, response.get_json()) == (
        200,
        {"accepted": False, "reason": reason},
    )
    assert setup.all(inbox) == []


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (zammad(sender="Agent"), "not_customer"),
        (zammad(internal="true"), "not_customer"),
        (zammad("/diag lin-yue"), "not_customer"),
        (
            zammad("<p>diag-00112233445566aa</p>", internal="true", sender="Agent"),
            "own_message",
        ),
        (zammad("ok"), "no_candidate"),
    ],
)
def test_what_zammad_sends_that_needs_no_answer(
    setup: Setup, payload: dict[str, Any], reason: str
) -> None:
    assert setup.post("zam", payload).get_json() == {"accepted": False, "reason": reason}


def test_a_customer_cannot_give_commands(setup: Setup) -> None:
    assert setup.post("chat", chatwoot("/diag lin-yue")).get_json()["accepted"] is False


# --- refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["chat", "zam", "n8n"])
def test_what_is_not_signed_is_refused(setup: Setup, name: str) -> None:
    headers = {"X-Chatwoot-Signature": "", "X-Hub-Signature": "", "X-Diag-Signature": ""}
    assert setup.post(name, chatwoot(), **headers).status_code == 401
    old = setup.sign(name, b"{}")
    assert setup.post(name, b'{"a": 1}', **old).status_code == 401
    assert setup.all(inbox) == []


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/v1/hooks/chatwoot/chat/{TOKEN}", {}, 202),
        (f"/v1/hooks/chatwoot/chat/{TOKEN[:-1]}1", {}, 401),
        ("/v1/hooks/chatwoot/chat", {"Authorization": f"Bearer {TOKEN}"}, 202),
        ("/v1/hooks/chatwoot/chat", {"Authorization": "Bearer nonsense"}, 401),
        ("/v1/hooks/zammad/chat", {"Authorization": f"Bearer {TOKEN}"}, 404),
        ("/v1/hooks/chatwoot/other", {"Authorization": f"Bearer {TOKEN}"}, 404),
        ("/v1/hooks/jira/chat", {"Authorization": f"Bearer {TOKEN}"}, 404),
    ],
)
def test_a_token_may_stand_in_the_address_or_in_a_header(
    setup: Setup, path: str, headers: dict[str, str], status: int
) -> None:
    response = setup.client.post(path, json=chatwoot(), headers=headers)
    assert response.status_code == status


@pytest.mark.parametrize(
    ("name", "payload", "field"),
    [
        ("chat", b"[]", "body"),
        ("chat", b"{", "body"),
        ("chat", b"[" * 50_000, "body"),
        ("chat", {"event": "message_created"}, "conversation"),
        ("chat", chatwoot(conversation={"id": "x/../y"}), "conversation.id"),
        ("chat", chatwoot(conversation=[]), "conversation"),
        ("zam", {"ticket": {"id": "1"}}, "article"),
        ("zam", {"ticket": {"id": None}, "article": {}}, "ticket.id"),
        ("n8n", {"text": COMPLAINT}, "ref"),
        ("n8n", {"ref": "a\nb", "text": COMPLAINT}, "ref"),
        ("n8n", {"ref": "1", "reply_url": "https://evil.example"}, "reply_url"),
        ("n8n", {"ref": "1", "acount": "lin-yue"}, "acount"),
        ("n8n", {"ref": "1", "account": "lin yue!"}, "account"),
    ],
)
def test_what_has_another_shape_is_refused_by_its_field(
    setup: Setup, name: str, payload: Any, field: str
) -> None:
    response = setup.post(name, payload)
    assert response.status_code == 400
    assert [error["field"] for error in response.get_json()["errors"]] == [field]
    assert setup.all(inbox) == []


def test_a_body_may_have_a_mebibyte(setup: Setup) -> None:
    long = chatwoot(padding="x" * 200_000)
    assert setup.post("chat", long).status_code == 202
    assert setup.post("chat", chatwoot(padding="x" * 1_100_000)).status_code == 413


def test_a_hook_needs_no_api_key_and_refusals_count(setup: Setup, tmp_path: Path) -> None:
    entry = api_keys.file_entry("desk", api_keys.generate_key())
    keys = write(tmp_path / "keys.toml", entry)
    control: AccessControl = build_access_control(Settings(api_keys=keys))
    setup.app.extensions["diag_access_control"] = control
    assert setup.post("chat", chatwoot()).status_code == 202
    assert setup.client.get("/v1/deliveries").status_code == 401
    unknown = setup.client.post("/v1/hooks/chatwoot/other", json={})
    assert unknown.status_code == 401, "which hooks there are is nobody's business"


# --- what is kept -------------------------------------------------------------------------------------


def test_no_word_of_the_user_and_no_secret_is_kept(setup: Setup) -> None:
    words = f"Dear friends, {COMPLAINT}. Purple elephants! My key is {KEY}"
    assert setup.post("chat", chatwoot(words)).status_code == 202
    before = _everything(setup.desk.database)
    [sent] = setup.work()
    for held in (before, _everything(setup.desk.database), str(sent.body)):
        assert "elephants" not in held and KEY not in held and "Dear friends" not in held
    assert "posted a private key" in json.loads(sent.body)["content"]
    assert setup.all(inbox)[0].question is None, "it is forgotten once it is answered"
    metrics = setup.client.get("/metrics").text
    assert 'diag_secrets_removed_total{kind="wif"} 1.0' in metrics


def test_a_secret_alone_is_answered_with_a_warning(setup: Setup) -> None:
    assert setup.post("chat", chatwoot(f"hello, {KEY}")).status_code == 202
    [sent] = setup.work()
    content = json.loads(sent.body)["content"]
    assert "posted a private key" in content and KEY not in content


def _everything(database: Database) -> str:
    with database.reading() as connection:
        return "".join(
            str(row._mapping)
            for table in (inbox, cases, outbox)
            for row in connection.execute(select(table))
        )


def test_what_was_handed_in_is_forgotten_after_the_retention(setup: Setup) -> None:
    setup.post("chat", private("/diag"))
    setup.work()
    wall = setup.chain.wall + timedelta(days=91)
    assert kept.purge(setup.desk.database, wall, timedelta(days=90)) == 1
    assert setup.all(inbox) == setup.all(outbox) == []


# --- deliveries over HTTP --------------------------------------------------------------------------------


def test_deliveries_are_listed_and_sent_again(setup: Setup) -> None:
    setup.post("n8n", {"ref": "not a number", "account": "lin-yue", "last": "6h"})
    setup.work()
    client = setup.client
    rows = client.get("/v1/deliveries?state=parked").get_json()["deliveries"]
    assert {row["destination"] for row in rows} == {"desk", "tickets"}
    assert all("not the number" in row["error"] for row in rows)
    first = client.get("/v1/deliveries?limit=1")
    following = client.get(first.headers["Link"].split(">")[0].lstrip("<"))
    assert first.get_json() != following.get_json()
    assert "Link" not in following.headers
    found = client.post(f"/v1/deliveries/{rows[0]['id']}/retry")
    assert (found.status_code, found.get_json()["state"]) == (200, "waiting")
    assert client.post(f"/v1/deliveries/{rows[0]['id']}/retry").status_code == 409
    for unknown in ("0" * 32, "x"):
        assert client.post(f"/v1/deliveries/{unknown}/retry").status_code == 404
    assert client.get("/v1/deliveries?state=lost").status_code == 400
    assert client.get("/v1/deliveries?before=x").status_code == 400


def test_the_words_of_the_contract_are_those_of_the_code() -> None:
    schemas = SPEC["components"]["schemas"]
    assert schemas["HookIgnored"]["properties"]["reason"]["enum"] == list(REASONS)
    assert schemas["HookSource"]["enum"] == list(Source)
    assert schemas["DeliveryState"]["enum"] == list(STATES) == list(Delivery)


def test_digest_of_a_delivery_is_of_its_bytes() -> None:
    one = kept.delivery_id("chat", None, b"{}")
    assert one == kept.delivery_id("chat", None, b"{}")
    others = [
        kept.delivery_id("chat", "d", b"{}"),
        kept.delivery_id("zam", None, b"{}"),
        kept.delivery_id("chat", None, b"{ }"),
    ]
    assert len({one, *others}) == 4
    assert hashlib.sha256(b"").hexdigest()[:32] not in others


# --- ratings ------------------------------------------------------------------------------------


def survey(rating: Any, **more: Any) -> dict[str, Any]:
    """Chatwoot's message with its survey, after the user has answered it."""
    answer = {"rating": rating, "feedback_message": "the user's own words"}
    csat = {
        "event": "message_updated",
        "content_type": "input_csat",
        "message_type": "template",
        "content_attributes": {"submitted_values": {"csat_survey_response": answer}},
    }
    return chatwoot("Please rate the conversation", **{**csat, **more})


def ratings(setup: Setup) -> list[Any]:
    return [event.body for event in setup.all(events) if event.kind == "rating"]


@pytest.mark.parametrize("rating", [4, "4"])
def test_the_answer_to_a_survey_is_the_rating_of_the_case(setup: Setup, rating: Any) -> None:
    setup.post("chat", chatwoot())
    setup.work()
    assert setup.post("chat", survey(rating)).status_code == 202
    assert setup.work() == [], "nobody is told"
    [case] = setup.all(cases)
    assert case.score == 4
    assert ratings(setup) == [{"score": 4}]
    assert "own words" not in str(setup.all(events)) + str(setup.all(inbox))


def test_a_rating_counts_once_and_the_last_one_counts(setup: Setup) -> None:
    setup.post("chat", chatwoot())
    setup.work()
    for number, rating in enumerate((2, 2, 5)):
        setup.post("chat", survey(rating, id=1000 + number))
        setup.work()
    assert ratings(setup) == [{"score": 2}, {"score": 5}]
    assert setup.all(cases)[0].score == 5


def test_a_rating_is_of_the_newest_case_of_the_conversation(setup: Setup) -> None:
    for account in ("lin-yue", "chu-han"):
        setup.post("chat", private(f"/diag {account}"))
        setup.work()
    setup.post("chat", survey(3))
    setup.work()
    assert [(case.account, case.score) for case in setup.all(cases)] == [
        ("lin-yue", None),
        ("chu-han", 3),
    ]


@pytest.mark.parametrize("conversation", [42, 43])
def test_a_conversation_without_a_case_has_no_rating(setup: Setup, conversation: int) -> None:
    setup.desk.open(new_case(reference="42"), None)  # of somebody else, who counts otherwise
    assert setup.post("chat", survey(5, conversation={"id": conversation})).status_code == 202
    assert setup.work() == []
    assert ratings(setup) == []
    assert [row.state for row in setup.all(inbox)] == ["done"]


@pytest.mark.parametrize(
    "more",
    [
        {"content_type": "text"},
        {"content_attributes": {}},
        {"content_attributes": None},
        {"content_attributes": {"submitted_values": []}},
        {"event": "conversation_updated"},
        *(
            {"content_attributes": {"submitted_values": {"csat_survey_response": answer}}}
            for answer in (
                {},
                {"rating": 0},
                {"rating": 6},
                {"rating": True},
                {"rating": [5]},
                5,
            )
        ),
    ],
)
def test_an_update_without_a_rating_is_ignored(setup: Setup, more: dict[str, Any]) -> None:
    response = setup.post("chat", survey(5, **more))
    assert (response.status_code, response.get_json()["reason"]) == (200, "other_event")
