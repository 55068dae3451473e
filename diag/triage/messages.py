"""The texts of a triage: a title and a reply for each group, incidents, and how cells were read. Pure."""

from __future__ import annotations

from diag.i18n import LANGUAGES, Text
from diag.render.formatting import moment
from diag.render.input_readings import field_label
from diag.render.user_reply import GRADES, REFERENCE, SAFETY
from diag.triage.columns import LeftOut
from diag.triage.groups import Group, Incident

REFERENCE_PLACE = "{ref}"
"""The mark in a mass reply that is replaced by each ticket's reference."""


def title(group: Group) -> dict[str, str]:
    """The title of a group, in one line: cause, gateway and asset."""
    first = group.first
    parts = [part for part in (first.gateway_name, first.asset) if part]
    where = Text.literal("、".join(parts), ", ".join(parts)) if parts else _NO_PLACE
    facts = {
        "title": group.rule.title,
        "where": where,
        "count": len(group.members),
    }
    return (_TITLE if len(group.members) != 1 else _TITLE_OF_ONE).as_dict(facts)


_TITLE = Text(zh="{title}：{where}，{count} 张工单", en="{title}: {where}, {count} tickets")
_TITLE_OF_ONE = Text(zh="{title}：{where}，1 张工单", en="{title}: {where}, 1 ticket")
_NO_PLACE = Text(zh="无网关", en="no gateway")


def mass_reply(group: Group) -> dict[str, str] | None:
    """A reply that suits every ticket of a group; None where each needs its own.

    It holds nothing personal; `{ref}` marks the place of each ticket's reference.
    """
    mass = group.rule.mass
    if mass is None:
        return None
    facts = {"gateway": group.first.gateway_name or "", "asset": group.first.asset or ""}
    return {lang: _mass_reply_in(group, mass, facts, lang) for lang in LANGUAGES}


def _mass_reply_in(group: Group, mass: Text, facts: dict[str, str], lang: str) -> str:
    parts = [
        GRADES[group.confidence].say(lang) + mass.say(lang, facts),
        REFERENCE.say(lang, {"ref": REFERENCE_PLACE}),
        SAFETY.say(lang),
    ]
    return ("" if lang == "zh" else " ").join(parts)


ONE_BY_ONE = Text(
    zh="各人情况不同，请用每行自己的回复逐一答复。",
    en="Each of them is different: answer one by one, with the reply of each row.",
)


def left_out(found: LeftOut, lang: str) -> str:
    """Names a cell that was not used, and the reason."""
    facts = {
        "field": field_label(found.field, lang),
        "given": found.given,
        "why": found.text.say(lang),
    }
    return _LEFT_OUT.say(lang, facts)


_LEFT_OUT = Text(zh="{field}“{given}”未采用：{why}", en="{field} “{given}” was not used: {why}")


def incident(found: Incident) -> dict[str, str]:
    """Describes a gateway that serves nobody: its tickets, and its statistics on the chain."""
    return {lang: _incident(found, lang) for lang in LANGUAGES}


def _incident(found: Incident, lang: str) -> str:
    facts = {"name": found.name, "tickets": found.tickets, "answered": found.answered}
    head = _INCIDENT.say(lang, facts)
    lines = [
        (_SINCE if still.since else _NEVER).say(
            lang,
            {
                "asset": still.asset,
                "since": moment(still.since, lang) if still.since else "",
                "waiting": still.waiting,
                "overdue": still.overdue,
            },
        )
        for still in found.assets
    ]
    between = "；" if lang == "zh" else "; "
    return head + between.join(lines) + ("。" if lang == "zh" else ".")


_INCIDENT = Text(
    zh="{name} 网关整体停顿：已诊断的 {answered} 张工单中有 {tickets} 张停在该网关。链上可见：",
    en="The gateway {name} has stopped as a whole: {tickets} of {answered} answered tickets stand "
    "still there. The chain shows: ",
)
_SINCE = Text(
    zh="{asset} 自 {since} 起未结清任何一笔，等待 {waiting} 笔，其中逾期 {overdue} 笔",
    en="{asset}: nothing settled since {since}, {waiting} waiting, {overdue} of them overdue",
)
_NEVER = Text(
    zh="{asset} 等待 {waiting} 笔，其中逾期 {overdue} 笔",
    en="{asset}: {waiting} waiting, {overdue} of them overdue",
)
