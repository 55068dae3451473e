"""Renders a diagnosis as the JSON document of the HTTP contract: fixed keys in a fixed order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from diag.config.explorers import Explorer, for_chain
from diag.diagnosis.engine import Diagnosis
from diag.domain.asset import Amount, Asset, format_decimal
from diag.domain.case import Case
from diag.domain.evidence import Evidence
from diag.domain.finding import NO_ETA, EvidenceItem, Finding
from diag.domain.verdict import Verdict
from diag.domain.withdrawal import Answer, Withdrawal
from diag.i18n import LANGUAGES
from diag.render import formatting, notices
from diag.render.agent_note import note
from diag.render.chain_location import links
from diag.render.formatting import stamp
from diag.render.options import View
from diag.render.user_reply import reply

SCHEMA = "1"


def dumps(diagnosis: Diagnosis, view: View) -> str:
    """The document as JSON text; equal diagnoses give equal bytes, regardless of the language."""
    return json.dumps(document(diagnosis, view), ensure_ascii=False, separators=(",", ":"))


def document(diagnosis: Diagnosis, view: View) -> dict[str, Any]:
    """The document as plain data."""
    evidence = diagnosis.evidence
    explorers = for_chain(view.explorers, evidence.history.network.chain_id)
    return {
        "schema": SCHEMA,
        "id": diagnosis.id,
        "case": case(evidence.case),
        "as_of": _as_of(evidence),
        "coverage": _coverage(evidence),
        "verdict": verdict(diagnosis.verdict, explorers),
        "withdrawals": [
            _withdrawal(w, v, evidence, explorers) for w, v in diagnosis.withdrawals
        ],
        "candidates": _candidates(evidence),
        "findings": [_finding(found, evidence) for found in diagnosis.findings],
        "reply": {lang: reply(diagnosis, lang) for lang in LANGUAGES},
        "note": {lang: note(diagnosis, lang) for lang in LANGUAGES},
        "notices": [notices.document(notice) for notice in diagnosis.notices],
        "ruleset": diagnosis.ruleset,
    }


def case(question: Case) -> dict[str, Any]:
    return {
        "account": question.account,
        "from": stamp(question.start),
        "to": stamp(question.end),
        "tz": question.zone,
        "asset": question.asset,
        "amount": None if question.amount is None else format_decimal(question.amount),
        "received": None if question.received is None else format_decimal(question.received),
        "destination": question.destination,
        "operation": question.operation,
        "transaction": question.transaction,
        "memo": question.memo,
        "external_transaction": question.external_transaction,
        "exposed": list(question.exposed),
        "read_as": readings(question),
    }


def readings(question: Case) -> list[dict[str, str]]:
    """How fields in a non-canonical form were read."""
    return [
        {"field": one.field, "given": one.given, "read_as": one.read_as}
        for one in question.read_as
    ]


def _as_of(evidence: Evidence) -> dict[str, Any]:
    as_of = evidence.as_of
    return {
        "block": as_of.block,
        "time": stamp(as_of.time),
        "irreversible_block": as_of.irreversible_block,
        "nodes": [
            {
                "name": node.name,
                "chain_id": node.chain_id,
                "head_block": node.head_block,
                "head_time": stamp(node.head_time),
                "seconds_behind": int(node.behind.total_seconds()) if node.behind else 0,
                "seconds_ahead": int(node.ahead.total_seconds()) if node.ahead else 0,
                "agrees": node.name in evidence.history.confirmed_by,
            }
            for node in as_of.nodes
        ],
    }


def _coverage(evidence: Evidence) -> dict[str, Any]:
    proof = evidence.history.proof
    return {
        "complete": evidence.complete,
        "proof": {"kind": proof.kind, "operation": proof.operation} if proof else None,
        "gaps": [
            {"code": gap.code, "what": gap.what.as_dict(), "why": gap.why.as_dict()}
            for gap in evidence.history.gaps
        ],
    }


def verdict(found: Verdict, explorers: Sequence[Explorer]) -> dict[str, Any]:
    rule = found.rule
    eta = found.finding.eta or NO_ETA
    return {
        "code": rule.code,
        "title": rule.title.as_dict(),
        "outcome": rule.outcome,
        "stage": found.stage,
        "severity": rule.severity,
        "actor": rule.actor,
        "advice": found.advice,
        "resend_safe": found.resend_safe,
        "resend_unmet": list(found.resend_unmet),
        "finality": found.finality,
        "confidence": found.confidence,
        "basis": list(found.basis),
        "eta": {
            "normal_until": stamp(eta.normal_until),
            "expected_by": stamp(eta.expected_by),
            "escalate_after": stamp(eta.escalate_after),
            "basis": eta.basis,
        },
        "evidence": [_exhibit(shown, explorers) for shown in found.finding.evidence_items],
        "ruled_out": list(found.ruled_out),
        "not_checked": [
            {"what": code, "reason": why.as_dict()} for code, why in found.not_checked
        ],
        "ask_user_for": list(found.ask_user_for),
        "amounts": dict(found.amounts),
        "timeline": [
            {"time": stamp(event.time), "what": event.what.as_dict(), "id": event.id}
            for event in found.timeline
        ],
        "standard": {"sep24": rule.sep24, "iso20022": rule.iso20022},
    }


def _exhibit(item: EvidenceItem, explorers: Sequence[Explorer]) -> dict[str, Any]:
    return {
        "claim": item.claim.as_dict(),
        "operation": item.operation,
        "block": item.block,
        "trx_in_block": item.trx_in_block,
        "op_in_trx": item.op_in_trx,
        "transaction": item.transaction,
        "time": stamp(item.time),
        "source": item.source or None,
        "observed": item.observed,
        "expected": item.expected,
        "links": [page for _, page in links(explorers, item)],
    }


def _withdrawal(
    w: Withdrawal, found: Verdict, evidence: Evidence, explorers: Sequence[Explorer]
) -> dict[str, Any]:
    return {
        **_movement(w, evidence),
        "answers": [_answer(a, w.amount.asset) for a in w.answers],
        "verdict": verdict(found, explorers),
    }


def _movement(w: Withdrawal, evidence: Evidence) -> dict[str, Any]:
    account = evidence.history.account
    return {
        "operation": w.id,
        "transaction": w.transaction,
        "block": w.sent.location.block,
        "time": stamp(w.at),
        "from": account.name if account else None,
        "to": w.recipient,
        "gateway": w.gateway.key or None if w.gateway else None,
        "amount": w.amount.exact,
        "asset": w.amount.asset.symbol,
    }


def _answer(found: Answer, asset: Asset) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "operation": found.operation.id,
        "block": found.operation.location.block,
        "time": stamp(found.operation.at),
        "amount": Amount(found.part.base_units, asset).exact,
        "completeness": found.completeness,
        "shared": found.shared,
    }


def _candidates(evidence: Evidence) -> list[dict[str, Any]]:
    """Alternatives that the user may mean: movements, or accounts with a similar name."""
    moves = [
        {"kind": kind, "account": None, **_movement(w, evidence)}
        for kind, found in (
            ("in_window", evidence.candidates),
            ("outside_window", () if evidence.withdrawals else evidence.outside),
        )
        for w in found
    ]
    names = [
        {"kind": "near_name", "account": name, **dict.fromkeys(_MOVEMENT_KEYS)}
        for name in evidence.history.near_names
    ]
    return [*moves, *names]


_MOVEMENT_KEYS = (
    "operation",
    "transaction",
    "block",
    "time",
    "from",
    "to",
    "gateway",
    "amount",
    "asset",
)


def _finding(found: Finding, evidence: Evidence) -> dict[str, Any]:
    zone = evidence.case.zone
    return {
        "code": found.code,
        "title": found.rule.title.as_dict(),
        "withdrawal": found.withdrawal_id,
        "severity": found.rule.severity,
        "facts": _facts(found),
        "note": {
            lang: formatting.fill(found.rule.note, found, lang, zone) for lang in LANGUAGES
        },
    }


def _facts(found: Finding) -> Mapping[str, Any]:
    """The facts as data: times as RFC 3339, durations in seconds, words in English."""
    result: dict[str, Any] = {}
    for name, value in sorted(found.facts.items()):
        if isinstance(value, datetime):
            result[name] = stamp(value)
        elif hasattr(value, "total_seconds"):
            result[name] = int(value.total_seconds())
        else:
            result[name] = formatting.spoken({name: value}, "en", None)[name]
    return result
