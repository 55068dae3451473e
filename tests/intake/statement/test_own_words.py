"""What of a pasted text is read as the user's own words: mail, ticket forms, chats."""

from __future__ import annotations

import re

import pytest

from diag.intake.normalized_text import BLANK, Page, clean
from diag.intake.statement.own_words import own_words

CLAIM = "account zhao-ming missing since 2026-11-25"
CLAIM_ZH = "账户 zhao-ming 11月25日提的没到"


def left(text: str) -> str:
    """What is left of a text, on one line."""
    return " ".join(re.sub(BLANK, " ", own_words(Page.of(clean(text))).page.plain).split())


UNTOUCHED = [
    CLAIM,
    CLAIM_ZH,
    "From: zhao-ming\nTo: xbtsx-wallet\nAmount: 0.5\nDate: 2026-11-25 15:00 UTC\nnot received",
    "My account is zhao-ming.\nOn Nov 25 2026 at 3pm UTC I withdrew 0.5 XBTSX.BTC.\nThanks",
    "Thanks for your help. My account is zhao-ming.\n\nThank you,\nI withdrew 5 BTS on 2026-11-25",
    "2026-11-29 15:00 UTC not received",
    "2026-11-29 15:05 +08:00 提的",
    "Time: 2026-11-29 15:00 UTC\nAccount: zhao-ming",
    "提币提交时间: 2026-11-25 10:00",
    "I wrote to you on 2026-11-20, this is about 5 BTS from zhao-ming",
    '从我的账户 "bob" 转给 "carol" 50个BTS',
    "memo: btc:1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
]


@pytest.mark.parametrize("text", UNTOUCHED, ids=lambda text: text[:30])
def test_a_statement_alone_is_read_whole(text):
    assert left(text) == " ".join(Page.of(text).plain.split())


QUOTED = {
    "Gmail": f"{CLAIM}\n\nOn Wed, Nov 25, 2026 at 3:05 PM Some Long Name Support Team\n<help@ex.example> wrote:\n\n> Please tell us",
    "Outlook": f"{CLAIM}\n\nFrom: Support <help@ex.example>\nSent: Wednesday, November 25, 2026 3:05 PM\nTo: me\nSubject: RE: missing\n\nDear customer",
    "Outlook, with a line": f"{CLAIM}\n________________________________\nFrom: Support <help@ex.example>\nSent: Wednesday\nTo: me\n\nDear customer",
    "an original message": f"{CLAIM}\n\n-----Original Message-----\nFrom: Support\nSent: 2026-11-25\n\nHello",
    "German": f"{CLAIM}\n\nAm Mi., 25. Nov. 2026 um 15:05 Uhr schrieb Support <help@ex.example>:\n> Hallo",
    "Japanese": f"{CLAIM}\n\n2026年11月25日(水) 15:05 Support <help@ex.example>:\n> hello",
    "Russian": f"{CLAIM}\n\nср, 25 нояб. 2026 г. в 15:05, Support <help@ex.example>:\n> hello",
    "no mailbox": f"{CLAIM}\n\nSupport wrote on 2026-11-25 15:05:\n> hi",
    "a forum": f'{CLAIM}\n[quote="support, post:2"]\nwhen on 2026-11-25 15:05 UTC?\n[/quote]',
    "a phone": f"{CLAIM}\n\nSent from my iPhone",
    "bare quotation marks": f"> When did you withdraw?\n{CLAIM}\n> Which account, on 2026-11-25?",
}
QUOTED_ZH = {
    "QQ": f'{CLAIM_ZH}\n\n------------------ 原始邮件 ------------------\n发件人: "客服" <help@ex.example>;\n发送时间: 2026年11月25日(星期三) 下午3:05\n主题: 回复\n\n您好',
    "163": f'{CLAIM_ZH}\n\n在 2026-11-25 15:05:11，"客服" <help@ex.example> 写道：\n\n您好，请问账户',
    "Outlook": f"{CLAIM_ZH}\n\n发件人: 客服 <help@ex.example>\n发送时间: 2026年11月25日 15:05\n收件人: me\n主题: 答复\n\n您好",
    "Apple": f"{CLAIM_ZH}\n\n> 在 2026年11月25日，15:05，客服 <help@ex.example> 写道：\n> \n> 您好",
    "a phone": f"{CLAIM_ZH}\n\n发自我的 iPhone",
}


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED)
def test_quoted_mail_is_taken_off(text):
    assert left(text) == CLAIM


@pytest.mark.parametrize("text", QUOTED_ZH.values(), ids=QUOTED_ZH)
def test_quoted_mail_is_taken_off_in_chinese(text):
    assert left(text) == CLAIM_ZH


def test_what_stands_below_a_quotation_is_still_the_users():
    text = "账户 zhao-ming\n\n客服 <help@ex.example> 于2026年11月25日周三 09:12写道：\n> 请问账户名？\n北京时间"
    assert left(text) == "账户 zhao-ming 北京时间"


def test_the_signature_goes_and_a_line_that_names_the_account_stays():
    text = (
        f"{CLAIM}\n\nBest regards,\nBob Smith, born 1980-01-02\naccount: zhao-ming\n+1 555 123"
    )
    assert left(text) == f"{CLAIM} Best regards, account: zhao-ming"


def test_a_mail_that_is_handed_on_is_what_is_to_be_read():
    text = f"FYI\n\n---------- Forwarded message ---------\nFrom: Wang <w@ex.example>\nDate: Wed, Nov 25, 2026\nSubject: x\n\n{CLAIM}"
    assert left(text) == f"FYI Wed, Nov 25, 2026 x {CLAIM}"


def test_the_subject_of_a_mail_is_the_users_own_and_that_of_a_reply_is_not():
    head = "From: w@ex.example\nSubject: {}\n\nplease help"
    assert left(head.format("withdrawal missing")) == "withdrawal missing please help"
    assert left(head.format("Re: your order of 2026-11-01")) == "please help"


FORMS = {
    "工单号：12345 创建时间：2026-11-25 10:00 优先级：高 账户：zhao-ming": "2026-11-25 10:00 账户:zhao-ming",
    "Ticket ID: 77 | Status: open | Created: 2026-11-25 10:00 UTC | Account: zhao-ming": "| | 2026-11-25 10:00 UTC | Account: zhao-ming",
    "注册时间：2019-01-02\n最后登录时间：2026-11-29 10:00\n提 5 BTS 没到": "提 5 BTS 没到",
    "Member since: 2018\nAssigned to: Li\n5 BTS missing": "5 BTS missing",
}


@pytest.mark.parametrize(("text", "rest"), FORMS.items(), ids=lambda text: text[:24])
def test_the_lines_of_a_ticket_system_are_taken_off_but_for_the_time_it_was_opened(text, rest):
    assert left(text) == rest


CHATS = {
    "[2026-11-22 10:15] 客服: 请问 2026-11-01 吗\n[2026-11-22 10:16] wang: 昨天提的": "2026-11-22 10:15 2026-11-22 10:16 昨天提的",
    "客服：您是11月1日提的吗？\n用户：账户 zhao-ming 昨天": "用户:账户 zhao-ming 昨天",
    "Wang, [25.11.26 09:12]\nyesterday\nSupport, [25.11.26 09:15]\nwhich day of 2026-11-01?": "25.11.26 09:12 yesterday 25.11.26 09:15",
    "2026-11-20 10:00:11 王先生\n昨天提的\n2026-11-20 10:01:00 客服小李\n您好，2026-11-01吗": "2026-11-20 10:00:11 昨天提的 2026-11-20 10:01:00",
    "25/11/2026, 09:12 - Wang: hello yesterday": "25/11/2026, 09:12 hello yesterday",
}


@pytest.mark.parametrize(("text", "rest"), CHATS.items(), ids=lambda text: text[:24])
def test_of_a_chat_the_users_words_and_the_times_of_the_messages_are_left(text, rest):
    assert left(text) == rest


WRITTEN = {
    # text, in which "yesterday" is counted from what stands with it: the day meant
    "From: w@ex.example\nDate: Wed, 25 Nov 2026 09:12:44 +0000\n\nwithdrew 5 BTS yesterday 3pm UTC": "11-24",
    "工单创建时间：2026-11-20 10:00\n昨天下午3点提的 北京时间": "11-19",
    "[25/11/2026, 09:12:44] Wang: I withdrew yesterday 3pm UTC": "11-24",
    "[2026-11-20 10:00] 用户: 在吗\n[2026-11-23 10:00] 用户: 昨天下午3点提的 北京时间": "11-22",
    "withdrew 5 BTS yesterday 3pm UTC": "11-29",
}


@pytest.mark.parametrize(("text", "day"), WRITTEN.items(), ids=lambda text: text[:24])
def test_yesterday_counts_from_when_it_was_written(said, text, day):
    assert said(text).window[0][:5] == day


@pytest.mark.parametrize(
    "text",
    [
        "[10:05] Wang: I withdrew yesterday 3pm UTC",  # which day?
        "[05/11/2026, 09:12] Wang: I withdrew yesterday 3pm UTC",  # May or November?
    ],
)
def test_where_nobody_knows_when_it_was_written_yesterday_is_no_day(said, text):
    found = said(text)
    assert (found.window, "time" in found.missing) == (None, True)
