"""Builds the history of an account that does not exist: similar names that the user may have meant."""

from __future__ import annotations

from diag.chain.collect.first_wave import FirstWave
from diag.chain.pool.session import Session
from diag.chain.rpc import methods
from diag.domain.account_names import edits, near
from diag.domain.history import History
from diag.errors import ChainError


def history(session: Session, first: FirstWave) -> History:
    """Return a History without an account, with existing names that are similar to the one given."""
    name = first.case.account
    prefixes = dict.fromkeys(name[:-cut] for cut in (1, 2, 4) if len(name) > cut + 1)
    lookups = {("lookup", p): methods.ACCOUNT_NAMES.call(p, 100) for p in prefixes}
    replies = session.ask(
        {
            **lookups,
            "edits": methods.ACCOUNTS.call(edits(name), False),
            "irreversible": first.head.header,
        }
    )
    lists = {key: r for key, r in replies.items() if not isinstance(r, ChainError)}
    found = {account.name for account in lists.get("edits", ()) if account}
    found.update(*(lists.get(key, ()) for key in lookups))
    return History(
        as_of=first.as_of(replies, session.helpers),
        network=first.head.network,
        account=None,
        near_names=near(name, found),
        gaps=first.gaps,
        claimed_asset=first.claimed,
    )
