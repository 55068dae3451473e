"""Completes stretches of the histories of several accounts in the same waves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from diag.chain.elasticsearch import index
from diag.chain.history import pagination
from diag.chain.history.coverage import Interval
from diag.chain.history.timeline import Pages
from diag.chain.pool.session import Session
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline
from diag.errors import Unreachable

MOST_FILLS = 12
"""Maximum number of waves for completing a stretch. One or two are enough, except for hundreds
of operations in one second: these can be read by id only, one page a wave.
"""
_ALONG = object()


@dataclass(frozen=True, slots=True)
class Stretch:
    """The part of an account's history that is to be completed."""

    pages: Pages
    start: datetime
    end: datetime

    @property
    def gaps(self) -> list[Interval]:
        return self.pages.gaps(self.start, self.end)

    @property
    def sought(self) -> list[Interval]:
        """The gaps to search for; if there are none, the left edge if the node keeps too little
        before it.
        """
        start = (self.start, -1)
        edge = self.pages.may_lack_before(self.start, index.NEIGHBOURS)
        return self.gaps or ([Interval(start, start)] if edge else [])


def fill(
    session: Session,
    stretches: Sequence[Stretch],
    along: Callable[[], Mapping[Any, Call]] = dict,
) -> None:
    """Close the gaps of all stretches, from the index if there is one, as long as that makes progress.

    along: returns the calls that will probably be needed next. They are sent with the first
    wave, if there is one, so that a source with a cache has the answers later.
    """
    _search(session, stretches)
    for wave in range(MOST_FILLS):
        calls: dict[Any, Call] = {
            (n, last): call
            for n, stretch in enumerate(stretches)
            for gap in stretch.gaps
            for last, call in pagination.gap_calls(stretch.pages, gap).items()
        }
        if not calls:
            return
        before = _rows(stretches)
        riding = {(_ALONG, key): c for key, c in along().items()} if not wave else {}
        replies = session.ask(calls | riding)
        for n, last in calls:
            stretches[n].pages.add_page(last, replies[n, last])
        if before == _rows(stretches):
            return


def _search(session: Session, stretches: Sequence[Stretch]) -> None:
    """Close the gaps that the index can close, in half of the remaining time."""
    gaps = [(stretch.pages, gap) for stretch in stretches for gap in stretch.sought]
    if session.index is None or not gaps:
        return
    half = Deadline(session.deadline.left() / 2)
    final = session.head.irreversible
    closing = index.search_gaps(session.index, gaps, half)
    confirmed = _confirmed(session, [m for one in closing if (m := one.newest(final))])
    for one in closing:
        if confirmed:
            one.add_runs(final)
        else:
            one.pages.index_error = Unreachable(
                "Elasticsearch: the node does not confirm its blocks"
            )


def _confirmed(session: Session, blocks: Sequence[tuple[int, datetime]]) -> bool:
    """Return True if the node confirms the times of these blocks, because documents do not name
    their chain.
    """
    if session.confirmed or not blocks:
        return True
    call = methods.HEADERS.call(sorted({block for block, _ in blocks}))
    found = session.ask({"headers": call})["headers"]
    session.confirmed = isinstance(found, dict) and all(
        block in found and found[block].time == at for block, at in blocks
    )
    return session.confirmed


def _rows(stretches: Sequence[Stretch]) -> int:
    return sum(len(stretch.pages.rows) for stretch in stretches)
