"""Reads everything after wave 1 about an existing account, and builds its History.

A window of more than one page is completed first (`completion`). Wave 2 then asks for what the
window refers to: accounts, assets, objects, transactions, and the histories of accounts that
may have answered (`gateways.accounts`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from typing import Any

from diag.chain.collect import completion, first_wave, pending_transactions, second_wave
from diag.chain.collect.completion import Stretch
from diag.chain.collect.first_wave import ANSWERED_WITHIN, AROUND, FirstWave
from diag.chain.collect.history_gap import history_gap
from diag.chain.collect.known_objects import KnownObjects
from diag.chain.collect.memos import MemoKeys
from diag.chain.collect.second_wave import SecondWave
from diag.chain.collect.transaction_ids import identify
from diag.chain.elasticsearch import documents
from diag.chain.gateways import accounts
from diag.chain.gateways.accounts import AccountReading, Movement
from diag.chain.history import pagination
from diag.chain.history.timeline import Pages
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Reply, parse_reply
from diag.chain.rpc.jsonrpc import unknown_method
from diag.chain.rpc.objects import Described
from diag.domain.account import Account
from diag.domain.asset import MAIN_NETWORK
from diag.domain.chain_objects import OpenTimeLock, Proposal
from diag.domain.gateway_live import LiveState
from diag.domain.gateway_register import Register
from diag.domain.history import Gap, History, Proof
from diag.domain.operations import Transfer
from diag.errors import ChainError
from diag.gateways.coin_lists import switches
from diag.gateways.flagged_accounts import flagged
from diag.i18n import Text
from diag.words import text

Lists = Callable[[Sequence[str]], Mapping[str, LiveState]]
"""Gateway keys → the present state of those gateways, as they publish it."""


class Assembly:
    """The steps after wave 1, for an account that exists."""

    def __init__(
        self,
        session: Session,
        register: Register,
        first: FirstWave,
        account: Account,
        memo_keys: MemoKeys | None,
        lists: Lists | None,
    ) -> None:
        self.case, self.session, self.register = first.case, session, register
        self.first, self.account = first, account
        self.memo_keys, self.lists = memo_keys, lists
        self.now = first.head.time
        self.end = min(first.case.end, self.now)
        """The end of the window, or the time of the head if that is earlier."""
        self.indexed = session.index is not None
        self.gaps = [*first.gaps, *([_FOREIGN_REGISTER] if register.foreign else [])]
        self.known = KnownObjects(first.accounts, first.assets)
        self.pages_of = cache(first.seen)
        self.live: dict[str, LiveState] = {}
        self.later = False

    def history(self) -> History:
        """Read everything else, and return the History."""
        pages = self._window()
        found, replies = self._second_wave(pages)
        newest = replies.get("newest", self.first.replies["until", None])
        if self._freshen(pages, newest):
            found, replies = self._second_wave(pages)
        self._confirm(pages, replies)
        if pages.gaps(self.case.start, self.end):
            self.gaps.append(
                history_gap(self.first, self.account, pages.index_error, indexed=self.indexed)
            )
        self._read_gateways(found.readings, replies)
        return self._assemble(pages, found, replies)

    # --- the account's window -----------------------------------------------------------

    def _window(self) -> Pages:
        """Return the account's pages, completed until the window is proven or no more can be read."""
        pages = self._first_pages()
        if self.first.lack(indexed=self.indexed):
            return pages
        known_until = min(self.end, self.now - ANSWERED_WITHIN)
        stretch = Stretch(pages, self.case.start, known_until)
        # a prefetching source has already sent the calls of wave 2
        foreseen = not stretch.gaps or getattr(self.session.source, "prefetched", False)
        along = dict if foreseen else lambda: self._plan(pages).calls
        completion.fill(self.session, [stretch], along)
        return pages

    def _first_pages(self) -> Pages:
        """Return the account's pages of wave 1."""
        pages, replies = Pages(self.account.id), self.first.replies
        for moment in first_wave.moments(self.case):
            self.first.add(pages, ("until", moment), moment)
        pages.add_account(self.account)
        if first := pagination.trusted_first_operation(self.account, replies):
            pages.add_first(first)
        return pages

    # --- wave 2 -------------------------------------------------------------------------

    def _plan(self, pages: Pages) -> SecondWave:
        return second_wave.plan(
            pages,
            self.first,
            self.account,
            self.known,
            self.register,
            self.session.source,
            self.pages_of,
        )

    def _second_wave(self, pages: Pages) -> tuple[SecondWave, dict[Any, Reply]]:
        """Ask wave 2 and, in parallel, for the gateways' lists; returns the plan of the wave
        and the replies.
        """
        found = self._plan(pages)
        with ThreadPoolExecutor(1) as pool:
            lists = pool.submit(self._ask_lists, self.lists, found.sent) if self.lists else None
            replies = self.session.ask(found.calls)
        if lists:
            self.live = lists.result()
        if gap := self.known.learn(found.unknown, replies.get("objects")):
            self.gaps.append(gap)
        return found, replies

    def _ask_lists(self, lists: Lists, sent: Sequence[Movement]) -> dict[str, LiveState]:
        """Return the published state of the gateways that coins were sent to, and all switches.

        The wallet's maintainers keep switches of gateways in an asset's description.
        """
        known = (self.known.accounts.get(move.recipient) for move in sent)
        used = (self.register.by_account(account.name) for account in known if account)
        keys = sorted({gateway.key for gateway in used if gateway})
        states = dict(lists(keys)) if keys else {}
        match self.first.replies["switches"]:
            case [Described() as found]:
                for key, (enabled, comment) in switches(found.options.description).items():
                    state = states.get(key) or LiveState(key, {})
                    states[key] = replace(state, enabled=enabled, comment=comment)
        return states

    def _freshen(self, pages: Pages, newest: Reply) -> bool:
        """Add the newest page, and return True if it shows new operations in the window.

        It was asked for after the head was known. The pages of wave 1 may have been answered a
        moment before the node reported the head.
        """
        page = [] if isinstance(newest, ChainError) else newest
        known = set(pages.rows)
        pages.add_until(self.now, page)
        self.later |= any(row.at > self.now for row in page)
        return any(
            row.id not in known and self.case.start <= row.at <= self.end for row in page
        )

    def _confirm(self, pages: Pages, replies: Mapping[Any, Reply]) -> None:
        """Replace operations that only the index has shown by those in their blocks."""
        for found in pages.indexed:
            row, transaction = pages.rows[found], replies.get(("transaction", found))
            seen = parse_reply(transaction, partial(documents.with_block_operation, row))
            if not isinstance(seen, ChainError):
                pages.add_rows([seen])

    def _read_gateways(
        self, readings: Sequence[AccountReading], replies: Mapping[Any, Reply]
    ) -> None:
        accounts.read_histories(self.session, readings, replies)
        for reading in readings:
            if not reading.complete:
                known = self.known.accounts.get(reading.account_id)
                name = known.name if known else reading.account_id
                self.gaps.append(accounts.unread_history(name))

    # --- everything together ------------------------------------------------------------

    def _assemble(
        self, pages: Pages, found: SecondWave, replies: Mapping[Any, Reply]
    ) -> History:
        identified = {
            key[1]: identify(reply) for key, reply in replies.items() if key[0] == "transaction"
        }
        parts = {key: self._part(key, what) for key, what in _PARTS.items()}
        return History(
            as_of=self.first.as_of(replies, self.session.helpers),
            network=self.first.head.network,
            account=self.account,
            log=pages.log(self.case.start - AROUND, self.now),
            proof=self._proof(pages),
            gateway_logs={a.account_id: a.pages.log(a.start, self.now) for a in found.readings},
            accounts=self.known.accounts,
            assets=self.known.assets,
            claimed_asset=self.first.claimed,
            claimed_operation=self.first.named,
            balances=parts["balances"],
            holdings=(*(parts["orders"] or ()), *(parts["vesting"] or ())),
            proposals=self.known.now(found.rows, "proposal_create", Proposal)
            | {one.id: one for one in parts["proposals"] or ()},
            time_locks=self.known.now(found.rows, "htlc_create", OpenTimeLock)
            | {one.id: one for one in parts["locks"] or ()},
            memo_texts=self._memo_texts(pages),
            pending=pending_transactions.transfers(replies.get("pending"), self.account.id),
            flagged=self._flagged(),
            live=self.live,
            sources=self._searched([pages, *(reading.pages for reading in found.readings)]),
            transactions={k: digest for k, (digest, _) in identified.items() if digest},
            group_sizes={k: count for k, (_, count) in identified.items() if count},
            gaps=tuple(self.gaps),
            later=self.later,
        )

    def _part(self, key: str, what: Text) -> Any:
        """Return one part of wave 1; None if it failed, with a gap unless the node lacks the method."""
        reply = self.first.replies[key]
        if not isinstance(reply, ChainError):
            return reply
        if not unknown_method(reply):
            self.gaps.append(Gap(key, what, reply.text))
        return None

    def _proof(self, pages: Pages) -> Proof | None:
        if pages.gaps(self.case.start, self.end):
            return None
        if self.account.created and self.account.created > self.case.end:
            return Proof("created_later")
        return pages.proof(self.case.start)

    def _searched(self, read: Iterable[Pages]) -> dict[str, str]:
        """Return the name of the index by operation id, for operations that only the index showed."""
        index = self.session.index
        ids = sorted({found for pages in read for found in pages.indexed})
        return dict.fromkeys(ids, index.name) if index else {}

    def _memo_texts(self, pages: Pages) -> dict[str, str]:
        """Return the memos of the account's transfers that the operator's keys can decrypt, by
        operation id.
        """
        if self.memo_keys is None:
            return {}
        rows = pages.between(self.case.start, self.end)
        sent = second_wave.movements(rows, self.account.id)
        memos = {move.id: move.memo for move in sent if isinstance(move, Transfer)}
        texts = {i: self.memo_keys.read(memo) for i, memo in memos.items() if memo}
        return {i: text for i, text in texts.items() if text is not None}

    def _flagged(self) -> frozenset[str]:
        """Return the ids of accounts that others have listed as fraudulent."""
        main = self.first.head.network.chain_id == MAIN_NETWORK
        return frozenset(
            a.id
            for a in self.known.accounts.values()
            if flagged(a.name, a.id, main_network=main)
        )


_FOREIGN_REGISTER = Gap(
    "register",
    text("chain.gap.register"),
    text("chain.reason.other_chain"),
)
_PARTS = {
    part: text(f"chain.gap.{part}")
    for part in ("proposals", "locks", "orders", "vesting", "balances")
}
"""The parts of wave 1 besides the account's history, with their names in a gap."""
