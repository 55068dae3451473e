"""Builds the fields of a case from what the extractors found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from diag.domain import coin_addresses
from diag.domain.asset import coin_of
from diag.domain.gateway_register import Register
from diag.intake.candidates import Confidence, Field, Found, choose
from diag.intake.cues import Cue, any_of
from diag.intake.extract.accounts import Accounts, accounts
from diag.intake.extract.amounts import amounts
from diag.intake.extract.assets import CORE, Money, known_coins, money
from diag.intake.extract.identifiers import Identifiers, Remark
from diag.intake.extract.known_names import KnownNames
from diag.intake.extract.memos import memos
from diag.intake.normalized_text import Page

FIAT = frozenset(("USD", "EUR", "CNY", "GBP"))
_CHAIN_WORDS = Cue(
    lambda: rf"([a-z]{{2,8}}) ?{any_of('accounts.chain_words')}", "accounts.chain_words"
)


@dataclass(frozen=True, slots=True)
class CaseFields:
    """The fields by name, and remarks for the agent on single values."""

    fields: dict[str, Field]
    remarks: tuple[Remark, ...]


def case_fields(
    page: Page,
    ids: Identifiers,
    register: Register,
    flagged: Callable[[str], bool],
    *,
    deposit: bool,
    decimal_comma: bool,
    demanded: Sequence[tuple[int, int]] = (),
) -> CaseFields:
    """The fields in a page, from which times have been removed.

    deposit: the complaint is about a deposit, whose destination is the user's own account.
    decimal_comma: in the language of the text, `1,234` may mean 1.234.
    demanded: spans in which somebody demands a payment; an amount there is never chosen, only shown.
    """
    symbols = _symbols(register)
    remembered = memos(page.without(ids.links), symbols)
    noted = [memo.span for memo in remembered]
    named = money(page.without(ids.taken), register)
    figures = amounts(page.without([*ids.taken, *noted]), named.named, decimal_comma)
    known = KnownNames(register, frozenset(f.value for f in named.named) | symbols, flagged)
    kept = {found.span for found in (*ids.accounts, *ids.linked_accounts)}
    covered = [*(s for s in ids.taken if s not in kept), *(f.span for f in named.named), *noted]
    people = accounts(page.without(covered), ids.accounts, ids.linked_accounts, known)
    own, destinations = _sides(people, register, deposit)
    here, elsewhere = _by_chain(page, destinations, named, register)
    fields = {
        "account": choose(own),
        "asset": choose(named.assets),
        "coin": choose(_weighed(named.coins, figures.claimed)),
        "gateway": choose(named.gateways),
        "amount": choose(_not_demanded(figures.claimed, demanded)),
        "received": choose(figures.received),
        "destination": choose(here),
        "operation": choose(ids.operations),
        "transaction": choose(ids.transactions),
        "memo": choose(remembered),
        "external_transaction": choose(ids.external),
        "address": choose((*ids.addresses, *people.foreign, *elsewhere)),
    }
    fields["asset"] = _agreed(fields["asset"], fields["coin"], fields["amount"])
    return CaseFields(fields, (*ids.remarks, *people.remarks, *_fiat_amounts(fields)))


def _sides(
    people: Accounts, register: Register, deposit: bool
) -> tuple[Sequence[Found], Sequence[Found]]:
    """The user's account and the destination. For a deposit, the destination is the user's account,
    and a gateway in its place takes the coins on another chain.
    """
    if not deposit:
        return people.own, people.destinations
    others = [f for f in people.destinations if register.by_account(f.value) is None]
    return (people.own, others) if people.own else (others, [])


def _by_chain(
    page: Page, destinations: Sequence[Found], named: Money, register: Register
) -> tuple[list[Found], list[Found]]:
    """Splits destinations into accounts on this chain and addresses on other chains.

    A name counts as an address on another chain if the words around it say so ("my EOS account"), or
    if the coin's own chain has similar names, because then the chain is ambiguous.
    """
    coins = {found.value for found in named.coins} | {
        coin_of(found.value) for found in named.assets if "." in found.value
    }
    here: list[Found] = []
    elsewhere: list[Found] = []
    for found in destinations:
        around = page.low[max(0, found.start - 24) : found.end + 32].partition("\n")[0]
        words = {word.upper() for word in _CHAIN_WORDS.pattern.findall(around)}
        said = bool(words & (known_coins() - {CORE}))
        alike = any(coin_addresses.valid(coin, found.value) for coin in coins)
        if register.by_account(found.value) is None and (said or alike):
            elsewhere.append(replace(found, confidence=Confidence.MEDIUM))
        else:
            here.append(found)
    return here, elsewhere


def _weighed(coins: Sequence[Found], claimed: Sequence[Found]) -> list[Found]:
    """Raises the confidence of a capitalised word beside the sent amount to that of a known coin."""
    return [
        replace(found, confidence=Confidence.HIGH)
        if found.confidence is Confidence.MEDIUM
        and any(0 <= found.start - amount.end <= 4 for amount in claimed)
        else found
        for found in coins
    ]


def _not_demanded(claimed: Sequence[Found], demanded: Sequence[tuple[int, int]]) -> list[Found]:
    return [
        replace(found, confidence=Confidence.LOW)
        if any(start <= found.start <= end + 2 for start, end in demanded)
        else found
        for found in claimed
    ]


def _agreed(asset: Field, coin: Field, amount: Field) -> Field:
    """The asset; not chosen if the text also names another coin and does not tie the amount to the
    asset.
    """
    meant = asset.meant
    others = {c.value for c in coin.candidates} - {coin_of(asset.value or "")}
    unit = amount.meant.unit if amount.meant else None
    if meant is None or not others or unit == asset.value:
        return asset
    return Field(None, None, asset.candidates)


def _symbols(register: Register) -> frozenset[str]:
    """Capitalised words that name money or gateways, and so cannot be account names."""
    listed = {coin.coin for gateway in register.gateways for coin in gateway.coins}
    keys = {gateway.key for gateway in register.gateways}
    return frozenset(keys | listed | known_coins())


def _fiat_amounts(fields: dict[str, Field]) -> list[Remark]:
    """Remarks on amounts in ordinary currency, unless the currency is the asset itself."""
    assets = {found.value for found in fields["asset"].candidates}
    return [
        Remark("fiat_amount", found.span)
        for name in ("amount", "received")
        for found in fields[name].candidates
        if found.unit in FIAT and found.unit not in assets
    ]
