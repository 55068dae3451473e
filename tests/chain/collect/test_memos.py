"""Memos are read with the operator's keys, and the keys are never shown. All keys are made here."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bitsharesbase.account import PrivateKey
from bitsharesbase.memo import encode_memo
from msgspec import structs
from recorded import ledger, register
from told import bent
from waiting import FOREVER

from diag.chain.collect.collector import Collector
from diag.chain.collect.memos import MemoKeys
from diag.chain.rpc.call import Deadline, Reply
from diag.checks import CHECKS
from diag.diagnosis.engine import diagnose
from diag.domain.case import Case
from diag.domain.memo import Memo
from diag.errors import BadSetting
from diag.ledger.node import LedgerSource
from diag.matching.withdrawals import build_evidence
from diag.render import FORMATS
from diag.render.options import View

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WAITING = Case(
    "zhao-ming",
    datetime(2026, 11, 22, 7, 30, tzinfo=UTC),
    datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
    asset="NORTH.BTC",
)
"""A withdrawal that a gateway has not answered; its recorded memo cannot be read here."""
OPERATION = "1.11.24815"
WALLET = "north-wallet"
ADDRESS = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
NONCE = 5381


def fresh() -> PrivateKey:
    return PrivateKey(prefix="BTS")


USER, GATEWAY, STRANGER = fresh(), fresh(), fresh()


def sealed(text: str, sender: PrivateKey = USER, recipient: PrivateKey = GATEWAY) -> Memo:
    """A memo as python-bitshares encrypts it."""
    message = encode_memo(sender, recipient.pubkey, NONCE, text)
    return Memo(str(sender.pubkey), str(recipient.pubkey), NONCE, message)


def keys(folder: Path, *held: PrivateKey) -> MemoKeys:
    file = folder / "keys"
    file.write_text("".join(f"{key!s}\n" for key in held), encoding="utf-8")
    return MemoKeys.load(file)


# --- single memos ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [f"btc:{ADDRESS}", "a", "xrp:r1:12345", "备注：给我的地址", "x" * 500, "sixteen bytes lo"],
)
@pytest.mark.parametrize("held", [GATEWAY, USER], ids=["the recipient's", "the sender's"])
def test_a_memo_is_read_with_the_key_of_either_end(
    tmp_path: Path, held: PrivateKey, text: str
) -> None:
    assert keys(tmp_path, held).read(sealed(text)) == text


def test_a_memo_is_read_whatever_the_chain_calls_its_keys(tmp_path: Path) -> None:
    memo = sealed("btc")
    sender, recipient = ("TEST" + key[3:] for key in (memo.sender_key, memo.recipient_key))
    assert keys(tmp_path, GATEWAY).read(Memo(sender, recipient, NONCE, memo.hex)) == "btc"


def test_the_right_key_among_several_is_used(tmp_path: Path) -> None:
    held = keys(tmp_path, STRANGER, GATEWAY, fresh())
    assert held.read(sealed("btc:x")) == "btc:x"
    assert held.read(sealed("to a stranger", recipient=STRANGER)) == "to a stranger"


def test_without_the_right_key_nothing_is_read(tmp_path: Path) -> None:
    assert keys(tmp_path, STRANGER).read(sealed("btc:x")) is None
    assert keys(tmp_path).read(sealed("btc:x")) is None


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"nonce": NONCE + 1}, id="another nonce"),
        pytest.param({"hex": ""}, id="no message"),
        pytest.param({"hex": b"short".hex()}, id="not whole blocks"),
        pytest.param({"hex": "00" * 64}, id="another message"),
        pytest.param({"sender_key": str(STRANGER.pubkey)}, id="another sender"),
        pytest.param({"sender_key": ""}, id="no sender"),
        pytest.param({"sender_key": "BTS"}, id="half a sender"),
        pytest.param({"sender_key": "BTS" + "1" * 50}, id="a sender that is no point"),
        pytest.param({"nonce": -1}, id="a negative nonce"),
        pytest.param({"nonce": 2**64}, id="a nonce that is too large"),
    ],
)
def test_a_memo_that_does_not_open_is_not_read(tmp_path: Path, wrong: dict[str, Any]) -> None:
    memo = sealed("btc:x")
    assert keys(tmp_path, GATEWAY).read(structs.replace(memo, **wrong)) is None


# --- the file -------------------------------------------------------------------------------


def test_comments_blank_lines_and_space_are_skipped(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(
        f"# memo keys\r\n\n  {GATEWAY!s}  \r\n\t\n# {STRANGER!s}\n", encoding="utf-8"
    )
    held = MemoKeys.load(file)
    assert held.read(sealed("btc:x")) == "btc:x"
    assert held.read(sealed("btc:x", recipient=STRANGER)) is None


def bad_lines() -> Iterator[Any]:
    wif = str(fresh())
    other = "3" if wif[-1] != "3" else "4"
    yield pytest.param(wif[:-1] + other, id="a wrong checksum")
    yield pytest.param(wif[:-1], id="a key cut short")
    yield pytest.param(wif + wif, id="two keys in one")
    yield pytest.param(f"{wif} # gateway", id="a comment behind it")
    yield pytest.param(f"key={wif}", id="an assignment")
    yield pytest.param(f'"{wif}"', id="quoted")
    yield pytest.param(str(fresh().pubkey), id="a public key")
    yield pytest.param("correct horse battery staple", id="a password")
    yield pytest.param("P" + wif, id="a cloud wallet's password")
    yield pytest.param("5" * 51, id="digits")
    yield pytest.param("abc123", id="half a hexadecimal number")
    yield pytest.param("密钥", id="Han")
    yield pytest.param("\x00\x01", id="control characters")


@pytest.mark.parametrize("line", list(bad_lines()))
def test_a_line_that_is_no_key_is_named_by_its_number_alone(
    tmp_path: Path,
    line: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "keys"
    file.write_text(f"# memo keys\n{GATEWAY!s}\n{line}\n{STRANGER!s}\n", encoding="utf-8")
    with pytest.raises(BadSetting) as caught:
        MemoKeys.load(file)
    error = caught.value
    said = [
        error.text.zh,
        error.text.en,
        str(error),
        repr(error),
        caplog.text,
        *capfd.readouterr(),
    ]
    assert "3" in error.text.zh and "line 3" in error.text.en
    assert "DIAG_MEMO_KEYS_FILE" in error.text.zh and "DIAG_MEMO_KEYS_FILE" in error.text.en
    for secret in (line, str(GATEWAY), str(STRANGER)):
        assert not any(secret in text for text in said)
    assert error.__cause__ is None and error.__suppress_context__


def test_a_file_that_is_not_text_is_a_wrong_setting(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_bytes(b"\xff\xfe" + str(GATEWAY).encode())
    with pytest.raises(BadSetting) as caught:
        MemoKeys.load(file)
    assert str(GATEWAY) not in str(caught.value)


def test_a_file_that_is_gone_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(BadSetting):
        MemoKeys.load(tmp_path / "gone")


def test_the_keys_are_not_shown(tmp_path: Path) -> None:
    held = keys(tmp_path, GATEWAY, STRANGER)
    clock = lambda: ledger().clock  # noqa: E731
    collector = Collector(
        [LedgerSource(ledger())], register(), memo_keys=held, clock=clock, seconds=FOREVER
    )
    for text in (repr(held), str(held), f"{held}", f"{[held]}", repr(collector)):
        assert str(GATEWAY) not in text
        assert repr(GATEWAY) not in text
    assert repr(held) == "MemoKeys(2)"


# --- a whole diagnosis ----------------------------------------------------------------------


@dataclass(frozen=True)
class Swapped:
    """The recorded chain with other parts, equal ones found wherever they stand."""

    parts: list[tuple[Any, Any]]
    name: str = "swapped"

    def ask(self, calls: Any, deadline: Deadline) -> list[Reply]:
        return bent(ledger(), calls, lambda call, said: self._swap(said))

    def _swap(self, value: Any) -> Any:
        for old, new in self.parts:
            if old == value:
                return new
        if isinstance(value, dict):
            return {key: self._swap(part) for key, part in value.items()}
        return [self._swap(part) for part in value] if isinstance(value, list) else value


@cache
def recorded() -> tuple[dict[str, Any], str]:
    """The recorded memo, and the recorded memo key of the gateway's wallet."""
    [row] = ledger().answer("database", "get_objects", [[OPERATION]])
    [account] = ledger().answer("database", "get_accounts", [[WALLET], False])
    return row["op"][1]["memo"], account["options"]["memo_key"]


def source(text: str, sender: PrivateKey = USER, recipient: PrivateKey = GATEWAY) -> Swapped:
    """The chain on which the withdrawal carries this memo, for a gateway of this key."""
    memo = sealed(text, sender, recipient)
    raw = {
        "from": memo.sender_key,
        "to": memo.recipient_key,
        "nonce": memo.nonce,
        "message": memo.hex,
    }
    old, key = recorded()
    return Swapped([(old, raw), (key, str(GATEWAY.pubkey))])


def collector(text: str, held: MemoKeys | None, **ends: PrivateKey) -> Collector:
    return Collector(
        [source(text, **ends)], register(), memo_keys=held, clock=lambda: NOW, seconds=FOREVER
    )


def answered(
    text: str, held: MemoKeys | None, **ends: PrivateKey
) -> tuple[dict[str, Any], str]:
    """The diagnosis as a document, and all formats and languages of it as one text."""
    found = diagnose(WAITING, collector(text, held, **ends), register(), CHECKS)
    pages = [FORMATS[name][1](found, View(lang)) for name in FORMATS for lang in ("zh", "en")]
    return json.loads(FORMATS["json"][1](found, View("en"))), "\n".join(map(str, pages))


@pytest.mark.parametrize("held", [GATEWAY, USER], ids=["the recipient's", "the sender's"])
def test_the_memo_of_a_recorded_withdrawal_is_read(tmp_path: Path, held: PrivateKey) -> None:
    text = f"btc:{ADDRESS}"
    history = collector(text, keys(tmp_path, held))(WAITING)
    assert history.memo_texts == {OPERATION: text}
    evidence = build_evidence(WAITING, history, register())
    [withdrawal] = evidence.withdrawals
    assert (withdrawal.id, evidence.memo_text(withdrawal)) == (OPERATION, text)


@pytest.mark.parametrize("held", [(), (STRANGER,)], ids=["no keys", "another key"])
def test_without_its_key_the_memo_stays_unread(
    tmp_path: Path, held: tuple[PrivateKey, ...]
) -> None:
    history = collector("btc:x", keys(tmp_path, *held))(WAITING)
    evidence = build_evidence(WAITING, history, register())
    assert history.memo_texts == {}
    assert evidence.memo_text(evidence.withdrawals[0]) is None
    said, _ = answered(WRONG["words"], keys(tmp_path, *held))
    assert said["verdict"]["code"] == "gateway_overdue"
    assert "memo_content" in [gap["what"] for gap in said["verdict"]["not_checked"]]


def test_a_right_address_is_no_reason(tmp_path: Path) -> None:
    said, _ = answered(f"btc:{ADDRESS}", keys(tmp_path, GATEWAY))
    assert said["verdict"]["code"] == "gateway_overdue"
    assert not any(f["code"].startswith("memo_") for f in said["findings"])
    assert "memo_content" not in [gap["what"] for gap in said["verdict"]["not_checked"]]


SECRET = str(fresh())
WRONG = {
    "a wrong checksum": f"btc:{ADDRESS[:-1]}X",
    "another coin": "eth:0x52908400098527886E0F7030069857D2E4169EE7",
    "only an address": ADDRESS,
    "words": "please send it to my wallet, thanks a lot",
    "a private key": SECRET,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_memo_leads_and_is_shown_in_part_only(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = WRONG[name]
    said, everything = answered(text, keys(tmp_path, GATEWAY))
    assert said["verdict"]["code"] == "memo_malformed"
    observed = [exhibit["observed"] for exhibit in said["verdict"]["evidence"]]
    [masked] = [shown for shown in observed if shown and "…" in shown]
    assert masked == f"{text[:8]}…{text[-4:]}"
    for secret in (text, text.partition(":")[2] or text, str(GATEWAY), text[8:-4]):
        assert secret not in everything + caplog.text


def test_a_memo_to_another_key_that_the_senders_key_opens_is_not_called_readable(
    tmp_path: Path,
) -> None:
    """The operator may read it; the gateway, whose memo key is another, cannot."""
    said, _ = answered(f"btc:{ADDRESS}", keys(tmp_path, USER), recipient=STRANGER)
    assert "memo_unreadable" in [found["code"] for found in said["findings"]]
