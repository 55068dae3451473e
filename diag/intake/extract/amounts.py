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


def _one(
    page: Page,
    m: re.Match[str],
    coins: Sequence[Found],
    following: Found | None,
    decimal_comma: bool,
) -> list[tuple[Found, str]]:
    """The readings of a number in a text; several if it is ambiguous."""
    low = page.low
    written = next(g for g in ("mixed", "figure", "han", "word") if m[g])
    start, end = m.start(written), m.end("scale") if m["scale"] else m.end(written)
    half = Decimal("0.5") if low.startswith("个半", end) and written != "mixed" else Decimal(0)
    end += 2 * bool(half)
    before = low[max(0, start - 28) : start].rpartition("\n")[2]
    after = low[end : end + 28]
    unit, sure = _unit(low, start, end, (m["sign"] or "").strip(), coins)
    if m["word"] and (unit is None or _COUNTED_AFTER.match(after)):
        return []
    if m["han"] == "半" and re.search(r"[0-9一二三四五六七八九十百千两]个\Z", before):
        return []  # read with the number before it
    in_list = following is not None and _LISTED.fullmatch(low[end : following.start])
    if (
        unit is None
        and in_list
        and following
        and not _MEMO_NEAR.search(low[max(0, start - 40) : start])
    ):
        unit, sure = following.unit, following.confidence
    satoshi = bool(_SATOSHI.match(after))
    if satoshi:
        unit, sure = "BTC", Confidence.HIGH
    role, told = ("other", True) if _is_price(low, start, unit) else _role(before, after)
    labelled = bool(_LABEL.search(before))
    if unit is None:
        bare = m["han"] is not None and len(m["han"]) < 2
        figure = m["figure"] or ""
        number_ = len(figure) >= 9 and figure.isdigit()  # digits of an id or a memo
        told = told or (
            bool(coins) and bool(_PIECES.match(after)) and not before.rstrip().endswith("不是")
        )
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
        many = in_english(m["word"]) if m["word"] else number(m[written])
        read = () if many is None else (many,)
    scale = scales().get(m["scale"] or "", 1)
    rounded = bool(
        m["sign"] in (">", "~", "≈") or _ABOUT.search(before) or _ABOUT_AFTER.match(after)
    )
    if (
        rounded or _INTENDED.search(before) or "e" in (m["figure"] or "")
    ):  # the form in which a spreadsheet shows a rounded number
        sure = max(sure, Confidence.MEDIUM, key=lambda c: c.rank)
    if _DENIED.search(before):
        sure = Confidence.LOW
    if _BROKEN_BEFORE.search(before) or (
        _DECIMAL.search(low[start:end]) and _GOES_ON.match(after)
    ):
        sure = Confidence.LOW  # a number that a space has cut in two
    values = [(many * scale + half).scaleb(-8 if satoshi else 0) for many in read]
    return [
        (at(page, (start, end), _written(many), sure, unit), role)
        for many in values
        if 0 < many < _ABSURD
    ]


def _precise(figure: str | None) -> bool:
    """Whether a number has so many decimals that it can only be an amount."""
    return figure is not None and len(figure.partition(".")[2]) >= 4


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
