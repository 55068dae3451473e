"""Reads the account, asset, operation or transaction that a link to an explorer or wallet shows.

Nothing is fetched. An account of another chain may have the same name as one on BitShares, so a
link counts only where its host or its form belongs to BitShares: the hosts in `_OURS`, the
`#/account/NAME` of BitShares wallets, this service's own pages, and the configured explorers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from urllib.parse import parse_qsl, unquote, urlsplit

from diag.domain.folding import fold

_LINK = re.compile(
    r"(?:https?://|www\.|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?/)[^\s]+\Z", re.IGNORECASE
)
_AFTER = ".,;:!?)。"
"""Punctuation that follows a link in a sentence."""
_OURS = re.compile(r"bitshares|blocksights|cryptofresh|open-explorer|(?:\A|[.-])bts(?:\Z|[.-])")
_FOREIGN = re.compile(
    r"eos|wax|telos|steem|hive|stellar|tron|xrp|ripple|near|cosmos|solana|solscan|algo|fio|eth"
    r"|bloks\.io"
)
"""Hosts of other chains whose account pages have the same form as those of BitShares wallets."""
_BLANKS = {
    "account": "account",
    "asset": "symbol",
    "operation": "operation",
    "transaction": "txid",
}
"""Kind of page → the placeholder of its id in an explorer's template."""
_MARKS = {"account": ("account", "accounts", "u"), "asset": ("asset", "assets", "a")}
"""Kind of page → the path segments that precede the name."""
_IDS = {
    "operation": re.compile(r"1\.11\.(?:0|[1-9][0-9]{0,18})\Z"),
    "transaction": re.compile(r"[0-9a-fA-F]{40}\Z"),
}
"""Kinds whose id is recognised by its form, wherever it stands in the link."""
_OWN_PAGES = ("panel", "v1/diagnoses")


def target(text: str, kind: str, templates: Sequence[str] = ()) -> str | None:
    """Return the id of the page that a link leads to, as written in the link.

    None if the text is no link, or leads to no such page or to several.

    kind: account, asset, operation or transaction.
    templates: URL templates of the configured explorers for this kind.
    """
    link = fold(text).rstrip(_AFTER)
    if not _LINK.match(link):
        return None
    found = set(_templated(link, kind, templates)) or set(_segments(link, kind))
    return found.pop() if len(found) == 1 else None


def _templated(link: str, kind: str, templates: Sequence[str]) -> Iterator[str]:
    for template in templates:
        form = _form(template, _BLANKS[kind])
        if form and (match := form.match(link)):
            yield unquote(match["id"])


@lru_cache(maxsize=64)
def _form(template: str, blank: str) -> re.Pattern[str] | None:
    """Return the pattern of a template's URLs; None unless it has the placeholder exactly once."""
    parts = re.split(r"\{([a-z_]+)\}", template)
    if parts[1::2].count(blank) != 1:
        return None
    found = "".join(
        re.escape(part)
        if number % 2 == 0
        else r"(?P<id>[^/?#&]+)"
        if part == blank
        else r"[^/?#&]+"
        for number, part in enumerate(parts)
    )
    return re.compile(rf"{found}(?:[/?#&].*)?\Z", re.IGNORECASE)


def _segments(link: str, kind: str) -> Iterator[str]:
    try:
        split = urlsplit(link if "://" in link else f"https://{link}")
        host = split.hostname or ""
    except ValueError:  # such as a bracket that is never closed
        return
    path = _parts(split.path)
    fragment = _parts(split.fragment.partition("?")[0])
    if kind in _IDS:
        yield from filter(_IDS[kind].match, (*path, *fragment))
        return
    ours = bool(_OURS.search(host))
    marks = _MARKS[kind] if ours else _MARKS[kind][:2]
    if ours:
        yield from _following(path, marks)
    if ours or not _FOREIGN.search(host):
        yield from _following(fragment, marks)
    if "/".join(path).endswith(_OWN_PAGES):
        yield from (value for name, value in parse_qsl(split.query) if name == kind)


def _parts(path: str) -> list[str]:
    return [unquote(part) for part in re.split(r"[/!]+", path) if part]


def _following(parts: Sequence[str], marks: Sequence[str]) -> Iterator[str]:
    for mark, value in pairwise(parts):
        if mark.lower() in marks:
            yield value
