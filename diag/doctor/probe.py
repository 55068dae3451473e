"""Examines a set-up: its files, nodes and machine, within a few seconds."""

from __future__ import annotations

import errno
import platform
import socket
import stat
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from diag import __version__
from diag.bootstrap import build_access_control, embedded_ledger, register_for
from diag.case_bootstrap import build_channels, examine_database
from diag.chain.collect import first_wave
from diag.chain.collect.memos import MemoKeys
from diag.chain.elasticsearch.client import Elasticsearch
from diag.chain.elasticsearch.survey import IndexReport, survey_index
from diag.chain.pool.survey import NodeReport, survey_all
from diag.chain.rpc import methods, nodes
from diag.chain.rpc.call import Deadline, Source
from diag.checks import installed
from diag.config.phrases import read_phrases
from diag.config.settings import Review, Settings
from diag.doctor.snapshot import ChannelFacts, Facts, Machine, OnChain
from diag.domain.gateway_register import Register, empty
from diag.errors import BadSetting, ChainError
from diag.ledger.node import Ledger, LedgerSource
from diag.notices.loader import read_notices
from diag.notices.model import Notice

LOOKING, NAMING = 3.5, 1.5
"""Seconds for the nodes and the index, then for the names of the register."""

Made = TypeVar("Made")


def examine(review: Review, clock: Callable[[], datetime]) -> Facts:
    """Examine everything; never raises, and ends in time even if every node hangs.

    clock: the wall clock.
    """
    broken: dict[str, BadSetting] = {}

    def tried(name: str, make: Callable[[], Made]) -> Made | None:
        try:
            return make()
        except BadSetting as error:
            broken[name] = error
            return None

    settings = review.settings
    directory = settings.ledger or embedded_ledger()
    ledger = None
    bad: list[int] = []
    if settings.nodes:
        sources, bad = _sources(settings.nodes)
    else:
        ledger = tried("DIAG_LEDGER", lambda: Ledger.load(directory))
        sources = [LedgerSource(ledger, ledger.name)] if ledger else []
    nodes_clock = partial(_now, settings, ledger, clock)
    beside = None if settings.nodes else directory
    register = tried("DIAG_GATEWAYS", lambda: register_for(settings, beside)) or empty()
    keys_file = settings.memo_keys_file
    keys = tried("DIAG_MEMO_KEYS_FILE", lambda: MemoKeys.load(keys_file)) if keys_file else None
    address, board = settings.elasticsearch, settings.notices
    index = tried("DIAG_ELASTICSEARCH", lambda: Elasticsearch(address)) if address else None
    unread = "DIAG_GATEWAYS" in {**broken, **review.wrong}  # notices may name its gateways
    notices = None
    if board and not unread:
        notices = tried("DIAG_NOTICES", lambda: _notices(board, register))
    if path := settings.phrases:
        tried("DIAG_PHRASES", lambda: read_phrases(path))
    tried("DIAG_API_KEYS", lambda: build_access_control(replace(settings, rate_limit=None)))
    tried("DIAG_RATE_STORE", lambda: build_access_control(replace(settings, api_keys=None)))
    tried("DIAG_DATABASE", lambda: examine_database(settings))
    channels = tried("DIAG_CHANNELS", lambda: _channels(settings))
    reports, indexed = _look(sources, index, register, nodes_clock)
    facts = Facts(
        now=settings.clock or clock(),
        review=review,
        machine=_machine(settings),
        bad_addresses=tuple(bad),
        reports=tuple(reports),
        register=register,
        keys=keys.public if keys else None,
        notices=notices,
        index=indexed,
        channels=channels,
        modes=_modes({**review.files, **_secret_files(settings, channels)}),
        broken=broken,
    )
    return _named(facts, sources)


def _now(settings: Settings, ledger: Ledger | None, clock: Callable[[], datetime]) -> datetime:
    """Return the time that the heads of the sources are compared with."""
    return ledger.clock if ledger else settings.clock or clock()


def _sources(urls: Sequence[str]) -> tuple[list[Source], list[int]]:
    """Return a source for each address, and the places (from 1) of malformed addresses."""
    sources: list[Source] = []
    bad = []
    for place, url in enumerate(urls, 1):
        try:
            sources += nodes.open_nodes((url,))
        except BadSetting:
            bad.append(place)
    return sources, bad


def _look(
    sources: Sequence[Source],
    index: Source | None,
    register: Register,
    clock: Callable[[], datetime],
) -> tuple[list[NodeReport], IndexReport | None]:
    with ThreadPoolExecutor(2) as pool:
        accounts = register.account_names
        seen = pool.submit(survey_all, sources, LOOKING, clock=clock, accounts=accounts)
        found = pool.submit(survey_index, index, Deadline(LOOKING)) if index else None
        return seen.result(), found.result() if found else None


def _named(facts: Facts, sources: Sequence[Source]) -> Facts:
    """Return the facts, with the best node's answers about the names in the register and the
    blocks of the index.
    """
    best = next((report for report in facts.usable), None)
    if best is None:
        return facts
    source = sources[facts.reports.index(best)]
    register = facts.register.on(best.chain_id or "")
    ids = {i for gateway in register.gateways for i in gateway.account_ids}
    asked = (*register.account_names, *sorted(ids))
    symbols = sorted({c.asset for gateway in register.gateways for c in gateway.coins})
    calls = {
        "accounts": methods.ACCOUNTS.call(list(asked), False),
        "assets": methods.ASSETS.call(symbols),
    }
    if facts.index and facts.index.block_times and best.head:
        final = best.head.irreversible
        blocks = [block for block in facts.index.block_times if block <= final]
        calls["headers"] = methods.HEADERS.call(blocks)
    replies = dict(zip(calls, source.ask(list(calls.values()), Deadline(NAMING)), strict=True))
    return replace(facts, on_chain=_on_chain(best.name, asked, symbols, replies))


def _on_chain(
    node: str, names: Sequence[str], symbols: Sequence[str], replies: Mapping[str, Any]
) -> OnChain:
    try:
        found = first_wave.accounts(replies["accounts"], names)
    except ChainError:
        names, found = (), {}
    assets, headers = replies["assets"], replies.get("headers")
    return OnChain(
        node=node,
        asked=tuple(names),
        accounts=found | {account.name: account for account in found.values()},
        symbols=None
        if isinstance(assets, ChainError)
        else frozenset(s for s, asset in zip(symbols, assets, strict=True) if asset),
        times={number: header.time for number, header in headers.items()}
        if isinstance(headers, dict)
        else None,
    )


def _notices(path: Path, register: Register) -> tuple[Notice, ...]:
    gateways = frozenset(gateway.key for gateway in register.gateways)
    codes = frozenset(rule.code for check in installed() for rule in check.RULES)
    return read_notices(path, gateways, codes)


def _channels(settings: Settings) -> ChannelFacts | None:
    read = build_channels(settings)
    if read is None:
        return None
    from diag.channels.file import secrets_in
    from diag.channels.http import in_clear

    found = read()
    inside = any(secret.file is None for secret in secrets_in(found))
    files = {str(s.file) for s in secrets_in(found) if s.file is not None}
    clear = tuple(c.name for c in found.channels.values() if in_clear(c.address))
    return ChannelFacts(clear, inside, tuple(sorted(files)))


def _secret_files(settings: Settings, channels: ChannelFacts | None) -> dict[str, Path]:
    """Return the files that hold the memo keys, and the secrets of the channels."""
    found = {}
    if settings.memo_keys_file:
        found["DIAG_MEMO_KEYS_FILE"] = settings.memo_keys_file
    if channels:
        own = (settings.channels,) if settings.channels and channels.secrets_inside else ()
        paths = map(Path, (*own, *channels.secret_files))
        found |= {f"DIAG_CHANNELS ({path.name})": path for path in paths}
    return found


def _modes(files: Mapping[str, Path]) -> dict[str, int]:
    """Return the permission bits of files; those that cannot be read are left out."""
    modes = {}
    for name, path in files.items():
        with suppress(OSError):
            modes[name] = stat.S_IMODE(path.stat().st_mode)
    return modes


def _machine(settings: Settings) -> Machine:
    return Machine(
        version=__version__,
        python=platform.python_version(),
        zones=_zones(),
        port=_port(settings.host, settings.port),
        scratch=any(_writable(place) for place in (Path("/dev/shm"), None)),
    )


def _zones() -> bool:
    try:
        return bool(ZoneInfo("Asia/Shanghai"))
    except ZoneInfoNotFoundError:
        return False


def _port(host: str, port: int) -> str | None:
    """Return why the port cannot be listened on: `taken` or `refused`; None if it can."""
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        return "taken" if error.errno == errno.EADDRINUSE else "refused"
    return None


def _writable(place: Path | None) -> bool:
    try:
        tempfile.TemporaryFile(dir=place).close()
    except OSError:
        return False
    return True
