"""Checks a memo by a gateway's grammar: the coin that it names, the address in it.

A grammar is the text of a memo with placeholders, such as `{coin
lower-case}:{address}[:{tag}]`; brackets enclose what may be left out. `{code}` stands for
something that only the gateway understands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diag.domain import coin_addresses
from diag.i18n import Text
from diag.words import filler

NO_COIN = filler("reason_memo", "no_coin")
DEPOSIT_FORM = filler("reason_memo", "deposit_form")
OTHER_COIN = filler("reason_memo", "other_coin")
NO_ADDRESS = filler("reason_memo", "no_address")
BAD_ADDRESS = filler("reason_memo", "bad_address")

_DEPOSIT_WORDS = frozenset({"dex", "btsid"})
_COIN_BLANK = re.compile(r"\{coin[^}]*\}")


@dataclass(frozen=True, slots=True)
class ParsedMemo:
    """The parts of a memo."""

    address: str
    extra: str | None
    """Tag or free text after the address."""


def parse(grammar: str, coin: str, text: str) -> ParsedMemo | Text:
    """Return the parts of a memo, or why the gateway cannot find an address in it.

    coin: the coin's own name on its chain. It is compared in any case, because gateways that
    want lower case accept upper case too.
    """
    prefix = grammar.partition("{address}")[0]
    wanted = _COIN_BLANK.sub(lambda _: coin.lower(), prefix).lower()
    given = text.strip()
    if not given.lower().startswith(wanted):
        head, colon, _ = given.partition(":")
        word = head.strip().lower()
        if word in _DEPOSIT_WORDS and colon:
            return DEPOSIT_FORM
        named = colon and word.isalnum() and len(word) <= 10 and word != coin.lower()
        return OTHER_COIN if named and ":" in wanted else NO_COIN
    rest = given[len(wanted) :].strip()
    if not rest:
        return NO_ADDRESS
    address, extra = _split(rest)
    return ParsedMemo(address, extra) if address else NO_ADDRESS


def _split(rest: str) -> tuple[str, str | None]:
    """Split an address from what follows it; a few chains write a colon inside their addresses."""
    scheme = "bitcoincash:"
    start = len(scheme) if rest.lower().startswith(scheme) else 0
    address, colon, extra = rest[start:].partition(":")
    return rest[:start] + address.strip(), extra.strip() if colon else None


def fault(grammar: str, coin: str, text: str) -> Text | None:
    """Return why the gateway cannot use a memo; None if no fault is found."""
    if "{address}" not in grammar:
        return None
    parsed = parse(grammar, coin, text)
    if isinstance(parsed, Text):
        return parsed
    return BAD_ADDRESS if coin_addresses.valid(coin, parsed.address) is False else None
