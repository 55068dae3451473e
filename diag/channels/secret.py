"""A secret of the operator, which is shown nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret that stands in the file of channels, or in a file of its own.

    A file is read whenever the secret is needed, so that it can be changed without a restart.
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
