from __future__ import annotations

import pytest
from builders import (
    COSIGNER,
    FRIEND,
    NOW,
    PRUNED,
    USER,
    ago,
    changed,
    codes,
    evidence,
    found,
    gap,
    live_proposal,
    proposal,
    removed,
    silent,
    told,
    transfer,
)

import diag.checks.proposal
from diag.domain.account import Authority
from diag.words import filler

MADE = proposal()
PAYS_FRIEND = proposal(inner=(transfer(to=FRIEND),))
OVER = proposal(at=ago(hours=3), expires=ago(hours=1))
OVER_NOW = proposal(at=ago(hours=3), expires=NOW)
DONE = transfer(at=ago(hours=2), virtual=True)
PLANNED = proposal(at=ago(hours=3), inner=(transfer(at=ago(hours=3)),), expires=NOW)
SHARED = changed(USER, active=Authority(2, ((USER.id, 1), (COSIGNER.id, 1))))


def alive(made=MADE, **facts):
    return {"proposals": {made.proposal: live_proposal(made, **facts)}}


def gone(made):
    return {"proposals": {made.proposal: None}}


SILENT = [
    silent("sent, not proposed", "proposal_pending", evidence(transfer())),
    silent(
        "what became of it could not be read",
        "proposal_pending",
        evidence(MADE, gaps=(gap("objects"),)),
    ),
    silent(
        "what became of one to a friend could not be read",
        "proposal_pending",
        evidence(PAYS_FRIEND, gaps=(gap("objects"),)),
    ),
    silent("its id is not known", "proposal_pending", evidence(changed(MADE, proposal=None))),
    silent(
        "somebody else's coins",
        "proposal_pending",
        evidence(proposal(inner=(transfer(by=FRIEND),)), **alive()),
    ),
    silent(
        "approved by all and carried out",
        "proposal_pending",
        evidence(PLANNED, DONE, **gone(PLANNED)),
    ),
    silent(
        "tried and refused",
        "proposal_pending",
        evidence(MADE, **alive(fail_reason="no")),
        also=["proposal_failed"],
    ),
    silent(
        "not tried yet", "proposal_failed", evidence(MADE, **alive()), also=["proposal_pending"]
    ),
    silent("gone", "proposal_failed", evidence(OVER, **gone(OVER)), also=["proposal_expired"]),
    silent("carried out", "proposal_failed", evidence(PLANNED, DONE, **gone(PLANNED))),
    silent(
        "still open", "proposal_expired", evidence(MADE, **alive()), also=["proposal_pending"]
    ),
    silent("carried out at last", "proposal_expired", evidence(PLANNED, DONE, **gone(PLANNED))),
    silent(
        "gone, but the history after it has a hole",
        "proposal_expired",
        evidence(OVER, **gone(OVER), **{**PRUNED, "hole": (ago(hours=2), ago(hours=2))}),
    ),
]

FOUND = [
    found(
        "a second signer has to approve",
        "proposal_pending",
        evidence(
            MADE,
            **alive(approved=[USER]),
            account=SHARED,
            known=(SHARED,),
        ),
        withdrawal_id=MADE.id,
        shows=[MADE.id],
        proposal=MADE.proposal,
        eta=(None, MADE.expires, MADE.expires, "protocol"),
        expires=MADE.expires,
        approved=(USER.name,),
    ),
    found(
        "one signer has, the other has not",
        "proposal_pending",
        evidence(MADE, **alive(approved=[COSIGNER]), account=SHARED, known=(SHARED,)),
        missing=(USER.name,),
        approved=(COSIGNER.name,),
    ),
    found(
        "nobody has approved",
        "proposal_pending",
        evidence(MADE, **alive(), account=SHARED, known=(SHARED,)),
        missing=(USER.name, COSIGNER.name),
        approved=filler("approved", "nobody"),
    ),
    found(
        "tried and not enough there",
        "proposal_failed",
        evidence(MADE, **alive(fail_reason="Insufficient Balance: 0 BROOK.BTC")),
        withdrawal_id=MADE.id,
        shows=[MADE.id],
        reason=filler("reason_proposal_failed", "insufficient"),
        eta=(None, MADE.expires, MADE.expires, "protocol"),
    ),
    found(
        "tried and refused for some other reason, with braces in it",
        "proposal_failed",
        evidence(MADE, **alive(fail_reason='assert {"why":"{}"}')),
        reason=filler("reason_proposal_failed", "other"),
        fail_reason='assert {"why":"{}"}',
    ),
    found(
        "ran out an hour ago",
        "proposal_expired",
        evidence(OVER, **gone(OVER)),
        withdrawal_id=OVER.id,
        shows=[OVER.id],
        ended=filler("ended", "lapsed"),
        expires=OVER.expires,
    ),
    found(
        "runs out with this very block",
        "proposal_expired",
        evidence(OVER_NOW, **gone(OVER_NOW)),
        ended=filler("ended", "lapsed"),
    ),
    found(
        "gone before its time",
        "proposal_expired",
        evidence(MADE, **gone(MADE)),
        ended=filler("ended", "vetoed"),
    ),
    found(
        "removed by a signer, and its time is over too",
        "proposal_expired",
        evidence(OVER, removed(OVER, ago(hours=2)), **gone(OVER)),
        ended=filler("ended", "vetoed"),
        shows=[OVER.id, removed(OVER, ago(hours=2)).id],
    ),
    found(
        "another transfer to the same account is not its own",
        "proposal_expired",
        evidence(PLANNED, transfer("1.00000001", ago(hours=2), virtual=True), **gone(PLANNED)),
    ),
]


@pytest.mark.parametrize(("code", "seen", "expected"), SILENT)
def test_silent(code, seen, expected):
    assert codes(diag.checks.proposal, seen) == expected


@pytest.mark.parametrize(("code", "seen", "expected", "fields"), FOUND)
def test_found(code, seen, expected, fields):
    assert codes(diag.checks.proposal, seen) == expected
    assert told(diag.checks.proposal, code, seen, fields) == fields
