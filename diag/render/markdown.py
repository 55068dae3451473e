"""A diagnosis as Markdown, for the internal notes of a helpdesk.

Whatever came from outside (names, memos, what a node or a gateway said) is set so that it can be
neither markup, nor HTML, nor a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.config.explorers import Explorer, for_chain
from diag.diagnosis.engine import Diagnosis
from diag.domain.finding import NO_ETA, EvidenceItem
from diag.i18n import Text
from diag.render import labels, notices
from diag.render.agent_note import leading, note
from diag.render.chain_location import coordinates, links
from diag.render.formatting import moment, one_line
from diag.render.options import View
from diag.render.user_reply import reply

MOST_EVIDENCE = 8


def render(diagnosis: Diagnosis, view: View) -> str:
    """Heading, what matters as a list, evidence with links, reply as a quote, note."""
    lang, verdict = view.lang, diagnosis.verdict
    network = diagnosis.evidence.history.network
    explorers = for_chain(view.explorers, network.chain_id)
    title = safe(verdict.rule.title.say(lang))
    shown = verdict.finding.evidence_items[:MOST_EVIDENCE]
    zone = diagnosis.evidence.case.zone
    parts = [
        f"### {title} · `{verdict.code}`",
        _list(_facts(diagnosis, explorers, lang)),
    ]
    if shown:
        parts += [_heading(EVIDENCE, lang)]
        parts += [_list(_evidence(exhibit, explorers, lang, zone) for exhibit in shown)]
    if len(diagnosis.withdrawals) > 1:
        others = (
            f"{_code(w.id)} {safe(v.rule.title.say(lang))}" for w, v in diagnosis.withdrawals
        )
        parts += [_heading(ALL, lang), _list(others)]
    if diagnosis.notices:
        told = (safe(notices.line(notice, lang, zone)) for notice in diagnosis.notices)
        parts += [_heading(NOTICES, lang), _list(told)]
    parts += [_heading(REPLY, lang), f"> {safe(reply(diagnosis, lang))}"]
    parts += [
        _heading(NOTE, lang),
        _list(safe(line) for line in note(diagnosis, lang, whole=False).splitlines()),
    ]
    return "\n\n".join(parts) + "\n"


def _facts(diagnosis: Diagnosis, explorers: tuple[Explorer, ...], lang: str) -> Iterator[str]:
    verdict, evidence = diagnosis.verdict, diagnosis.evidence
    rule, zone = verdict.rule, evidence.case.zone
    account = evidence.history.account
    name = account.name if account else evidence.case.account
    known = {"account": name if account else None}
    pages = _links((explorer.name, explorer.url(["account"], known)) for explorer in explorers)
    actor, advice = labels.ACTORS[rule.actor].say(lang), labels.ADVICE[verdict.advice].say(lang)
    grade = labels.CONFIDENCES[verdict.confidence].say(lang)
    finality = labels.FINALITIES[verdict.finality].say(lang)
    yield _pair(ACCOUNT, f"{_code(name)}{pages}", lang)
    if (withdrawal := leading(diagnosis)) is not None:
        symbol = {"symbol": withdrawal.amount.asset.symbol}
        pages = _links(
            (explorer.name, explorer.url(["asset"], symbol)) for explorer in explorers
        )
        yield _pair(AMOUNT, f"{_code(str(withdrawal.amount))}{pages}", lang)
    yield _pair(WHERE, labels.STAGES[verdict.stage].say(lang), lang)
    yield _pair(CERTAINTY, ("，" if lang == "zh" else ", ").join((grade, finality)), lang)
    yield _pair(NEXT, f"{actor} · {advice}", lang)
    yield _pair(RESEND, labels.RESEND_SAFE[verdict.resend_safe].say(lang), lang)
    eta = verdict.finding.eta or NO_ETA
    if eta.expected_by:
        yield _pair(BY, safe(moment(eta.expected_by, lang, zone)), lang)
    as_of = f"{_code(str(evidence.as_of.block))} {safe(moment(evidence.now, lang, zone))}"
    yield _pair(AS_OF, as_of, lang)
    yield _pair(REFERENCE, _code(diagnosis.id), lang)


def _evidence(
    shown: EvidenceItem, explorers: tuple[Explorer, ...], lang: str, zone: str | None
) -> str:
    parts = [safe(shown.claim.say(lang))]
    if shown.observed:
        parts.append(_code(shown.observed))
    if shown.expected:
        parts.append(f"≠ {_code(shown.expected)}")
    if shown.time and shown.operation:
        parts.append(safe(moment(shown.time, lang, zone)))
    if place := coordinates(shown):
        parts.append(_code(place))
    found = ((name, page) for name, page in links(explorers, shown))
    return " · ".join(parts) + _links(found)


def _links(pages: Iterator[tuple[str, str | None]]) -> str:
    return "".join(f" [{safe(name)}](<{page}>)" for name, page in pages if page)


def _heading(label: Text, lang: str) -> str:
    return f"**{label.say(lang)}**"


def _pair(label: Text, words: str, lang: str) -> str:
    return f"**{label.say(lang)}** {words}"


def _list(lines: Iterator[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = re.compile(r"([\\`*_\[\]|~@]|:(?=//)|(?<=[^\W\d])\.(?=[^\W\d])|^[#+-])")
_NUMBER = re.compile(r"^([0-9]+)([.)])")


def safe(words: str) -> str:
    """Words that stay words: on one line, without markup, HTML or addresses that become links."""
    line = one_line(words)
    return _NUMBER.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", line)).translate(_ENTITIES)


def _code(value: str) -> str:
    """A value as it is, in a fence longer than any in it."""
    line = one_line(value)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


ACCOUNT = Text(zh="账户", en="Account")
AMOUNT = Text(zh="数额", en="Amount")
WHERE = Text(zh="资金位置", en="Money is")
CERTAINTY = Text(zh="把握", en="Certainty")
NEXT = Text(zh="下一步", en="Next")
RESEND = Text(zh="可否重发", en="Safe to send again")
BY = Text(zh="预计不晚于", en="Expected by")
AS_OF = Text(zh="依据区块", en="As of block")
REFERENCE = Text(zh="查询编号", en="Reference")
EVIDENCE = Text(zh="依据", en="Evidence")
ALL = Text(zh="全部提币", en="All withdrawals")
NOTICES = Text(zh="公告", en="Notices")
REPLY = Text(zh="给用户的回复", en="Reply to the user")
NOTE = Text(zh="客服备注", en="Agent's note")
