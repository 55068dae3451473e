"""Files for operators: what they name exists."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from diag.api.app import build_app
from diag.bootstrap import build_services
from diag.chain.metrics import Counters
from diag.config.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
OTHERS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
"""Metrics of Prometheus and of its library."""
OF_CASES = {"diag_messages", "diag_cases_oldest_due_seconds"}
"""Metrics of a service that keeps cases; `tests/cases` reads them."""


def expressions():
    rules = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0]["rules"]
    yield from ((rule["alert"], rule["expr"]) for rule in rules)
    board = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())
    for panel in board["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel["targets"])


@pytest.fixture(scope="module")
def metrics():
    """The names of all series that the service gives out."""
    counters = Counters()
    for name in ("waves", "wave_seconds", "failures", "hits", "misses"):
        counters.add(name, "a-node", "a-reason")
    client = build_app(replace(build_services(Settings()), counters=counters)).test_client()
    client.get("/v1/diagnoses?account=lin-yue&last=24h")
    text = client.get("/metrics").get_data(as_text=True)
    families = re.findall(r"^# TYPE (\S+) (\S+)", text, re.M)
    endings = {"histogram": ("_bucket", "_count", "_sum")}
    return (
        {n + ending for n, kind in families for ending in endings.get(kind, ("",))}
        | OTHERS
        | OF_CASES
    )


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_alerts_and_graphs_use_metrics_that_exist(metrics, where, expression):
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)", "", expression)
    named = set(re.findall(r"\b(?:diag|process)_\w+|\bup\b", bare))

    assert named and named <= metrics


def test_what_compose_mounts_is_there():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    mounted = [v.split(":")[0] for s in services.values() for v in s.get("volumes", ())]
    ours = [path for path in mounted if path.startswith("./")]

    assert len(ours) >= 5
    assert [path for path in ours if not (ROOT / path).exists()] == []


KNOWN = [("compose.yaml", ROOT / "compose.yaml"), ("the unit", DEPLOY / "diag.service")]


@pytest.mark.parametrize("path", [pytest.param(p, id=n) for n, p in KNOWN])
def test_settings_that_are_named_exist(path):
    settings = set(re.findall(r"\bDIAG_[A-Z_]+", (ROOT / "docs/settings.md").read_text()))
    settings |= set(re.findall(r"\bDIAG_[A-Z_]+", (ROOT / "docs/operations.md").read_text()))
    named = set(re.findall(r"\bDIAG_[A-Z]+(?:_[A-Z]+)*\b", path.read_text())) - {"DIAG_FILES"}

    assert named <= settings
