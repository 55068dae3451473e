"""Checks the settings: known, well formed, safe, and consistent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from difflib import get_close_matches

from diag.config.settings import PREFIX, Settings
from diag.doctor.endpoints import Address, addresses_in
from diag.doctor.result import Diagnostic, Level
from diag.doctor.snapshot import Facts
from diag.domain.asset import MAIN_NETWORK
from diag.i18n import LANGUAGES, Text
from diag.words import text

READABLE_BY_ALL = 0o004
LEAST_SHARE = 2.0
"""Seconds that each node should have: the time that connecting may take."""
SOON = timedelta(days=30)
"""How long before its expiry a contact for vulnerabilities is to be renewed."""


def check(facts: Facts) -> Iterator[Diagnostic]:
    """Yield one diagnostic if all settings are valid, and those about problems."""
    review = facts.review
    wrong = list(_wrong(facts)) + list(_unknown(review.unknown))
    wrong += [*_files(facts), *_addresses(facts), *_chain(facts), *_deadline(review.settings)]
    wrong += [*_clock(facts), *_channels(facts), *_security_contact(facts)]
    if not any(finding.level > Level.HINT for finding in wrong):
        key = "settings.valid" if review.given else "settings.defaults"
        yield Diagnostic.of(Level.OK, key, "DIAG_*", count=len(review.given))
    yield from wrong


def _clock(facts: Facts) -> Iterator[Diagnostic]:
    """Yield a warning of a fixed clock, which is right for a replayed chain only."""
    moment = facts.review.settings.clock
    if moment is None or facts.demo:
        return
    live = any(report.chain_id == MAIN_NETWORK for report in facts.reports)
    level = Level.FAULT if live else Level.WARNING
    time = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    yield Diagnostic.of(level, "settings.fixed_clock", "DIAG_CLOCK", time=time)


def _security_contact(facts: Facts) -> Iterator[Diagnostic]:
    """Yield a warning of a contact for vulnerabilities that is no longer published, or soon
    will not be.
    """
    settings = facts.review.settings
    expires = settings.security_expires
    if not settings.security_contact or expires is None or expires > facts.now + SOON:
        return
    over = expires <= facts.now
    key = "settings.contact_expired" if over else "settings.contact_expires"
    date = f"{expires:%Y-%m-%d}"
    yield Diagnostic.of(Level.WARNING, key, "DIAG_SECURITY_EXPIRES", date=date)


def _channels(facts: Facts) -> Iterator[Diagnostic]:
    """Yield warnings of channels that are not used because cases are off, and of unencrypted
    addresses.
    """
    settings = facts.review.settings
    if settings.channels is None:
        return
    if not settings.keeps_cases:
        yield Diagnostic.of(Level.WARNING, "settings.no_cases", "DIAG_CHANNELS")
    for name in facts.channels.clear if facts.channels else ():
        yield Diagnostic.of(Level.HINT, "settings.channel_in_clear", "DIAG_CHANNELS", name=name)


def _wrong(facts: Facts) -> Iterator[Diagnostic]:
    for name, error in {**facts.review.wrong, **facts.broken}.items():
        why = Text.literal(*(_without(name, error.text.say(lang)) for lang in LANGUAGES))
        yield Diagnostic.of(Level.FAULT, "settings.wrong", name, why=why)
    for place in facts.bad_addresses:
        yield Diagnostic.of(Level.FAULT, "settings.bad_address", "DIAG_NODES", place=place)


def _without(name: str, message: str) -> str:
    """Return a message without the name of the setting, with which the line begins already."""
    rest = message.removeprefix(name)
    own = rest.startswith("_")  # the message is about NAME_FILE
    return (message if own else rest).lstrip(" ,:：，").rstrip(".。")


def _unknown(names: tuple[str, ...]) -> Iterator[Diagnostic]:
    known = [PREFIX + setting.name.upper() for setting in fields(Settings)]
    known += [f"{name}_FILE" for name in known]
    for name in names:
        near = get_close_matches(name, known, n=1, cutoff=0.7)
        if near:
            yield Diagnostic.of(Level.WARNING, "settings.misspelt", name, near=near[0])
        else:
            yield Diagnostic.of(Level.WARNING, "settings.unknown", name)


def _files(facts: Facts) -> Iterator[Diagnostic]:
    """Yield warnings of files with secrets that everybody may read."""
    for name, mode in facts.modes.items():
        if mode & READABLE_BY_ALL and _holds_secrets(name, facts.review.settings):
            yield Diagnostic.of(
                Level.WARNING, "settings.readable_by_all", name, mode=f"{mode:o}"
            )


def _holds_secrets(name: str, settings: Settings) -> bool:
    if name == f"{PREFIX}NODES_FILE":
        return any("@" in url for url in settings.nodes)
    if name == f"{PREFIX}ELASTICSEARCH_FILE":
        return "@" in (settings.elasticsearch or "")
    return "KEY" in name or name.startswith(f"{PREFIX}CHANNELS")


def _addresses(facts: Facts) -> Iterator[Diagnostic]:
    settings = facts.review.settings
    if settings.nodes and settings.ledger:
        yield Diagnostic.of(Level.WARNING, "settings.ledger_unused", "DIAG_LEDGER")
    first_at: dict[tuple[str, int], Address] = {}
    for address in addresses_in(settings):
        if address.clear:
            yield _in_clear(address)
        if address.setting != "DIAG_NODES":
            continue
        first = first_at.setdefault((address.host, address.port), address)
        if first is not address:
            names = {"one": address.shown, "other": first.shown}
            yield Diagnostic.of(Level.WARNING, "settings.same_node", "DIAG_NODES", **names)


def _in_clear(address: Address) -> Diagnostic:
    return Diagnostic.of(
        Level.WARNING if address.login else Level.HINT,
        "settings.in_clear",
        address.setting,
        address=address.shown,
        login=text("doctor.settings.login_in_clear") if address.login else "",
    )


def _chain(facts: Facts) -> Iterator[Diagnostic]:
    if facts.demo or facts.review.settings.chain_id:
        return
    chains = {report.chain_id for report in facts.reports if report.chain_id}
    setting = f"DIAG_CHAIN_ID={chains.pop()}" if len(chains) == 1 else "DIAG_CHAIN_ID"
    yield Diagnostic.of(Level.HINT, "settings.any_chain", "DIAG_CHAIN_ID", setting=setting)


def _deadline(settings: Settings) -> Iterator[Diagnostic]:
    nodes = len(settings.nodes)
    if nodes and settings.deadline / nodes < LEAST_SHARE:
        yield Diagnostic.of(
            Level.HINT,
            "settings.short_deadline",
            "DIAG_DEADLINE",
            seconds=f"{settings.deadline:g}",
            nodes=nodes,
            least=f"{LEAST_SHARE * nodes:g}",
        )
