"""The next steps: who has to act, what the agent does, whom to contact, and the message to send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from diag.diagnosis.engine import Diagnosis
from diag.domain.evidence_items import gateway_name
from diag.domain.finding import NO_ETA
from diag.domain.gateway import Gateway
from diag.domain.vocabulary import Actor, Advice
from diag.domain.withdrawal import Withdrawal
from diag.render import agent_note
from diag.render.contact import channels
from diag.render.durations import duration
from diag.render.formatting import typeset
from diag.render.html_verdict import Reading
from diag.render.html_words import WORDS
from diag.render.labels import next_step
from diag.render.zones import Clock


def steps(diagnosis: Diagnosis, one: Reading, clock: Clock) -> Iterator[dict[str, Any]]:
    """The steps of the agent, in order; the first says who has to act."""
    lang, words = clock.lang, WORDS["next"]
    verdict = one.verdict

    def say(name: str, **facts: object) -> str:
        return typeset(words[name].say(lang, facts), lang)

    yield {"who": _who(diagnosis, one, lang)}
    yield {"lead": say("send_reply"), "words": typeset(next_step(verdict).say(lang), lang)}
    gateway = one.meant.gateway if one.meant else None
    if gateway and one.waits and verdict.advice in (Advice.CONTACT_GATEWAY, Advice.WAIT):
        if verdict.advice is Advice.CONTACT_GATEWAY:
            waits = verdict.code == "gateway_stalled"
            name = "contact_lead" if waits else "contact_if"
            yield _contact(diagnosis, gateway, say(name, gateway=one.gateway), clock)
    elif gateway and verdict.advice in (Advice.CONTACT_GATEWAY, Advice.CONTACT_RECIPIENT):
        yield _contact(diagnosis, gateway, say("contact_if", gateway=one.gateway), clock)
    eta = verdict.finding.eta or NO_ETA
    if one.waits and eta.expected_by and eta.expected_by > clock.now:
        left = duration(eta.expected_by - clock.now, lang)
        yield {"words": say("expected_by", time=clock.short(eta.expected_by), left=left)}
    if one.waits and one.late is not None and eta.escalate_after:
        if eta.escalate_after > clock.now:
            yield {"words": say("escalate_after", time=clock.short(eta.escalate_after))}
        else:
            late = duration(clock.now - eta.escalate_after, lang)
            yield {"words": say("escalate_now", late=late)}


def _who(diagnosis: Diagnosis, one: Reading, lang: str) -> str:
    """Who has to act, by name if it is known, in agreement with the reply."""
    words, rule = WORDS["next"], one.verdict.rule
    issuer = one.verdict.finding.facts.get("issuer")
    name = str(rule.actor)
    facts: dict[str, object] = {}
    if rule.actor is Actor.NOBODY and one.verdict.advice is Advice.CONTACT_RECIPIENT:
        name = "check_receipt"
    elif rule.actor is Actor.GATEWAY:
        if one.gateway:
            facts = {"gateway": one.gateway}
        elif issuer:
            name, facts = "issuer", {"issuer": issuer}
        else:
            name = "a_gateway"
    return typeset(words[name].say(lang, facts), lang)


def _contact(
    diagnosis: Diagnosis, gateway: Gateway, words: str, clock: Clock
) -> dict[str, Any]:
    """A step that leads to the gateway's own channels."""
    found = channels(diagnosis)
    facts = {"gateway": gateway.key or gateway.name}
    recorded = WORDS["next"]["recorded"].say(clock.lang, {"date": gateway.as_of})
    return {
        "words": words,
        "channels": [(c, is_link(c)) for c in found],
        "open": WORDS["next"]["open_channel"].say(clock.lang, facts),
        "no_channel": typeset(WORDS["next"]["no_channel"].say(clock.lang, facts), clock.lang),
        "recorded": recorded if gateway.as_of and found else "",
        "request": True,
    }


def is_link(channel: str) -> bool:
    """Whether a channel of the register or of a notice is a link."""
    return bool(re.match(r"https?://[^\s\"'<>]+\Z", channel))


def request(diagnosis: Diagnosis, meant: Withdrawal | None) -> dict[str, str] | None:
    """A message to the gateway in English, with public facts only."""
    if meant is None or meant.gateway is None:
        return None
    account = diagnosis.evidence.history.account
    name = account.name if account else diagnosis.evidence.case.account
    where = agent_note.reference(diagnosis, meant, "en")
    lines = [
        f"Dear {gateway_name(meant)} support, please check this withdrawal.",
        where,
        f"Operation {meant.id}"
        + (f", transaction {meant.transaction}" if meant.transaction else "")
        + f", account {name}.",
        "Please process it or return it, and tell us the transaction ID on the other chain.",
    ]
    if meant.settled is not None:
        lines[-1] = (
            "It was processed on BitShares. Please tell us its transaction ID on the other chain."
        )
    return {"gateway": gateway_name(meant), "text": "\n".join(lines)}
