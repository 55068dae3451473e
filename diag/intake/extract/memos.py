"""The memo that a user says was written, or should have been."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.intake.candidates import Confidence, Found, at
from diag.intake.normalized_text import Page, each

_CUE = (
    r"(?:备注|附言|标签|\bmemo(?:\s?id)?|\bdestination tag|\btag)"
    r"(?:\s?\(?memo\)?)?\s?(?:里|中|栏)?\s?(?:是|为|填写?(?:的?是|了|成了?)?|写(?:的?是|了|成了?)?|:|=|\bis\b|\bwas\b|\bsaid\b|\bwith\b)?\s?[:：]?\s?"
)
_QUOTED = re.compile(rf"{_CUE}[\"'(]([^\"'()\n]{{1,120}})[\"')]")
_PLAIN = re.compile(rf"{_CUE}((?=[a-z0-9:._-]{{0,80}}[0-9:])[a-z0-9][a-z0-9:._-]{{2,127}})")
_GRAMMAR = re.compile(
    r"(?<![a-z0-9])[a-z]{2,12}(?:\.[a-z]{2,8})?:[a-z0-9][a-z0-9.:-]{3,120}(?![a-z0-9])"
)


def memos(page: Page) -> tuple[Found, ...]:
    """Memos by their cue, and texts in the form coin:address that gateways ask for."""
    return tuple(_read(page))


def _read(page: Page) -> Iterator[Found]:
    for form, sure in ((_QUOTED, Confidence.HIGH), (_PLAIN, Confidence.HIGH)):
        for m in each(form, page.low):
            yield at(page, m.span(1), page.plain[m.start(1) : m.end(1)].rstrip(".,"), sure)
    for m in each(_GRAMMAR, page.low):
        head = m[0].partition(":")[0]
        if head not in (
            "http",
            "https",
            "mailto",
            "bitshares",
            "bts",
            "id",
            "txid",
            "account",
            "amount",
            "asset",
            "time",
            "memo",
            "tag",
        ):
            yield at(
                page, m.span(), page.plain[m.start() : m.end()].rstrip(".,"), Confidence.MEDIUM
            )
