"""Public API nodes of the known networks, for `DIAG_NODES=mainnet`.

The nodes are those of the reference wallet's list of 2025-07-28. They are run by third parties and
may disappear; the service uses those that answer, and `diag doctor` lists their state.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Network:
    """A chain and public nodes that serve it; chain_id is 64 hexadecimal digits."""

    chain_id: str
    nodes: tuple[str, ...]


NETWORKS = {
    "mainnet": Network(
        "4018d7844c78f6a6c41c6a552b898022310fc5dec06da467ee7905a8dad512c8",
        (
            "wss://dex.iobanker.com/ws",
            "wss://mainnet-node.btspp.io",
            "wss://api.bts.mobi/ws",
            "wss://btsws.roelandp.nl/ws",
            "wss://api.61bts.com",
            "wss://api-us.61bts.com",
            "wss://api.dex.trading/",
            "wss://eu.nodes.bitshares.ws",
            "wss://public.xbts.io/ws",
            "wss://cloud.xbts.io/ws",
            "wss://node.xbts.io/ws",
            "wss://bts.mypi.win",
            "wss://api.btslebin.com/ws",
            "wss://bitsharesapi.loclx.io",
        ),
    ),
    "testnet": Network(
        "39f5e2ede1f8bc1a3a54a7914414e3779e33193f1f5693510e73cb7a87617447",
        (
            "wss://eu.nodes.testnet.bitshares.ws",
            "wss://testnet.dex.trading/",
            "wss://testnet.xbts.io/ws",
            "wss://api-testnet.61bts.com/ws",
            "wss://api-us-testnet.61bts.com/ws",
            "wss://btstestnet.cybertron.ninja/ws",
            "wss://bitsharestestnet.loclx.io",
        ),
    ),
}
"""Name → network. A name stands for its nodes in `DIAG_NODES`, and sets the chain id."""


def named(nodes: tuple[str, ...]) -> dict[str, Network]:
    """The networks whose names occur in a list of nodes."""
    return {node: NETWORKS[node] for node in nodes if node in NETWORKS}


def expanded(nodes: tuple[str, ...]) -> tuple[str, ...]:
    """The list of nodes, with network names replaced by their nodes, without duplicates."""
    every = [
        url for node in nodes for url in (NETWORKS[node].nodes if node in NETWORKS else (node,))
    ]
    return tuple(dict.fromkeys(every))
