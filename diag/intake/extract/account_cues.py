"""The patterns that identify a name in a text as an account, with words from `accounts.toml`."""

from __future__ import annotations

import re

from diag.intake.cues import Cue, any_of, cue, words
from diag.intake.normalized_text import BLANK

_TOKEN = r"(?P<q>[\"'(\[]?)\s?@?(?P<name>[a-z][a-z0-9.-]{1,62}|1\.2\.[0-9]{1,15})(?![a-z0-9_@])(?P<q2>[\"')\]]?)"


def _is() -> str:
    """The pattern between the word for an account and its name."""
    return (
        r"(?:\s?(?:name|id)\b)?\s?(?:名称?|名字)?\s?"
        rf"(?P<is>{any_of('accounts.is')})?\s?[:：]?\s?"
    )


def _not_own() -> str:
    """Matches that are not preceded by a word that makes the account somebody else's."""
    return "".join(f"(?<!{w}{' ' * w.isascii()})" for w in words("accounts.not_own"))


OWN = Cue(
    lambda: (
        rf"(?:{_not_own()}{any_of('accounts.own_unless')}|{any_of('accounts.own')}){_is()}{_TOKEN}"
    ),
    "accounts.own",
)
OWN_ELSEWHERE = Cue(
    lambda: (
        rf"(?<![^\W\d_]){any_of('accounts.my_elsewhere')}?{any_of('accounts.account_elsewhere')}"
        rf"(?: {any_of('accounts.is_elsewhere')})? ?[:：]? ?{_TOKEN}"
    ),
    "accounts.account_elsewhere",
)
TO_ELSEWHERE = Cue(
    lambda: (
        rf"(?<![^\W\d_]){any_of('accounts.to_elsewhere')} ?{any_of('accounts.the_elsewhere')}?"
        rf"{any_of('accounts.account_elsewhere')} ?[:：]? ?{_TOKEN}"
    ),
    "accounts.to_elsewhere",
)
ACCOUNT = cue("accounts.account")
NAMED = cue("accounts.named")
WORD = re.compile(r"account|acct|user")
FROM = Cue(
    lambda: (
        rf"{any_of('accounts.from')}\s?{any_of('accounts.from_whose')}?\s?"
        rf"{any_of('accounts.from_account')}?\s?[:：]?\s?{_TOKEN}"
    ),
    "accounts.from",
)
TO = Cue(
    lambda: (
        rf"{any_of('accounts.to')}\s?{any_of('accounts.to_whose')}?\s?"
        rf"{any_of('accounts.to_account')}?\s?[:：]?\s?{_TOKEN}"
    ),
    "accounts.to",
)
ME = Cue(lambda: rf"{any_of('accounts.me')}\s?{_TOKEN}", "accounts.me")
CORRECTED = Cue(lambda: rf"{any_of('accounts.corrected')}\s?{_TOKEN}", "accounts.corrected")
"""The right account behind a wrong one."""
_SENDER = r"(?<![a-z0-9._@/-])(?P<q>)(?P<name>[a-z][a-z0-9.-]{2,62})(?P<q2>)"
SENDER = re.compile(
    rf"{_SENDER}(?= (?:sent|transferred) [0-9.,]+ [^\s\n]{{1,16}} to | ?(?:[-=]>|→|⇒|➜) ?[a-z][a-z0-9.-]{{2,62}}(?![a-z0-9@]))"
)
"""The account before an arrow or "sent … to", as explorers write it."""
HERE = re.compile(rf"(?:\A|[\n.!]\s?){_SENDER}(?= here ?(?:[,.!:;]|$))", re.MULTILINE)
IS_MINE = re.compile(
    rf"{_SENDER}(?= is (?:my|our) (?:bts |bitshares )?(?:account|acct|username)\b)"
)
AT = re.compile(r"(?<![a-z0-9._-])@(?P<name>[a-z][a-z0-9.-]{2,62})(?![a-z0-9_@])")
BARE = re.compile(
    r"(?<![a-z0-9.@/_-])(?<![a-z0-9]:)(?P<name>[a-z][a-z0-9-]{2,62}(?:\.[a-z][a-z0-9-]{1,62}){0,2})(?![a-z0-9_@/]|\.[a-z0-9])"
)
SAYS = cue("accounts.says")
"""Words that occur only between "account" and a name."""


OWN_LABEL = Cue(
    lambda: (
        rf"{_not_own()}(?:{any_of('accounts.own_label')}|{any_of('accounts.own_label_unless')})"
        rf"(?: ?{any_of('accounts.label_page')})? ?(?:is|是|为)? ?[:：]? ?[(\[<]?\Z"
    ),
    "accounts.own_label",
)
TO_LABEL = Cue(
    lambda: rf"{any_of('accounts.to_label')}[^ \n]{{0,8}}[ :(<\[]{{0,3}}\Z", "accounts.to_label"
)


OTHER_PLACE = Cue(
    lambda: rf"{any_of('accounts.other_place')}(?:的|上的|'s)? ?\Z", "accounts.other_place"
)
SENDING = cue("accounts.sending")
COMING = cue("accounts.coming")


VERBAL = re.compile(r"(?:ed|ing|ly)\Z")
AND = Cue(
    lambda: (
        rf"[\"')\s]{{0,2}}{any_of('accounts.and')}\s?[\"'(]?(?P<name>[a-z][a-z0-9.-]{{2,62}})(?![a-z0-9_@])"
    ),
    "accounts.and",
)


ALONE = Cue(
    lambda: (
        rf"^[{BLANK} ]*(?:[^\n]{{0,60}}?(?:\]|{any_of('accounts.speaker')})\s?:?\s*)?"
        r"@?(?P<name>[a-z][a-z0-9.-]{2,62})\s*[.!。！]?\s*$"
    ),
    "accounts.speaker",
    re.MULTILINE,
)
SOMEBODY = Cue(
    lambda: (
        rf"{any_of('accounts.somebody')}[^\n]{{0,4}}\Z"
        rf"|\b{any_of('accounts.somebody_en')}(?: (?:called|named|as|to be|account|user))? ?[\"'(]?\Z"
    ),
    "accounts.somebody",
)
