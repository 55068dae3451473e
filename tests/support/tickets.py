"""A thousand tickets about the recorded chain: its stories, other accounts, and bad rows.

The same seed is the same tickets; what they ask is mixed: windows from an hour to a day, with
and without a claim, about accounts that sent something, and about those that did not.
"""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

from recorded import RECORDED, ledger

BAD = (
    {"account": "Not A Name", "last": "6h"},
    {"account": "lin-yue"},
    {"account": "lin-yue", "last": "a while"},
    {"account": "lin-yue", "from": "03/04/2026", "to": "03/05/2026"},
    {"account": "lin-yue", "last": "6h", "tz": "Mars", "from": "2026-11-22T08:00:00"},
    {"account": "lin-yue", "last": "6h", "from": "2026-11-22T08:00:00Z"},
)


def stories():
    """The question of every recorded story, as a ticket."""
    for story in json.loads((RECORDED / "truth.json").read_text())["cases"]:
        edges = {edge: story[edge] + "Z" for edge in ("from", "to")}
        yield {"ticket": story["id"], "account": story["account"], **edges, **story["claim"]}


def senders():
    """(account name, time) of every transfer that is recorded."""
    found = ledger()
    for number in found.operations:
        row = found.operation(number)
        if row["op"][0] == 0:
            sender = found.object(row["op"][1]["from"])
            yield sender["name"], datetime.fromisoformat(row["block_time"] + "+00:00")


def tickets(count: int, bad: int = 20, seed: int = 7) -> list[dict]:
    """So many tickets, of which so many cannot be answered as they stand."""
    chance = random.Random(seed)
    moves = list(senders())
    now = ledger().clock
    found = list(stories())[: count - bad]
    while len(found) < count - bad:
        account, at = chance.choice(moves)
        hours = chance.choice((1, 2, 6, 12, 24))
        start = at - timedelta(minutes=chance.randrange(1, 60 * hours))
        window = {"from": f"{start:%Y-%m-%dT%H:%M:%SZ}"}
        window["to"] = f"{min(start + timedelta(hours=hours), now):%Y-%m-%dT%H:%M:%SZ}"
        found.append({"account": account} | chance.choice((window, window, {"last": "24h"})))
    found += [chance.choice(BAD) for _ in range(bad)]
    chance.shuffle(found)
    return [{"ticket": f"T-{n}", **ticket} for n, ticket in enumerate(found, 1)]
