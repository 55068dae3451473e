"""Works out what a diagnosis still needs, and which question asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from diag.i18n import Text
from diag.intake.candidates import Field, Found
from diag.intake.classify.complaint_kind import Classification, Kind
from diag.intake.cues import cue
from diag.intake.extract.assets import CORE
from diag.intake.extract.identifiers import Remark
from diag.intake.followup.questions import Need, ready_to_paste
from diag.intake.normalized_text import Page
from diag.intake.times.model import Precision, Time
from diag.intake.times.window import usable

_ERROR = cue("urgency.error_text")
"""Patterns for the text of an error message, not for the mention of one."""
_ASKED_OF: dict[Kind, Need] = {
    Kind.MEMO_PROBLEM: Need.MEMO,
    Kind.WRONG_DESTINATION: Need.DESTINATION,
    Kind.CANNOT_SEND: Need.ERROR,
    Kind.DEPOSIT_MISSING: Need.EXTERNAL,
}
_FIELD_OF = {
    Need.MEMO: ("memo",),
    Need.DESTINATION: ("destination", "address"),
    Need.EXTERNAL: ("external_transaction",),
}


@dataclass(frozen=True, slots=True)
class Told:
    """The facts from a text that decide what to ask."""

    fields: dict[str, Field]
    times: Sequence[Time]
    window: tuple[datetime, datetime] | None
    classification: Classification
    remarks: Sequence[Remark]
    exposed: bool
    """The text held a secret."""
    page: Page


def missing_fields(told: Told) -> list[Need]:
    """What a diagnosis needs, most important first; empty if the text reports no problem."""
    fields, kind = told.fields, told.classification.kind
    needs = [Need.SAFETY] if told.exposed else []
    if kind is Kind.STOLEN and not told.exposed:
        needs.append(Need.PROTECT)
    if kind is Kind.SOLVED or (kind is Kind.OTHER and told.classification.score):
        return needs
    if kind in (Kind.FEE_QUESTION, Kind.GATEWAY_STATE):
        named = any(fields[name].candidates for name in ("asset", "coin", "gateway"))
        return needs if named else [*needs, Need.ASSET]
    if kind is Kind.ACCESS:
        return [*needs, *_account_need(fields["account"]), Need.ERROR]
    said = any(
        f.candidates for name, f in fields.items() if name not in ("asset", "coin", "gateway")
    )
    if not told.classification.score and not told.times and not said:
        return [*needs, Need.PROBLEM]
    needs += _account_need(fields["account"])
    if told.window is None:
        needs.append(_time_need(usable(told.times)))
    needs += _money_needs(fields)
    needs += _needs_of_kind(told)
    if kind is Kind.UNCLEAR:
        needs.append(Need.DIRECTION if told.classification.direction_open else Need.PROBLEM)
    return needs


def _money_needs(fields: dict[str, Field]) -> list[Need]:
    needs = []
    asset, coin, amount = fields["asset"], fields["coin"], fields["amount"]
    if not asset.candidates and not coin.candidates:
        needs.append(Need.ASSET)
    elif asset.ambiguous or (not asset.candidates and coin.ambiguous):
        needs.append(Need.ASSET_CHOICE)
    if amount.ambiguous:
        needs.append(Need.AMOUNT_CHOICE)
    elif not amount.candidates and Need.ASSET not in needs:
        needs.append(Need.AMOUNT)
    return needs


def _needs_of_kind(told: Told) -> list[Need]:
    """The needs of one kind of complaint, and a usable id."""
    fields, kind = told.fields, told.classification.kind
    needs = []
    usable_id = fields["operation"].value or fields["transaction"].value
    if kind is Kind.DEPOSIT_MISSING:
        usable_id = usable_id or fields["external_transaction"].value
    unusable = ("broken_transaction", "foreign_transaction", "address")
    if not usable_id and any(remark.code in unusable for remark in told.remarks):
        needs.append(Need.TRANSACTION)
    own = _ASKED_OF.get(kind)
    if kind is Kind.CANNOT_SEND and _ERROR.search(told.page.low):
        own = None
    if own is Need.EXTERNAL and (usable_id or fields["asset"].value == CORE):
        own = None  # a deposit of the chain's own asset is a transfer on this chain
    if own and not any(fields[name].candidates for name in _FIELD_OF.get(own, ())):
        needs.append(own)
    return needs


def _account_need(account: Field) -> list[Need]:
    if account.sure() is not None:
        return []
    choices = (Need.ACCOUNT, Need.ACCOUNT_CONFIRM, Need.ACCOUNT_CHOICE)
    return [choices[min(len(account.candidates), 2)]]


def _time_need(stated: Sequence[Time]) -> Need:
    stated = [t for t in stated if t.local] or stated
    if not stated or all(t.start is None and not t.local for t in stated):
        return Need.TIME
    if any(t.ambiguous for t in stated):
        return Need.DAY_OR_MONTH
    exact = [t for t in stated if t.precision is not Precision.LONGER]
    if any(t.needs_zone for t in exact) and not any(t.start for t in stated):
        return Need.ZONE
    return Need.TIME_CHOICE if len(stated) > 1 else Need.TIME


def next_question(needs: Sequence[Need], told: Told) -> Text | None:
    """The question for the first need, with the times or names that it is about."""
    if not needs:
        return None
    asked = needs[:1]
    if needs[0] is Need.ACCOUNT and Need.TIME in needs:
        asked = (Need.ACCOUNT, Need.TIME)  # account and time are asked for together
    said = next((t.text for t in usable(told.times) if t.ambiguous or t.needs_zone), "")
    return ready_to_paste(asked, said, _candidates(needs[0], told.fields, told.times))


def _candidates(
    need: Need, fields: dict[str, Field], stated: Sequence[Time]
) -> tuple[str, ...]:
    if need is Need.TIME_CHOICE:
        return tuple(dict.fromkeys(t.text for t in usable(stated)))[:5]
    of = {
        Need.ACCOUNT_CONFIRM: "account",
        Need.ACCOUNT_CHOICE: "account",
        Need.AMOUNT_CHOICE: "amount",
    }
    name = of.get(need, "asset")
    if need is Need.ASSET_CHOICE and not fields["asset"].candidates:
        name = "coin"
    return tuple(dict.fromkeys(_with_unit(f) for f in fields[name].candidates))[:5]


def _with_unit(found: Found) -> str:
    return f"{found.value} {found.unit}" if found.unit else found.value
