"""One diagnosis at a time: the service against the bare calls and against python-bitshares."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from bench.by_hand import OverHttp, OverWebSocket
from bench.ours import Ours, Waves, transfers
from bench.paging import Paging
from bench.question import Question
from bench.timing import Way, in_turns
from diag.matching import gateway_statistics
from diag.matching.match_cache import MatchCache

HTTP, WS = "http", "ws"
COLD, WARM = "cold", "warm"
A_BLOCK = 3.2
"""Seconds from a question to the same, warm: a block has come, and what holds for one block only is
gone."""
IN_USE = 2 * A_BLOCK
"""Seconds after a question in which a warm service asks for heads ahead. No longer: those whose turn
it is not would take the processor from the one whose it is."""

RECENT = [Question(account, 0, 42) for account in ("trader-100", "trader-10k", "trader-1m")]
DEEP = Question("trader-1m", 15_000, 42)
DEEP_AND_WIDE = Question("trader-1m", 15_000, 250)


@dataclass(frozen=True, slots=True)
class Round:
    """What is measured at one latency: `paging` says over what each question is paged, how often.

    Cold runs cost little time and scatter most, so there may be more rounds of them.
    """

    latency_ms: int
    questions: Sequence[Question]
    paging: dict[Question, dict[str, int]]
    rounds: int
    cold_rounds: int


FULL = (
    Round(
        0,
        [RECENT[-1], DEEP, DEEP_AND_WIDE],
        {DEEP_AND_WIDE: {HTTP: 5, WS: 5}, RECENT[-1]: {HTTP: 5, WS: 5}},
        5,
        5,
    ),
    Round(
        50,
        [*RECENT, DEEP, DEEP_AND_WIDE],
        {DEEP_AND_WIDE: {HTTP: 5, WS: 5}, DEEP: {HTTP: 5}, RECENT[-1]: {HTTP: 5, WS: 5}},
        7,
        21,
    ),
    Round(150, [RECENT[-1], DEEP_AND_WIDE], {DEEP_AND_WIDE: {HTTP: 3}}, 5, 5),
)
QUICK = (Round(50, [RECENT[0], RECENT[-1], DEEP], {DEEP: {HTTP: 1}}, 3, 3),)


def measure(
    round_: Round, address: str, now: datetime, register: Path, chain_id: str
) -> list[dict[str, Any]]:
    """A cell for each question, with the spread of every way, its waves and its calls."""
    with ExitStack() as cleared:
        cells = [
            _Cell(question, now, address, register, cleared) for question in round_.questions
        ]
        paging = {
            over: cleared.enter_context(closing(Paging(f"{over}://{address}", chain_id)))
            for over in (HTTP, WS)
            if any(over in wanted for wanted in round_.paging.values())
        }
        cold = [way for cell in cells for way in cell.ways(COLD)]
        spreads = in_turns(cold, round_.cold_rounds)
        warm = [way for cell in cells for way in cell.ways(WARM)]
        for cell in cells:
            for over, runs in round_.paging.get(cell.question, {}).items():
                warm.append(cell.paged(over, paging[over], runs))
        spreads |= in_turns(warm, round_.rounds)
        return [
            cell.document(round_.latency_ms)
            | {
                "ways": {
                    " ".join(name[1:]): spread.document()
                    for name, spread in spreads.items()
                    if name[0] == cell.question.key
                }
            }
            for cell in cells
        ]


class _Cell:
    """One question at one latency, and everybody who answers it."""

    def __init__(
        self,
        question: Question,
        now: datetime,
        address: str,
        register: Path,
        cleared: ExitStack,
    ) -> None:
        self.question, self._case = question, question.case(now)
        self._make: Callable[..., Ours] = lambda over, ahead: Ours(
            f"{over}://{address}", register, now, ahead=ahead
        )
        self._warm = {
            over: self._keep(cleared, self._make(over, IN_USE)) for over in (HTTP, WS)
        }
        self._waves: dict[tuple[str, str], Waves] = {}
        self._hand: dict[str, Any] = {
            HTTP: cleared.enter_context(closing(OverHttp(address))),
            WS: cleared.enter_context(closing(OverWebSocket(address))),
        }
        self._cold: Ours | None = None
        self._codes: set[str] = set()
        self._found: dict[str, frozenset[str]] = {}

    @staticmethod
    def _keep(cleared: ExitStack, ours: Ours) -> Ours:
        return cleared.enter_context(closing(ours))

    def ways(self, state: str) -> Iterator[Way]:
        """The service over either transport, cold or warm, and each time the same by hand."""
        prepare = self._renew if state == COLD else self._warm_up
        for over in (HTTP, WS):
            name = (self.question.key, "ours", over, state)
            yield Way(name, partial(self._ask, over, state), partial(prepare, over))
            by_hand = (self.question.key, "by hand", over, state)
            ready = partial(self._ready, over, state)
            yield Way(by_hand, partial(self._by_hand, over, state), ready)

    def paged(self, over: str, paging: Paging, runs: int) -> Way:
        """The same window by python-bitshares."""

        def work() -> None:
            self._found[f"paging {over}"] = paging.transfers(self._case)

        return Way((self.question.key, "paging", over), work, runs=runs)

    def document(self, latency_ms: int) -> dict[str, Any]:
        """What was asked and found; `agree` is whether all found the same transfers."""
        found = set(self._found.values())
        return {
            "latency_ms": latency_ms,
            "operations": self.question.size,
            "in_window": self.question.count,
            "back": self.question.back,
            "codes": sorted(self._codes),
            "transfers": len(next(iter(found))),
            "agree": len(found) == 1,
            "waves": {
                " ".join(key): [len(wave) for wave in waves]
                for key, waves in self._waves.items()
            },
        }

    def _renew(self, over: str) -> None:
        if self._cold:
            self._cold.close()
        gateway_statistics.MATCHES = MatchCache()  # as in a new process
        self._cold = self._make(over, 0.0)

    def _warm_up(self, over: str) -> None:
        self._warm[over].diagnose(self._case)
        time.sleep(A_BLOCK)

    def _ask(self, over: str, state: str) -> None:
        ours = self._cold if state == COLD else self._warm[over]
        assert ours
        ours.waves.clear()
        diagnosis = ours.diagnose(self._case)
        self._waves[over, state] = list(ours.waves)
        self._codes.add(diagnosis.verdict.rule.code)
        self._found[f"ours {over} {state}"] = transfers(diagnosis)

    def _ready(self, over: str, state: str) -> None:
        if state == COLD:
            self._hand[over].close()

    def _by_hand(self, over: str, state: str) -> None:
        self._hand[over].run(self._waves[over, state])
