"""Tells from a node's replies whether it serves the histories of accounts, and how much of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from diag.chain.history.pagination import PROBES
from diag.chain.rpc.call import Reply
from diag.chain.rpc.jsonrpc import unknown_method
from diag.chain.rpc.objects import Statistics
from diag.errors import Malformed, NodeError
from diag.i18n import Text
from diag.words import text


class Lack(StrEnum):
    """Why a node serves no histories, or hardly any. Only its operator can change that."""

    DENIED = "history_denied"
    REFUSED = "history_refused"
    OUTDATED = "history_outdated"
    """Its version is before 6.1, and does not give the times of operations."""
    SELECTED = "selected_accounts"
    INDEXED = "history_indexed"
    """It writes them to an index. This is no lack if the settings name that index."""


WORDS: Mapping[Lack, Text] = {lack: text(f"chain.lack.{lack}") for lack in Lack}


class NodeKind(StrEnum):
    """What a node keeps of the histories of accounts."""

    FULL = "full"
    """It keeps everything: there is no sign that anything was dropped."""
    PRUNED = "pruned"
    """It keeps the newest part of each history."""
    ELASTICSEARCH = "elasticsearch"
    """It keeps one operation per account, or none, and writes histories to an index."""
    SELECTED = "selected"
    """It keeps the histories of selected accounts only, or of none."""
    NONE = "none"
    """It refuses every question about histories."""
    UNKNOWN = "unknown"


def kind_of(probes: Mapping[Any, Reply], held: Statistics | None = None) -> NodeKind:
    """Return the kind of node that the replies to `pagination.probes` about one account show.

    PRUNED and ELASTICSEARCH hold for the whole node. FULL holds for this account only, because
    a pruned node too has the whole history of an account with few operations.
    """
    pages: list[Any] = [probes[probe] for probe in PROBES]
    if not all(isinstance(page, list) for page in pages):
        return NodeKind.UNKNOWN
    first, two, newest = pages
    dropped = held is not None and held.removed_ops > 0
    if not two:
        return NodeKind.ELASTICSEARCH if newest else NodeKind.UNKNOWN
    if len(two) > 1:
        return NodeKind.FULL if first and not dropped else NodeKind.PRUNED
    foreign = bool(first) and first[0].id != two[0].id
    if foreign or (held and held.total_ops - held.removed_ops > 1):
        return NodeKind.ELASTICSEARCH
    if dropped:
        return NodeKind.PRUNED
    return NodeKind.FULL if held and held.total_ops == 1 and first else NodeKind.UNKNOWN


def lack_in(replies: Mapping[Any, Reply]) -> Lack | None:
    """Return why a node serves no histories; None if it serves them.

    replies: to `pagination.probes`, and to calls by time under ("until", time).
    """
    by_time = [r for key, r in replies.items() if isinstance(key, tuple) and key[0] == "until"]
    return refusal([replies[probe] for probe in PROBES if probe in replies], by_time)


def refusal(probes: Iterable[Reply], by_time: Iterable[Reply]) -> Lack | None:
    """Return why a node refuses histories, by its replies to all calls for them; None if it does not.

    by_time: the replies to calls by time. An empty list is no refusal: it is also the reply for
    an account that has no history or does not exist. A lost connection is no refusal either.
    """
    pages = list(by_time)
    replies = [*probes, *pages]
    errors = [reply for reply in replies if isinstance(reply, NodeError)]
    if not errors or len(errors) < len(replies):
        served = any(isinstance(reply, list | Malformed) for reply in replies)
        return Lack.OUTDATED if served and pages and all(map(unknown_method, pages)) else None
    denied = any("denied" in error.message.lower() for error in errors)
    return Lack.DENIED if denied else Lack.REFUSED
