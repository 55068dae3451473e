"""Completes the histories of several accounts in the same waves, and makes logs of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from diag.chain.elasticsearch import index
from diag.chain.history import pagination
from diag.chain.history.coverage import Interval
from diag.chain.history.timeline import Pages
from diag.chain.pool.session import Session
from diag.chain.rpc import methods
from diag.chain.rpc.call import Call, Deadline
from diag.domain.history import Log
from diag.errors import Unreachable

MOST_FILLS = 12
"""Maximum number of waves for completing a stretch. One or two are enough, but for a burst of hundreds
of operations in one second: it can be read by id only, one page a wave."""
_ALONG = object()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The stretch of an account's history that is to be completed."""

    pages: Pages
    start: datetime
    end: datetime

    @property
    def complete(self) -> bool:
        return not self.pages.gaps(self.start, self.end)


def fill(
    session: Session,
    wanted: Mapping[str, Wanted],
    along: Callable[[], Mapping[Any, Call]] = dict,
) -> None:
    """Close the gaps of all stretches, from the index if there is one, as long as that makes progress.

    along: the calls that will probably be asked next. They are sent with the first wave, if there is
    one, so that a source with a cache has the answers later.
    """
    _search(session, wanted)
    for wave in range(MOST_FILLS):
        calls: dict[Any, Call] = {}
        for name, stretch in wanted.items():
            for gap in stretch.pages.gaps(stretch.start, stretch.end):
                found = pagination.gap_calls(stretch.pages, gap)
                calls |= {(name, *asked): call for asked, call in found.items()}
        before = _rows(wanted)
        riding = {(_ALONG, key): c for key, c in along().items()} if calls and not wave else {}
        for key, reply in session.ask(calls | riding).items():
            if key in calls:
                name, how, position = key
                pagination.add_reply(wanted[name].pages, (how, position), reply)
        if not calls or before == _rows(wanted):
            return


def _search(session: Session, wanted: Mapping[str, Wanted]) -> None:
    """Close the gaps that the index can close, in half of the remaining time."""
    gaps = [(w.pages, gap) for w in wanted.values() for gap in _sought(w)]
    if session.index is None or not gaps:
        return
    half = Deadline(session.deadline.left() / 2)
    closing = index.search_gaps(session.index, gaps, half)
    same = _same_chain(
        session, [m for one in closing if (m := one.newest_irreversible(session.final))]
    )
    for one in closing:
        if same:
            one.add_runs(session.final)
        else:
            one.pages.index_error = Unreachable(
                "Elasticsearch: the node does not confirm its blocks"
            )


def _sought(wanted: Wanted) -> list[Interval]:
    """The gaps to search for; without gaps the left edge, if the node keeps too little before it."""
    pages, start = wanted.pages, (wanted.start, -1)
    edge = pages.may_lack_before(wanted.start, index.NEIGHBOURS)
    return pages.gaps(wanted.start, wanted.end) or ([Interval(start, start)] if edge else [])


def _same_chain(session: Session, blocks: Sequence[tuple[int, datetime]]) -> bool:
    """True if the node confirms the times of these blocks: documents do not name their chain."""
    if session.confirmed or not blocks:
        return True
    call = methods.HEADERS.call(sorted({block for block, _ in blocks}))
    found = session.ask({"headers": call})["headers"]
    session.confirmed = isinstance(found, dict) and all(
        block in found and found[block].time == at for block, at in blocks
    )
    return session.confirmed


def _rows(wanted: Mapping[str, Wanted]) -> int:
    return sum(len(stretch.pages.rows) for stretch in wanted.values())


def log(pages: Pages, start: datetime, end: datetime) -> Log:
    """A log: the operations up to the end in chain order, and the unproven gaps in [start, end]."""
    rows = [row for row in pages.rows.values() if row.location.at <= end]
    rows.sort(key=attrgetter("location.number"))
    return Log(tuple(rows), tuple(gap.span for gap in pages.gaps(start, end)), start)
