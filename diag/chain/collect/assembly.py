"""Everything after wave 1 for an account that exists, up to its History.

A window of more than one page is completed (`completion`). Then wave 2 asks for what the window names:
accounts, assets, objects, transactions, and the histories of the accounts that may have answered
(`gateways.accounts`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from diag.chain.collect import completion, first_wave, pending_transactions, second_wave
from diag.chain.collect.completion import Wanted
from diag.chain.collect.first_wave import ANSWERED_WITHIN, AROUND, Opening
from diag.chain.collect.history_gap import history_gap
from diag.chain.collect.memos import MemoKeys
from diag.chain.collect.second_wave import Following, Known
from diag.chain.collect.transaction_ids import identify
from diag.chain.elasticsearch import documents
from diag.chain.gateways import accounts
from diag.chain.gateways.accounts import Movement
from diag.chain.history import pagination, timeline
from diag.chain.history.timeline import Pages
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Call, Reply, parse_reply
from diag.chain.rpc.jsonrpc import unknown_method
from diag.domain.account import Account
from diag.domain.asset import MAIN_NETWORK
from diag.domain.chain_objects import OpenTimeLock, Proposal
from diag.domain.gateway_live import LiveState
from diag.domain.gateway_register import Register
from diag.domain.history import Gap, History, Log, Proof
from diag.domain.operations import Operation, Transfer
from diag.errors import ChainError
from diag.gateways.coin_lists import switches
from diag.gateways.flagged_accounts import flagged
from diag.i18n import Text

Lists = Callable[[Sequence[str]], Mapping[str, LiveState]]
"""Gateway keys → the present state of those gateways, as they publish it."""


class Collection:
    """The steps after wave 1, for an account that exists."""

    def __init__(
        self,
        session: Session,
        register: Register,
        opened: Opening,
        account: Account,
        memo_keys: MemoKeys | None,
        lists: Lists | None,
    ) -> None:
        self.case = opened.case
        self.session = session
        self.register = register
        self.opened = opened
        self.account = account
        self.memo_keys = memo_keys
        self.lists = lists
        self.now = opened.head.time
        self.end = min(opened.case.end, self.now)
        """The end of the window, or the head where that is earlier."""
        self.gaps = list(opened.gaps)
        self.known = Known(opened.accounts, opened.assets)
        self.live: dict[str, LiveState] = {}
        self.later = False
        if register.foreign:
            self.gaps.append(_FOREIGN_REGISTER)

    def history(self) -> History:
        pages = self._window()
        newest = self.opened.replies.get(("until", None))
        found, replies = self._second_wave(pages)
        if self._freshen(pages, replies.get("newest", newest)):
            found, replies = self._second_wave(pages)
        self._confirm(pages, replies)
        if pages.gaps(self.case.start, self.end):
            indexed = self.session.index is not None
            self.gaps.append(
                history_gap(self.opened, self.account, pages.index_error, indexed=indexed)
            )
        read = accounts.read_histories(self.session, found.answerers, replies)
        return self._assemble(pages, found, replies, read)

    def _second_wave(self, pages: Pages) -> tuple[Following, dict[Any, Reply]]:
        """Ask wave 2; returns what it followed from, and the replies."""
        found = self._following(pages)
        with self._asking_lists(found.sent):
            replies = self.session.ask(found.calls)
        if gap := self.known.learn(found.unknown, replies.get("objects")):
            self.gaps.append(gap)
        return found, replies

    def _following(self, pages: Pages) -> Following:
        source = self.session.source
        return second_wave.of(
            pages, self.opened, self.account, self.known, self.register, source
        )

    @contextmanager
    def _asking_lists(self, sent: Sequence[Movement]) -> Iterator[None]:
        """A context in which the gateways' lists are asked for, if that is enabled."""
        if self.lists is None:
            yield
            return
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(self._ask_lists, sent)
            yield
        asked.result()

    def _ask_lists(self, sent: Sequence[Movement]) -> None:
        """Ask for the published state of the gateways that were sent to, if that is enabled."""
        if self.lists is None:
            return
        known = (self.known.accounts.get(move.recipient) for move in sent)
        found = (self.register.by_account(account.name) for account in known if account)
        keys = sorted({gateway.key for gateway in found if gateway})
        states = dict(self.lists(keys)) if keys else {}
        for key, (enabled, comment) in self._switches().items():
            state = states.get(key) or LiveState(key, {})
            states[key] = replace(state, enabled=enabled, comment=comment)
        self.live = states

    def _switches(self) -> dict[str, tuple[bool, str | None]]:
        """Switches of gateways that the wallet's maintainers keep in an asset's description."""
        reply = self.opened.replies.get("switches")
        found = reply[0] if isinstance(reply, list) else None
        return switches(found.options.description) if found else {}

    def _freshen(self, pages: Pages, newest: Reply) -> bool:
        """Add the newest page, which was asked after the head was known; True if it shows new operations
        in the window.

        The pages of wave 1 may have been answered a moment before the head was told.
        """
        page = timeline.page_of(newest)
        if page is None:
            return False
        known = set(pages.rows)
        pages.add_until(self.now, page)
        self.later |= any(row.at > self.now for row in page)
        return any(
            row.id not in known and self.case.start <= row.at <= self.end for row in page
        )

    # --- the account's window -----------------------------------------------------------

    def _window(self) -> Pages:
        """The account's pages, completed until the window is proven or no more can be read."""
        pages = self._opened_pages()
        if self.opened.lack and (self.session.index is None or self.opened.outdated):
            return pages
        known_until = min(self.end, self.now - ANSWERED_WITHIN)
        wanted = {self.account.id: Wanted(pages, self.case.start, known_until)}
        fill = partial(completion.fill, self.session, wanted)
        if wanted[self.account.id].complete:
            fill()
        else:
            fill(along=partial(self._riding, pages))
        return pages

    def _riding(self, pages: Pages) -> Mapping[Any, Call]:
        """The calls that follow from the pages so far, unless the source was asked for them already."""
        foreseen = getattr(self.session.source, "prefetched", False)
        return {} if foreseen else self._following(pages).calls

    def _opened_pages(self) -> Pages:
        replies = self.opened.replies
        pages = Pages(self.account.id)
        for moment in first_wave.moments(self.case):
            self.opened.add(pages, ("until", moment), moment)
        if self.account.created and not self.account.genesis:
            pages.add_nothing_before(self.account.created)
        first = pagination.trusted_first_operation(
            self.account.id,
            self.account.genesis,
            replies["first"],
            replies["newest_two"],
            replies["newest"],
        )
        if first:
            pages.add_first(first)
        return pages

    # --- everything together ---------------------------------------------------------------

    def _assemble(
        self,
        pages: Pages,
        found: Following,
        replies: Mapping[Any, Reply],
        read: Mapping[str, Pages],
    ) -> History:
        rows, answerers = found.rows, found.answerers
        logs = {a.account_id: self._log(read[a.account_id], a.start) for a in answerers}
        for answerer in answerers:
            if read[answerer.account_id].gaps(answerer.start, answerer.end):
                known = self.known.accounts.get(answerer.account_id)
                self.gaps.append(
                    accounts.unread_history(known.name if known else answerer.account_id)
                )
        identified = {
            key[1]: identify(replies[key]) for key in replies if key[0] == "transaction"
        }
        proposals = self._part("proposals", _PROPOSALS) or ()
        locks = self._part("locks", _TIME_LOCKS) or ()
        orders = self._part("orders", _ORDERS) or ()
        vesting = self._part("vesting", _VESTING) or ()
        balances = self._part("balances", _BALANCES)
        return History(
            as_of=self.opened.as_of(replies, self.session.helpers),
            network=self.opened.head.network,
            account=self.account,
            log=self._log(pages, self.case.start - AROUND),
            proof=self._proof(pages),
            gateway_logs=logs,
            accounts=self.known.accounts,
            assets=self.known.assets,
            claimed_asset=self.opened.claimed,
            claimed_operation=self._named(),
            balances=balances,
            holdings=(*orders, *vesting),
            proposals=self.known.now(rows, "proposal_create", Proposal)
            | {found.id: found for found in proposals},
            time_locks=self.known.now(rows, "htlc_create", OpenTimeLock)
            | {found.id: found for found in locks},
            memo_texts=self._memo_texts(pages),
            pending=pending_transactions.transfers(replies.get("pending"), self.account.id),
            flagged=self._flagged(),
            live=self.live,
            sources=self._searched([pages, *read.values()]),
            transactions={k: digest for k, (digest, _) in identified.items() if digest},
            group_sizes={k: count for k, (_, count) in identified.items() if count},
            gaps=tuple(self.gaps),
            later=self.later,
        )

    def _log(self, pages: Pages, start: datetime) -> Log:
        return completion.log(pages, start, self.now)

    def _confirm(self, pages: Pages, replies: Mapping[Any, Reply]) -> None:
        """Replace operations that only the index has shown by those of their blocks."""
        for found in pages.indexed:
            row, transaction = pages.rows[found], replies.get(("transaction", found))
            seen = parse_reply(transaction, partial(documents.with_block_operation, row))
            if not isinstance(seen, ChainError):
                pages.add_rows([seen])

    def _searched(self, read: Iterable[Pages]) -> dict[str, str]:
        """The name of the index by operation id, for operations that only the index showed."""
        index = self.session.index
        ids = sorted({found for pages in read for found in pages.indexed})
        return dict.fromkeys(ids, index.name) if index else {}

    def _named(self) -> Operation | None:
        """The operation whose id the user gave, whichever account's it is."""
        reply = timeline.page_of(self.opened.replies.get("operation")) or []
        return next((found for found in reply if isinstance(found, Operation)), None)

    def _memo_texts(self, pages: Pages) -> dict[str, str]:
        """What the memos of the account's transfers say, where the operator's keys can tell."""
        if self.memo_keys is None:
            return {}
        rows = pages.between(self.case.start, self.end)
        sent = second_wave.movements(rows, self.account.id)
        memos = {move.id: move.memo for move in sent if isinstance(move, Transfer)}
        texts = {i: self.memo_keys.read(memo) for i, memo in memos.items() if memo}
        return {i: text for i, text in texts.items() if text is not None}

    def _flagged(self) -> frozenset[str]:
        main = self.opened.head.network.chain_id == MAIN_NETWORK
        return frozenset(
            a.id
            for a in self.known.accounts.values()
            if flagged(a.name, a.id, main_network=main)
        )

    def _proof(self, pages: Pages) -> Proof | None:
        if pages.gaps(self.case.start, self.end):
            return None
        if self.account.created and self.account.created > self.case.end:
            return Proof("created_later")
        return pages.proof(self.case.start)

    def _part(self, key: str, what: Text) -> Any:
        """One part of wave 1; None where it failed, with a gap unless the node lacks the method."""
        reply = self.opened.replies[key]
        if not isinstance(reply, ChainError):
            return reply
        if not unknown_method(reply):
            self.gaps.append(Gap(key, what, reply.text))
        return None


_FOREIGN_REGISTER = Gap(
    "register",
    Text(zh="网关登记", en="the gateway register"),
    Text(zh="它属于另一条链，未使用", en="it is of another chain and was not used"),
)
_ORDERS = Text(zh="挂单", en="open orders")
_VESTING = Text(zh="待解冻余额", en="vesting balances")
_PROPOSALS = Text(zh="提案", en="proposals")
_TIME_LOCKS = Text(zh="时间锁", en="time-locks")
_BALANCES = Text(zh="余额", en="balances")
