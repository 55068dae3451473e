"""Wave 1: asks the best source for everything that needs only the account's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.chain.collect import pending_transactions
from diag.chain.history import pagination
from diag.chain.history.pagination import COARSE_STEP, next_tick
from diag.chain.history.timeline import Pages
from diag.chain.pool.head import Head, head_calls
from diag.chain.pool.history_service import Lack, lack_in
from diag.chain.pool.session import Session
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Reply
from diag.chain.rpc.objects import BlockHeader
from diag.domain.account import Account
from diag.domain.asset import CORE_ASSET, Asset
from diag.domain.case import Case
from diag.domain.gateway_register import Register
from diag.domain.history import AsOf, Gap, Node
from diag.domain.operations import Operation
from diag.errors import BadInput, ChainError, Malformed
from diag.words import text

AROUND = timedelta(hours=14)
"""How far the history is read on both sides of the window: more than the offset of any time zone."""
AFTER = (timedelta(hours=24), timedelta(hours=48))
"""How long after the window the pages of the claimed gateway's history end."""
ANSWERED_WITHIN = timedelta(seconds=10)
"""Maximum time between the answers to the calls of one wave."""


@dataclass(frozen=True, slots=True)
class FirstWave:
    """The results of wave 1."""

    replies: Mapping[Any, Reply]
    head: Head
    account: Account | None
    accounts: dict[str, Account]
    """By id: the accounts of the user, the claimed destination, and the gateways."""
    claimed: Asset | None
    gaps: tuple[Gap, ...]
    case: Case

    @property
    def assets(self) -> dict[str, Asset]:
        """By id: the core asset, in which fees are paid, and the claimed asset."""
        chain: Any = self.replies["chain"]
        return {a.id: a for a in (*chain[2:], self.claimed) if isinstance(a, Asset)}

    def lack(self, *, indexed: bool) -> Lack | None:
        """Return why the history of the account cannot be read; None if it can.

        An index replaces a node that serves no histories, unless the node's version is not
        supported.
        """
        found = lack_in(self.replies)
        return None if indexed and found is not Lack.OUTDATED else found

    @property
    def named(self) -> Operation | None:
        """The operation whose id the user gave; it may belong to any account."""
        match self.replies.get("operation"):
            case [Operation() as found]:
                return found
        return None

    def seen(self, account_id: str) -> Pages:
        """Return the pages of wave 1 about an account of the claimed gateway."""
        pages = Pages(account_id)
        account = self.accounts.get(account_id)
        for key in self.replies:
            match key:
                case ("gateway", name, moment) if account and name == account.name:
                    self.add(pages, key, moment)
        return pages

    def add(self, pages: Pages, key: Any, until: datetime | None) -> None:
        """Add a page of wave 1, but only up to a safe time, because it may be a little older
        than the head.
        """
        limit = self.head.time - ANSWERED_WITHIN
        pages.add_until(min(until or limit, limit), self.replies[key])

    def as_of(self, replies: Mapping[Any, Reply], helpers: Sequence[Node] = ()) -> AsOf:
        """Return the moment to which all answers refer.

        replies: those of wave 2, with the header of the last irreversible block.
        helpers: other nodes whose answers were used.
        """
        head, header = self.head, replies["irreversible"]
        time = header.time if isinstance(header, BlockHeader) else None
        return AsOf(
            block=head.block,
            time=head.time,
            irreversible_block=head.irreversible,
            irreversible_time=time if time and time <= head.time else None,
            nodes=(head.node, *helpers),
        )


def moments(case: Case) -> list[datetime | None]:
    """Return the ends of the account's pages: of the window, after it, now (None), and before it."""
    return [case.end, case.end + AROUND, None, case.start - timedelta(seconds=1)]


def ask(session: Session, case: Case, register: Register, *, lists: bool) -> FirstWave:
    """Ask wave 1 of the first good source, or else of the best one.

    lists: also ask for the asset whose description holds switches of gateways.

    If the sources serve several chains, the chain of the register is preferred.

    Raises Unreachable if no source answers, and BadInput if the claimed asset does not exist,
    its amount has too many digits, or the window lies in the future.
    """
    claimed_names = [case.destination] if case.destination else []
    names = tuple(dict.fromkeys([case.account, *claimed_names, *register.account_names]))
    calls = _calls(case, names, lists) | _gateway_calls(case, register, session.clock())
    replies = session.choose(calls, register.chain_id)
    head = session.head
    gaps = [head.gap] if head.gap else []
    known = accounts(replies["accounts"], names)
    _check_window(case, head)
    claimed = _claimed_asset(case, register, replies, gaps)
    account = next((a for a in known.values() if case.account in (a.name, a.id)), None)
    return FirstWave(replies, head, account, known, claimed, tuple(gaps), case)


def _calls(case: Case, names: Sequence[str], lists: bool) -> dict[Any, Call]:
    calls: dict[Any, Call] = {
        **head_calls(names),
        "chain": methods.OBJECTS.call(["2.1.0", "2.0.0", CORE_ASSET]),
        **pagination.probes(case.account),
        **pending_transactions.range_calls(),
        "balances": methods.BALANCES.call(case.account, []),
        "orders": methods.ORDERS.call(case.account),
        "vesting": methods.VESTING.call(case.account),
        "proposals": methods.PROPOSALS.call(case.account),
        "locks": methods.TIME_LOCKS.call(case.account, "1.16.0", 100),
    }
    for moment in moments(case):
        calls["until", moment] = pagination.by_time(case.account, moment)
    if lists:
        calls["switches"] = methods.DESCRIPTIONS.call(["TEST"])
    if case.asset:
        calls["asset"] = methods.ASSETS.call([case.asset])
    if case.operation:
        calls["operation"] = methods.OBJECTS.call([case.operation])
    return calls


def _gateway_calls(case: Case, register: Register, now: datetime) -> dict[Any, Call]:
    """Return calls for pages of the claimed gateway's history, from the window to the horizon.

    They show how busy it is, and therefore how many more pages are needed.
    """
    gateway = register.by_asset(case.asset or "") or register.by_account(case.destination or "")
    end = next_tick(case.end, COARSE_STEP)
    moments = [end, *(end + after for after in AFTER if end + after < now)]
    names = sorted(gateway.account_names) if gateway else []
    return {("gateway", n, m): pagination.by_time(n, m) for n in names for m in moments}


def accounts(reply: Reply, names: Sequence[str]) -> dict[str, Account]:
    """Return the accounts that exist, by id; raises Unreachable if the reply does not fit the call."""
    if isinstance(reply, ChainError):
        raise reply
    found = [(name, account) for name, account in zip(names, reply, strict=True) if account]
    if any(name not in (account.name, account.id) for name, account in found):
        raise Malformed()
    return {account.id: account for _, account in found}


def _check_window(case: Case, head: Head) -> None:
    if case.start <= head.time or head.gap:
        return
    newest = f"{head.time:%Y-%m-%d %H:%M:%S} UTC"
    raise BadInput.about("from", "request.window_ahead", time=newest)


def _claimed_asset(
    case: Case, register: Register, replies: Mapping[Any, Reply], gaps: list[Gap]
) -> Asset | None:
    """Return the claimed asset; None if the user named a coin that gateways list under their
    own symbols.

    Raises BadInput if there is no such asset or coin, or if the amount has too many digits.
    """
    if "asset" not in replies:
        return None
    reply = replies["asset"]
    if isinstance(reply, ChainError):
        gaps.append(Gap("asset", text("chain.gap.asset"), reply.text))
        return None
    [found] = reply
    if not isinstance(found, Asset) and register.lists_coin(case.asset or ""):
        return None
    if not isinstance(found, Asset):
        raise BadInput.about("asset", "request.no_asset", asset=case.asset)
    if case.amount is not None and found.base_units(case.amount) is None:
        raise BadInput.about(
            "amount", "request.decimal_places", asset=found.symbol, most=found.precision
        )
    return found
