"""Caches of replies: immutable data, snapshots of one head block, prefetching, single flight."""

from __future__ import annotations

from diag.chain.rpc.call import Reply


def weight(reply: Reply) -> int:
    """Return the weight of a reply in a cache, counted in rows of history."""
    return 1 + len(reply) if isinstance(reply, list) else 1
