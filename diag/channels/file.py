"""Reads the operator's file of channels and hooks (DIAG_CHANNELS)."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from marshmallow import fields, post_load, validates_schema

from diag.channels.chatwoot import Chatwoot
from diag.channels.message import Channel
from diag.channels.people import People
from diag.channels.secret import Secret
from diag.channels.webhook import Webhook
from diag.channels.zammad import Zammad
from diag.config.fields import (
    MESSAGES,
    NAME,
    ChoiceField,
    FileSchema,
    FlagField,
    Form,
    ListField,
    TextField,
    quote,
    refuse_duplicates,
    rows,
)
from diag.config.file_reader import read_file
from diag.i18n import LANGUAGES
from diag.schemas.mistakes import Mistake
from diag.schemas.times import ZoneField
from diag.words import problem

_LANG = Form(re.compile("|".join(LANGUAGES)), problem("form.language"))
SHORTEST_SECRET = 16
_HOSTS = re.compile(r"[\w.:%-]+")


class Source(StrEnum):
    """The helpdesk that a hook's events come from."""

    CHATWOOT = "chatwoot"
    ZAMMAD = "zammad"
    GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Hook:
    """An endpoint to which a helpdesk sends what its users write.

    secrets: the keys that may sign a delivery; tokens: the tokens accepted instead of a signature;
    tell: the channels that get the answer; zone: the time zone of times without one; user: the id of
    our own user at the helpdesk.
    """

    name: str
    source: Source
    secrets: tuple[Secret, ...]
    tokens: tuple[Secret, ...]
    tell: tuple[str, ...]
    lang: str | None = None
    zone: ZoneInfo | None = None
    user: int | None = None
    accounts: tuple[int, ...] = ()
    """The accounts of the Chatwoot channels that get the answer."""


@dataclass(frozen=True, slots=True)
class Channels:
    """The content of the file: channels and hooks by name."""

    channels: Mapping[str, Channel]
    hooks: Mapping[str, Hook]


def secrets_in(found: Channels) -> Iterator[Secret]:
    """Every secret of the file."""
    for part in (*found.channels.values(), *found.hooks.values()):
        for name in ("secrets", "tokens", "token", "url"):
            value = getattr(part, name, ())
            yield from (
                s
                for s in (value if isinstance(value, tuple) else (value,))
                if isinstance(s, Secret)
            )


class UrlField(TextField):
    """An http or https address without a login and without a fragment."""

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> str:
        text = super()._deserialize(value, *args, **options)
        try:
            parts = urlsplit(text)
            fits = parts.scheme in ("http", "https") and parts.port != 0
            fits = fits and parts.username is None and not parts.fragment
            if fits and text.isprintable() and _HOSTS.fullmatch(parts.hostname or ""):
                return text
        except ValueError:
            pass
        raise Mistake("setting.url")


class NumberField(fields.Field[int]):
    """A positive whole number."""

    default_error_messages = MESSAGES

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
            raise Mistake("setting.positive", value=quote(value))
        return value


class SecretField(TextField):
    """The text of a secret; error messages never repeat it."""

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        return Secret(text=super()._deserialize(value, *args, **options))


class SecretFileField(TextField):
    """The path of a file that holds a secret."""

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        path = Path(super()._deserialize(value, *args, **options))
        secret = Secret(file=path)
        try:
            secret.reveal()
        except (OSError, ValueError):
            raise Mistake("setting.secret_file", path=path) from None
        return secret


def _take_secrets(data: dict[str, Any], name: str) -> tuple[Secret, ...]:
    """The secrets of a table: NAME, NAME_file, NAMEs and NAME_files together."""
    single = [data.pop(key, None) for key in (name, f"{name}_file")]
    several = [*data.pop(f"{name}s", ()), *data.pop(f"{name}_files", ())]
    return tuple(secret for secret in [*single, *several] if secret is not None)


def _one_secret(data: dict[str, Any], name: str) -> Secret:
    found = _take_secrets(data, name)
    if len(found) != 1:
        raise Mistake("setting.secret_or_file", name, name=name)
    return found[0]


class ChannelSchema(FileSchema):
    """The fields that every channel has."""

    name = TextField(NAME, required=True)
    kind = TextField(required=True)


class SignedSchema(FileSchema):
    """One or several secrets, each of which is valid, so that they can be rotated without a gap."""

    secret = SecretField()
    secret_file = SecretFileField()
    secrets = ListField(SecretField())
    secret_files = ListField(SecretFileField())


class WebhookSchema(ChannelSchema, SignedSchema):
    url = UrlField(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Webhook:
        secrets = _take_secrets(data, "secret")
        if not secrets or not all(map(_signs, secrets)):
            raise Mistake("setting.whsec", "secret")
        return Webhook(**data, secrets=secrets)


def _signs(secret: Secret) -> bool:
    text = secret.reveal().removeprefix("whsec_")
    try:
        return 24 <= len(b64decode(text + "=" * (-len(text) % 4), validate=True)) <= 64
    except (NotBase64, ValueError):
        return False


class TokenSchema(ChannelSchema):
    """A channel to a helpdesk, whose API needs a token."""

    url = UrlField(required=True)
    token = SecretField()
    token_file = SecretFileField()
    lang = TextField(_LANG)


class ChatwootSchema(TokenSchema):
    account = NumberField(required=True)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Chatwoot:
        return Chatwoot(token=_one_secret(data, "token"), **data)


class ZammadSchema(TokenSchema):
    draft = FlagField()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Zammad:
        return Zammad(token=_one_secret(data, "token"), **data)


class PeopleSchema(ChannelSchema):
    url = SecretField()
    url_file = SecretFileField()
    lang = TextField(_LANG)

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> People:
        return People(url=_one_secret(data, "url"), **data)


KINDS: dict[str, type[ChannelSchema]] = {
    "webhook": WebhookSchema,
    "chatwoot": ChatwootSchema,
    "zammad": ZammadSchema,
    "apprise": PeopleSchema,
}


class ChannelField(fields.Field[Channel]):
    """A table whose `kind` selects its schema."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Channel:
        kind = value.get("kind") if isinstance(value, Mapping) else None
        if not isinstance(kind, str) or kind not in KINDS:
            known = ", ".join(KINDS)
            raise Mistake("setting.channel_kind", "kind", names=known)
        found: Channel = KINDS[kind]().load(value)
        return found


class HookSchema(SignedSchema):
    """A hook."""

    name = TextField(NAME, required=True)
    source = ChoiceField(Source, required=True)
    token = SecretField()
    token_file = SecretFileField()
    tokens = ListField(SecretField())
    token_files = ListField(SecretFileField())
    tell = ListField(TextField(NAME), required=True)
    lang = TextField(_LANG)
    zone = ZoneField(data_key="tz")
    user = NumberField()

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Hook:
        hook = Hook(
            secrets=_take_secrets(data, "secret"), tokens=_take_secrets(data, "token"), **data
        )
        found = [*hook.secrets, *hook.tokens]
        if not found or any(len(secret.reveal()) < SHORTEST_SECRET for secret in found):
            raise Mistake("setting.secret_or_token", "secret", least=SHORTEST_SECRET)
        return hook


class ChannelsSchema(FileSchema):
    """A file of channels and hooks."""

    channels = ListField(ChannelField())
    hooks = rows(HookSchema)

    @validates_schema
    def _each_name_once(self, data: dict[str, Any], **_: Any) -> None:
        refuse_duplicates(data["channels"], "channels", "name")
        refuse_duplicates(data["hooks"], "hooks", "name")

    @validates_schema
    def _hooks_tell_channels(self, data: dict[str, Any], **_: Any) -> None:
        known = [channel.name for channel in data["channels"]]
        for index, hook in enumerate(data["hooks"]):
            for name in hook.tell:
                if name not in known:
                    names = ", ".join(known) or "-"
                    raise Mistake(
                        "setting.no_channel",
                        *("hooks", index, "tell"),
                        value=quote(name),
                        names=names,
                    )


def read_channels(path: Path) -> Channels:
    """Read the channels and hooks of a .toml or .json file; raises BadSetting with line, key and remedy."""
    found = read_file(path, ChannelsSchema())
    channels = {channel.name: channel for channel in found["channels"]}
    return Channels(channels, {h.name: _with_accounts(h, channels) for h in found["hooks"]})


def _with_accounts(hook: Hook, channels: Mapping[str, Channel]) -> Hook:
    told = [channels[name] for name in hook.tell]
    accounts = tuple(channel.account for channel in told if isinstance(channel, Chatwoot))
    return replace(hook, accounts=accounts)
