"""What is said to have changed between two diagnoses of a case, and what is not."""

import re
from datetime import timedelta
from typing import Any

import pytest
from desks import at, verdict

from diag.cases.changes import compare

NOON = at("2026-11-22T12:00:00")
LATER = NOON + timedelta(minutes=10)
SETTLED: dict[str, Any] = {
    "code": "gateway_settled",
    "title": {"zh": "网关已处理", "en": "Processed by the gateway"},
    "outcome": "delivered",
    "stage": "sent_onward",
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {}, id="the same"),
        pytest.param({}, {"diagnosis": "ffff00001111aaaa", "block": 200}, id="another block"),
        pytest.param({}, {"reply": {"zh": "您好。", "en": "Hi"}}, id="other words"),
        pytest.param({}, {"expected_by": LATER + timedelta(hours=1)}, id="another estimate"),
        pytest.param({"finality": "provisional"}, {"finality": "final"}, id="now irreversible"),
        pytest.param(
            {"resend_safe": "no"}, {"resend_safe": "unknown"}, id="do not resend, still"
        ),
        pytest.param(
            {},
            {"outcome": "undetermined", "advice": "retry_later", "code": "history_incomplete"},
            id="sources that cannot answer",
        ),
        pytest.param(
            {}, {**SETTLED, "time": NOON - timedelta(seconds=3)}, id="an earlier block"
        ),
        pytest.param(
            {"normal_until": NOON}, {}, id="a promise that had passed when it was made"
        ),
        pytest.param(
            {"expected_by": LATER + timedelta(seconds=1)}, {}, id="a promise that holds"
        ),
        pytest.param(
            {"expected_by": LATER, "outcome": "delivered"},
            {"outcome": "delivered"},
            id="a promise of what is done",
        ),
    ],
)
def test_nothing_is_said(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert compare(verdict(**before), verdict(**{"time": LATER, **after}), None) is None


@pytest.mark.parametrize(
    ("before", "after", "what", "zh", "en"),
    [
        pytest.param(
            {},
            SETTLED,
            ["code", "outcome", "stage"],
            "结论由“网关处理中”变为“网关已处理”。",
            "The finding was “Being processed” and is now “Processed by the gateway”.",
            id="settled",
        ),
        pytest.param(
            {},
            {"stage": "at_recipient"},
            ["stage"],
            "资金位置由“在网关”变为“在收款账户”。",
            "Where the money is: “At the gateway” before, “In the recipient's account” now.",
            id="the money has moved",
        ),
        pytest.param(
            {},
            {"amounts": {"asset": "NORTH.BTC", "sent": "0.5", "received": "0.4"}},
            ["amounts"],
            "到账数额现已知：0.4。",
            "The amount received is now known: 0.4.",
            id="an amount becomes known",
        ),
        pytest.param(
            {},
            {"amounts": {"asset": "NORTH.BTC", "sent": "0.7", "received": None}},
            ["amounts"],
            "转出数额由 0.5 变为 0.7。",
            "The amount sent was 0.5 and is now 0.7.",
            id="another amount",
        ),
        pytest.param(
            {},
            {"resend_safe": "yes"},
            ["resend_safe"],
            "现在可以重新提币。",
            "It is now safe to send again.",
            id="safe to send again",
        ),
        pytest.param(
            {"resend_safe": "yes"},
            {"resend_safe": "no"},
            ["resend_safe"],
            "现在不能重新提币",
            "It is no longer safe to send again",
            id="no longer safe to send again",
        ),
        pytest.param(
            {"normal_until": LATER},
            {},
            ["normal_until"],
            "已超过通常所需的时间（11-22 12:10）",
            "The usual time ended at 12:10 on 22 Nov",
            id="past the usual time",
        ),
        pytest.param(
            {"expected_by": NOON + timedelta(seconds=1)},
            {"outcome": "stuck"},
            ["outcome", "expected_by"],
            "预计完成时间（11-22 12:00）已过",
            "It was expected by 12:00 on 22 Nov",
            id="past the expected time",
        ),
        pytest.param(
            {"escalate_after": LATER},
            {"escalate_after": LATER + timedelta(hours=3)},
            ["escalate_after"],
            "已到需要催办的时间（11-22 12:10）",
            "From 12:10 on 22 Nov on it is time to insist",
            id="time to insist, whatever is promised now",
        ),
        pytest.param(
            {"expected_by": LATER, "escalate_after": LATER, "eta_basis": "protocol"},
            {},
            ["escalate_after"],
            "链上规定的期限（11-22 12:10）已过。",
            "The deadline on the chain, 12:10 on 22 Nov, has passed.",
            id="a deadline of the chain, once",
        ),
    ],
)
def test_it_is_said_in_both_languages(
    before: dict[str, Any], after: dict[str, Any], what: list[str], zh: str, en: str
) -> None:
    found = compare(verdict(**before), verdict(**{"time": LATER, **after}), None)
    assert found
    assert list(found.what) == what
    assert zh in found.text["zh"]
    assert en in found.text["en"]
    assert not re.search("[a-z]{3}", found.text["zh"])
    assert not re.search("[一-鿿]", found.text["en"])


def test_times_are_told_in_the_users_zone() -> None:
    found = compare(verdict(expected_by=LATER), verdict(time=LATER), "Asia/Shanghai")
    assert found
    assert "20:10" in found.text["zh"]
    assert "20:10" in found.text["en"]


def test_the_new_reply_comes_with_it() -> None:
    after = verdict(**SETTLED, time=LATER, reply={"zh": "已处理", "en": "Done"})
    found = compare(verdict(), after, None)
    assert found
    assert found.as_json()["reply"] == {"zh": "已处理", "en": "Done"}
    assert found.as_json()["after"]["code"] == "gateway_settled"
