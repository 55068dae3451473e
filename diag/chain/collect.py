"""One Case in, one History out: everything is asked here, once, in as few waves as possible.

Wave 1 asks all that needs only the account's name (`opening`). Wave 2 asks what wave 1 made
known: names, assets, objects, transactions, and the histories of the accounts that may have
answered (`answering`). A window of more than a page is completed in between (`reading`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from diag.chain import agreement, answering, history, objects, opening, ops, reading, values
from diag.chain.answering import Move
from diag.chain.history import Pages
from diag.chain.inquiry import Inquiry, understood
from diag.chain.memo_keys import MemoKeys
from diag.chain.opening import AROUND, MAIN_NETWORK, Opening
from diag.chain.reading import Wanted
from diag.chain.source import Call, Deadline, Reply, Source
from diag.chain.transactions import identify
from diag.errors import BadInput, ChainError, NodeError, Unreachable
from diag.evidence import AsOf, Case, Gap, History, Proof
from diag.flagged import flagged
from diag.gateways import Register
from diag.live import LiveState, switches
from diag.names import edits, near
from diag.records import Account, Asset, Operation, Place, TimeLock, Transfer
from diag.text import Text

MOST_WITHDRAWALS = 8
"""Of how many movements in a window the transactions are looked up; of more by transaction id."""
MOST_TRANSACTIONS = 100
MOST_ACCOUNTS = 300
ANSWERED_WITHIN = timedelta(seconds=10)
"""The calls of one wave are answered within this time of each other."""
MOST_OBJECTS = 100
_NOISE = frozenset({1, 2, 4, 77})  # market operations: never a withdrawal's other side

Raw = dict[str, Any]
Lists = Callable[[Sequence[str]], Mapping[str, LiveState]]
"""Gateway keys → what those gateways say of themselves now."""


class Collector:
    """Callable: Case → History. Holds what is the same for every case, and no state."""

    def __init__(
        self,
        sources: Sequence[Source],
        register: Register,
        *,
        seconds: float = 8.0,
        chain_id: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        memo_keys: MemoKeys | None = None,
        lists: Lists | None = None,
    ) -> None:
        self._memo_keys = memo_keys
        self._lists = lists
        self._sources = tuple(sources)
        self._register = register
        self._seconds = seconds
        self._chain_id = chain_id
        self._clock = clock

    def __call__(self, case: Case) -> History:
        """Ask everything about a case.

        Raises Unreachable if no source answered at all, BadInput where the chain shows that
        the question itself is wrong (an asset that does not exist, too many digits, a window
        in the future).
        """
        deadline = Deadline(self._seconds)
        inquiry = Inquiry(self._sources, deadline)
        first = self._ask(inquiry, case)
        others = inquiry.others
        if not others or not agreement.doubtful(case, first):
            return first
        try:
            second = self._ask(Inquiry(others, deadline), case)
        except (BadInput, ChainError):
            return first  # a second opinion that is not to be had changes nothing
        return agreement.combine(case, first, second)

    def _ask(self, inquiry: Inquiry, case: Case) -> History:
        names = self._register.account_names
        lists = self._lists is not None
        opened = opening.ask(inquiry, case, names, self._chain_id, self._clock, lists)
        if opened.account is None:
            return _unknown_account(inquiry, case, opened)
        register = self._register.on(opened.head.network.chain_id)
        collection = _Collection(
            case, inquiry, register, opened, opened.account, self._memo_keys, self._lists
        )
        return collection.history()


def _unknown_account(inquiry: Inquiry, case: Case, opened: Opening) -> History:
    """Look for names that the user may have meant."""
    name = case.account
    prefixes = dict.fromkeys(name[:-cut] for cut in (1, 2, 4) if len(name) > cut + 1)
    calls: dict[Any, Call] = {
        ("lookup", prefix): Call("database", "lookup_accounts", (prefix, 100))
        for prefix in prefixes
    }
    calls["edits"] = Call("database", "get_accounts", (edits(name), False))
    calls["irreversible"] = opened.head.header
    replies = inquiry.ask(calls)
    found: set[str] = set()
    for key, reply in replies.items():
        if key == "edits":
            rows = understood(reply, lambda given: {str(row["name"]) for row in given if row})
        elif isinstance(key, tuple):
            rows = understood(reply, lambda given: {str(row[0]) for row in given})
        else:
            continue
        found |= rows if isinstance(rows, set) else set()
    return History(
        as_of=_as_of(opened, replies),
        network=opened.head.network,
        account=None,
        near_names=near(name, found),
        gaps=opened.gaps,
        claimed_asset=opened.claimed,
    )


def _as_of(opened: Opening, replies: Mapping[Any, Reply]) -> AsOf:
    head = opened.head
    header = understood(replies["irreversible"], lambda raw: values.when(raw["timestamp"]))
    return AsOf(
        block=head.block,
        time=head.time,
        irreversible_block=head.irreversible,
        irreversible_time=None if isinstance(header, ChainError) else header,
        nodes=(head.node,),
    )


class _Collection:
    """The steps after wave 1, for an account that exists."""

    def __init__(
        self,
        case: Case,
        inquiry: Inquiry,
        register: Register,
        opened: Opening,
        account: Account,
        memo_keys: MemoKeys | None,
        lists: Lists | None,
    ) -> None:
        self.case = case
        self.inquiry = inquiry
        self.register = register
        self.opened = opened
        self.account = account
        self.memo_keys = memo_keys
        self.lists = lists
        self.now = opened.head.time
        self.end = min(case.end, self.now)
        """Where the window ends as far as this node can know it."""
        self.gaps = list(opened.gaps)
        self.accounts = dict(opened.accounts)
        self.assets: dict[str, Asset] = {}
        self.objects: dict[str, Raw] = {}
        self.unknown: list[str] = []
        self.live: dict[str, LiveState] = {}
        if opened.claimed:
            self.assets[opened.claimed.id] = opened.claimed
        if register.foreign:
            self.gaps.append(_FOREIGN_REGISTER)

    def history(self) -> History:
        pages = self._window()
        replies, rows, answerers = self._second_wave(pages)
        if self._freshen(pages, replies.get("newest")):
            replies, rows, answerers = self._second_wave(pages)
        if pages.gaps(self.case.start, self.end):
            self._history_gap()
        old_head = self.opened.head.place if self.opened.old_node else None
        read = answering.read(self.inquiry, answerers, replies, old_head)
        return self._assemble(pages, rows, replies, answerers, read)

    def _second_wave(
        self, pages: Pages
    ) -> tuple[dict[Any, Reply], list[Raw], list[answering.Answering]]:
        """What the window made known, and the account's newest page once more."""
        rows = pages.between(self.case.start - AROUND, self.now)
        inside = pages.between(self.case.start, self.end)
        sent = self._claimed([move for row in inside if (move := self._sent(row))])
        answerers = answering.accounts(sent, self.accounts, self.register, self.now)
        calls = self._details(rows, inside, sent)
        if not self.opened.old_node:
            calls["newest"] = history.by_time(self.account.id, None)
            for answerer in answerers:
                calls |= answerer.calls()
        with ThreadPoolExecutor(1) as aside:
            live = aside.submit(self._live_lists, sent)
            replies = self.inquiry.ask(calls)
            self.live = live.result()
        self._learn(replies.get("objects"))
        return replies, rows, answerers

    def _live_lists(self, sent: Sequence[Move]) -> dict[str, LiveState]:
        """What the gateways that were sent to say of themselves now, if that is to be asked."""
        if self.lists is None:
            return {}
        known = (self.accounts.get(move.recipient) for move in sent)
        found = (self.register.by_account(account.name) for account in known if account)
        keys = sorted({gateway.key for gateway in found if gateway})
        states = dict(self.lists(keys)) if keys else {}
        for key, (enabled, comment) in self._switches().items():
            state = states.get(key) or LiveState(key, {})
            states[key] = replace(state, enabled=enabled, comment=comment)
        return states

    def _switches(self) -> dict[str, tuple[bool, str | None]]:
        """The switches that the wallet's maintainers set on the chain, in an asset's description."""
        reply = self.opened.replies.get("switches")
        text = understood(reply, lambda rows: str(rows[0]["options"]["description"]))
        return {} if isinstance(text, ChainError) else switches(text)

    def _freshen(self, pages: Pages, newest: Reply) -> bool:
        """Take in the newest page, asked when the head was known already; True if it brings news.

        The pages of wave 1 may have been answered a moment before the head was told.
        """
        page = history.rows_of(newest)
        if page is None:
            return False
        known = set(pages.rows)
        pages.add_until(self.now, page)
        return any(
            row["id"] not in known
            and self.case.start <= values.when(row["block_time"]) <= self.end
            for row in page
        )

    # --- the account's window -----------------------------------------------------------

    def _window(self) -> Pages:
        """The account's pages, completed until the window is proven or the node has no more."""
        if self.opened.old_node:
            span = {self.account.id: (self.case.start, self.end)}
            found = reading.by_sequence(self.inquiry, span, self.opened.head.place)
            return found[self.account.id]
        pages = self._opened_pages()
        known_until = min(self.end, self.now - ANSWERED_WITHIN)
        wanted = {self.account.id: Wanted(pages, self.case.start, known_until)}
        reading.fill(self.inquiry, wanted)
        return pages

    def _opened_pages(self) -> Pages:
        replies = self.opened.replies
        pages = Pages(self.account.id)
        for moment in opening.moments(self.case):
            page = history.rows_of(replies["until", moment])
            if page is not None:
                limit = self.now - ANSWERED_WITHIN
                pages.add_until(min(moment or limit, limit), page)
        if self.account.created and not self.account.genesis:
            pages.add_nothing_before(self.account.created)
        first = history.trusted_first(
            self.account.id,
            self.account.genesis,
            replies["first"],
            replies["newest_two"],
            replies["newest"],
        )
        if first:
            pages.add_first(first)
        return pages

    def _history_gap(self) -> None:
        asked = (self.opened.replies["until", m] for m in opening.moments(self.case))
        failed = next((r for r in asked if isinstance(r, ChainError) and not _absent(r)), None)
        pruned = Text(
            zh="节点没有保留这么早的账户历史",
            en="the node does not keep this account's history that far back",
        )
        what = Text(zh="所查时间段的账户历史", en="the account's history in the window")
        code = Gap.UNREAD if failed else Gap.HISTORY
        self.gaps.append(Gap(code, what, failed.text if failed else pruned))

    def _sent(self, row: Raw) -> Move | None:
        """The row as a movement of the account's coins to somebody else, if it is one."""
        move = understood(row, lambda raw: ops.parse(raw, {}))
        if not isinstance(move, Transfer | TimeLock):
            return None
        return move if move.sender == self.account.id != move.recipient else None

    def _claimed(self, sent: Sequence[Move]) -> Sequence[Move]:
        """Those that fit the claimed asset and amount; all of them where none does."""
        claimed, amount = self.opened.claimed, self.case.amount
        fitting = [m for m in sent if claimed is None or m.amount.asset.id == claimed.id]
        units = claimed.units(amount) if claimed and amount is not None else None
        exact = [m for m in fitting if m.amount.units == units]
        return exact or fitting or sent

    # --- wave 2: what the window made known ----------------------------------------------

    def _details(
        self, rows: Sequence[Raw], inside: Sequence[Raw], sent: Sequence[Move]
    ) -> dict[Any, Call]:
        """Names, assets and objects that occur, transactions of what was sent, the last final block."""
        named = history.rows_of(self.opened.replies.get("operation")) or []
        telling = [row for row in [*named, *inside, *rows] if row["op"][0] not in _NOISE]
        live = [self.opened.replies[key] for key in ("orders", "proposals", "locks", "vesting")]
        people = [move.recipient for move in sent] + _ordered(map(values.accounts_in, telling))
        assets = _ordered(values.assets_in(r) for r in [*telling, *inside, *live] if _plain(r))
        made = _ordered(_made(row) for row in telling)
        unknown = [i for i in dict.fromkeys(people) if i not in self.accounts][:MOST_ACCOUNTS]
        unknown += [i for i in assets if i not in self.assets][:MOST_OBJECTS]
        unknown += made[:MOST_OBJECTS]
        calls: dict[Any, Call] = {"irreversible": self.opened.head.header}
        self.unknown = unknown
        if unknown:
            calls["objects"] = Call("database", "get_objects", (unknown,))
        most = MOST_TRANSACTIONS if self.case.transaction else MOST_WITHDRAWALS
        if pending := self._pending_ids():
            calls["pending"] = Call("database", "get_objects", (pending,))
        for move in sent[-most:]:
            place = (move.place.block, move.place.transaction)
            calls["transaction", move.id] = Call("database", "get_transaction", place)
        return calls

    def _pending_ids(self) -> list[str]:
        """The ids 2.7.x of the transactions that the node holds for inclusion."""
        replies = self.opened.replies
        first, after = (
            understood(replies[key], lambda text: int(str(text).removeprefix("2.7.")))
            for key in ("first_pending", "after_pending")
        )
        if isinstance(first, ChainError) or isinstance(after, ChainError):
            return []
        return [f"2.7.{n}" for n in range(first, min(after, first + MOST_OBJECTS))]

    def _pending(self, reply: Reply) -> tuple[Transfer, ...]:
        """The account's transfers among them, each at the time when its transaction expires."""
        rows = reply if isinstance(reply, list) else []
        read = [understood(row, self._held) for row in rows]
        found = (o for held in read if not isinstance(held, ChainError) for o in held)
        return tuple(
            o for o in found if isinstance(o, Transfer) and o.sender == self.account.id
        )

    def _held(self, row: Raw) -> tuple[Operation, ...]:
        transaction = row["trx"]
        expires = values.when(transaction["expiration"])
        place = Place(str(row["id"]), expires, 0, 0, 0, virtual=False)
        return ops.inner(transaction["operations"], place, self.assets)

    def _learn(self, reply: Reply) -> None:
        """Accounts, assets and other objects that came with wave 2, each under the id asked for.

        An account or asset that occurs in an operation exists: if it does not come, the answer
        is not to be relied on, and nothing else in it is called gone.
        """
        if not self.unknown:
            return
        rows = understood(reply, lambda given: list(zip(self.unknown, given, strict=True)))
        if not isinstance(rows, list):
            self._objects_gap(rows)
            return
        for identity, row in rows:
            if not self._learnt(identity, row) and not identity.startswith(_MAY_BE_GONE):
                self._objects_gap(Unreachable("an object that exists did not come"))
                return

    def _learnt(self, identity: str, row: object) -> bool:
        if not isinstance(row, dict) or row.get("id") != identity:
            return False
        if identity.startswith("1.2."):
            account = understood(row, objects.account)
            if isinstance(account, Account):
                self.accounts[identity] = account
            return isinstance(account, Account)
        if identity.startswith("1.3."):
            asset = understood(row, values.asset)
            if isinstance(asset, Asset):
                self.assets[identity] = asset
            return isinstance(asset, Asset)
        self.objects[identity] = row
        return True

    def _objects_gap(self, error: ChainError) -> None:
        what = Text(zh="账户名与资产信息", en="account names and assets")
        self.gaps.append(Gap(Gap.OBJECTS, what, error.text))

    # --- everything together ---------------------------------------------------------------

    def _assemble(
        self,
        pages: Pages,
        rows: Sequence[Raw],
        replies: Mapping[Any, Reply],
        answerers: Sequence[answering.Answering],
        read: Mapping[str, Pages],
    ) -> History:
        logs = {
            a.account_id: reading.log(read[a.account_id], a.start, self.now, self.assets)
            for a in answerers
        }
        for answerer in answerers:
            if read[answerer.account_id].gaps(answerer.start, answerer.end):
                known = self.accounts.get(answerer.account_id)
                self.gaps.append(answering.gap(known.name if known else answerer.account_id))
        identified = {
            key[1]: identify(replies[key]) for key in replies if key[0] == "transaction"
        }
        live = objects.Live(self.assets, self.now)
        proposals = self._part("proposals", _PROPOSALS, live.proposals) or {}
        locks = self._part("locks", _TIME_LOCKS, live.time_locks) or {}
        orders = self._part("orders", _ORDERS, live.orders) or ()
        vesting = self._part("vesting", _VESTING, live.vesting) or ()
        balances = self._part("balances", _BALANCES, objects.balances)
        return History(
            as_of=_as_of(self.opened, replies),
            network=self.opened.head.network,
            account=self.account,
            log=reading.log(pages, self.case.start - AROUND, self.now, self.assets),
            proof=self._proof(pages),
            gateway_logs=logs,
            accounts=self.accounts,
            assets=self.assets,
            claimed_asset=self.opened.claimed,
            claimed_operation=self._named(),
            balances=balances,
            holdings=(*orders, *vesting),
            proposals=self._now(rows, 22, live.proposal) | proposals,
            time_locks=self._now(rows, 49, live.time_lock) | locks,
            memo_texts=self._memo_texts(pages),
            pending=self._pending(replies.get("pending")),
            flagged=self._flagged(),
            live=self.live,
            transactions={k: digest for k, (digest, _) in identified.items() if digest},
            group_sizes={k: count for k, (_, count) in identified.items() if count},
            gaps=tuple(self.gaps),
        )

    def _named(self) -> Operation | None:
        """The operation whose id the user gave, wherever it stands."""
        for row in history.rows_of(self.opened.replies.get("operation")) or []:
            found = understood(row, lambda raw: ops.parse(raw, self.assets))
            if isinstance(found, Operation):
                return found
        return None

    def _memo_texts(self, pages: Pages) -> dict[str, str]:
        """What the memos of the account's transfers say, where the operator's keys can tell."""
        if self.memo_keys is None:
            return {}
        sent = (self._sent(row) for row in pages.between(self.case.start, self.end))
        memos = {move.id: move.memo for move in sent if isinstance(move, Transfer)}
        texts = {i: self.memo_keys.read(memo) for i, memo in memos.items() if memo}
        return {i: text for i, text in texts.items() if text is not None}

    def _flagged(self) -> frozenset[str]:
        main = self.opened.head.network.chain_id == MAIN_NETWORK
        return frozenset(
            a.id for a in self.accounts.values() if flagged(a.name, a.id, main_network=main)
        )

    def _proof(self, pages: Pages) -> Proof | None:
        if pages.gaps(self.case.start, self.end):
            return None
        if self.account.created and self.account.created > self.case.end:
            return Proof("created_later")
        return pages.proof(self.case.start)

    def _part(self, key: str, what: Text, read: Callable[[Any], Any]) -> Any:
        """One part of wave 1, or None and a gap; no gap where the node has no such method."""
        value = understood(self.opened.replies[key], lambda given: read(_rows(given)))
        if not isinstance(value, ChainError):
            return value
        if not _absent(value):
            self.gaps.append(Gap(key, what, value.text))
        return None

    def _now(
        self, rows: Sequence[Raw], number: int, read: Callable[[Raw], Any]
    ) -> dict[str, Any]:
        """The objects that operations of one kind made: what they are now, None if gone."""
        if any(gap.code == Gap.OBJECTS for gap in self.gaps):
            return {}
        made = [identity for row in rows if row["op"][0] == number for identity in _made(row)]
        found = {
            i: understood(self.objects[i], read) if i in self.objects else None for i in made
        }
        return {i: value for i, value in found.items() if not isinstance(value, ChainError)}


_FOREIGN_REGISTER = Gap(
    "register",
    Text(zh="网关登记", en="the gateway register"),
    Text(zh="它属于另一条链，未使用", en="it is of another chain and was not used"),
)
_MAY_BE_GONE = ("1.10.", "1.16.")
_ORDERS = Text(zh="挂单", en="open orders")
_VESTING = Text(zh="待解冻余额", en="vesting balances")
_PROPOSALS = Text(zh="提案", en="proposals")
_TIME_LOCKS = Text(zh="时间锁", en="time-locks")
_BALANCES = Text(zh="余额", en="balances")


def _rows(given: object) -> list[Raw]:
    """A list of objects; anything else is no answer to the question."""
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        raise TypeError("not a list of objects")
    return given


def _absent(error: ChainError) -> bool:
    """True if the node does not offer the method at all."""
    return isinstance(error, NodeError) and objects.unknown_method(error)


def _plain(raw: object) -> bool:
    return not isinstance(raw, ChainError)


def _made(row: Raw) -> set[str]:
    """The proposal or time-lock that an operation made."""
    match row.get("result"):
        case [1, str(made)] if made.startswith(("1.10.", "1.16.")):
            return {made}
        case _:
            return set()


def _ordered(sets: Iterable[set[str]]) -> list[str]:
    """All members once, in order of appearance; sorted inside each set, so always the same."""
    return list(dict.fromkeys(item for group in sets for item in sorted(group)))
