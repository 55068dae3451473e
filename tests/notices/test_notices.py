"""Notices: what the operator knows explains a verdict, is told to user and agent, and decides nothing."""

from __future__ import annotations

import logging
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import BTC, CLIFF, NOW, ago, case, evidence, transfer
from recorded import RECORDED, diagnoses
from waiting import FOREVER

from diag.api.app import create_app
from diag.checks import CHECKS
from diag.config.reloading_file import ReloadingFile
from diag.config.settings import Settings
from diag.diagnosis.engine import Diagnosis, conclude
from diag.domain.period import Period
from diag.domain.vocabulary import Severity
from diag.errors import BadSetting
from diag.i18n import LANGUAGES, Text
from diag.notices.loader import read_notices
from diag.notices.model import Notice, NoticeKind, notices_in_force
from diag.render import markdown, text
from diag.render.agent_note import note
from diag.render.json_document import document, dumps
from diag.render.options import View
from diag.render.user_reply import LONGEST, reply

HOUR = timedelta(hours=1)
LATE = transfer(at=ago(hours=5))
CODES = frozenset(rule.code for check in CHECKS for rule in check.RULES)
KEYS = frozenset({"BROOK", "CLIFF"})


def notice(**facts: Any) -> Notice:
    """Brook's wallet is being repaired since three hours ago, until tomorrow at most."""
    known: dict[str, Any] = {
        "id": "brook-repair",
        "kind": NoticeKind.MAINTENANCE,
        "period": Period(NOW - 3 * HOUR, NOW + 24 * HOUR),
        "text": Text(zh="Brook 网关维护中", en="The gateway Brook is in maintenance"),
        "gateway": "BROOK",
        "expected_repair": NOW + 6 * HOUR,
    }
    return Notice(**{**known, **facts})


def told(*notices: Notice, seen: Any = None) -> Diagnosis:
    """A late withdrawal to Brook, with these notices on the board."""
    seen = seen or evidence(LATE, asked=case(zone="Asia/Shanghai"))
    return conclude(seen, CHECKS, notices)


# --- which notices apply ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "applies"),
    [
        pytest.param({}, True, id="this gateway, now"),
        pytest.param({"gateway": None}, True, id="for everybody"),
        pytest.param({"gateway": "CLIFF"}, False, id="another gateway"),
        pytest.param({"asset": BTC.symbol}, True, id="this asset"),
        pytest.param({"asset": "BROOK.ETH"}, False, id="another asset"),
        pytest.param(
            {"codes": frozenset({"gateway_unconfirmed"})}, False, id="another verdict"
        ),
        pytest.param({"codes": frozenset({"gateway_overdue"})}, True, id="this verdict"),
        pytest.param({"period": Period(NOW, None)}, True, id="begins with the newest block"),
        pytest.param({"period": Period(NOW + HOUR, None)}, False, id="has not begun"),
        pytest.param({"period": Period(NOW - HOUR, NOW)}, False, id="has just ended"),
        pytest.param({"period": Period(NOW - HOUR, None)}, True, id="without an end"),
    ],
)
def test_a_notice_applies(facts: dict[str, Any], applies: bool) -> None:
    one = notice(**facts)
    diagnosis = told(one, seen=evidence(LATE, asked=case(operation=LATE.id)))

    assert diagnosis.verdict.finding.withdrawal_id == LATE.id
    assert diagnosis.notices == ((one,) if applies else ())


def test_the_time_that_counts_is_that_of_the_newest_block() -> None:
    """The wall clock is years away from it."""
    assert told(notice(period=Period(NOW - HOUR, NOW + HOUR))).notices
    assert not told(
        notice(period=Period(datetime(2026, 1, 1, tzinfo=UTC), ago(hours=1)))
    ).notices


def test_without_a_leading_withdrawal_only_general_notices_apply() -> None:
    general = notice(id="all", gateway=None)
    diagnosis = told(notice(), general, seen=evidence(asked=case()))

    assert diagnosis.notices == (general,)


def test_the_most_severe_comes_first_then_incidents_then_by_id() -> None:
    board = [
        notice(id="d", kind=NoticeKind.CHANNELS),
        notice(id="c", kind=NoticeKind.HOLIDAY, severity=Severity.CRITICAL),
        notice(id="b", kind=NoticeKind.INCIDENT),
        notice(id="a", kind=NoticeKind.INCIDENT),
    ]

    assert [n.id for n in told(*board).notices] == ["c", "a", "b", "d"]


# --- it explains and never decides -----------------------------------------------------------------


@pytest.mark.parametrize("name", diagnoses())
def test_no_notice_changes_a_verdict(name: str) -> None:
    """Not even one of an incident: code, certainty, advice and findings stay as they were."""
    before = diagnoses()[name]
    now = before.evidence.now
    keys = [gateway.key for gateway in before.evidence.register.gateways]
    board = [
        notice(id=key.lower(), kind=kind, gateway=key, period=Period(now - HOUR, None))
        for key in keys
        for kind in (NoticeKind.INCIDENT,)
    ]
    after = conclude(before.evidence, CHECKS, board)

    assert after.verdict == before.verdict
    assert after.withdrawals == before.withdrawals
    assert after.findings == before.findings


def test_the_same_notices_are_the_same_bytes_and_others_another_id() -> None:
    view = View("zh")
    once, again, other = told(notice()), told(notice()), told(notice(expected_repair=None))

    assert dumps(once, view) == dumps(again, view)
    assert len({once.id, other.id, told().id}) == 3


def test_a_notice_that_does_not_apply_leaves_every_byte_as_it_was() -> None:
    view = View("zh")

    assert dumps(told(), view) == dumps(told(notice(gateway="CLIFF")), view)


# --- what is said ------------------------------------------------------------------------------------


def test_the_user_is_told_with_the_expected_repair_in_local_time() -> None:
    diagnosis = told(notice())

    assert "Brook 网关维护中，预计 05-21 02:00 修复。" in reply(diagnosis, "zh")
    assert (
        "The gateway Brook is in maintenance; the fix is expected at 02:00 on 21 May."
        in reply(diagnosis, "en")
    )
    assert "以上为北京时间。" in reply(diagnosis, "zh")


def test_a_repair_that_should_be_done_by_now_is_not_promised_again() -> None:
    said = reply(told(notice(expected_repair=NOW - HOUR)), "zh")

    assert "Brook 网关维护中。" in said and "预计" not in said


def test_channels_are_for_the_agent() -> None:
    one = notice(
        kind=NoticeKind.CHANNELS, channels=("t.me/brook-official",), expected_repair=None
    )
    diagnosis = told(one)

    assert "Brook 网关维护中" not in reply(diagnosis, "zh")
    assert re.search("联系谁：Brook 网关：t.me/brook-official", note(diagnosis, "zh"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", diagnoses())
def test_a_reply_with_a_notice_is_never_too_long(name: str, lang: str) -> None:
    """The operator's words where they fit, else those of the kind, else none."""
    before = diagnoses("Asia/Shanghai")[name]
    long = notice(
        gateway=None,
        period=Period(),
        text=Text(zh="网关的钱包正在更换，" * 15, en="The wallets are being replaced, " * 15),
        expected_repair=before.evidence.now + HOUR,
    )
    said = reply(conclude(before.evidence, CHECKS, [long]), lang)

    assert (len(said) if lang == "zh" else len(said.split())) <= LONGEST[lang]
    assert long.text.say(lang) not in said


def test_where_the_operators_words_are_too_long_those_of_the_kind_are_said() -> None:
    long = notice(text=Text(zh="长" * 190, en="long " * 110))

    assert "目前正在维护，预计 05-21 02:00 修复。" in reply(told(long), "zh")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_agent_reads_it_in_every_rendering(lang: str) -> None:
    one = notice(channels=("https://status.brook.example",))
    diagnosis = told(one)
    expected = {"zh": "维护：Brook 网关维护中", "en": "Maintenance: The gateway Brook is in"}[
        lang
    ]

    assert expected in note(diagnosis, lang)
    assert expected in text.render(diagnosis, View(lang))
    assert len(text.render(diagnosis, View(lang)).splitlines()) <= 15
    assert expected in markdown.render(diagnosis, View(lang))
    assert "status" in markdown.render(diagnosis, View(lang))


def test_the_document_has_it_whole() -> None:
    [shown] = document(told(notice(channels=("t.me/brook",))), View("en"))["notices"]

    assert shown == {
        "id": "brook-repair",
        "kind": "maintenance",
        "gateway": "BROOK",
        "asset": None,
        "from": "2031-05-20T09:00:00Z",
        "until": "2031-05-21T12:00:00Z",
        "expected_repair": "2031-05-20T18:00:00Z",
        "severity": "notice",
        "text": {"zh": "Brook 网关维护中", "en": "The gateway Brook is in maintenance"},
        "channels": ["t.me/brook"],
    }


# --- the file -------------------------------------------------------------------------------------------

GOOD = """
[[notices]]
id = "brook-repair"
kind = "maintenance"
from = 2031-05-20T09:00:00Z
until = 2031-05-21T12:00:00Z
gateway = "BROOK"
asset = "BROOK.BTC"
codes = ["gateway_overdue", "gateway_processing"]
expected_repair = 2031-05-20T18:00:00Z
severity = "warning"
text.zh = "Brook 网关维护中"
text.en = "The gateway Brook is in maintenance"
channels = ["t.me/brook"]
"""


def read(path: Path, text: str = GOOD) -> tuple[Notice, ...]:
    path.write_text(text, encoding="utf-8")
    return read_notices(path, KEYS, CODES)


def test_a_notice_is_read_whole(tmp_path: Path) -> None:
    [found] = read(tmp_path / "notices.toml")

    assert found == notice(
        asset="BROOK.BTC",
        codes=frozenset({"gateway_overdue", "gateway_processing"}),
        severity=Severity.WARNING,
        channels=("t.me/brook",),
    )


def test_a_short_notice_is_enough(tmp_path: Path) -> None:
    short = 'notices = [{ id = "a", kind = "holiday", from = 2031-05-20, text = { zh = "休假", en = "Closed" } }]'
    [found] = read(tmp_path / "notices.toml", short)

    assert (found.gateway, found.asset, found.codes, found.period.end) == (
        None,
        None,
        frozenset(),
        None,
    )
    assert found.severity is Severity.NOTICE


@pytest.mark.parametrize("text", ["", "notices = []"], ids=["empty", "an empty list"])
def test_no_notices_are_fine(tmp_path: Path, text: str) -> None:
    assert read(tmp_path / "notices.toml", text) == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "remedy"),
    [
        pytest.param('id = "brook-repair"', 'id = "Brook!"', 3, "id", "notice id", id="id"),
        pytest.param('kind = "maintenance"', 'kind = "party"', 4, "kind", "incident", id="kind"),
        pytest.param('kind = "maintenance"', "", 2, "notices[0].kind", "missing", id="no kind"),
        pytest.param("2031-05-20T09:00:00Z", "2031-05-20T09:00:00", 5, "from", "offset", id="time"),
        pytest.param("until = 2031-05-21", "until = 2031-05-19", 6, "until", "before", id="until"),
        pytest.param('"BROOK"', '"BROOKS"', 7, "gateway", "use one of BROOK", id="gateway"),
        pytest.param('"BROOK.BTC"', '"btc"', 8, "asset", "asset symbol", id="asset"),
        pytest.param(
            '"gateway_overdue"', '"gateway_over"', 9, "codes", "gateway_overdue", id="code"
        ),
        pytest.param(
            "repair = 2031-05-20T18", "repair = 2031-05-20T08", 10, "expected_repair", "not after", id="repair"
        ),
        pytest.param('"warning"', '"loud"', 11, "severity", "warning", id="severity"),
        pytest.param('text.en = "The gateway Brook is in maintenance"', "", 12, "text.en", "missing", id="one language"),
        pytest.param("Brook 网关维护中", "长" * 201, 12, "text", "200", id="too long"),
        pytest.param('["t.me/brook"]', '"t.me/brook"', 14, "channels", "list", id="channels"),
        pytest.param("channels", "chanels", 14, "chanels", "unknown field", id="a slip"),
        pytest.param("severity =", "severity", 11, "", "TOML syntax", id="syntax"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, field: str, remedy: str
) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(BadSetting) as caught:
        read(tmp_path / "notices.toml", GOOD.replace(old, new))
    zh, en = caught.value.text.say("zh"), caught.value.text.say("en")

    assert en.startswith(f"notices.toml, line {line}") and field in en and remedy in en
    assert f"第 {line} 行" in zh


def test_an_id_is_given_once(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="duplicate id brook-repair"):
        read(tmp_path / "notices.toml", GOOD + GOOD)


def test_a_text_in_one_language_for_both_is_refused(tmp_path: Path) -> None:
    one = re.sub(r"text\.zh = .*\ntext\.en = .*\n", 'text = "维护"\n', GOOD)
    with pytest.raises(BadSetting, match="both languages"):
        read(tmp_path / "notices.toml", one)


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "notices.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```toml\n(.+?)```", page, re.DOTALL)
    path = tmp_path / "notices.toml"
    path.write_text(example, encoding="utf-8")

    assert read_notices(path, frozenset({"NORTH"}), CODES)
    for field in ("severity", "asset", "codes", "expected_repair", "channels"):
        assert f"`{field}`" in page


# --- the board: read again whenever the file changes --------------------------------------------------------


class Board:
    """A notices file that is written again and again, each time a second later."""

    def __init__(self, path: Path) -> None:
        self.path, self.second = path, 1_000_000_000
        self.write(GOOD)
        self.board = ReloadingFile(
            path, lambda path: read_notices(path, KEYS, CODES), "notices"
        )

    def write(self, text: str) -> None:
        self.path.write_text(text, encoding="utf-8")
        self.second += 1
        os.utime(self.path, (self.second, self.second))

    def ids(self) -> list[str]:
        return [notice.id for notice in self.board()]


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path / "notices.toml")


def test_a_changed_file_is_read_without_a_restart(board: Board) -> None:
    assert board.ids() == ["brook-repair"]
    board.write(GOOD.replace("brook-repair", "brook-again"))
    assert board.ids() == ["brook-again"]
    board.write("")
    assert board.ids() == []


def test_a_spoilt_file_leaves_the_last_good_notices_and_is_logged_once(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        board.write(GOOD.replace('"maintenance"', '"party"'))
        assert [board.ids() for _ in range(3)] == [["brook-repair"]] * 3
    [record] = caplog.records
    assert "line 4" in record.getMessage()
    board.write(GOOD.replace("brook-repair", "brook-again"))
    assert board.ids() == ["brook-again"]


def test_a_file_that_is_gone_leaves_the_last_good_notices(board: Board) -> None:
    board.path.unlink()
    assert board.ids() == ["brook-repair"]


def test_a_file_that_is_wrong_at_the_start_is_a_wrong_setting(tmp_path: Path) -> None:
    path = tmp_path / "notices.toml"
    path.write_text("notices = 1", encoding="utf-8")
    with pytest.raises(BadSetting, match="must be a list"):
        create_app(Settings(deadline=FOREVER, ledger=RECORDED, notices=path))


# --- over HTTP --------------------------------------------------------------------------------------------------

NORTH = """
[[notices]]
id = "north-incident"
kind = "incident"
from = 2026-11-22T07:00:00Z
gateway = "NORTH"
expected_repair = 2026-11-23T10:00:00Z
severity = "warning"
text = { zh = "NORTH 网关有已知故障", en = "The gateway NORTH has a known problem" }

[[notices]]
id = "harbor-holiday"
kind = "holiday"
from = 2026-11-20
until = 2026-11-22
gateway = "HARBOR"
text = { zh = "HARBOR 休假", en = "HARBOR is on holiday" }

[[notices]]
id = "warning"
kind = "scam_warning"
from = 2026-01-01
text = { zh = "请警惕假冒客服", en = "Beware of false support" }
"""
OVERDUE = {"account": "zhao-ming", "last": "12h", "tz": "Asia/Shanghai"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("notices") / "notices.toml"
    path.write_text(NORTH, encoding="utf-8")
    return create_app(Settings(deadline=FOREVER, ledger=RECORDED, notices=path)).test_client()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        pytest.param({}, ["north-incident", "warning"], id="now"),
        pytest.param({"gateway": "HARBOR"}, ["warning"], id="another gateway"),
        pytest.param({"gateway": "NORTH"}, ["north-incident", "warning"], id="a gateway"),
        pytest.param(
            {"at": "2026-11-21T08:00:00+08:00"}, ["warning", "harbor-holiday"], id="earlier"
        ),
        pytest.param({"at": "2025-01-01T00:00:00Z"}, [], id="long ago"),
    ],
)
def test_the_notices_in_force_are_listed(
    client: Any, query: dict[str, str], ids: list[str]
) -> None:
    answered = client.get("/v1/notices", query_string=query).get_json()

    assert sorted(n["id"] for n in answered["notices"]) == sorted(ids)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"gateway": "NOWHERE"}, "gateway"),
        ({"at": "2026-11-22"}, "at"),
        ({"at": "2026-11-22T10:00:00"}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"from": "2026-11-22T10:00:00Z"}, "from"),
        ({"at": ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"]}, "at"),
    ],
    ids=str,
)
def test_a_wrong_question_is_told_so(client: Any, query: dict[str, Any], field: str) -> None:
    response = client.get("/v1/notices", query_string=query)

    assert response.status_code == 400
    assert [error["field"] for error in response.get_json()["errors"]] == [field]


def test_a_diagnosis_over_http_holds_its_notices(client: Any) -> None:
    bare = create_app(Settings(deadline=FOREVER, ledger=RECORDED)).test_client()
    with_them = client.get("/v1/diagnoses", query_string=OVERDUE).get_json()
    without = bare.get("/v1/diagnoses", query_string=OVERDUE).get_json()

    assert [n["id"] for n in with_them["notices"]] == ["north-incident", "warning"]
    assert "NORTH 网关有已知故障，预计 11-23 18:00 修复。" in with_them["reply"]["zh"]
    assert with_them["verdict"] == without["verdict"]
    assert with_them["id"] != without["id"]


def test_readiness_has_nothing_to_do_with_notices(tmp_path: Path) -> None:
    path = tmp_path / "notices.toml"
    path.write_text(NORTH, encoding="utf-8")
    client = create_app(Settings(deadline=FOREVER, ledger=RECORDED, notices=path)).test_client()
    path.write_text("notices = 1", encoding="utf-8")

    assert client.get("/readyz").status_code == 200
    assert client.get("/v1/diagnoses", query_string=OVERDUE).status_code == 200


def test_what_is_listed_of_a_gateway_is_its_own_and_the_general() -> None:
    general, other = notice(id="all", gateway=None), notice(id="cliff", gateway=CLIFF.key)

    assert notices_in_force([notice(), general, other], NOW, "BROOK") == (general, notice())
