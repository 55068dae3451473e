"""The longest texts that are read, of every hostile kind, and secrets by the hundred."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hostile_texts import COMPLAINTS, LARGEST, SECRETS, long
from secret_texts import KEYS, KINDS, LANGUAGES, SEEDS, remains, text_with

from diag.gateways.register_file import builtin
from diag.intake.parser import read
from diag.intake.serializer import document
from diag.redaction import redact

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("name", COMPLAINTS)
def test_the_longest_text_is_read_in_bounded_work(name: str) -> None:
    said = document(read(long(COMPLAINTS[name], LARGEST), NOW, None, builtin()), "zh")
    assert sum(len(field["candidates"]) for field in said["fields"].values() if field) < 4096
    assert len(said["times"]) <= 64


@pytest.mark.parametrize("name", SECRETS)
def test_the_longest_text_is_searched(name: str) -> None:
    """What grew with the square of the length would not end."""
    assert len(redact(long(SECRETS[name], LARGEST)).text) < 4 * LARGEST


@pytest.mark.parametrize("kind", (*KINDS, *SEEDS, *KEYS, *LANGUAGES))
def test_none_of_very_many_secrets_gets_through(kind: str) -> None:
    """Five hundred of each kind: no eight letters of a key, no four words of a phrase."""
    chance = random.Random(f"out with {kind}")
    texts = [text_with(chance, kind) for _ in range(500)]
    through = []
    for text, secret in texts:
        found = redact(text)
        if not found.kinds or remains(found.text, secret):
            through.append(text)
    assert through == []
