"""Texts in Chinese and English, and the choice of the language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in Chinese and English; both have the same {placeholders}."""

    zh: str
    en: str

    @classmethod
    def literal(cls, zh: str, en: str) -> Text:
        """A text without placeholders; braces in it are shown as they are."""
        return cls(zh=_escaped(zh), en=_escaped(en))

    @classmethod
    def listing(cls, names: Iterable[str]) -> Text:
        """Names, separated by commas."""
        every = tuple(names)
        return cls.literal("、".join(every), ", ".join(every))

    def say(self, lang: str, facts: Mapping[str, object] | None = None) -> str:
        """The text in one language, with facts in its placeholders; a fact may be a Text itself."""
        template = self.zh if lang == "zh" else self.en
        values = {
            key: value.say(lang, facts) if isinstance(value, Text) else value
            for key, value in (facts or {}).items()
            if f"{{{key}" in template
        }
        return template.format_map(values)

    def filled(self, **facts: object) -> Text:
        """The same text with facts in its placeholders, and none left."""
        return Text.literal(self.say("zh", facts), self.say("en", facts)) if facts else self

    @property
    def placeholders(self) -> dict[str, frozenset[str]]:
        """The names of the placeholders, per language."""
        return {lang: placeholders(getattr(self, lang)) for lang in LANGUAGES}

    def as_dict(self, facts: Mapping[str, object] | None = None) -> dict[str, str]:
        """Both languages, with facts in the placeholders: {"zh": …, "en": …}."""
        return {lang: self.say(lang, facts) for lang in LANGUAGES}


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def placeholders(template: str) -> frozenset[str]:
    """The names of the placeholders in a template."""
    return frozenset(placeholders_in_order(template))


def placeholders_in_order(template: str) -> tuple[str, ...]:
    """The names of the placeholders in a template, each once, in order."""
    names = (name for _, name, _, _ in Formatter().parse(template) if name)
    return tuple(dict.fromkeys(names))


def negotiate(header: str | None, default: str) -> str:
    """The language for an Accept-Language header: zh for any zh-*, en for any en-*, else the default."""
    best, weight = default, 0.0
    for part in (header or "").split(","):
        tag, *parameters = [piece.strip() for piece in part.split(";")]
        primary = re.split("[-_]", tag.lower())[0]
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            value = float(quality)
        except ValueError:
            continue
        if primary in LANGUAGES and value > weight:
            best, weight = primary, value
    return best
