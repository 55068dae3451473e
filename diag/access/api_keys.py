"""API keys: only a digest of each key is stored, and keys are compared in constant time.

A key is 256 random bits, so its plain SHA-256 may be stored: it cannot be guessed. A slow or salted
hash protects passwords that people choose; here it would only make each request slower.
"""

from __future__ import annotations

import re
import secrets
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any

from marshmallow import post_load, validates_schema

from diag.config.fields import NAME, FileSchema, MomentField, TextField, refuse_duplicates, rows
from diag.config.file_reader import read_file
from diag.schemas.mistakes import Mistake

PREFIX = "diag_"
"""The beginning of every key, so that leaked keys can be found with grep."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """The owner of a key, its digest (64 hex digits), and when it expires."""

    name: str
    sha256: str
    expires: datetime | None = None


def generate_key() -> str:
    """Generate the text of a new key."""
    return PREFIX + b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()


def digest(text: str) -> str:
    """The SHA-256 of a key, as hex digits."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def file_entry(name: str, text: str, expires: date | None = None) -> str:
    """The TOML lines to add to the file of keys."""
    lines = ["[[keys]]", f'name = "{name}"', f'sha256 = "{digest(text)}"']
    return "\n".join([*lines, *([f"expires = {expires}"] if expires else [])]) + "\n"


def find_owner(keys: Iterable[ApiKey], text: str, now: datetime) -> str | None:
    """The owner of the key with this text; None if it is unknown or expired.

    It is compared with every key, in constant time.
    """
    sent, found = digest(text), None
    for key in keys:
        same = compare_digest(sent, key.sha256)
        if same and (key.expires is None or now < key.expires):
            found = key.name
    return found


def _validate_digest(value: str) -> None:
    if not _DIGEST.fullmatch(value):  # not quoted in the error: it may be the key itself
        raise Mistake("setting.digest")


class KeySchema(FileSchema):
    """One key."""

    name = TextField(NAME, required=True)
    sha256 = TextField(required=True, validate=_validate_digest)
    expires = MomentField()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> ApiKey:
        return ApiKey(**data)


class KeysSchema(FileSchema):
    """A file of keys."""

    keys = rows(KeySchema)

    @validates_schema
    def _each_key_once(self, data: dict[str, Any], **_: Any) -> None:
        refuse_duplicates(data["keys"], "keys", "sha256")


def read_keys(path: Path) -> tuple[ApiKey, ...]:
    """Read the keys of a .toml or .json file.

    An owner may have several keys, so that they can be rotated. Raises BadSetting with line, field
    and remedy for a mistake in the file.
    """
    keys: tuple[ApiKey, ...] = read_file(path, KeysSchema())["keys"]
    return keys
