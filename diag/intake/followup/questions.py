"""The things a diagnosis may need, and the question for each."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from diag.i18n import Text
from diag.words import texts


class Need(StrEnum):
    """The things that may be missing, most important first."""

    SAFETY = "safety"
    PROTECT = "protect"
    PROBLEM = "problem"
    ACCOUNT = "account"
    ACCOUNT_CONFIRM = "account_confirm"
    ACCOUNT_CHOICE = "account_choice"
    TIME = "time"
    DAY_OR_MONTH = "day_or_month"
    TIME_CHOICE = "time_choice"
    ZONE = "zone"
    ASSET = "asset"
    ASSET_CHOICE = "asset_choice"
    AMOUNT = "amount"
    AMOUNT_CHOICE = "amount_choice"
    TRANSACTION = "transaction"
    MEMO = "memo"
    DESTINATION = "destination"
    DIRECTION = "direction"
    ERROR = "error"
    EXTERNAL = "external_transaction"


def ready_to_paste(
    needs: Sequence[Need], said: str = "", candidates: Sequence[str] = ()
) -> Text:
    """The question for a need, ready to paste: polite, and with the warning never to send keys."""
    shown = Text.literal("、".join(candidates), ", ".join(candidates))
    questions = texts("questions")
    parts = [
        questions["greeting"],
        *(questions[need].filled(said=said, candidates=shown) for need in needs),
        questions["safe"],
    ]
    return Text(zh="".join(part.zh for part in parts), en=" ".join(part.en for part in parts))
