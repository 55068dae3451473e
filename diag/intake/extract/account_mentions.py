"""Finds mentions of accounts in a text, with confidence and role (whose account it is).

Any small word is a valid account name, so a name needs a cue (账户, "my account is", 从 … 到 …, @) or a
typical shape (digits, hyphens).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from diag.intake.candidates import Confidence, Found, at
from diag.intake.extract import account_cues as cues
from diag.intake.extract.account_name_heuristics import compound, everyday, possible, shaped
from diag.intake.extract.known_names import KnownNames
from diag.intake.normalized_text import Page, each


def mentions(
    page: Page, ids: Sequence[Found], linked: Sequence[Found], known: KnownNames
) -> Iterator[tuple[Found, str]]:
    """Every name with its role: `own`, `from`, `to`, `foreign` (of another chain) or `other`; one
    place may have several readings. ids: the account ids (1.2.x) on the page; linked: those in links.
    """
    for form, role in (
        (cues.OWN, "own"), (cues.FROM, "from"), (cues.TO, "to"), (cues.ME, "own"),
        (cues.TO_ELSEWHERE, "to"), (cues.OWN_ELSEWHERE, "own"), (cues.SENDER, "from"),
        (cues.HERE, "own"), (cues.IS_MINE, "own"),
    ):  # fmt: skip
        for m in each(form, page.low):
            yield from _behind_cue(page, m, role, known)
    for m in each(cues.CORRECTED, page.low):
        if shaped(m["name"]) and possible(m["name"], known.coins):
            yield at(page, m.span("name"), m["name"], Confidence.CERTAIN), "own"
    for m in each(cues.AT, page.low):
        if possible(m["name"], known.coins):
            sure = Confidence.HIGH if shaped(m["name"]) else Confidence.MEDIUM
            yield at(page, m.span("name"), m["name"], sure), "own"
    for found in (*ids, *linked):
        yield from _from_id_or_link(page, found)
    yield from _bare(page, known)


def _from_id_or_link(page: Page, found: Found) -> Iterator[tuple[Found, str]]:
    """The role of an account id or of an account in a link, by the words before it."""
    line = page.low.rfind("\n", 0, found.start) + 1
    start = found.start
    if found.confidence is Confidence.MEDIUM:  # where the link begins in which it stands
        start = max(line, page.low.rfind(" ", line, start) + 1)
    before = page.low[max(line, start - 28) : start].rstrip("␀")
    if cues.TO_LABEL.search(before):
        yield found, "to"
    elif cues.SOMEBODY.search(before):
        yield found, "other"
    elif found.confidence is Confidence.MEDIUM and cues.OWN_LABEL.search(before):
        yield replace(found, confidence=Confidence.HIGH), "own"
    else:  # an id that nothing calls the user's may be part of an error message
        sure = max(found.confidence, Confidence.HIGH, key=lambda c: c.rank)
        yield replace(found, confidence=sure), "own"


def _behind_cue(
    page: Page, m: re.Match[str], role: str, known: KnownNames
) -> Iterator[tuple[Found, str]]:
    name = m["name"].rstrip(".-")
    names = frozenset(known.register.account_names)
    if not possible(name, known.coins) and name not in names:
        return
    span = (m.start("name"), m.start("name") + len(name))
    role = _role(page.low, m, role, known)
    sure = _sureness(page, m, name, role, names)
    if sure is None:
        return
    yield at(page, span, name, sure), role
    if role == "own":  # "my accounts: a-1 and b-2"
        yield from _in_a_list(page, span[1], sure, known.coins)


def _role(low: str, m: re.Match[str], role: str, known: KnownNames) -> str:
    """The role of an account, by the words around the cue."""
    before = low[max(0, m.start() - 60) : m.start()]
    if role == "own":
        head = re.search(
            r"(?<![0-9.])(?<![0-9] )([a-z]{2,12}|[\u4e00-\u9fff]{2,4})(?:的|上的|'s)? ?\Z",
            before,
        )
        if head and known.other_chain(head[1]):
            return "foreign"
        if cues.OTHER_PLACE.search(before):
            return "other"
    if role == "from" and m[0].lstrip().startswith("from"):
        clause = re.split(r"[.;!?\n]", before)[-1]
        sent, came = (list(form.finditer(clause)) for form in (cues.SENDING, cues.COMING))
        if came and (not sent or sent[-1].start() < came[-1].start()):
            return "other"
    return role


def _sureness(
    page: Page, m: re.Match[str], name: str, role: str, names: frozenset[str]
) -> Confidence | None:
    """The confidence that a word after a cue is a name; None if it is more likely a word."""
    start = m.start("name")
    span = (start, start + len(name))
    quoted = bool(
        m["q"] and m["q"] == m["q2"] and (role != "from" or cues.ACCOUNT.search(m[0]))
    )
    link = m.groupdict().get("is")
    own = role in ("own", "foreign")
    explicit = own and (link or quoted)
    named = own and cues.NAMED.search(m[0])
    said = bool(quoted or named or (explicit and _says(link)))
    if compound(name) and not said and name not in names:
        return None
    if name in names or shaped(name) or (said and compound(name)):
        sure = Confidence.CERTAIN if explicit else Confidence.HIGH
        if role != "to" and not explicit and _english_pair(page.low, m, name, names):
            sure = Confidence.LOW
    elif (
        everyday(name)
        and not quoted
        and not (said and _says(link) and _closes(page.low, span[1]))
    ):
        return None
    elif said and (_closes(page.low, span[1]) or not m[0].isascii()):
        sure = Confidence.HIGH if own else Confidence.MEDIUM
    elif _in_chinese(page.low, m.start(), span[1]):
        sure = Confidence.HIGH if explicit or cues.NAMED.search(m[0]) else Confidence.MEDIUM
    elif explicit and (named or _closes(page.low, span[1])) and not cues.VERBAL.search(name):
        sure = Confidence.MEDIUM
    else:
        return None
    if page.plain[span[0] : span[1]] != name:  # capitals: names have none
        sure = Confidence.HIGH if sure is Confidence.CERTAIN else sure
        if page.plain[span[0] : span[1]].isupper() and not shaped(name):
            return Confidence.MEDIUM if said and not everyday(name) else None
    return sure


def _says(link: str | None) -> bool:
    return bool(link and cues.SAYS.fullmatch(link))


def _in_a_list(
    page: Page, end: int, sure: Confidence, foreign: frozenset[str]
) -> Iterator[tuple[Found, str]]:
    """Names with a digit or a hyphen that follow a name in a list."""
    m = cues.AND.match(page.low, end)
    while m and shaped(m["name"]) and possible(m["name"], foreign):
        yield at(page, m.span("name"), m["name"], sure), "own"
        m = cues.AND.match(page.low, m.end("name"))


def _english_pair(low: str, m: re.Match[str], name: str, known: frozenset[str]) -> bool:
    """Hyphenated words after a short English word, which may be a name or an English compound."""
    if name in known or re.search(r"[0-9]", name) or not m[0].isascii():
        return False
    return not cues.WORD.search(m[0]) and not re.match(
        r"\s(?:to|account)\b|\s*(?:[,.;!?\n)]|$)", low[m.end() :]
    )


def _in_chinese(low: str, start: int, end: int) -> bool:
    """Latin words between Chinese ones, which are names."""
    before = re.search(
        r"[\u4e00-\u9fff][\s:\"'(@]{0,3}\Z", low[max(0, start) : end][: end - start]
    )
    return bool(before or "\u4e00" <= low[start] <= "\u9fff") and not re.match(
        r"\s?[a-z]{2,}\s[a-z]{2,}", low[end : end + 24]
    )


def _closes(low: str, end: int) -> bool:
    return bool(re.match(r"\s*(?:[,.;!?\n。，；\"')]|$|and\b)", low[end : end + 8]))


def _bare(page: Page, known: KnownNames) -> Iterator[tuple[Found, str]]:
    """Names without a cue: known ones, and ones with a digit or hyphen among Chinese words.

    A message that consists only of a name answers the question for the account.
    """
    names = frozenset(known.register.account_names)
    alone = {m.start("name") for m in each(cues.ALONE, page.low)}
    for m in each(cues.BARE, page.low):
        name = m["name"].rstrip(".-")
        span = (m.start("name"), m.start("name") + len(name))
        before = page.low[max(0, span[0] - 24) : span[0]]
        if name in names:
            if shaped(name):  # a plain word is more likely the gateway's name than its account
                yield at(page, span, name, Confidence.HIGH), "to"
        elif not possible(name, known.coins) or not shaped(name):
            continue
        elif known.suspicious(name):
            yield at(page, span, name, Confidence.MEDIUM), "to"
        elif cues.SOMEBODY.search(before):
            continue
        elif span[0] in alone:
            yield at(page, span, name, Confidence.HIGH), "own"
        elif _han_around(page.text, span):
            yield at(page, span, name, Confidence.MEDIUM), "own"


def _han_around(text: str, span: tuple[int, int]) -> bool:
    around = text[max(0, span[0] - 2) : span[0]] + text[span[1] : span[1] + 2]
    return bool(re.search(r"[\u4e00-\u9fff]", around))
