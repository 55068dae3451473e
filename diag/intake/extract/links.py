"""Links in a text: pages of explorers that show an account, an operation, a transaction, an address.

An explorer is told by the path and not by its name: `/#/accounts/alice-7`, `/operations/1.11.5`,
`/tx/<40 digits>`. So the pages that a diagnosis itself prints are read, whatever explorers it is
set up with, and those of other chains as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from diag.domain.account_names import valid
from diag.intake.candidates import Confidence, Found, at
from diag.intake.normalized_text import Page, each

_SITES = r"(?:info|exchange|com|org|io|net|me|ai|app|dev|pro|eu|ws|ch|cc|co|xyz|cash|live|one|mobi|example|test)"
LINK = re.compile(
    r"https?://[^\s\"<>，。；）】]{1,500}|\bwww\.[^\s\"<>，。；）】]{1,300}"
    rf"|(?<![a-z0-9@.-])(?:[a-z0-9-]{{1,63}}\.){{1,4}}{_SITES}(?::[0-9]{{1,5}})?/[^\s\"<>，。；）】]{{1,300}}"
)
MAILBOX = re.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}"
)
_PART = re.compile(r"[^/#?&=]+")
_ACCOUNT_PAGE = frozenset(("account", "accounts", "user", "users", "u", "acct", "name"))
_ADDRESS_PAGE = frozenset(("address", "addresses", "addr", "wallet"))
_OPERATION = re.compile(r"1\.11\.(?:0|[1-9][0-9]{0,18})\Z")
_TRANSACTION = re.compile(r"[0-9a-f]{40}\Z")
_FOREIGN = re.compile(r"(?:0x)?[0-9a-f]{64}\Z")
_ADDRESS = re.compile(r"[A-Za-z0-9]{20,90}\Z")


@dataclass(frozen=True, slots=True)
class Links:
    """What the links of a page show, and the places of all links and mail addresses on it."""

    accounts: tuple[Found, ...]
    operations: tuple[Found, ...]
    transactions: tuple[Found, ...]
    external: tuple[Found, ...]
    addresses: tuple[Found, ...]
    places: tuple[tuple[int, int], ...]


def links(page: Page) -> Links:
    """Every link of a page with what its path names."""
    shown: dict[str, list[Found]] = {
        "account": [], "operation": [], "transaction": [], "external": [], "address": [],
    }  # fmt: skip
    places = []
    for link in each(LINK, page.low):
        end = link.end() - (len(link[0]) - len(link[0].rstrip(".,;:!?)'*")))
        places.append((link.start(), end))
        for kind, found in _named(page, link.start(), end):
            shown[kind].append(found)
    places += [found.span() for found in each(MAILBOX, page.low)]
    return Links(
        tuple(shown["account"]), tuple(shown["operation"]), tuple(shown["transaction"]),
        tuple(shown["external"]), tuple(shown["address"]), tuple(places),
    )  # fmt: skip


def _named(page: Page, start: int, end: int) -> Iterator[tuple[str, Found]]:
    """The kind and the place of each thing that the parts of an address name."""
    scheme = re.match(r"https?://", page.low[start:end])
    site = re.match(r"[^/?#]*", page.low[start + (scheme.end() if scheme else 0) : end])
    begin = start + (scheme.end() if scheme else 0) + (site.end() if site else 0)
    before = ""
    for part in _PART.finditer(page.plain, begin, end):
        small = part[0].lower()
        if _OPERATION.match(small):
            yield "operation", at(page, part.span(), small, Confidence.CERTAIN)
        elif _TRANSACTION.match(small) and before not in _ADDRESS_PAGE:
            yield "transaction", at(page, part.span(), small, Confidence.CERTAIN)
        elif _FOREIGN.match(small):
            yield "external", at(page, part.span(), small, Confidence.HIGH)
        elif before in _ACCOUNT_PAGE and valid(small):
            yield "account", at(page, part.span(), small, Confidence.MEDIUM)
        elif before in _ADDRESS_PAGE and _ADDRESS.match(part[0]):
            yield "address", at(page, part.span(), part[0], Confidence.HIGH)
        before = small
