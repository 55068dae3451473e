"""The operator's file of channels and hooks: what is in it, and what mistakes say."""

from __future__ import annotations

from pathlib import Path

import pytest
from messages import SECRET, write

from diag.channels.chatwoot import Chatwoot
from diag.channels.file import read_channels, secrets_in
from diag.channels.people import People
from diag.channels.webhook import Webhook
from diag.channels.zammad import Zammad
from diag.config.reloading_file import ReloadingFile
from diag.errors import BadSetting

FILE = f"""
[[channels]]
name = "ops"
kind = "webhook"
url = "https://ops.example/hook"
secret = "{SECRET}"

[[channels]]
name = "desk"
kind = "chatwoot"
url = "https://chat.example"
account = 3
token = "chatwoot-token"
lang = "en"

[[channels]]
name = "tickets"
kind = "zammad"
url = "https://tickets.example"
token = "zammad-token"
draft = true

[[channels]]
name = "mail"
kind = "apprise"
url = "mailto://somebody:pass-word@mail.example"

[[hooks]]
name = "chat"
source = "chatwoot"
secret = "0123456789abcdef"
tell = ["desk", "ops"]
tz = "Asia/Shanghai"
user = 7
"""


def test_channels_and_hooks_are_read(tmp_path: Path) -> None:
    found = read_channels(write(tmp_path / "channels.toml", FILE))
    kinds = [type(channel) for channel in found.channels.values()]
    assert list(found.channels) == ["ops", "desk", "tickets", "mail"]
    assert kinds == [Webhook, Chatwoot, Zammad, People]
    assert found.hooks["chat"].tell == ("desk", "ops")
    assert found.hooks["chat"].user == 7


def test_secrets_are_shown_nowhere(tmp_path: Path) -> None:
    found = read_channels(write(tmp_path / "channels.toml", FILE))
    shown = repr(found) + "".join(channel.address for channel in found.channels.values())
    assert len(list(secrets_in(found))) == 5
    for secret in secrets_in(found):
        assert secret.reveal() not in shown


def test_a_secret_may_stand_in_a_file_of_its_own_and_change_there(tmp_path: Path) -> None:
    own = write(tmp_path / "token", "first\n")
    text = FILE.replace('token = "chatwoot-token"', f'token_file = "{own}"')
    desk = read_channels(write(tmp_path / "channels.toml", text)).channels["desk"]
    assert isinstance(desk, Chatwoot)
    assert desk.token.reveal() == "first"
    own.write_text("second\n")
    assert desk.token.reveal() == "second"


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("account = 3", 'account = "3"', "channels[1].account"),
        ("account = 3", "", "channels[1].account"),
        ('token = "chatwoot-token"', "", "channels[1].token"),
        ('token = "zammad-token"', 'token = ""', "channels[2].token"),
        ('token = "zammad-token"', 'token_file = "/nowhere/token"', "channels[2].token_file"),
        ('kind = "zammad"', 'kind = "jira"', "channels[2].kind"),
        ('kind = "zammad"', "kind = [1]", "channels[2].kind"),
        ("draft = true", 'draft = "yes"', "channels[2].draft"),
        ("draft = true", "drafts = true", "channels[2].drafts"),
        ('name = "mail"', 'name = "ops"', "channels[3].name"),
        ('name = "mail"', 'name = "My mail"', "channels[3].name"),
        ("https://ops.example/hook", "ftp://ops.example", "channels[0].url"),
        ("https://ops.example/hook", "https://u:p@ops.example", "channels[0].url"),
        ("https://ops.example/hook", "https:///hook", "channels[0].url"),
        (SECRET, "whsec_short", "channels[0].secret"),
        ('"0123456789abcdef"', '"short"', "hooks[0].secret"),
        ('secret = "0123456789abcdef"', "", "hooks[0].secret"),
        ('["desk", "ops"]', '["nobody"]', "hooks[0].tell"),
        ('source = "chatwoot"', 'source = "jira"', "hooks[0].source"),
        ("Asia/Shanghai", "Asia/Nowhere", "hooks[0].tz"),
    ],
)
def test_a_mistake_names_its_place_and_no_secret(
    tmp_path: Path, before: str, after: str, place: str
) -> None:
    path = write(tmp_path / "channels.toml", FILE.replace(before, after, 1))
    with pytest.raises(BadSetting) as raised:
        read_channels(path)
    for lang in ("zh", "en"):
        said = raised.value.text.say(lang)
        assert place in said
        assert "pass-word" not in said and "whsec_" not in said.replace("whsec_ ", "")


def test_a_file_that_breaks_leaves_the_last_good_channels(tmp_path: Path) -> None:
    path = write(tmp_path / "channels.toml", FILE)
    channels = ReloadingFile(path, read_channels, "channels")
    path.write_text("[[channels]]\n")
    assert list(channels().channels) == ["ops", "desk", "tickets", "mail"]
    path.write_text(
        FILE.replace('name = "desk"', 'name = "front"').replace('"desk"', '"front"')
    )
    assert "front" in channels().channels
