"""Searches in an Elasticsearch cluster over HTTP: waves of parallel searches, bounded by a deadline."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from diag.chain.rpc.http import HttpCall, HttpNode
from diag.chain.rpc.values import decoded, encoded
from diag.errors import BadSetting, Unreachable
from diag.words import problem

DEFAULT_INDEX = "bitshares-*"
MAX_REPLY_BYTES = 4 * 1024 * 1024
WORKERS = 32
_INDEX = re.compile(r"[a-z0-9*][a-z0-9_.*-]*(,[a-z0-9*][a-z0-9_.*-]*)*\Z")
_ERROR = re.compile(r"[a-z_]{1,60}\Z")
BAD_ADDRESS = problem("setup.index_address")


class Elasticsearch(HttpNode):
    """Searches the monthly indexes that the elasticsearch plugin of a node writes.

    url: the host and, as the last part of the path, the index pattern (default `bitshares-*`).
    Raises BadSetting for an unusable URL. `name` is the host.
    """

    remedy = BAD_ADDRESS

    def __init__(self, url: str) -> None:
        super().__init__(_endpoint(url), workers=WORKERS, max_body=MAX_REPLY_BYTES)

    def _request_text(self, http_call: HttpCall) -> str:
        """Return the body of a search, with the time after which the cluster may stop searching."""
        timeout = f"{max(1, int(1000 * http_call.deadline.left()))}ms"
        return encoded({**http_call.call.args[0], "timeout": timeout})

    def _decode(self, status: int, body: bytes, http_call: HttpCall) -> Any:
        return _hits(status, decoded(body, json_in_strings=True))


def _endpoint(url: str) -> str:
    """Return the URL to post a search to; a missing index of a month is not an error."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise BadSetting(BAD_ADDRESS) from None  # the cause may quote a password
    path, _, index = parts.path.rpartition("/")
    if index.endswith("-"):
        index += "*"  # a prefix, as in the node's own option
    if parts.query or parts.fragment or not _INDEX.match(index or DEFAULT_INDEX):
        raise BadSetting(BAD_ADDRESS)
    path = f"{path}/{index or DEFAULT_INDEX}/_search"
    query = "ignore_unavailable=true&allow_no_indices=true"
    return parts._replace(path=path, query=query).geturl()


def _hits(status: int, answer: Any) -> list[Any]:
    """Return the hits of a complete search; raises Unreachable for anything else."""
    match answer:
        case {
            "timed_out": False,
            "_shards": {"failed": 0},
            "hits": {"hits": list(hits)},
        } if status == 200 and answer["_shards"].get("total") != 0:
            return hits
        case {"_shards": {"total": 0}}:
            raise Unreachable("no index of that name")
        case {"timed_out": True}:
            raise Unreachable("the search timed out")
        case {"_shards": {"failed": int(failed)}} if failed:
            raise Unreachable(f"{failed} shards did not answer")
        case {"error": {"type": str(kind)}} if status != 200 and _ERROR.match(kind):
            raise Unreachable(f"HTTP {status} {kind}")
        case _ if status != 200:
            raise Unreachable(f"HTTP {status}")
        case _:
            raise Unreachable("not the answer to a search")
