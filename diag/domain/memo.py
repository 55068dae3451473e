"""An encrypted or plain memo of a transfer."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from diag.domain.object_ids import PublicKey

NULL_KEY_SUFFIX = "1111111111111111111111111111111114T1Anm"
"""End of the null key, which nobody holds; it is the sender's key of a plain memo."""
MEMO_CHECKSUM_BYTES = 4
AES_BLOCK_BYTES = 16


class Memo(Struct, frozen=True, gc=False):
    """A memo as it stands in an operation."""

    sender_key: PublicKey = field(name="from")
    recipient_key: PublicKey = field(name="to")
    nonce: Annotated[int, Meta(ge=0)]
    hex: str = field(name="message")

    def __post_init__(self) -> None:
        bytes.fromhex(self.hex)

    @property
    def message(self) -> bytes:
        """The bytes of the memo, encrypted or not."""
        return bytes.fromhex(self.hex)

    @property
    def public(self) -> bool:
        """True if everybody can read it: the sender's key is the null key."""
        return self.sender_key.endswith(NULL_KEY_SUFFIX)

    @property
    def text(self) -> str | None:
        """The text, if no key is needed to read it; else None."""
        if self.public:
            head, rest = self.message[:MEMO_CHECKSUM_BYTES], self.message[MEMO_CHECKSUM_BYTES:]
            return _utf8(self.message if any(head) else rest)
        if len(self.message) % AES_BLOCK_BYTES == 0:
            return None  # it may be ciphertext
        return _utf8(self.message)

    @property
    def most_bytes(self) -> int:
        """The length in bytes of the longest text that this ciphertext can hold."""
        return max(0, len(self.message) - MEMO_CHECKSUM_BYTES - 1)


def _utf8(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    if not text.isprintable():  # line ends and tabs are not printable
        text = " ".join(text.split())
    return text if text.isprintable() else None
