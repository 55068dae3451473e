"""Fields that hold a truth value or a small number."""

from __future__ import annotations

from typing import Any

from diag.schemas.mistakes import Mistake
from diag.schemas.request import RequestField

_YES_OR_NO = {"true": True, "false": False}


class YesOrNo(RequestField[bool]):
    """True or false, also as a query writes it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        found = _YES_OR_NO.get(value) if isinstance(value, str) else value
        if not isinstance(found, bool):
            raise Mistake("请填写 true 或 false。", "Give true or false.")
        return found


class Score(RequestField[int]):
    """A whole number from 1 to 5."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
            raise Mistake("请填写 1 至 5 的整数。", "Give a whole number from 1 to 5.")
        return value
