"""A letter as Markdown, HTML or plain text. Text from outside is escaped. Pure."""

from __future__ import annotations

from html import escape

from diag.channels.texts import Letter
from diag.printable import printable
from diag.render.formatting import one_line
from diag.render.markdown import safe


def markdown(letter: Letter) -> str:
    """A letter as Markdown, for the private notes of Chatwoot."""
    parts = [f"**{safe(letter.title)}**"]
    if letter.facts:
        parts += [
            "\n".join(
                f"- {label}{_colon(letter)}{safe(value)}" for label, value in letter.facts
            )
        ]
    parts += [safe(text) for text in letter.paragraphs]
    for label, lines in letter.sections:
        parts += [f"**{label}**", "\n".join(f"- {safe(line)}" for line in lines)]
    if letter.reply:
        quoted = "\n>\n".join(f"> {safe(line)}" for line in letter.reply.splitlines() if line)
        parts += [f"**{letter.reply_label}**", quoted]
    return "\n\n".join([*parts, letter.marker])


def html(letter: Letter) -> str:
    """A letter as HTML, for the internal notes of Zammad."""
    parts = [f"<p><b>{_escaped(letter.title)}</b></p>"]
    if letter.facts:
        rows = (f"<li>{label}{_colon(letter)}{_escaped(v)}</li>" for label, v in letter.facts)
        parts.append(f"<ul>{''.join(rows)}</ul>")
    parts += [f"<p>{_escaped(text)}</p>" for text in letter.paragraphs]
    for label, lines in letter.sections:
        rows = (f"<li>{_escaped(line)}</li>" for line in lines)
        parts.append(f"<p><b>{label}</b></p><ul>{''.join(rows)}</ul>")
    if letter.reply:
        parts.append(f"<p><b>{letter.reply_label}</b></p>")
        parts.append(f"<blockquote>{paragraphs(letter.reply)}</blockquote>")
    return "".join([*parts, f"<p>{letter.marker}</p>"])


def paragraphs(text: str) -> str:
    """A text of several lines as HTML."""
    return "".join(f"<p>{_escaped(line)}</p>" for line in text.splitlines() if line.strip())


def plain(letter: Letter) -> str:
    """A letter as plain text without its title, for channels to people, which show the title
    themselves.
    """
    parts = ["\n".join(f"{label}{_colon(letter)}{one_line(v)}" for label, v in letter.facts)]
    parts += [one_line(text) for text in letter.paragraphs]
    for label, lines in letter.sections:
        parts.append("\n".join([f"{label}{_colon(letter)}", *map(one_line, lines)]))
    if letter.reply:
        parts.append(f"{letter.reply_label}{_colon(letter)}\n{_lines(letter.reply)}")
    return "\n\n".join(part for part in [*parts, letter.marker] if part)


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())


def _escaped(text: str) -> str:
    return escape(one_line(text))


def _colon(letter: Letter) -> str:
    return "：" if letter.lang == "zh" else ": "
