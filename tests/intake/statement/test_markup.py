"""HTML and tables: what a helpdesk stores and what people paste from spreadsheets."""

from __future__ import annotations

import pytest

from diag.intake.statement.markup import plain_text

SILENT = [
    "<alice-7> I sent 5 BTS",
    "0.5 < 1 and 2 > 1",
    "see <https://x.example/a> or <help@ex.example>",
    "a|b|c\nd|e|f",
    "one, two, three\nfour, five, six",
    "账户\n没到",
    "tab\tseparated words",
]


@pytest.mark.parametrize("text", SILENT)
def test_what_is_neither_is_unchanged(text):
    assert plain_text(text) == text


FORM = "账户: zhao-ming\n数量: 0.5 XBTSX.BTC\n时间: 2026-11-29 15:00"
TABLES = {
    "HTML": "<table><tr><th>账户</th><th>数量</th><th>时间</th></tr><tr><td>zhao-ming</td><td>0.5 XBTSX.BTC</td><td>2026-11-29 15:00</td></tr></table>",
    "Markdown": "| 账户 | 数量 | 时间 |\n|---|---|---|\n| zhao-ming | 0.5 XBTSX.BTC | 2026-11-29 15:00 |",
    "a spreadsheet": "账户\t数量\t时间\nzhao-ming\t0.5 XBTSX.BTC\t2026-11-29 15:00",
    "CSV": "账户,数量,时间\nzhao-ming,0.5 XBTSX.BTC,2026-11-29 15:00",
    "wide gaps": "账户    数量    时间\nzhao-ming    0.5 XBTSX.BTC    2026-11-29 15:00",
    "labels and values": "账户 | zhao-ming\n数量 | 0.5 XBTSX.BTC\n时间 | 2026-11-29 15:00",
    "labels above values": "账户\nzhao-ming\n数量\n0.5 XBTSX.BTC\n时间\n2026-11-29 15:00",
    "paragraphs": "<p>账户: <b>zhao-<i>ming</i></b></p><p>数量: 0.5&nbsp;XBTSX.BTC</p>时间: 2026-11-29 15:00",
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_each_value_stands_with_its_label(text):
    assert plain_text(text).replace("\u00a0", " ") == FORM


def test_invisible_and_quoted_parts_are_left_out_and_links_keep_their_address():
    text = (
        "<style>a{}</style><script>x()</script><!-- 2026 --><p>see <a href='https://x.example/tx/1'>this</a></p>"
        "<blockquote>Please tell us</blockquote><div class='gmail_quote'>On Monday</div>"
    )
    assert plain_text(text) == "see this https://x.example/tx/1"


def test_a_secret_in_what_is_not_seen_is_known_and_not_shown(said):
    key = "5J" + "".join(
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[n * 7 % 58]
        for n in range(49)
    )
    found = said(f'<p title="{key}">my account is zhao-ming</p>')
    assert found["exposed"] == ["wif"]
    assert key not in str(found.document)
