"""Verifies that the sender of a delivery knows a secret of its hook. Works on the raw bytes. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from diag.channels.file import Source

TOLERANCE = 300
"""Seconds by which the time of a signature may differ from ours, where a signature has one."""
_TIME = re.compile(r"[0-9]{1,12}\Z")
Headers = Mapping[str, str]


def is_signed(
    source: Source, headers: Headers, raw: bytes, known: Iterable[str], now: datetime
) -> bool:
    """Whether a delivery is signed with one of the secrets in `known`, and recently if the signature
    has a time.

    headers: by name, in the spelling `Content-Type`.
    """
    signed = {
        Source.CHATWOOT: _chatwoot,
        Source.ZAMMAD: _zammad,
        Source.GENERIC: _generic,
    }[source](headers)
    if signed is None:
        return False
    time, algorithm, digest = signed
    if time is not None:
        if not _TIME.match(time) or abs(int(time) - now.timestamp()) > TOLERANCE:
            return False
        raw = f"{time}.".encode() + raw
    return any(
        _same(digest, hmac.new(secret.encode(), raw, algorithm).hexdigest()) for secret in known
    )


def has_token(presented: Iterable[str | None], tokens: Iterable[str]) -> bool:
    """Whether one of the presented texts is a valid token; compared in constant time."""
    known = list(tokens)
    found = [_same(text, token) for text in presented if text is not None for token in known]
    return any(found)


def delivery(source: Source, headers: Headers) -> str | None:
    """The sender's id of this delivery, the same for every repetition."""
    name = {
        Source.CHATWOOT: "X-Chatwoot-Delivery",
        Source.ZAMMAD: "X-Zammad-Delivery",
        Source.GENERIC: "Idempotency-Key",
    }[source]
    return headers.get(name)


_Signature = tuple[str | None, str, str]
"""The signed time, if any; the name of the digest; the signature as hexadecimal digits."""


def _chatwoot(headers: Headers) -> _Signature | None:
    time = headers.get("X-Chatwoot-Timestamp")
    scheme, _, digest = headers.get("X-Chatwoot-Signature", "").partition("=")
    return (time, "sha256", digest) if time and scheme == "sha256" else None


def _zammad(headers: Headers) -> _Signature | None:
    """Zammad signs no time; the inbox recognises repeated deliveries."""
    scheme, _, digest = headers.get("X-Hub-Signature", "").partition("=")
    return (None, "sha1", digest) if scheme == "sha1" else None


def _generic(headers: Headers) -> _Signature | None:
    parts = dict(
        part.strip().partition("=")[::2]
        for part in headers.get("X-Diag-Signature", "").split(",")
    )
    time, digest = parts.get("t"), parts.get("v1")
    return (time, "sha256", digest) if time and digest else None


def _same(one: str, other: str) -> bool:
    digests = (
        hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (one, other)
    )
    return hmac.compare_digest(*digests)
