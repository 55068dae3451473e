"""A secret in any place of a request: the case says so, and nothing of it is left anywhere."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from secret_texts import KINDS, SEEDS, pair, remains, secret
from waiting import FOREVER

from diag.api.app import build_app
from diag.bootstrap import build_services
from diag.chain.collect.collector import Collector
from diag.cli import main
from diag.config.settings import Settings
from diag.domain.case import Case
from diag.errors import SecretExposed
from diag.redaction.request_fields import Exposure, RequestFields, remove_secrets
from diag.schemas.case import KNOWN, parse

LEDGER = Path(__file__).parents[2] / "diag" / "data" / "ledger"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUESTION = {
    "account": "lin-yue",
    "from": "2026-11-21T20:30:00Z",
    "to": "2026-11-21T21:30:00Z",
    "asset": "NORTH.BTC",
}
PATH = "/v1/diagnoses"
NEEDED = ("account", "from", "to")
VIEW = ("format", "lang")
NAMED = {
    "wif": "wif",
    "compressed": "wif",
    "misspelt": "wif",
    "password": "password",
    "truncated": "password",
    "brain_key": "brain_key",
    "hex": "private_key",
    "english": "seed_phrase",
    "simplified": "seed_phrase",
    "traditional": "seed_phrase",
    "extended": "private_key",
    "api_key": "api_key",
    "japanese": "seed_phrase",
}
EVERY_KIND = (*KINDS, *SEEDS, "extended", "api_key", "japanese")
CHANCE = random.Random(4711)
MADE = {kind: secret(CHANCE, kind) for kind in EVERY_KIND}
every_kind = pytest.mark.parametrize("kind", EVERY_KIND)
FIELDS = [*KNOWN, *VIEW, "note"]


def in_turn(places, *turns):
    """Each place with a few of the kinds, so that every kind has its turn."""
    return [
        (place, EVERY_KIND[(number + turn) % len(EVERY_KIND)])
        for number, place in enumerate(places)
        for turn in turns
    ]


def text_of(kind):
    """How a user would write it."""
    made = MADE[kind]
    if kind == "hex":
        return f"private key: {made}"
    return f"{made} ?" if isinstance(made, str) else " ".join(made)


class Recorder:
    """A source that remembers what it was asked."""

    def __init__(self, source):
        self.source, self.name, self.asked = source, source.name, []

    def ask(self, calls, deadline):
        self.asked += calls
        return self.source.ask(calls, deadline)


@pytest.fixture(scope="module")
def made():
    return build_services(Settings(deadline=FOREVER, ledger=LEDGER))


@pytest.fixture(scope="module")
def recorder(made):
    return Recorder(next(iter(made.pool)))


@pytest.fixture(scope="module")
def client(made, recorder):
    collect = Collector((recorder,), made.register, seconds=8.0, chain_id=None, clock=made.now)
    return build_app(replace(made, collect=collect)).test_client()


@pytest.fixture
def clean(recorder, caplog):
    """Asserts that nothing of a secret is in an answer, in the log or in what the chain was asked."""
    recorder.asked.clear()
    caplog.set_level(0)

    def check(response, kind):
        seen = [response.text, str(response.headers), caplog.text, repr(recorder.asked)]
        assert [remains(text, MADE[kind]) for text in seen] == [[], [], [], []]
        return response

    return check


@pytest.fixture
def unasked(recorder):
    """Asserts that the chain was left in peace."""
    yield
    assert not recorder.asked


def exposed(response, *fields):
    """A problem that names the fields and gives the advice in both languages."""
    body = response.get_json()
    assert (response.status_code, body["code"]) == (400, "secret_exposed")
    assert body["text"] == SecretExposed().text.as_dict()
    assert [error["field"] for error in body["errors"]] == list(fields)


def diagnosed(response, kind):
    """A diagnosis that leads with the secret and leaves the withdrawal its own verdict."""
    assert response.status_code == 200
    assert response.headers["X-Diag-Verdict"] == "secret_exposed"
    body = response.get_json()
    assert body["case"]["exposed"] == [NAMED[kind]]
    assert [w["verdict"]["code"] for w in body["withdrawals"]] == ["gateway_settled"]
    assert "gateway_settled" in [finding["code"] for finding in body["findings"]]


# --- over HTTP -------------------------------------------------------------------------------


@pytest.mark.parametrize(("field", "kind"), in_turn(FIELDS, 0, 4, 8))
def test_in_a_query(client, clean, kind, field):
    query = {k: v for k, v in QUESTION.items() if k != field} | {field: text_of(kind)}
    response = clean(client.get(PATH, query_string=query), kind)

    exposed(response, field) if field in NEEDED else diagnosed(response, kind)


@pytest.mark.parametrize(("field", "kind"), in_turn(FIELDS, 2, 6, 10))
def test_in_a_body(client, clean, kind, field):
    body = QUESTION | {field: text_of(kind)}
    response = clean(client.post(PATH, json=body), kind)

    exposed(response, field) if field in NEEDED else diagnosed(response, kind)


WRAPPED = {
    "deep in a value": lambda text: {"memo": {"a": [1, {"b": text}]}},
    "as a name deep in a value": lambda text: {"memo": {text: None}},
    "as the name of a field": lambda text: {text: "x"},
    "word by word": lambda text: {"memo": text.split(" ")},
    "in too long a text": lambda text: {"memo": "x" * 600 + f" {text}"},
    "in JSON in a text": lambda text: {"memo": json.dumps({"k": text})},
}


@pytest.mark.parametrize(("place", "kind"), in_turn(WRAPPED, 0, 2, 4, 6, 8, 10))
def test_anywhere_in_a_body(client, clean, kind, place):
    body = QUESTION | WRAPPED[place](text_of(kind))
    diagnosed(clean(client.post(PATH, json=body), kind), kind)


JSON = {"content_type": "application/json"}
UNUSABLE = {
    "half a body": (
        400,
        lambda t: ("post", PATH, {"data": json.dumps(t)[:-1] + ' {"', **JSON}),
    ),
    "a body that is a text": (400, lambda t: ("post", PATH, {"json": t})),
    "a body that is a list": (400, lambda t: ("post", PATH, {"json": t.split(" ")})),
    "a body without end": (
        400,
        lambda t: (
            "post",
            PATH,
            {"data": f'{{"memo": {json.dumps(t)}, "a": ' + "[" * 9000, **JSON},
        ),
    ),
    "a name given twice": (
        400,
        lambda t: ("post", PATH, {"data": f'{{"memo": {json.dumps(t)}, "memo": ""}}', **JSON}),
    ),
    "a field given twice": (
        400,
        lambda t: (
            "get",
            PATH,
            {"query_string": [("memo", t), ("asset", "A"), ("asset", "B")]},
        ),
    ),
    "beside another mistake": (
        400,
        lambda t: ("get", PATH, {"query_string": QUESTION | {"memo": t, "tz": "Mars"}}),
    ),
    "a format that is none": (
        400,
        lambda t: ("get", PATH, {"query_string": QUESTION | {"memo": t, "format": "xml"}}),
    ),
    "as a gateway": (400, lambda t: ("get", f"/v1/gateways/{t}", {})),
    "as an address": (400, lambda t: ("get", f"/nowhere/{t}", {})),
    "a body too large": (413, lambda t: ("post", PATH, {"json": {"memo": t + " x" * 40_000}})),
    "another type of body": (
        415,
        lambda t: ("post", PATH, {"data": t, "content_type": "text/csv"}),
    ),
    "another method": (405, lambda t: ("delete", PATH, {"query_string": {"memo": t}})),
    "an address that is none": (
        404,
        lambda t: ("get", "/nowhere", {"query_string": {"memo": t}}),
    ),
}


@every_kind
@pytest.mark.parametrize("name", UNUSABLE)
def test_in_a_request_that_cannot_be_answered(client, clean, unasked, kind, name):
    status, request = UNUSABLE[name]
    method, path, options = request(text_of(kind))
    response = clean(getattr(client, method)(path, **options), kind)

    assert response.status_code == status
    assert (response.get_json()["code"] == "secret_exposed") == (status == 400)


@pytest.mark.parametrize("header", ["X-Request-ID", "Accept-Language", "Accept", "User-Agent"])
@pytest.mark.parametrize("kind", ["wif", "compressed", "password"])
def test_in_a_header(client, clean, kind, header):
    sent = {
        header: MADE[kind],
        **({} if header == "Accept" else {"Accept": "application/json"}),
    }
    response = clean(client.get(PATH, query_string=QUESTION, headers=sent), kind)

    assert response.status_code == (406 if header == "Accept" else 200)


def test_the_answer_does_not_depend_on_the_secret(client):
    answers = {
        client.post(PATH, json=QUESTION | {"memo": secret(random.Random(n), "wif")}).text
        for n in range(3)
    }

    assert len(answers) == 1


# --- from raw fields to a case -------------------------------------------------------------


def test_a_field_that_holds_a_secret_counts_as_not_given():
    asked = parse(QUESTION | {"memo": MADE["password"], "destination": MADE["wif"]}, NOW)

    assert asked == replace(
        parse(QUESTION, NOW), exposed=("wif", "password"), exposed_in=("destination", "memo")
    )


def test_what_was_left_out_before_is_told_as_well():
    asked = parse(QUESTION, NOW, exposed=[Exposure("body", "wif")])

    assert (asked.exposed, asked.exposed_in) == (("wif",), ("body",))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"memo": "btc:abc", "n": 1, "x": None}, (), id="nothing"),
        pytest.param({"memo": MADE["wif"]}, (Exposure("memo", "wif"),), id="in a text"),
        pytest.param({MADE["wif"]: ""}, (Exposure("…", "wif"),), id="as a name"),
        pytest.param({"<b>": MADE["wif"]}, (Exposure("…", "wif"),), id="under an odd name"),
        pytest.param({"private_key": MADE["hex"]}, (Exposure("private_key", "private_key"),), id="named by its field"),
        pytest.param({"transaction": MADE["hex"]}, (), id="a hash"),
        pytest.param({"memo": "my key", "transaction": MADE["hex"]}, (), id="a hash beside talk"),
        pytest.param({"memo": list(pair(CHANCE))}, (Exposure("memo", "private_key"),), id="bytes"),
        pytest.param({"memo": 7.5, "n": [1, True, None]}, (), id="numbers"),
        pytest.param({"memo": [[[MADE["wif"]]]]}, (Exposure("memo", "wif"),), id="nested"),
    ],
)  # fmt: skip
def test_fields_are_searched(fields, expected):
    kept = {} if expected else fields

    assert remove_secrets(fields) == RequestFields(kept, expected)


def test_a_case_says_of_secrets_their_kinds_and_nothing_else():
    fields = [name for name in Case.__dataclass_fields__ if name.startswith("exposed")]
    asked = parse(QUESTION | {"memo": MADE["wif"]}, NOW)

    assert [getattr(asked, name) for name in fields] == [("wif",), ("memo",)]
    assert remains(repr(asked), MADE["wif"]) == []


# --- on the command line -------------------------------------------------------------------

OPTIONS = [name for name in KNOWN if name != "account"]


@pytest.fixture
def run(capsys, caplog, monkeypatch):
    monkeypatch.setenv("DIAG_LEDGER", str(LEDGER))

    def command(kind, *arguments):
        status = main.main(arguments)
        out, err = capsys.readouterr()
        seen = out + err + caplog.text
        assert remains(seen, MADE[kind]) == []
        assert "Traceback" not in seen
        return status, out, err

    return command


@pytest.mark.parametrize("number", range(len(OPTIONS)), ids=OPTIONS)
def test_in_an_option(run, number):
    field, kind = OPTIONS[number], EVERY_KIND[number % 10]
    given = {k: v for k, v in QUESTION.items() if k != field} | {field: text_of(kind)}
    options = [f"--{k.replace('_', '-')}={v}" for k, v in given.items() if k != "account"]
    status, out, err = run(kind, "diagnose", given["account"], *options, "--lang", "en")

    if field in NEEDED:
        assert status == 64
        assert SecretExposed().text.en in err and f"  {field}: " in err
    else:
        assert status == 2
        assert out.startswith("Verdict: A key or password was exposed (Urgent,")


@every_kind
def test_as_the_account_of_the_command(run, kind):
    status, out, err = run(kind, "diagnose", text_of(kind), "--last", "6h", "--lang", "zh")

    assert (status, out) == (64, "")
    assert err.startswith(f"diag: {SecretExposed().text.zh}\n  account: ")


@every_kind
@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(lambda text: text.split(" "), id="unquoted"),
        pytest.param(lambda text: ["--format", text], id="as a format"),
        pytest.param(lambda text: [f"--{text}"], id="as an option"),
    ],
)
def test_in_a_mistyped_command(run, kind, typed):
    given = typed(text_of(kind))
    if len(given) == 1 and not given[0].startswith("-"):
        given = ["--since", *given]
    status, out, err = run(kind, "diagnose", "lin-yue", "--last", "6h", *given)

    assert (status, out) == (64, "")
    assert SecretExposed().text.en in " ".join(err.split())
