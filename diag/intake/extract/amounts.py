"""Extracts the amounts in a text: sent, received, or neither.

A number is an amount only with a coin or currency beside it, or after a word such as 数量 or "sent".
Dates, ids and durations have been removed beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from diag.intake.candidates import Confidence, Found, at
from diag.intake.cues import Cue, any_of, cue, facts
from diag.intake.extract.numerals import (
    RUN,
    english_words,
    in_english,
    number,
    readings,
    scales,
)
from diag.intake.normalized_text import BLANK, Page, each

_HAN_NUMBER = r"[零一二三四五六七八九十百千万亿两廿半]+(?:点[零一二三四五六七八九]+)?"
_NUMBER = Cue(
    lambda: (
        r"(?:(?<![0-9a-z.#/_'])|(?<=[a-z])(?=[一二三四五六七八九十两半]))(?<![0-9][:,~])(?<![0-9a-z]-)(?P<sign>[>~≈$€£¥]|us\$|rmb ?)? ?"
        rf"(?:(?P<mixed>[0-9]{{1,4}}[万千百亿][0-9零一二三四五六七八九]{{1,4}}[千百十]?)|(?P<figure>{RUN})"
        rf" ?(?P<scale>(?:{_longer_scales()})(?![a-z])|[kmw](?![a-z0-9])|[万千百亿](?:(?=[^0-9]|$)))?|(?P<han>{_HAN_NUMBER})|(?P<word>{english_words()}))"
        r"(?![0-9]|[.,:~'-][0-9]|[a-z]*[0-9])"
    ),
    "money.scales",
)


def _longer_scales() -> str:
    longer = [word for word in scales() if len(word) > 1]
    return "|".join(sorted(longer, key=len, reverse=True))


def _fiat_words() -> str:
    named = [word for word in facts("money.fiat") if word.isalpha()]
    return "|".join(sorted(named, key=len, reverse=True))


def _before(group: str, between: str) -> Cue:
    """A pattern for phrases right before a number, perhaps with a short word between."""
    return Cue(lambda: rf"{any_of(group)} ?\*?{any_of(between)}? ?[(\"']?\Z", group)


_FIAT_AFTER = Cue(lambda: rf" ?({_fiat_words()})(?![a-z])", "money.fiat")
_SATOSHI = Cue(lambda: rf" ?{any_of('money.satoshi')}(?![a-z])", "money.satoshi")
_NOT_MONEY = Cue(lambda: rf" ?{any_of('money.not_money')}", "money.not_money")
_SENT = _before("money.sent", "money.sent_is")
_GOT = _before("money.got", "money.got_is")
_GOT_AFTER = Cue(
    lambda: rf" ?(?:[a-z.]{{2,12}} ?)?{any_of('money.got_after')}", "money.got_after"
)
_GOT_DENIED = Cue(
    lambda: rf"{any_of('money.got_denied')} ?(?:have|has|yet|be|been)? ?\Z", "money.got_denied"
)
_FEE = Cue(lambda: rf"{any_of('money.fee')} ?{any_of('money.fee_is')}? ?\Z", "money.fee")
_HELD = Cue(lambda: rf"{any_of('money.held')} ?\Z", "money.held")
_HELD_UNLESS = Cue(
    lambda: rf" ?(?:[a-z0-9.]{{2,16}} ?|[个枚])?{any_of('money.held_unless')}",
    "money.held_unless",
)
_INTENDED = Cue(lambda: rf"{any_of('money.intended')} ?\Z", "money.intended")
_DENIED = Cue(lambda: rf"{any_of('money.denied')} ?\Z", "money.denied")
_PRICE = cue("money.price")
_COUNTED = Cue(lambda: rf"{any_of('money.counted')} ?[:#]? ?\Z", "money.counted")
"""Units of things other than money."""
_FEE_AFTER = Cue(
    lambda: (
        rf" ?(?:[a-z.]{{2,12}} ?)?{any_of('money.fee_kind')}?{any_of('money.fee_after')}"
        r"(?! ?(?:is|was|of|是|为|:|=)? ?[0-9.])"
    ),
    "money.fee_after",
)
_LABEL = Cue(lambda: rf"{any_of('money.label')} ?\*?[:=是为] ?\Z", "money.label")
_PIECES = Cue(
    lambda: rf" ?[个枚] ?(?:\Z|[,，。;；!\n{BLANK}]|{any_of('money.after_pieces')})",
    "money.after_pieces",
)
"""A count of coins that does not name the coin again: "提 EOS，120 个，没到"."""
_COUNTED_AFTER = Cue(
    lambda: rf" ?[a-z0-9.]{{2,16}} {any_of('money.counted_after')}", "money.counted_after"
)
"""Behind a number in words and a coin: "two BTC withdrawals" are no two BTC."""
_SENT_RIGHT_BEFORE = Cue(
    lambda: rf"{any_of('money.sent_right_before')} ?\Z", "money.sent_right_before"
)
_ABOUT = Cue(lambda: rf"{any_of('money.about')}\.? ?\Z", "money.about")
_ABOUT_AFTER = Cue(lambda: rf" ?{any_of('money.about_after')}", "money.about_after")
_BROKEN_BEFORE = re.compile(r"[0-9][.,][0-9]+ \Z")
_GOES_ON = re.compile(r" [0-9]")
_DECIMAL = re.compile(r"[0-9][.,][0-9]+\Z")
_ABSURD = Decimal(10) ** 15
_MEMO_NEAR = cue("memos.word")
_LISTED = Cue(lambda: rf" ?{any_of('money.listed')} ?(?:another |a )?", "money.listed")
_UNIT_GAP = Cue(lambda: rf" ?{any_of('money.of')}? ?\"?\Z", "money.of")


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amount that was sent (claimed), and the amount that arrived (received)."""

    claimed: tuple[Found, ...]
    received: tuple[Found, ...]


def amounts(page: Page, coins: Sequence[Found], decimal_comma: bool = False) -> Amounts:
    """The amounts on a page; coins: the assets and coins on it, which serve as units.

    decimal_comma: in the language of the text, `1,234` may mean 1.234.
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
    """Every amount with its role; read backwards, because "0.1, 0.2 and 0.3 BTC" share a unit."""
    found: list[tuple[Found, str]] = []
    for m in reversed(list(each(_NUMBER, page.low))):
        found += _one(page, m, coins, found[-1][0] if found else None, decimal_comma)
    return reversed(found)


class _Number:
    """A number in a text, and what stands before and after it on its line."""

    def __init__(self, low: str, m: re.Match[str]) -> None:
        self.low, self.m = low, m
        self.form = next(g for g in ("mixed", "figure", "han", "word") if m[g])
        self.start = m.start(self.form)
        end = m.end("scale") if m["scale"] else m.end(self.form)
        half = low.startswith("个半", end) and self.form != "mixed"
        self.half = Decimal("0.5") if half else Decimal(0)
        self.end = end + 2 * half
        self.before = low[max(0, self.start - 28) : self.start].rpartition("\n")[2]
        self.after = low[self.end : self.end + 28]

    @property
    def figure(self) -> str:
        return self.m["figure"] or ""

    @property
    def labelled(self) -> bool:
        return bool(_LABEL.search(self.before))

    @property
    def in_satoshi(self) -> bool:
        return bool(_SATOSHI.match(self.after))

    @property
    def continues(self) -> bool:
        """True if it is the half of the number before it, and read with that one."""
        digit_before = re.search(r"[0-9一二三四五六七八九十百千两]个\Z", self.before)
        return self.m["han"] == "半" and bool(digit_before)

    @property
    def precise(self) -> bool:
        """True if it has so many decimals that it can only be an amount."""
        return len(self.figure.partition(".")[2]) >= 4

    @property
    def inexact(self) -> bool:
        """True if the text calls it rounded or intended, or it is in exponential form, in which a
        spreadsheet shows a rounded number.
        """
        rounded = self.m["sign"] in (">", "~", "≈") or _ABOUT.search(self.before)
        return bool(
            rounded
            or _ABOUT_AFTER.match(self.after)
            or _INTENDED.search(self.before)
            or "e" in self.figure
        )

    @property
    def doubtful(self) -> bool:
        """True if the text denies it, or a space has cut it in two."""
        cut = _DECIMAL.search(self.low[self.start : self.end]) and _GOES_ON.match(self.after)
        return bool(_DENIED.search(self.before) or _BROKEN_BEFORE.search(self.before) or cut)

    def values(self, decimal_comma: bool) -> list[Decimal]:
        """Return its readings; several if it is ambiguous."""
        read: Sequence[Decimal]
        if self.m["figure"]:
            read = readings(self.figure, decimal_comma)
            if " " in self.figure and (self.labelled or _SENT_RIGHT_BEFORE.search(self.before)):
                read = read[:1]
        else:
            word = self.m["word"]
            many = in_english(word) if word else number(self.m[self.form])
            read = () if many is None else (many,)
        scale = scales().get(self.m["scale"] or "", 1)
        shift = -8 if self.in_satoshi else 0
        return [(many * scale + self.half).scaleb(shift) for many in read]


def _one(
    page: Page,
    m: re.Match[str],
    coins: Sequence[Found],
    following: Found | None,
    decimal_comma: bool,
) -> list[tuple[Found, str]]:
    """The readings of a number in a text; several if it is ambiguous."""
    found = _Number(page.low, m)
    unit, sure = _unit(page.low, found.start, found.end, (m["sign"] or "").strip(), coins)
    counted = unit is None or _COUNTED_AFTER.match(found.after)
    if found.continues or (m["word"] and counted):
        return []
    if unit is None and following and _in_list(found, following):
        unit, sure = following.unit, following.confidence
    if found.in_satoshi:
        unit, sure = "BTC", Confidence.HIGH
    price = _is_price(page.low, found.start, unit)
    role, named = ("other", True) if price else _role(found.before, found.after)
    if unit is None:
        if not _is_amount(found, named, coins):
            return []
        sure = Confidence.HIGH if found.labelled else Confidence.MEDIUM
    if found.inexact:
        sure = max(sure, Confidence.MEDIUM, key=lambda c: c.rank)
    if found.doubtful:
        sure = Confidence.LOW
    return [
        (at(page, (found.start, found.end), _written(many), sure, unit), role)
        for many in found.values(decimal_comma)
        if 0 < many < _ABSURD
    ]


def _in_list(found: _Number, following: Found) -> bool:
    """True if the number stands in a list of amounts before this one, and so has its unit."""
    listed = _LISTED.fullmatch(found.low[found.end : following.start])
    return bool(listed) and not _MEMO_NEAR.search(
        found.low[max(0, found.start - 40) : found.start]
    )


def _is_amount(found: _Number, named: bool, coins: Sequence[Found]) -> bool:
    """True if a number without a unit is an amount.

    named: the words around it name an amount.
    """
    single = found.m["han"] is not None and len(found.m["han"]) < 2
    identifier = len(found.figure) >= 9 and found.figure.isdigit()
    if _NOT_MONEY.match(found.after) or single or identifier:
        return False
    pieces = coins and _PIECES.match(found.after)
    named = named or bool(pieces and not found.before.rstrip().endswith("不是"))
    return named or found.precise


def _written(many: Decimal) -> str:
    text = f"{many:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unit(
    low: str, start: int, end: int, sign: str, coins: Sequence[Found]
) -> tuple[str | None, Confidence]:
    """The coin or currency beside a number, and its confidence."""
    fiat = facts("money.fiat")
    if sign in fiat:
        return fiat[sign], Confidence.MEDIUM
    for found in coins:
        if (
            found.start >= end
            and found.start - end <= 12
            and _UNIT_GAP.match(low[end : found.start])
        ):
            return found.value, Confidence.HIGH
    after = _FIAT_AFTER.match(low, end)
    if after:
        return fiat[after[1]], Confidence.MEDIUM
    for found in coins:
        joined = found.end <= start and re.fullmatch(r" ?[:=]? ?| / ", low[found.end : start])
        if joined and not _NOT_MONEY.match(low[end : end + 28]):
            return found.value, Confidence.MEDIUM
    return None, Confidence.MEDIUM


def _is_price(low: str, start: int, unit: str | None) -> bool:
    """Whether the words before an amount in ordinary currency are about a price."""
    said = re.split(r"[.;!?。；！？\n](?= |\Z|[^0-9])", low[max(0, start - 60) : start])[-1]
    return unit in set(facts("money.fiat").values()) and bool(_PRICE.search(said))


def _role(before: str, after: str) -> tuple[str, bool]:
    """The role `claimed`, `received` or `other`, and whether a word states it."""
    if _COUNTED.search(before) or _FEE.search(before) or _FEE_AFTER.match(after):
        return "other", True
    if _HELD.search(before) and not _HELD_UNLESS.match(after):
        return "other", True
    if _GOT.search(before):
        head = _GOT.pattern.sub("", before)
        negated = _GOT_DENIED.search(head)
        return ("claimed" if negated else "received"), True
    if _GOT_AFTER.match(after):
        return "received", True
    return "claimed", bool(_SENT.search(before))
