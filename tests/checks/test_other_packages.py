"""A check from another package: ranked, titled and listed as ours are, everywhere.

A distribution is made on the spot, as pip would have installed it, and a program that never heard of
it is started beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import contract
import pytest
import yaml
from commands import EMBEDDED, ROOT, command, environment, ran
from recorded import RECORDED
from waiting import PATIENCE

from diag.checks import CHECKS, installed

MODULE = '''
"""The vault of a gateway is empty.

### What it looks for

A withdrawal to a gateway whose vault is known to be empty.

### Why it happens

It has paid out more than it holds.

### What to tell the user

To wait until the vault is filled.
"""

from dataclasses import replace

from diag.checks import pending, security
from diag.i18n import Text

EMPTY = replace(
    next(rule for rule in pending.RULES if rule.code == "gateway_overdue"),
    code="vault_empty",
    title=Text(zh="网关金库已空", en="The vault is empty"),
    reply=Text(zh="{gateway} 网关的金库已空，请等待。", en="The vault of {gateway} is empty. Please wait."),
    note=Text(zh="金库为空。", en="The vault holds nothing."),
    aside=None,
    mass=None,
)
LOOKED_AT = replace(
    EMPTY,
    code="vault_looked_at",
    title=Text(zh="已查看金库", en="The vault was looked at"),
    outcome=next(rule for rule in pending.RULES if rule.code == "gateway_processing").outcome,
    severity=next(rule for rule in pending.RULES if rule.code == "gateway_processing").severity,
)
RULES = (EMPTY, LOOKED_AT)


def check(evidence):
    for withdrawal in evidence.withdrawals:
        if withdrawal.gateway is not None:
            yield from (rule.found(withdrawal.id, gateway=withdrawal.gateway.name) for rule in RULES)
'''
CODES = ["vault_empty", "vault_looked_at"]
TRUTH = {
    case["id"]: case
    for case in json.loads((RECORDED / "truth.json").read_text(encoding="utf-8"))["cases"]
}
PROGRAM = """
import json, sys
from pathlib import Path
from diag.api.app import create_app
from diag.config.settings import Settings
client = create_app(Settings(ledger=Path(sys.argv[1]))).test_client()
told = []
for asked in json.load(sys.stdin):
    response = client.open(**asked)
    told.append([response.status_code, dict(response.headers), response.text])
print(json.dumps(told))
"""


def packaged(folder: Path, module: str, name: str = "vault") -> Path:
    """A folder for sys.path that holds an installed distribution with one check."""
    (folder / f"{name}.py").write_text(module, encoding="utf-8")
    info = folder / f"{name}_check-1.0.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {name}-check\nVersion: 1.0\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[diag.checks]\n{name} = {name}\n", "utf-8")
    (info / "RECORD").write_text(f"{name}.py,,\n", encoding="utf-8")
    return folder


def beside(folder: Path) -> dict[str, str]:
    return environment(PYTHONPATH=f"{ROOT}{os.pathsep}{folder}")


def asked(case: str, **more: Any) -> dict[str, Any]:
    told = TRUTH[case]
    window = {"from": f"{told['from']}Z", "to": f"{told['to']}Z"}
    return {"account": told["account"], **window, **told["claim"], **more}


def diagnosis(case: str, **more: Any) -> dict[str, Any]:
    return {"path": "/v1/diagnoses", "method": "POST", "json": asked(case, **more)}


OVERDUE, SETTLED = "gateway-overdue-alone", "settled-by-burn"
FORMATS = ("text", "markdown", "html")
LANGUAGES = ("zh", "en")
ASKED: dict[str, dict[str, Any]] = {
    "checks": {"path": "/v1/checks"},
    "contract": {"path": "/openapi.yaml"},
    "metrics": {"path": "/metrics"},
    "overdue": diagnosis(OVERDUE),
    "settled": diagnosis(SETTLED),
    **{
        f"{kind} {lang}": diagnosis(case, format=kind, lang=lang)
        for kind, case in ((kind, OVERDUE) for kind in FORMATS)
        for lang in LANGUAGES
    },
    **{
        f"panel {lang}": {
            "path": "/panel",
            "query_string": {k: str(v) for k, v in asked(SETTLED, lang=lang).items()},
        }
        for lang in LANGUAGES
    },
    "batch": {
        "path": "/v1/triage",
        "method": "POST",
        "data": "\n".join(json.dumps(asked(case)) for case in (OVERDUE, SETTLED)),
        "content_type": "application/jsonl",
    },
}
TITLES = {"zh": "网关金库已空", "en": "The vault is empty"}
LESSER = {"zh": "已查看金库", "en": "The vault was looked at"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packaged(tmp_path_factory.mktemp("site"), MODULE)


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict[str, tuple[int, dict[str, str], str]]:
    """What a service beside the other package answers."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(RECORDED)],
        input=json.dumps(list(ASKED.values())),
        env=beside(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return {
        name: tuple(told) for name, told in zip(ASKED, json.loads(done.stdout), strict=True)
    }


def test_every_question_is_answered(answers: dict[str, Any]) -> None:
    assert {name: status for name, (status, _, _) in answers.items() if status != 200} == {}


def test_its_codes_are_in_the_catalogue(answers: dict[str, Any]) -> None:
    entries = {entry["code"]: entry for entry in json.loads(answers["checks"][2])["checks"]}
    assert list(entries)[-2:] == CODES
    assert entries["vault_empty"]["title"] == TITLES
    assert {entries[code]["family"] for code in CODES} == {"vault"}


def test_the_contract_that_is_served_lists_them_and_is_the_same_otherwise(
    answers: dict[str, Any],
) -> None:
    served = answers["contract"][2]
    shipped = set(contract.TEXT.splitlines())
    added = [line for line in served.splitlines() if line not in shipped]
    assert [line.strip("- ") for line in added] == ["# vault", *CODES]
    codes = yaml.load(served, contract.LOADER)["components"]["schemas"]["Code"]["enum"]
    assert codes == contract.SPEC["components"]["schemas"]["Code"]["enum"] + CODES


def test_it_leads_where_its_outcome_says_so(answers: dict[str, Any]) -> None:
    """A cause leads over waiting, and what became of the coins over every cause."""
    overdue, settled = (json.loads(answers[name][2]) for name in ("overdue", "settled"))
    assert overdue["verdict"]["code"] == "vault_empty"
    assert overdue["verdict"]["title"] == TITLES
    assert answers["overdue"][1]["X-Diag-Verdict"] == "vault_empty"
    assert settled["verdict"]["code"] == "gateway_settled"
    for found in (overdue, settled):
        listed = [finding["code"] for finding in found["findings"]]
        assert set(CODES) <= set(listed)
        assert listed.index("vault_empty") < listed.index("vault_looked_at")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_rendering_names_it_by_its_title(
    answers: dict[str, Any], kind: str, lang: str
) -> None:
    assert TITLES[lang] in answers[f"{kind} {lang}"][2]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_panel_names_it_by_its_title_also_where_it_does_not_lead(
    answers: dict[str, Any], lang: str
) -> None:
    page = answers[f"panel {lang}"][2]
    assert TITLES[lang] in page and f"<b>{LESSER[lang]}</b>" in page


def test_a_batch_groups_by_it(answers: dict[str, Any]) -> None:
    *_, last = answers["batch"][2].splitlines()
    groups = json.loads(last)["summary"]["groups"]
    assert {"vault_empty", "gateway_settled"} == {group["code"] for group in groups}
    [found] = [group for group in groups if group["code"] == "vault_empty"]
    assert all(found["title"][lang].startswith(TITLES[lang]) for lang in LANGUAGES)


def test_it_is_counted(answers: dict[str, Any]) -> None:
    assert 'code="vault_empty"' in answers["metrics"][2]


def test_the_command_line_lists_it(folder: Path) -> None:
    done = subprocess.run(
        command("checks", "--lang", "en"),
        env=beside(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    rows = [line for line in done.stdout.splitlines() if line.startswith("vault_")]
    assert [row.split()[0] for row in rows] == CODES
    assert "The vault holds nothing." in rows[0]


RULE = "from diag.checks import pending\nRULES = pending.RULES[:1]\ncheck = pending.check\n"
RENAMED = (
    "from dataclasses import replace\nfrom diag.checks import pending\ncheck = pending.check\n"
    "RULES = (replace(pending.RULES[0], code={code!r}),) * {times}\n"
)
UNUSABLE = [
    pytest.param("raise OSError", "OSError", id="it cannot be imported"),
    pytest.param("", "AttributeError", id="it is empty"),
    pytest.param("RULES = ()\ncheck = None\n", "check", id="it checks nothing"),
    pytest.param(RULE, "chain_confirming", id="a code of ours"),
    pytest.param(RENAMED.format(code="twice", times=2), "twice", id="a code twice"),
    pytest.param(RENAMED.format(code="No Code", times=1), "No Code", id="a code that is none"),
]


@pytest.mark.parametrize(("module", "why"), UNUSABLE)
def test_one_that_cannot_be_used_is_a_wrong_set_up_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, why: str
) -> None:
    monkeypatch.syspath_prepend(packaged(tmp_path, module, "broken"))
    monkeypatch.delitem(sys.modules, "broken", raising=False)
    question = ("diagnose", "lin-yue", "--last", "24h", "--lang", "en")
    status, out, err = ran(*question, DIAG_LEDGER=str(EMBEDDED))
    assert (status, out) == (64, "")
    assert f"broken = broken) cannot be used: {why}." in err


def test_without_other_packages_there_are_only_ours() -> None:
    assert installed() == CHECKS
