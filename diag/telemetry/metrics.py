"""Prometheus metrics of one application.

No label contains user input: routes are templates, and methods, nodes, codes and kinds are from fixed
sets.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CounterValues = Mapping[tuple[str, str, str], float]
"""(Name of the counter, node, detail) → sum."""

STAGES = ("collect", "conclude", "render")
"""Reading the chain; building evidence and verdict; rendering the response."""
_STAGE_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300)
_COUNTERS = {
    "calls": ("diag_node_calls", "Calls sent to a node.", ("node",)),
    "waves": ("diag_node_waves", "Waves of calls sent to a node.", ("node",)),
    "wave_seconds": ("diag_node_wave_seconds", "Seconds that waves took.", ("node",)),
    "rests": ("diag_node_rests", "Times that a node was left alone after failures.", ("node",)),
    "failures": (
        "diag_node_failures",
        "Calls that a node did not answer, by reason.",
        ("node", "reason"),
    ),
    "hits": ("diag_cache_hits", "Answers that were remembered.", ("node", "kind")),
    "misses": ("diag_cache_misses", "Answers that had to be fetched.", ("node", "kind")),
}
"""Counter → name, help and labels of its metric; other counters are named after themselves."""


class Metrics:
    """The metrics of one application.

    read_counters: returns the current counters of the chain client.
    """

    def __init__(
        self,
        read_counters: Callable[[], CounterValues],
        build: Mapping[str, str],
        codes: Iterable[str] = (),
        kinds: Iterable[str] = (),
    ) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        ours = self.registry
        stages = Histogram(
            "diag_stage_duration_seconds",
            "Seconds of a diagnosis, by stage.",
            ["stage"],
            buckets=_STAGE_SECONDS,
            registry=ours,
        )
        self._stages = {stage: stages.labels(stage) for stage in STAGES}
        self.requests = Histogram(
            "diag_http_request_duration_seconds",
            "Seconds from the head of a request to the end of its answer.",
            ["route", "method", "status"],
            buckets=_REQUEST_SECONDS,
            registry=ours,
        )
        self.in_flight = Gauge(
            "diag_http_requests_in_flight", "Requests that are being answered.", registry=ours
        )
        self.verdicts = Counter(
            "diag_verdicts_total",
            "Diagnoses, by the code of the verdict.",
            ["code"],
            registry=ours,
        )
        self.secrets = Counter(
            "diag_secrets_removed_total",
            "Secrets that were cut out of requests, by kind.",
            ["kind"],
            registry=ours,
        )
        self.refused = Counter(
            "diag_http_refused_total",
            "Requests refused without a look at them, by reason.",
            ["reason"],
            registry=ours,
        )
        for counter, labels in ((self.verdicts, codes), (self.secrets, kinds)):
            for label in labels:
                counter.labels(label)
        Gauge("diag_build_info", "What is running.", list(build), registry=ours).labels(
            *build.values()
        ).set(1)
        ours.register(_CounterCollector(read_counters))
        ProcessCollector(registry=ours)

    def add_cases(
        self,
        figures: Callable[[], CaseFigures],
        waiting: Callable[[], int],
        looks: Callable[[], Mapping[str, int]],
    ) -> None:
        """Also expose the figures of cases: the store, the length of the job queue, and the looks of
        this process by result.
        """
        self.deliveries = Counter(
            "diag_deliveries_total",
            "Attempts of this process to tell somebody, by outcome.",
            ["outcome"],
            registry=self.registry,
        )
        for outcome in ("delivered", "failed", "parked"):
            self.deliveries.labels(outcome)
        self.registry.register(_CaseCollector(figures, waiting, looks))

    def count_delivery(self, outcome: str) -> None:
        """Count an attempt to send a message."""
        self.deliveries.labels(outcome).inc()

    def stage(self, name: str) -> AbstractContextManager[object]:
        """Context manager that times a stage of a diagnosis."""
        return self._stages[name].time()

    def text(self, accept: str) -> tuple[bytes, str]:
        """All metrics in the format that the Accept header asks for, and its media type."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type


class CaseFigures(Protocol):
    """The figures of the store of cases."""

    @property
    def cases(self) -> Mapping[str, int]: ...
    @property
    def due(self) -> int: ...
    @property
    def oldest_due_seconds(self) -> float: ...
    @property
    def messages(self) -> Mapping[str, int]: ...


Read = TypeVar("Read")


def _unless_away(read: Callable[[], Read]) -> Read | None:
    """Calls a reader; returns None for any error, such as while the database or queue is unreachable."""
    try:
        return read()
    except Exception:
        return None


class _CaseCollector(Collector):
    """Exposes the figures of cases; figures that cannot be read are left out."""

    def __init__(
        self,
        figures: Callable[[], CaseFigures],
        waiting: Callable[[], int],
        looks: Callable[[], Mapping[str, int]],
    ) -> None:
        self._figures, self._waiting, self._looks = figures, waiting, looks

    def describe(self) -> Iterable[Metric]:
        """Returns nothing, because the database must not be queried while the registry is set up."""
        return ()

    def collect(self) -> Iterator[Metric]:
        looks = CounterMetricFamily(
            "diag_case_looks", "Looks of this process at cases, by result.", labels=["result"]
        )
        for result, number in self._looks().items():
            looks.add_metric([result], number)
        yield looks
        figures, waiting = _unless_away(self._figures), _unless_away(self._waiting)
        yield GaugeMetricFamily(
            "diag_store_up", "Whether the database of cases answers.", int(figures is not None)
        )
        yield GaugeMetricFamily(
            "diag_queue_up", "Whether the queue of jobs answers.", int(waiting is not None)
        )
        if waiting is not None:
            yield GaugeMetricFamily("diag_jobs_waiting", "Jobs in the queue.", waiting)
        if figures is None:
            return
        yield GaugeMetricFamily("diag_cases_due", "Cases whose look is due.", figures.due)
        yield GaugeMetricFamily(
            "diag_cases_oldest_due_seconds",
            "How long the case that is longest due has waited for its look.",
            figures.oldest_due_seconds,
        )
        for name, help_text, label, numbers in (
            ("diag_cases", "Kept cases, by state.", "state", figures.cases),
            (
                "diag_messages",
                "Messages, by state of their delivery.",
                "state",
                figures.messages,
            ),
        ):
            family = GaugeMetricFamily(name, help_text, labels=[label])
            for value, number in numbers.items():
                family.add_metric([value], number)
            yield family


class _CounterCollector(Collector):
    """Exposes the counters of the chain client."""

    def __init__(self, read: Callable[[], CounterValues]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        by_name: defaultdict[str, dict[tuple[str, str], float]] = defaultdict(dict)
        for (name, node, detail), amount in self._read().items():
            by_name[name][node, detail] = amount
        for name, sums in sorted(by_name.items()):
            plain = re.sub(r"\W", "_", name)
            default = f"diag_{plain}", f"Sum of {plain}.", ("node", "detail")
            metric, help_text, labels = _COUNTERS.get(name, default)
            totals: defaultdict[tuple[str, ...], float] = defaultdict(float)
            for source, amount in sums.items():
                totals[source[: len(labels)]] += amount
            family = CounterMetricFamily(metric, help_text, labels=labels)
            for values, amount in sorted(totals.items()):
                family.add_metric(values, amount)
            yield family
