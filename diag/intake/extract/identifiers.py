"""Extracts ids from a text: operations, transactions of this and other chains, objects, addresses,
links.

A BitShares transaction id has 40 hexadecimal digits, an operation id looks like 1.11.n. Other
chains write 64 digits, with or without 0x. Text that only resembles an id gets a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from diag.intake.candidates import Confidence, Found, at
from diag.intake.extract.links import Templates, links
from diag.intake.normalized_text import Page, each
from diag.words import texts


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark for the agent on a value, with the span of the value."""

    code: str
    span: tuple[int, int]


REMARKS = texts("intake.remarks")
"""The kinds of remarks for the agent."""


@dataclass(frozen=True, slots=True)
class Identifiers:
    """All ids on a page, and other spans that must not be read as names or amounts."""

    operations: tuple[Found, ...]
    transactions: tuple[Found, ...]
    external: tuple[Found, ...]
    accounts: tuple[Found, ...]
    """Account ids."""
    linked_accounts: tuple[Found, ...]
    """Account names in links to explorers."""
    links: tuple[tuple[int, int], ...]
    addresses: tuple[Found, ...]
    remarks: tuple[Remark, ...]
    taken: tuple[tuple[int, int], ...]
    """Spans that hold an id, a link or an e-mail address."""


_OPERATION = re.compile(r"(?<![0-9.])1\.11\.(?:0|[1-9][0-9]{0,18})(?![0-9]|\.[0-9])")
_ACCOUNT_ID = re.compile(r"(?<![0-9.])1\.2\.(?:0|[1-9][0-9]{0,14})(?![0-9]|\.[0-9])")
_OBJECT = re.compile(r"(?<![0-9.])[12]\.[0-9]{1,2}\.[0-9]{1,15}(?![0-9]|\.[0-9])")
_HEX = re.compile(r"(?<![a-z0-9])(0x)?([0-9a-f]{6,200})(?![a-z0-9])")
_BROKEN = re.compile(
    r"(?<![a-z0-9])((?:0x)?[0-9a-f]{8,63}(?:[ ]?\n[ ]?|[ ]|-\n)[0-9a-f]{4,63})(?![a-z0-9])"
)
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc1|ltc1|tb1)[02-9ac-hj-np-z]{20,60}"
    r"|T[1-9A-HJ-NP-Za-km-z]{33}|[LMD][1-9A-HJ-NP-Za-km-z]{26,33}|G[A-Z2-7]{55}|r[1-9A-HJ-NP-Za-km-z]{24,34}"
    r"|(?:BTS|GPH|EOS|STM)[1-9A-HJ-NP-Za-km-z]{50})(?![A-Za-z0-9])"
)
_CUE = re.compile(
    r"(?:\btx(?:id|n|hash|s)?\b|\bhash\b|\btrans?action\b|\bid\b|\btrx\b|哈希|交易id|交易号|交易单?号|流水号?|凭证)[^\n]{0,24}\Z"
)
_ORDER = re.compile(
    r"(?:#|\border\s?|\bticket\s?(?:id|number|no\.?)?\s?:?\s?|订单号?[:：]?\s?|工单号?[:：]?\s?)(?P<number>#?[0-9]{3,14}\b)"
)


def identifiers(page: Page, templates: Templates) -> Identifiers:
    """Every id on a page, without overlaps; templates: the URL templates of the explorers."""
    remarks: list[Remark] = []
    linked = links(page, templates)
    taken = list(linked.places)
    external = list(linked.external)
    page = page.without(taken)
    taken += [m.span("number") for m in each(_ORDER, page.low)]
    operations = [*linked.operations, *(_sure(page, m) for m in each(_OPERATION, page.low))]
    accounts = [_sure(page, m) for m in each(_ACCOUNT_ID, page.low)]
    taken += [m.span() for m in each(_OBJECT, page.low)]
    addresses = list(linked.addresses) + [
        at(page, m.span(), m[0], Confidence.HIGH)
        for m in each(_ADDRESS, page.plain)
        if re.search(r"[0-9]", m[0]) and re.search(r"[A-Za-z]{2}", m[0])
    ]
    taken += [a.span for a in addresses]
    page = page.without(taken)
    transactions = list(linked.transactions)
    for found in (*_joined(page), *_hexes(page)):
        if any(found.start < end and start < found.end for start, end in taken):
            continue
        taken.append(found.span)
        digits = found.value.removeprefix("0x")
        if found.value.startswith("0x") and len(digits) == 40:
            addresses.append(found)
        elif len(digits) == 64:
            external.append(found)
            remarks.append(Remark("foreign_transaction", found.span))
        elif found.value.startswith("0x"):
            external.append(found)
            remarks.append(Remark("broken_transaction", found.span))
        else:
            transactions.append(found)
            if found.confidence is Confidence.LOW:
                remarks.append(Remark("broken_transaction", found.span))
            elif found.confidence is not Confidence.CERTAIN:
                remarks.append(Remark("joined_transaction", found.span))
    asked = [a for a in addresses if _CUE.search(page.low[max(0, a.start - 32) : a.start])]
    remarks += [Remark("address", a.span) for a in asked]
    return Identifiers(
        tuple(operations), tuple(transactions), tuple(external), tuple(accounts), linked.accounts, linked.places,
        tuple(addresses), tuple(remarks), tuple(taken),
    )  # fmt: skip


def _sure(page: Page, m: re.Match[str]) -> Found:
    return at(page, m.span(), m[0], Confidence.CERTAIN)


def _hexes(page: Page) -> Iterator[Found]:
    """Hexadecimal digits that are an id, or that the text calls an id."""
    for m in each(_HEX, page.low):
        prefix, digits = m[1] or "", m[2]
        if len(digits) in (40, 64):
            sure = Confidence.CERTAIN
        elif not re.search(r"[a-f]", digits) or not re.search(r"[0-9]", digits):
            continue
        elif len(digits) >= 30 or _CUE.search(page.low[max(0, m.start() - 32) : m.start()]):
            sure = Confidence.LOW
        else:
            continue
        yield at(page, m.span(), prefix + digits, sure)


def _joined(page: Page) -> Iterator[Found]:
    """Joins an id that a line break or a space has cut in two."""
    for m in each(_BROKEN, page.low):
        digits = re.sub(r"[\s-]", "", m[0])
        if len(digits.removeprefix("0x")) in (40, 64) and re.search(r"[a-f]", digits):
            yield at(page, m.span(), digits, Confidence.HIGH)
