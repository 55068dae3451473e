"""View models of choices: several withdrawals, or accounts with similar names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from diag.diagnosis.engine import Diagnosis
from diag.render.durations import duration
from diag.render.formatting import typeset
from diag.render.html_labels import CLAIMS, KINDS
from diag.render.html_verdict import TONES, Reading, short_amount
from diag.render.html_words import WORDS
from diag.render.zones import Clock

PER_PAGE = 10


def choices(
    diagnosis: Diagnosis,
    document: Mapping[str, Any],
    fields: Mapping[str, str],
    clock: Clock,
    page: int,
    only: str | None,
) -> dict[str, Any] | None:
    """The withdrawals to choose from: worst first, then newest, grouped, and paged."""
    listed = document["withdrawals"] if len(document["withdrawals"]) > 1 else []
    others = [c for c in document["candidates"] if c["kind"] != "near_name"]
    if not listed and not others:
        return None
    by_id = {w.id: Reading(v, w, clock) for w, v in diagnosis.withdrawals}
    rows = [_row(row, fields, clock, by_id.get(row["operation"])) for row in (*listed, *others)]
    rows.sort(key=lambda row: (row["rank"], -row["at"].timestamp()))
    names = dict.fromkeys(row["gateway"] for row in rows)
    filters = [
        {"key": name or "-", "count": sum(row["gateway"] == name for row in rows)}
        for name in names
    ]
    if only is not None:
        rows = [row for row in rows if (row["gateway"] or "-") == only]
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(max(1, page), pages)
    kept = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    groups: list[dict[str, Any]] = []
    for row in kept:
        if not groups or groups[-1]["words"] != row["badge"]:
            count = sum(other["badge"] == row["badge"] for other in rows)
            groups.append(
                {"words": row["badge"], "tone": row["tone"], "count": count, "rows": []}
            )
        groups[-1]["rows"].append(row)
    return {
        "count": len(listed),
        "groups": groups,
        "filters": filters if len(filters) > 1 else [],
        "only": only,
        "total": sum(one["count"] for one in filters),
        "page": page,
        "pages": pages,
    }


def _row(
    found: Mapping[str, Any], fields: Mapping[str, str], clock: Clock, one: Reading | None
) -> dict[str, Any]:
    """A row to choose; one is None for a movement without a verdict of its own."""
    lang = clock.lang
    at = datetime.fromisoformat(found["time"])
    remark = one.title if one else ""
    if one and one.late is not None:
        facts = {"age": duration(one.age, lang), "late": duration(one.late, lang)}
        remark = WORDS["verdict"]["waited_late"].say(lang, facts)
    return {
        "rank": TONES.index(one.tone) if one else len(TONES),
        "tone": one.tone if one else "plain",
        "badge": one.badge if one else KINDS[found["kind"]].say(lang),
        "at": at,
        "time": clock.short(at),
        "amount": f"{short_amount(found['amount'])} {found['asset']}",
        "to": found["gateway"] or found["to"],
        "gateway": found["gateway"],
        "remark": typeset(remark, lang),
        "operation": found["operation"],
        "pick": picked(fields, found),
    }


def near(document: Mapping[str, Any], fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """Accounts with a similar name, each with the question about it, without the claims."""
    return [
        {"name": c["account"], "pick": picked(fields, c)}
        for c in document["candidates"]
        if c["kind"] == "near_name"
    ]


def picked(case: Mapping[str, str], candidate: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the question about this candidate: its account, or its operation and time.

    The user's claims about another withdrawal are left out.
    """
    kept = {name: value for name, value in case.items() if name not in CLAIMS}
    if candidate.get("kind") == "near_name":
        return {**kept, "account": candidate["account"]}
    return {
        **kept,
        "from": min(case["from"], candidate["time"]),
        "to": max(case["to"], candidate["time"]),
        "operation": candidate["operation"],
    }
