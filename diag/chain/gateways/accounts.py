"""Reads the accounts whose history may show what became of a withdrawal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.chain.collect import completion
from diag.chain.collect.completion import Wanted
from diag.chain.history import pagination, timeline
from diag.chain.history.coverage import FINE_STEP
from diag.chain.history.pagination import COARSE_STEP, gateway_page_ends, last_tick, next_tick
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
"""How long after a withdrawal its gateway's history is read, apart from the newest page."""

Movement = Transfer | TimeLock


@dataclass(frozen=True, slots=True)
class AccountReading:
    """One account to read, from the first withdrawal sent to it up to the horizon."""

    account_id: str
    moments: tuple[datetime, ...]
    """The times of the withdrawals."""
    now: datetime
    pages: Pages
    """What is already known of its history."""

    @property
    def start(self) -> datetime:
        return min(self.moments)

    @property
    def end(self) -> datetime:
        return min(max(self.moments) + HORIZON, self.now)

    @property
    def interval(self) -> tuple[datetime, datetime]:
        """The time span to read, extended to ticks of the clock (`history.pagination`)."""
        end = next_tick(self.end, COARSE_STEP)
        return last_tick(self.start, FINE_STEP), min(end, self.now)

    def calls(self) -> dict[Any, Call]:
        """The pages around and after the withdrawals, all in one wave."""
        ends = gateway_page_ends(self.moments, self.now, HORIZON, self.pages)
        return {
            ("gateway", self.account_id, end): pagination.by_time(
                self.account_id, None if end == self.now else end
            )
            for end in ends
        }


def accounts_to_read(
    sent: Sequence[Movement],
    known: Mapping[str, Account],
    register: Register,
    now: datetime,
    known_pages: Callable[[str], Pages],
) -> list[AccountReading]:
    """The recipients of transfers, and all accounts of their gateways.

    A recipient that is in no register is read too, except for transfers of the core asset, because
    the issuer of an asset usually takes withdrawals of it.

    known_pages: account id → what was read of its history before.
    """
    ids = {account.name: account.id for account in known.values()}
    moments: dict[str, list[datetime]] = {}
    for move in sent:
        if not isinstance(move, Transfer):
            continue
        recipient = known.get(move.recipient)
        name = recipient.name if recipient else move.recipient
        gateway = register.by_account(name) or register.by_account(move.recipient)
        if gateway is None and move.amount.asset_id == CORE_ASSET:
            continue
        names = gateway.account_names if gateway else frozenset()
        own = sorted(ids[n] for n in names if n in ids)
        for account_id in dict.fromkeys([move.recipient, *own]):
            moments.setdefault(account_id, []).append(move.at)
    return [
        AccountReading(who, tuple(when), now, known_pages(who)) for who, when in moments.items()
    ]


def read_histories(
    session: Session,
    readings: Sequence[AccountReading],
    replies: Mapping[Any, Reply],
) -> dict[str, Pages]:
    """Read the accounts' histories, from the replies to their calls and further waves if needed.

    Returns pages by account id.
    """
    wanted = {a.account_id: Wanted(a.pages, *a.interval) for a in readings}
    for key, reply in replies.items():
        page = timeline.page_of(reply)
        if isinstance(key, tuple) and key[0] == "gateway" and page is not None:
            wanted[key[1]].pages.add_until(key[2], page)
    completion.fill(session, wanted)
    return {name: one.pages for name, one in wanted.items()}


def unread_history(name: str) -> Gap:
    """The gap to report if part of an account's history could not be read."""
    return Gap(
        Gap.GATEWAY,
        Text.literal(f"{name} 的部分历史", f"part of the history of {name}"),
        Text(
            zh="节点没有保留，或在时限内未能读完",
            en="the node does not keep it, or it could not be read in time",
        ),
    )
