"""What is known beforehand of the names in a text: gateways, coins, accounts with a bad record."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from diag.domain.account_names import lookalike
from diag.domain.gateway_register import Register


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What is known beforehand of the names on a page."""

    register: Register
    coins: frozenset[str]
    """Symbols and names that stand for money, in capitals: no account is meant by them."""
    flagged: Callable[[str], bool]
    """Whether others have listed an account as fraudulent."""

    @property
    def gateway_words(self) -> tuple[str, ...]:
        """The words of the gateways' names, in small letters."""
        return tuple(
            word
            for gateway in self.register.gateways
            for word in re.findall(r"[a-z0-9]{4,}", gateway.name.lower())
        )

    def other_chain(self, word: str) -> bool:
        """Whether a word in small letters names a coin of another chain, as in "my EOS account"."""
        return word.upper() in self.coins and word.upper() not in ("BTS", "BITSHARES", "比特股")

    def suspicious(self, name: str) -> bool:
        """Listed as fraudulent, or made to look like a gateway or one of its accounts."""
        names = self.register.account_names
        if name in names:
            return False
        return self.flagged(name) or bool(lookalike(name, (*names, *self.gateway_words)))
