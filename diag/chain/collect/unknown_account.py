"""The history of an account that does not exist: similar names that the user may have meant."""

from __future__ import annotations

from typing import Any

from diag.chain.collect.first_wave import Opening
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Call, parse_reply
from diag.domain.account_names import NAME, edits, near
from diag.domain.history import History


def history(session: Session, opened: Opening) -> History:
    """A History without an account, with the existing names that are similar to its name."""
    name = opened.case.account
    prefixes = dict.fromkeys(name[:-cut] for cut in (1, 2, 4) if len(name) > cut + 1)
    calls: dict[Any, Call] = {
        ("lookup", prefix): Call("database", "lookup_accounts", (prefix, 100))
        for prefix in prefixes
    }
    calls["edits"] = Call("database", "get_accounts", (edits(name), False))
    calls["irreversible"] = opened.head.header
    replies = session.ask(calls)
    found: set[str] = set()
    for key, reply in replies.items():
        if key == "edits":
            rows = parse_reply(reply, lambda given: {row["name"] for row in given if row})
        elif isinstance(key, tuple):
            rows = parse_reply(reply, lambda given: {row[0] for row in given})
        else:
            continue
        found |= {n for n in rows if NAME.match(n)} if isinstance(rows, set) else set()
    return History(
        as_of=opened.as_of(replies, session.helpers),
        network=opened.head.network,
        account=None,
        near_names=near(name, found),
        gaps=opened.gaps,
        claimed_asset=opened.claimed,
    )
