"""Any id alone leads to an account and a time: an operation's, or a transaction's."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elastic import document
from recorded import ledger, register
from waiting import FOREVER

from diag.chain.collect.locate import Located, Locator, whose
from diag.ledger.node import Ledger, LedgerSource
from diag.ledger.view import View

TRANSACTION = "8808e7d235ed58b508bf449811eef013b5ba16e3"
SENT = datetime(2026, 11, 22, 8, 0, 12, tzinfo=UTC)


def locate(identifier: str, node: Any = None, index: Any = None) -> Located | None:
    source = LedgerSource(node or ledger(), "ledger")
    locator = Locator(
        [source],
        register(),
        seconds=FOREVER,
        chain_id=None,
        clock=lambda: ledger().clock,
        index=index,
    )
    return locator(identifier)


@pytest.mark.parametrize("unknown", ["1.11.99999999", "ab" * 20, TRANSACTION])
def test_an_id_that_nobody_knows_leads_nowhere(unknown: str) -> None:
    assert locate(unknown) is None


@pytest.mark.parametrize("view", [View(), View(legacy=True)], ids=["today", "before 6.1"])
def test_an_operation_leads_to_its_account_and_time(view: View) -> None:
    found = locate("1.11.24815", ledger().with_view(view))
    assert found is not None
    assert (found.account, found.operation) == ("zhao-ming", "1.11.24815")
    assert found.start < SENT < found.end
    assert found.end - found.start <= timedelta(hours=2)


class Recent(Ledger):
    """A node that still holds a transaction that has not expired."""

    def answer(self, api: str | int, method: str, args: Any) -> Any:
        if method == "get_recent_transaction_by_id" and args[0] == TRANSACTION:
            body = self.operation(24815)["op"]
            return {"expiration": "2026-11-22T08:10:00", "operations": [body]}
        return super().answer(api, method, args)


def test_a_transaction_that_has_not_expired_leads_to_its_account() -> None:
    found = locate(TRANSACTION, Recent(ledger().recording))
    assert found is not None
    assert (found.account, found.transaction) == ("zhao-ming", TRANSACTION)
    assert found.start < SENT < found.end <= ledger().clock


class Index:
    """An index that answers each search with one document."""

    name = "index"

    def __init__(self, document: Any) -> None:
        self.document = document
        self.asked: list[Any] = []

    def ask(self, calls: Any, deadline: Any) -> list[Any]:
        self.asked += [call.args[0] for call in calls]
        return [[{"_source": self.document}] for _ in calls]


def test_an_older_transaction_is_looked_up_in_the_index() -> None:
    [account] = ledger().answer("database", "get_accounts", [["zhao-ming"], False])
    place = list(ledger().history(account["id"]).operations).index(24815)
    index = Index(document(ledger(), account["id"], place))
    found = locate(TRANSACTION, index=index)
    assert TRANSACTION in json.dumps(index.asked)
    assert found is not None
    assert (found.account, found.transaction) == ("zhao-ming", TRANSACTION)
    assert found.start < SENT < found.end


@pytest.mark.parametrize(
    ("body", "person"),
    [
        ({"from": "1.2.7", "to": "1.2.99"}, "1.2.7"),
        ({"from": "1.2.99", "to": "1.2.7"}, "1.2.7"),
        ({"from": "1.2.7", "to": "1.2.8"}, "1.2.7"),
        ({"issuer": "1.2.99", "issue_to_account": "1.2.7"}, "1.2.7"),
        ({"payer": "1.2.99", "amount_to_reserve": {}}, "1.2.99"),
        ({"fee_paying_account": "1.2.7", "proposed_ops": []}, "1.2.7"),
        ({"fee": {}}, None),
    ],
)
def test_of_two_sides_the_one_that_is_no_gateway_is_meant(
    body: dict[str, Any], person: str | None
) -> None:
    assert whose(body, frozenset({"1.2.99"})) == person
