"""The methods of the database and login APIs of a ledger; lists are limited as on a node."""

from __future__ import annotations

from collections.abc import Callable

from diag.ledger.arguments import (
    MethodTable,
    as_identifier,
    as_list,
    as_number,
    as_text,
    find_account,
    known_account,
    read_limit,
    refuse,
)
from diag.ledger.recording import Json, instance_of, type_of
from diag.ledger.view import CHAIN_PROPERTIES, GLOBAL_PROPERTIES, VisibleRecording

METHODS = MethodTable()

_UNSIGNED = "0" * 130  # in place of the witness's signature, which is not recorded
_OPEN_SETS = (
    "database_api",
    "network_broadcast_api",
    "history_api",
    "orders_api",
    "custom_operations_api",
)
_NEWEST_TYPES = {1: 22, 2: 18, 4: 0, 5: 8, 7: 0}  # of each object space


def _page(
    ledger: VisibleRecording, identifiers: list[str], start: Json, kind: str, limit: int
) -> Json:
    first = instance_of(as_identifier(start, kind))
    page = [item for item in identifiers if instance_of(item) >= first][:limit]
    return [ledger.object(item) for item in page]


# --- login ----------------------------------------------------------------------------------


@METHODS.method("login.login", 2)
def _login(ledger: VisibleRecording, user: Json, password: Json) -> Json:
    return bool(as_text(user) == "" and as_text(password) == "")


@METHODS.method("login.get_info", 0, modern=True)
def _get_info(ledger: VisibleRecording) -> Json:
    return "diag replay"


@METHODS.method("login.get_available_api_sets", 0, modern=True)
def _get_available_api_sets(ledger: VisibleRecording) -> Json:
    return list(_OPEN_SETS)


@METHODS.method("login.get_config", 0, modern=True)
def _get_login_config(ledger: VisibleRecording) -> Json:
    return dict(ledger.recording.chain["login_config"])


# --- chain ----------------------------------------------------------------------------------


@METHODS.method("database.get_dynamic_global_properties", 0)
def _get_dynamic_global_properties(ledger: VisibleRecording) -> Json:
    return ledger.head()


@METHODS.method("database.get_global_properties", 0)
def _get_global_properties(ledger: VisibleRecording) -> Json:
    return ledger.object(GLOBAL_PROPERTIES)


@METHODS.method("database.get_chain_properties", 0)
def _get_chain_properties(ledger: VisibleRecording) -> Json:
    return ledger.object(CHAIN_PROPERTIES)


@METHODS.method("database.get_chain_id", 0)
def _get_chain_id(ledger: VisibleRecording) -> Json:
    return ledger.chain_id


@METHODS.method("database.get_config", 0)
def _get_config(ledger: VisibleRecording) -> Json:
    return dict(ledger.recording.chain["config"])


@METHODS.method("database.get_objects", 1)
def _get_objects(ledger: VisibleRecording, identifiers: Json, subscribe: Json = None) -> Json:
    wanted = [as_identifier(item) for item in as_list(identifiers)]
    for identifier in wanted:
        space, kind, _ = (int(part) for part in identifier.split("."))
        if kind > _NEWEST_TYPES.get(space, -1) or (space == 1 and kind < 2):
            refuse(
                "_index[space_id].size() > type_id: "
                f"Database index {space}.{kind} does not exist, space size is 0"
            )
    return [ledger.object(identifier) for identifier in wanted]


@METHODS.method("database.get_next_object_id", 3, modern=True)
def _get_next_object_id(
    ledger: VisibleRecording, space: Json, kind: Json, with_pending: Json
) -> Json:
    name = f"{as_number(space, 8)}.{as_number(kind, 8)}"
    return f"{name}.{ledger.next_instance(name)}"


# --- blocks ---------------------------------------------------------------------------------


def _header(row: Json, with_signature: Json) -> Json:
    if row is None:
        return None
    header = {
        "previous": row["previous"],
        "timestamp": row["timestamp"],
        "witness": row["witness"],
        "transaction_merkle_root": row["merkle"],
        "extensions": [],
    }
    return header | {"witness_signature": _UNSIGNED} if with_signature else header


@METHODS.method("database.get_block_header", 1)
def _get_block_header(
    ledger: VisibleRecording, number: Json, with_signature: Json = None
) -> Json:
    return _header(ledger.block(as_number(number)), with_signature)


@METHODS.method("database.get_block_header_batch", 1)
def _get_block_header_batch(
    ledger: VisibleRecording, numbers: Json, with_signature: Json = None
) -> Json:
    wanted = sorted({as_number(item) for item in as_list(numbers)})
    return [[number, _header(ledger.block(number), with_signature)] for number in wanted]


@METHODS.method("database.get_block", 1)
def _get_block(ledger: VisibleRecording, number: Json) -> Json:
    row = ledger.block(as_number(number))
    if row is None:
        return None
    return _header(row, True) | {"transactions": row.get("transactions", [])}


@METHODS.method("database.get_transaction", 2)
def _get_transaction(ledger: VisibleRecording, number: Json, position: Json) -> Json:
    row, index = ledger.block(as_number(number)), as_number(position)
    if row is None:
        refuse("opt_block: ")
    transactions = row.get("transactions", [])
    if index >= len(transactions):
        refuse("opt_block->transactions.size() > trx_num: ")
    return transactions[index]


@METHODS.method("database.get_recent_transaction_by_id", 1)
def _get_recent_transaction_by_id(ledger: VisibleRecording, transaction: Json) -> Json:
    as_text(transaction)
    return None  # nothing is pending on a recorded chain


# --- accounts and assets --------------------------------------------------------------------


@METHODS.method("database.get_accounts", 1)
def _get_accounts(ledger: VisibleRecording, names: Json, subscribe: Json = None) -> Json:
    found = [find_account(ledger, name) for name in as_list(names)]
    return [None if account is None else ledger.object(account) for account in found]


@METHODS.method("database.lookup_account_names", 1)
def _lookup_account_names(ledger: VisibleRecording, names: Json) -> Json:
    return _get_accounts(ledger, names)


@METHODS.method("database.get_account_by_name", 1)
def _get_account_by_name(ledger: VisibleRecording, name: Json) -> Json:
    account = ledger.recording.accounts.get(as_text(name))
    return None if account is None else ledger.object(account)


@METHODS.method("database.get_account_id_from_string", 1)
def _get_account_id_from_string(ledger: VisibleRecording, name: Json) -> Json:
    return known_account(ledger, name)


@METHODS.method("database.lookup_accounts", 2)
def _lookup_accounts(
    ledger: VisibleRecording, lower: Json, limit: Json, subscribe: Json = None
) -> Json:
    most, bound = read_limit(ledger, limit, "lookup_accounts", 1000), as_text(lower)
    pairs = [[name, item] for name, item in ledger.recording.accounts.items() if name >= bound]
    return pairs[:most]


@METHODS.method("database.get_assets", 1)
def _get_assets(ledger: VisibleRecording, symbols: Json, subscribe: Json = None) -> Json:
    return [_asset(ledger, as_text(symbol)) for symbol in as_list(symbols)]


@METHODS.method("database.lookup_asset_symbols", 1)
def _lookup_asset_symbols(ledger: VisibleRecording, symbols: Json) -> Json:
    return _get_assets(ledger, symbols)


def _asset(ledger: VisibleRecording, symbol_or_id: str) -> Json:
    identifier = ledger.recording.assets.get(symbol_or_id, symbol_or_id)
    if type_of(f"0.{identifier}") != "0.1.3":
        return None
    item = ledger.object(identifier)
    return None if item is None else item | {"total_in_collateral": 0}  # no debts are recorded


@METHODS.method("database.get_account_balances", 2)
def _get_account_balances(ledger: VisibleRecording, name: Json, assets: Json) -> Json:
    account = known_account(ledger, name)
    wanted = [as_identifier(item, "1.3") for item in as_list(assets)]
    owned = [ledger.object(item) for item in ledger.recording.owned("2.5", account)]
    balances = {item["asset_type"]: item["balance"] for item in owned}
    order = wanted or sorted(balances, key=instance_of)
    return [{"amount": balances.get(asset, 0), "asset_id": asset} for asset in order]


@METHODS.method("database.get_vesting_balances", 1)
def _get_vesting_balances(ledger: VisibleRecording, name: Json) -> Json:
    owned = ledger.recording.owned("1.13", known_account(ledger, name))
    return [ledger.object(item) for item in owned]


@METHODS.method("database.get_limit_orders_by_account", 1)
def _get_limit_orders_by_account(
    ledger: VisibleRecording, name: Json, limit: Json = None, start: Json = None
) -> Json:
    option = "get_limit_orders_by_account"
    most = (
        ledger.limit(option, 101) if limit is None else read_limit(ledger, limit, option, 101)
    )
    owned = ledger.recording.owned("1.7", known_account(ledger, name))
    return _page(ledger, owned, "1.7.0" if start is None else start, "1.7", most)


@METHODS.method("database.get_proposed_transactions", 1)
def _get_proposed_transactions(ledger: VisibleRecording, name: Json) -> Json:
    owned = ledger.recording.owned("1.10", known_account(ledger, name))
    return [ledger.object(item) for item in owned]


def _owned_pages(kind: str, owner: str, option: str, most: int = 100) -> Callable[..., Json]:
    """Return a method that lists an account's objects of a type, from an id on.

    owner: the field that names the account; option, most: the node's limit and its default.
    """

    def page(ledger: VisibleRecording, name: Json, start: Json, limit: Json) -> Json:
        count = read_limit(ledger, limit, option, most)
        owned = ledger.recording.owned(kind, known_account(ledger, name), owner)
        return _page(ledger, owned, start, kind, count)

    return page


for _side, _owner in (("giver", "withdraw_from_account"), ("recipient", "authorized_account")):
    _name = f"get_withdraw_permissions_by_{_side}"
    METHODS.method(f"database.{_name}", 3)(_owned_pages("1.12", _owner, _name, 101))
for _side in ("from", "to"):
    _pages = _owned_pages("1.16", f"transfer.{_side}", "get_htlc_by")
    METHODS.method(f"database.get_htlc_by_{_side}", 3)(_pages)
