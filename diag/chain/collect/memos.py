"""Decrypts memos with the memo keys that an operator holds.

The keys are read from a file, never from a command line. They are not logged, shown or sent on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diag.chain.collect.optional_imports import without_cryptography
from diag.domain.memo import Memo
from diag.errors import BadSetting


class MemoKeys:
    """Private memo keys by their public key."""

    __slots__ = ("_keys",)

    def __init__(self, keys: dict[str, Any]) -> None:
        self._keys = keys

    def __repr__(self) -> str:
        return f"MemoKeys({len(self._keys)})"

    @property
    def public(self) -> tuple[str, ...]:
        """The public keys without the chain's prefix, in the order of the file."""
        return tuple(self._keys)

    @classmethod
    def load(cls, path: Path) -> MemoKeys:
        """Read a file with one key in wallet import format a line; blank lines and # comments are
        skipped.

        Raises BadSetting, which names the line and never its content.
        """
        with without_cryptography():
            from bitsharesbase.account import PrivateKey  # slow to import

        found: dict[str, Any] = {}
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):  # these may quote the file
            raise BadSetting.of("setup.memo_keys") from None
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            try:
                key = PrivateKey(text, prefix="BTS")
                found[bare(str(key.pubkey))] = key
            except Exception:  # it may be anything, and quote the key
                raise BadSetting.of("setup.memo_key", number=number) from None
        return cls(found)

    def read(self, memo: Memo) -> str | None:
        """Return the text of an encrypted memo; None if no key fits or decryption fails."""
        from bitsharesbase.account import PublicKey
        from bitsharesbase.memo import decode_memo

        for own, other in (
            (memo.recipient_key, memo.sender_key),
            (memo.sender_key, memo.recipient_key),
        ):
            key = self._keys.get(bare(own))
            if key is None:
                continue
            try:
                public = PublicKey(other, prefix=other[: -len(bare(other))])
                return str(decode_memo(key, public, memo.nonce, memo.message.hex()))
            except Exception:  # wrong key, wrong padding or no text: each raises another error
                continue
        return None


def bare(public_key: str) -> str:
    """Return a public key without the chain's prefix: 50 characters of base58."""
    return public_key[-50:]
