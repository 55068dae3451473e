"""Converts HTML and tables, as helpdesks and mail programs store them, to plain text."""

from __future__ import annotations

import html
import re

from diag.intake.statement.tables import labelled

_TAG = re.compile(
    r"</?(?:html|body|p|br|div|span|table|tbody|thead|tr|t[dh]|[uo]l|li|d[ltd]|a|b|i|u|em|strong|font|small|label"
    r"|blockquote|pre|code|h[1-6]|hr|img|center|section|article)(?=[\s/>])[^<>]*>",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"&(?:nbsp|amp|lt|gt|quot|apos|#[0-9]{1,6}|#x[0-9a-f]{1,5});", re.IGNORECASE
)
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,2})(?=[^\s*])([^*\n]{1,40}?)(?<=[^\s*])\1(?![\w*])")
_CODE = re.compile(r"(?<!`)`([^`\n]{1,120})`(?!`)")
_UNSEEN = "script, style, head, template, [hidden]"
_QUOTED = (
    "blockquote, .gmail_quote, .gmail_attr, .moz-cite-prefix, .yahoo_quoted, #divRplyFwdMsg"
)
_BLOCKS = "br, p, div, li, tr, h1, h2, h3, h4, h5, h6, ul, ol, dl, dt, dd, table, hr, pre, section, article"
_CELLS = "td + td, td + th, th + td, th + th"
_BREAKS = re.compile(r"[ \u00a0]*\n[ \n\u00a0]*")


def plain_text(text: str) -> str:
    """The text without markup, with tables as lines of `label: value`; other text is unchanged."""
    return labelled(_without_emphasis(_without_markup(text)))


def _without_emphasis(text: str) -> str:
    """The text without the asterisks and backticks of Markdown around a word or two."""
    if "*" not in text and "`" not in text:
        return text
    return _EMPHASIS.sub(r"\2", _CODE.sub(r"\1", text))


def _without_markup(text: str) -> str:
    """The text of HTML, one block per line, without quoted mails and invisible parts.

    The cells of a table row are separated by ` | `, and the address of a link follows its words.
    """
    if not _TAG.search(text):
        if not _ENTITY.search(text):
            return text
        text = html.unescape(text)
        if not _TAG.search(text):
            return text
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(re.sub(r"\s+", " ", text))
    for node in tree.css(f"{_UNSEEN}, {_QUOTED}"):
        node.decompose()
    for link in tree.css("a[href]"):
        link.insert_after(f" {link.attributes['href']} ")
    for cell in tree.css(_CELLS):
        cell.insert_before(" | ")
    for block in tree.css(_BLOCKS):
        block.insert_before("\n")
        block.insert_after("\n")
    return _BREAKS.sub("\n", tree.body.text() if tree.body else "").strip()
