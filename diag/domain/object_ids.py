"""Ids of objects on the chain, such as 1.2.345, and public keys: checked strings.

Each exists once in memory, however many records name it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import ClassVar, TypeVar

MOST_SHARED = 1 << 14
"""How many are remembered, to be shared between the records that name them; about 2 MB."""


class Checked(str):
    """A string that matches the pattern of its class, where it comes from a node."""

    __slots__ = ()
    PATTERN: ClassVar[re.Pattern[str]]


class ObjectId(Checked):
    """An id of any type of object."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,15}\Z")


class AccountId(ObjectId):
    """1.2.x"""

    __slots__ = ()
    PATTERN = re.compile(r"1\.2\.[0-9]{1,15}\Z")


class AssetId(ObjectId):
    """1.3.x"""

    __slots__ = ()
    PATTERN = re.compile(r"1\.3\.[0-9]{1,15}\Z")


class PublicKey(Checked):
    """A public key as nodes write it: a prefix, and base 58."""

    __slots__ = ()
    PATTERN = re.compile(r"[A-Za-z0-9]{1,100}\Z")


Text = TypeVar("Text", bound=Checked)


@lru_cache(maxsize=MOST_SHARED)
def checked(kind: type[Text], text: str) -> Text:
    """The text as one of this kind; raises ValueError or TypeError if it is none."""
    if not kind.PATTERN.match(text):
        raise ValueError(f"not of the form of {kind.__name__}")
    return kind(text)


def instance(identity: str) -> int:
    """The last number of an object id; raises ValueError where there is none."""
    return int(identity.rpartition(".")[2])
