"""Account names in a text: whose account is the user's, and where the money was to go.

Any small word is a valid account name, so a name counts by its cue (账户, "my account is",
从 … 到 …, @) or by its shape (digits, hyphens), never alone because it could be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diag.domain.account_names import lookalike
from diag.domain.gateway_register import Register
from diag.intake.candidates import Confidence, Found, at
from diag.intake.extract.account_name_heuristics import compound, everyday, possible, shaped
from diag.intake.extract.identifiers import Remark
from diag.intake.normalized_text import BLANK, Page, each


@dataclass(frozen=True, slots=True)
class Accounts:
    """The user's account and the destination, as far as the text says which is which."""

    own: tuple[Found, ...]
    destinations: tuple[Found, ...]
    remarks: tuple[Remark, ...]


_TOKEN = r"(?P<q>[\"'(\[]?)\s?@?(?P<name>[a-z][a-z0-9.-]{1,62}|1\.2\.[0-9]{1,15})(?![a-z0-9_@])(?P<q2>[\"')\]]?)"
_IS = r"(?:\s?(?:name|id)\b)?\s?(?:名称?|名字)?\s?(?P<is>是|为|叫做?|:|=|\bis\b(?: called| named)?:?|\bnamed\b|\bcalled\b|\bname is\b)?\s?[:：]?\s?"
_NOT_OWN = "".join(
    f"(?<!{w})" for w in ("目标", "收款", "对方", "网关", "目的", "接收", "别人的", "他的")
) + "".join(
    f"(?<!{w} )"
    for w in ("destination", "recipient", "gateway", "receiving", "their", "his", "to")
)
_OWN = re.compile(
    rf"(?:{_NOT_OWN}(?:账户|账号)(?:[a-c1-9](?=\s?:))?|用户名|户名|用户id|会员名|(?:我的|(?<![a-z])(?:my|bts|bitshares|user)\s?|(?<=\n)|\A)id(?=\s?[是为:叫])|{_NOT_OWN}\b(?:account|acct|acc|username|user\s?name|user|wallet(?= name| account))(?![a-z])){_IS}{_TOKEN}"
)
_ACCOUNT = re.compile(r"账户|账号|account|acct|user")
_NAMED = re.compile(r"用户名|户名|账户名|账号名|name")
_FROM = re.compile(
    rf"(?:从|由|(?:转账|付款|汇款|发送)(?:人|方|账户|账号)[是为:]?|\bfrom\b)\s?(?:我的|我|my|the)?\s?(?:账户|账号|account|acct|bitshares account|bts account)?\s?[:：]?\s?{_TOKEN}"
)
_TO = re.compile(
    rf"(?:转给了?|发给了?|打给了?|给|转到了?|提到了?|打到了?|转至|转入|发到了?|充到了?|到|至|往|向|(?:收款|对方|目标|目的|接收|网关)(?:人|方|账户|账号)?[是为:]?"
    rf"|\bto\b|\binto\b|\b(?:recipient|destination|receiving|gateway)(?: account)?(?: is|:)?)\s?(?:了|账户|账号|网关|交易所|the|account|gateway|user|my friend|exchange)?\s?(?:的|账户|账号|account)?\s?[:：]?\s?{_TOKEN}"
)
_ME = re.compile(rf"(?:我是|本人|\bi am|\bi'm|\bthis is)\s?{_TOKEN}")
_AT = re.compile(r"(?<![a-z0-9._-])@(?P<name>[a-z][a-z0-9.-]{2,62})(?![a-z0-9_@])")
_BARE = re.compile(
    r"(?<![a-z0-9.@/_:-])(?P<name>[a-z][a-z0-9-]{2,62}(?:\.[a-z][a-z0-9-]{1,62}){0,2})(?![a-z0-9_@/]|\.[a-z0-9])"
)
_SAYS = frozenset((":", "=", "是", "为", "叫", "叫做"))
"""What stands between "account" and a name, and nothing else."""


def accounts(
    page: Page, ids: Sequence[Found], register: Register, foreign: frozenset[str]
) -> Accounts:
    """The accounts of a page; ids are the 1.2.x found on it, foreign the symbols it names."""
    own: list[Found] = []
    destinations: list[Found] = []
    remarks: list[Remark] = []
    for found, role in _settled(list(_read(page, ids, foreign, register))):
        if register.by_account(found.value) is not None:
            if role != "from":
                destinations.append(found)
            if role == "own":
                remarks.append(Remark("gateway_account", found.span))
        elif role == "to":
            destinations.append(found)
        else:
            own.append(found)
    return Accounts(tuple(own), tuple(destinations), tuple(remarks))


def _settled(read: list[tuple[Found, str]]) -> Iterator[tuple[Found, str]]:
    """One role for each place: the surest reading of it, in the order of the text."""
    best: dict[int, tuple[Found, str]] = {}
    for found, role in sorted(read, key=lambda pair: pair[0].confidence.rank):
        best.setdefault(found.start, (found, role))
    return iter(best[start] for start in sorted(best))


def _read(
    page: Page, ids: Sequence[Found], foreign: frozenset[str], register: Register
) -> Iterator[tuple[Found, str]]:
    known = frozenset(register.account_names)
    for form, role in ((_OWN, "own"), (_FROM, "from"), (_TO, "to"), (_ME, "own")):
        for m in each(form, page.low):
            yield from _cued(page, m, role, foreign, known)
    for m in each(_AT, page.low):
        if possible(m["name"], foreign):
            sure = Confidence.HIGH if shaped(m["name"]) else Confidence.MEDIUM
            yield at(page, m.span("name"), m["name"], sure), "own"
    for found in ids:
        cue = re.search(
            r"(?:给|到|至|向|往|\bto)\s?[^\s]{0,8}\s?\Z",
            page.low[max(0, found.start - 14) : found.start],
        )
        yield found, "to" if cue else "own"
    yield from _bare(page, foreign, register)


def _cued(
    page: Page, m: re.Match[str], role: str, foreign: frozenset[str], known: frozenset[str]
) -> Iterator[tuple[Found, str]]:
    name = m["name"].rstrip(".-")
    if not possible(name, foreign) and name not in known:
        return
    span = (m.start("name"), m.start("name") + len(name))
    quoted = bool(m["q"] and m["q"] == m["q2"] and (role != "from" or _ACCOUNT.search(m[0])))
    link = m.groupdict().get("is")
    explicit = role == "own" and (link or quoted)
    named = role == "own" and _NAMED.search(m[0])
    said = bool(quoted or named or (explicit and link in _SAYS))
    if compound(name) and not said and name not in known:
        return
    if name in known or shaped(name) or (said and compound(name)):
        sure = Confidence.CERTAIN if explicit else Confidence.HIGH
        if role != "to" and not explicit and _english_pair(page.low, m, name, known):
            sure = Confidence.LOW
    elif everyday(name) and not quoted and not (said and link in _SAYS):
        return
    elif said and (_closes(page.low, span[1]) or not m[0].isascii()):
        sure = Confidence.HIGH if role == "own" else Confidence.MEDIUM
    elif _in_chinese(page.low, m.start(), span[1]):
        sure = Confidence.HIGH if explicit or _NAMED.search(m[0]) else Confidence.MEDIUM
    elif explicit and _closes(page.low, span[1]) and not re.search(r"(?:ed|ing|ly)\Z", name):
        sure = Confidence.MEDIUM
    else:
        return
    if page.plain[span[0] : span[1]] != name:  # capitals: names have none
        sure = Confidence.HIGH if sure is Confidence.CERTAIN else sure
        if page.plain[span[0] : span[1]].isupper() and not shaped(name):
            return
    yield at(page, span, name, sure), role
    if role == "own":  # "my accounts: a-1 and b-2"
        yield from _listed(page, span[1], sure, foreign)


_AND = re.compile(
    r"[\"')\s]{0,2}(?:和|、|,|，|and|&|or|或|及|与|/)\s?[\"'(]?(?P<name>[a-z][a-z0-9.-]{2,62})(?![a-z0-9_@])"
)


def _listed(
    page: Page, end: int, sure: Confidence, foreign: frozenset[str]
) -> Iterator[tuple[Found, str]]:
    """Names with a digit or a hyphen that follow a name in a list."""
    m = _AND.match(page.low, end)
    while m and shaped(m["name"]) and possible(m["name"], foreign):
        yield at(page, m.span("name"), m["name"], sure), "own"
        m = _AND.match(page.low, m.end("name"))


def _english_pair(low: str, m: re.Match[str], name: str, known: frozenset[str]) -> bool:
    """Two words and a hyphen after a small English word: a name perhaps, and perhaps a compound."""
    if name in known or re.search(r"[0-9]", name) or not m[0].isascii():
        return False
    return not re.search(r"account|acct|user", m[0]) and not re.match(
        r"\s(?:to|account)\b|\s*(?:[,.;!?\n)]|$)", low[m.end() :]
    )


def _in_chinese(low: str, start: int, end: int) -> bool:
    """Between Chinese words a Latin one is a name: nobody explains himself in it."""
    before = re.search(
        r"[\u4e00-\u9fff][\s:\"'(@]{0,3}\Z", low[max(0, start) : end][: end - start]
    )
    return bool(before or "\u4e00" <= low[start] <= "\u9fff") and not re.match(
        r"\s?[a-z]{2,}\s[a-z]{2,}", low[end : end + 24]
    )


def _closes(low: str, end: int) -> bool:
    return bool(re.match(r"\s*(?:[,.;!?\n。，；\"')]|$|and\b)", low[end : end + 8]))


_ALONE = re.compile(
    rf"^[{BLANK} ]*(?:[^\n]{{0,60}}?(?:\]|用户|客户|会员|customer|user|client|me|我)\s?:?\s*)?@?(?P<name>[a-z][a-z0-9.-]{{2,62}})\s*[.!。！]?\s*$",
    re.MULTILINE,
)
_SOMEBODY = re.compile(r"(?:叫做?|名为|对方|骗子|有人|那个|某|他|她)[^\n]{0,4}\Z")


def _bare(
    page: Page, foreign: frozenset[str], register: Register
) -> Iterator[tuple[Found, str]]:
    """Names without a cue: known ones, and ones with a digit or hyphen among Chinese words.

    A message that is nothing but a name answers the question for the account.
    """
    known = frozenset(register.account_names)
    alone = {m.start("name") for m in each(_ALONE, page.low)}
    for m in each(_BARE, page.low):
        name = m["name"].rstrip(".-")
        span = (m.start("name"), m.start("name") + len(name))
        if name in known:
            if shaped(name):  # a plain word is the gateway's name sooner than its account's
                yield at(page, span, name, Confidence.HIGH), "to"
        elif not possible(name, foreign) or not shaped(name):
            continue
        elif lookalike(name, known):
            yield at(page, span, name, Confidence.MEDIUM), "to"
        elif span[0] in alone:
            yield at(page, span, name, Confidence.HIGH), "own"
        elif _han_around(page.low, span):
            other = _SOMEBODY.search(page.low[max(0, span[0] - 8) : span[0]])
            yield at(page, span, name, Confidence.MEDIUM), "to" if other else "own"


def _han_around(low: str, span: tuple[int, int]) -> bool:
    around = low[max(0, span[0] - 2) : span[0]] + low[span[1] : span[1] + 2]
    return bool(re.search(r"[\u4e00-\u9fff]", around))
