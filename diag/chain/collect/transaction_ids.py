"""Computes transaction ids from transactions, as python-bitshares serialises them."""

from __future__ import annotations

import json
from functools import lru_cache

from diag.chain.collect.optional_imports import without_cryptography
from diag.chain.rpc.call import Reply
from diag.chain.rpc.values import encoded


def identify(reply: Reply) -> tuple[str | None, int]:
    """Return the id (40 hex digits) and the number of operations of a `get_transaction` reply.

    The id is None if python-bitshares cannot serialise an operation, or if the node has no such
    transaction (the number is then 0). Evidence is then located by block and position.
    """
    if not isinstance(reply, dict):
        return None, 0
    operations = reply.get("operations")
    count = len(operations) if isinstance(operations, list) else 0
    kept = {k: reply[k] for k in reply if k not in ("operation_results", "extensions")}
    return _digest(encoded(kept)), count


@lru_cache(maxsize=128)  # the same withdrawals are asked about again and again
def _digest(signed: str) -> str | None:
    with without_cryptography():
        from bitsharesbase.signedtransactions import Signed_Transaction  # slow to import

    fields = json.loads(signed)  # a copy: the library writes into memos
    try:
        return str(Signed_Transaction(**fields, extensions=[]).id)
    except Exception:  # the serialisers may raise anything
        return None
