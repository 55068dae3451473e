"""Account names in a text: whose account is the user's, and where the money was to go.

Any small word is a valid account name, so a name counts by its cue (账户, "my account is",
从 … 到 …, @) or by its shape (digits, hyphens), never alone because it could be one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from diag.domain.account_names import lookalike
from diag.domain.gateway_register import Register
from diag.intake.candidates import Confidence, Found, at
from diag.intake.cues import Cue, any_of, cue, words
from diag.intake.extract.account_name_heuristics import compound, everyday, possible, shaped
from diag.intake.extract.identifiers import Remark
from diag.intake.normalized_text import BLANK, Page, each


@dataclass(frozen=True, slots=True)
class Accounts:
    """The user's account and the destination, as far as the text says which is which."""

    own: tuple[Found, ...]
    destinations: tuple[Found, ...]
    foreign: tuple[Found, ...]
    """Accounts on other chains."""
    remarks: tuple[Remark, ...]


_TOKEN = r"(?P<q>[\"'(\[]?)\s?@?(?P<name>[a-z][a-z0-9.-]{1,62}|1\.2\.[0-9]{1,15})(?![a-z0-9_@])(?P<q2>[\"')\]]?)"


def _is() -> str:
    """What may stand between the word for an account and its name."""
    return (
        r"(?:\s?(?:name|id)\b)?\s?(?:名称?|名字)?\s?"
        rf"(?P<is>{any_of('accounts.is')})?\s?[:：]?\s?"
    )


def _not_own() -> str:
    """Matches where no word stands before that makes the account somebody else's."""
    return "".join(f"(?<!{w}{' ' * w.isascii()})" for w in words("accounts.not_own"))


_OWN = Cue(
    lambda: (
        rf"(?:{_not_own()}{any_of('accounts.own_unless')}|{any_of('accounts.own')}){_is()}{_TOKEN}"
    ),
    "accounts.own",
)
_OWN_ELSEWHERE = Cue(
    lambda: (
        rf"(?<![^\W\d_]){any_of('accounts.my_elsewhere')}?{any_of('accounts.account_elsewhere')}"
        rf"(?: {any_of('accounts.is_elsewhere')})? ?[:：]? ?{_TOKEN}"
    ),
    "accounts.account_elsewhere",
)
_TO_ELSEWHERE = Cue(
    lambda: (
        rf"(?<![^\W\d_]){any_of('accounts.to_elsewhere')} ?{any_of('accounts.the_elsewhere')}?"
        rf"{any_of('accounts.account_elsewhere')} ?[:：]? ?{_TOKEN}"
    ),
    "accounts.to_elsewhere",
)
_ACCOUNT = cue("accounts.account")
_NAMED = cue("accounts.named")
_WORD = re.compile(r"account|acct|user")
_FROM = Cue(
    lambda: (
        rf"{any_of('accounts.from')}\s?{any_of('accounts.from_whose')}?\s?"
        rf"{any_of('accounts.from_account')}?\s?[:：]?\s?{_TOKEN}"
    ),
    "accounts.from",
)
_TO = Cue(
    lambda: (
        rf"{any_of('accounts.to')}\s?{any_of('accounts.to_whose')}?\s?"
        rf"{any_of('accounts.to_account')}?\s?[:：]?\s?{_TOKEN}"
    ),
    "accounts.to",
)
_ME = Cue(lambda: rf"{any_of('accounts.me')}\s?{_TOKEN}", "accounts.me")
_AT = re.compile(r"(?<![a-z0-9._-])@(?P<name>[a-z][a-z0-9.-]{2,62})(?![a-z0-9_@])")
_BARE = re.compile(
    r"(?<![a-z0-9.@/_:-])(?P<name>[a-z][a-z0-9-]{2,62}(?:\.[a-z][a-z0-9-]{1,62}){0,2})(?![a-z0-9_@/]|\.[a-z0-9])"
)
_SAYS = cue("accounts.says")
"""What stands between "account" and a name, and nothing else."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beforehand of the names on a page."""

    register: Register
    coins: frozenset[str]
    """Symbols and names that stand for money, in capitals: no account is meant by them."""
    flagged: Callable[[str], bool]
    """Whether others have listed an account as fraudulent."""

    @property
    def gateway_words(self) -> tuple[str, ...]:
        """The words of the gateways' names, in small letters."""
        return tuple(
            word
            for gateway in self.register.gateways
            for word in re.findall(r"[a-z0-9]{4,}", gateway.name.lower())
        )

    def other_chain(self, word: str) -> bool:
        """Whether a word in small letters names a coin of another chain, as in "my EOS account"."""
        return word.upper() in self.coins and word.upper() not in ("BTS", "BITSHARES", "比特股")


def accounts(
    page: Page, ids: Sequence[Found], linked: Sequence[Found], known: Known
) -> Accounts:
    """The accounts of a page; ids are the 1.2.x found on it, linked those in links."""
    own: list[Found] = []
    destinations: list[Found] = []
    foreign: list[Found] = []
    remarks: list[Remark] = []
    register = known.register
    for found, role in _surest_readings(list(_read(page, ids, linked, known))):
        if role == "other" and not _suspicious(found.value, known):
            continue
        if role == "foreign":
            foreign.append(found)
            remarks.append(Remark("other_chain_account", found.span))
        elif _suspicious(found.value, known) and (
            role != "own" or found.confidence is not Confidence.CERTAIN
        ):
            remarks.append(Remark("suspicious_account", found.span))
            if role == "to" and found.confidence.rank <= Confidence.HIGH.rank:
                destinations.append(found)
        elif register.by_account(found.value) is not None:
            if role != "from":
                destinations.append(found)
            if role == "own":
                remarks.append(Remark("gateway_account", found.span))
        elif role == "to":
            destinations.append(found)
        else:
            own.append(found)
    return Accounts(tuple(own), tuple(destinations), tuple(foreign), tuple(remarks))


def _suspicious(name: str, known: Known) -> bool:
    """Listed as fraudulent, or made to look like a gateway or one of its accounts."""
    names = known.register.account_names
    if name in names:
        return False
    return known.flagged(name) or bool(lookalike(name, (*names, *known.gateway_words)))


def _surest_readings(read: list[tuple[Found, str]]) -> Iterator[tuple[Found, str]]:
    """One role for each place: the surest reading of it, in the order of the text."""
    best: dict[int, tuple[Found, str]] = {}
    for found, role in sorted(read, key=lambda pair: pair[0].confidence.rank):
        best.setdefault(found.start, (found, role))
    return iter(best[start] for start in sorted(best))


def _read(
    page: Page, ids: Sequence[Found], linked: Sequence[Found], known: Known
) -> Iterator[tuple[Found, str]]:
    for form, role in (
        (_OWN, "own"), (_FROM, "from"), (_TO, "to"), (_ME, "own"), (_TO_ELSEWHERE, "to"), (_OWN_ELSEWHERE, "own"),
    ):  # fmt: skip
        for m in each(form, page.low):
            yield from _behind_cue(page, m, role, known)
    for m in each(_AT, page.low):
        if possible(m["name"], known.coins):
            sure = Confidence.HIGH if shaped(m["name"]) else Confidence.MEDIUM
            yield at(page, m.span("name"), m["name"], sure), "own"
    for found in (*ids, *linked):
        yield from _from_id_or_link(page, found)
    yield from _bare(page, known)


_OWN_LABEL = Cue(
    lambda: (
        rf"{_not_own()}(?:{any_of('accounts.own_label')}|{_not_own()}{any_of('accounts.own_label_unless')})"
        rf"(?: ?{any_of('accounts.label_page')})? ?(?:is|是|为)? ?[:：]? ?[(\[<]?\Z"
    ),
    "accounts.own_label",
)
_TO_LABEL = Cue(
    lambda: rf"{any_of('accounts.to_label')}[^ \n]{{0,8}}[ :(<\[]{{0,3}}\Z", "accounts.to_label"
)


def _from_id_or_link(page: Page, found: Found) -> Iterator[tuple[Found, str]]:
    """An account id, or an account in a link: whose it is, the words before it say."""
    line = page.low.rfind("\n", 0, found.start) + 1
    link = re.search(r"[^ \n]*\Z", page.low[line : found.start])
    start = (
        found.start - (len(link[0]) if link else 0)
        if found.confidence is Confidence.MEDIUM
        else found.start
    )
    before = page.low[max(line, start - 28) : start].rstrip("␀")
    if _TO_LABEL.search(before):
        yield found, "to"
    elif _SOMEBODY.search(before):
        yield found, "other"
    elif found.confidence is Confidence.MEDIUM and _OWN_LABEL.search(before):
        yield replace(found, confidence=Confidence.HIGH), "own"
    else:
        yield found, "own"


def _behind_cue(
    page: Page, m: re.Match[str], role: str, known: Known
) -> Iterator[tuple[Found, str]]:
    name = m["name"].rstrip(".-")
    names = frozenset(known.register.account_names)
    if not possible(name, known.coins) and name not in names:
        return
    span = (m.start("name"), m.start("name") + len(name))
    role = _role(page.low, m, role, known)
    sure = _sureness(page, m, name, role, names)
    if sure is None:
        return
    yield at(page, span, name, sure), role
    if role == "own":  # "my accounts: a-1 and b-2"
        yield from _in_a_list(page, span[1], sure, known.coins)


_OTHER_PLACE = Cue(
    lambda: rf"{any_of('accounts.other_place')}(?:的|上的|'s)? ?\Z", "accounts.other_place"
)
_SENDING = cue("accounts.sending")
_COMING = cue("accounts.coming")


def _role(low: str, m: re.Match[str], role: str, known: Known) -> str:
    """What an account is to the user, with a look at the words around the cue."""
    before = low[max(0, m.start() - 60) : m.start()]
    if role == "own":
        head = re.search(
            r"(?<![0-9.])(?<![0-9] )([a-z]{2,12}|[\u4e00-\u9fff]{2,4})(?:的|上的|'s)? ?\Z",
            before,
        )
        if head and known.other_chain(head[1]):
            return "foreign"
        if _OTHER_PLACE.search(before):
            return "other"
    if role == "from" and m[0].lstrip().startswith("from"):
        clause = re.split(r"[.;!?\n]", before)[-1]
        sent, came = (list(form.finditer(clause)) for form in (_SENDING, _COMING))
        if came and (not sent or sent[-1].start() < came[-1].start()):
            return "other"
    return role


def _sureness(
    page: Page, m: re.Match[str], name: str, role: str, names: frozenset[str]
) -> Confidence | None:
    """How surely a word behind a cue is a name; None where it is rather a word."""
    start = m.start("name")
    span = (start, start + len(name))
    quoted = bool(m["q"] and m["q"] == m["q2"] and (role != "from" or _ACCOUNT.search(m[0])))
    link = m.groupdict().get("is")
    own = role in ("own", "foreign")
    explicit = own and (link or quoted)
    named = own and _NAMED.search(m[0])
    said = bool(quoted or named or (explicit and _says(link)))
    if compound(name) and not said and name not in names:
        return None
    if name in names or shaped(name) or (said and compound(name)):
        sure = Confidence.CERTAIN if explicit else Confidence.HIGH
        if role != "to" and not explicit and _english_pair(page.low, m, name, names):
            sure = Confidence.LOW
    elif everyday(name) and not quoted and not (said and _says(link)):
        return None
    elif said and (_closes(page.low, span[1]) or not m[0].isascii()):
        sure = Confidence.HIGH if own else Confidence.MEDIUM
    elif _in_chinese(page.low, m.start(), span[1]):
        sure = Confidence.HIGH if explicit or _NAMED.search(m[0]) else Confidence.MEDIUM
    elif explicit and (named or _closes(page.low, span[1])) and not _VERBAL.search(name):
        sure = Confidence.MEDIUM
    else:
        return None
    if page.plain[span[0] : span[1]] != name:  # capitals: names have none
        sure = Confidence.HIGH if sure is Confidence.CERTAIN else sure
        if page.plain[span[0] : span[1]].isupper() and not shaped(name):
            return Confidence.MEDIUM if said and not everyday(name) else None
    return sure


def _says(link: str | None) -> bool:
    return bool(link and _SAYS.fullmatch(link))


_VERBAL = re.compile(r"(?:ed|ing|ly)\Z")
_AND = Cue(
    lambda: (
        rf"[\"')\s]{{0,2}}{any_of('accounts.and')}\s?[\"'(]?(?P<name>[a-z][a-z0-9.-]{{2,62}})(?![a-z0-9_@])"
    ),
    "accounts.and",
)


def _in_a_list(
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
    return not _WORD.search(m[0]) and not re.match(
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


_ALONE = Cue(
    lambda: (
        rf"^[{BLANK} ]*(?:[^\n]{{0,60}}?(?:\]|{any_of('accounts.speaker')})\s?:?\s*)?"
        r"@?(?P<name>[a-z][a-z0-9.-]{2,62})\s*[.!。！]?\s*$"
    ),
    "accounts.speaker",
    re.MULTILINE,
)
_SOMEBODY = Cue(
    lambda: (
        rf"{any_of('accounts.somebody')}[^\n]{{0,4}}\Z"
        rf"|\b{any_of('accounts.somebody_en')}(?: (?:called|named|as|to be|account|user))? ?[\"'(]?\Z"
    ),
    "accounts.somebody",
)


def _bare(page: Page, known: Known) -> Iterator[tuple[Found, str]]:
    """Names without a cue: known ones, and ones with a digit or hyphen among Chinese words.

    A message that is nothing but a name answers the question for the account.
    """
    names = frozenset(known.register.account_names)
    alone = {m.start("name") for m in each(_ALONE, page.low)}
    for m in each(_BARE, page.low):
        name = m["name"].rstrip(".-")
        span = (m.start("name"), m.start("name") + len(name))
        before = page.low[max(0, span[0] - 24) : span[0]]
        if name in names:
            if shaped(name):  # a plain word is the gateway's name sooner than its account's
                yield at(page, span, name, Confidence.HIGH), "to"
        elif not possible(name, known.coins) or not shaped(name):
            continue
        elif _suspicious(name, known):
            yield at(page, span, name, Confidence.MEDIUM), "to"
        elif _SOMEBODY.search(before):
            continue
        elif span[0] in alone:
            yield at(page, span, name, Confidence.HIGH), "own"
        elif _han_around(page.low, span):
            yield at(page, span, name, Confidence.MEDIUM), "own"


def _han_around(low: str, span: tuple[int, int]) -> bool:
    around = low[max(0, span[0] - 2) : span[0]] + low[span[1] : span[1] + 2]
    return bool(re.search(r"[\u4e00-\u9fff]", around))
