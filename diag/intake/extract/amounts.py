"""Amounts that a text names: what was sent, what arrived, and what is neither.

A number is an amount only where something says so: a coin or a currency beside it, or a word
such as 数量 or "sent" before it. Dates, ids and lengths of time are taken out beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from diag.intake.candidates import Confidence, Found, at
from diag.intake.extract.numerals import RUN, SCALES, number, readings
from diag.intake.normalized_text import Page, each

_HAN_NUMBER = r"[零一二三四五六七八九十百千万亿两廿半]+(?:点[零一二三四五六七八九]+)?"
_SCALE = "|".join(sorted((word for word in SCALES if len(word) > 1), key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?<![0-9a-z.#/_'])(?<![0-9][:,~])(?<![0-9a-z]-)(?P<sign>[>~≈$€£¥]|us\$|rmb ?)? ?"
    rf"(?:(?P<mixed>[0-9]{{1,4}}[万千百亿][0-9零一二三四五六七八九]{{1,4}}[千百十]?)|(?P<figure>{RUN})"
    rf" ?(?P<scale>(?:{_SCALE})(?![a-z])|[kmw](?![a-z0-9])|[万千百亿](?:(?=[^0-9]|$)))?|(?P<han>{_HAN_NUMBER}))"
    r"(?![0-9]|[.,:~'-][0-9]|[a-z]*[0-9])"
)
_FIAT = {
    "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "rmb": "CNY",
    "euros": "EUR", "euro": "EUR", "dollars": "USD", "dollar": "USD", "usd": "USD", "美元": "USD", "美金": "USD",
    "刀": "USD", "欧元": "EUR", "元": "CNY", "块钱": "CNY", "块": "CNY", "人民币": "CNY", "pounds": "GBP", "yuan": "CNY",
}  # fmt: skip
_FIAT_AFTER = re.compile(
    rf" ?({'|'.join(sorted((w for w in _FIAT if w.isalpha()), key=len, reverse=True))})(?![a-z])"
)
_SATOSHI = re.compile(r" ?(?:satoshis?|sats?|聪)(?![a-z])")
_NOT_MONEY = re.compile(
    r" ?(?:%|percent|confirm|block|times?\b|withdrawals?|deposits?|transfers?|transactions?|users?|members?|accounts?|ids?\b|signatures?"
    r"|minutes?|mins?\b|hours?|hrs?\b|h\b|days?|weeks?|months?|years?|days|screenshots?|tickets?|people|exchanges?|nodes?|units? ago"
    r"|次|笔|天|小时|分|秒|年|月|日|号|点|周|个确认|个小时|个月|个工作日|个账|个交易|个人|个地址|个网关|个星期|个多|人|家|遍|位|封|张|条|级|岁|楼|版|st\b|nd\b|rd\b|th\b|x\b)"
)
_SENT = re.compile(
    r"(?:数量|金额|数额|额度|总共|一共|共计|提现了?|提币了?|提取了?|提了|提出|转账了?|转出了?|转了|转入|充值了?|充币了?|充了|发送?了|打了|汇了|买了|卖了|取了|提|转|充"
    r"|\bamount(?: of| is| was)?|\bwithdr[ae]w(?:n|ing|al of|al)?|\bsent|\bsend(?:ing)?|\bdeposit(?:ed)?(?: of)?|\btransfer(?:red|ring)?|\bmov(?:ed|ing)"
    r"|\bquantity|\bsum|\btotal(?: of)?|(?<!instead )\bof|\bsold|\bswapped|\bpaid) ?(?:是|为|:|=|约|大概|about|around|over|the|my|all|exactly|a total of)? ?[(\"']?\Z"
)
_GOT = re.compile(
    r"(?:只收到了?|仅收到|实际到账|实收|只到账?了?|才到账?了?|到账了?|收到了?|到了|只有|入账了?|\bonly (?:got|received|arrived)|\breceiv(?:ed|ing)|\b(?:got|get)(?: only)?|\barrived(?: only| with)?|\bcredited(?: with| only)?"
    r"|\bcame(?: back)?|\barrived as) ?(?:是|为|:|only|just|about|the|with)? ?[(\"']?\Z"
)
_GOT_AFTER = re.compile(
    r" ?(?:[a-z.]{2,12} ?)?(?:到账了|arrived|came (?:in|back)|(?:was|were) (?:received|credited)|payment at once|seen)"
)
_NOT = re.compile(
    r"(?:没|未|不|没有|还没|尚未|\bnot?|n't|\bnever|\byet to(?: be)?|\bhaven't|\bnothing) ?[^ ,，。.]{0,4} ?(?:收到|到账|到|received?|arrived?|credited|got|get|come)?了? ?\Z"
)
_FEE = re.compile(
    r"(?:少了|差了|多扣了?|手续费|矿工费|网络费|费用|费率|扣了?|\bfees?(?: of| is| was)?|\bcosts?|\bprice|\bper|\bbalance(?: of| is| was)?|余额(?:还?有|是|为|剩)?|剩余?|最低|最小|起提|minimum(?: of| is)?|\bmin) ?(?:是|为|:|=|of|is|only|about|了|大概|约)? ?\Z"
)
_COUNTED = re.compile(
    r"(?:\bblock(?: number| height)?|\bheight|\bport|\bline|\bstep|\bpage|\bversion|\bnonce|区块(?:号|高度)?|高度|版本) ?[:#]? ?\Z"
)
"""What is counted and no money."""
_FEE_AFTER = re.compile(
    r" ?(?:[a-z.]{2,12} ?)?(?:claim |network |withdrawal |gate |transaction )?(?:fees?\b|的?手续费|的?矿工费|per\b)(?! ?(?:is|was|of|是|为|:|=)? ?[0-9.])"
)
_LABEL = re.compile(r"(?:数量|金额|数额|额度|\bamount|\bquantity) ?[:=是为] ?\Z")
_SENT_RIGHT_BEFORE = re.compile(
    r"(?:\b(?:withdr[ae]w|sent|transferred|deposited|moved|cashed out)|提现?了?|转账?了?|充值?了?|发了) ?\Z"
)
_ABOUT = re.compile(
    r"(?:约|大概|差不多|接近|将近|近|超过|不到|\b(?:about|around|approx\w*|roughly|nearly|almost|over|more than|less than|at least|up to))\.? ?\Z"
)
_ABOUT_AFTER = re.compile(r" ?(?:左右|多(?!少)|\+|or so\b|几)")
_ABSURD = Decimal(10) ** 15
_LISTED = re.compile(r" ?(?:、|,|，|和|及|与|and|&|/|\+) ?(?:another |a )?")
_UNIT_GAP = re.compile(r" ?(?:个|枚|的|\"|'|worth of|of)? ?\"?\Z")


@dataclass(frozen=True, slots=True)
class Amounts:
    """What was sent (or claimed) and what is said to have arrived."""

    claimed: tuple[Found, ...]
    received: tuple[Found, ...]


def amounts(page: Page, coins: Sequence[Found], decimal_comma: bool = False) -> Amounts:
    """The amounts of a page; coins are its assets and coins, which give an amount its unit.

    decimal_comma: the text is in a language in which `1,234` may be less than two.
    """
    claimed: list[Found] = []
    received: list[Found] = []
    for found, role in _read(page, coins, decimal_comma):
        if role == "claimed":
            claimed.append(found)
        elif role == "received":
            received.append(found)
    return Amounts(tuple(claimed), tuple(received))


def _read(
    page: Page, coins: Sequence[Found], decimal_comma: bool
) -> Iterator[tuple[Found, str]]:
    """Every amount with its role; read from behind, because "0.1, 0.2 and 0.3 BTC" share a unit."""
    found: list[tuple[Found, str]] = []
    for m in reversed(list(each(_NUMBER, page.low))):
        found += _one(page, m, coins, found[-1][0] if found else None, decimal_comma)
    return reversed(found)


def _one(
    page: Page,
    m: re.Match[str],
    coins: Sequence[Found],
    following: Found | None,
    decimal_comma: bool,
) -> list[tuple[Found, str]]:
    """What a number in a text says; several finds where it can be read in several ways."""
    low = page.low
    written = next(g for g in ("mixed", "figure", "han") if m[g])
    start, end = m.start(written), m.end("scale") if m["scale"] else m.end(written)
    before = low[max(0, start - 28) : start].rpartition("\n")[2]
    after = low[end : end + 28]
    unit, sure = _unit(low, start, end, (m["sign"] or "").strip(), coins)
    if unit is None and following is not None and _LISTED.fullmatch(low[end : following.start]):
        unit, sure = following.unit, following.confidence
    satoshi = bool(_SATOSHI.match(after))
    if satoshi:
        unit, sure = "BTC", Confidence.HIGH
    role, told = _role(before, after)
    labelled = bool(_LABEL.search(before))
    if unit is None:
        bare = m["han"] is not None and len(m["han"]) < 2
        figure = m["figure"] or ""
        number_ = len(figure) >= 9 and figure.isdigit()  # of an id or a memo
        if _NOT_MONEY.match(after) or bare or number_ or not (told or _precise(figure)):
            return []
        sure = Confidence.HIGH if labelled else Confidence.MEDIUM
    if m["figure"]:
        read = readings(m["figure"], decimal_comma)
        read = (
            read[:1]
            if " " in m["figure"] and (labelled or _SENT_RIGHT_BEFORE.search(before))
            else read
        )
    else:
        many = number(m[written])
        read = () if many is None else (many,)
    scale = SCALES.get(m["scale"] or "", 1)
    rounded = bool(
        m["sign"] in (">", "~", "≈") or _ABOUT.search(before) or _ABOUT_AFTER.match(after)
    )
    if rounded or "e" in (m["figure"] or ""):  # a spreadsheet shows a rounded number so
        sure = max(sure, Confidence.MEDIUM, key=lambda c: c.rank)
    values = [(many * scale).scaleb(-8 if satoshi else 0) for many in read]
    return [
        (at(page, (start, end), _written(many), sure, unit), role)
        for many in values
        if 0 < many < _ABSURD
    ]


def _precise(figure: str | None) -> bool:
    """A number with as many decimals as nobody writes but for money."""
    return figure is not None and len(figure.partition(".")[2]) >= 4


def _written(many: Decimal) -> str:
    text = f"{many:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unit(
    low: str, start: int, end: int, sign: str, coins: Sequence[Found]
) -> tuple[str | None, Confidence]:
    """The coin or currency that stands with a number, and how surely it does."""
    if sign in _FIAT:
        return _FIAT[sign], Confidence.MEDIUM
    for found in coins:
        if (
            found.start >= end
            and found.start - end <= 12
            and _UNIT_GAP.match(low[end : found.start])
        ):
            return found.value, Confidence.HIGH
    after = _FIAT_AFTER.match(low, end)
    if after:
        return _FIAT[after[1]], Confidence.MEDIUM
    for found in coins:
        joined = found.end <= start and re.fullmatch(r" ?[:=]? ?", low[found.end : start])
        if joined and not _NOT_MONEY.match(low[end : end + 28]):
            return found.value, Confidence.MEDIUM
    return None, Confidence.MEDIUM


def _role(before: str, after: str) -> tuple[str, bool]:
    """`claimed`, `received` or `other`, and whether a word says so."""
    if _COUNTED.search(before) or _FEE.search(before) or _FEE_AFTER.match(after):
        return "other", True
    if _GOT.search(before):
        head = _GOT.sub("", before)
        negated = re.search(
            r"(?:没|未|不|没有|not?|n't|never|to) ?(?:have|has|yet|be|been)? ?\Z", head
        )
        return ("claimed" if negated else "received"), True
    if _GOT_AFTER.match(after):
        return "received", True
    return "claimed", bool(_SENT.search(before))
