"""A page of free text, normalised without moving any character.

Full-width forms, traditional characters, typographic quotes and capitals are folded character by
character, so a span of the normalised text is a span of the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from diag.intake.cues import Cue

_TRADITIONAL = (
    "幣币賬账帳账帐账戶户號号點点時时後后個个錢钱轉转給给沒没還还發发請请問问為为麼么們们這这現现從从過过"
    "網网關关備备註注記记錯错額额費费續续鎖锁凍冻結结確确認认區区塊块鏈链兩两萬万億亿週周禮礼約约鐘钟鍾钟"
    "間间淩凌騙骗盜盗竊窃鑰钥碼码丟丢損损緊紧東东業业務务壞坏單单據据數数對对聯联繫系係系訊讯實实驗验帶带"
    "寫写漏漏應应該该嗎吗經经進进處处報报維维護护開开閉闭暫暂動动運运營营長长遲迟漲涨變变顯显現现資资產产餘余"
    "裡里裏里聽听說说見见讓让幫帮誰谁選选擇择達达環环歸归盡尽詐诈換换買买賣卖賠赔償偿狀状態态檢检測测雜杂級级"
    "領领匯汇儲储積积兌兑適适員员誤误嚴严壓压獲获廣广幹干訂订繳缴稅税擔担質质證证騙骗導导壇坛議议題题則则內内"
    "權权限限簽签無无雙双幾几昨昨尋寻晝昼灣湾歐欧圓圆萊莱羅罗價价釋释義义導导與与響响剛刚瑞瑞貨货較较戰战難难"
)
_FOLD = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code != 0xFF0C},
    **{
        ord(old): new
        for old, new in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)
        if old != new
    },
    **dict.fromkeys(map(ord, "‐‑‒–—−－"), "-"),
    **dict.fromkeys(map(ord, "“”„«»「」『』《》"), '"'),
    **dict.fromkeys(map(ord, "‘’`´"), "'"),
    **{ord(old): new for old, new in zip("俩仨】", "两三:", strict=True)},
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f\u3000\t"), " "),
}
_FINANCIAL = str.maketrans(
    "零壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億", "零一二二三三四五六六七八九十百千万亿"
)
_FINANCIAL_NUMBER = re.compile(
    f"[{''.join(map(chr, _FINANCIAL))}万亿]{{2,}}|[{''.join(map(chr, _FINANCIAL))}](?=[个個枚])"
)
"""A number in the numerals of banks; one of them alone may be a part of a word, as in 登陆."""
_WIDE_THOUSANDS = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
MOST = 256
"""The most matches of one pattern; a text with more is a log, not a complaint."""
BLANK = "\N{SYMBOL FOR NULL}"
"""The character that replaces those that were read already."""


def clean(text: str) -> str:
    """The text without invisible characters: zero-width and direction marks, control characters."""
    kept = (
        " " if letter == "\t" else letter
        for letter in text.replace("\r\n", "\n").replace("\r", "\n")
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co")
    )
    return "".join(kept)


@dataclass(frozen=True, slots=True)
class Page:
    """A text, the text with widths and scripts folded, and that in lower case."""

    text: str
    plain: str
    low: str

    @classmethod
    def of(cls, text: str) -> Page:
        """The page of a cleaned text, with the marks of redaction blanked out."""
        spoken = _FINANCIAL_NUMBER.sub(lambda found: found[0].translate(_FINANCIAL), text)
        spoken = _WIDE_THOUSANDS.sub(",", spoken)
        plain = "".join(_FOLD.get(ord(letter), letter) for letter in spoken)
        page = cls(text, plain, _small(plain))
        marks = re.finditer(r"\[redacted:[^\]\n]{0,40}\]", plain)
        return page.without(mark.span() for mark in marks)

    def without_names(self) -> Page:
        """The page with `x` for the letters of account names, whose words mean nothing."""
        return replace(self, plain=_masked(self.plain), low=_masked(self.low))

    def without(self, spans: Iterable[tuple[int, int]]) -> Page:
        """The page with these spans blanked out, so that they are not read twice."""
        plain, low = list(self.plain), list(self.low)
        for start, end in spans:
            plain[start:end] = low[start:end] = BLANK * (end - start)
        return replace(self, plain="".join(plain), low="".join(low))


_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NAME = re.compile(
    rf"(?<![A-Za-z0-9.-])(?!(?:erc|trc|bep)-20|utc|gmt|(?:{_MONTHS})[a-z]{{0,6}}-"
    rf"|[a-z0-9.-]*(?:20[0-9]{{2}}-[0-9]|-(?:{_MONTHS})[a-z]{{0,6}}-))[A-Za-z][A-Za-z0-9.]*-[A-Za-z0-9.-]*[0-9][A-Za-z0-9.-]*",
    re.IGNORECASE,
)
"""A word with a hyphen and a digit, such as ticket-man-2."""


def _masked(text: str) -> str:
    return _NAME.sub(lambda name: "x" * len(name[0]), text)


def each(form: re.Pattern[str] | Cue, text: str) -> Iterator[re.Match[str]]:
    """The first MOST matches of a pattern in a text."""
    return islice(form.finditer(text), MOST)


def _small(text: str) -> str:
    """Lower case, except for letters whose lower case has more than one character."""
    return "".join(small if len(small := c.lower()) == 1 else c for c in text)
