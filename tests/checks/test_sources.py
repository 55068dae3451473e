from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import (
    FRIEND,
    NOW,
    PRUNED,
    STALE,
    USER,
    ago,
    as_of,
    burn,
    case,
    codes,
    evidence,
    found,
    gap,
    place,
    silent,
    told,
    transfer,
)

from diag.checks import sources
from diag.domain.history import Gap, Node
from diag.domain.operations import Other

SENT = transfer()
UNREAD = {"gaps": (gap(Gap.UNREAD),), "hole": PRUNED["hole"]}
OBJECTS = {"gaps": (gap(Gap.OBJECTS),)}
GATEWAY_UNREAD = {
    "gaps": (gap(Gap.GATEWAY),),
    "gateway_hole": (ago(minutes=5), ago(minutes=4)),
}
TO_NOBODY_KNOWN = transfer(to=replace(FRIEND, id="1.2.999", name="somebody"))
AHEAD = {
    **STALE,
    "as_of": as_of(nodes=(Node("node.example", ahead=timedelta(hours=48)),)),
}
LAST_WEEK = case(start=ago(days=8), end=ago(days=7))
NOT_OVER = case(end=NOW + timedelta(hours=1))

SILENT = [
    silent("all read, nothing there", "history_incomplete", evidence()),
    silent("all read, something there", "history_incomplete", evidence(SENT)),
    silent(
        "a hole, but the withdrawal is there and burnt",
        "history_incomplete",
        evidence(SENT, burn(), **PRUNED),
    ),
    silent(
        "a hole, but the transfer to a friend is there",
        "history_incomplete",
        evidence(transfer(to=FRIEND), **PRUNED),
    ),
    silent(
        "the gateway's history was not all read, but from the withdrawal on it was",
        "history_incomplete",
        evidence(SENT, gaps=(gap(Gap.GATEWAY),), gateway_hole=(ago(hours=2), ago(hours=1))),
    ),
    silent(
        "the gateway's history was not all read, but the burn was",
        "history_incomplete",
        evidence(SENT, burn(), **GATEWAY_UNREAD),
    ),
    silent("no such account", "history_incomplete", evidence(account=None, **PRUNED)),
    silent("all agree", "sources_disagree", evidence(SENT)),
    silent("no such account, all agree", "sources_disagree", evidence(account=None)),
    silent("all read", "sources_unavailable", evidence()),
    silent(
        "pruned is not unread",
        "sources_unavailable",
        evidence(**PRUNED),
        also=["history_incomplete"],
    ),
    silent(
        "unread, but the withdrawal is there and burnt",
        "sources_unavailable",
        evidence(SENT, burn(), **UNREAD),
    ),
    silent(
        "names unread, but the withdrawal is there and burnt",
        "sources_unavailable",
        evidence(SENT, burn(), **OBJECTS),
    ),
    silent(
        "names unread, but the transfer to a friend is there",
        "sources_unavailable",
        evidence(transfer(to=FRIEND), **OBJECTS),
    ),
    silent("fresh", "node_stale", evidence()),
    silent(
        "ahead of the clock, but the withdrawal is there and burnt",
        "node_stale",
        evidence(SENT, burn(), **AHEAD),
    ),
    silent(
        "no histories are served, but the withdrawal is there and burnt",
        "sources_unavailable",
        evidence(SENT, burn(), gaps=(gap(Gap.NOT_SERVED),), hole=PRUNED["hole"]),
    ),
    silent(
        "behind, but the withdrawal is there and burnt",
        "node_stale",
        evidence(SENT, burn(), **STALE),
    ),
    silent(
        "behind, but the transfer to a friend is there",
        "node_stale",
        evidence(transfer(to=FRIEND), **STALE),
    ),
    silent(
        "a minute behind, and the question is of last week",
        "node_stale",
        evidence(asked=LAST_WEEK, **STALE),
    ),
]

FOUND = [
    found(
        "nothing there, and a hole in the window",
        "history_incomplete",
        evidence(**PRUNED),
        withdrawal_id=None,
        account=USER.name,
        what=gap().what,
        why=gap().why,
    ),
    found(
        "whether the gateway answered was not read",
        "history_incomplete",
        evidence(SENT, **GATEWAY_UNREAD),
        withdrawal_id=SENT.id,
    ),
    found(
        "one node shows what another does not",
        "sources_disagree",
        evidence(SENT, disagreement=(SENT.id,)),
        withdrawal_id=None,
        account=USER.name,
    ),
    found(
        "even if it is burnt",
        "sources_disagree",
        evidence(SENT, burn(), disagreement=(burn().id,)),
    ),
    found(
        "nothing there, and a node did not answer",
        "sources_unavailable",
        evidence(**UNREAD),
        withdrawal_id=None,
    ),
    found(
        "nothing there, and the node serves no histories",
        "sources_unavailable",
        evidence(gaps=(gap(Gap.NOT_SERVED),), hole=PRUNED["hole"]),
        withdrawal_id=None,
        why=gap().why,
    ),
    found(
        "names unread, and nothing answered the withdrawal",
        "sources_unavailable",
        evidence(SENT, **OBJECTS),
        withdrawal_id=None,
    ),
    found(
        "names unread, and so that of whoever got it",
        "sources_unavailable",
        evidence(TO_NOBODY_KNOWN, **OBJECTS),
        withdrawal_id=TO_NOBODY_KNOWN.id,
    ),
    found(
        "an operation of the period whose effect is not followed",
        "history_incomplete",
        evidence(Other(location=place(ago(minutes=20)), kind="credit_offer_update")),
        says="an operation that our system can't read",
    ),
    found("names unread, and nothing there", "sources_unavailable", evidence(**OBJECTS)),
    found(
        "the claimed asset unread",
        "sources_unavailable",
        evidence(asked=case(asset="BROOK.BTC"), gaps=(gap("asset"),)),
    ),
    found(
        "behind, and nothing there in a window that is not over",
        "node_stale",
        evidence(asked=NOT_OVER, **STALE),
        withdrawal_id=None,
    ),
    found(
        "behind, and nothing answered the withdrawal yet", "node_stale", evidence(SENT, **STALE)
    ),
    found(
        "ahead of the clock, and nothing there in a window that seems to be over",
        "node_stale",
        evidence(**AHEAD),
        withdrawal_id=None,
    ),
    found(
        "ahead of the clock, and nothing answered the withdrawal yet",
        "node_stale",
        evidence(SENT, **AHEAD),
    ),
    found(
        "behind and pruned",
        "node_stale",
        evidence(gaps=(*STALE["gaps"], *PRUNED["gaps"]), hole=PRUNED["hole"], asked=NOT_OVER),
        also=["history_incomplete"],
    ),
]


@pytest.mark.parametrize(
    ("what", "advice"),
    [
        (PRUNED, "do_not_resend"),
        ({**PRUNED, "gaps": (gap(Gap.NOT_SERVED),)}, "do_not_resend"),
        (UNREAD, "retry_later"),
        ({"asked": NOT_OVER, **STALE}, "retry_later"),
    ],
    ids=["dropped for good", "never served", "lost on the way", "behind"],
)
def test_whoever_can_only_be_helped_by_the_operator_is_not_told_to_ask_later(what, advice):
    [finding] = sources.check(evidence(**what))
    assert finding.rule.advice == advice


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(sources, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(sources, seen) == expected
    assert told(sources, code, seen, fields) == fields
