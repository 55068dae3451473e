"""The accounts whose history may hold the answer to a withdrawal, and their pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.chain.collect import completion
from diag.chain.collect.completion import Wanted
from diag.chain.history import pagination, timeline
from diag.chain.history.coverage import CLOSELY
from diag.chain.history.pagination import EVENLY, mark_from, mark_until, slices
from diag.chain.history.timeline import Pages
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Call, Reply
from diag.domain.account import Account
from diag.domain.asset import CORE_ASSET
from diag.domain.gateway_register import Register
from diag.domain.history import Gap
from diag.domain.operations import TimeLock, Transfer
from diag.i18n import Text

HORIZON = timedelta(hours=48)
"""How long after a withdrawal its gateway's history is read, besides its newest page."""

Move = Transfer | TimeLock


@dataclass(frozen=True, slots=True)
class Answering:
    """One account to read: from the first withdrawal it may answer, up to the horizon."""

    account_id: str
    moments: tuple[datetime, ...]
    now: datetime
    pages: Pages
    """What is known of its history already."""

    @property
    def start(self) -> datetime:
        return min(self.moments)

    @property
    def end(self) -> datetime:
        return min(max(self.moments) + HORIZON, self.now)

    @property
    def stretch(self) -> tuple[datetime, datetime]:
        """What is read: a little more than is needed, up to marks of the clock (`history.pagination`)."""
        end = mark_from(self.end, EVENLY)
        return mark_until(self.start, CLOSELY), min(end, self.now)

    def calls(self) -> dict[Any, Call]:
        """Pages around and after the withdrawals, all in one wave."""
        ends = slices(self.moments, self.now, HORIZON, self.pages)
        return {
            ("gateway", self.account_id, end): pagination.by_time(
                self.account_id, None if end == self.now else end
            )
            for end in ends
        }


def accounts(
    sent: Sequence[Move],
    known: Mapping[str, Account],
    register: Register,
    now: datetime,
    seen: Callable[[str], Pages],
) -> list[Answering]:
    """The recipients of coins, and the accounts of their gateways.

    seen: account id → what was read of its history before.

    A recipient of another asset than the core one is read even if no register knows it: who
    issues an asset takes withdrawals of it.
    """
    ids = {account.name: account.id for account in known.values()}
    moments: dict[str, list[datetime]] = {}
    for move in sent:
        if not isinstance(move, Transfer):
            continue
        recipient = known.get(move.recipient)
        name = recipient.name if recipient else move.recipient
        gateway = register.by_account(name) or register.by_account(move.recipient)
        if gateway is None and move.amount.asset.id == CORE_ASSET:
            continue
        names = gateway.account_names if gateway else frozenset()
        own = sorted(ids[n] for n in names if n in ids)
        for account_id in dict.fromkeys([move.recipient, *own]):
            moments.setdefault(account_id, []).append(move.at)
    return [Answering(who, tuple(when), now, seen(who)) for who, when in moments.items()]


def read(
    inquiry: Session,
    answering: Sequence[Answering],
    replies: Mapping[Any, Reply],
    old_node_head: tuple[int, datetime] | None,
) -> dict[str, Pages]:
    """Their pages, completed; old_node_head is the head (block, time) of a node before 6.1."""
    if old_node_head is not None:
        spans = {a.account_id: (a.start, a.end) for a in answering}
        return completion.by_sequence(inquiry, spans, old_node_head) if spans else {}
    wanted = {a.account_id: Wanted(a.pages, *a.stretch) for a in answering}
    for key, reply in replies.items():
        page = timeline.rows_of(reply)
        if isinstance(key, tuple) and key[0] == "gateway" and page is not None:
            wanted[key[1]].pages.add_until(key[2], page)
    completion.fill(inquiry, wanted)
    return {name: stretch.pages for name, stretch in wanted.items()}


def gap(name: str) -> Gap:
    """What is said where part of such a history could not be read."""
    return Gap(
        Gap.GATEWAY,
        Text.literal(f"{name} 的部分历史", f"part of the history of {name}"),
        Text(
            zh="节点没有保留，或在时限内未能读完",
            en="the node does not keep it, or it could not be read in time",
        ),
    )
