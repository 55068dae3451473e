"""A reply names the year of a time where the user, in his zone, is already in another one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from builders import as_of, block_at, burn, case, diagnose_, transfer

from diag.render.user_reply import reply

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
TIMES = [
    pytest.param(
        "2031-12-31T21:00Z", "2031-12-31T20:00Z", None, "12-31 20:00", "20:00 on 31 Dec",
        id="an hour ago, in the old year",
    ),
    pytest.param(
        "2032-01-01T10:00Z", "2031-12-31T20:00Z", None, "2031-12-31 20:00", "20:00 on 31 Dec 2031",
        id="yesterday, in the old year",
    ),
    pytest.param(
        "2032-01-01T10:00Z", "2032-01-01T09:00Z", None, "01-01 09:00", "09:00 on 1 Jan",
        id="an hour ago, in the new year",
    ),
    pytest.param(
        "2031-12-31T20:00Z", "2031-12-31T10:00Z", SHANGHAI, "2031-12-31 18:00", "18:00 on 31 Dec 2031",
        id="where the new year has begun, and not yet in UTC",
    ),
    pytest.param(
        "2031-12-31T20:00Z", "2031-12-31T18:00Z", SHANGHAI, "01-01 02:00", "02:00 on 1 Jan",
        id="in the new year there, and not yet in UTC",
    ),
    pytest.param(
        "2032-01-01T03:00Z", "2031-12-31T20:00Z", NEW_YORK, "12-31 15:00", "15:00 on 31 Dec",
        id="where the old year lasts, and in UTC no longer",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("now", "sent", "zone", "zh", "en"), TIMES)
def test_the_year_stands_in_a_reply_where_it_is_another(now, sent, zone, zh, en):
    head, at = datetime.fromisoformat(now), datetime.fromisoformat(sent)
    found = diagnose_(
        transfer(at=at),
        burn(at=at + timedelta(minutes=5)),
        asked=case(at - timedelta(hours=1), head, zone=zone),
        as_of=as_of(block=block_at(head), time=head, irreversible_block=block_at(head) - 19),
    )
    said = {lang: reply(found, lang) for lang in ("zh", "en")}

    assert found.verdict.code == "gateway_settled"
    assert re.search(rf"(?<![-0-9]){zh}", said["zh"]), said["zh"]
    assert re.search(rf"{en}(?! 20\d\d)", said["en"]), said["en"]
