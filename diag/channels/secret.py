"""A secret of the operator that is never shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, given in the file of channels or in a file of its own.

    Such a file is read each time, so that the secret can be changed without a restart.
    """

    text: str | None = field(default=None, repr=False)
    file: Path | None = None

    def reveal(self) -> str:
        """The secret; raises OSError or ValueError if its file cannot be read or is empty."""
        found = self.text
        if found is None and self.file is not None:
            found = self.file.read_text(encoding="utf-8").strip()
        if not found:
            raise ValueError("the secret is empty")
        return found
