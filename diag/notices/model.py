"""A notice: what the operator knows and the chain does not show, from when until when."""

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
    """What a notice is about; of several that apply, the first of these is said first."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    HOLIDAY = "holiday"
    SCAM_WARNING = "scam_warning"
    CHANNELS = "channels"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. Without a gateway, asset or codes it is for every case.

    It explains; it never decides: no check sees it.
    """

    id: str
    kind: NoticeKind
    period: Period
    text: Text
    gateway: str | None = None
    """Key in the register."""
    asset: str | None = None
    codes: frozenset[str] = frozenset()
    """Only with one of these verdicts."""
    expected_repair: datetime | None = None
    severity: Severity = Severity.NOTICE
    channels: tuple[str, ...] = ()
    """Where the gateway can really be reached."""

    def applies(
        self, at: datetime, gateway: str | None, asset: str | None, code: str | None
    ) -> bool:
        """True if it is in force then and for that gateway, asset and verdict."""
        return (
            self.period.covers(at)
            and self.gateway in (None, gateway)
            and self.asset in (None, asset)
            and (not self.codes or code in self.codes)
        )


def current(
    notices: Iterable[Notice], at: datetime, gateway: str | None = None
) -> tuple[Notice, ...]:
    """Those in force at a time, the most severe first; with a gateway, its own and the general."""
    found = (n for n in notices if n.period.covers(at))
    return in_order(n for n in found if gateway is None or n.gateway in (None, gateway))


def in_order(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """The most severe first, then by kind, then by id."""
    return tuple(sorted(notices, key=_rank))


def _rank(notice: Notice) -> tuple[int, int, str]:
    kinds, severities = list(NoticeKind), list(Severity)
    return -severities.index(notice.severity), kinds.index(notice.kind), notice.id


def digest(notices: Iterable[Notice]) -> str:
    """Eight characters that change whenever one of these notices does."""
    content = [{**asdict(n), "codes": sorted(n.codes)} for n in notices]
    canonical = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]
