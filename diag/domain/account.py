"""An account and its authorities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from diag.domain.object_ids import AccountId, PublicKey

Weight = Annotated[int, Meta(ge=0)]

NULL_ACCOUNT, TEMP_ACCOUNT = "1.2.3", "1.2.4"
NOBODYS_ACCOUNTS = {
    "1.2.0": "committee-account",
    "1.2.1": "witness-account",
    "1.2.2": "relaxed-committee-account",
    NULL_ACCOUNT: "null-account",
    TEMP_ACCOUNT: "temp-account",
    "1.2.5": "proxy-to-self",
}
"""Accounts of the protocol itself, by id. No person holds their keys: coins sent to them are
lost, or can be moved only by the committee or the witnesses, or by anybody (`temp-account`).
"""


class Authority(Struct, frozen=True, gc=False):
    """Who may act for an account: weights of accounts and keys against a threshold."""

    threshold: Weight = field(name="weight_threshold")
    accounts: tuple[tuple[AccountId, Weight], ...] = field(name="account_auths", default=())
    keys: tuple[tuple[PublicKey, Weight], ...] = field(name="key_auths", default=())


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is now; `created` is None if the node does not report it."""

    id: str
    name: str
    memo_key: str
    active: Authority
    owner: Authority
    created: datetime | None = None
    genesis: bool = False
    whitelisted_by: frozenset[str] = frozenset()
    blacklisted_by: frozenset[str] = frozenset()
    registrar: str = ""
