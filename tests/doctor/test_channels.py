"""What the doctor says about the file of channels."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from messages import SECRET, write

from diag.config.settings import review
from diag.doctor import Level, check, examine


def said(path: Path, **more: str) -> list[tuple[Level, str]]:
    given = {"DIAG_CHANNELS": str(path), **more}
    found = check(examine(review(given), lambda: datetime.now(UTC)))
    return [
        (one.level, one.seen.say("en"))
        for one in found
        if "DIAG_CHANNELS" in one.what.say("en") and one.level > Level.OK
    ]


def channels(url: str, secret: str = f'secret = "{SECRET}"') -> str:
    return f'[[channels]]\nname = "ops"\nkind = "webhook"\nurl = "{url}"\n{secret}\n'


def test_a_good_file_is_nothing_to_speak_of(tmp_path: Path) -> None:
    path = write(tmp_path / "channels.toml", channels("https://ops.example"))
    path.chmod(0o600)
    assert said(path, DIAG_CASES="on") == []


@pytest.mark.parametrize(
    ("text", "settings", "level", "words"),
    [
        (channels("ftp://ops.example"), {"DIAG_CASES": "on"}, Level.FAULT, "channels[0].url"),
        (channels("https://ops.example"), {}, Level.WARNING, "cases are off"),
        (channels("http://ops.example"), {"DIAG_CASES": "on"}, Level.HINT, "not encrypted"),
    ],
)
def test_what_is_to_be_mended(
    tmp_path: Path, text: str, settings: dict[str, str], level: Level, words: str
) -> None:
    path = write(tmp_path / "channels.toml", text)
    path.chmod(0o600)
    [(found, seen)] = said(path, **settings)
    assert found is level and words in seen


def test_secrets_that_everybody_may_read_are_a_warning(tmp_path: Path) -> None:
    path = write(tmp_path / "channels.toml", channels("https://ops.example"))
    path.chmod(0o644)
    [(level, seen)] = said(path, DIAG_CASES="on")
    assert level is Level.WARNING and "644" in seen
    own = write(tmp_path / "secret", SECRET)
    path.write_text(channels("https://ops.example", f'secret_file = "{own}"'))
    own.chmod(0o600)
    assert said(path, DIAG_CASES="on") == [], "no secret stands in the file itself"
    own.chmod(0o644)
    assert [level for level, _ in said(path, DIAG_CASES="on")] == [Level.WARNING]
