"""View model of a verdict: its tone, its badge, its headline and the path of the money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from diag.diagnosis.engine import Diagnosis
from diag.domain.evidence_items import gateway_name
from diag.domain.finding import NO_ETA
from diag.domain.verdict import Verdict
from diag.domain.vocabulary import Outcome, ResendSafe, Severity, Stage
from diag.domain.withdrawal import Withdrawal
from diag.render import money_path
from diag.render.durations import duration
from diag.render.formatting import typeset
from diag.render.html_words import WORDS
from diag.render.zones import Clock

HEADLINE_IS_THE_WAIT = {"gateway_overdue": False, "gateway_stalled": True}
"""Codes whose headline states how long the withdrawal is overdue → whether their title adds to it."""
TONES = ("danger", "act", "unknown", "wait", "done")
"""The meanings of colours and their shapes, worst first."""


def tone_of(severity: str, outcome: str) -> str:
    """The tone of a verdict, one of TONES: "danger" only for harm, "act" only if somebody must act."""
    if severity == Severity.CRITICAL or outcome == Outcome.AT_RISK:
        return "danger"
    if outcome in (Outcome.UNDETERMINED, Outcome.NOTHING_FOUND):
        return "unknown"
    if severity == Severity.WARNING or outcome == Outcome.STUCK:
        return "act"
    return "done" if outcome in (Outcome.DELIVERED, Outcome.RETURNED) else "wait"


def badge_of(severity: str, outcome: str, stage: str, lang: str) -> str:
    """The state of a withdrawal in a word or two."""
    onward = outcome == Outcome.DELIVERED and stage == Stage.SENT_ONWARD
    critical = severity == Severity.CRITICAL
    name = "sent_onward" if onward else "at_risk" if critical else str(outcome)
    return WORDS["badges"][name].say(lang)


def resend_of(outcome: str, resend_safe: str, lang: str) -> dict[str, str]:
    """Whether to send again, in words; marked red only if sending again is harmful."""
    kind, look = "resend_wait", "neutral"
    if resend_safe == ResendSafe.YES:
        kind, look = "resend_yes", "fine"
    elif outcome == Outcome.AT_RISK:
        kind, look = "resend_stop", "hurts"
    elif outcome == Outcome.DELIVERED:
        kind = "resend_not_needed"
    elif outcome in (Outcome.IN_PROGRESS, Outcome.STUCK) or (
        resend_safe == ResendSafe.NO
        and outcome
        in (
            Outcome.NOTHING_FOUND,
            Outcome.UNDETERMINED,
        )
    ):
        kind, look = "resend_no", "hurts"
    return {"look": look, "words": WORDS["verdict"][kind].say(lang)}


class Reading:
    """A verdict and its withdrawal, with the texts that a page shows about both."""

    def __init__(self, verdict: Verdict, meant: Withdrawal | None, clock: Clock) -> None:
        lang = clock.lang
        self.verdict, self.meant = verdict, meant
        severity, outcome = verdict.rule.severity, verdict.rule.outcome
        self.tone = tone_of(severity, outcome)
        self.badge = badge_of(severity, outcome, verdict.stage, lang)
        self.resend = resend_of(outcome, verdict.resend_safe, lang)
        self.waits = meant is not None and meant.open and verdict.rule.outcome in _WAITING
        self.age = clock.now - meant.at if meant else timedelta()
        self.late = self._late()
        self.gateway = gateway_name(meant) if meant and meant.gateway else None
        self.title = typeset(verdict.rule.title.say(lang), lang)
        self.headline = self._headline(lang)

    @property
    def headline_is_wait(self) -> bool:
        """Whether the headline states how long the withdrawal is overdue."""
        return self.late is not None and self.verdict.code in HEADLINE_IS_THE_WAIT

    def _late(self) -> timedelta | None:
        """By how much a waiting withdrawal exceeds the overdue time; None if it does not."""
        patience = self.meant.patience if self.meant else None
        if not self.waits or patience is None or self.age <= patience.overdue:
            return None
        return self.age - patience.overdue

    def _headline(self, lang: str) -> str:
        if self.late is None or not self.headline_is_wait:
            return self.title[:1].upper() + self.title[1:]
        facts = {"late": duration(self.late, lang), "gateway": self.gateway or ""}
        name = "overdue_at" if self.gateway else "overdue"
        return typeset(WORDS["verdict"][name].say(lang, facts), lang)


_WAITING = (Outcome.IN_PROGRESS, Outcome.STUCK, Outcome.UNDETERMINED, Outcome.AT_RISK)


def head(diagnosis: Diagnosis, one: Reading, clock: Clock) -> dict[str, Any]:
    lang, words = clock.lang, WORDS["verdict"]
    lines = []
    if one.headline_is_wait and HEADLINE_IS_THE_WAIT[one.verdict.code]:
        lines.append(one.title)
    if one.meant is not None:
        facts = {"amount": str(one.meant.amount), "to": one.gateway or one.meant.recipient}
        lines.append(words["sent_to"].say(lang, facts))
    lines += _wait_words(one, clock)
    usual = _usual(one.meant, lang)
    if usual:
        lines.append(usual)
    count = len(diagnosis.withdrawals)
    return {
        "lines": [typeset(line, lang) for line in lines],
        "usual": usual and typeset(usual, lang),
        "several": words["several"].say(lang, {"count": count}) if count > 1 else None,
        "banner": _behind(diagnosis, clock),
        "as_of": WORDS["shell"]["as_of"].say(
            lang, {"time": clock.short(clock.now), "zone": clock.zone}
        ),
    }


def _wait_words(one: Reading, clock: Clock) -> Iterator[str]:
    """How long the withdrawal has waited or took; never an expected time that has passed."""
    lang, words = clock.lang, WORDS["verdict"]
    if one.waits:
        age = duration(one.age, lang)
        if one.late is None or one.headline_is_wait:
            yield words["waited"].say(lang, {"age": age})
        else:
            yield words["waited_late"].say(lang, {"age": age, "late": duration(one.late, lang)})
        expected = (one.verdict.finding.eta or NO_ETA).expected_by
        if expected and expected > clock.now:
            left = duration(expected - clock.now, lang)
            yield words["time_left"].say(lang, {"left": left})
    elif one.meant is not None and one.meant.settled is not None:
        took = one.meant.settled.operation.at - one.meant.at
        yield words["took"].say(lang, {"took": duration(took, lang)})


def _usual(meant: Withdrawal | None, lang: str) -> str | None:
    """The gateway's usual settlement time, if it was observed."""
    found = meant.statistics if meant else None
    if not meant or not meant.gateway or not found or not found.usual or not found.slow:
        return None
    if not meant.patience or meant.patience.basis != "observed":
        return None
    facts = {
        "gateway": gateway_name(meant),
        "p50": duration(found.usual, lang),
        "p95": duration(found.slow, lang),
    }
    return WORDS["verdict"]["usual"].say(lang, facts)


def _behind(diagnosis: Diagnosis, clock: Clock) -> str | None:
    """The explanation if our node is behind."""
    behind = [node.behind for node in diagnosis.evidence.as_of.nodes if node.behind]
    if not behind:
        return None
    ahead = diagnosis.evidence.case.start > clock.now
    facts = {"behind": duration(max(behind), clock.lang), "as_of": clock.short(clock.now)}
    name = "period_ahead" if ahead else "node_behind"
    return typeset(WORDS["verdict"][name].say(clock.lang, facts), clock.lang)


def short_amount(amount: str) -> str:
    """A decimal without the zeros at its end."""
    return amount.rstrip("0").rstrip(".") if "." in amount else amount


def stops(
    diagnosis: Diagnosis, document: Mapping[str, Any], meant: Withdrawal | None, clock: Clock
) -> list[dict[str, str]]:
    """The stations of the money: the name of each, and what is known about it."""
    return [
        {
            "state": stop.state,
            "name": _stop_name(stop, meant, clock.lang),
            "meta": _stop_meta(stop, diagnosis, meant, clock) if meant else "",
            "words": (
                WORDS["stops"]["onward"]
                if stop.state == "onward"
                else money_path.STATES[stop.state]
            ).say(clock.lang),
        }
        for stop in money_path.stations(document)
    ]


def _stop_name(stop: money_path.Station, meant: Withdrawal | None, lang: str) -> str:
    if stop.kind == "chain":
        return WORDS["stops"]["chain"].say(lang)
    if stop.kind == "gateway" and meant and meant.gateway:
        return gateway_name(meant)
    if stop.kind == "other_chain" and meant and meant.coin:
        return meant.coin.coin.upper()
    return stop.name or money_path.TITLES[stop.kind].say(lang)


def _stop_meta(
    stop: money_path.Station, diagnosis: Diagnosis, meant: Withdrawal, clock: Clock
) -> str:
    words, lang = WORDS["stops"], clock.lang

    def say(name: str, **facts: object) -> str:
        return typeset(words[name].say(lang, facts), lang)

    if stop.kind == "account":
        back = meant.returns[-1] if stop.state == "here" and meant.returns else None
        if back:
            return say("back", time=clock.short(back.operation.at))
        return say("sent", time=clock.short(meant.at)) if stop.state == "passed" else ""
    if stop.kind == "chain":
        final = diagnosis.evidence.final([meant.sent])
        return say("final" if final else "not_final") if stop.state != "ahead" else ""
    if stop.kind == "gateway":
        if meant.settled:
            return say("processed", time=clock.short(meant.settled.operation.at))
        if stop.state == "here" and meant.open:
            return say("here_for", age=duration(clock.now - meant.at, lang))
    if stop.kind == "other_chain" and stop.state == "ahead":
        expected = diagnosis.verdict.amounts.get("expected_out")
        return say("expected", amount=short_amount(expected)) if expected else ""
    if stop.kind == "recipient" and stop.state == "here":
        return say("arrived", time=clock.short(meant.at))
    if stop.state == "onward":
        return say("onward")
    return "" if stop.state in ("passed", "ahead") else money_path.STATES[stop.state].say(lang)
