"""Signatures and tokens of deliveries, with vectors that were computed by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from diag.channels.file import Source
from diag.hooks.signatures import has_token, is_signed

TIME = 1795356000
NOW = datetime.fromtimestamp(TIME, UTC)
BODY = b'{"event":"message_created","id":1}'
CHATWOOT = {
    "X-Chatwoot-Timestamp": str(TIME),
    "X-Chatwoot-Signature": "sha256=006d67c00f9c8e73e5cd766f6162623cfcf51fba57b9e5f06c1cecc7ece106d1",
}
ZAMMAD = {"X-Hub-Signature": "sha1=4b3afb4c22a508e5f814c042e71b674a82fdc8ab"}
GENERIC = {
    "X-Diag-Signature": f"t={TIME},"
    "v1=006d67c00f9c8e73e5cd766f6162623cfcf51fba57b9e5f06c1cecc7ece106d1"
}
GOOD = [(Source.CHATWOOT, CHATWOOT), (Source.ZAMMAD, ZAMMAD), (Source.GENERIC, GENERIC)]


@pytest.mark.parametrize(("source", "headers"), GOOD)
def test_a_signature_with_one_of_the_secrets_is_good(
    source: Source, headers: dict[str, str]
) -> None:
    assert is_signed(source, headers, BODY, ["s3cret"], NOW)
    assert is_signed(source, headers, BODY, ["the one before", "s3cret"], NOW)


@pytest.mark.parametrize(("source", "headers"), GOOD)
def test_a_signature_is_bad_with_another_secret_body_or_none(
    source: Source, headers: dict[str, str]
) -> None:
    assert not is_signed(source, headers, BODY, ["another"], NOW)
    assert not is_signed(source, headers, BODY, [], NOW)
    assert not is_signed(source, headers, BODY + b" ", ["s3cret"], NOW)
    assert not is_signed(source, {}, BODY, ["s3cret"], NOW)
    for other, theirs in GOOD:
        if other is not source:
            assert not is_signed(source, theirs, BODY, ["s3cret"], NOW)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
@pytest.mark.parametrize(("source", "headers"), [GOOD[0], GOOD[2]])
def test_a_signature_of_another_time_is_bad(
    source: Source, headers: dict[str, str], seconds: int
) -> None:
    assert not is_signed(
        source, headers, BODY, ["s3cret"], datetime.fromtimestamp(TIME + seconds, UTC)
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Chatwoot-Signature": CHATWOOT["X-Chatwoot-Signature"]},
        CHATWOOT | {"X-Chatwoot-Timestamp": "soon"},
        CHATWOOT | {"X-Chatwoot-Timestamp": "9" * 40},
        CHATWOOT | {"X-Chatwoot-Signature": "sha256="},
        CHATWOOT | {"X-Chatwoot-Signature": "é"},
        CHATWOOT | {"X-Chatwoot-Signature": "sha1=4b3afb4c22a508e5f814c042e71b674a82fdc8ab"},
    ],
)
def test_a_malformed_signature_is_bad(headers: dict[str, str]) -> None:
    assert not is_signed(Source.CHATWOOT, headers, BODY, ["s3cret"], NOW)


def test_a_token_is_compared_whole() -> None:
    assert has_token((None, "abc"), ["x", "abc"])
    for presented in [(None,), ("ab",), ("abcd",), ("",), ()]:
        assert not has_token(presented, ["abc"])
    assert not has_token(("abc",), [])
