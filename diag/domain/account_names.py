"""Reads account names, and finds valid, similar and deceptive ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import OSA

from diag.domain import links
from diag.domain.folding import fold

NAME = re.compile(
    r"(?=.{1,63}\Z)[a-z](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z](?:[a-z0-9-]*[a-z0-9])?)*\Z"
)
OBJECT_ID = re.compile(r"1\.2\.(?:0|[1-9][0-9]{0,14})\Z")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-."
NEAR = 2
"""Edits (insert, drop, replace, swap) up to which a name counts as near."""


def valid(text: str) -> bool:
    """Return True for an account name or an account id 1.2.x."""
    return bool(NAME.match(text) or OBJECT_ID.match(text))


_QUOTES = "\"'`\u201c\u201d\u2018\u2019\u300c\u300d\u300e\u300f\u300a\u300b<>[]()"
_LETTERS_AND_DIGITS = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9]+\Z")
_ADDRESS_LENGTH = 25
"""The shortest length of an address of another chain; most have capitals and digits."""


def read(text: str, templates: Sequence[str] = ()) -> str | None:
    """Return the account name or id that a text stands for, in its canonical form; None if it is none.

    Accepts capitals, a leading @ (# before an id), surrounding quotes, full-width letters,
    invisible characters, and links to an account's page (see `links.target`, also for
    templates). A long mixture of capitals and digits is an address of another chain, not a
    name.
    """
    name = fold(text).strip(_QUOTES).strip()
    name = links.target(name, "account", templates) or name
    if name[:1] == "@" or re.match(r"#1\.2\.", name):
        name = name[1:].strip()
    small = name.lower()
    if small != name and len(name) >= _ADDRESS_LENGTH and _LETTERS_AND_DIGITS.match(name):
        return None
    return small if valid(small) else None


def edits(name: str) -> list[str]:
    """Return every valid name one edit away; for a long name only swaps and deletions."""
    cuts = [(name[:i], name[i:]) for i in range(len(name) + 1)]
    found = {a + b[1:] for a, b in cuts if b} | {
        a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1
    }
    if len(name) <= 20:
        found |= {a + letter + b[1:] for a, b in cuts if b for letter in _LETTERS}
        found |= {a + letter + b for a, b in cuts for letter in _LETTERS}
    return sorted(text for text in found - {name} if NAME.match(text))


def near(name: str, others: Iterable[str], most: int = 5) -> tuple[str, ...]:
    """Return at most `most` of the other names within NEAR edits of a name, nearest first."""
    ranked = sorted(
        (OSA.distance(name, other), other) for other in set(others) if other != name
    )
    return tuple(other for distance, other in ranked if distance <= NEAR)[:most]


_ALIKE = str.maketrans(
    {"0": "o", "1": "l", "i": "l", "5": "s", "2": "z", "8": "b", "6": "g", "9": "g"}
)


def shape(name: str) -> str:
    """Return what a name looks like at a glance: letters that look alike are replaced by the
    same one.
    """
    folded = name.translate(_ALIKE).replace("rn", "m").replace("vv", "w")
    return re.sub(r"[-.]", "", folded)


_TRUST = re.compile(
    r"[-.](?:account|bts|committee|delegate|deposit|gateway|guarantee|help|memo|official|safe"
    r"|safety|security|service|support|team|update|upgrade|verify|wallet|withdraw|witness|\d+)\Z"
)
"""Suffixes that make an imitation of a known name look trustworthy."""
_FOREIGN = (
    re.compile(r"[a-z]{2,12}1[02-9ac-hj-np-z]{30,58}\Z"),  # Bech32: bc1…, ltc1…, cosmos1…
    re.compile(r"g[a-z2-7]{55}\Z"),  # a Stellar key in lower case
    re.compile(r"r[1-9a-km-z]{24,34}\Z"),  # an XRP address in lower case
)


def foreign_address(name: str) -> bool:
    """Return True if an account name looks like an address of another chain."""
    return any(form.match(name) and re.search(r"\d", name) for form in _FOREIGN)


def lookalike(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that this one imitates; None if there is none, or if it is known itself.

    A name imitates another one if it looks the same at a glance, is one edit away (two for a
    long name), or is the known name with a trustworthy suffix or any prefix. Known names of
    fewer than five characters are not compared, because almost every short name is near to
    them.
    """
    names = set(known)
    if name in names:
        return None
    return next((other for other in sorted(names) if _imitates(name, other)), None)


def _imitates(name: str, other: str) -> bool:
    if len(other) < 5:
        return False
    limit = 2 if len(other) >= 12 else 1
    if shape(name) == shape(other) or OSA.distance(name, other) <= limit:
        return True
    if name.startswith(other) and _TRUST.match(name[len(other) :]):
        return True
    return len(other) >= 8 and name.endswith((f"-{other}", f".{other}"))
