"""The agent's note: evidence, excluded causes, whom to contact with which reference, what to ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from diag.checks import CHECKS
from diag.checks.memo import masked
from diag.diagnosis.engine import Diagnosis
from diag.diagnosis.resend_proof import condition
from diag.domain.changed_keys import changed_keys
from diag.domain.evidence_items import evidence_item, gateway_name
from diag.domain.finding import EvidenceItem
from diag.domain.vocabulary import Actor, Severity
from diag.domain.withdrawal import Withdrawal
from diag.render import contact, notices
from diag.render.chain_location import coordinates
from diag.render.contact import leading
from diag.render.formatting import (
    fill,
    in_zone,
    listed,
    moment,
    one_line,
    typeset,
    with_brackets,
    with_commas,
)
from diag.render.input_readings import reading
from diag.render.labels import joined, labelled, observed
from diag.words import texts

MOST_EVIDENCE = 4
MOST_WITHDRAWALS = 6
TITLES = {rule.code: rule.title for check in CHECKS for rule in check.RULES}


def note(diagnosis: Diagnosis, lang: str, *, whole: bool = True) -> str:
    """The note for the agent only, in plain text, one subject per line.

    whole: false to leave out evidence and notices, for pages that show them separately.
    """
    return "\n".join(typeset(one_line(line), lang) for line in _lines(diagnosis, lang, whole))


def _lines(diagnosis: Diagnosis, lang: str, whole: bool) -> Iterator[str]:
    verdict = diagnosis.verdict
    zone = diagnosis.evidence.case.zone
    withdrawal = leading(diagnosis)
    found = fill(verdict.rule.note, verdict.finding, lang, zone)
    yield labelled(verdict.rule.title, found, lang)
    if verdict.finding.evidence_items and whole:
        withdrawal_id = verdict.finding.withdrawal_id
        shown = verdict.finding.evidence_items[:MOST_EVIDENCE]
        yield labelled(
            LABELS["evidence"],
            joined([_evidence_line(e, withdrawal_id, lang, zone) for e in shown], lang),
            lang,
        )
    if "keys_changed" in verdict.basis and withdrawal is not None:
        yield from _keys(diagnosis, withdrawal, lang)
    if also := list(_also(diagnosis, lang)):
        yield labelled(LABELS["also"], joined(also, lang), lang)
    if verdict.differing and withdrawal is not None:
        yield labelled(LABELS["differs"], _differing(diagnosis, withdrawal, lang), lang)
    if len(diagnosis.withdrawals) > 1:
        yield labelled(LABELS["withdrawals"], joined(list(_each(diagnosis, lang)), lang), lang)
    if verdict.resend_unmet:
        missing = [condition(key).requires.say(lang) for key in verdict.resend_unmet]
        yield labelled(LABELS["not_proven"], joined(missing, lang), lang)
    if read_as := diagnosis.evidence.case.read_as:
        yield labelled(
            LABELS["read_as"], joined([reading(one, lang) for one in read_as], lang), lang
        )
    if verdict.ruled_out:
        causes = [TITLES[code].say(lang) for code in verdict.ruled_out if code in TITLES]
        yield labelled(LABELS["ruled_out"], listed(causes, lang), lang)
    if verdict.not_checked:
        reasons = [what.say(lang) for _, what in verdict.not_checked]
        yield labelled(LABELS["not_checked"], joined(reasons, lang), lang)
    if diagnosis.notices and whole:
        told = [notices.line(notice, lang, zone) for notice in diagnosis.notices]
        yield labelled(LABELS["notices"], joined(told, lang), lang)
    if whom := _contact(diagnosis, withdrawal, lang):
        yield labelled(LABELS["contact"], whom, lang)
    if withdrawal is not None:
        yield labelled(LABELS["reference"], reference(diagnosis, withdrawal, lang), lang)
    if verdict.ask_user_for:
        wanted = [WANTED[item].say(lang) for item in verdict.ask_user_for]
        yield labelled(LABELS["ask"], listed(wanted, lang), lang)


def _also(diagnosis: Diagnosis, lang: str) -> Iterator[str]:
    """Findings besides the withdrawals, such as coins that somebody else took."""
    verdict, withdrawals = diagnosis.verdict, {w.id for w, _ in diagnosis.withdrawals}
    for found in diagnosis.findings if withdrawals else ():
        of_another = found.withdrawal_id is not None and found.withdrawal_id not in withdrawals
        danger = found.withdrawal_id is None and found.rule.severity is Severity.CRITICAL
        if (of_another or danger) and found.code != verdict.code:
            said = fill(found.rule.note, found, lang, diagnosis.evidence.case.zone)
            yield labelled(found.rule.title, said, lang)


def _differing(diagnosis: Diagnosis, withdrawal: Withdrawal, lang: str) -> str:
    """Each claim of the user that differs from the chain, with both values."""
    case = diagnosis.evidence.case
    memo = diagnosis.evidence.memo_text(withdrawal)
    found = {
        "asset": (case.asset, withdrawal.amount.asset.symbol),
        "amount": (case.amount, str(withdrawal.amount)),
        "destination": (case.destination, withdrawal.recipient),
        "operation": (case.operation, withdrawal.id),
        "transaction": (case.transaction, withdrawal.transaction or "-"),
        "memo": (masked(case.memo or ""), masked(memo or "")),
    }
    rows = [found[name] for name in diagnosis.verdict.differing]
    return joined([LABELS["named"].say(lang, {"named": a, "found": b}) for a, b in rows], lang)


def _keys(diagnosis: Diagnosis, withdrawal: Withdrawal, lang: str) -> Iterator[str]:
    """The change of keys before the withdrawal, with its time and operation."""
    if changed := changed_keys(diagnosis.evidence, withdrawal):
        at = moment(changed.at, lang, diagnosis.evidence.case.zone)
        told = {"at": at, "operation": changed.id, "recipient": withdrawal.recipient}
        yield labelled(LABELS["keys"], LABELS["keys_changed"].say(lang, told), lang)


def _each(diagnosis: Diagnosis, lang: str) -> Iterator[str]:
    """Every withdrawal that the case may mean, with its verdict."""
    for withdrawal, verdict in diagnosis.withdrawals[:MOST_WITHDRAWALS]:
        rule = verdict.rule
        if verdict.finding.withdrawal_id is None:
            # it is about the whole case: say what became of this one
            own = (f for f in diagnosis.findings if f.withdrawal_id == withdrawal.id)
            rule = next((f.rule for f in own), rule)
        yield f"{withdrawal.id} {withdrawal.amount}: {rule.title.say(lang)}"
    more = len(diagnosis.withdrawals) - MOST_WITHDRAWALS
    if more > 0:
        yield LABELS["more"].say(lang, {"count": more})


def _evidence_line(
    item: EvidenceItem, withdrawal_id: str | None, lang: str, zone: str | None
) -> str:
    """An evidence item as one line; the coordinates of the withdrawal itself are in the reference."""
    facts = [observed(item.observed or "", lang)]
    if item.expected:
        facts.append(LABELS["expected"].say(lang, {"value": observed(item.expected, lang)}))
    if item.operation is None or item.operation != withdrawal_id:
        facts.append(coordinates(item))
    known = with_commas(filter(None, facts), lang)
    words = in_zone(item.claim.say(lang), lang, zone)
    return with_brackets(words, known, lang) if known else words


def _contact(diagnosis: Diagnosis, withdrawal: Withdrawal | None, lang: str) -> str | None:
    """Whom to contact, and the gateway's channels from the register."""
    rule, facts = diagnosis.verdict.rule, diagnosis.verdict.finding.facts
    if rule.actor is Actor.SECURITY:
        return LABELS["security"].say(lang)
    gateway = contact.gateway(diagnosis)
    if gateway is not None:
        name = {"name": gateway_name(withdrawal) if withdrawal else gateway.name}
        channels = contact.channels(diagnosis)
        if not channels:
            return LABELS["no_channel"].say(lang, name)
        dated = f"{gateway.as_of}" if gateway.as_of else None
        where = name | {"channels": ", ".join(channels), "date": dated}
        return LABELS["channels" if dated else "undated_channels"].say(lang, where)
    if issuer := facts.get("issuer"):
        return LABELS["issuer"].say(lang, {"name": issuer})
    if rule.actor is Actor.RECIPIENT and withdrawal is not None:
        return LABELS["recipient"].say(lang, {"name": withdrawal.recipient})
    return None


def reference(diagnosis: Diagnosis, withdrawal: Withdrawal, lang: str) -> str:
    """What a gateway needs to find a withdrawal: accounts, amount, time, place on the chain."""
    evidence = diagnosis.evidence
    zone = evidence.case.zone
    account = evidence.history.account
    name = account.name if account else evidence.case.account
    at = f"{withdrawal.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if zone and zone != "UTC":
        at += f" = {moment(withdrawal.at, lang, zone)}"
    where = coordinates(evidence_item(evidence, withdrawal.sent, LABELS["reference"]))
    return ", ".join((f"{name} -> {withdrawal.recipient}", str(withdrawal.amount), at, where))


LABELS = texts("labels.note")
WANTED = texts("labels.ask")
"""Name in the contract → what to ask the user for."""
