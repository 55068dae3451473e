"""Many cases about one moment: they share one head, and whatever else they have in common."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from diag.chain import shared
from diag.chain.collect import Collector
from diag.chain.head import head_calls
from diag.chain.pool import Pool
from diag.chain.remembered import Remembered
from diag.chain.shared import Shared
from diag.evidence import Case, History
from diag.gateways import Register


class Together:
    """Callable: Case → History. Lives as long as a batch of cases, and is shared by its threads.

    The head of each source is asked first, once; what is asked for one case is there for the
    others. Each case waits for its turn, if there is one to take. A case whose account has moved
    since then is asked `alone`, about its own moment: what it holds now and what its history shows
    would not belong together.
    """

    def __init__(
        self,
        pool: Pool,
        register: Register,
        alone: Callable[[Case], History],
        *,
        clock: Callable[[], datetime],
        most_rows: int = shared.MOST_ROWS,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
        **asking: Any,
    ) -> None:
        began = clock()
        first = list(head_calls(register.account_names).values())
        self._alone, self._turn = alone, turn
        self._collect = Collector(
            pool.wrapping(lambda source: Shared(source, first, most_rows=most_rows)),
            register,
            remembered=Remembered(most_rows),
            clock=lambda: began,  # a head does not grow stale while the batch lasts
            **asking,
        )

    def __call__(self, case: Case) -> History:
        """Ask everything about a case; raises what a Collector raises."""
        with self._turn():
            found = self._collect(case)
        return self._alone(case) if found.later else found
