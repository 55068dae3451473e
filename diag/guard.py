"""Who may ask: everybody, or those who hold a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from diag.api_keys import ApiKey, holder
from diag.errors import Unauthorized


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Guard:
    """The keys as they stand now, or None where nobody needs one."""

    keys: Callable[[], tuple[ApiKey, ...]] | None = None
    now: Callable[[], datetime] = _now

    def name(self, text: str | None, said: str | None = None) -> str | None:
        """Whose key it is; None where no key is needed.

        Raises Unauthorized where there is none, where it is not good, or where it is not of the
        name that was said.
        """
        if self.keys is None:
            return None
        found = holder(self.keys(), text or "", self.now())
        if found is None or said not in (None, found):
            raise Unauthorized
        return found
