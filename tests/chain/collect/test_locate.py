"""An id alone is enough: the account and the time of what it names are found on the chain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from recorded import RECORDED, diagnoses, ledger, register, stories
from told import bent
from waiting import FOREVER

from diag.bootstrap import build_services
from diag.chain.collect.locate import locate
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Call, Deadline, Reply
from diag.config.settings import Settings
from diag.diagnosis.engine import diagnose
from diag.domain.identifier import Identifier, IdentifierKind, Located
from diag.errors import BadInput, Unreachable
from diag.services import Services

OPERATION, TRANSACTION = IdentifierKind.OPERATION, IdentifierKind.TRANSACTION
TXID = "8808e7d235ed58b508bf449811eef013b5ba16e3"
SENT = datetime(2026, 11, 22, 8, 0, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def services() -> Services:
    return build_services(Settings(deadline=FOREVER, ledger=RECORDED, ahead=0.0))


@pytest.mark.parametrize(
    "identifier",
    [Identifier(OPERATION, "1.11.24815"), Identifier(TRANSACTION, TXID)],
    ids=["an operation", "a transaction to a gateway"],
)
def test_an_id_tells_its_account_and_its_time(
    services: Services, identifier: Identifier
) -> None:
    assert services.locate(identifier) == Located(identifier, "zhao-ming", SENT)


def test_the_id_of_a_withdrawal_opens_its_case(services: Services) -> None:
    """With the same verdict about it as where the account and the window are given."""
    known = [diagnoses()[story["id"]] for story in stories("")]
    with_id = [one for one in known if one.verdict.finding.withdrawal_id]
    assert len(with_id) > 30
    for one in with_id:
        identifier = Identifier(OPERATION, one.verdict.finding.withdrawal_id or "")
        case = services.locate(identifier).case(services.now())
        found = diagnose(case, services.collect, services.register, services.checks)

        assert case.operation == identifier.value
        assert found.verdict.finding.withdrawal_id == identifier.value
        assert found.evidence.case.account == one.evidence.case.account


@pytest.mark.parametrize(
    ("identifier", "field"),
    [
        pytest.param(Identifier(OPERATION, "1.11.999999999"), "operation", id="an operation"),
        pytest.param(Identifier(TRANSACTION, "0" * 40), "transaction", id="a transaction"),
    ],
)
def test_an_id_that_nobody_knows_is_refused_with_the_remedy(
    services: Services, identifier: Identifier, field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        services.locate(identifier)

    [wrong] = caught.value.errors
    assert wrong.field == field
    assert identifier.value in wrong.text.say("zh") and identifier.value in wrong.text.say("en")
    assert "give the account" in wrong.text.say("en")


class Told:
    """The recorded chain, as it answers some methods otherwise."""

    name, in_order = "told", True

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
        return bent(ledger(), calls, lambda call, said: self.answers.get(call.method, said))


def found(identifier: Identifier, node: Told, index: Any = None) -> Located:
    session = Session([node], Deadline(60), clock=lambda: ledger().clock, index=index)
    return locate(session, identifier, register())


def test_a_transaction_that_a_node_still_knows_by_its_id_is_of_now() -> None:
    zhao = ledger().answer("database", "get_accounts", [["zhao-ming"]])[0]["id"]
    transaction = {"operations": [[0, {"from": zhao, "to": "1.2.0"}]], "expiration": "x"}
    node = Told(get_recent_transaction_by_id=transaction)
    identifier = Identifier(TRANSACTION, "12" * 20)

    assert found(identifier, node) == Located(identifier, "zhao-ming", ledger().clock)


def test_what_the_node_has_pruned_is_found_in_the_index() -> None:
    zhao = ledger().answer("database", "get_accounts", [["zhao-ming"]])[0]["id"]
    document = {
        "account_history": {
            "id": "2.9.7", "account": zhao, "operation_id": "1.11.7", "sequence": 1, "next": "2.9.0",
        },
        "operation_history": {
            "trx_in_block": 0, "op_in_trx": 0, "virtual_op": 0, "operation_result": "[0,{}]",
            "op": f'[0,{{"from":"{zhao}","to":"1.2.0","amount":{{"amount":1,"asset_id":"1.3.0"}}}}]',
        },
        "operation_type": 0,
        "block_data": {"block_num": 5, "block_time": "2026-11-21T07:00:00", "trx_id": "34" * 20},
    }  # fmt: skip
    asked: list[Any] = []

    class Index:
        name = "index"

        def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
            asked.extend(calls)
            return [[{"_source": document, "sort": [1]}] for _ in calls]

    identifier = Identifier(TRANSACTION, "34" * 20)
    at = datetime(2026, 11, 21, 7, tzinfo=UTC)

    assert found(identifier, Told(), Index()) == Located(identifier, "zhao-ming", at)
    assert "34" * 20 in str(asked)


@pytest.mark.parametrize("answer", [Unreachable("x"), [], [7], {"x": 1}, "x", [{"op": 1}]])
def test_whatever_a_node_answers_is_an_unknown_id_or_a_failure(answer: Any) -> None:
    changed = {"get_recent_transaction_by_id": answer, "get_account_history": answer}
    with pytest.raises((BadInput, Unreachable)):
        found(Identifier(TRANSACTION, "56" * 20), Told(**changed))


SENT_ON = {"from": "1.2.5", "to": "1.2.9", "amount": {"amount": 1, "asset_id": "1.3.0"}}


@pytest.mark.parametrize(
    ("body", "account"),
    [
        pytest.param({"from": "1.2.5", "to": "1.2.9"}, "1.2.5", id="who sent"),
        pytest.param({"from": "1.2.9", "to": "1.2.5"}, "1.2.5", id="sent by a gateway"),
        pytest.param({"issuer": "1.2.9", "issue_to_account": "1.2.5"}, "1.2.5", id="issued"),
        pytest.param({"payer": "1.2.9", "amount_to_reserve": {}}, "1.2.9", id="its own burn"),
        pytest.param(
            {
                "fee_paying_account": "1.2.5",
                "expiration_time": "2026-11-22T12:00:00",
                "proposed_ops": [],
            },
            "1.2.5",
            id="proposed",
        ),
        pytest.param(
            {
                "fee_paying_account": "1.2.6",
                "expiration_time": "2026-11-22T12:00:00",
                "proposed_ops": [{"op": [0, SENT_ON]}, 7],
            },
            "1.2.5",
            id="proposed by somebody else",
        ),
        pytest.param({"bidder": "1.2.5"}, "1.2.5", id="a field of another name"),
        pytest.param({"fee": {}, "asset": "1.3.0"}, None, id="nobody"),
        pytest.param(None, None, id="unreadable"),
    ],
)
def test_the_user_asks_and_not_the_gateway(body: Any, account: str | None) -> None:
    gateway = ledger().answer("database", "get_accounts", [["north-wallet"]])[0]["id"]
    said = json.loads(json.dumps(body).replace('"1.2.9"', json.dumps(gateway)))
    kind = 22 if "proposed_ops" in (body or ()) else 8
    node = Told(get_recent_transaction_by_id={"operations": [[kind, said]]})
    identifier = Identifier(TRANSACTION, "12" * 20)
    if account is None:
        with pytest.raises(BadInput):
            found(identifier, node)
        return
    wanted = account if account != "1.2.9" else gateway
    [known] = ledger().answer("database", "get_objects", [[wanted]])
    assert found(identifier, node).account == known["name"]


def test_an_operation_whose_record_names_nobody_is_looked_up_in_its_block() -> None:
    """Such as an account's upgrade: it moves no coins."""
    [row] = ledger().answer("database", "get_objects", [["1.11.24815"]])
    zhao = row["op"][1]["from"]
    upgrade = row | {"op": [8, {"fee": row["op"][1]["fee"], "account_to_upgrade": zhao}]}
    chain = ledger().answer("database", "get_objects", [["2.1.0", "2.0.0"]])
    account = ledger().answer("database", "get_objects", [[zhao]])
    shown = {"2.1.0": chain, "1.11.24815": [upgrade], zhao: account}

    class Upgraded(Told):
        def ask(self, calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
            return bent(ledger(), calls, self.bend)

        def bend(self, call: Call, said: Any) -> Any:
            return shown[call.args[0][0]] if call.method == "get_objects" else said

    identifier = Identifier(OPERATION, "1.11.24815")
    assert found(identifier, Upgraded()) == Located(identifier, "zhao-ming", SENT)


def test_the_window_never_goes_beyond_now() -> None:
    now = SENT + timedelta(hours=1)
    case = Located(Identifier(OPERATION, "1.11.5"), "alice", SENT).case(now, "Asia/Shanghai")

    assert (case.start, case.end) == (SENT - timedelta(hours=12), now)
    assert (case.operation, case.transaction, case.zone) == ("1.11.5", None, "Asia/Shanghai")
