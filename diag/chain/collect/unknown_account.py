"""The history of an account that does not exist: similar names that the user may have meant."""

from __future__ import annotations

from typing import Any

from diag.chain.collect.first_wave import FirstWave
from diag.chain.pool.session import Session
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call
from diag.domain.account_names import edits, near
from diag.domain.history import History
from diag.errors import ChainError


def history(session: Session, first: FirstWave) -> History:
    """A History without an account, with the names of existing accounts that are similar to its name."""
    name = first.case.account
    prefixes = dict.fromkeys(name[:-cut] for cut in (1, 2, 4) if len(name) > cut + 1)
    calls: dict[Any, Call] = {
        ("lookup", prefix): methods.ACCOUNT_NAMES.call(prefix, 100) for prefix in prefixes
    }
    calls["edits"] = methods.ACCOUNTS.call(edits(name), False)
    calls["irreversible"] = first.head.header
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
        as_of=first.as_of(replies, session.helpers),
        network=first.head.network,
        account=None,
        near_names=near(name, found),
        gaps=first.gaps,
        claimed_asset=first.claimed,
    )
