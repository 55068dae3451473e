"""The history of an account that does not exist: similar names that the user may have meant."""

from __future__ import annotations

from typing import Any

from diag.chain.collect.first_wave import Opening
from diag.chain.pool.session import Session
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call
from diag.domain.account_names import edits, near
from diag.domain.history import History
from diag.errors import ChainError


def history(session: Session, opened: Opening) -> History:
    """A History without an account, with the existing names that are similar to its name."""
    name = opened.case.account
    prefixes = dict.fromkeys(name[:-cut] for cut in (1, 2, 4) if len(name) > cut + 1)
    calls: dict[Any, Call] = {
        ("lookup", prefix): methods.ACCOUNT_NAMES.call(prefix, 100) for prefix in prefixes
    }
    calls["edits"] = methods.ACCOUNTS.call(edits(name), False)
    calls["irreversible"] = opened.head.header
    replies = session.ask(calls)
    found: set[str] = set()
    for key, reply in replies.items():
        if isinstance(reply, ChainError):
            continue
        if key == "edits":
            found |= {account.name for account in reply if account}
        elif isinstance(key, tuple):
            found |= set(reply)
    return History(
        as_of=opened.as_of(replies, session.helpers),
        network=opened.head.network,
        account=None,
        near_names=near(name, found),
        gaps=opened.gaps,
        claimed_asset=opened.claimed,
    )
