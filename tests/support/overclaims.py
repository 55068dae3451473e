"""Tables of what may be said at most: rows, the situations that they share, and their check."""

from __future__ import annotations

import pytest
from builders import BTC, account_update, ago, case, concluded, evidence

from diag.domain.account import Authority
from diag.domain.vocabulary import Confidence, ResendSafe
from diag.render.agent_note import note
from diag.render.user_reply import reply

GRADES = tuple(Confidence)
"""From the surest to the least sure."""
LONG_AGO = {"start": ago(days=3), "end": ago(days=2, hours=20)}
"""A window whose transactions have all expired."""
THEN = ago(days=2, hours=22)
BTC_1 = {"asset": BTC.symbol, "amount": "1"}
NEVER = case(**LONG_AGO, **BTC_1)
NEW_KEYS = Authority(1, (("1.2.9999", 1),))
COLUMNS = ("operations", "facts", "code", "most", "resend", "says", "notes")


def keys(at):
    return account_update(at, active=NEW_KEYS)


def row(
    what, code, *operations, asked=None, most="high", resend="no", says="", notes="", **facts
):
    """The codes that may lead, the most confidence, whether it may be sent again, and what stands
    in the reply and in the note.
    """
    found = {"asked": asked, **facts}
    return pytest.param(operations, found, code, most, resend, says, notes, id=what)


def says_no_more(operations, facts, code, most, resend, says, notes):
    """Check the diagnosis of a row."""
    diagnosis = concluded(evidence(*operations, **facts))
    verdict = diagnosis.verdict

    assert verdict.code in code.split()
    assert GRADES.index(verdict.confidence) >= GRADES.index(Confidence(most))
    assert (verdict.resend_safe is ResendSafe.YES) == (resend == "yes")
    assert says in reply(diagnosis, "en")
    assert notes in note(diagnosis, "en")
    assert note(diagnosis, "zh")
