"""API keys: made once, kept as a digest only, looked up in constant time.

A key is 256 random bits, so its plain SHA-256 can be stored: nobody finds the key by trying, and
a slow or salted hash, which protects what people choose, would only cost each request time.
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

from diag.config.fields import refuse_twice
from diag.config.file_reader import Grammar, open_table

PREFIX = "diag_"
"""Begins every key, so that one that has leaked can be found with grep."""
NAME = Grammar(
    re.compile(r"[a-z0-9][a-z0-9._-]{0,62}"),
    "名称（小写字母、数字、连字符）",
    "a name (lower-case letters, digits, hyphens)",
)
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Whose key it is, its digest, and from when on it is no longer good."""

    name: str
    sha256: str
    expires: datetime | None = None


def fresh() -> str:
    """The text of a new key."""
    return PREFIX + b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()


def digest(text: str) -> str:
    """What is kept of a key."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def entry(name: str, text: str, expires: date | None = None) -> str:
    """The lines for the file of keys."""
    lines = ["[[keys]]", f'name = "{name}"', f'sha256 = "{digest(text)}"']
    return "\n".join([*lines, *([f"expires = {expires}"] if expires else [])]) + "\n"


def holder(keys: Iterable[ApiKey], text: str, now: datetime) -> str | None:
    """Whose key this text is; None where nobody's, or no longer.

    All keys are compared, each in constant time, whichever fits.
    """
    sent, found = digest(text), None
    for key in keys:
        same = compare_digest(sent, key.sha256)
        if same and (key.expires is None or now < key.expires):
            found = key.name
    return found


def keys_in(path: Path) -> tuple[ApiKey, ...]:
    """The keys of a .toml or .json file; a name may have several, so that they can be changed.

    A mistake raises BadSetting, with line, field and remedy.
    """
    top = open_table(path)
    top.only("keys")
    tables = list(top.tables("keys"))
    keys = []
    for table in tables:
        table.only("name sha256 expires")
        table.require("name", "sha256")
        name, sha = table.word("name", NAME) or "", table.text("sha256") or ""
        if not _DIGEST.fullmatch(sha):  # it may be the key itself, so it is not repeated
            raise table.wrong(
                "sha256",
                "应为 64 位小写十六进制数字；请用 diag key 生成。",
                "must be 64 lower-case hexadecimal digits; make them with diag key.",
            )
        keys.append(ApiKey(name, sha, table.moment("expires")))
    refuse_twice(tables, "sha256", [key.sha256 for key in keys])
    return tuple(keys)
