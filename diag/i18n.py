"""Words in both languages, side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One thing said in Chinese and in English, with the same blanks in both."""

    zh: str
    en: str

    @classmethod
    def literal(cls, zh: str, en: str) -> Text:
        """Words without blanks: braces in them stay braces."""
        return cls(zh=_escaped(zh), en=_escaped(en))

    def say(self, lang: str, facts: Mapping[str, object] | None = None) -> str:
        """Fill the blanks with facts; a fact given as a Text is said in the same language."""
        template = self.zh if lang == "zh" else self.en
        spoken = {
            key: value.say(lang, facts) if isinstance(value, Text) else value
            for key, value in (facts or {}).items()
            if f"{{{key}" in template
        }
        return template.format_map(spoken)

    @property
    def blanks(self) -> dict[str, frozenset[str]]:
        """The names of the blanks, per language."""
        return {lang: blanks(getattr(self, lang)) for lang in LANGUAGES}

    def as_dict(self, facts: Mapping[str, object] | None = None) -> dict[str, str]:
        """Both languages, filled: {"zh": …, "en": …}."""
        return {lang: self.say(lang, facts) for lang in LANGUAGES}


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def blanks(template: str) -> frozenset[str]:
    """The names of the blanks in a template."""
    return frozenset(blanks_in_order(template))


def blanks_in_order(template: str) -> tuple[str, ...]:
    """The names of the blanks in a template, each once, as they come."""
    names = (name for _, name, _, _ in Formatter().parse(template) if name)
    return tuple(dict.fromkeys(names))


def negotiate(header: str | None, default: str) -> str:
    """The language for an Accept-Language header: any zh-* is zh, any en-* is en, else the default."""
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
