"""From records to withdrawals and their answers, and how the gateway treated everybody. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from diag.evidence import (
    ENOUGH_SETTLED,
    ESCALATE,
    LEAST_PATIENCE,
    OVERDUE,
    USUAL,
    AnswerKind,
    Case,
    Cohort,
    Evidence,
    History,
    Log,
    Patience,
    Sent,
    Withdrawal,
)
from diag.gateways import Coin, Deposits, Gateway, GatewayAccount, Register, Role, Settlement
from diag.matching import Match, match
from diag.records import (
    CORE_ASSET,
    Amount,
    Burn,
    Issue,
    Operation,
    ProposalCreated,
    TimeLock,
    Transfer,
)


def trace(case: Case, history: History, register: Register) -> Evidence:
    """Everything the checks may look at, for a case and what the chain showed about it."""
    window_end = min(case.end, history.as_of.time)
    complete = history.log.complete(case.start, window_end) and not any(
        gap.code == gap.HEAD and history.as_of.time < case.end for gap in history.gaps
    )
    evidence = Evidence(case=case, history=history, register=register, complete=complete)
    if history.account is None:
        return evidence
    moves = [_withdrawal(sent, history, register) for sent in _outgoing(history)]
    inside = _answered([w for w in moves if case.start <= w.at <= case.end], history)
    outside = [w for w in moves if not case.start <= w.at <= case.end]
    meant = _meant(case, inside)
    chosen = {w.id for w in meant}
    return replace(
        evidence,
        withdrawals=tuple(meant),
        candidates=tuple(w for w in inside if w.id not in chosen),
        outside=tuple(w for w in outside if _fits(case, w)),
    )


# --- withdrawals --------------------------------------------------------------------------


def _outgoing(history: History) -> list[Sent]:
    """What took, or would take, the account's coins to somebody else, in chain order."""
    assert history.account is not None
    own = history.account.id
    found: list[Sent] = []
    named = [o for o in (history.claimed_operation,) if o and o not in history.log.operations]
    for operation in (*named, *history.log.operations):
        match operation:
            case Transfer() | TimeLock():
                if operation.sender == own != operation.recipient:
                    found.append(operation)
            case ProposalCreated():
                if _proposed(operation, own):
                    found.append(operation)
    carried_out = _executed(found)
    return [sent for sent in found if sent.id not in carried_out]


def _proposed(proposal: ProposalCreated, own: str) -> Transfer | None:
    """The transfer of the account's coins that a proposal holds."""
    inner = (o for o in proposal.inner if isinstance(o, Transfer))
    return next((o for o in inner if o.sender == own != o.recipient), None)


def _executed(found: Sequence[Sent]) -> set[str]:
    """The proposals whose transfer was carried out: then the transfer itself is listed.

    Of proposals alike, each transfer carries out one, the oldest first.
    """
    proposals = [sent for sent in found if isinstance(sent, ProposalCreated)]
    done: set[str] = set()
    for transfer in found:
        if not isinstance(transfer, Transfer) or not transfer.place.virtual:
            continue
        fitting = (p.id for p in proposals if p.id not in done and _carries_out(transfer, p))
        done.update([next(fitting, "")])
    return done


def _carries_out(transfer: Transfer, proposal: ProposalCreated) -> bool:
    latest = proposal.expires + timedelta(minutes=1)
    inner = (o for o in proposal.inner if isinstance(o, Transfer))
    return proposal.at <= transfer.at <= latest and any(_same(transfer, o) for o in inner)


def _same(done: Transfer, planned: Transfer) -> bool:
    mine = (done.sender, done.recipient, done.amount.units, done.amount.asset.id, done.memo)
    theirs = (planned.sender, planned.recipient, planned.amount.units, planned.amount.asset.id)
    return mine == (*theirs, planned.memo)


def planned(sent: Sent, own: str) -> Transfer | TimeLock:
    """The movement itself: of a proposal the transfer inside it."""
    if not isinstance(sent, ProposalCreated):
        return sent
    found = _proposed(sent, own)
    assert found is not None
    return found


def _withdrawal(sent: Sent, history: History, register: Register) -> Withdrawal:
    assert history.account is not None
    move = planned(sent, history.account.id)
    known = history.accounts.get(move.recipient)
    name = known.name if known else move.recipient
    symbol = move.amount.asset.symbol
    gateway = None if isinstance(move, TimeLock) else register.by_account(name)
    if gateway is None and isinstance(move, Transfer) and _to_issuer(move):
        gateway = _unregistered(name, symbol)
    coin = gateway.coin(symbol) if gateway else None
    size = history.group_sizes.get(sent.id)
    return Withdrawal(
        sent=sent,
        recipient=name,
        amount=move.amount,
        gateway=gateway,
        coin=coin,
        terms=coin.terms_at(sent.at) if coin else None,
        transaction=history.transactions.get(sent.id),
        alone=size is None or size == 1,
    )


def _to_issuer(move: Transfer) -> bool:
    """Coins sent to who issues them: a gateway, even if no register knows it."""
    asset = move.amount.asset
    return asset.id != CORE_ASSET and not asset.market_issued and asset.issuer == move.recipient


def _unregistered(name: str, symbol: str) -> Gateway:
    prefix = symbol.partition(".")[0]
    account = GatewayAccount(name, Role.WITHDRAWAL)
    coin = Coin(coin=symbol.rpartition(".")[2], asset=symbol)
    return Gateway(key="", name=name, prefixes=(prefix,), accounts=(account,), coins=(coin,))


# --- what the case means --------------------------------------------------------------------


def _meant(case: Case, inside: Sequence[Withdrawal]) -> list[Withdrawal]:
    """Those that the claims point at; without a claim those to gateways, else all."""
    fitting = [w for w in inside if _fits(case, w, amount=False)]
    if case.amount is not None:
        fitting = _by_amount(fitting, case.amount)
    to_gateways = [w for w in fitting if w.gateway and not isinstance(w.sent, ProposalCreated)]
    if case.destination or case.operation or case.transaction:
        return fitting
    proposals = [w for w in fitting if isinstance(w.sent, ProposalCreated) and w.gateway]
    return [w for w in fitting if w in to_gateways or w in proposals] or fitting


def _by_amount(fitting: Sequence[Withdrawal], claimed: Decimal) -> list[Withdrawal]:
    """Exactly the claimed amount if any; else the amount with the fee on top or off; else all."""
    exact = [w for w in fitting if w.amount.value == claimed]
    if exact:
        return exact
    with_fee = [
        w for w in fitting if abs(w.amount.value - claimed) == (w.terms and w.terms.fee)
    ]
    return with_fee or list(fitting)


def _fits(case: Case, withdrawal: Withdrawal, *, amount: bool = True) -> bool:
    """True if no claim of the case speaks against it."""
    sent = withdrawal.sent
    places = {withdrawal.recipient, getattr(sent, "recipient", withdrawal.recipient)}
    return (
        (case.asset is None or withdrawal.amount.asset.symbol == case.asset)
        and (not amount or case.amount is None or withdrawal.amount.value == case.amount)
        and (case.destination is None or case.destination in places)
        and (case.operation is None or sent.id == case.operation)
        and (case.transaction is None or withdrawal.transaction == case.transaction)
    )


# --- answers --------------------------------------------------------------------------------


def _answered(moves: Sequence[Withdrawal], history: History) -> list[Withdrawal]:
    """The withdrawals with their answers, cohort and patience."""
    matches: dict[tuple[str, str], tuple[Match, list[Transfer], bool]] = {}
    found = []
    for w in moves:
        if w.gateway is None or not isinstance(w.sent, Transfer):
            found.append(w)
            continue
        key = (w.sent.recipient, w.amount.asset.id)
        if key not in matches:
            matches[key] = _match(w, history)
        matched, everybody, complete = matches[key]
        found.append(_with_answers(w, matched, everybody, complete, history.as_of.time))
    return found


def _match(w: Withdrawal, history: History) -> tuple[Match, list[Transfer], bool]:
    """Everything of the asset at the account that this withdrawal went to, matched."""
    assert w.gateway is not None and isinstance(w.sent, Transfer)
    names = {a.name for a in w.gateway.accounts} | w.gateway.account_ids
    own = {i for i, a in history.accounts.items() if a.name in names or i in names}
    own |= {w.sent.recipient}
    logs = [history.gateway_logs.get(i, Log()) for i in sorted(own)]
    seen = {o.id: o for log in [history.log, *logs] for o in log.operations}
    here = [o for o in seen.values() if _asset(o) == w.amount.asset.id]
    sent = [o for o in here if isinstance(o, Transfer)]
    everybody = [o for o in sent if o.recipient == w.sent.recipient and o.sender not in own]
    backs: list[Transfer | Issue] = [
        o for o in sent if o.sender in own and o.recipient not in own
    ]
    backs += [o for o in here if isinstance(o, Issue) and o.recipient not in own]
    fee = w.terms.fee if w.terms and w.terms.fee else Decimal(0)
    result = match(
        everybody,
        [o for o in here if isinstance(o, Burn) and o.payer in own],
        backs,
        fee_units=w.amount.asset.units(fee) or 0,
        partial_returns=_credits_by_issue(w.gateway),
    )
    log = history.gateway_logs.get(w.sent.recipient, Log())
    return result, everybody, log.complete(w.at, history.as_of.time)


def _credits_by_issue(gateway: Gateway) -> bool:
    """True if a transfer from the gateway's wallet is not how it credits deposits."""
    if gateway.deposits is not None:
        return gateway.deposits is Deposits.ISSUE
    return gateway.settlement in (Settlement.BURN_EACH, Settlement.BURN_BATCH)


def _asset(operation: Operation) -> str | None:
    amount = getattr(operation, "amount", None)
    return amount.asset.id if isinstance(amount, Amount) else None


def _with_answers(
    w: Withdrawal, matched: Match, everybody: Sequence[Transfer], complete: bool, now: datetime
) -> Withdrawal:
    answers = matched.answers.get(w.id, ())
    unexplained = tuple(
        burn.id
        for burn in matched.unexplained
        if burn.place.number > w.sent.place.number and burn.amount.units >= w.amount.units
    )
    cohort, patience = _cohort(w, matched, everybody, now)
    return replace(
        w,
        answers=answers,
        ambiguous=matched.rivals.get(w.id, ()),
        unexplained=() if answers else unexplained,
        cohort=replace(cohort, complete=complete),
        patience=patience,
    )


def _cohort(
    w: Withdrawal, matched: Match, everybody: Sequence[Transfer], now: datetime
) -> tuple[Cohort, Patience]:
    """How the others fared, and how long this gateway may therefore take."""
    times: list[timedelta] = []
    last: datetime | None = None
    returned = later = 0
    waiting = []
    for sent in everybody:
        answers = matched.answers[sent.id]
        burn = next((a.operation for a in answers if a.kind is not AnswerKind.RETURN), None)
        if burn is not None:
            times.append(burn.at - sent.at)
            last = max(last or burn.at, burn.at)
            later += sent.at > w.at
        elif answers:
            returned += 1
        else:
            waiting.append(sent)
    times.sort()
    patience = _patience(w.gateway, times)
    cohort = Cohort(
        settled=len(times),
        returned=returned,
        usual=percentile(times, 50),
        slow=percentile(times, 95),
        last_settlement=last,
        waiting=len(waiting),
        overdue=sum(now - sent.at > patience.overdue for sent in waiting),
        oldest_waiting=min((sent.at for sent in waiting), default=None),
        served_later=later,
    )
    return cohort, patience


def percentile(ordered: Sequence[timedelta], percent: int) -> timedelta | None:
    """The nearest-rank percentile of ordered times."""
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _patience(gateway: Gateway | None, times: Sequence[timedelta]) -> Patience:
    """Observed times if there are enough, else the register's, else the defaults."""
    escalate = (gateway and gateway.escalate) or ESCALATE
    slow = percentile(times, 95)
    if slow is not None and len(times) >= ENOUGH_SETTLED:
        return Patience(slow, max(2 * slow, LEAST_PATIENCE), escalate, "observed")
    if gateway and gateway.usual:
        overdue = gateway.overdue or max(OVERDUE, 2 * gateway.usual)
        return Patience(gateway.usual, overdue, escalate, "register")
    return Patience(USUAL, (gateway and gateway.overdue) or OVERDUE, escalate, "default")
