"""Reads the History of a Case, in as few waves of calls as possible.

Wave 1 asks for everything that needs only the account's name (`first_wave`), wave 2 for what
follows from wave 1 (`assembly`). Other nodes are asked for what the first one cannot show, and
to confirm what must not rest on one node alone (`second_opinion`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Unpack

from diag.chain.collect import first_wave, unknown_account
from diag.chain.collect.assembly import Assembly, Lists
from diag.chain.collect.memos import MemoKeys
from diag.chain.collect.second_opinion import Opinion, Weigh, Weight, nothing_sent
from diag.chain.pool.session import Session, SessionOptions
from diag.chain.rpc.call import Deadline, Source
from diag.domain.case import Case
from diag.domain.gateway_register import Register
from diag.domain.history import History
from diag.errors import BadInput, ChainError

OPINION = 2.5
"""Seconds that a second opinion may take if the first one is complete."""


class Collector:
    """Callable: Case → History. It holds what all cases share, and no state.

    sources: iterated anew for each case, best first.
    known_nodes: the number of nodes, if `sources` may leave some of them out.
    recorded: the source is a recorded chain.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        register: Register,
        *,
        seconds: float = 8.0,
        memo_keys: MemoKeys | None = None,
        lists: Lists | None = None,
        weigh: Weigh = nothing_sent,
        known_nodes: int = 0,
        recorded: bool = False,
        **session_options: Unpack[SessionOptions],
    ) -> None:
        self._sources, self._register, self._seconds = sources, register, seconds
        self._memo_keys, self._lists, self._weigh = memo_keys, lists, weigh
        self._known_nodes, self._recorded = known_nodes, recorded
        self._session = partial(Session, **session_options)

    def __call__(self, case: Case) -> History:
        """Read everything about a case.

        Raises Unreachable if no source answered at all, BadInput if the chain shows that the
        question itself is wrong (an asset that does not exist, too many digits, a window in the
        future).
        """
        deadline = Deadline(self._seconds)
        sources = tuple(self._sources)
        session = self._session(sources, deadline)
        first = Opinion(case, self._ask(session, case), self._weigh)
        return replace(
            self._confirmed(first, session.others, deadline).history,
            known_nodes=self._known_nodes or len({source.name for source in sources}),
            recorded=self._recorded,
        )

    def _confirmed(
        self, found: Opinion, others: Sequence[Source], deadline: Deadline
    ) -> Opinion:
        """Return the opinion, completed, confirmed or contradicted by other nodes.

        The others are asked one after another while something important is missing, or while
        nobody confirms that nothing was found. All of them are asked, in parallel, before a
        user may be told to send again.
        """
        while others and not found.history.disagreement:
            if not found.lacking and found.settled:
                break
            limit = deadline if found.lacking else Deadline(min(OPINION, deadline.left()))
            if found.weight is Weight.RESEND and not found.lacking:
                opinions, others = self._all_opinions(found.case, others, limit), []
            else:
                session = self._session(others, limit)
                opinion = self._opinion(found.case, session)
                opinions, others = [opinion], session.others if opinion else []
            for other in filter(None, opinions):
                found = found.combined(other)
        return found

    def _opinion(self, case: Case, session: Session) -> Opinion | None:
        """Return what another node shows; None if it does not answer, which changes nothing."""
        try:
            return Opinion(case, self._ask(session, case), self._weigh)
        except (BadInput, ChainError):
            return None

    def _all_opinions(
        self, case: Case, others: Sequence[Source], limit: Deadline
    ) -> list[Opinion | None]:
        """Return what each of the other nodes shows; two addresses of one host are one node."""
        nodes: dict[str, list[Source]] = {}
        for source in others:
            nodes.setdefault(source.name, []).append(source)
        sessions = [self._session(addresses, limit) for addresses in nodes.values()]
        with ThreadPoolExecutor(len(sessions)) as pool:
            return list(pool.map(partial(self._opinion, case), sessions))

    def _ask(self, session: Session, case: Case) -> History:
        """Return what one node shows, as its own statement."""
        first = first_wave.ask(session, case, self._register, lists=self._lists is not None)
        if first.account is None:
            found = unknown_account.history(session, first)
        else:
            register = self._register.on(first.head.network.chain_id)
            found = Assembly(
                session, register, first, first.account, self._memo_keys, self._lists
            ).history()
        return replace(found, confirmed_by=(found.as_of.nodes[0].name,))
