"""Reads a pasted conversation: who wrote what, and when.

Each message begins with a heading: `[time] name: …` and `time - name: …` (exports), `name, [time]`
(Telegram), or a line with nothing but a name and a time. Messages of support are not the user's
statement. A label such as 客服： or "Support:" marks them even without a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diag.intake.cues import Cue, any_of, cue
from diag.intake.statement.lines import Line

Span = tuple[int, int]

_DATE = (
    r"(?:20[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:20)?[0-9]{2}|[0-9]{1,2}[-/][0-9]{1,2}"
    r"|(?:(?:20)?[0-9]{2}年)?[0-9]{1,2}月[0-9]{1,2}日|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6} [0-9]{1,2}(?:, ?20[0-9]{2})?"
    r"|[0-9]{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}(?: 20[0-9]{2})?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|yesterday"
    r"|(?:星期|周)[一二三四五六日天]|今天|昨天)"
)
_CLOCK = r"(?:上午|下午|晚上|凌晨|中午)? ?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[ap]\.?m\.?)?(?: ?(?:utc|gmt)(?:[+-][0-9]{1,2})?)?"
_TIME = rf"(?:{_DATE}(?:,? at |[ ,t]{{1,3}}|(?: ?\(?(?:星期|周)[一二三四五六日天]\)? ?))?{_CLOCK})|{_CLOCK}"
_NO_NAME = r"(?!(?:utc|gmt|bjt|[cepm][sde]?t|am|pm|a\.m|p\.m|[^ :]{0,6}时间|i |my )\b)"
_NAME = r"[^\W\d_][^\n:,，。!?\[\]]{0,31}?"
_HEADINGS = (
    re.compile(rf" *[\[(] ?(?P<time>{_TIME}) ?[\])] ?-? ?(?:(?P<name>{_NAME}) ?:)?"),
    re.compile(
        rf" *(?P<time>{_TIME})(?: ?- ?| {{1,3}}){_NO_NAME}(?P<name>[^\W\d_][^\n:,，。!?]{{0,24}}?) ?:(?!//)"
    ),
    re.compile(rf" *(?P<name>{_NAME}),? ?[\[(] ?(?P<time>{_TIME}) ?[\])] ?:?"),
)
_LOOSE = (
    re.compile(
        rf" *(?P<time>{_DATE},? {_CLOCK}) {{1,3}}{_NO_NAME}(?P<name>[^\W\d_][^\n:,，。!? ]{{0,24}}) *$"
    ),
    re.compile(
        rf" *(?P<name>[^\W\d_][^\n:,，。!?]{{0,24}}?)(?: {{1,3}}| — ?| · )(?P<time>{_DATE},? {_CLOCK}) *$"
    ),
)
"""Headings that count only if there are several, because a statement may contain a similar line."""
_SUPPORT = cue("statement.support")
_SUPPORT_SAYS = Cue(
    lambda: rf" *(?:在线|人工|智能|网关)?{any_of('statement.support_label')} ?:",
    "statement.support_label",
)
_ROLE_SAYS = Cue(lambda: rf" *{any_of('statement.user_label')} ?:", "statement.user_label")


@dataclass(frozen=True, slots=True)
class Message:
    """A message from `start` to `end`; its time is at `when`, its words begin at `body`."""

    start: int
    body: int
    end: int
    when: Span
    by_support: bool


@dataclass(frozen=True, slots=True)
class Chat:
    """The messages of a conversation, and the spans that are not the user's."""

    messages: tuple[Message, ...] = ()
    taken: tuple[Span, ...] = ()


def read_chat(lines: list[Line]) -> Chat:
    """The messages in these lower-case lines."""
    heads = [(n, found) for n, line in enumerate(lines) if (found := _heading(line, _HEADINGS))]
    loose = [(n, found) for n, line in enumerate(lines) if (found := _heading(line, _LOOSE))]
    if len(loose) > 1:
        heads = sorted(dict([*loose, *heads]).items())
    messages = [
        _message(lines, n, found, heads[at + 1][0] if at + 1 < len(heads) else len(lines))
        for at, (n, found) in enumerate(heads)
    ]
    taken: list[Span] = []
    for message in messages:
        taken += [(message.start, message.when[0]), (message.when[1], message.body)]
        if message.by_support:
            taken.append((message.body, message.end))
    return Chat(tuple(messages), (*taken, *_support_lines(lines)))


def _heading(line: Line, forms: tuple[re.Pattern[str], ...]) -> re.Match[str] | None:
    return next((found for form in forms if (found := form.match(line.text))), None)


def _message(lines: list[Line], n: int, found: re.Match[str], following: int) -> Message:
    start = lines[n].start
    return Message(
        start,
        start + found.end(),
        lines[following - 1].end,
        (start + found.start("time"), start + found.end("time")),
        bool(_SUPPORT.search(found["name"] or "")),
    )


def _support_lines(lines: list[Line]) -> list[Span]:
    """The spans of support under a label without a time: up to the user's next label."""
    spans: list[Span] = []
    several = any(_ROLE_SAYS.match(line.text) for line in lines)
    speaking = False
    for line in lines:
        if _SUPPORT_SAYS.match(line.text):
            speaking = True
        elif not (speaking and several) or _ROLE_SAYS.match(line.text):
            speaking = False
        if speaking:
            spans.append((line.start, line.end))
    return spans
