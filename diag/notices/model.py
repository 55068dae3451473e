"""A notice: a fact that the operator knows and the chain does not show, valid for a period."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from diag.domain.period import Period
from diag.domain.vocabulary import Severity
from diag.i18n import Text


class NoticeKind(StrEnum):
    """What a notice is about, in the order in which notices of equal severity are shown."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    HOLIDAY = "holiday"
    SCAM_WARNING = "scam_warning"
    CHANNELS = "channels"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice; without gateway, asset and codes it applies to every case.

    A notice explains a verdict and never changes it; checks do not see notices.
    """

    id: str
    kind: NoticeKind
    period: Period
    text: Text
    gateway: str | None = None
    """Key in the register."""
    asset: str | None = None
    codes: frozenset[str] = frozenset()
    """The verdicts with which it is shown; empty means all."""
    expected_repair: datetime | None = None
    severity: Severity = Severity.NOTICE
    channels: tuple[str, ...] = ()
    """Official contacts of the gateway."""

    def applies_to(
        self, at: datetime, gateway: str | None, asset: str | None, code: str | None
    ) -> bool:
        """True if the notice is in force at a time and for this gateway, asset and verdict."""
        return (
            self.period.covers(at)
            and self.gateway in (None, gateway)
            and self.asset in (None, asset)
            and (not self.codes or code in self.codes)
        )


def notices_in_force(
    notices: Iterable[Notice], at: datetime, gateway: str | None = None
) -> tuple[Notice, ...]:
    """The notices in force at a time, most severe first; optionally only those for one gateway.

    Notices without a gateway apply to every gateway.
    """
    found = (n for n in notices if n.period.covers(at))
    return by_severity(n for n in found if gateway is None or n.gateway in (None, gateway))


def by_severity(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Sort notices: most severe first, then by kind, then by id."""
    return tuple(sorted(notices, key=_sort_key))


def _sort_key(notice: Notice) -> tuple[int, int, str]:
    kinds, severities = list(NoticeKind), list(Severity)
    return -severities.index(notice.severity), kinds.index(notice.kind), notice.id


def digest(notices: Iterable[Notice]) -> str:
    """Eight hex digits that change whenever one of the notices changes."""
    content = [{**asdict(n), "codes": sorted(n.codes)} for n in notices]
    canonical = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]
