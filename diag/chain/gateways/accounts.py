"""Reads the accounts whose history may show what became of a withdrawal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.chain.collect import completion
from diag.chain.collect.completion import Stretch
from diag.chain.history import pagination
from diag.chain.history.coverage import FINE_STEP, SECOND
from diag.chain.history.pagination import COARSE_STEP, last_tick, next_tick, ticks
from diag.chain.history.timeline import Pages
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Call, Reply
from diag.domain.account import Account
from diag.domain.asset import CORE_ASSET
from diag.domain.gateway_register import Register
from diag.domain.history import Gap
from diag.domain.operations import TimeLock, Transfer
from diag.words import text

HORIZON = timedelta(hours=48)
"""How long after a withdrawal its gateway's history is read, apart from the newest page."""
MAX_COARSE_TICKS = 16

Movement = Transfer | TimeLock


@dataclass(frozen=True, slots=True)
class AccountReading:
    """One account to read, from the first of some moments up to a horizon after the last one."""

    pages: Pages
    """The pages of its history that were read so far."""
    moments: Sequence[datetime]
    """The times of the withdrawals."""
    now: datetime
    horizon: timedelta = HORIZON

    @property
    def account_id(self) -> str:
        return self.pages.account

    @property
    def start(self) -> datetime:
        return min(self.moments)

    @property
    def end(self) -> datetime:
        return min(max(self.moments) + self.horizon, self.now)

    @property
    def complete(self) -> bool:
        return not self.pages.gaps(self.start, self.end)

    @property
    def stretch(self) -> Stretch:
        """The part of the history to read, extended to ticks of the clock (`history.pagination`)."""
        end = min(next_tick(self.end, COARSE_STEP), self.now)
        return Stretch(self.pages, last_tick(self.start, FINE_STEP), end)

    def calls(self) -> dict[Any, Call]:
        """Return the pages around and after the moments, all in one wave."""
        return {
            ("gateway", self.account_id, end): pagination.by_time(
                self.account_id, None if end == self.now else end
            )
            for end in self.page_ends()
        }

    def page_ends(self) -> list[datetime]:
        """Return the ends of the pages that show how a gateway acted around and after the moments.

        One page ends just before the first moment. The pages of the hour after it end at fine
        ticks, later ones up to the horizon at coarse ticks. If the known pages show how busy
        the gateway is, there are only as many pages as close their gaps. All ends but `now` are
        ticks of the clock, so that diagnoses of the same gateway at about the same time send
        equal calls.
        """
        last = next_tick(self.end, COARSE_STEP)
        ends = self._default_ticks(last)
        step = self.pages.page_duration
        if step and (last - self.start) / step < len(ends):
            ends = set(self._gap_ticks(last, step))
        before = last_tick(self.start, FINE_STEP) - SECOND
        return sorted({end for end in (before, *ends, self.now) if end <= self.now})

    def _default_ticks(self, last: datetime) -> set[datetime]:
        """Return the ticks to use if it is not known how busy the gateway is."""
        step = COARSE_STEP
        while (last - self.start) / step > MAX_COARSE_TICKS:
            step *= 2
        near = {next_tick(moment, FINE_STEP) for moment in (self.start, max(self.moments))}
        closely = {tick + times * FINE_STEP for tick in near for times in (0, 1, 3)}
        return closely | {last, *ticks(self.start, last, step)}

    def _gap_ticks(self, last: datetime, step: timedelta) -> Iterator[datetime]:
        """Yield the ticks whose pages close the gaps, if each page covers one step."""
        seen = self.now - step
        for gap in reversed(self.pages.gaps(self.start, last)):
            seen = min(seen, gap.last[0])
            while seen > gap.first[0]:
                tick = next_tick(seen, FINE_STEP)
                yield tick
                seen = tick - step


def accounts_to_read(
    sent: Sequence[Movement],
    known: Mapping[str, Account],
    register: Register,
    now: datetime,
    known_pages: Callable[[str], Pages],
) -> list[AccountReading]:
    """Return the recipients of transfers, and all accounts of their gateways.

    A recipient that is in no register is read too, except for transfers of the core asset,
    because the issuer of an asset usually takes withdrawals of it.

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
    return [AccountReading(known_pages(who), when, now) for who, when in moments.items()]


def read_histories(
    session: Session, readings: Sequence[AccountReading], replies: Mapping[Any, Reply]
) -> None:
    """Complete the pages of the accounts, from the replies to their calls and in further waves."""
    pages = {reading.account_id: reading.pages for reading in readings}
    for key, reply in reversed(list(replies.items())):  # the newest page may hold all others
        match key:
            case ("gateway", account_id, end):
                pages[account_id].add_until(end, reply)
    completion.fill(session, [reading.stretch for reading in readings])


def unread_history(name: str) -> Gap:
    """Return the gap to report if part of an account's history could not be read."""
    return Gap(
        Gap.GATEWAY,
        text("chain.gap.gateway").filled(name=name),
        text("chain.reason.not_kept"),
    )
