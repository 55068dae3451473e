"""What goes over the wire to each destination, held against the contracts that the vendors publish."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import responses
from jsonschema_rs import Draft202012Validator
from messages import SECRET, outgoing
from standardwebhooks import Webhook as Verifier

from diag.channels import http
from diag.channels.chatwoot import Chatwoot, require_private
from diag.channels.message import Failed
from diag.channels.people import People
from diag.channels.secret import Secret
from diag.channels.webhook import Webhook
from diag.channels.zammad import Zammad, require_internal

WIRE = json.loads((Path(__file__).parents[1] / "data" / "helpdesk_wire.json").read_text())
CHAT = "https://chat.example/api/v1/accounts/3"
TICKETS = "https://tickets.example/api/v1"
NOTES = f"{CHAT}/conversations/42/messages"
DRAFT = f"{TICKETS}/tickets/42/shared_draft"
ARTICLES = f"{TICKETS}/ticket_articles"
HOOK = "https://ops.example/hook"


def chatwoot(**more: Any) -> Chatwoot:
    return Chatwoot("desk", "https://chat.example/", 3, Secret("chat-token"), **more)


def zammad(**more: Any) -> Zammad:
    return Zammad("tickets", "https://tickets.example", Secret("zammad-token"), **more)


def webhook(*secrets: str) -> Webhook:
    return Webhook("ops", HOOK, tuple(Secret(secret) for secret in secrets or (SECRET,)))


def held(call: Any, contract: str, part: dict[str, Any] | None = None) -> Any:
    """The body of a request, which must fit the contract."""
    body = json.loads(call.request.body)
    Draft202012Validator(part or WIRE[contract]["request"]).validate(body)
    return body


# --- webhooks -----------------------------------------------------------------------------------


@responses.activate
def test_a_webhook_is_signed_and_its_receiver_can_check_it() -> None:
    responses.post(HOOK, status=204)
    message = outgoing()
    webhook().send(message)
    [call] = responses.calls
    found = Verifier(SECRET).verify(call.request.body, dict(call.request.headers))
    assert found == message.payload
    assert call.request.headers["webhook-id"] == message.id == found["id"]


@responses.activate
def test_a_webhook_with_two_secrets_fits_receivers_that_know_either() -> None:
    responses.post(HOOK, status=200)
    other = "whsec_" + "YW5vdGhlciBzZWNyZXQgZm9yIHRlc3RzIG9ubHkhISE="
    webhook(SECRET, other).send(outgoing())
    [call] = responses.calls
    for secret in (SECRET, other):
        assert Verifier(secret).verify(call.request.body, dict(call.request.headers))


@pytest.mark.parametrize(
    ("status", "final"),
    [
        (200, None),
        (202, None),
        (299, None),
        (400, False),
        (404, False),
        (410, True),
        (500, False),
    ],
)
@responses.activate
def test_what_a_receiver_of_webhooks_answers(status: int, final: bool | None) -> None:
    responses.post(HOOK, status=status)
    if final is None:
        webhook().send(outgoing())
        return
    with pytest.raises(Failed) as raised:
        webhook().send(outgoing())
    assert (raised.value.final, raised.value.reason) == (final, f"HTTP {status}")


@responses.activate
def test_a_redirect_is_not_followed() -> None:
    responses.post(HOOK, status=307, headers={"Location": "http://169.254.169.254/"})
    with pytest.raises(Failed, match="redirects are not followed"):
        webhook().send(outgoing())
    assert len(responses.calls) == 1


@responses.activate
def test_an_answer_without_end_is_not_read_to_the_end() -> None:
    responses.post(HOOK, body=b"x" * (3 * http.MOST_BYTES), status=200)
    webhook().send(outgoing())
    assert len(http.send("POST", HOOK, {}, b"").body) < 2 * http.MOST_BYTES


@responses.activate
def test_who_does_not_answer_is_named_without_its_address() -> None:
    responses.post(HOOK, body=http.requests.ConnectionError(f"{HOOK}?token=secret"))
    with pytest.raises(Failed) as raised:
        webhook().send(outgoing())
    assert raised.value.reason == "no answer (ConnectionError)"
    assert not raised.value.final


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 01 Dec 2026 09:01:30 GMT", 90.0),
        ("Tue, 01 Dec 2026 08:00:00 GMT", 0.0),
        ("-5", 0.0),
        ("1e9", 86_400.0),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, seconds: float | None) -> None:
    assert http.retry_after(text, datetime(2026, 12, 1, 9, 0, tzinfo=UTC)) == seconds


# --- Chatwoot -----------------------------------------------------------------------------------


@responses.activate
def test_chatwoot_gets_a_private_note() -> None:
    responses.post(NOTES, json={"id": 1, "private": True, "content": "…"})
    chatwoot().send(outgoing())
    [call] = responses.calls
    body = held(call, "chatwoot.create_message")
    assert call.request.headers["api_access_token"] == "chat-token"
    assert body["private"] is True
    assert body["message_type"] == "outgoing"
    assert body["content"].endswith(outgoing().marker)
    assert "> 您好，已经到账。" in body["content"]


@pytest.mark.parametrize("private", [False, None, "true", 1])
def test_no_note_leaves_that_is_not_private(private: object) -> None:
    with pytest.raises(Failed, match="must be private"):
        require_private({"content": "…", "private": private})
    with pytest.raises(Failed, match="must be private"):
        require_private({"content": "…"})


@responses.activate
def test_a_note_that_was_not_kept_private_is_parked_with_a_word() -> None:
    responses.post(NOTES, json={"id": 1, "private": False, "content": "…"})
    with pytest.raises(Failed, match="not kept private") as raised:
        chatwoot().send(outgoing())
    assert raised.value.final


def test_the_language_of_a_channel_is_for_agents_and_that_of_the_case_for_the_reply() -> None:
    with responses.RequestsMock() as wire:
        wire.post(NOTES, json={"id": 1, "private": True})
        chatwoot(lang="en").send(outgoing())
        content = json.loads(wire.calls[0].request.body)["content"]
    assert "Withdrawal update: Arrived" in content and "The finding was" in content
    assert "您好" in content and "Hello" not in content


@responses.activate
def test_a_note_that_may_be_there_already_is_looked_for_first() -> None:
    page = {"payload": [{"id": 90, "content": f"…\n\n{outgoing().marker}", "private": True}]}
    responses.get(NOTES, json={"payload": [{"id": 99, "content": "hello", "private": False}]})
    responses.get(f"{NOTES}?before=99", json=page)
    chatwoot().send(outgoing(repeated=True))
    assert [call.request.method for call in responses.calls] == ["GET", "GET"]


@responses.activate
def test_a_customer_who_quotes_a_marker_stops_no_note() -> None:
    quoted = {"id": 99, "content": outgoing().marker, "private": False}
    responses.get(NOTES, json={"payload": [quoted]})
    responses.get(f"{NOTES}?before=99", json={"payload": []})
    responses.post(NOTES, json={"id": 100, "private": True})
    chatwoot().send(outgoing(repeated=True))
    assert responses.calls[-1].request.method == "POST"


@pytest.mark.parametrize("status", [403, 404, 429, 500])
@responses.activate
def test_what_chatwoot_refuses(status: int) -> None:
    responses.post(NOTES, status=status, headers={"Retry-After": "7"})
    with pytest.raises(Failed) as raised:
        chatwoot().send(outgoing())
    assert raised.value.final is (status == 404)
    assert raised.value.wait == 7


@pytest.mark.parametrize("reference", [None, "", "ZD-4498", "42a", "0", "-1", "4 2", "9" * 30])
def test_a_case_without_a_ticket_number_is_parked_at_once(reference: str | None) -> None:
    for channel in (chatwoot(), zammad()):
        with pytest.raises(Failed, match="not the number") as raised:
            channel.send(outgoing(reference=reference))
        assert raised.value.final


# --- Zammad -------------------------------------------------------------------------------------


def article(body: str = "…") -> dict[str, Any]:
    return {"id": 7, "ticket_id": 42, "internal": True, "body": body}


@responses.activate
def test_zammad_gets_an_internal_note() -> None:
    responses.post(ARTICLES, json=article(), status=201)
    zammad().send(outgoing(reference="#42"))
    [call] = responses.calls
    body = held(call, "zammad.create_article")
    assert call.request.headers["Authorization"] == "Token token=zammad-token"
    assert (body["type"], body["internal"], body["ticket_id"]) == ("note", True, 42)
    assert "sender" not in body
    assert outgoing().marker in body["body"]


@pytest.mark.parametrize(
    "note", [{"internal": True}, {"type": "note"}, {"type": "email", "internal": True}]
)
def test_no_article_leaves_that_a_customer_would_see(note: dict[str, Any]) -> None:
    with pytest.raises(Failed, match="must be internal"):
        require_internal(note)


@responses.activate
def test_the_reply_is_laid_ready_as_a_shared_draft() -> None:
    responses.post(ARTICLES, json=article(), status=201)
    responses.get(DRAFT, json={"shared_draft_id": None, "assets": None})
    responses.put(DRAFT, json={"shared_draft_id": 5, "assets": {}})
    zammad(draft=True).send(outgoing())
    write = WIRE["zammad.shared_draft"]["write"]["request"]
    body = held(responses.calls[-1], "", {"type": "object", **write})
    assert body["new_article"]["body"] == "<p>您好，已经到账。</p><p>请查收。</p>"


@pytest.mark.parametrize("answer", [{"shared_draft_id": 4}, {}, {"error": "…"}])
@responses.activate
def test_a_draft_of_somebody_is_never_overwritten(answer: dict[str, Any]) -> None:
    responses.post(ARTICLES, json=article(), status=201)
    responses.get(DRAFT, json=answer)
    zammad(draft=True).send(outgoing())
    assert [call.request.method for call in responses.calls] == ["POST", "GET"]


@responses.activate
def test_a_group_without_drafts_is_no_failure() -> None:
    responses.post(ARTICLES, json=article(), status=201)
    responses.get(DRAFT, status=422)
    zammad(draft=True).send(outgoing())


@responses.activate
def test_a_note_that_stands_on_the_ticket_is_not_written_again_but_its_draft_is() -> None:
    responses.get(f"{ARTICLES}/by_ticket/42", json=[article(f"<p>{outgoing().marker}</p>")])
    responses.get(DRAFT, json={"shared_draft_id": None})
    responses.put(DRAFT, json={"shared_draft_id": 5})
    zammad(draft=True).send(outgoing(repeated=True))
    assert [call.request.method for call in responses.calls] == ["GET", "GET", "PUT"]


@responses.activate
def test_what_came_from_outside_is_no_markup() -> None:
    responses.post(ARTICLES, json=article(), status=201)
    responses.post(NOTES, json={"id": 1, "private": True})
    evil = outgoing(reference="42", account="<img src=x onerror=alert(1)> [x](https://evil)")
    zammad().send(evil)
    chatwoot().send(evil)
    sent = [json.loads(call.request.body) for call in responses.calls]
    assert "<img" not in sent[0]["body"]
    assert not re.search(r"(?<!\\)(<img|\[x)", sent[1]["content"])


# --- people -------------------------------------------------------------------------------------


@responses.activate
def test_people_are_told_through_apprise() -> None:
    responses.post("http://people.example/", status=200)
    People("on-call", Secret("json://people.example/")).send(outgoing())
    body = json.loads(responses.calls[0].request.body)
    assert body["title"] == "提币进展有更新：已到账"
    assert "账户：lin-yue" in body["message"] and "您好" in body["message"]


@responses.activate
def test_a_service_that_takes_nothing_is_a_failure() -> None:
    responses.post("http://people.example/", status=500)
    with pytest.raises(Failed, match="did not take it"):
        People("on-call", Secret("json://people.example/")).send(outgoing())


@responses.activate
def test_people_are_not_told_by_way_of_a_redirect() -> None:
    elsewhere = {"Location": "http://169.254.169.254/"}
    responses.post("http://people.example/", status=307, headers=elsewhere)
    with pytest.raises(Failed):
        People("on-call", Secret("json://people.example/")).send(outgoing())
    assert len(responses.calls) == 1


def test_a_url_that_apprise_does_not_know_is_parked_without_repeating_it() -> None:
    with pytest.raises(Failed) as raised:
        People("on-call", Secret("nonsense://secret-token")).send(outgoing())
    assert raised.value.final and "secret-token" not in raised.value.reason


# --- what a token does without a message ----------------------------------------------------------


@responses.activate
def test_a_helpdesk_is_tried_without_telling_anybody() -> None:
    responses.get(f"{CHAT}/conversations/meta", json={"meta": {}})
    responses.get(f"{TICKETS}/users/me", json={"id": 1})
    chatwoot().probe()
    zammad().probe()
    assert [call.request.method for call in responses.calls] == ["GET", "GET"]
