"""The composition root: builds the services from the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from diag.access.access_control import AccessControl
from diag.access.api_keys import keys_in
from diag.chain.cache.immutable import ImmutableCache
from diag.chain.cache.prefetch import CallHistory
from diag.chain.client import Batch, ChainClient
from diag.chain.collect.assembly import Lists
from diag.chain.collect.memos import MemoKeys
from diag.chain.collect.second_opinion import Weight
from diag.chain.metrics import Counters
from diag.chain.pool.pool import Pool
from diag.chain.pool.status import StatusReader
from diag.chain.rpc.call import Source
from diag.chain.rpc.paged import Paged
from diag.checks import Check, installed
from diag.config.reloading_file import ReloadingFile
from diag.config.settings import Settings
from diag.diagnosis.engine import Collect, conclude
from diag.domain.case import Case
from diag.domain.gateway_register import Register
from diag.domain.history import History
from diag.domain.vocabulary import ResendSafe
from diag.gateways import register_file
from diag.ledger.node import Ledger, LedgerSource
from diag.matching.withdrawals import build_evidence
from diag.notices.loader import notices_in
from diag.notices.model import Notice
from diag.services import Services

ROWS_AT_ONCE = 4
"""Cases of a batch that wait for a node side by side; a recorded chain makes nobody wait."""

ROWS_IN_DEMO = 100
"""Rows to remember of the embedded chain: it is small, and so is the memory that is promised."""


def build_services(settings: Settings) -> Services:
    """Nodes if any are named, else a recorded chain; and the register that belongs to it."""
    tally = Counters()
    remembering: dict[str, Any] = {"tally": tally}
    in_a_batch: dict[str, Any] = {}
    if settings.nodes:
        from diag.chain.rpc import nodes  # heavy: not needed where a recorded chain answers

        register = register_for(settings, None)
        clock = _wall_clock
        named, home = nodes.named(settings.nodes), settings.chain_id
        pool = Pool.of(named, tally, chain_id=home, clock=clock)
        lasting = pool.wrapping(lambda node: ImmutableCache(node, tally=tally))
        remembering["hints"] = CallHistory()
        remembering["ahead"] = settings.ahead
    else:
        directory = settings.ledger or embedded_ledger()
        ledger = Ledger.load(directory)
        pool = Pool.of([LedgerSource(ledger, ledger.name)], tally)
        few: dict[str, int] = (
            {"most_rows": ROWS_IN_DEMO} if directory == embedded_ledger() else {}
        )
        lasting = pool.wrapping(lambda source: Paged(source, **few))
        register = register_for(settings, directory)
        clock = partial(getattr, ledger, "clock")
        remembering |= few
        in_a_batch |= few
        if not settings.gateway_lists and not settings.elasticsearch:
            remembering["standing"] = partial(getattr, ledger, "head_number")

    checks = installed()
    keys, lists = settings.memo_keys_file, settings.gateway_lists
    index = _index(settings.elasticsearch) if settings.elasticsearch else None
    asking: dict[str, Any] = {
        "seconds": settings.deadline,
        "chain_id": settings.chain_id,
        "clock": clock,
        "patience": pool.patience,
    }
    more: dict[str, Any] = {
        "memo_keys": MemoKeys.load(keys) if keys else None,
        "lists": _lists(register) if lists else None,
        "index": index,
        "weigh": partial(weigh, register, checks),
        "recorded": not settings.nodes,
    }
    moments = ChainClient(lasting, register, **remembering, **more, **asking)

    def together() -> Collect:
        turn = partial(moments.turn, settings.deadline)
        return Batch(lasting, register, moments, turn=turn, **in_a_batch, **more, **asking)

    notices = _notices(settings, register, checks)
    rows_at_once = ROWS_AT_ONCE if settings.nodes else 1
    return Services(
        moments,
        moments.look,
        moments.health,
        register,
        checks,
        settings,
        clock,
        pool,
        together,
        rows_at_once,
        notices,
        tally,
        StatusReader(pool, clock=clock, accounts=register.account_names),
    )


def weigh(register: Register, checks: Sequence[Check], case: Case, history: History) -> Weight:
    """How much depends on what a history shows: what would be said if its node were the only one."""
    alone = replace(history, confirmed_by=history.confirmed_by[:1], known_nodes=1)
    diagnosis = conclude(build_evidence(case, alone, register), checks)
    verdicts = [diagnosis.verdict, *(verdict for _, verdict in diagnosis.withdrawals)]
    if any(verdict.resend_safe is ResendSafe.YES for verdict in verdicts):
        return Weight.RESEND
    return Weight.LIGHT if diagnosis.evidence.withdrawals else Weight.NEGATIVE


def _index(url: str) -> Source:
    """The Elasticsearch in which histories are searched."""
    from diag.chain.elasticsearch.client import Elasticsearch  # heavy, as above

    return Elasticsearch(url)


def _lists(register: Register) -> Lists:
    """What gateways say of themselves now."""
    from diag.chain.gateways.lists import GatewayLists  # heavy, as above

    return GatewayLists(register).ask


def _notices(
    settings: Settings, register: Register, checks: tuple[Check, ...]
) -> Callable[[], tuple[Notice, ...]]:
    """The operator's notices, or none."""
    if settings.notices is None:
        return tuple
    gateways = frozenset(gateway.key for gateway in register.gateways)
    codes = frozenset(rule.code for check in checks for rule in check.RULES)
    return ReloadingFile(
        settings.notices, lambda path: notices_in(path, gateways, codes), "notices"
    )


def _wall_clock() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def embedded_ledger() -> Path:
    """The recorded chain that comes with the package."""
    return Path(str(files("diag") / "data" / "ledger"))


def register_for(settings: Settings, ledger: Path | None) -> Register:
    """The operator's register, alone or over the ledger's own, or that or the built-in one."""
    beside = (register_file.of_ledger(ledger) if ledger else None) or register_file.builtin()
    return register_file.load(settings.gateways).over(beside) if settings.gateways else beside


def build_access_control(settings: Settings) -> AccessControl:
    """Who may ask over HTTP, and how often."""
    keys = settings.api_keys
    held = ReloadingFile(keys, keys_in, "API keys") if keys else None
    if held is None and settings.rate_limit is None:
        return AccessControl()
    # megabytes that nobody else needs
    from diag.access.rate_limiter import REFUSALS, RateLimiter, store

    counted = store(settings.rate_store)
    limit = settings.rate_limit
    return AccessControl(
        held,
        RateLimiter(limit, counted).spend if limit else None,
        refusals=RateLimiter(REFUSALS, counted).spend if held else None,
    )
