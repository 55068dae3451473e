"""Free text in, Intake out: redact, clean, find, choose, sort, and say what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from diag.gateways import Register
from diag.intake.accounts import Accounts, accounts
from diag.intake.amounts import amounts
from diag.intake.coins import money
from diag.intake.found import Confidence, Field, Found, choose
from diag.intake.identifiers import Remark, identifiers
from diag.intake.kinds import Kind, Sorted, sort
from diag.intake.language import language
from diag.intake.memos import memos
from diag.intake.page import Page, clean
from diag.intake.question import Need, ready
from diag.intake.times import Relation, Time, times
from diag.intake.urgency import Judged, judge
from diag.intake.window import usable, window
from diag.redaction import redact
from diag.text import Text

_FIAT = frozenset(("USD", "EUR", "CNY", "GBP"))


@dataclass(frozen=True, slots=True)
class Intake:
    """What a text says; `text` is the redacted text that all spans count in."""

    text: str
    exposed: tuple[str, ...]
    language: str | None
    fields: dict[str, Field]
    times: tuple[Time, ...]
    window: tuple[datetime, datetime] | None
    sorted: Sorted
    judged: Judged
    remarks: tuple[Remark, ...]
    missing: tuple[Need, ...]
    question: Text | None
    zone: tzinfo | None
    """The zone of the times: the one in the text, else the one that was given."""

    @property
    def case(self) -> dict[str, str] | None:
        """The fields of a diagnosis, where account and window are certain; else None."""
        account = self.fields["account"].sure()
        if account is None or self.window is None:
            return None
        start, end = (f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in self.window)
        given = {"account": account, "from": start, "to": end}
        if isinstance(self.zone, ZoneInfo):
            given["tz"] = self.zone.key
        for name in ("asset", "amount", "received", "destination", "operation", "transaction",
                     "memo", "external_transaction"):  # fmt: skip
            field = self.fields[name]
            value = field.sure()
            unit = field.meant.unit if field.meant else None
            if value is not None and not (name in ("amount", "received") and self._fiat(unit)):
                given[name] = value
        return given

    def _fiat(self, unit: str | None) -> bool:
        return unit in _FIAT and unit != self.fields["asset"].value


def read(text: str, now: datetime, zone: tzinfo | None, register: Register) -> Intake:
    """Everything that a text says; now is aware UTC, zone the one the caller knows of the user."""
    redacted = redact(clean(text))
    page = Page.of(redacted.text)
    ids = identifiers(page)
    stated = times(page.without(ids.taken), now, zone)
    quiet = page.without([*ids.taken, *(t.span for t in stated)])
    wealth = money(page.without(ids.taken), register)
    figures = amounts(quiet, wealth.named)
    remembered = memos(page)
    foreign = frozenset(f.value for f in wealth.named) | _symbols(register)
    covered = (
        [f.span for f in wealth.named] + [m.span for m in remembered] + [t.span for t in stated]
    )
    people = accounts(
        page.without(
            [*(s for s in ids.taken if s not in {a.span for a in ids.accounts}), *covered]
        ),
        ids.accounts,
        register,
        foreign,
    )
    sorted_ = sort(page, any(t.relation is Relation.WAITED for t in stated))
    own, destinations = _sides(people, sorted_.kind, register)
    fields = {
        "account": choose(own),
        "asset": choose(wealth.assets),
        "coin": choose(_weighed(wealth.coins, figures.claimed)),
        "gateway": choose(wealth.gateways),
        "amount": choose(figures.claimed),
        "received": choose(figures.received),
        "destination": choose(destinations),
        "operation": choose(ids.operations),
        "transaction": choose(ids.transactions),
        "memo": choose(remembered),
        "external_transaction": choose(ids.external),
        "address": choose(ids.addresses),
    }
    fields["asset"] = _agreed(fields["asset"], fields["coin"], fields["amount"])
    remarks = [*ids.remarks, *people.remarks, *_more(fields, stated)]
    found = window(stated, now)
    missing = tuple(
        _missing(fields, stated, found, sorted_.kind, ids.remarks, bool(redacted.kinds))
    )
    return Intake(
        redacted.text, redacted.kinds, language(redacted.text), fields, stated, found, sorted_,
        judge(page, bool(redacted.kinds), sorted_, stated, now), tuple(remarks), missing,
        _question(missing, fields, stated), next((t.zone for t in stated if t.zone), zone),
    )  # fmt: skip


def _sides(
    people: Accounts, kind: Kind, register: Register
) -> tuple[Sequence[Found], Sequence[Found]]:
    """The user's account and the destination: of a deposit the latter is the former."""
    if kind is not Kind.DEPOSIT_MISSING or people.own:
        return people.own, people.destinations
    own = [f for f in people.destinations if register.by_account(f.value) is None]
    return own, [f for f in people.destinations if f not in own]


def _weighed(named: Sequence[Found], claimed: Sequence[Found]) -> list[Found]:
    """A word in capitals that stands with the amount sent is as good a coin as a known one."""
    return [
        replace(found, confidence=Confidence.HIGH)
        if found.confidence is Confidence.MEDIUM
        and any(0 <= found.start - amount.end <= 4 for amount in claimed)
        else found
        for found in named
    ]


def _agreed(asset: Field, coin: Field, amount: Field) -> Field:
    """The asset, unless another coin is named too and the amount is not said to be in the asset."""
    meant = asset.meant
    others = {c.value for c in coin.candidates} - {(asset.value or "").rpartition(".")[2]}
    unit = amount.meant.unit if amount.meant else None
    if meant is None or not others or unit == asset.value:
        return asset
    return Field(None, None, asset.candidates)


def _symbols(register: Register) -> frozenset[str]:
    """Words that name money or gateways, in capitals: no account is meant by them."""
    keys = {gateway.key for gateway in register.gateways}
    return frozenset(
        keys | {coin.coin for gateway in register.gateways for coin in gateway.coins}
    )


def _more(fields: dict[str, Field], stated: Sequence[Time]) -> list[Remark]:
    found = [Remark("day_or_month", t.span) for t in stated if t.ambiguous]
    for name in ("amount", "received"):
        fiat = [c for c in fields[name].candidates if c.unit in _FIAT]
        coins = {f.value for f in fields["asset"].candidates}
        found += [Remark("fiat_amount", c.span) for c in fiat if c.unit not in coins]
    return found


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


def _missing(
    fields: dict[str, Field],
    stated: Sequence[Time],
    found: tuple[datetime, datetime] | None,
    kind: Kind,
    remarks: Sequence[Remark],
    exposed: bool,
) -> list[Need]:
    """What a diagnosis lacks, the most needed first."""
    needs = [Need.SAFETY] if exposed else []
    if kind in (Kind.FEE_QUESTION, Kind.GATEWAY_STATE):
        named = any(fields[name].candidates for name in ("asset", "coin", "gateway"))
        return needs if named else [*needs, Need.ASSET]
    if kind is Kind.ACCESS:
        return [*needs, *_account_need(fields["account"]), Need.ERROR]
    if kind is Kind.OTHER and not stated and not any(f.candidates for f in fields.values()):
        return [*needs, Need.PROBLEM]
    needs += _account_need(fields["account"])
    if found is None:
        needs.append(_time_need(usable(stated)))
    money_ = (fields["asset"], fields["coin"])
    if not any(field.candidates for field in money_):
        needs.append(Need.ASSET)
    elif fields["asset"].ambiguous or (
        not fields["asset"].candidates and fields["coin"].ambiguous
    ):
        needs.append(Need.ASSET_CHOICE)
    if fields["amount"].ambiguous:
        needs.append(Need.AMOUNT_CHOICE)
    elif not fields["amount"].candidates and Need.ASSET not in needs:
        needs.append(Need.AMOUNT)
    usable_id = fields["operation"].value or fields["transaction"].value
    if not usable_id and any(
        r.code in ("broken_transaction", "foreign_transaction", "address") for r in remarks
    ):
        needs.append(Need.TRANSACTION)
    own = _ASKED_OF.get(kind)
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
    if any(t.needs_zone for t in stated) and not any(t.start for t in stated):
        return Need.ZONE
    return Need.TIME_CHOICE if len(stated) > 1 else Need.TIME


def _question(
    missing: Sequence[Need], fields: dict[str, Field], stated: Sequence[Time]
) -> Text | None:
    """The question for the first need, with the times or names it is about."""
    if not missing:
        return None
    asked = missing[:1]
    if missing[0] is Need.ACCOUNT and Need.TIME in missing:
        asked = (Need.ACCOUNT, Need.TIME)  # who and when belong together
    said = next((t.text for t in usable(stated) if t.ambiguous or t.needs_zone), "")
    return ready(asked, said, _candidates(missing[0], fields, stated))


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
    return tuple(dict.fromkeys(_named(f) for f in fields[name].candidates))[:5]


def _named(found: Found) -> str:
    return f"{found.value} {found.unit}" if found.unit else found.value
