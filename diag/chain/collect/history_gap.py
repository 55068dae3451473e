"""Explains why an account's history in the window is not complete."""

from __future__ import annotations

from collections.abc import Sequence

from diag.chain.collect import first_wave
from diag.chain.collect.first_wave import FirstWave
from diag.chain.history import pagination
from diag.chain.pool.history_service import WORDS, Lack, NodeKind, kind_of
from diag.chain.rpc.call import Reply
from diag.domain.account import Account
from diag.domain.history import Gap
from diag.errors import ChainError
from diag.i18n import Text
from diag.words import text

_WHAT = text("chain.gap.history")


def history_gap(
    first: FirstWave, account: Account, refused: ChainError | None, *, indexed: bool
) -> Gap:
    """Return the gap, with its reason.

    refused: the error of the search in the index, if it failed.
    indexed: there is an index.
    """
    if lack := first.lack(indexed=indexed):
        return Gap(Gap.NOT_SERVED, _WHAT, WORDS[lack])
    pages = [first.replies["until", moment] for moment in first_wave.moments(first.case)]
    errors = (page for page in pages if isinstance(page, ChainError))
    served = first.lack(indexed=False) is None
    failed: ChainError | None = next(errors, refused) if served else refused
    if failed:
        return Gap(Gap.UNREAD, _WHAT, failed.text)
    if indexed:
        return Gap(Gap.HISTORY, _WHAT, text("chain.reason.not_indexed"))
    return Gap(Gap.HISTORY, _WHAT, _why_not_kept(first, account, pages))


def _why_not_kept(first: FirstWave, account: Account, pages: Sequence[Reply]) -> Text:
    """Return why a node without an index does not have the window, by all that it shows of the
    account.
    """
    probes = {name: first.replies[name] for name in pagination.probes(account.id)}
    if kind_of(probes) is NodeKind.ELASTICSEARCH:
        return WORDS[Lack.INDEXED]
    replies = [*pages, *probes.values()]
    untracked = not account.genesis and all(reply == [] for reply in replies)
    return WORDS[Lack.SELECTED] if untracked else text("chain.reason.pruned")
