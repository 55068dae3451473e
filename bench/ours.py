"""A diagnosis as the service makes it, over HTTP or WebSocket: cold from nothing, or warm."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import current_thread
from typing import Any
from unittest import mock

from diag import bootstrap
from diag.chain.cache.prefetch import THREAD_NAME
from diag.chain.rpc import nodes
from diag.chain.rpc.call import Call, Deadline, Reply, Source
from diag.config.settings import Settings
from diag.diagnosis.engine import Diagnosis, diagnose
from diag.domain.case import Case
from diag.domain.operations import Transfer

Waves = list[Sequence[Call]]


class Ours:
    """The service's parts on one node, as `diag serve` would hold them; now is the node's time."""

    def __init__(self, url: str, register: Path, now: datetime, **settings: Any) -> None:
        self.waves: Waves = []
        """What went over the wire since it was last emptied, wave by wave."""
        self._sources: Sequence[Any] = ()
        open_nodes = nodes.open_nodes

        def watched(*given: Any, **more: Any) -> Any:
            self._sources = open_nodes(*given, **more)
            for source in self._sources:
                self._watch(source)
            return self._sources

        with mock.patch.object(nodes, "open_nodes", watched):
            self.parts = bootstrap.build_services(
                Settings(nodes=(url,), gateways=register, clock=now, **settings)
            )

    def diagnose(self, case: Case) -> Diagnosis:
        """One diagnosis, whole: asked, traced, checked, decided."""
        made = self.parts
        return diagnose(case, made.collect, made.register, made.checks, made.notices())

    def close(self) -> None:
        """Let go of connections."""
        for source in self._sources:
            with suppress(AttributeError):  # one over HTTP keeps none
                source.close()

    def _watch(self, source: Source) -> None:
        ask = source.ask

        def noted(calls: Sequence[Call], deadline: Deadline) -> list[Reply]:
            if calls and current_thread().name != THREAD_NAME:  # not part of a diagnosis
                self.waves.append(calls)
            return ask(calls, deadline)

        source.ask = noted  # type: ignore[method-assign]


def transfers(diagnosis: Diagnosis) -> frozenset[str]:
    """The ids of the account's transfers in the window."""
    case, history = diagnosis.evidence.case, diagnosis.evidence.history
    return frozenset(
        o.location.id
        for o in history.log.operations
        if isinstance(o, Transfer) and case.start <= o.at <= case.end
    )
