"""Checked strings: ids of objects on the chain, such as 1.2.345, and public keys.

Equal ids are one string in memory, however many records name them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import ClassVar, TypeVar

MOST_SHARED = 1 << 14
"""How many strings are kept, to be shared between the records that name them; about 2 MB."""


class Checked(str):
    """A string that matches the pattern of its class, if it was made by `checked`."""

    __slots__ = ()
    PATTERN: ClassVar[re.Pattern[str]]


class ObjectId(Checked):
    """An id of any type of object."""

    __slots__ = ()
    PATTERN = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,15}\Z")


class AccountId(ObjectId):
    """The id of an account: 1.2.x."""

    __slots__ = ()
    PATTERN = re.compile(r"1\.2\.[0-9]{1,15}\Z")


class AssetId(ObjectId):
    """The id of an asset: 1.3.x."""

    __slots__ = ()
    PATTERN = re.compile(r"1\.3\.[0-9]{1,15}\Z")


class PublicKey(Checked):
    """A public key as nodes write it: a prefix and base58."""

    __slots__ = ()
    PATTERN = re.compile(r"[A-Za-z0-9]{1,100}\Z")


Text = TypeVar("Text", bound=Checked)


@lru_cache(maxsize=MOST_SHARED)
def checked(kind: type[Text], text: str) -> Text:
    """Return the text as a string of this class; raises ValueError or TypeError if it does not
    match.
    """
    if not kind.PATTERN.match(text):
        raise ValueError(f"not of the form of {kind.__name__}")
    return kind(text)


def instance(identity: str) -> int:
    """Return the last number of an object id; raises ValueError if there is none."""
    return int(identity.rpartition(".")[2])
