"""Counts what a gateway did with withdrawals like one in question.

A register or a convention says what a gateway should do; these counts show what it did. Of
everybody's withdrawals to the same account that are like this one in some respect: how many
were settled or returned, before it and after it, and when last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from diag.domain.operations import Transfer
from diag.i18n import Text
from diag.words import filler


@dataclass(frozen=True, slots=True)
class Peer:
    """Anybody's withdrawal to the same account, and when the gateway settled or returned it."""

    sent: Transfer
    settled: datetime | None = None
    returned: datetime | None = None

    @property
    def answered(self) -> datetime | None:
        return self.settled or self.returned


Peers = Callable[[bool], Sequence[Peer]]
"""False → the peers in the same asset; True → those in every asset. Computed on the first call."""


def no_peers(every_asset: bool) -> Sequence[Peer]:
    """Return no peers: no withdrawals of others were read."""
    return ()


@dataclass(frozen=True, slots=True)
class Respect:
    """A respect in which a peer is compared with a withdrawal.

    words: complete "other withdrawals …" and, in Chinese, "…的其他提币".
    like: takes the peer's transfer, then the one in question.
    every_asset: compare with peers in every asset.
    """

    words: Text
    like: Callable[[Transfer, Transfer], bool]
    every_asset: bool = False


def _short(other: Transfer, this: Transfer) -> bool:
    if other.memo is None or this.memo is None:
        return False
    return other.memo.text is None and other.memo.most_bytes <= this.memo.most_bytes


def _same_key(other: Transfer, this: Transfer) -> bool:
    if other.memo is None or this.memo is None or other.memo.text is not None:
        return False
    return other.memo.recipient_key == this.memo.recipient_key


SAME_ASSET = Respect(
    filler("respect", "same_asset"),
    lambda other, this: True,
)
SAME_ACCOUNT = Respect(
    filler("respect", "same_account"), lambda other, this: True, every_asset=True
)
NO_MEMO = Respect(filler("respect", "no_memo"), lambda other, this: other.memo is None)
MEMO_KEY = Respect(
    filler("respect", "memo_key"),
    _same_key,
    every_asset=True,
)
MEMO_AS_SHORT = Respect(filler("respect", "memo_as_short"), _short)
AMOUNT_AS_SMALL = Respect(
    filler("respect", "amount_as_small"),
    lambda other, this: other.amount.base_units <= this.amount.base_units,
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the peers like a withdrawal; before and after say when they were sent.

    A peer is passed over if it is overdue and a later one in the same asset was settled.
    """

    settled_before: int = 0
    settled_after: int = 0
    returned_before: int = 0
    returned_after: int = 0
    passed_over_before: int = 0
    passed_over_after: int = 0
    last: datetime | None = None
    """When one of these peers was last settled or returned."""

    @property
    def settled(self) -> int:
        return self.settled_before + self.settled_after

    @property
    def returned(self) -> int:
        return self.returned_before + self.returned_after

    @property
    def passed_over(self) -> int:
        return self.passed_over_before + self.passed_over_after

    @property
    def refused(self) -> int:
        """How many peers were not served: returned or passed over."""
        return self.returned + self.passed_over


def compare(
    this: Transfer,
    peers: Iterable[Peer],
    respect: Respect,
    *,
    overdue_before: datetime,
    since: datetime | None = None,
) -> Comparison:
    """Count the peers that are like this withdrawal, without itself.

    overdue_before: unanswered peers sent before this time are overdue.
    since: count only peers answered, or sent without an answer, from this time on.
    """
    everybody = list(peers)
    newest = newest_settled(everybody)
    counts: Counter[tuple[str, bool]] = Counter()
    last = None
    for peer in everybody:
        moment = peer.answered or peer.sent.at
        if peer.sent.id == this.id or (since is not None and moment < since):
            continue
        fate = _fate(peer, newest, overdue_before) if respect.like(peer.sent, this) else None
        if fate is None:
            continue
        counts[fate, peer.sent.location.number > this.location.number] += 1
        if peer.answered:
            last = max(last or moment, moment)
    return Comparison(
        settled_before=counts["settled", False],
        settled_after=counts["settled", True],
        returned_before=counts["returned", False],
        returned_after=counts["returned", True],
        passed_over_before=counts["passed over", False],
        passed_over_after=counts["passed over", True],
        last=last,
    )


def _fate(peer: Peer, newest: Mapping[str, int], overdue_before: datetime) -> str | None:
    if peer.settled:
        return "settled"
    if peer.returned:
        return "returned"
    late = peer.sent.at < overdue_before
    return "passed over" if late and passed_over(peer.sent, newest) else None


def passed_over(sent: Transfer, newest: Mapping[str, int]) -> bool:
    """Return True if a later withdrawal of the same asset was settled; newest: from
    `newest_settled`.
    """
    return sent.location.number < newest.get(sent.amount.asset_id, -1)


def newest_settled(peers: Iterable[Peer]) -> dict[str, int]:
    """Return by asset id the operation number of the latest withdrawal that was settled."""
    newest: dict[str, int] = {}
    for peer in peers:
        if peer.settled:
            asset, number = peer.sent.amount.asset_id, peer.sent.location.number
            newest[asset] = max(newest.get(asset, -1), number)
    return newest
