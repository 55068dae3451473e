"""Whether something else that left the account may be the one that is asked about. Pure."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import combinations

from diag.diagnosis.resend_facts import PAID_SHARE, Question
from diag.domain.asset import CORE_SYMBOLS, Amount, Asset, alike, confusable
from diag.domain.operations import (
    ProposalCreated,
    ProposalUpdated,
    TimeLock,
    TimeLockRedeemed,
    Transfer,
    unfolded,
)
from diag.domain.outflows import paid, took_just
from diag.matching.claims import MOST_PARTS, NEAR, NEARLY, differing_claims


def no_other_candidate(q: Question) -> bool:
    if q.withdrawal is not None:
        evidence, memo = q.evidence, q.evidence.memo_text(q.withdrawal)
        return not differing_claims(
            evidence.case, q.withdrawal, memo=memo, in_parts=evidence.in_parts
        )
    return not (
        q.evidence.withdrawals
        or q.evidence.outside
        or _misnamed(q)
        or _of_unread_asset(q)
        or _proposed_for_another(q)
        or _locked_for_the_account(q)
        or _sent_in_parts(q)
    )


def _misnamed(q: Question) -> bool:
    """True if what left may be called by the name of another asset.

    It is just the amount, in whatever way it left about then; or about the amount, if others got it
    in the hours before, or by then if its asset is like-named. Where nobody named an amount, it is
    anything of a like-named asset that others got in the window; what was sent to a gateway
    of a coin that is taken for the one asked about (a network's coin and a token of it); or anything
    that was sent while the core asset is asked about, whose name many say of all that is on the
    chain.
    """
    evidence, case = q.evidence, q.evidence.case
    if case.amount is None:
        asset, core = case.asset or "", case.asset in CORE_SYMBOLS
        return any(
            core or (w.gateway and confusable(asset, w.amount.asset.symbol))
            for w in evidence.candidates
        ) or any(_like_named(q, amount) for amount in paid(evidence, case.start, case.end))
    before = paid(evidence, case.start - NEAR, q.start)
    by_then = paid(evidence, case.start - NEAR, case.end)
    return (
        any(took_just(evidence, case.amount, q.start, case.end + NEAR))
        or any(
            amount.value == case.amount
            or (amount.asset == q.asset and _near(case.amount, amount))
            for amount in before
        )
        or any(_like_named(q, amount) and _near(case.amount, amount) for amount in by_then)
    )


def _like_named(q: Question, amount: Amount) -> bool:
    """True for an amount of another asset that may be called by the name of the one in question."""
    asset = q.asset
    return (
        asset is not None and amount.asset != asset and alike(amount.asset.symbol, asset.symbol)
    )


def _of_unread_asset(q: Question) -> bool:
    """Return True if something was sent about then of an asset that was not read, and its digits are
    about those of the claimed amount, as its decimals are not known.
    """
    evidence, case, account = q.evidence, q.evidence.case, q.evidence.history.account
    sent = (
        evidence.history.amount(o.amount)
        for o in evidence.operations(case.start - NEAR, case.end + NEAR)
        if isinstance(o, Transfer | TimeLock)
        and account is not None
        and o.sender == account.id != o.recipient
    )
    unread = [amount for amount in sent if amount.asset.unread]
    if not case.amount:
        return bool(unread)
    claimed = _digits(case.amount)
    return any(abs(_digits(a.value) - claimed) <= claimed * NEARLY for a in unread)


def _digits(value: Decimal) -> Decimal:
    """Return the value with its point behind the first digit: 1.5 for 150."""
    return value.scaleb(-value.adjusted())


def _near(claimed: Decimal, amount: Amount) -> bool:
    return abs(amount.value - claimed) <= claimed * NEARLY


def _sent_in_parts(q: Question) -> bool:
    """True if a few payments of one asset about then make just the amount, or that and the fee."""
    evidence, asset, claimed = q.evidence, q.asset, q.evidence.case.amount
    if asset is None or claimed is None:
        return False
    fee = _fee(q, asset)
    sums = {claimed, claimed - fee, claimed + fee}
    sent: dict[str, list[Decimal]] = defaultdict(list)
    for amount in paid(evidence, evidence.case.start - NEAR, evidence.case.end + NEAR):
        sent[amount.asset.id].append(amount.value)
    return any(
        sum(parts) in sums
        for values in sent.values()
        for size in range(2, MOST_PARTS + 1)
        for parts in combinations(values[-MOST_PARTS:], size)
    )


def _fee(q: Question, asset: Asset) -> Decimal:
    """The published fee of a withdrawal of the asset; 0 where it is not known."""
    gateway = q.evidence.register.by_asset(asset.symbol)
    coin = gateway.coin(asset.symbol) if gateway else None
    terms = coin.terms_at(q.evidence.case.start) if coin else None
    return terms.fee if terms and terms.fee else Decimal(0)


def _proposed_for_another(q: Question) -> bool:
    """Return True if the account proposed or approved about then that another account sends about as
    much.
    """
    account, asset = q.evidence.history.account, q.asset
    if account is None or asset is None:
        return False
    least = 0 if q.base_units is None else q.base_units * PAID_SHARE
    case = q.evidence.case
    about_then = q.evidence.operations(case.start - NEAR, case.end + NEAR)
    approved = {
        o.proposal
        for o in about_then
        if isinstance(o, ProposalUpdated) and o.payer == account.id
    }
    return any(
        account.id not in (o.sender, o.recipient) and o.amount.base_units >= least
        for made in about_then
        if isinstance(made, ProposalCreated)
        and (made.proposer == account.id or made.proposal in approved)
        for o in unfolded(made.inner)
        if isinstance(o, Transfer) and o.amount.asset_id == asset.id
    )


def _locked_for_the_account(q: Question) -> bool:
    """Return True if others locked just the amount for the account about then, and it was redeemed
    or still may be: whoever is to get it may ask.
    """
    evidence, account, claimed = q.evidence, q.evidence.history.account, q.evidence.case.amount
    log = evidence.history.log.operations
    redeemed = {o.lock for o in log if isinstance(o, TimeLockRedeemed)}
    return account is not None and any(
        isinstance(o, TimeLock)
        and o.recipient == account.id != o.sender
        and evidence.history.amount(o.amount).value == claimed
        and (o.lock in redeemed or o.expires > evidence.now)
        for o in evidence.operations(evidence.case.start - NEAR, evidence.case.end)
    )
