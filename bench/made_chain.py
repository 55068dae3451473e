"""A chain made for measuring: three trading accounts of 10², 10⁴ and 10⁶ operations.

Nothing random: the same chain each time. An operation is kept as one number (block, stream, count) and
written out when it is asked for, so a million of them take seconds to make and no gigabytes. Accounts, assets and gateways are those of the embedded recorded chain.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from diag.bootstrap import embedded_ledger
from diag.ledger.recording import TIME_FORMAT, History, Recording, Rows, seconds_of

Json = dict[str, Any]

HEAD_BLOCK = 29_500_000
INTERVAL = 3  # seconds between blocks
SPACING = 29  # blocks between two operations of a trading account: 87 seconds
CYCLE, WITHDRAWAL = 250, 20
"""Of every 250 operations, counted back from the newest, the 20th is a withdrawal."""
SETTLED_AFTER = 100  # blocks until the gateway burns what it got
CUSTOMERS_EVERY = 400  # blocks between the withdrawals of others: 20 minutes
DEPOSIT = 10  # every tenth of them is a deposit instead

SIZES = {"trader-100": 100, "trader-10k": 10_000, "trader-1m": 1_000_000}
ACCOUNTS = {name: f"1.2.{1000 + place}" for place, name in enumerate(SIZES)}
ASSET = "NORTH.BTC"

_GATEWAY, _ISSUER = "north-wallet", "north-issuer"
_PARTNER, _MODEL = "market-bot-9", "mei01"
_TRADERS = tuple(ACCOUNTS.values())
_CUSTOMERS = tuple(f"mei{number:02}" for number in range(24))
_BURNS, _SENT, _BURNT = 3, 6, 7  # streams; 0 to 2 are the traders', 3 to 5 burns for them
_COUNT_BITS, _BLOCK_BITS = 21, 24
_COUNTS = (1 << _COUNT_BITS) - 1
_CORE, _COIN = "1.3.0", "1.3.2"


def made(sizes: Mapping[str, int] = SIZES) -> Recording:
    """The chain, with everything that the embedded one knows of people and assets.

    sizes: the first of `SIZES`, for a smaller one."""
    base = Recording.load(embedded_ledger())
    head = seconds_of(base.object("2.1.0")["time"])
    keys = _keys(sizes)
    people = {who: base.accounts[who] for who in (_GATEWAY, _ISSUER, _PARTNER, *_CUSTOMERS)}
    write = _Writer(people, _memo(base, people[_GATEWAY]))
    blocks = array("I", (key >> _BLOCK_BITS for key in keys))
    times = array("I", (head - (HEAD_BLOCK - block) * INTERVAL for block in blocks))
    operations = Operations(keys, blocks, times, write)
    live, owned = _objects(base, head)
    return replace(
        base,
        name="made",
        operations=operations,
        blocks=Blocks(operations, head),
        histories=_histories(keys, write),
        live=live,
        accounts=dict(sorted({**base.accounts, **ACCOUNTS}.items())),
        transactions=len(keys),
        _owned=base._owned | owned,
    )


def registered() -> Json:
    """The gateways of the embedded chain, live since this chain's beginning."""
    told: Json = json.loads((embedded_ledger() / "gateways.json").read_bytes())
    for gateway in told["gateways"]:
        gateway["lifecycle"][0]["from"] = "2020-01-01T00:00:00Z"
    return told


def window(now: datetime, back: int, count: int) -> tuple[datetime, datetime]:
    """The time of `count` operations of a trader, the newest of them `back` operations ago."""
    newest = now - timedelta(seconds=back * SPACING * INTERVAL)
    oldest = now - timedelta(seconds=(back + count) * SPACING * INTERVAL)
    return oldest + timedelta(seconds=1), newest


def amount_of(account: str, back: int) -> int:
    """The smallest units of the withdrawal in the window that ends `back` operations ago."""
    return _amount(SIZES[account] - 1 - back - WITHDRAWAL)


def _keys(sizes: Mapping[str, int]) -> array[int]:
    """Every operation in the order of the chain."""
    found: list[int] = []
    for stream, count in enumerate(sizes.values()):
        shift = stream << _COUNT_BITS
        first = HEAD_BLOCK - count * SPACING + 1
        places = (((first + k * SPACING + k * 7 % 23) << _BLOCK_BITS) | k for k in range(count))
        own = [place | shift for place in places]
        settled = SETTLED_AFTER << _BLOCK_BITS | _BURNS << _COUNT_BITS
        newest = count - 1 - WITHDRAWAL
        burns = [own[k] + settled for k in range(newest, -1, -CYCLE)]
        found += own
        found += reversed(burns)
    start = HEAD_BLOCK - max(sizes.values()) * SPACING
    customers = [
        (block << _BLOCK_BITS) | (_SENT << _COUNT_BITS) | k
        for k, block in enumerate(range(start, HEAD_BLOCK - 600, CUSTOMERS_EVERY))
    ]
    later = (1 << _COUNT_BITS) + (SETTLED_AFTER << _BLOCK_BITS)
    found += customers
    found += [key + later for key in customers if (key & _COUNTS) % DEPOSIT]
    found.sort()  # a few sorted runs
    return array("Q", found)


def _stream(key: int) -> tuple[int, int]:
    """Which stream an operation belongs to, and its place there."""
    return key >> _COUNT_BITS & 7, key & _COUNTS


def _withdraws(stream: int, count: int) -> bool:
    newest = tuple(SIZES.values())[stream] - 1 - WITHDRAWAL
    return (newest - count) % CYCLE == 0


def _amount(count: int) -> int:
    return 2_000_000 + count * 37 % 900_000


def _coins(base_units: int, asset: str) -> Json:
    return {"amount": base_units, "asset_id": asset}


class _Writer:
    """Writes an operation out, and says whose history it belongs to."""

    def __init__(self, people: dict[str, str], memo: Json) -> None:
        self._gateway, self._issuer = people[_GATEWAY], people[_ISSUER]
        self._partner = people[_PARTNER]
        self._customers = [people[name] for name in _CUSTOMERS]
        self._memo = memo

    def whose(self, key: int) -> tuple[str, ...]:
        """The accounts that took part."""
        stream, count = _stream(key)
        if stream in (_BURNT, _BURNS, _BURNS + 1, _BURNS + 2):
            return (self._gateway,)
        if stream == _SENT:
            other = self._gateway if count % DEPOSIT else self._issuer
            return self._customer(count), other
        if _withdraws(stream, count):
            return _TRADERS[stream], self._gateway
        partner = (self._partner,) if count and count % 3 == 0 else ()
        return _TRADERS[stream], *partner

    def virtual(self, key: int) -> bool:
        """True for what the chain did by itself: the filling of an order."""
        stream, count = _stream(key)
        return stream < _BURNS and count % 3 == 2 and not _withdraws(stream, count)

    def operation(self, key: int) -> list[Any]:
        """The operation as [number, body]."""
        stream, count = _stream(key)
        if stream in (_BURNT, _BURNS, _BURNS + 1, _BURNS + 2):
            return self._burn(_amount(count))
        if stream == _SENT:
            customer, base_units = self._customer(count), _amount(count)
            if count % DEPOSIT:
                return self._withdrawal(customer, base_units)
            return self._deposit(customer, base_units)
        if _withdraws(stream, count):
            return self._withdrawal(_TRADERS[stream], _amount(count))
        return self._trade(_TRADERS[stream], count)

    def _customer(self, count: int) -> str:
        return self._customers[count % len(self._customers)]

    def _deposit(self, receiver: str, base_units: int) -> list[Any]:
        issued = {"asset_to_issue": _coins(base_units, _COIN), "issue_to_account": receiver}
        fee = _coins(2_000_000, _CORE)
        return [14, {"fee": fee, "issuer": self._issuer, **issued, "extensions": []}]

    def _burn(self, base_units: int) -> list[Any]:
        paid = {"payer": self._gateway, "amount_to_reserve": _coins(base_units, _COIN)}
        return [15, {"fee": _coins(2_000_000, _CORE), **paid, "extensions": []}]

    def _withdrawal(self, sender: str, base_units: int) -> list[Any]:
        ends = {"from": sender, "to": self._gateway, "amount": _coins(base_units, _COIN)}
        fee = _coins(2_136_718, _CORE)
        return [0, {"fee": fee, **ends, "memo": self._memo, "extensions": []}]

    def _creation(self, trader: str) -> list[Any]:
        name = next(name for name, known in ACCOUNTS.items() if known == trader)
        ends = {"registrar": self._partner, "referrer": self._partner, "name": name}
        return [5, {"fee": _coins(514_746, _CORE), **ends, "extensions": {}}]

    def result(self, key: int) -> list[Any]:
        """What came of the operation: the id of what it made, if it made anything."""
        stream, count = _stream(key)
        if stream >= _BURNS or _withdraws(stream, count):
            return [0, {}]
        if count == 0:
            return [1, _TRADERS[stream]]
        return [1, f"1.7.{count + 1}"] if count % 3 == 1 else [0, {}]

    def _trade(self, trader: str, count: int) -> list[Any]:
        if count == 0:
            return self._creation(trader)
        base_units, order = 100_000 + count % 1000, f"1.7.{count}"
        if count % 3 == 0:
            ends = (trader, self._partner) if count % 2 else (self._partner, trader)
            sent = {"from": ends[0], "to": ends[1], "amount": _coins(base_units, _CORE)}
            return [0, {"fee": _coins(2_000_000, _CORE), **sent, "extensions": []}]
        if count % 3 == 1:
            return [
                1,
                {
                    "fee": _coins(500_000, _CORE),
                    "seller": trader,
                    "amount_to_sell": _coins(base_units, _CORE),
                    "min_to_receive": _coins(base_units // 9, _COIN),
                    "expiration": "2027-12-31T00:00:00",
                    "fill_or_kill": False,
                    "extensions": {},
                },
            ]
        prices = {"base": _coins(base_units, _CORE), "quote": _coins(base_units // 9, _COIN)}
        return [
            4,
            {
                "fee": _coins(0, _CORE),
                "order_id": order,
                "account_id": trader,
                "pays": _coins(base_units, _CORE),
                "receives": _coins(base_units // 9, _COIN),
                "fill_price": prices,
                "is_maker": True,
            },
        ]


class Operations(Rows):
    """Every operation by its number, written out when it is asked for."""

    def __init__(
        self, keys: array[int], blocks: array[int], times: array[int], write: _Writer
    ) -> None:
        super().__init__(b"")
        self.numbers = range(len(keys))
        self.blocks, self.times = blocks, times
        self._keys, self._write = keys, write

    def __len__(self) -> int:
        return len(self._keys)

    def place(self, number: int) -> int | None:
        """Where in the order a number stands, if it is there."""
        return number if 0 <= number < len(self._keys) else None

    def _at(self, place: int) -> bytes:
        key, block = self._keys[place], self.blocks[place]
        first = bisect_left(self.blocks, block)
        virtual = self._write.virtual(key)
        signed = sum(not self._write.virtual(k) for k in self._keys[first:place])
        return _packed(
            {
                "id": f"1.11.{place}",
                "op": self._write.operation(key),
                "result": self._write.result(key),
                "block_num": block,
                "trx_in_block": signed,
                "op_in_trx": 0,
                "virtual_op": place - first if virtual else 0,
                "is_virtual": virtual,
                "block_time": _time(self.times[place]),
            }
        )

    def signed(self, block: int) -> list[list[Any]]:
        """What the transactions of a block did, one operation each."""
        found = range(bisect_left(self.blocks, block), bisect_right(self.blocks, block))
        keys = (self._keys[place] for place in found)
        return [self._write.operation(key) for key in keys if not self._write.virtual(key)]


class Blocks(Rows):
    """Every block by its number; none was ever missed."""

    def __init__(self, operations: Operations, head: int) -> None:
        super().__init__(b"")
        self.numbers = range(1, HEAD_BLOCK + 1)
        self._operations, self._head = operations, head

    def place(self, number: int) -> int | None:
        """Where in the order a block stands, if the chain has it."""
        return number - 1 if 0 < number <= HEAD_BLOCK else None

    def _at(self, place: int) -> bytes:
        number = place + 1
        moment = self._head - (HEAD_BLOCK - number) * INTERVAL
        row = {
            "n": number,
            "previous": f"{number - 1:08x}".ljust(40, "0"),
            "timestamp": _time(moment),
            "witness": f"1.6.{number % 11 + 1}",
            "merkle": "0" * 40,
        }
        expires = _time(moment + 600)
        row["transactions"] = [
            {
                "ref_block_num": number - 1 & 0xFFFF,
                "ref_block_prefix": number,
                "expiration": expires,
                "operations": [operation],
                "extensions": [],
                "signatures": [],
                "operation_results": [],
            }
            for operation in self._operations.signed(number)
        ]
        return _packed(row)


def _histories(keys: Sequence[int], write: _Writer) -> dict[str, History]:
    found: dict[str, array[int]] = {}
    for number, key in enumerate(keys):
        for account in write.whose(key):
            known = found.get(account)
            if known is None:
                known = found[account] = array("Q")
            known.append(number)
    return {
        account: History(1, numbers, array("Q", (n * 2 + place % 2 for n in numbers)))
        for place, (account, numbers) in enumerate(found.items())
    }


def _objects(
    base: Recording, head: int
) -> tuple[dict[str, bytes], dict[tuple[str, str], tuple[str, ...]]]:
    """The live objects with the traders among them, and who owns what of that."""
    live, owned = dict(base.live), {}
    start = _time(head - (HEAD_BLOCK - 1) * INTERVAL)
    for identifier in (*base.accounts.values(), *base.assets.values()):
        live[identifier] = _packed(base.object(identifier) | {"creation_time": start})
    properties = base.object("2.1.0")
    final = HEAD_BLOCK - properties["head_block_number"]
    properties["last_irreversible_block_num"] += final
    properties |= {"head_block_number": HEAD_BLOCK, "current_aslot": HEAD_BLOCK}
    live["2.1.0"] = _packed(properties)
    model, statistics = (base.object(base.accounts[_MODEL]), base.object("2.6.30"))
    for place, (name, identifier) in enumerate(ACCOUNTS.items()):
        number = identifier.rpartition(".")[2]
        created = HEAD_BLOCK - SIZES[name] * SPACING + 1
        account = model | {"id": identifier, "name": name, "statistics": f"2.6.{number}"}
        account["creation_block_num"] = created
        account["creation_time"] = _time(head - (HEAD_BLOCK - created) * INTERVAL)
        live[identifier] = _packed(account)
        own = {"id": f"2.6.{number}", "owner": identifier, "name": name}
        live[f"2.6.{number}"] = _packed(statistics | own)
        coins = tuple(f"2.5.{9000 + 2 * place + more}" for more in range(2))
        for coin, asset in zip(coins, (_CORE, _COIN), strict=True):
            balance = {"owner": identifier, "asset_type": asset, "balance": 10**10}
            live[coin] = _packed({"id": coin, **balance, "maintenance_flag": False})
        owned["2.5 owner", identifier] = coins
    return live, owned


def _memo(base: Recording, gateway: str) -> Json:
    """The memo of a withdrawal by the account that the traders are modelled on."""
    for number in base.histories[base.accounts[_MODEL]].operations:
        kind, body = base.operations.row(number)["op"]
        if kind == 0 and body["to"] == gateway and "memo" in body:
            return body["memo"]
    raise AssertionError("the embedded chain has no such withdrawal")


def _packed(item: Json) -> bytes:
    return json.dumps(item, separators=(",", ":")).encode()


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(TIME_FORMAT)
