"""What a terminal is shown, and what a pipe: colours, widths, words for people or for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commands import on_terminal, ran, shown
from rich.cells import cell_len
from tickets import stories

from diag.i18n import Text
from diag.render.agent_note import TITLES

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
ZHAO = ("diagnose", "zhao-ming", "--last", "6h")
COMPLAINT = "我是 zhao-ming，昨天北京时间下午3点左右提了 0.05 个 NORTH.BTC 到 north-wallet，到现在还没到账"


def piped(*arguments: str, given: bytes = b"", **changes: str) -> tuple[int, str]:
    status, out, err = ran(*arguments, given=given, **changes)
    assert err == ""
    return status, out


@pytest.fixture(scope="module")
def tickets(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("tickets") / "tickets.jsonl"
    file.write_text("\n".join(map(json.dumps, stories())), encoding="utf-8")
    return str(file)


def test_colours_are_for_terminals_alone() -> None:
    """As a program, whose terminal is one of the system's."""
    status, seen = on_terminal(*ZHAO)
    assert (status, bool(COLOUR.search(seen))) == (2, True)
    assert "正在查询区块链" in seen
    status, said = piped(*ZHAO)
    assert (status, "\x1b" in said) == (2, False)
    assert said.splitlines()[0] in ESCAPE.sub("", seen)


def test_nor_are_they_where_nobody_wants_them() -> None:
    coloured = re.compile(r"\x1b\[[0-9;]*3[0-9]m")
    assert coloured.search(shown("doctor"))
    assert not coloured.search(shown("doctor", NO_COLOR="1"))


def test_a_table_fits_the_terminal_that_a_program_finds() -> None:
    for columns in (60, 100):
        _, seen = on_terminal("checks", "--lang", "en", columns=columns)
        widths = [cell_len(ESCAPE.sub("", line)) for line in seen.splitlines()]
        assert columns - 5 <= max(widths) <= columns


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["triage", "checks", "doctor"])
def test_a_table_fits_the_terminal_and_is_whole_in_a_pipe(
    tickets: str, name: str, lang: str
) -> None:
    words = [name, *([tickets] if name == "triage" else []), "--lang", lang]
    seen = shown(*words)
    lines = [COLOUR.sub("", line) for line in seen.splitlines() if "\x1b[2K" not in line]
    assert max(cell_len(ESCAPE.sub("", line)) for line in lines) <= 80
    _, said = piped(*words)
    if name != "doctor":
        told = TITLES if name == "triage" else {code: Text(code, code) for code in TITLES}
        codes = ("gateway_overdue", "account_not_found")
        assert all(told[code].say(lang) in said for code in codes)
    cut = [text.replace("… +", "").count("…") for text in ("".join(lines), said)]
    assert cut[0] == cut[1]  # as many as the words have themselves


def test_a_complaint_is_read_for_people_on_a_terminal_and_for_programs_elsewhere(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ticket.txt"
    file.write_text(COMPLAINT, encoding="utf-8")
    assert "Kind: " in shown("intake", str(file), "--lang", "en")
    status, said = piped("intake", given=COMPLAINT.encode())
    assert status == 0
    assert json.loads(said)["fields"]["account"]["value"] == "zhao-ming"


INTAKE = {
    "zh": (
        "类型：提币未到账",
        "账户：zhao-ming",
        "转出数额：0.05 NORTH.BTC",
        "时间范围：2026-11-21 12:00:00（北京时间）",
    ),
    "en": (
        "Kind: Withdrawal not arrived",
        "Account: zhao-ming",
        "Amount sent: 0.05 NORTH.BTC",
        "Window: 2026-11-21 12:00:00 (Beijing time)",
    ),
}


@pytest.mark.parametrize("lang", INTAKE)
def test_the_text_of_an_intake_says_what_was_read_and_how_to_go_on(lang: str) -> None:
    words = ("intake", "--format", "text", "--lang", lang)
    _, said = piped(*words, given=COMPLAINT.encode())
    lines = said.splitlines()
    assert all(any(line.startswith(part) for line in lines) for part in INTAKE[lang])
    assert lines[-1].startswith("diag diagnose zhao-ming --from 2026-11-21T04:00:00Z --to ")
    _, unclear = piped(*words, given="我的提币没到账".encode())
    assert "diag diagnose" not in unclear
    assert ("可以这样问用户：" if lang == "zh" else "What to ask the user:") in unclear


def test_a_secret_in_a_complaint_is_not_repeated(tmp_path: Path) -> None:
    from random import Random

    from secret_texts import remains, wif

    key = wif(Random(5))
    file = tmp_path / "ticket.txt"
    file.write_text(f"{COMPLAINT} {key}", encoding="utf-8")
    _, said = piped("intake", str(file), "--format", "text", "--lang", "en")
    assert said.startswith("The text held a private key")
    assert remains(said, key) == []


@pytest.mark.parametrize(
    ("changes", "lang"),
    [
        pytest.param({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, "en", id="LC_ALL first"),
        pytest.param({"LC_ALL": "", "LC_MESSAGES": "en_US"}, "en", id="then LC_MESSAGES"),
        pytest.param({"LC_ALL": "", "LANG": "en_US.UTF-8"}, "en", id="then LANG"),
        pytest.param({"LC_ALL": "zh_TW.UTF-8"}, "zh", id="any Chinese"),
        pytest.param({"LC_ALL": "C.UTF-8"}, "zh", id="no language"),
        pytest.param({"LC_ALL": "de_DE.UTF-8"}, "zh", id="another language"),
        pytest.param({"LC_ALL": "en_US", "DIAG_LANG": "zh"}, "zh", id="the setting before it"),
    ],
)
def test_the_language_is_that_of_the_locale(changes: dict[str, str], lang: str) -> None:
    _, said = piped("checks", **changes)
    assert said.split(maxsplit=2)[2].startswith("账户" if lang == "zh" else "No account")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_script_for_each_shell(shell: str) -> None:
    assert "_DIAG_COMPLETE" in piped(_DIAG_COMPLETE=f"{shell}_source")[1]


@pytest.mark.parametrize(
    ("words", "position", "found"),
    [
        ("diag d", 1, {"db", "deliveries", "diagnose", "doctor"}),
        ("diag diagnose --f", 2, {"--from", "--format"}),
    ],
)
def test_a_shell_completes_commands_and_options(
    words: str, position: int, found: set[str]
) -> None:
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(position)}
    _, said = piped(_DIAG_COMPLETE="bash_complete", **asked)
    assert {line.partition(",")[2] for line in said.splitlines()} == found
