"""Parses raw chain objects (accounts, orders, proposals, time-locks …) into typed records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diag.chain.rpc import ops, values
from diag.chain.rpc.values import Raw, when
from diag.domain import account_names
from diag.domain.account import Account
from diag.domain.asset import Asset
from diag.domain.chain_objects import Holding, Network, OpenTimeLock, Proposal
from diag.domain.operations import Custody, Location
from diag.errors import NodeError

_METHOD_NOT_FOUND = -32601


def unknown_method(error: NodeError) -> bool:
    """True if the node lacks the method: it is an older version, or the API is not enabled."""
    return error.code_number == _METHOD_NOT_FOUND or "method" in error.name


def network(chain_id: str, dynamic: Raw, fixed: Raw) -> Network:
    """Parse objects 2.1.0 and 2.0.0: the chain's head, parameters and health."""
    parameters = fixed["parameters"]
    return Network(
        chain_id=chain_id,
        interval=timedelta(seconds=int(parameters["block_interval"])),
        longest_expiration=timedelta(seconds=int(parameters["maximum_time_until_expiration"])),
        witnesses=len(fixed["active_witnesses"]),
        slots_filled=int(dynamic["recent_slots_filled"]).bit_count(),
        head_block=int(dynamic["head_block_number"]),
        irreversible_block=int(dynamic["last_irreversible_block_num"]),
        next_maintenance=when(dynamic["next_maintenance_time"]),
    )


def account(raw: Raw) -> Account:
    """Parse a 1.2.x object; raises ValueError for a name that no account can have."""
    created = raw.get("creation_time")
    if not account_names.NAME.match(raw["name"]):
        raise ValueError("not an account name")
    return Account(
        id=values.identity(raw["id"]),
        name=raw["name"],
        memo_key=values.public_key(raw["options"]["memo_key"]),
        active=values.authority(raw["active"]),
        owner=values.authority(raw["owner"]),
        created=when(created) if created else None,
        genesis=raw.get("creation_block_num") == 0,
        whitelisted_by=_names(raw, "whitelisting_accounts"),
        blacklisted_by=_names(raw, "blacklisting_accounts"),
    )


def totals(raw: Raw) -> tuple[int, int]:
    """Parse a 2.6.x object: how many operations an account has had, and how many the node pruned."""
    return int(raw["total_ops"]), int(raw["removed_ops"])


def balances(rows: list[Raw]) -> dict[str, int]:
    """Parse get_account_balances: base units by asset id."""
    return {values.identity(row["asset_id"]): values.base_units(row["amount"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Live:
    """Parses objects that hold coins; needs the known assets by id and the head time."""

    assets: Mapping[str, Asset]
    now: datetime

    def orders(self, rows: list[Raw]) -> list[Holding]:
        return [
            Holding(
                custody=Custody.ORDER,
                object=values.identity(row["id"]),
                amount=values.amount(
                    {
                        "amount": row["for_sale"],
                        "asset_id": row["sell_price"]["base"]["asset_id"],
                    },
                    self.assets,
                ),
                until=when(row["expiration"]),
            )
            for row in rows
        ]

    def vesting(self, rows: list[Raw]) -> list[Holding]:
        return [
            Holding(
                custody=Custody.VESTING,
                object=values.identity(row["id"]),
                amount=values.amount(row["balance"], self.assets),
            )
            for row in rows
        ]

    def proposals(self, rows: list[Raw]) -> dict[str, Proposal]:
        return {values.identity(row["id"]): self.proposal(row) for row in rows}

    def proposal(self, raw: Raw) -> Proposal:
        """Parse a 1.10.x object; approvals by accounts (1.2.x) and by single keys are not separated."""
        created = values.identity(raw["id"])
        place = Location.of(created, self.now, virtual=True)
        return Proposal(
            id=created,
            proposer=values.identity(raw["proposer"]) if raw.get("proposer") else "",
            expires=when(raw["expiration_time"]),
            review=when(raw["review_period_time"]) if raw.get("review_period_time") else None,
            required=_names(raw, "required_active_approvals", "required_owner_approvals"),
            approved=_names(
                raw,
                "available_active_approvals",
                "available_owner_approvals",
                "available_key_approvals",
            ),
            fail_reason=values.words(raw.get("fail_reason", "")),
            inner=ops.inner(raw["proposed_transaction"]["operations"], place, self.assets),
        )

    def time_locks(self, rows: list[Raw]) -> dict[str, OpenTimeLock]:
        return {values.identity(row["id"]): self.time_lock(row) for row in rows}

    def time_lock(self, raw: Raw) -> OpenTimeLock:
        transfer: dict[str, Any] = raw["transfer"]
        return OpenTimeLock(
            id=values.identity(raw["id"]),
            sender=values.identity(transfer["from"]),
            recipient=values.identity(transfer["to"]),
            amount=values.amount(transfer, self.assets),
            expires=when(raw["conditions"]["time_lock"]["expiration"]),
        )


def _names(raw: Raw, *fields: str) -> frozenset[str]:
    """The accounts and keys in these fields, by their ids and in their text form."""
    return frozenset(
        values.identity(item) if "." in item else values.public_key(item)
        for name in fields
        for item in raw.get(name, ())
    )
