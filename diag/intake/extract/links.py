"""Extracts links from a text: explorer pages that show an account, operation, transaction or address.

Links to this chain's explorers are read by `diag.domain.links`, other links by the parts of their
path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from diag.domain.account_names import valid
from diag.domain.links import target
from diag.intake.candidates import Confidence, Found, at
from diag.intake.normalized_text import Page, each

Templates = Mapping[str, Sequence[str]]
"""Kind of page → the URL templates of the configured explorers."""

_SITES = r"(?:info|exchange|com|org|io|net|me|ai|app|dev|pro|eu|ws|ch|cc|co|xyz|cash|live|one|mobi|example|test)"
_LINK = re.compile(
    r"https?://[^\s\"<>，。；）】]{1,500}|\bwww\.[^\s\"<>，。；）】]{1,300}"
    rf"|(?<![a-z0-9@.-])(?:[a-z0-9-]{{1,63}}\.){{1,4}}{_SITES}(?::[0-9]{{1,5}})?/[^\s\"<>，。；）】]{{1,300}}"
)
_MAILBOX = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}"
)
_PART = re.compile(r"[^/?#&=]+")
_ADDRESS_PAGE = frozenset(("address", "addresses", "addr", "wallet"))
_FOREIGN_ID = re.compile(r"(?:0x)?[0-9a-f]{64}\Z")
_ADDRESS = re.compile(r"[A-Za-z0-9]{20,90}\Z")


@dataclass(frozen=True, slots=True)
class Links:
    """The objects that the links on a page show, and the spans of all links and mail addresses."""

    accounts: tuple[Found, ...]
    operations: tuple[Found, ...]
    transactions: tuple[Found, ...]
    external: tuple[Found, ...]
    addresses: tuple[Found, ...]
    places: tuple[tuple[int, int], ...]


def links(page: Page, templates: Templates) -> Links:
    """Every link on a page, with the object that it shows."""
    shown: dict[str, list[Found]] = {
        "account": [], "operation": [], "transaction": [], "external": [], "address": [],
    }  # fmt: skip
    places = []
    for link in each(_LINK, page.low):
        end = link.end() - (len(link[0]) - len(link[0].rstrip(".,;:!?)'*]")))
        places.append((link.start(), end))
        for kind, found in (
            *_of_this_chain(page, places[-1], templates),
            *_of_others(page, places[-1]),
        ):
            shown[kind].append(found)
    places += [found.span() for found in each(_MAILBOX, page.low)]
    return Links(
        tuple(shown["account"]), tuple(shown["operation"]), tuple(shown["transaction"]),
        tuple(shown["external"]), tuple(shown["address"]), tuple(places),
    )  # fmt: skip


def _of_this_chain(
    page: Page, place: tuple[int, int], templates: Templates
) -> Iterator[tuple[str, Found]]:
    """The account, operation or transaction of this chain that a link shows."""
    start, end = place
    link = page.plain[start:end]
    for kind in ("account", "operation", "transaction"):
        value = target(link, kind, templates.get(kind, ()))
        where = link.rfind(value) if value else -1
        if value is None or where < 0 or (kind == "account" and not valid(value.lower())):
            continue
        sure = Confidence.MEDIUM if kind == "account" else Confidence.CERTAIN
        span = (start + where, start + where + len(value))
        yield kind, at(page, span, value.lower(), sure)


def _of_others(page: Page, place: tuple[int, int]) -> Iterator[tuple[str, Found]]:
    """Transactions and addresses of other chains, by the parts of the path."""
    before = ""
    for part in _PART.finditer(page.plain, *place):
        small = part[0].lower()
        if _FOREIGN_ID.match(small):
            yield "external", at(page, part.span(), small, Confidence.HIGH)
        elif before in _ADDRESS_PAGE and _ADDRESS.match(part[0]):
            yield "address", at(page, part.span(), part[0], Confidence.HIGH)
        before = small
