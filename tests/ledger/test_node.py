"""A ledger answers what the recorded node answered, and no argument breaks it."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import recorded
from recorded import RECORDED
from waiting import PATIENCE

from diag.chain.rpc.call import Call, Deadline
from diag.errors import BadSetting, NodeError, OutOfTime
from diag.ledger.node import Ledger, LedgerSource
from diag.ledger.view import View

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "diag" / "data" / "ledger"
KEPT = 30
BUSY = "chang-e1"  # an account of tens of thousands of operations

# The two things that a recording cannot know: signatures of blocks, which are not in it, and
# a number that nodes leave uninitialised in the accounts of the genesis block.
UNRECORDED = {"get_block": "witness_signature"}
UNINITIALISED = "num_committee_voted"
GENESIS_ACCOUNTS = {f"1.2.{number}" for number in range(5)}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return recorded.ledger()


def ask(ledger: Ledger, api: Any, method: Any, *args: Any) -> Any:
    return ledger.answer(api, method, args)


def refused(ledger: Ledger, api: Any, method: Any, *args: Any) -> tuple[int, str]:
    with pytest.raises(NodeError) as caught:
        ledger.answer(api, method, args)
    return caught.value.code_number, caught.value.message


# --- the samples ----------------------------------------------------------------------------


def samples(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rb") as file:
        yield from map(json.loads, file)


def answered(ledger: Ledger, api: str, method: str, args: list[Any]) -> dict[str, Any]:
    try:
        return {"result": ledger.answer(api, method, args)}
    except NodeError as error:
        message = error.message.partition(":")[0]
        return {"error": {"code": error.code_number, "name": error.name, "message": message}}


def expected(sample: dict[str, Any]) -> dict[str, Any]:
    if "result" in sample:
        return {"result": sample["result"]}
    error = sample["error"]
    return {"error": error | {"message": error["message"].partition(":")[0]}}


def differences(got: Any, want: Any, path: str = "") -> Iterator[str]:
    if isinstance(got, dict) and isinstance(want, dict):
        for key in sorted(got.keys() | want.keys()):
            yield from differences(got.get(key), want.get(key), f"{path}.{key}")
    elif isinstance(got, list) and isinstance(want, list) and len(got) == len(want):
        for place, (left, right) in enumerate(zip(got, want, strict=True)):
            yield from differences(left, right, f"{path}[{place}]")
    elif got != want or type(got) is not type(want):
        yield f"{path}: {str(got)[:120]} instead of {str(want)[:120]}"


def without_uninitialised(value: Any) -> Any:
    if isinstance(value, list):
        return [without_uninitialised(item) for item in value]
    if not isinstance(value, dict):
        return value
    skip = UNINITIALISED if value.get("id") in GENESIS_ACCOUNTS else None
    return {key: without_uninitialised(item) for key, item in value.items() if key != skip}


def assert_equal_to_node(ledger: Ledger, path: Path, other_node: bool = False) -> None:
    wrong, count = [], 0
    for sample in samples(path):
        count += 1
        api, method, args = sample["params"]
        got, want = answered(ledger, api, method, args), expected(sample)
        if other_node:
            got, want = without_uninitialised(got), without_uninitialised(want)
        if method in UNRECORDED and want.get("result"):
            assert got["result"].pop(UNRECORDED[method]) == "0" * 130
            assert want["result"].pop(UNRECORDED[method])
        found = list(itertools.islice(differences(got, want), 3))
        if found:
            wrong.append(f"{api}.{method}{json.dumps(args)[:100]}: " + "; ".join(found))
    assert count > 1000
    report = "\n".join(wrong[:10])
    assert not wrong, f"{len(wrong)} of {count} answers differ from the node's:\n{report}"


def test_full_node_samples(ledger: Ledger) -> None:
    assert_equal_to_node(ledger, RECORDED / "rpc_samples.jsonl.gz")


def test_pruned_node_samples(ledger: Ledger) -> None:
    pruned = ledger.with_view(View(keep=KEPT))
    assert_equal_to_node(pruned, RECORDED / "pruned" / "rpc_samples.jsonl.gz", other_node=True)


# --- beyond the samples ---------------------------------------------------------------------


def test_accounts_go_by_name_or_id(ledger: Ledger) -> None:
    account = ask(ledger, "database", "get_account_by_name", BUSY)["id"]
    for api, method, args in [
        ("history", "get_account_history_by_time", [3, None]),
        ("history", "get_relative_account_history", [0, 3, 0]),
        ("database", "get_account_balances", [[]]),
        ("database", "get_vesting_balances", []),
        ("database", "get_limit_orders_by_account", [5]),
    ]:
        assert ask(ledger, api, method, BUSY, *args) == ask(ledger, api, method, account, *args)


def test_what_accounts_own(ledger: Ledger) -> None:
    orders = ask(ledger, 0, "get_limit_orders_by_account", "pan-an")
    assert [order["seller"] for order in orders] == ["1.2.92"]
    after = f"1.7.{int(orders[0]['id'].split('.')[2]) + 1}"
    assert ask(ledger, 0, "get_limit_orders_by_account", "pan-an", None, after) == []

    lock = ask(ledger, 0, "get_htlc_by_from", "1.2.88", "1.16.0", 100)
    assert [item["id"] for item in lock] == ["1.16.1"]
    assert ask(ledger, 0, "get_htlc_by_to", "1.2.89", "1.16.0", 100) == lock
    assert ask(ledger, 0, "get_htlc_by_to", "1.2.89", "1.16.2", 100) == []

    given = ask(ledger, 0, "get_withdraw_permissions_by_giver", "1.2.103", "1.12.0", 101)
    received = "get_withdraw_permissions_by_recipient"
    assert ask(ledger, 0, received, "1.2.104", "1.12.0", 101) == given != []
    vesting = ask(ledger, 0, "get_vesting_balances", "1.2.17")
    assert "1.13.0" in [item["id"] for item in vesting]


@pytest.mark.parametrize(
    ("api", "method", "args", "answer"),
    [
        ("login", "get_info", [], "diag replay"),
        (1, "get_info", [], "diag replay"),
        ("database", "get_next_object_id", [1, 11, False], "1.11.28696"),
        ("database", "get_recent_transaction_by_id", ["0" * 40], None),
        ("database", "get_block", [0], None),
        ("database", "get_block_header", [35911], None),
        ("database", "get_objects", [["2.9.999999999", "1.11.99999999"]], [None, None]),
    ],
)
def test_single_answers(
    ledger: Ledger, api: Any, method: str, args: list[Any], answer: Any
) -> None:
    assert ask(ledger, api, method, *args) == answer


def test_nothing_is_pending(ledger: Ledger) -> None:
    ids = [ask(ledger, 0, "get_next_object_id", 2, 7, pending) for pending in (False, True)]
    assert ids[0] == ids[1]


def test_history_entries_are_a_linked_list(ledger: Ledger) -> None:
    pruned = ledger.with_view(View(keep=3))
    newest = ask(pruned, 0, "get_objects", ["2.6.98"])[0]
    entry, sequences = newest["most_recent_op"], []
    while entry != "2.9.0":
        item = ask(pruned, 0, "get_objects", [entry])[0]
        sequences.append(item["sequence"])
        entry = item["next"]
    total = newest["total_ops"]
    assert sequences == [total, total - 1, total - 2]
    assert newest["removed_ops"] == total - 3


def test_answers_belong_to_the_caller(ledger: Ledger) -> None:
    for method, args in [
        ("get_dynamic_global_properties", []),
        ("get_accounts", [[BUSY]]),
        ("get_config", []),
        ("get_global_properties", []),
        ("get_block", [3]),
    ]:
        first = ask(ledger, "database", method, *args)
        before = json.dumps(first)
        first.clear()
        assert json.dumps(ask(ledger, "database", method, *args)) == before


# --- views ----------------------------------------------------------------------------------


def test_legacy_node(ledger: Ledger) -> None:
    old = ledger.with_view(View(legacy=True))
    for api, method, args in [
        ("history", "get_account_history_by_time", [BUSY]),
        ("history", "get_block_operation_history", [3]),
        ("history", "get_block_operations_by_time", []),
        ("login", "get_config", []),
        (1, "get_config", []),
        ("database", "get_next_object_id", [1, 11, False]),
    ]:
        assert refused(old, api, method, *args) == (-32601, "Method not found"), method
    new = ask(ledger, "history", "get_relative_account_history", BUSY, 0, 5, 0)
    fewer = ask(old, "history", "get_relative_account_history", BUSY, 0, 5, 0)
    assert [set(a) - set(b) for a, b in zip(new, fewer, strict=True)] == [
        {"block_time", "is_virtual"}
    ] * 5
    account = ask(old, "database", "get_accounts", [BUSY])[0]
    assert not {"creation_block_num", "creation_time"} & set(account)


def test_node_behind(ledger: Ledger) -> None:
    late = ledger.with_view(View(behind=3600))
    head = ask(late, 0, "get_dynamic_global_properties")
    now = ask(ledger, 0, "get_dynamic_global_properties")
    number, lag = head["head_block_number"], now["last_irreversible_block_num"]
    assert head["time"] == "2026-11-22T11:00:00"
    assert head["head_block_id"] == ask(ledger, 0, "get_block_header", number + 1)["previous"]
    assert number - head["last_irreversible_block_num"] == now["head_block_number"] - lag
    assert ask(late, 0, "get_block_header", number)["timestamp"] == head["time"]
    assert ask(late, 0, "get_block_header", number + 1) is None
    newest = ask(late, "history", "get_account_history_by_time", BUSY, 1, None)[0]
    same = ask(ledger, "history", "get_account_history_by_time", BUSY, 1, head["time"])[0]
    assert newest == same
    assert ask(late, 0, "get_objects", ["1.11.28695"]) == [None]
    entry = ask(late, 0, "get_objects", ["2.6.98"])[0]["most_recent_op"]
    assert ask(late, 0, "get_objects", [entry])[0]["operation_id"] == newest["id"]
    assert late.clock == ledger.clock == datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_behind_everything_stands_at_the_first_block(ledger: Ledger) -> None:
    first = ledger.with_view(View(behind=10**9))
    assert first.head()["head_block_number"] == 1
    assert ask(first, "history", "get_account_history_by_time", BUSY) == []


def test_another_chain(ledger: Ledger) -> None:
    other = ledger.with_view(View(chain_id="ab" * 32))
    assert ask(other, 0, "get_chain_id") == "ab" * 32
    assert ask(other, 0, "get_chain_properties")["chain_id"] == "ab" * 32
    assert ask(ledger, 0, "get_chain_id") != "ab" * 32


# --- strangers ------------------------------------------------------------------------------

HOSTILE: list[Any] = [
    *(None, True, -1, 1.5, float("nan"), 2**70, "", "x", "9" * 40, [], ["a"], [[1]], {}),
    *("1.2.5", "1.11.5", "1.16.0", "１.2.3", "2026-11-21T20:00:00", "2026-13-45T99:00:00"),
]
METHODS = [
    *(("database", name) for name in ("get_objects", "get_accounts", "get_assets")),
    *(("database", name) for name in ("get_account_balances", "lookup_accounts")),
    *(("database", name) for name in ("get_transaction", "get_block_header_batch")),
    *(("database", name) for name in ("get_htlc_by_from", "get_next_object_id")),
    ("database", "get_limit_orders_by_account"),
    ("history", "get_account_history"),
    ("history", "get_account_history_by_time"),
    ("history", "get_account_history_by_operations"),
    ("history", "get_relative_account_history"),
    ("history", "get_block_operation_history"),
    ("history", "get_block_operations_by_time"),
]


@pytest.mark.parametrize(("api", "method"), METHODS)
def test_hostile_arguments_never_break_it(ledger: Ledger, api: str, method: str) -> None:
    shifted = [HOSTILE[place:] + HOSTILE[:place] for place in range(len(HOSTILE))]
    lists = [*itertools.product(HOSTILE, repeat=2), *(row[:4] for row in shifted)]
    for args in [*lists, *([item] for item in HOSTILE), []]:
        try:
            json.dumps(ledger.answer(api, method, args))
        except NodeError as error:
            assert error.code_number in (7, 10, 13), (args, error)


@pytest.mark.parametrize(
    ("api", "method", "args", "code"),
    [
        ("nowhere", "get_chain_id", [], -32601),
        ("database", "get_nothing", [], -32601),
        (["database"], {}, [], -32601),
        (7, "get_chain_id", [], 10),
        ("block", "get_blocks", [0, 2**32 - 1], 10),
        ("database", "get_objects", [["9.9.9"]], 10),
        ("database", "get_account_balances", ["no-such-account", []], 10),
        ("history", "get_account_history_by_time", [BUSY, 1, "2026-11-21T20:00:00Z"], 13),
        ("history", "get_account_history_by_time", [BUSY, 1, 1700000000], 7),
    ],
)
def test_refusals(ledger: Ledger, api: Any, method: Any, args: list[Any], code: int) -> None:
    assert refused(ledger, api, method, *args)[0] == code


def test_arguments_must_be_a_list(ledger: Ledger) -> None:
    with pytest.raises(NodeError) as caught:
        ledger.answer("database", "get_chain_id", "nothing")
    assert caught.value.code_number == 10


@pytest.mark.parametrize(
    ("file", "content"),
    [(None, b""), ("chain.json", b"{"), ("operations.jsonl.gz", b"no gzip")],
)
def test_damaged_ledger_is_a_bad_setting(
    tmp_path: Path, file: str | None, content: bytes
) -> None:
    for source in DEMO.glob("*.*") if file else ():
        (tmp_path / source.name).write_bytes(source.read_bytes())
    if file:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(BadSetting, match="cannot be read"):
        Ledger.load(tmp_path)


@pytest.mark.parametrize(("name", "lag"), [("degraded_mild", 7), ("degraded_severe", 126)])
def test_ledgers_of_a_network_in_trouble(name: str, lag: int) -> None:
    head = recorded.ledger(name).head()
    assert head["head_block_number"] - head["last_irreversible_block_num"] == lag


# --- as a source ----------------------------------------------------------------------------


def test_source_replies_in_order_and_never_raises(ledger: Ledger) -> None:
    source = LedgerSource(ledger, "recorded")
    calls = [
        Call("database", "get_chain_id"),
        Call("history", "nope"),
        Call("database", "get_block_header", (3,)),
    ]
    chain, error, header = source.ask(calls, Deadline(PATIENCE))
    assert source.name == "recorded"
    assert chain == ledger.chain_id
    assert isinstance(error, NodeError)
    assert f"{header.time:%Y-%m-%dT%H:%M:%S}" == "2026-11-21T06:00:18"
    assert isinstance(source.ask(calls[:1], Deadline(0))[0], OutOfTime)


# --- the demo cut ---------------------------------------------------------------------------


def test_demo_cut_is_small_and_whole() -> None:
    assert sum(file.stat().st_size for file in DEMO.iterdir()) < 400_000
    demo = Ledger.load(DEMO)
    for name, account in demo.recording.accounts.items():
        owner = account.rsplit(".", 1)[1]
        total = ask(demo, 0, "get_objects", [f"2.6.{owner}"])[0]
        assert total["removed_ops"] == 0
        found: list[Any] = []
        for low in range(1, total["total_ops"] + 1, 100):
            page = [account, low, 100, min(low + 99, total["total_ops"])]
            found += reversed(ask(demo, "history", "get_relative_account_history", *page))
        assert len(found) == total["total_ops"], name
        assert None not in found
        numbers = [int(item["id"].split(".")[2]) for item in found]
        assert numbers == sorted(set(numbers)), name


def test_demo_cut_keeps_what_it_keeps_as_it_was(ledger: Ledger) -> None:
    demo = Ledger.load(DEMO)
    assert demo.clock == ledger.clock
    assert demo.head() == ledger.head()
    for number in demo.operations[::50]:
        assert demo.operation(number) == ledger.operation(number)
        block = demo.operation_block(number)
        header, whole = demo.block(block), ledger.block(block)
        assert header["previous"] == whole["previous"]
        assert len(header["transactions"]) == len(whole["transactions"])
    dropped = set(range(1, ledger.head_number)) - set(demo.recording.blocks.numbers)
    assert ask(demo, 0, "get_block_header", min(dropped)) is None
    assert ask(demo, 0, "get_block_header", demo.head_number - 59) is not None
