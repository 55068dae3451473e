"""Known names: gateways, coins, and accounts that are listed as fraudulent."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from diag.domain.account_names import lookalike
from diag.domain.gateway_register import Register


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The known names that may occur on a page."""

    register: Register
    coins: frozenset[str]
    """Symbols and names of money, in upper case, which are never read as accounts."""
    flagged: Callable[[str], bool]
    """Returns whether an account is on a public list of fraudulent accounts."""

    @property
    def gateway_words(self) -> tuple[str, ...]:
        """The words of the gateways' names, in lower case."""
        return tuple(
            word
            for gateway in self.register.gateways
            for word in re.findall(r"[a-z0-9]{4,}", gateway.name.lower())
        )

    def other_chain(self, word: str) -> bool:
        """Whether a lower-case word names a coin of another chain, as in "my EOS account"."""
        return word.upper() in self.coins and word.upper() not in ("BTS", "BITSHARES", "比特股")

    def suspicious(self, name: str) -> bool:
        """Whether an account is listed as fraudulent or imitates a gateway or one of its accounts."""
        names = self.register.account_names
        if name in names:
            return False
        return self.flagged(name) or bool(lookalike(name, (*names, *self.gateway_words)))
