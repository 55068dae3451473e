"""Renders a diagnosis as Markdown, for internal notes of a helpdesk, which may show them as plain
text.

It therefore uses as few marks as possible: an underlined title, lists, a quote, and links where there
is an explorer. Text from outside (names, memos, messages of nodes or gateways) is escaped where it
could be taken for markup, HTML or a link, and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from diag.config.explorers import Explorer, for_chain
from diag.diagnosis.engine import Diagnosis
from diag.domain.finding import EvidenceItem
from diag.render import contact, labels, notices
from diag.render.agent_note import LABELS, note
from diag.render.chain_location import coordinates, links
from diag.render.contact import leading
from diag.render.formatting import in_zone, moment, one_line, with_commas
from diag.render.labels import DOCUMENT
from diag.render.options import View
from diag.render.user_reply import reply

MOST_EVIDENCE = 8


def render(diagnosis: Diagnosis, view: View) -> str:
    """Title, what matters as a list, evidence with links, reply as a quote, note."""
    lang, verdict = view.lang, diagnosis.verdict
    network = diagnosis.evidence.history.network
    explorers = for_chain(view.explorers, network.chain_id)
    trusted = contact.channels(diagnosis)
    title = safe(verdict.rule.title.say(lang))
    shown = verdict.finding.evidence_items[:MOST_EVIDENCE]
    zone = diagnosis.evidence.case.zone
    parts = [
        f"{title}\n{'-' * _width(title)}",
        _list(_facts(diagnosis, explorers, lang)),
    ]
    if shown:
        parts += [_heading("evidence", lang)]
        parts += [_list(_evidence(item, explorers, lang, zone) for item in shown)]
    if len(diagnosis.withdrawals) > 1:
        others = (safe(f"{w.id} {v.rule.title.say(lang)}") for w, v in diagnosis.withdrawals)
        parts += [_heading("withdrawals", lang), _list(others)]
    if diagnosis.notices:
        told = (safe(notices.line(notice, lang, zone)) for notice in diagnosis.notices)
        parts += [_heading("notices", lang), _list(told)]
    parts += [_heading("reply", lang), f"> {safe(reply(diagnosis, lang), trusted)}"]
    parts += [
        _heading("note", lang),
        _list(safe(line, trusted) for line in note(diagnosis, lang, whole=False).splitlines()),
    ]
    return "\n\n".join(parts) + "\n"


def _width(title: str) -> int:
    """The width of a title in terminal columns; a Han character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in title)


def _facts(diagnosis: Diagnosis, explorers: tuple[Explorer, ...], lang: str) -> Iterator[str]:
    verdict, evidence = diagnosis.verdict, diagnosis.evidence
    rule, zone = verdict.rule, evidence.case.zone
    account = evidence.history.account
    name = account.name if account else evidence.case.account
    known = {"account": name if account else None}
    pages = _links((explorer.name, explorer.url(["account"], known)) for explorer in explorers)
    yield _pair("account", f"{safe(name)}{pages}", lang)
    if (withdrawal := leading(diagnosis)) is not None:
        symbol = {"symbol": withdrawal.amount.asset.symbol}
        pages = _links(
            (explorer.name, explorer.url(["asset"], symbol)) for explorer in explorers
        )
        yield _pair("amount", f"{safe(str(withdrawal.amount))}{pages}", lang)
    yield _pair("severity", labels.SEVERITIES[rule.severity].say(lang), lang)
    yield _pair("where", labels.STAGES[verdict.stage].say(lang), lang)
    yield _pair("certainty", labels.certainty(verdict, lang), lang)
    yield _pair("next_step", safe(labels.next_step(verdict).say(lang)), lang)
    yield _pair("resend", labels.RESEND_SAFE[verdict.resend_safe].say(lang), lang)
    if due := labels.due(verdict, evidence.now, lang, zone):
        yield safe(due)
    head = [str(evidence.as_of.block), safe(moment(evidence.now, lang, zone))]
    yield _pair("as_of", with_commas(head, lang), lang)
    yield _pair("reference", safe(diagnosis.reference), lang)


def _evidence(
    item: EvidenceItem, explorers: tuple[Explorer, ...], lang: str, zone: str | None
) -> str:
    parts = [safe(in_zone(item.claim.say(lang), lang, zone))]
    if item.observed:
        parts.append(safe(labels.observed(item.observed, lang)))
    if item.expected:
        expected = {"value": labels.observed(item.expected, lang)}
        parts.append(safe(LABELS["expected"].say(lang, expected)))
    if item.time and item.operation:
        parts.append(safe(moment(item.time, lang, zone)))
    if place := coordinates(item):
        parts.append(safe(place))
    found = ((name, page) for name, page in links(explorers, item))
    return " · ".join(parts) + _links(found)


def _links(pages: Iterator[tuple[str, str | None]]) -> str:
    return "".join(f" [{safe(name)}](<{page}>)" for name, page in pages if page)


def _heading(name: str, lang: str) -> str:
    return DOCUMENT[name].say(lang) + ("：" if lang == "zh" else ":")


def _pair(name: str, words: str, lang: str) -> str:
    return labels.labelled(DOCUMENT[name], words, lang)


def _list(lines: Iterator[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


_TOP_DOMAINS = "aero|asia|biz|cat|com|coop|edu|gov|info|int|jobs|mil|mobi|museum|name|net|org|pro|shop|tel|travel|web|xxx|xyz|example"
_MARKUP = re.compile(
    r"([\\`*\[\]|~@]"  # marks anywhere
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"  # emphasis, which needs the border of a word
    r"|<(?=[A-Za-z/!?])|&(?=[#A-Za-z])"  # HTML and entities
    r"|:(?=//)"  # addresses; the next line: names that some readers take for one
    rf"|(?i:(?<=[^\W_])\.(?=(?:[a-z]{{2}}|{_TOP_DOMAINS}|[^\W\da-z_]\w*|xn--\w+)(?![A-Za-z0-9])))"
    r"|(?i:(?<=www)\.)"
    r"|^[#+>=-])"
)
_NUMBER = re.compile(r"^([0-9]+)([.)])(?= |$)")


def safe(words: str, trusted: tuple[str, ...] = ()) -> str:
    """Escape a text: one line, without markup, HTML or addresses that become links.

    trusted: addresses from the register or the operator, which are not escaped.
    """
    line = one_line(words)
    if trusted and (found := re.search("|".join(map(re.escape, trusted)), line)):
        before, after = line[: found.start()], line[found.end() :]
        return f"{_escaped(before)}{found[0]}{_escaped(after, start=False)}"
    return _escaped(line)


def _escaped(line: str, *, start: bool = True) -> str:
    """A line without markup; start: it begins at a place where a list or a heading could begin."""
    if not start:
        return _MARKUP.sub(r"\\\1", f"x{line}")[1:]
    return _NUMBER.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", line))
