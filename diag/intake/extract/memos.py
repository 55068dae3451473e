"""The memo that a user says was written, or should have been."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.intake.candidates import Confidence, Found, at
from diag.intake.normalized_text import Page, each

_WORD = r"(?:备注|附言|标签|(?<![a-z:])(?:memo|destination tag|dest\.? tag|tag|payment id)|мемо|메모|メモ)"
_KIND = r"(?: ?[(\[/]? ?(?:id|memo|tag|text|备注|标签|号码?|no\.?|number|code|код|текст)(?![a-z]) ?[)\]]?){0,2}"
"""What stands behind the word in a label: Memo (ID), 备注(memo), MEMO/Tag, "memo code"."""
_SAYS = r" ?(?:里|中|栏)?(?:都|就)? ?(?:填写?(?:的?是|了|成了?)?|写(?:的?是|了|成了?)?|是|为|=|\bis\b|\bwas\b|\bsaid\b|\bwith\b)? ?:? ?"
_CUE = rf"{_WORD}{_KIND}{_SAYS}"
_QUOTED = re.compile(rf"{_CUE}[\"'(]([^\"'()\n]{{1,120}})[\"')]")
_PLAIN = re.compile(
    rf"{_CUE}((?=[a-z0-9:._-]{{0,80}}[0-9:])[a-z0-9][a-z0-9:._-]{{2,127}})(?![@/])"
)
_GRAMMAR = re.compile(
    r"(?<![a-z0-9.])[a-z]{2,12}(?:\.[a-z]{2,8})?:[a-z0-9][a-z0-9.:-]{3,120}(?![a-z0-9])"
)
_FORGOTTEN = re.compile(
    r"(?:没有?|未|忘(?:了|记|掉)?|漏(?:了|掉)?|少|不(?:知道|需要|用|要))[^，。,;；\n]{0,6}\Z"
    r"|\b(?:no|without|forgot(?:ten)?|forget|missing|omitted|didn't|did not|never|not)\b[^.,;\n]{0,20}\Z|(?:забыл|не указал|без|sin|sem|sans)[^.,;\n]{0,16}\Z"
)
_FORGOTTEN_AFTER = re.compile(
    r" ?(?:都|也)?(?:没|未|忘|漏|空)| (?:was |is )?(?:missing|forgotten|empty|omitted)"
)
_LABELS = frozenset(
    ("id", "memo", "tag", "text", "number", "code", "account", "amount", "date", "time")
)
_SHOULD_BE = re.compile(
    r"(?:应该?是?|应为|正确的?|should(?: have)?(?: been| be)?|correct|right)[^，。,;；\n]{0,12}\Z"
)


def memos(page: Page, coins: frozenset[str]) -> tuple[Found, ...]:
    """Memos by their cue, and texts in the form coin:address that gateways ask for.

    coins: what may stand before the colon, in capitals. A memo that is said to be forgotten is
    none; one that should have been written is shown and not taken for the one that was.
    """
    return tuple(_read(page, coins))


def _read(page: Page, coins: frozenset[str]) -> Iterator[Found]:
    for form in (_QUOTED, _PLAIN):
        for m in each(form, page.low):
            before = page.low[max(0, m.start() - 24) : m.start()]
            value = page.plain[m.start(1) : m.end(1)].rstrip(".,:-_")
            if value.lower() in _LABELS or _FORGOTTEN.search(before):
                continue
            if _FORGOTTEN_AFTER.match(page.low, m.start(1)) or not value:
                continue
            head, colon, _ = value.partition(":")
            if form is _PLAIN and colon and head.lower() in _LABELS:
                continue
            wanted = _SHOULD_BE.search(before) or "应" in m[0][: m.start(1) - m.start()]
            sure = Confidence.MEDIUM if wanted else Confidence.HIGH
            yield at(page, (m.start(1), m.start(1) + len(value)), value, sure)
    for m in each(_GRAMMAR, page.low):
        head = m[0].partition(":")[0].rpartition(".")[2]
        if head.upper() in coins and re.search(r"[0-9]|[a-z]{5}", m[0].partition(":")[2]):
            value = page.plain[m.start() : m.end()].rstrip(".,:-")
            yield at(page, (m.start(), m.start() + len(value)), value, Confidence.MEDIUM)
