"""The conditions under which it is safe to send again. Pure.

A rule may only propose `resend_safe: yes`; the verdict says yes only if all of these conditions
hold. Otherwise the reply states the first one that does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from diag.diagnosis import resend_facts as facts
from diag.diagnosis.resend_candidates import no_other_candidate
from diag.diagnosis.resend_facts import Question
from diag.i18n import Text
from diag.words import text


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that must be proven before anybody is told to send again."""

    key: str
    holds: Callable[[Question], bool]
    locates: bool = False
    """True if an unmet condition means that it is not known where the money is."""

    @property
    def requires(self) -> Text:
        """What must hold, in words for agents and the documentation."""
        return text(f"frame.resend.{self.key}.requires")

    @property
    def otherwise(self) -> Text:
        """What the reply says if the condition does not hold."""
        return text(f"frame.resend.{self.key}.otherwise")


def unmet(question: Question) -> tuple[str, ...]:
    """Return the keys of the unmet conditions, in the order of the table."""
    return tuple(c.key for c in CONDITIONS if not c.holds(question))


def condition(key: str) -> Condition:
    return next(c for c in CONDITIONS if c.key == key)


CONDITIONS: tuple[Condition, ...] = (
    Condition("fresh_head", facts.fresh, locates=True),
    Condition("irreversible", facts.final),
    Condition("nodes_agree", facts.agreed, locates=True),
    Condition("history_complete", facts.whole),
    Condition("all_readable", facts.readable, locates=True),
    Condition("account_existed", facts.existed, locates=True),
    Condition("asset_named", facts.named, locates=True),
    Condition("no_other_candidate", no_other_candidate, locates=True),
    Condition("single_reading", facts.single_reading, locates=True),
    Condition("nothing_arrived", facts.nothing_arrived),
    Condition("not_paid_since", facts.not_paid_since),
    Condition("nothing_underway", facts.nothing_underway),
    Condition("own_keys", facts.own_keys),
    Condition("gateway_open", facts.gateway_open),
    Condition("balance_covers", facts.covered, locates=True),
)
"""All must hold; docs/checks.md shows them as a table."""

NOT_WITH_USER = frozenset(c.key for c in CONDITIONS if c.locates)
"""If one of these does not hold, the verdict does not say where the money is."""
