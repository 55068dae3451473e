"""Extracts the accounts in a text: the user's own, and the destination of the money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diag.intake.candidates import Confidence, Found
from diag.intake.extract.account_mentions import mentions
from diag.intake.extract.identifiers import Remark
from diag.intake.extract.known_names import KnownNames
from diag.intake.normalized_text import Page


@dataclass(frozen=True, slots=True)
class Accounts:
    """The user's account and the destination, as far as the text tells them apart."""

    own: tuple[Found, ...]
    destinations: tuple[Found, ...]
    foreign: tuple[Found, ...]
    """Accounts on other chains."""
    remarks: tuple[Remark, ...]


def accounts(
    page: Page, ids: Sequence[Found], linked: Sequence[Found], known: KnownNames
) -> Accounts:
    """The accounts on a page; ids: the account ids (1.2.x) on it; linked: those in links."""
    own: list[Found] = []
    destinations: list[Found] = []
    foreign: list[Found] = []
    remarks: list[Remark] = []
    register = known.register
    for found, role in _surest_readings(list(mentions(page, ids, linked, known))):
        if role == "other" and not known.suspicious(found.value):
            continue
        if role == "foreign":
            foreign.append(found)
            remarks.append(Remark("other_chain_account", found.span))
        elif known.suspicious(found.value) and (
            role != "own" or found.confidence is not Confidence.CERTAIN
        ):
            remarks.append(Remark("suspicious_account", found.span))
            if role == "to" and found.confidence.rank <= Confidence.HIGH.rank:
                destinations.append(found)
        elif register.by_account(found.value) is not None:
            if role != "from":
                destinations.append(found)
            if role == "own":
                remarks.append(Remark("gateway_account", found.span))
        elif role == "to":
            destinations.append(found)
        else:
            own.append(found)
    return Accounts(tuple(own), tuple(destinations), tuple(foreign), tuple(remarks))


def _surest_readings(read: list[tuple[Found, str]]) -> Iterator[tuple[Found, str]]:
    """One reading for each place, the one with the highest confidence, in the order of the text."""
    best: dict[int, tuple[Found, str]] = {}
    for found, role in sorted(read, key=lambda pair: pair[0].confidence.rank):
        best.setdefault(found.start, (found, role))
    return iter(best[start] for start in sorted(best))
