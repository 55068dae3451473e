"""Free text in, Intake out: redact, clean, find, choose, sort, and say what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from diag.domain import coin_addresses
from diag.domain.gateway_register import Register
from diag.i18n import Text
from diag.intake.candidates import Confidence, Field, Found, choose
from diag.intake.classify.complaint_kind import Kind, Sorted, sort
from diag.intake.classify.language import language
from diag.intake.classify.urgency import Judged, judge
from diag.intake.extract.accounts import Accounts, Known, accounts
from diag.intake.extract.amounts import amounts
from diag.intake.extract.assets import CORE, KNOWN_COINS, Money, money
from diag.intake.extract.identifiers import Remark, identifiers
from diag.intake.extract.memos import memos
from diag.intake.followup.missing_fields import asking, missing
from diag.intake.followup.questions import Need
from diag.intake.normalized_text import Page, clean
from diag.intake.statement.markup import plain_text
from diag.intake.statement.own_words import own_words
from diag.intake.times.model import Relation, Time
from diag.intake.times.parser import times
from diag.intake.times.window import window
from diag.redaction import redact

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


def read(
    text: str,
    now: datetime,
    zone: tzinfo | None,
    register: Register,
    flagged: Callable[[str], bool] = lambda name: False,
) -> Intake:
    """Everything that a text says; now is aware UTC, zone the one the caller knows of the user.

    flagged tells the accounts that are listed as fraudulent.
    """
    redacted = redact(clean(plain_text(text)))
    statement = own_words(Page.of(redacted.text))
    page = statement.page
    ids = identifiers(page)
    stated = times(page.without(ids.taken), now, zone, statement.written)
    page = page.without(t.span for t in stated)
    coins = _symbols(register)
    remembered = memos(page.without(ids.links), coins)
    noted = [m.span for m in remembered]
    quiet = page.without([*ids.taken, *noted, *(t.span for t in stated)])
    wealth = money(page.without(ids.taken), register)
    figures = amounts(quiet, wealth.named, language(redacted.text) not in ("zh", "en", None))
    known = Known(register, frozenset(f.value for f in wealth.named) | coins, flagged)
    covered = [f.span for f in wealth.named] + noted + [t.span for t in stated]
    named = {found.span for found in (*ids.accounts, *ids.linked_accounts)}
    people = accounts(
        page.without([*(s for s in ids.taken if s not in named), *covered]),
        ids.accounts,
        ids.linked_accounts,
        known,
    )
    sorted_ = sort(page, any(t.relation is Relation.WAITED for t in stated))
    own, destinations = _sides(people, sorted_.kind, register)
    destinations, elsewhere = _by_chain(page, destinations, wealth, register)
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
        "address": choose((*ids.addresses, *people.foreign, *elsewhere)),
    }
    fields["asset"] = _agreed(fields["asset"], fields["coin"], fields["amount"])
    remarks = [*ids.remarks, *people.remarks, *_more(fields, stated)]
    found = window(stated, now)
    exposed = bool(redacted.kinds)
    needs = missing(fields, stated, found, sorted_.kind, ids.remarks, exposed, page)
    return Intake(
        redacted.text, redacted.kinds, language(redacted.text), fields, stated, found, sorted_,
        judge(page, exposed, sorted_, stated, now), tuple(remarks), tuple(needs),
        asking(needs, fields, stated), next((t.zone for t in stated if t.zone), zone),
    )  # fmt: skip


def _sides(
    people: Accounts, kind: Kind, register: Register
) -> tuple[Sequence[Found], Sequence[Found]]:
    """The user's account and the destination: of a deposit the latter is the former."""
    if kind is not Kind.DEPOSIT_MISSING or people.own:
        return people.own, people.destinations
    own = [f for f in people.destinations if register.by_account(f.value) is None]
    return own, [f for f in people.destinations if f not in own]


def _by_chain(
    page: Page, destinations: Sequence[Found], wealth: Money, register: Register
) -> tuple[list[Found], list[Found]]:
    """Destinations on this chain, and names that are addresses on another one.

    A name is one where the words around it say so ("my EOS account"), or where what was withdrawn
    is a coin whose own chain has names like it: nobody can tell then on which chain it is meant.
    """
    coins = {found.value for found in wealth.coins} | {
        found.value.rpartition(".")[2] for found in wealth.assets if "." in found.value
    }
    here, elsewhere = [], []
    for found in destinations:
        around = page.low[max(0, found.start - 24) : found.end + 32].partition("\n")[0]
        said = any(
            word.upper() in KNOWN_COINS and word.upper() != CORE
            for word in re.findall(
                r"([a-z]{2,8}) ?(?:account|wallet|address|chain|mainnet|账户|账号|地址|链|主网|钱包)",
                around,
            )
        )
        alike = any(coin_addresses.valid(coin, found.value) for coin in coins)
        known = register.by_account(found.value) is not None
        if not known and (said or alike):
            elsewhere.append(replace(found, confidence=Confidence.MEDIUM))
        else:
            here.append(found)
    return here, elsewhere


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
    listed = {coin.coin for gateway in register.gateways for coin in gateway.coins}
    keys = {gateway.key for gateway in register.gateways}
    return frozenset(keys | listed | KNOWN_COINS)


def _more(fields: dict[str, Field], stated: Sequence[Time]) -> list[Remark]:
    found = [Remark("day_or_month", t.span) for t in stated if t.ambiguous]
    for name in ("amount", "received"):
        fiat = [c for c in fields[name].candidates if c.unit in _FIAT]
        coins = {f.value for f in fields["asset"].candidates}
        found += [Remark("fiat_amount", c.span) for c in fiat if c.unit not in coins]
    return found
