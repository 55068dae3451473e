"""openapi.yaml is the promise: routes, statuses, enums, schemas and examples are those of the code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from contract import SPEC, TEXT, mistakes, resolved
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from recorded import RECORDED, ledger, register
from waiting import FOREVER, soon
from werkzeug.test import TestResponse

import diag
from diag import errors
from diag.api import probes, request_parsing
from diag.api.app import build_app, create_app
from diag.api.errors import HTTP_TEXTS, STATUS
from diag.bootstrap import build_services
from diag.checks import CHECKS
from diag.config.settings import Settings
from diag.domain import vocabulary
from diag.domain.case import Case
from diag.domain.gateway import Gateway, Role, Status
from diag.domain.history import History
from diag.domain.settlement import Settlement
from diag.domain.withdrawal import ENOUGH_SETTLED, AnswerKind, Completeness
from diag.errors import (
    BadInput,
    CaseError,
    ChainError,
    DiagError,
    NodeError,
    OutOfTime,
    StoreUnavailable,
    Unreachable,
)
from diag.i18n import LANGUAGES
from diag.intake.candidates import Choice, Confidence
from diag.intake.classify.complaint_kind import Kind
from diag.intake.classify.urgency import Reason, Urgency
from diag.intake.extract.identifiers import REMARKS
from diag.intake.followup.questions import Need
from diag.intake.times.model import Precision, Relation
from diag.ledger.replay.server import Replay
from diag.ledger.view import View
from diag.matching.patience import patience
from diag.notices.model import NoticeKind
from diag.render import FORMATS
from diag.schemas.case import KNOWN, CaseSchema
from diag.services import Services

ROOT = Path(__file__).parents[2]
SCHEMAS: dict[str, Any] = SPEC["components"]["schemas"]
REGISTER = register()
KEYS = [gateway.key for gateway in REGISTER.gateways]
TRUTH = json.loads((RECORDED / "truth.json").read_text(encoding="utf-8"))["cases"]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
WINDOW = {"from": "2026-11-21T20:30:00Z", "to": "2026-11-21T21:30:00Z"}
LIN_YUE = {"account": "lin-yue", **WINDOW}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and what the contract says of them."""
    for path, item in SPEC["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


OPERATIONS = list(operations())
OPEN_TO_CALLERS = ("/Question", "/Ticket", "/CaseRequest", "/CasePatch", "/CaseEventRequest")
"""What callers write: not all of its fields are needed."""
OF_CASES = (
    "/v1/cases",
    "/v1/accounts",
    "/v1/deliveries",
    "/v1/hooks",
    "/v1/reports",
    "/panel/cases",
    "/panel/report",
)
"""Addresses that the service of these tests does not have, or that need a case; see
`tests/cases/test_api.py` and `tests/api/test_case_pages.py`."""


def address(path: str) -> str:
    """A path of the contract with its blanks filled in."""
    return path.replace("{key}", KEYS[0]).replace("{name}", "swagger-ui.css")


def misplaced(schema: dict[str, Any], value: Any, place: str = "$") -> list[str]:
    """Objects whose keys are not in the order of the schema's properties."""
    schema = resolved(schema)
    if value is not None and "anyOf" in schema and "properties" not in schema:
        return misplaced(schema["anyOf"][0], value, place)
    if isinstance(value, list):
        items = schema["items"]
        return [m for n, v in enumerate(value) for m in misplaced(items, v, f"{place}[{n}]")]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    found = [] if list(value) == list(schema["properties"]) else [f"{place}: {list(value)}"]
    for key, part in schema["properties"].items():
        if key in value:
            found += misplaced(part, value[key], f"{place}.{key}")
    return found


def pages(parts: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the contract, outside of examples, with where it stands."""
    if isinstance(parts, dict):
        yield place, parts
        for key, part in parts.items():
            if key not in ("example", "examples", "value"):
                yield from pages(part, f"{place}/{key}")
    elif isinstance(parts, list):
        for number, part in enumerate(parts):
            yield from pages(part, f"{place}/{number}")


@pytest.fixture(scope="module")
def made() -> Services:
    return build_services(
        Settings(deadline=FOREVER, ledger=RECORDED, security_contact=("tel:+1-202-555-0100",))
    )


def app_of(made: Services, collect: Callable[[Case], History]) -> Flask:
    """The application around another way to collect, as `create_app` builds it."""
    return build_app(replace(made, collect=collect))


@pytest.fixture(scope="module")
def app(made: Services) -> Flask:
    return app_of(made, made.collect)


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


# --- the document itself -------------------------------------------------------------------


def test_the_contract_is_valid_openapi_3_1() -> None:
    assert SPEC["openapi"].startswith("3.1")
    validate(SPEC)


def test_the_service_serves_this_very_file(client: FlaskClient) -> None:
    assert probes.contract() == TEXT
    response = client.get("/openapi.yaml")
    assert (response.status_code, response.text) == (200, TEXT)
    assert response.content_type.startswith("application/yaml")


def test_the_contract_has_the_version_of_the_product() -> None:
    assert SPEC["info"]["version"] == diag.__version__


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    used = {node["$ref"] for _, node in pages(SPEC) if isinstance(node.get("$ref"), str)}
    lists = [node["examples"] for _, node in pages(SPEC) if "examples" in node]
    shown = [
        example for found in lists if isinstance(found, dict) for example in found.values()
    ]
    used |= {example["$ref"] for example in shown if "$ref" in example}
    used |= {f"#/components/securitySchemes/{name}" for way in SPEC["security"] for name in way}
    there = {
        f"#/components/{kind}/{name}"
        for kind, parts in SPEC["components"].items()
        for name in parts
    }
    assert used <= there
    assert there == used


def test_objects_with_fixed_keys_require_all_and_admit_no_others() -> None:
    loose = []
    for place, node in pages(SCHEMAS):
        if node.get("type") != "object" or "properties" not in node:
            continue
        complete = list(node["properties"]) == node.get("required")
        if place in OPEN_TO_CALLERS:
            complete = True
        if not complete or node.get("additionalProperties") is not False:
            loose.append(place)
    assert loose == []


def test_every_parameter_has_a_description_an_example_and_a_type() -> None:
    for name, parameter in SPEC["components"]["parameters"].items():
        assert parameter["description"].strip(), name
        assert mistakes(parameter["schema"], parameter["example"]) == [], name


def test_every_header_has_a_description_and_a_valid_example() -> None:
    for name, header in SPEC["components"]["headers"].items():
        assert header["description"].strip(), name
        assert mistakes(header["schema"], header["example"]) == [], name


def test_every_field_of_the_question_has_a_description_and_valid_examples() -> None:
    for name, field in SCHEMAS["Question"]["properties"].items():
        assert field["description"].strip(), name
        assert field["examples"], name
        for example in field["examples"]:
            assert mistakes(field, example) == [], name


# --- routes and fields ---------------------------------------------------------------------


def test_routes_and_paths_are_the_same_in_both_directions(app: Flask) -> None:
    automatic = {"HEAD", "OPTIONS"}
    served = {
        (re.sub("<([^<>:]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - automatic
    }
    assert served == {(path, method) for path, method, _ in OPERATIONS}


def test_every_operation_has_a_unique_id_and_a_summary() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert all(operation["summary"] for _, _, operation in OPERATIONS)


def test_the_blanks_of_a_path_are_exactly_its_parameters() -> None:
    for path, method, _ in OPERATIONS:
        assert parameters(path, method, "path") == re.findall("{([^{}]+)}", path), path


def parameters(path: str, method: str, kind: str) -> list[str]:
    found = (resolved(p) for p in SPEC["paths"][path][method]["parameters"])
    return [p["name"] for p in found if p["in"] == kind]


def test_the_query_has_exactly_the_fields_that_are_read() -> None:
    assert parameters("/v1/diagnoses", "get", "query") == [
        *KNOWN,
        "format",
        "lang",
    ]
    assert set(parameters("/v1/diagnoses", "post", "query")) == request_parsing.VIEW_FIELDS


def test_the_panel_takes_every_field_that_can_be_asked() -> None:
    box = ["q", "page", "only"]
    assert parameters("/panel", "get", "query") == [KNOWN[0], *box, *KNOWN[1:], "lang"]


def test_the_body_has_exactly_the_fields_that_are_read() -> None:
    assert list(SCHEMAS["Question"]["properties"]) == [*KNOWN, "format", "lang"]
    required = [name for name, f in CaseSchema().fields.items() if f.required]
    assert SCHEMAS["Question"]["required"] == required


def test_body_and_query_say_the_same_of_each_field() -> None:
    asked = map(resolved, SPEC["paths"]["/v1/diagnoses"]["get"]["parameters"])
    by_name = {p["name"]: p for p in asked}
    for name, field in SCHEMAS["Question"]["properties"].items():
        refs = [part.get("$ref") for part in field.get("anyOf", [field])]
        assert by_name[name]["schema"]["$ref"] in refs, name


# --- words ---------------------------------------------------------------------------------


def values(kind: type[StrEnum]) -> list[str]:
    return [str(value) for value in kind]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ("Outcome", vocabulary.Outcome),
        ("Stage", vocabulary.Stage),
        ("Severity", vocabulary.Severity),
        ("Actor", vocabulary.Actor),
        ("Advice", vocabulary.Advice),
        ("ResendSafe", vocabulary.ResendSafe),
        ("Finality", vocabulary.Finality),
        ("Confidence", vocabulary.Confidence),
        ("Ask", vocabulary.Ask),
        ("GatewayStatus", Status),
        ("Settlement", Settlement),
    ],
)
def test_enums_are_those_of_the_code(schema: str, kind: type[StrEnum]) -> None:
    assert SCHEMAS[schema]["enum"] == values(kind)


def test_enums_of_answers_are_those_of_the_code() -> None:
    answer = SCHEMAS["Answer"]["properties"]
    assert answer["kind"]["enum"] == values(AnswerKind)
    assert answer["completeness"]["enum"] == values(Completeness)


def test_the_roles_of_a_gateways_accounts_are_those_of_the_code() -> None:
    assert SCHEMAS["GatewayAccount"]["properties"]["role"]["enum"] == values(Role)


def test_the_sources_of_times_are_those_of_the_code() -> None:
    minute = timedelta(minutes=1)
    known, unknown = Gateway("A", "A", usual=minute), Gateway("B", "B")
    bases = [
        patience(known, [minute] * ENOUGH_SETTLED).basis,
        patience(known, []).basis,
        patience(unknown, []).basis,
    ]
    assert SCHEMAS["Cohort"]["properties"]["times_from"]["enum"] == bases
    assert SCHEMAS["Eta"]["properties"]["basis"]["enum"] == [*bases, "protocol", None]


def test_formats_and_languages_are_those_of_the_code() -> None:
    assert SCHEMAS["Format"]["enum"] == list(FORMATS)
    assert SCHEMAS["Lang"]["enum"] == list(LANGUAGES)


def test_the_codes_are_exactly_those_of_the_checks() -> None:
    codes = [rule.code for check in CHECKS for rule in check.RULES]

    assert sorted(SCHEMAS["Code"]["enum"]) == sorted(codes)


# --- examples ------------------------------------------------------------------------------


def examples() -> Iterator[Any]:
    """Every example of a body, with the schema it stands beside."""
    for place, node in pages(SPEC):
        if "schema" not in node or not ({"example", "examples"} & set(node)):
            continue
        if "example" in node:
            yield pytest.param(node["schema"], node["example"], id=f"{place}/example")
        for name, shown in (node.get("examples") or {}).items():
            yield pytest.param(node["schema"], resolved(shown)["value"], id=f"{place}/{name}")


EXAMPLES = list(examples())
SETTLED = SPEC["components"]["examples"]["Settled"]["value"]


@pytest.mark.parametrize(("schema", "value"), EXAMPLES)
def test_every_example_validates(schema: dict[str, Any], value: Any) -> None:
    assert mistakes(schema, value) == []


def test_every_shared_example_is_shown_somewhere() -> None:
    shown = {id(parameter.values[1]) for parameter in EXAMPLES}
    for name, example in SPEC["components"]["examples"].items():
        assert id(example["value"]) in shown, name


def without_words(value: Any) -> Any:
    """Without what may be said in other words tomorrow: texts, and digests of the rules."""
    if isinstance(value, list):
        return [without_words(part) for part in value]
    if not isinstance(value, dict):
        return value
    if set(value) == set(LANGUAGES):
        return "words"
    kept = {k: v for k, v in value.items() if k not in ("id", "ruleset", "facts")}
    return {k: without_words(v) for k, v in kept.items()}


def test_the_settled_example_is_what_the_service_answers(client: FlaskClient) -> None:
    asked = {k: SETTLED["case"][k] for k in ("account", "from", "to", "asset", "amount")}
    answered = client.post("/v1/diagnoses", json=asked).get_json()
    assert without_words(answered) == without_words(SETTLED)


def without_times(said: dict[str, Any]) -> dict[str, Any]:
    """What a clock of this machine measured is another figure each time."""
    nodes = [node | {"latency_ms": None} for node in said.get("nodes", [])]
    return said | ({"nodes": nodes} if nodes else {})


@pytest.mark.parametrize(
    ("name", "path"),
    [("GatewayNow", "/v1/gateways/HARBOR"), ("Network", "/v1/network")],
)
def test_the_example_is_what_the_service_answers(
    client: FlaskClient, name: str, path: str
) -> None:
    shown = SPEC["components"]["examples"][name]["value"]
    assert without_times(client.get(path).get_json()) == without_times(shown)


def test_the_intake_example_is_what_the_service_answers(client: FlaskClient) -> None:
    [asked] = SPEC["paths"]["/v1/intake"]["post"]["requestBody"]["content"]["application/json"][
        "examples"
    ].values()
    response = client.post("/v1/intake", json=asked["value"])
    assert response.get_json() == SPEC["components"]["examples"]["Intake"]["value"]


def test_the_gateway_of_the_example_is_one_of_those_listed(client: FlaskClient) -> None:
    [shown] = SPEC["components"]["examples"]["Gateways"]["value"]["gateways"]
    assert shown in client.get("/v1/gateways").get_json()["gateways"]


def test_a_gateway_is_told_as_in_the_list_and_only_its_present_is_added() -> None:
    listed, single = SCHEMAS["Gateway"]["properties"], SCHEMAS["GatewayNow"]["properties"]
    assert {**listed, "live": single["live"]} == single


def test_the_bad_input_example_is_what_the_service_answers(client: FlaskClient) -> None:
    shown = SPEC["components"]["examples"]["BadInput"]["value"]
    query = {"acount": "lin-yue", "from": "2026-11-21", "to": WINDOW["to"]}
    headers = {"X-Request-ID": shown["request_id"]}
    response = client.get("/v1/diagnoses", query_string=query, headers=headers)
    assert without_words(response.get_json()) == without_words(shown)


# --- real answers --------------------------------------------------------------------------


def promised(path: str, method: str, response: TestResponse) -> list[str]:
    """What of a response the contract does not promise."""
    documented = SPEC["paths"].get(path, {}).get(method, {}).get("responses", {})
    status = str(response.status_code)
    if status not in documented:
        return [f"status {status} is not documented"]
    return kept(documented[status], response)


def kept(documented: dict[str, Any], response: TestResponse) -> list[str]:
    """Where the body differs from its documentation in the order of keys; the rest is seen to
    for every response of every test (`contract`)."""
    content = resolved(documented)["content"].get(response.mimetype)
    assert content, response.mimetype
    if not response.mimetype.endswith("json"):
        return []
    return misplaced(content["schema"], response.get_json())


def question(case: dict[str, Any]) -> dict[str, Any]:
    window = {"from": f"{case['from']}Z", "to": f"{case['to']}Z"}
    return {"account": case["account"], **window, **case["claim"]}


@pytest.mark.parametrize("case", TRUTH, ids=lambda case: case["id"])
def test_every_recorded_case_is_answered_as_promised(
    client: FlaskClient, case: dict[str, Any]
) -> None:
    response = client.post("/v1/diagnoses", json=question(case))
    assert promised("/v1/diagnoses", "post", response) == []
    body = response.get_json()
    assert response.headers["X-Diag-Verdict"] == body["verdict"]["code"]


@pytest.mark.parametrize("case", TRUTH, ids=lambda case: case["id"])
def test_every_recorded_question_fits_the_schema_of_questions(case: dict[str, Any]) -> None:
    assert mistakes(SCHEMAS["Question"], question(case)) == []


@pytest.mark.parametrize(
    "path",
    [
        path
        for path, item in SPEC["paths"].items()
        if "get" in item and path != "/v1/diagnoses" and not path.startswith(OF_CASES)
    ],
    ids=str,
)
def test_every_other_address_answers_as_promised(client: FlaskClient, path: str) -> None:
    response = client.get(address(path))
    assert response.status_code == (302 if path == "/" else 200)
    assert promised(path, "get", response) == []


@pytest.mark.parametrize("key", KEYS)
def test_every_gateway_is_answered_as_promised(client: FlaskClient, key: str) -> None:
    response = client.get(f"/v1/gateways/{key}")
    assert response.status_code == 200
    assert promised("/v1/gateways/{key}", "get", response) == []
    assert response.get_json()["key"] == key


@pytest.mark.parametrize("ledger", ["degraded_mild", "degraded_severe"])
def test_a_chain_in_trouble_is_answered_as_promised(ledger: str) -> None:
    client = create_app(Settings(deadline=FOREVER, ledger=RECORDED / ledger)).test_client()
    for path in ("/v1/gateways", "/v1/gateways/{key}", "/v1/network", "/readyz"):
        response = client.get(address(path))
        assert response.status_code == 200
        assert promised(path, "get", response) == []


def test_the_registered_gateways_of_the_main_network_are_listed_as_promised() -> None:
    client = create_app(Settings(nodes=("http://127.0.0.1:9",))).test_client()
    response = client.get("/v1/gateways")
    assert promised("/v1/gateways", "get", response) == []
    assert len(response.get_json()["gateways"]) > 1


@pytest.mark.parametrize("key", ["NOWHERE", KEYS[0].lower(), "%00", "{key}"])
def test_an_unknown_gateway_is_answered_as_promised(client: FlaskClient, key: str) -> None:
    response = client.get(f"/v1/gateways/{key}")
    assert response.status_code == 404
    assert promised("/v1/gateways/{key}", "get", response) == []


def test_text_is_answered_as_promised(client: FlaskClient) -> None:
    response = client.get("/v1/diagnoses", query_string={**LIN_YUE, "format": "text"})
    assert response.mimetype == "text/plain"
    assert promised("/v1/diagnoses", "get", response) == []


@pytest.mark.parametrize(
    ("query", "status"),
    [(LIN_YUE, 200), ({"account": "N O"}, 400)],
    ids=["answered", "refused"],
)
def test_the_panel_answers_as_promised(
    client: FlaskClient, query: dict[str, str], status: int
) -> None:
    response = client.get("/panel", query_string=query)
    assert response.status_code == status
    assert promised("/panel", "get", response) == []


@pytest.mark.parametrize("status", [500, 503])
def test_a_panel_that_cannot_ask_answers_as_promised(made: Services, status: int) -> None:
    def fail(case: Case) -> History:
        raise ChainError if status == 503 else DiagError

    response = app_of(made, fail).test_client().get("/panel", query_string=LIN_YUE)
    assert response.status_code == status
    assert promised("/panel", "get", response) == []


def test_html_is_answered_as_promised(client: FlaskClient) -> None:
    response = client.get("/v1/diagnoses", query_string={**LIN_YUE, "format": "html"})
    assert response.mimetype == "text/html"
    assert promised("/v1/diagnoses", "get", response) == []


def test_markdown_is_answered_as_promised(client: FlaskClient) -> None:
    response = client.get("/v1/diagnoses", query_string={**LIN_YUE, "format": "markdown"})
    assert response.mimetype == "text/markdown"
    assert promised("/v1/diagnoses", "get", response) == []


@pytest.mark.parametrize("query", [{}, {"gateway": "NORTH"}, {"gateway": "X"}, {"at": "now"}])
def test_notices_are_answered_as_promised(tmp_path: Path, query: dict[str, str]) -> None:
    path = tmp_path / "notices.toml"
    path.write_text(
        'notices = [{ id = "n", kind = "incident", from = 2026-11-01, gateway = "NORTH", '
        'text = { zh = "有故障", en = "A fault" }, channels = ["t.me/north"] }]',
        encoding="utf-8",
    )
    client = create_app(Settings(deadline=FOREVER, ledger=RECORDED, notices=path)).test_client()
    response = client.get("/v1/notices", query_string=query)
    assert promised("/v1/notices", "get", response) == []
    asked = {"account": "zhao-ming", "last": "12h"}
    assert (
        promised("/v1/diagnoses", "get", client.get("/v1/diagnoses", query_string=asked)) == []
    )


def test_the_kinds_of_notices_are_those_of_the_code() -> None:
    assert SCHEMAS["Notice"]["properties"]["kind"]["enum"] == list(NoticeKind)


def test_every_problem_of_a_get_is_answered_as_promised(client: FlaskClient) -> None:
    queries = [
        ({}, {}, 400),
        ({**LIN_YUE, "format": "xml"}, {}, 400),
        ({**LIN_YUE, "asset": "NOPE"}, {}, 400),
        (LIN_YUE, {"Accept": "image/png"}, 406),
    ]
    for query, headers, status in queries:
        response = client.get("/v1/diagnoses", query_string=query, headers=headers)
        assert response.status_code == status
        assert promised("/v1/diagnoses", "get", response) == []


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        pytest.param(b"{}", "application/json", 400, id="empty object"),
        pytest.param(b"[", "application/json", 400, id="not JSON"),
        pytest.param(b" " * 65_537, "application/json", 413, id="too large"),
        pytest.param(b"{}", "text/plain", 415, id="wrong type"),
    ],
)
def test_every_problem_of_a_post_is_answered_as_promised(
    client: FlaskClient, body: bytes, content_type: str, status: int
) -> None:
    response = client.post("/v1/diagnoses", data=body, content_type=content_type)
    assert response.status_code == status
    assert promised("/v1/diagnoses", "post", response) == []


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        pytest.param('{"text": "提币未到账"}', "application/json", 200, id="JSON"),
        pytest.param("提币未到账", "text/plain", 200, id="text"),
        pytest.param("{}", "application/json", 400, id="no text"),
        pytest.param(b"\xff", "text/plain", 400, id="not UTF-8"),
        pytest.param(b" " * 65_537, "text/plain", 413, id="too large"),
        pytest.param("{}", "application/xml", 415, id="wrong type"),
    ],
)
def test_an_intake_is_answered_as_promised(
    client: FlaskClient, body: bytes, content_type: str, status: int
) -> None:
    response = client.post("/v1/intake", data=body, content_type=content_type)
    assert response.status_code == status
    assert promised("/v1/intake", "post", response) == []


def test_the_words_of_an_intake_are_those_of_the_code() -> None:
    shown = SCHEMAS["Intake"]["properties"]
    assert SCHEMAS["Kind"]["enum"] == values(Kind)
    assert shown["urgency"]["properties"]["level"]["enum"] == values(Urgency)
    assert shown["urgency"]["properties"]["reason"]["enum"] == values(Reason)
    assert shown["missing"]["items"]["enum"] == values(Need)
    assert shown["remarks"]["items"]["properties"]["code"]["enum"] == list(REMARKS)
    assert SCHEMAS["IntakeField"]["properties"]["choice"]["enum"] == [*values(Choice), None]
    time = SCHEMAS["IntakeTime"]["properties"]
    assert time["precision"]["enum"] == values(Precision)
    assert time["relation"]["enum"] == values(Relation)
    assert SCHEMAS["Confidence"]["enum"] == values(Confidence)


@pytest.mark.parametrize("path", SPEC["paths"], ids=str)
def test_a_wrong_method_is_answered_as_promised_everywhere(
    client: FlaskClient, path: str
) -> None:
    refused = next(m for m in ("delete", "put") if m not in SPEC["paths"][path])
    response = client.open(address(path), method=refused.upper())
    assert response.status_code == 405
    method = next(method for method in METHODS if method in SPEC["paths"][path])
    assert promised(path, method, response) == []


def test_an_unknown_address_is_answered_as_promised(client: FlaskClient) -> None:
    response = client.get("/v1/nothing")
    assert response.status_code == 404
    assert kept(SPEC["components"]["responses"]["NotFound"], response) == []


FAILURES: dict[str, tuple[Exception, int]] = {
    "nobody answers": (Unreachable("connection refused"), 503),
    "out of time": (OutOfTime(), 503),
    "the node is broken": (NodeError(-32000, "assert_exception", "no"), 503),
    "chain": (ChainError(), 503),
    "our own error": (DiagError(), 500),
    "a crash": (RuntimeError("secret detail"), 500),
}


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_failure_is_answered_as_promised(made: Services, method: str, name: str) -> None:
    error, status = FAILURES[name]

    def fail(case: Case) -> History:
        raise error

    asked: dict[str, Any] = {"query_string": LIN_YUE} if method == "get" else {"json": LIN_YUE}
    response = (
        app_of(made, fail).test_client().open("/v1/diagnoses", method=method.upper(), **asked)
    )
    assert response.status_code == status
    assert promised("/v1/diagnoses", method, response) == []


@pytest.mark.parametrize("path", ["/readyz", "/v1/network", "/v1/gateways/{key}"])
def test_a_service_without_nodes_answers_as_promised(made: Services, path: str) -> None:
    dead = build_services(Settings(nodes=("http://127.0.0.1:9",)))
    client = build_app(replace(dead, register=made.register)).test_client()
    response = client.get(address(path))
    assert response.status_code == 503
    assert promised(path, "get", response) == []


@pytest.mark.parametrize("seconds", [33, 39_999])
def test_a_node_that_is_behind_is_answered_as_promised(seconds: int) -> None:
    with Replay(ledger().with_view(View(behind=seconds))) as node:
        client = build_app(
            build_services(Settings(nodes=(node.url,), clock=node.ledger.clock, ahead=0))
        ).test_client()
        assert_behind(client, seconds)


def assert_behind(client: FlaskClient, seconds: int) -> None:
    answers: list[Any] = []

    def told() -> bool:
        answers[:] = client.get("/readyz"), client.get("/v1/network")
        [node] = answers[0].get_json()["nodes"]
        return bool(node["state"] == "behind" and answers[1].status_code == 200)

    assert soon(told)  # not at once where the machine is too busy to look in time
    ready, network = answers
    assert ready.status_code == 503
    assert promised("/readyz", "get", ready) == []
    assert promised("/v1/network", "get", network) == []
    [node] = ready.get_json()["nodes"]
    assert not node["ok"]
    assert node["seconds_behind"] == network.get_json()["nodes"][0]["seconds_behind"] == seconds
    said = network.get_json()
    assert (said["stale"], said["seconds_behind"]) == (True, seconds)


def test_every_status_of_the_code_is_documented() -> None:
    documented = {s for _, _, operation in OPERATIONS for s in operation["responses"]} | {"404"}
    answered = {str(status) for _, status in STATUS} | {str(s) for s in HTTP_TEXTS}
    assert answered <= documented
    assert documented - answered == {"200", "201", "202", "204", "302", "303", "304", "403"}
    assert {str(s) for s in SCHEMAS["Problem"]["properties"]["status"]["enum"]} == answered


def test_every_error_that_a_request_can_meet_has_its_code_documented() -> None:
    codes = {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, (BadInput, CaseError, ChainError, StoreUnavailable))
        and kind is not CaseError
    }
    documented = set(SCHEMAS["Problem"]["properties"]["code"]["enum"])
    assert codes | {DiagError.code} <= documented


def test_the_code_of_a_problem_is_the_same_on_every_python(client: FlaskClient) -> None:
    """The names in http.HTTPStatus changed with Python 3.13; codes are API and must not."""
    response = client.post("/v1/diagnoses", data=b" " * 65_537, content_type="application/json")
    assert response.get_json()["code"] == errors.TooLarge.code


# --- triage --------------------------------------------------------------------------------


def lines_of(response: TestResponse) -> list[Any]:
    return [json.loads(line) for line in response.text.splitlines()]


def test_every_line_of_a_triage_is_as_promised(client: FlaskClient) -> None:
    rows = [{"ticket": case["id"], **question(case)} for case in TRUTH]
    rows += [{"ticket": "T-2"}, {"account": "lin-yue", "memo": WIF, "last": "6h"}]
    body = "\n".join(map(json.dumps, rows))
    response = client.post("/v1/triage", data=body, content_type="application/x-ndjson")

    *answers, end = lines_of(response)
    assert response.status_code == 200
    assert len(answers) == len(rows)
    for schema, line in [*(("TriageRow", line) for line in answers), ("TriageEnd", end)]:
        assert mistakes(SCHEMAS[schema], line) == []
        assert misplaced(SCHEMAS[schema], line) == []
    for name in ("Content-Language", "Vary", "X-Request-ID"):
        assert response.headers[name]


WIF = "5K" + "a" * 49


def test_the_problem_example_of_a_triage_is_what_the_service_answers(
    client: FlaskClient,
) -> None:
    body = json.dumps(LIN_YUE) + "\n" + json.dumps({"ticket": "T-2", "last": "6h"})
    response = client.post("/v1/triage", data=body, content_type="application/jsonl")
    shown = SPEC["components"]["examples"]["TriageProblem"]["value"]
    assert shown in lines_of(response)


@pytest.mark.parametrize(
    ("body", "options", "status"),
    [
        pytest.param(b"", {"content_type": "text/csv"}, 400, id="no rows"),
        pytest.param(b"a,b\n1,2", {"content_type": "text/csv"}, 400, id="no account"),
        pytest.param(b"{}", {"content_type": "application/xml"}, 415, id="wrong type"),
        pytest.param(
            b"{}",
            {"content_type": "text/csv", "headers": {"Accept": "image/png"}},
            406,
            id="wrong answer",
        ),
        pytest.param(
            b"{}\n" * 5001, {"content_type": "application/jsonl"}, 413, id="too many rows"
        ),
        pytest.param(
            b" " * (4 * 1024 * 1024 + 1), {"content_type": "text/csv"}, 413, id="too large"
        ),
        pytest.param(
            b"{}",
            {"content_type": "text/csv", "query_string": {"account": "a"}},
            400,
            id="a field of a row in the address",
        ),
    ],
)
def test_every_problem_of_a_triage_is_answered_as_promised(
    client: FlaskClient, body: bytes, options: dict[str, Any], status: int
) -> None:
    response = client.post("/v1/triage", data=body, **options)
    assert response.status_code == status
    assert promised("/v1/triage", "post", response) == []
