"""The stories of the recorded chain: what was asked, and what is true."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from recorded import RECORDED

from diag.domain.case import Case


def stories():
    for name in ("", "degraded_mild", "degraded_severe"):
        for story in json.loads((RECORDED / name / "truth.json").read_text())["cases"]:
            yield pytest.param(name, story, id=f"{name or 'ledger'}-{story['id']}")


STORIES = list(stories())
BY_ID = {param.values[1]["id"]: param.values[1] for param in STORIES}


def question(story):
    claim = story["claim"]
    decimals = {k: Decimal(claim[k]) for k in ("amount", "received") if k in claim}
    start, end = (
        datetime.fromisoformat(story[edge]).replace(tzinfo=UTC) for edge in ("from", "to")
    )
    return Case(story["account"], start, end, asset=claim.get("asset"), **decimals)
