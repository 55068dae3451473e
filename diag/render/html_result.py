"""View model of a diagnosis for the panel: headline, next step, path, choices, collapsed sections."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from diag.diagnosis.engine import Diagnosis
from diag.domain.comparable import Peer
from diag.domain.evidence_items import gateway_name
from diag.domain.withdrawal import Withdrawal
from diag.render import markdown
from diag.render.chart import Series, Served, Waiting, chart
from diag.render.contact import leading
from diag.render.formatting import typeset
from diag.render.html_choice import choices, near
from diag.render.html_labels import FIELDS
from diag.render.html_steps import is_link, request, steps
from diag.render.html_verdict import Reading, head, stops
from diag.render.html_words import WORDS
from diag.render.json_document import document
from diag.render.labels import observed
from diag.render.options import View
from diag.render.zones import Clock

MINI_CHART = timedelta(hours=12)
"""The small chart begins at least this long before the withdrawal."""


def result(
    diagnosis: Diagnosis, view: View, *, page: int = 1, only: str | None = None
) -> dict[str, Any]:
    """Everything that the templates show of a diagnosis."""
    shown = document(diagnosis, view)
    evidence = diagnosis.evidence
    clock = Clock(evidence.case.zone, evidence.now, view.lang)
    meant = leading(diagnosis)
    one = Reading(diagnosis.verdict, meant, clock)
    asked = case_as_form(shown["case"])
    return {
        "d": shown,
        "asked": asked,
        "clock": clock,
        "stamp_words": lambda stamp: clock.short(datetime.fromisoformat(stamp)),
        "lead": one,
        "head": head(diagnosis, one, clock),
        "stops": stops(diagnosis, shown, meant, clock),
        "steps": list(steps(diagnosis, one, clock)),
        "choice": choices(diagnosis, shown, asked, clock, page, only),
        "near": near(shown, asked),
        "plot": _mini(meant, evidence.now, clock),
        "gateway_page": meant.gateway.key if meant and meant.gateway else None,
        "request": request(diagnosis, meant),
        "evidence": [_evidence(item, clock) for item in shown["verdict"]["evidence"]],
        "timeline": _timeline(shown, clock),
        "reference": diagnosis.reference,
        "raw": json.dumps(shown, ensure_ascii=False, indent=1),
        "report": markdown.render(diagnosis, view),
    }


def case_as_form(case: Mapping[str, Any]) -> dict[str, str]:
    """The fields that repeat the question of a diagnosis."""
    return {name: case[name] for name in FIELDS if case.get(name) is not None}


def _mini(meant: Withdrawal | None, now: datetime, clock: Clock) -> dict[str, Any] | None:
    """The small chart of all users' withdrawals around this one."""
    if meant is None or meant.gateway is None or meant.statistics is None:
        return None
    seen = meant.statistics
    traceable = meant.gateway.settlement.traceable(seen.settled, seen.waiting)
    if not traceable or meant.patience is None:
        return None
    peers = meant.statistics.peers(False)
    series = _series(peers, meant, now)
    series = series.since(max(series.start, meant.at - MINI_CHART))
    if not series.served and len(series.waiting) < 2:
        return None
    facts = {"gateway": gateway_name(meant), "count": meant.statistics.served_later}
    words, lang = WORDS["chart"], clock.lang
    skipped = meant.open and meant.statistics.served_later > 0
    return chart(series, clock, lang, 140, "mini") | {
        "heading": typeset(words["mini"].say(lang, facts), lang),
        "all_of": typeset(words["all_of"].say(lang, facts), lang),
        "finding": typeset(words["passed_over"].say(lang, facts), lang) if skipped else "",
    }


def _series(peers: Sequence[Peer], meant: Withdrawal, now: datetime) -> Series:
    allowed = meant.patience.overdue if meant.patience else timedelta()
    others = [peer for peer in peers if peer.sent.id != meant.id]
    mine: Served | Waiting | None = None
    if meant.settled is not None:
        mine = Served(meant.at, meant.settled.operation.at - meant.at)
    elif meant.open:
        mine = Waiting(meant.at, now - meant.at > allowed)
    return Series(
        meant.amount.asset.symbol,
        min([meant.at, *(peer.sent.at for peer in others)]),
        now,
        tuple(
            Served(p.sent.at, p.settled - p.sent.at) for p in others if p.settled is not None
        ),
        tuple(
            Waiting(p.sent.at, now - p.sent.at > allowed) for p in others if p.answered is None
        ),
        mine,
    )


def _evidence(item: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
    """An evidence item, with times in the zone of the page and its proof in words."""
    return {
        **item,
        "claim": clock.in_text(item["claim"][clock.lang]),
        "observed": item["observed"] and observed(item["observed"], clock.lang),
        "time": item["time"] and clock.full(datetime.fromisoformat(item["time"])),
        "links": [link for link in item["links"] if is_link(link)],
    }


def _timeline(document: Mapping[str, Any], clock: Clock) -> list[dict[str, Any]]:
    return [
        {
            "stamp": event["time"],
            "time": clock.full(datetime.fromisoformat(event["time"])),
            "what": clock.in_text(event["what"][clock.lang]),
            "id": event["id"],
        }
        for event in document["verdict"]["timeline"]
    ]
