"""View model of a batch of tickets: groups by cause and urgency, replies, and files to download."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from diag.domain.gateway import Gateway
from diag.errors import DiagError
from diag.i18n import LANGUAGES
from diag.render.durations import duration
from diag.render.formatting import typeset
from diag.render.html_result import case_as_form
from diag.render.html_steps import is_link
from diag.render.html_verdict import TONES, Reading
from diag.render.html_words import WORDS
from diag.render.json_document import case as case_document
from diag.render.labels import next_step
from diag.render.zones import Clock
from diag.triage import messages, workbook
from diag.triage.groups import Group, Member, Summary
from diag.triage.result import RowResult
from diag.triage.writers import neutral, reason

SHOWN = 20
"""The most rows of a group that are shown at once."""
_WORDS = WORDS["tickets"]


def view(found: Summary, done: Sequence[RowResult], clock: Clock) -> dict[str, Any]:
    """Everything that the page shows of a batch."""
    groups = [_group(group, number, clock) for number, group in enumerate(found.groups)]
    groups.sort(key=lambda group: TONES.index(group["tone"]))
    problems = [_problem(one, clock.lang) for one in found.problems]
    table = [_titles(clock.lang), *_table(done, clock)]
    answered = sum(group["count"] for group in groups if group["mass"])
    lang = clock.lang
    return {
        "sum": typeset(
            _WORDS["sum"].say(
                lang,
                {
                    "answered": answered,
                    "replies": sum(bool(group["mass"]) for group in groups),
                    "alone": found.rows - len(problems) - answered,
                    "problems": len(problems),
                },
            ),
            lang,
        ),
        "all": found.rows,
        "groups": groups,
        "tones": _tones(groups, lang),
        "gateways": _gateways(groups),
        "problems": problems,
        "csv": data_url("text/csv;charset=utf-8", as_csv(table)),
        "xlsx": data_url(workbook.MEDIA_TYPE, workbook.as_xlsx(table)),
    }


def data_url(kind: str, content: bytes) -> str:
    """A file as a data URL, because nothing of a batch is stored on the server."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def as_csv(table: Sequence[Sequence[object]]) -> bytes:
    """A table as CSV with a byte order mark, by which spreadsheets recognise UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([neutral(cell) for cell in row] for row in table)
    return ("\ufeff" + text.getvalue()).encode()


def _tones(groups: Sequence[dict[str, Any]], lang: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for group in groups:
        one = found.setdefault(group["tone"], {"key": group["tone"], "words": "", "count": 0})
        one["count"] += group["count"]
        one["words"] = WORDS["tones"][group["tone"]].say(lang)
    return list(found.values())


def _gateways(groups: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, int] = {}
    for group in groups:
        if group["gateway"]:
            found[group["gateway"]] = found.get(group["gateway"], 0) + group["count"]
    return [{"key": name, "count": count} for name, count in found.items()]


def _group(group: Group, number: int, clock: Clock) -> dict[str, Any]:
    lang = clock.lang
    first = group.first
    lead = Reading(first.verdict, first.withdrawal, clock)
    mass = messages.mass_reply(group)
    rows = [_row(member, clock) for member in group.members]
    replies = [[_title(name, lang) for name in ("ticket", "account", "reply")]]
    replies += [[row["ticket"], row["account"], row["reply"][row["lang"]]] for row in rows]
    gateway = first.withdrawal.gateway if first.withdrawal else None
    oldest = group.oldest
    return {
        "id": f"group-{number}",
        "tone": lead.tone,
        "badge": lead.badge,
        "title": lead.title,
        "where": "、".join(_where(group)) if lang == "zh" else ", ".join(_where(group)),
        "oldest": clock.short(oldest) if oldest else "",
        "late": duration(lead.late, lang) if lead.late is not None else "",
        "count": len(rows),
        "gateway": first.gateway,
        "mass": mass,
        "one_by_one": messages.ONE_BY_ONE.say(lang),
        "what": typeset(next_step(first.verdict).say(lang), lang),
        "channels": _channels(gateway),
        "gateway_name": first.gateway_name,
        "rows": rows,
        "shown": SHOWN,
        "csv": data_url("text/csv;charset=utf-8", as_csv(replies)),
    }


def _where(group: Group) -> list[str]:
    return [part for part in (group.first.gateway_name, group.first.asset) if part]


def _channels(gateway: Gateway | None) -> list[tuple[str, bool]]:
    return [(channel, is_link(channel)) for channel in gateway.support] if gateway else []


def _row(member: Member, clock: Clock) -> dict[str, Any]:
    row, answer = member
    lang, words = clock.lang, _WORDS
    lead = Reading(answer.verdict, answer.withdrawal, clock)
    moved = answer.withdrawal
    remarks = [words["exposed"].say(lang)] if row.exposed else []
    asked = case_as_form(case_document(answer.case))
    if moved is not None and "operation" not in asked:
        asked["operation"] = moved.id
    return {
        "ticket": row.ticket or words["row"].say(lang, {"row": row.number}),
        "account": answer.case.account,
        "amount": str(moved.amount) if moved else "",
        "sent": clock.short(moved.at) if moved else "",
        "waited": duration(lead.age, lang) if lead.waits else "",
        "late": lead.late is not None,
        "remark": "; ".join(remarks),
        "reply": answer.reply,
        "lang": row.lang if row.lang in LANGUAGES else lang,
        "asked": asked,
    }


def _problem(done: RowResult, lang: str) -> dict[str, str]:
    error = done.error or DiagError()
    return {
        "ticket": done.row.ticket or _WORDS["row"].say(lang, {"row": done.row.number}),
        "why": reason(error, lang),
    }


# --- the table to keep ------------------------------------------------------------------------

_COLUMNS = tuple(WORDS["columns"])


def _title(name: str, lang: str) -> str:
    return WORDS["columns"][name].say(lang)


def _titles(lang: str) -> list[str]:
    return [_title(name, lang) for name in _COLUMNS]


def _table(done: Sequence[RowResult], clock: Clock) -> Iterator[list[str]]:
    """A row per ticket, in the order of the file, with labels instead of codes."""
    lang = clock.lang
    for one in sorted(done, key=lambda d: d.row.number):
        answer = one.diagnosis
        if answer is None:
            found = _problem(one, lang)
            empty = [""] * (len(_COLUMNS) - 2)
            yield [found["ticket"], *empty, found["why"]]
            continue
        lead = Reading(answer.verdict, answer.withdrawal, clock)
        row = _row((one.row, answer), clock)
        moved = answer.withdrawal
        left_out = [messages.left_out(cell, lang) for cell in one.left_out]
        yield [
            row["ticket"],
            row["account"],
            lead.badge,
            lead.title,
            answer.gateway_name or "",
            row["amount"],
            clock.full(moved.at) if moved else "",
            row["waited"],
            typeset(next_step(answer.verdict).say(lang), lang),
            answer.reply[row["lang"]],
            answer.id[:10],
            " ".join([row["remark"], *left_out]).strip(),
        ]
