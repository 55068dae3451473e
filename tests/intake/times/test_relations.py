"""Of what a time is the time: the withdrawal, or something told beside it."""

from __future__ import annotations

import pytest

OWN = [
    "I withdrew 5 BTS on Nov 25 2026 10:00 UTC",
    "My last withdrawal on Nov 25 2026 10:00 UTC has not arrived",
    "2026-11-25 10:00 UTC: 5 BTS sent, nothing came",
    "Please check my withdrawal of 2026-11-25 10:00 UTC",
    "11月25日10:00提的5个BTS还没到，北京时间",
    "时间：2026-11-25 10:00 北京时间",
    "I sent it before noon, on Nov 25 2026 10:00 UTC",
]


@pytest.mark.parametrize("text", OWN)
def test_the_time_of_the_withdrawal_is_at(said, text):
    found = said(text)
    assert (
        [time["relation"] for time in found["times"] if "25" in time["text"]],
        bool(found.window),
    ) == (
        ["at"],
        True,
    )


OTHER = [
    "Previous withdrawal on Nov 25 2026 10:00 UTC arrived in 5 minutes, this one did not",
    "The other transfer on Nov 25 2026 10:00 UTC arrived",
    "11月25日10:00提的那笔正常到账，这笔没到，北京时间",
    "上一笔11月25日10:00提的，北京时间，这一笔没有到",
    "I registered on Nov 25 2026 10:00 UTC",
    "11月25日注册的账户，北京时间",
    "If not solved by Nov 25 2026 10:00 UTC I call a lawyer",
    "11月25日10:00之前不处理就投诉，北京时间",
    "I contacted support on Nov 25 2026 10:00 UTC, no answer",
    "11月25日联系了客服，北京时间，没人理",
    "The gateway told me on Nov 25 2026 10:00 UTC to wait",
    "I bought the coins on Nov 25 2026 10:00 UTC",
]


@pytest.mark.parametrize("text", OTHER)
def test_the_time_of_something_else_makes_no_window(said, text):
    found = said(text)
    assert (
        [time["relation"] for time in found["times"] if "25" in time["text"]],
        found.window,
    ) == (
        ["other"],
        None,
    )


def test_a_time_of_something_else_does_not_hide_the_time_of_the_withdrawal(said):
    found = said(
        "I opened a ticket on Nov 26 2026 10:00 UTC. I withdrew 5 BTS on Nov 25 2026 10:00 UTC. Registered in 2018."
    )
    assert found.window == ("11-25 07:00", "11-25 13:00")


@pytest.mark.parametrize(
    "text", ["I have been using BitShares for 20 days", "用了20天的老用户", "上一笔3天就到了"]
)
def test_a_length_of_time_that_is_no_wait_is_none(said, text):
    found = said(text)
    assert (found.window, found.urgency[1]) == (None, found.urgency[1])
    assert all(time["relation"] == "other" for time in found["times"])
