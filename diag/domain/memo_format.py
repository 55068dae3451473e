"""What a gateway can make of a memo: its grammar, the coin it names, the address in it.

A grammar is the text of a memo with blanks, such as `{coin lower-case}:{address}[:{tag}]`;
brackets hold what may be left out. `{code}` stands for something only the gateway understands.
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
    """A memo taken apart."""

    address: str
    extra: str | None
    """Tag or free memo after the address."""


def parse(grammar: str, coin: str, text: str) -> ParsedMemo | Text:
    """The address in a memo, or why the gateway cannot find one.

    coin is the coin's own name on its chain. The coin's name is compared in any case: gateways
    that want it in lower case accept it in upper case too.
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
    """Address and what follows it; a few chains write a colon inside their addresses."""
    scheme = "bitcoincash:"
    start = len(scheme) if rest.lower().startswith(scheme) else 0
    address, colon, extra = rest[start:].partition(":")
    return rest[:start] + address.strip(), extra.strip() if colon else None


def fault(grammar: str, coin: str, text: str) -> Text | None:
    """Why the gateway cannot use a memo, or None where nothing speaks against it."""
    if "{address}" not in grammar:
        return None
    parsed = parse(grammar, coin, text)
    if isinstance(parsed, Text):
        return parsed
    return BAD_ADDRESS if coin_addresses.valid(coin, parsed.address) is False else None
