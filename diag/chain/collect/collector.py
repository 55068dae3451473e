"""One Case in, one History out: everything is asked here, once, in as few waves as possible.

Wave 1 asks all that needs only the account's name (`first_wave`), wave 2 what wave 1 made known
(`assembly`). What one node cannot show, or shows nothing of, is asked of another (`second_opinion`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from diag.chain.collect import first_wave, second_opinion, unknown_account
from diag.chain.collect.assembly import Collection, Lists
from diag.chain.collect.memos import MemoKeys
from diag.chain.collect.remembered import Remembered
from diag.chain.collect.second_opinion import Absent
from diag.chain.pool.hedging import Patience, unmeasured
from diag.chain.pool.session import Session
from diag.chain.rpc.call import Deadline, Source
from diag.domain.case import Case
from diag.domain.gateway_register import Register
from diag.domain.history import History
from diag.errors import BadInput, ChainError

OPINION = 2.5
"""Seconds that a second opinion may take where the first is complete in itself."""


class Collector:
    """Callable: Case → History. Holds what is the same for every case, and no state.

    sources are iterated for each case anew, best first.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        register: Register,
        *,
        seconds: float = 8.0,
        chain_id: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        memo_keys: MemoKeys | None = None,
        lists: Lists | None = None,
        remembered: Remembered | None = None,
        index: Source | None = None,
        patience: Patience = unmeasured,
        absent: Absent = second_opinion.nothing_sent,
    ) -> None:
        self._patience = patience
        self._absent = absent
        self._remembered = remembered or Remembered()
        self._index = index
        self._memo_keys = memo_keys
        self._lists = lists
        self._sources = sources
        self._register = register
        self._seconds = seconds
        self._chain_id = chain_id
        self._clock = clock

    def __call__(self, case: Case) -> History:
        """Ask everything about a case.

        Raises Unreachable if no source answered at all, BadInput where the chain shows that
        the question itself is wrong (an asset that does not exist, too many digits, a window
        in the future).
        """
        deadline = Deadline(self._seconds)
        inquiry = Session(tuple(self._sources), deadline, self._index, self._patience)
        found, alone = self._ask(inquiry, case), True
        while inquiry.others and second_opinion.doubtful(
            case, found, self._absent, alone=alone
        ):
            limit = (
                deadline
                if second_opinion.lacking(found)
                else Deadline(min(OPINION, deadline.left()))
            )
            inquiry = Session(inquiry.others, limit, self._index, self._patience)
            try:
                other = self._ask(inquiry, case)
            except (BadInput, ChainError):
                break  # another view that is not to be had changes nothing
            alone = alone and not second_opinion.telling(other)
            found = second_opinion.combine(case, found, other)
        return found

    def _ask(self, inquiry: Session, case: Case) -> History:
        opened = first_wave.ask(
            inquiry,
            case,
            self._register,
            self._chain_id,
            self._clock,
            self._lists is not None,
        )
        if opened.account is None:
            return unknown_account.history(inquiry, opened)
        register = self._register.on(opened.head.network.chain_id)
        collection = Collection(
            inquiry,
            register,
            opened,
            opened.account,
            self._memo_keys,
            self._lists,
            self._remembered,
        )
        return collection.history()
