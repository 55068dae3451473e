"""The composition root: builds the services from the settings. `case_bootstrap` builds those
that keep cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from diag.access.access_control import AccessControl
from diag.access.api_keys import read_keys
from diag.chain.cache.immutable import ImmutableCache
from diag.chain.cache.prefetch import CallHistory
from diag.chain.client import BatchClient, ChainClient
from diag.chain.collect.assembly import Lists
from diag.chain.collect.memos import MemoKeys
from diag.chain.collect.second_opinion import Weight
from diag.chain.metrics import Counters
from diag.chain.pool.pool import Pool
from diag.chain.pool.status import StatusReader
from diag.chain.rpc.call import Source
from diag.checks import Check, installed
from diag.config.phrases import read_phrases
from diag.config.reloading_file import ReloadingFile
from diag.config.settings import Settings
from diag.diagnosis.engine import conclude
from diag.domain.case import Case
from diag.domain.gateway_register import Register
from diag.domain.history import History
from diag.domain.vocabulary import ResendSafe
from diag.gateways import register_file
from diag.ledger.node import Ledger, LedgerSource
from diag.matching.match_cache import MAX_OPERATIONS, MAX_OPERATIONS_IN_BATCH
from diag.matching.withdrawals import build_evidence
from diag.notices.loader import read_notices
from diag.notices.model import Notice
from diag.services import Services
from diag.words import OURS, Phrases

BATCH_CONCURRENCY = 8
"""How many cases of a batch are read from nodes side by side; a recorded chain has no latency."""

ROWS_IN_DEMO = 100
"""Maximum number of cached history rows for the embedded chain, to keep memory small."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Where histories are read: the nodes, or a recorded chain.

    pool: the sources, which count their calls; cached: the same behind caches that outlive a block.
    client_options, cache_size: further arguments of `ChainClient`, and of it and `BatchClient`.
    """

    register: Register
    clock: Callable[[], datetime]
    pool: Pool
    cached: Pool
    client_options: Mapping[str, Any] = field(default_factory=dict)
    cache_size: Mapping[str, Any] = field(default_factory=dict)


def open_chain(settings: Settings, counters: Counters) -> Chain:
    """The configured nodes, or a recorded chain if there are none; raises BadSetting."""
    return _nodes(settings, counters) if settings.nodes else _recorded(settings, counters)


def _nodes(settings: Settings, counters: Counters) -> Chain:
    from diag.chain.rpc import nodes  # slow to import: needed only with nodes

    register, clock = register_for(settings, None), build_clock(settings)
    sources = nodes.open_nodes(settings.nodes)
    pool = Pool.of(sources, counters, chain_id=settings.chain_id, clock=clock)
    cached = pool.wrapping(lambda node: ImmutableCache(node, counters=counters))
    options = {"call_history": CallHistory(), "prefetch_seconds": settings.ahead}
    return Chain(register, clock, pool, cached, options)


def _recorded(settings: Settings, counters: Counters) -> Chain:
    directory = settings.ledger or embedded_ledger()
    ledger = Ledger.load(directory)
    clock = partial(getattr, ledger, "clock")
    pool = Pool.of([LedgerSource(ledger, ledger.name)], counters, clock=clock)
    options: dict[str, Any] = {}
    if not settings.gateway_lists and not settings.elasticsearch:
        options["local_head"] = partial(getattr, ledger, "head_number")
    size = {"max_rows": ROWS_IN_DEMO} if directory == embedded_ledger() else {}
    return Chain(register_for(settings, directory), clock, pool, pool, options, size)


def build_services(settings: Settings) -> Services:
    """Build the services on the configured nodes, or on a recorded chain if there are none.

    Raises BadSetting if a setting or one of the files it names is wrong.
    """
    counters, checks = Counters(), installed()
    chain = open_chain(settings, counters)
    register, clock, pool = chain.register, chain.clock, chain.pool
    index = _index(settings.elasticsearch) if settings.elasticsearch else None
    keys = settings.memo_keys_file
    options: dict[str, Any] = {
        **chain.cache_size,
        "seconds": settings.deadline,
        "chain_id": settings.chain_id,
        "clock": clock,
        "patience": pool.patience,
        "memo_keys": MemoKeys.load(keys) if keys else None,
        "lists": _lists(register) if settings.gateway_lists else None,
        "index": index,
        "weigh": partial(weigh, register, checks),
        "recorded": not settings.nodes,
    }
    client = ChainClient(
        chain.cached, register, counters=counters, **chain.client_options, **options
    )
    slot = partial(client.slot, settings.deadline)
    return Services(
        collect=client,
        gateway_view=client.gateway_view,
        health=client.health,
        register=register,
        checks=checks,
        settings=settings,
        now=partial(_whole_seconds, clock),
        pool=pool,
        new_batch=partial(BatchClient, chain.cached, register, client, slot=slot, **options),
        batch_concurrency=BATCH_CONCURRENCY if settings.nodes else 1,
        batch_matches=MAX_OPERATIONS if chain.cache_size else MAX_OPERATIONS_IN_BATCH,
        notices=_notices(settings, register, checks),
        phrases=_phrases(settings),
        counters=counters,
        locate=client.locate,
        node_statuses=StatusReader(
            pool,
            clock=clock,
            accounts=register.account_names,
            indexed=index is not None,
        ),
    )


def weigh(register: Register, checks: Sequence[Check], case: Case, history: History) -> Weight:
    """Return how much confirmation a history needs, by the verdict that it alone would lead to."""
    alone = replace(history, confirmed_by=history.confirmed_by[:1], known_nodes=1)
    diagnosis = conclude(build_evidence(case, alone, register), checks)
    verdicts = [diagnosis.verdict, *(verdict for _, verdict in diagnosis.withdrawals)]
    if any(verdict.resend_safe is ResendSafe.YES for verdict in verdicts):
        return Weight.RESEND
    return Weight.LIGHT if diagnosis.evidence.withdrawals else Weight.NEGATIVE


def _index(url: str) -> Source:
    """Return the Elasticsearch index that holds the history which the nodes have pruned."""
    from diag.chain.elasticsearch.client import Elasticsearch  # slow to import

    return Elasticsearch(url)


def _lists(register: Register) -> Lists:
    """Return a function that reads the coin lists which the gateways of a register publish."""
    from diag.chain.gateways.lists import GatewayLists  # slow to import

    return GatewayLists(register).ask


def _notices(
    settings: Settings, register: Register, checks: tuple[Check, ...]
) -> Callable[[], tuple[Notice, ...]]:
    """Return a function that returns the operator's current notices; none if there is no file."""
    if settings.notices is None:
        return tuple
    gateways = frozenset(gateway.key for gateway in register.gateways)
    codes = frozenset(rule.code for check in checks for rule in check.RULES)
    return ReloadingFile(
        settings.notices, lambda path: read_notices(path, gateways, codes), "notices"
    )


def _phrases(settings: Settings) -> Callable[[], Phrases]:
    """Return a function that returns the current words of replies; the built-in ones if there
    is no file.
    """
    if settings.phrases is None:
        return lambda: OURS
    return ReloadingFile(settings.phrases, read_phrases, "phrases")


def build_clock(settings: Settings) -> Callable[[], datetime]:
    """Return the clock with which the heads of nodes are compared: the wall clock, or DIAG_CLOCK."""
    return partial(_fixed, settings.clock) if settings.clock else partial(datetime.now, UTC)


def _fixed(moment: datetime) -> datetime:
    return moment


def _whole_seconds(clock: Callable[[], datetime]) -> datetime:
    return clock().replace(microsecond=0)


def embedded_ledger() -> Path:
    """Return the directory of the recorded chain that is shipped with the package."""
    return Path(str(files("diag") / "data" / "ledger"))


def open_source(settings: Settings) -> Source:
    """Return the first of the configured nodes, or the recorded chain; raises BadSetting."""
    if settings.nodes:
        from diag.chain.rpc import nodes

        return nodes.open_nodes(settings.nodes)[0]
    ledger = Ledger.load(settings.ledger or embedded_ledger())
    return LedgerSource(ledger, ledger.name)


def register_beside(settings: Settings) -> tuple[str, bytes]:
    """Return the usual name and the content of the file that is the gateway register, or extends it."""
    ledger = None if settings.nodes else settings.ledger or embedded_ledger()
    path = settings.gateways or (register_file.beside_ledger(ledger) if ledger else None)
    path = path or Path(str(files("diag") / "data" / register_file.FILES[0]))
    return f"gateways{path.suffix}", path.read_bytes()


def register_for(settings: Settings, ledger: Path | None) -> Register:
    """Return the gateway register to use; raises BadSetting if a file is wrong.

    This is the operator's register, which may extend the default one. The default is the
    register of the recorded chain if it has one, else the built-in one.
    """
    default = (register_file.of_ledger(ledger) if ledger else None) or register_file.builtin()
    return register_file.load(settings.gateways).over(default) if settings.gateways else default


def build_access_control(settings: Settings) -> AccessControl:
    """Build the access control, which decides who may send requests over HTTP, and how often."""
    path = settings.api_keys
    keys = ReloadingFile(path, read_keys, "API keys") if path else None
    if keys is None and settings.rate_limit is None:
        return AccessControl()
    from diag.access.rate_limiter import (  # needs several MiB: imported only if used
        REFUSALS,
        RateLimiter,
        open_store,
    )

    store = open_store(settings.rate_store)
    limit = settings.rate_limit
    return AccessControl(
        keys,
        RateLimiter(limit, store).hit if limit else None,
        refusals=RateLimiter(REFUSALS, store).hit if keys else None,
    )
