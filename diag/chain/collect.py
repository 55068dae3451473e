"""One Case in, one History out: everything is asked here, once, in as few waves as possible.

Wave 1 asks all that needs only the account's name. Wave 2 asks what wave 1 made known: names,
assets, objects, transactions, and the histories of the gateway accounts. A window of more than
a page is completed in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from diag.chain import history, objects, ops, sequences
from diag.chain.history import Pages
from diag.chain.inquiry import Inquiry, understood
from diag.chain.source import Call, Deadline, Reply, Source
from diag.chain.transactions import identify
from diag.errors import BadInput, ChainError, NodeError, Unreachable
from diag.evidence import AsOf, Case, Gap, History, Log, Node, Proof
from diag.gateways import Register
from diag.names import edits, near
from diag.records import CORE_ASSET, Account, Asset, Network, Operation, TimeLock, Transfer
from diag.text import Text

AROUND = timedelta(hours=14)
"""How far to both sides of the window a look is taken: every time zone's offset fits in."""
HORIZON = timedelta(hours=48)
"""How long after a withdrawal its gateway's history is read, besides its newest page."""
MOST_WITHDRAWALS = 8
MOST_FILLS = 4
STALE_BLOCKS = 10
LEAST_STALE = timedelta(seconds=30)
_NOISE = frozenset({1, 2, 4, 77})  # market operations: never a withdrawal's other side
_REPLAY = re.compile(r"diag-replay now=(\S+?)Z\Z")

Raw = dict[str, Any]


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
    ) -> None:
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
        inquiry = Inquiry(self._sources, Deadline(self._seconds))
        return _Collection(case, inquiry, self._register, self._chain_id, self._clock).history()


class _Collection:
    """The steps of one collection, in the order they are asked."""

    def __init__(
        self,
        case: Case,
        inquiry: Inquiry,
        register: Register,
        chain_id: str | None,
        clock: Callable[[], datetime],
    ) -> None:
        self.case = case
        self.inquiry = inquiry
        self.register = register
        self.expected_chain = chain_id
        self.clock = clock
        self.gaps: list[Gap] = []
        self.nodes: list[Node] = []
        self.assets: dict[str, Asset] = {}
        self.accounts: dict[str, Account] = {}

    def history(self) -> History:
        opening = self._open()
        network, head = self.network, self.head
        self._claimed_asset(opening)
        self._names(opening)
        account = self.account
        if account is None:
            return self._unknown_account(network, head)
        self._check_window(head)
        pages = self._window(opening, account)
        return self._rest(opening, account, pages)

    # --- wave 1 -------------------------------------------------------------------------

    def _open(self) -> dict[Any, Reply]:
        """Wave 1, from the first source that is fresh and of the right chain, else the best of them."""
        worst: ChainError = Unreachable("no node is configured")
        stale: tuple[dict[Any, Reply], Node, Network, objects.Head] | None = None
        while True:
            replies = self.inquiry.ask(self._opening_calls())
            opened = self._judge(replies)
            if not isinstance(opened, ChainError):
                node, network, head = opened
                if node.behind is None:
                    break
                if stale is None or head.time > stale[3].time:
                    stale = (replies, node, network, head)
            else:
                worst = opened
            if not self.inquiry.next_source():
                if stale is None:
                    raise worst
                replies, node, network, head = stale
                self.gaps.append(_behind(node))
                break
        self.nodes.append(node)
        self.network, self.head = network, head
        return replies

    def _opening_calls(self) -> dict[Any, Call]:
        case = self.case
        names = [case.account, *([case.destination] if case.destination else [])]
        self.asked_names = list(dict.fromkeys([*names, *self.register.account_names]))
        calls: dict[Any, Call] = {
            "chain_id": Call("database", "get_chain_id"),
            "objects": Call("database", "get_objects", (["2.1.0", "2.0.0"],)),
            "info": Call("login", "get_info"),
            "accounts": Call("database", "get_accounts", (self.asked_names, False)),
            **history.probes(case.account),
            "balances": Call("database", "get_account_balances", (case.account, [])),
            "orders": Call("database", "get_limit_orders_by_account", (case.account,)),
            "vesting": Call("database", "get_vesting_balances", (case.account,)),
            "proposals": Call("database", "get_proposed_transactions", (case.account,)),
            "locks": Call("database", "get_htlc_by_from", (case.account, "1.16.0", 100)),
        }
        for moment in self._moments():
            calls["until", moment] = history.by_time(case.account, moment)
        if case.asset:
            calls["asset"] = Call("database", "lookup_asset_symbols", ([case.asset],))
        if case.operation:
            calls["operation"] = Call("database", "get_objects", ([case.operation],))
        return calls

    def _moments(self) -> list[datetime | None]:
        """The ends of the account's pages: the window, what is after it, now, what is before it."""
        case = self.case
        return [case.end, case.end + AROUND, None, case.start - timedelta(seconds=1)]

    def _judge(
        self, replies: Mapping[Any, Reply]
    ) -> tuple[Node, Network, objects.Head] | ChainError:
        """Is this source usable: does it tell its head, is it the right chain, how far behind is it."""
        head = understood(replies["objects"], lambda found: objects.head(found[0]))
        if isinstance(head, ChainError):
            return head
        chain = replies["chain_id"]
        if isinstance(chain, ChainError):
            return chain
        info = replies["info"]
        declared = _REPLAY.match(info) if isinstance(info, str) else None
        if self.expected_chain and chain != self.expected_chain:
            return Unreachable("the node serves another chain")
        network = understood(
            replies["objects"], lambda found: objects.network(str(chain), found[0], found[1])
        )
        if isinstance(network, ChainError):
            return network
        now = ops.when(declared[1]) if declared else self.clock()
        behind = now - head.time
        limit = max(LEAST_STALE, STALE_BLOCKS * network.interval)
        node = Node(
            name=self.inquiry.source.name,
            chain_id=str(chain),
            head_block=head.block,
            head_time=head.time,
            behind=behind if behind > limit else None,
        )
        return node, network, head

    def _claimed_asset(self, opening: Mapping[Any, Reply]) -> None:
        """The asset of the claim; it must exist, and the claimed amounts must fit its precision."""
        self.claimed: Asset | None = None
        if "asset" not in opening:
            return
        found = understood(opening["asset"], lambda rows: rows[0] and ops.asset(rows[0]))
        if isinstance(found, ChainError):
            what = Text(zh="用户所说的资产", en="the claimed asset")
            self.gaps.append(Gap("asset", what, found.text))
            return
        if not found:
            raise BadInput.of(
                "asset",
                f"链上没有资产 {self.case.asset}。请核对代码，例如 BTS 或 网关.币种。",
                f"There is no asset {self.case.asset} on this chain. Check the symbol, "
                "for example BTS or GATEWAY.COIN.",
            )
        self.claimed = found
        self.assets[found.id] = found
        for name in ("amount", "received"):
            value = getattr(self.case, name)
            if value is not None and name == "amount" and found.units(value) is None:
                raise BadInput.of(
                    name,
                    f"{found.symbol} 最多 {found.precision} 位小数，请减少小数位数。",
                    f"{found.symbol} has {found.precision} decimal places; give no more digits.",
                )

    def _names(self, opening: Mapping[Any, Reply]) -> None:
        """The accounts asked by name: the user's, the claimed destination's, the gateways'."""
        self.account: Account | None = None
        rows = opening["accounts"]
        if isinstance(rows, ChainError):
            raise rows
        found = understood(rows, lambda given: [row and objects.account(row) for row in given])
        if isinstance(found, ChainError):
            raise found
        for name, account in zip(self.asked_names, found, strict=False):
            if account:
                self.accounts[account.id] = account
            if account and name == self.case.account:
                self.account = account

    def _check_window(self, head: objects.Head) -> None:
        if self.case.start > head.time and not self._stale:
            raise BadInput.of(
                "from",
                f"时间段开始于最新区块（{head.time:%Y-%m-%d %H:%M:%S} UTC）之后。请核对日期和时区。",
                f"The window begins after the newest block ({head.time:%Y-%m-%d %H:%M:%S} UTC). "
                "Check the date and the time zone.",
            )

    @property
    def _stale(self) -> bool:
        return any(gap.code == Gap.HEAD for gap in self.gaps)

    def _unknown_account(self, network: Network, head: objects.Head) -> History:
        """Look for names that the user may have meant."""
        name = self.case.account
        prefixes = dict.fromkeys(
            name[: len(name) - cut] for cut in (1, 2, 4) if len(name) > cut + 1
        )
        calls: dict[Any, Call] = {
            ("lookup", prefix): Call("database", "lookup_accounts", (prefix, 100))
            for prefix in prefixes
        }
        calls["edits"] = Call("database", "get_accounts", (edits(name), False))
        calls["irreversible"] = self._header_call()
        replies = self.inquiry.ask(calls)
        names = set()
        for key, reply in replies.items():
            if key == "edits" and isinstance(reply, list):
                names |= {
                    str(row["name"]) for row in reply if isinstance(row, dict) and "name" in row
                }
            elif isinstance(key, tuple) and isinstance(reply, list):
                names |= {str(row[0]) for row in reply if isinstance(row, list) and row}
        return History(
            as_of=self._as_of(replies),
            network=network,
            account=None,
            near_names=near(name, names),
            gaps=tuple(self.gaps),
            claimed_asset=self.claimed,
        )

    # --- the account's window -----------------------------------------------------------

    def _window(self, opening: Mapping[Any, Reply], account: Account) -> Pages:
        """The account's pages, completed until the window is proven or the node has no more."""
        replies = [opening["until", moment] for moment in self._moments()]
        if any(isinstance(r, NodeError) and objects.unknown_method(r) for r in replies):
            return self._old_node({account.id: [self.case.start, self._end]})[account.id]
        pages = Pages(account.id)
        for moment, reply in zip(self._moments(), replies, strict=True):
            page = history.rows_of(reply)
            if page is not None:
                pages.add_until(moment or self.head.time, page)
        first = history.trusted_first(
            account.id,
            account.genesis,
            opening["first"],
            opening["newest_two"],
            opening["newest"],
        )
        if first:
            pages.add_first(first)
        self._fill({account.id: (pages, self.case.start, self._end)})
        failed = next((r for r in replies if isinstance(r, ChainError)), None)
        self._window_gap(pages, failed)
        return pages

    @property
    def _end(self) -> datetime:
        """Where the window ends as far as this node can know it."""
        return min(self.case.end, self.head.time)

    def _window_gap(self, pages: Pages, failed: ChainError | None) -> None:
        if not pages.gaps(self.case.start, self._end):
            return
        pruned = Text(
            zh="节点没有保留这么早的账户历史",
            en="the node does not keep this account's history that far back",
        )
        why = failed.text if failed else pruned
        what = Text(zh="所查时间段的账户历史", en="the account's history in the window")
        self.gaps.append(Gap(Gap.HISTORY, what, why))

    def _fill(self, wanted: Mapping[str, tuple[Pages, datetime, datetime]]) -> None:
        """Close the gaps of several accounts, all in the same waves, while that makes progress."""
        for _ in range(MOST_FILLS):
            calls: dict[Any, Call] = {}
            for name, (pages, start, end) in wanted.items():
                for gap in pages.gaps(start, end):
                    calls |= {
                        (name, *asked): c for asked, c in history.fill(pages, gap).items()
                    }
            before = sum(len(pages.rows) for pages, _, _ in wanted.values())
            for (name, how, position), reply in self.inquiry.ask(calls).items():
                history.take(wanted[name][0], (how, position), reply)
            if not calls or before == sum(len(pages.rows) for pages, _, _ in wanted.values()):
                return

    def _old_node(self, wanted: Mapping[str, list[datetime]]) -> dict[str, Pages]:
        """The same from a node before 6.1: by sequence search, from the first moment to the last."""
        calls = {
            account_id: Call("database", "get_objects", (["2.6." + account_id[4:]],))
            for account_id in wanted
        }
        readings = {}
        for account_id, reply in self.inquiry.ask(calls).items():
            totals = understood(reply, lambda rows: objects.totals(rows[0]))
            if not isinstance(totals, ChainError):
                moments = wanted[account_id]
                readings[account_id] = sequences.Reading(
                    account_id, *totals, start=min(moments), end=max(moments)
                )
        read = sequences.read(self.inquiry.ask, dict(readings), self.head.block)
        found = {name: read.get(name, Pages(name)) for name in wanted}
        if self.account and self.account.id in wanted:
            self._window_gap(found[self.account.id], None)
        self.old_node = True
        return found

    old_node = False

    # --- wave 2: what the window made known ----------------------------------------------

    def _rest(self, opening: Mapping[Any, Reply], account: Account, pages: Pages) -> History:
        rows = pages.between(self.case.start - AROUND, self.head.time)
        inside = [row for row in rows if self.case.start <= ops.when(row["block_time"])]
        inside = [row for row in inside if ops.when(row["block_time"]) <= self.case.end]
        sent = [move for row in inside if (move := _sent(row, account.id))][-MOST_WITHDRAWALS:]
        calls = self._detail_calls(opening, rows, inside, sent)
        gateways = {} if self.old_node else self._gateway_pages(sent, account)
        for name, (_, ends, _) in gateways.items():
            for end in ends:
                calls["gateway", name, end] = history.by_time(name, end)
        replies = self.inquiry.ask(calls)
        self._learn(replies)
        logs = self._gateway_logs(gateways, replies, sent, account)
        return self._assemble(opening, replies, account, pages, rows, sent, logs)

    def _detail_calls(
        self,
        opening: Mapping[Any, Reply],
        rows: Sequence[Raw],
        inside: Sequence[Raw],
        sent: Sequence[Transfer | TimeLock],
    ) -> dict[Any, Call]:
        """Names, assets and objects that occur, transactions of what was sent, the last final block."""
        telling = [row for row in rows if row["op"][0] not in _NOISE]
        live = [opening[key] for key in ("orders", "proposals", "locks", "vesting")]
        people = [move.recipient for move in sent]
        people += _ordered(
            ops.accounts_in(r) for r in [*inside, *telling] if r["op"][0] not in _NOISE
        )
        assets = _ordered(ops.assets_in(r) for r in [*inside, *telling, *live])
        objects_ = _ordered(_made_objects(row) for row in telling)
        wanted = [i for i in people if i not in self.accounts][:300]
        wanted += [i for i in assets if i not in self.assets][:100] + objects_[:100]
        calls: dict[Any, Call] = {"irreversible": self._header_call()}
        if wanted:
            calls["objects"] = Call("database", "get_objects", (wanted,))
        for move in sent:
            place = (move.place.block, move.place.transaction)
            calls["transaction", move.id] = Call("database", "get_transaction", place)
        return calls

    def _header_call(self) -> Call:
        return Call("database", "get_block_header", (self.head.irreversible,))

    def _gateway_pages(
        self, sent: Sequence[Transfer | TimeLock], account: Account
    ) -> dict[str, tuple[Pages, list[datetime], datetime]]:
        """For each account that may answer: its pages, the ends to ask for, and from when on."""
        moments = self._answering_accounts(sent, account)
        return {
            name: (
                Pages(name),
                list(history.slices(times, self.head.time, HORIZON)),
                min(times),
            )
            for name, times in moments.items()
        }

    def _answering_accounts(
        self, sent: Sequence[Transfer | TimeLock], account: Account
    ) -> dict[str, list[datetime]]:
        """Whose history may hold an answer: the recipients of coins, and their gateway's accounts."""
        ids = {a.name: a.id for a in self.accounts.values()}
        moments: dict[str, list[datetime]] = {}
        for move in sent:
            if not isinstance(move, Transfer):
                continue
            known = self.accounts.get(move.recipient)
            gateway = self.register.by_account(known.name) if known else None
            if gateway is None and move.amount.asset.id == CORE_ASSET:
                continue
            names = gateway.account_names if gateway else frozenset()
            for name in dict.fromkeys(
                [move.recipient, *sorted(ids[n] for n in names if n in ids)]
            ):
                moments.setdefault(name, []).append(move.at)
        return moments

    def _learn(self, replies: Mapping[Any, Reply]) -> None:
        """Accounts and assets that came with wave 2."""
        self.found_objects: dict[str, Raw | None] = {}
        reply = replies.get("objects")
        if reply is None:
            return
        if isinstance(reply, ChainError) or not isinstance(reply, list):
            why = reply if isinstance(reply, ChainError) else Unreachable("not a list")
            what = Text(zh="账户名与资产信息", en="account names and assets")
            self.gaps.append(Gap("objects", what, why.text))
            return
        for row in reply:
            if not isinstance(row, dict):
                continue
            identity = str(row.get("id", ""))
            if identity.startswith("1.2."):
                account = understood(row, objects.account)
                if not isinstance(account, ChainError):
                    self.accounts[identity] = account
            elif identity.startswith("1.3."):
                asset = understood(row, ops.asset)
                if not isinstance(asset, ChainError):
                    self.assets[identity] = asset
            else:
                self.found_objects[identity] = row

    def _gateway_logs(
        self,
        gateways: Mapping[str, tuple[Pages, list[datetime], datetime]],
        replies: Mapping[Any, Reply],
        sent: Sequence[Transfer | TimeLock],
        account: Account,
    ) -> dict[str, Log]:
        """The gateway accounts' histories, completed from the first withdrawal up to now."""
        if self.old_node:
            moments = self._answering_accounts(sent, account)
            wanted = {
                n: [*t, min(max(t) + HORIZON, self.head.time)] for n, t in moments.items()
            }
            read = self._old_node(wanted) if wanted else {}
            gateways = {n: (p, [], min(moments[n])) for n, p in read.items()}
        for name, (pages, ends, _) in gateways.items():
            for end in ends:
                page = history.rows_of(replies["gateway", name, end])
                if page is not None:
                    pages.add_until(end, page)
        if not self.old_node:
            self._fill(
                {
                    name: (pages, start, min(start + HORIZON, self.head.time))
                    for name, (pages, _, start) in gateways.items()
                }
            )
        logs = {
            name: self._log(pages, start, self.head.time)
            for name, (pages, _, start) in gateways.items()
        }
        for name, log in logs.items():
            if not log.complete(gateways[name][2], self.head.time):
                self.gaps.append(self._gateway_gap(name))
        return logs

    def _gateway_gap(self, account_id: str) -> Gap:
        known = self.accounts.get(account_id)
        name = known.name if known else account_id
        return Gap(
            Gap.GATEWAY,
            Text(zh=f"{name} 的部分历史", en=f"part of the history of {name}"),
            Text(
                zh="节点没有保留，或在时限内未能读完",
                en="the node does not keep it, or it could not be read in time",
            ),
        )

    def _log(self, pages: Pages, start: datetime, end: datetime) -> Log:
        """Typed operations of all rows up to the end, and what of [start, end] is unproven."""
        typed: list[Operation] = []
        for row in pages.rows.values():
            operation = understood(row, lambda raw: ops.parse(raw, self.assets))
            if not isinstance(operation, ChainError) and operation.at <= end:
                typed.append(operation)
        gaps = tuple((gap.first[0], gap.last[0]) for gap in pages.gaps(start, end))
        return Log(tuple(sorted(typed, key=lambda o: o.place.number)), gaps, start)

    # --- everything together ---------------------------------------------------------------

    def _assemble(
        self,
        opening: Mapping[Any, Reply],
        replies: Mapping[Any, Reply],
        account: Account,
        pages: Pages,
        rows: Sequence[Raw],
        sent: Sequence[Transfer | TimeLock],
        logs: Mapping[str, Log],
    ) -> History:
        log = self._log(pages, self.case.start - AROUND, self.head.time)
        window_open = pages.gaps(self.case.start, self._end)
        identified = {move.id: identify(replies["transaction", move.id]) for move in sent}
        live = objects.Live(self.assets, self.head.time)
        return History(
            as_of=self._as_of(replies),
            network=self.network,
            account=account,
            log=log,
            proof=None if window_open else self._proof(pages),
            gateway_logs=logs,
            accounts=self.accounts,
            assets=self.assets,
            claimed_asset=self.claimed,
            balances=self._part(
                opening, "balances", Text(zh="余额", en="balances"), objects.balances
            ),
            holdings=(
                *(self._part(opening, "orders", _ORDERS, live.orders) or ()),
                *(self._part(opening, "vesting", _VESTING, live.vesting) or ()),
            ),
            proposals=self._proposals(opening, rows, live),
            time_locks=self._time_locks(opening, rows, live),
            transactions={k: digest for k, (digest, _) in identified.items() if digest},
            group_sizes={k: count for k, (_, count) in identified.items() if count},
            gaps=tuple(self.gaps),
        )

    def _proof(self, pages: Pages) -> Proof | None:
        if self.account and self.account.created and self.account.created > self.case.end:
            return Proof("created_later", None)
        return pages.proof(self.case.start)

    def _part(self, opening: Mapping[Any, Reply], key: str, what: Text, read: Any) -> Any:
        """One part of the opening wave, or None and a gap."""
        value = understood(opening[key], read)
        if isinstance(value, ChainError):
            if not (isinstance(value, NodeError) and objects.unknown_method(value)):
                self.gaps.append(Gap(key, what, value.text))
            return None
        return value

    def _proposals(
        self, opening: Mapping[Any, Reply], rows: Sequence[Raw], live: objects.Live
    ) -> dict[str, Any]:
        """Live proposals, and None for the ids of those that are gone."""
        found = self._part(opening, "proposals", _PROPOSALS, live.proposals) or {}
        return self._live(rows, 22, live.proposal) | found

    def _time_locks(
        self, opening: Mapping[Any, Reply], rows: Sequence[Raw], live: objects.Live
    ) -> dict[str, Any]:
        found = self._part(opening, "locks", _TIME_LOCKS, live.time_locks) or {}
        return self._live(rows, 49, live.time_lock) | found

    def _live(
        self, rows: Sequence[Raw], number: int, read: Callable[[Raw], Any]
    ) -> dict[str, Any]:
        """The objects that operations of one kind made: what they are now, or None if gone."""
        if any(gap.code == "objects" for gap in self.gaps):
            return {}
        result = {}
        for row in rows:
            if row["op"][0] != number:
                continue
            for identity in _made_objects(row):
                raw = self.found_objects.get(identity)
                value = understood(raw, read) if raw else None
                if not isinstance(value, ChainError):
                    result[identity] = value
        return result

    def _as_of(self, replies: Mapping[Any, Reply]) -> AsOf:
        header = understood(replies["irreversible"], lambda raw: ops.when(raw["timestamp"]))
        return AsOf(
            block=self.head.block,
            time=self.head.time,
            irreversible_block=self.head.irreversible,
            irreversible_time=None if isinstance(header, ChainError) else header,
            nodes=tuple(self.nodes),
        )


_ORDERS = Text(zh="挂单", en="open orders")
_VESTING = Text(zh="待解冻余额", en="vesting balances")
_PROPOSALS = Text(zh="提案", en="proposals")
_TIME_LOCKS = Text(zh="时间锁", en="time-locks")


def _behind(node: Node) -> Gap:
    seconds = int(node.behind.total_seconds()) if node.behind else 0
    return Gap(
        Gap.HEAD,
        Text(zh="最新区块", en="the newest blocks"),
        Text(
            zh=f"节点 {node.name} 落后 {seconds} 秒",
            en=f"node {node.name} is {seconds} s behind",
        ),
    )


def _sent(row: Raw, account_id: str) -> Transfer | TimeLock | None:
    """The row as a movement of the account's coins to somebody else, if it is one."""
    move = understood(row, lambda raw: ops.parse(raw, {}))
    if not isinstance(move, Transfer | TimeLock):
        return None
    return move if move.sender == account_id != move.recipient else None


def _made_objects(row: Raw) -> set[str]:
    """The proposal or time-lock that an operation made."""
    match row.get("result"):
        case [1, str(made)] if made.startswith(("1.10.", "1.16.")):
            return {made}
        case _:
            return set()


def _ordered(sets: Iterable[set[str]]) -> list[str]:
    """All members once, in order of appearance; sorted inside each set, so always the same."""
    return list(dict.fromkeys(item for group in sets for item in sorted(group)))
