"""Finds mail parts around a statement: header blocks, quoted messages, signatures.

The layout decides, so the language of the mail program does not matter: a block of header lines, a
line that introduces a quotation and ends in a colon, lines that begin with `>`, a line of dashes.
Everything after a quoted header was written by somebody else and is removed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diag.intake.cues import Cue, any_of, cue
from diag.intake.statement.lines import Line

Span = tuple[int, int]

_HEADER = Cue(
    lambda: (
        rf"[ >*]{{0,6}}(?P<label>{any_of('statement.mail_header')})[* ]{{0,3}}: ?(?P<value>.*)"
    ),
    "statement.mail_header",
)
_MAILBOX = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}\.[a-z0-9.-]{1,80}")
_ONLY_IN_MAIL = cue("statement.mail_only")
_DATE_LABEL = cue("statement.mail_date")
_SUBJECT_LABEL = cue("statement.mail_subject")
_REPLY = Cue(lambda: rf"{any_of('statement.reply_prefix')} ?:", "statement.reply_prefix")
_WROTE = cue("statement.wrote")
_DATED = re.compile(r"[0-9]{4}|[0-9]{1,2}[:.][0-9]{2}|[0-9]{1,2}月")
_DIVIDER = Cue(
    lambda: (
        r" *(?:[-_=*]{2,}[^-_=*\n][^\n]{0,40}[-_=*]{2,}|_{8,}|-{20,}"
        rf"|{any_of('statement.forward_intro')}) *"
    ),
    "statement.forward_intro",
)
_ORIGINAL = cue("statement.original")
_FORWARDED = cue("statement.forwarded")
_CLOSING = Cue(
    lambda: rf" *{any_of('statement.closing')}[ ,.!，。！]{{0,3}}", "statement.closing"
)
_DEVICE = Cue(lambda: rf" *{any_of('statement.device')}", "statement.device")
_LABELLED = Cue(
    lambda: rf"[^:\n]{{0,24}}{any_of('statement.kept_in_signature')}[^:\n]{{0,12}}:",
    "statement.kept_in_signature",
)
_LONGEST_HEADER = 100
_LONGEST_SIGNATURE = 8
"""Lines."""
_WORTH_READING = 40
"""From this many characters on, the text above a forwarded message is itself the statement."""


@dataclass(frozen=True, slots=True)
class Mail:
    """The spans of a mail that are not the writer's own, and the date in its own header."""

    taken: tuple[Span, ...] = ()
    dated: Span | None = None


def read_mail(lines: list[Line]) -> Mail:
    """The parts of a mail in these lower-case lines; an empty Mail if there are none."""
    first = next((n for n, line in enumerate(lines) if not line.blank), 0)
    taken: list[Span] = []
    dated = None
    head = _header_block(lines, first)
    begin = first
    if head is not None:
        begin = head
        dated = _date_of(lines[first:head])
        taken += _without_subject(lines[first:head])
    stop, forwarded = _quoted_from(lines, begin, taken)
    dated = forwarded or dated
    taken += [
        (line.start, line.end) for line in lines[begin:] if line.text.lstrip().startswith(">")
    ]
    taken += _introductions(lines, begin)
    if stop is not None:
        taken.append((lines[stop].start, lines[-1].end))
    taken += _signature(lines[begin:stop])
    return Mail(tuple(taken), dated)


def _header_block(lines: list[Line], first: int) -> int | None:
    """The line after a block of mail headers that begins at `first`, or None."""
    labels: list[str] = []
    values: list[str] = []
    n = first
    while n < min(len(lines), first + _LONGEST_HEADER):
        line = lines[n]
        header = _HEADER.fullmatch(line.text)
        if header:
            labels.append(header["label"])
            values.append(header["value"])
        elif not (labels and line.text.startswith("  ") and not line.blank):
            break
        n += 1
    mail = any(_ONLY_IN_MAIL.match(label) for label in labels) or any(
        _MAILBOX.search(value) for value in values
    )
    return n if len(labels) >= 2 and mail else None


def _date_of(block: list[Line]) -> Span | None:
    for line in block:
        header = _HEADER.fullmatch(line.text)
        if header and _DATE_LABEL.match(header["label"]):
            start = line.start + header.start("value")
            return (start, line.end)
    return None


def _without_subject(block: list[Line]) -> list[Span]:
    """The spans of a header block, except its date and the subject of a new mail."""
    spans = []
    for line in block:
        header = _HEADER.fullmatch(line.text)
        subject = header and _SUBJECT_LABEL.match(header["label"])
        dated = _date_of([line])
        if header and subject and not _REPLY.match(header["value"].strip()):
            spans.append((line.start, line.start + header.start("value")))
        elif dated:
            spans.append((line.start, dated[0]))
        else:
            spans.append((line.start, line.end))
    return spans


def _quoted_from(
    lines: list[Line], begin: int, taken: list[Span]
) -> tuple[int | None, Span | None]:
    """The line from which everything is an older mail, or None; and the date of a forwarded mail.

    Of a forwarded mail with hardly any text above it, only the header is added to `taken`, because
    the body is then the statement.
    """
    n = begin
    dated = None
    while n < len(lines):
        divided = bool(_DIVIDER.fullmatch(lines[n].text))
        head = n
        if divided:
            head = next((m for m in range(n + 1, len(lines)) if not lines[m].blank), n)
        behind = _header_block(lines, head)
        if behind is not None:
            above = sum(len(line.text.strip()) for line in lines[begin:n])
            if not _FORWARDED.search(lines[n].text) or above >= _WORTH_READING:
                return n, dated
            taken.append((lines[n].start, lines[n].end))
            taken += _without_subject(lines[head:behind])
            dated = _date_of(lines[head:behind])
            n = begin = behind
            continue
        if divided and _ORIGINAL.search(lines[n].text):
            return n, dated
        if _introduces(lines, n) and not _quotes(lines, n + 1):
            return _start_of_introduction(lines, n), dated
        n += 1
    return None, dated


def _introduces(lines: list[Line], n: int) -> bool:
    """Whether a line ends the introduction of a quotation: `On …, Support <…> wrote:`."""
    text = lines[n].text.rstrip()
    if not text.endswith(":") or len(text) > 240 or text.lstrip().startswith(">"):
        return False
    whole = text if n == 0 else f"{lines[n - 1].text} {text}"
    written = bool(_WROTE.search(text))
    return (
        bool(_MAILBOX.search(text))
        and (written or _quotes(lines, n + 1))
        and bool(_DATED.search(whole))
    ) or (written and bool(_DATED.search(text)))


def _quotes(lines: list[Line], n: int) -> bool:
    """Whether the next non-blank line is quoted with `>`."""
    following = next((line.text for line in lines[n:] if not line.blank), "")
    return following.lstrip().startswith(">")


def _start_of_introduction(lines: list[Line], n: int) -> int:
    """The first line of an introduction, which may have the date on one line and the mailbox on the
    next.
    """
    split = (
        n > 0 and not _DATED.search(lines[n].text) and bool(_DATED.search(lines[n - 1].text))
    )
    return n - 1 if split else n


def _introductions(lines: list[Line], begin: int) -> list[Span]:
    found = []
    for n in range(begin, len(lines)):
        if _introduces(lines, n):
            first = max(_start_of_introduction(lines, n), begin)
            found.append((lines[first].start, lines[n].end))
    return found


def _signature(lines: list[Line]) -> list[Span]:
    """The lines of a signature, except those that state the account or the amount."""
    spans = [(line.start, line.end) for line in lines if _DEVICE.fullmatch(line.text)]
    written = [line for line in lines if not line.blank]
    for n in range(max(1, len(written) - _LONGEST_SIGNATURE - 1), len(written)):
        if _CLOSING.fullmatch(written[n].text):
            rest = written[n + 1 :]
            return spans + [(p.start, p.end) for p in rest if not _LABELLED.match(p.text)]
    return spans
