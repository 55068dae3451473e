"""Fields for a boolean, a small number, a word, a name or a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from diag.i18n import Text
from diag.schemas.mistakes import Mistake
from diag.schemas.request import RequestField

_YES_OR_NO = {"true": True, "false": False}


class YesOrNo(RequestField[bool]):
    """A boolean, also in the text form of a query."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        found = _YES_OR_NO.get(value) if isinstance(value, str) else value
        if not isinstance(found, bool):
            raise Mistake("value.true_or_false")
        return found


class Score(RequestField[int]):
    """A whole number from 1 to 5."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
            raise Mistake("value.score")
        return value


class Line(RequestField[str]):
    """A text on one line without control characters; longest: the most characters."""

    def __init__(self, longest: int, **options: Any) -> None:
        super().__init__(**options)
        self.longest = longest

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        text = value.strip() if isinstance(value, str) else ""
        if not text or len(text) > self.longest or not self._is_plain(text):
            raise Mistake("value.line", most=self.longest)
        return text

    def _is_plain(self, text: str) -> bool:
        return text.isprintable()


class Paragraphs(Line):
    """A text of one or several lines without other control characters."""

    def _is_plain(self, text: str) -> bool:
        return re.sub(r"[\r\n\t]", " ", text).isprintable()


class OneOf(RequestField[str]):
    """One of a few words."""

    def __init__(self, words: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self.words = words

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise Mistake("value.one_of", names=Text.listing(self.words))
        return value


class Name(RequestField[str]):
    """A name of a given form; problem: the key of what is said of other values."""

    def __init__(self, form: str, problem: str, **options: Any) -> None:
        super().__init__(**options)
        self.form, self.problem = re.compile(form), problem

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or not self.form.fullmatch(value):
            raise Mistake(self.problem)
        return value
