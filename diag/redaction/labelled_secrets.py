"""Finds words that the text itself calls a private key or a password.

64 hexadecimal digits may be a hash or a key, so the words nearby decide. Random letters of any length
are a key if the text calls them private; this finds unknown kinds of keys, typing errors and
incomplete keys. A word that the text calls a password is one unless it is a common word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.redaction.checksums import class_changes, from_base58check
from diag.redaction.deobfuscation import fold
from diag.redaction.labels import called_secret, claimed_private, names_public
from diag.redaction.pieces import Joined, joined
from diag.redaction.spans import Span

_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0[xX])?([0-9A-Fa-f]{2,})(?![0-9A-Za-z])")
_LONG_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0[xX])?([0-9A-Fa-f]{8,})(?![0-9A-Za-z])")
_GLUED_HEX = re.compile(
    r"(?:key|secret|pk)(?:is)?((?:0[xX])?[0-9A-Fa-f]{64})(?![0-9A-Za-z])", re.I
)
_WHOLE = 64
_NEARLY = range(62, 67)
"""Digits of a key; a key in one piece may lack one or two, or have some too many."""
_MARKS = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]{1,12}")
_WIDEST_GAP = 40
_LIST_GAP = re.compile(r"(?:[\s,;、|/&.)(:#]|and|和|[0-9]{1,2}[.):]){1,12}")
"""The separator of keys in a list, of which only the first has a label."""
_TOKEN = re.compile(
    r"(?<![0-9A-Za-z+/_-])(?:0[xX])?[0-9A-Za-z+/]{10,}(?:(?:\.{2,6}|\*{2,60})[0-9A-Za-z+/]+)*={0,2}(?![0-9A-Za-z_])"
)
"""A word of letters and digits; in an incomplete key, dots or asterisks replace the rest."""
_LIKE_WIF = re.compile(r"(?:5[HJK]|K[w-z]|L[1-5])[0-9A-Za-z.*]{28,}\Z")
_FEWEST = 16
_PUBLIC_KEY = re.compile(
    r"(?:BTS|TEST|GPH|EOS|STM|STX|PUB_[KR]1_|ed25519:|[xyztuv]pub)[0-9A-Za-z]{40,}"
)
_WORDS_ONLY = re.compile(r"[A-Z]?[a-z]+[0-9]{0,4}\Z|[A-Z]+[0-9]{0,4}\Z|[0-9]{1,39}\Z")
_PASSWORD_NAMES = (
    r"(?<![a-z0-9])(?:pass(?:word|phrase|wd|code)?|pas?s?wo?r?d|pwd?|psw|pin(?: ?code)?|mi ?ma"
    r"|(?:backup|recovery)[ -]codes?)(?![a-z0-9])"
    "|[密口]令|密[码碼马]|(?:备份|備份|恢复|恢復|救援)[码碼]|contraseña|senha|mot de passe|passwort|kennwort|parola|heslo|şifre|пароль"
    "|パスワード|비밀번호"
)
_STEMS = "pas pw psw pin mi code 令 密 码 碼 contras senha kennwort parola heslo şifre парол パス 비밀"
_PASSWORD_STEMS = tuple(fold(_STEMS).split())
"""Every label of a password contains one of these."""
_PASSWORD = re.compile(
    rf"(?:{fold(_PASSWORD_NAMES)})(?:\s{{0,2}}\([^()\n]{{1,24}}\))?[\"'”)]{{0,2}}\s{{0,3}}"
    r"(?:[:=]|[-=]>|→|(?:is|ist|es|est)\s*[:=]?\s|就?是|为|為|\n)[\s\"'“`:]{0,4}([!-~]{4,64})",
    re.IGNORECASE,
)
_LOOSE_PASSWORD = re.compile(
    rf"(?:{fold(_PASSWORD_NAMES)})(?:\s{{0,3}}-\s|[^\n,.;:!?，。；：！？]{{0,40}}?\s(?:is|/)\s|\s{{0,3}})"
    r"([!-~]{8,64})",
    re.IGNORECASE,
)
"""A password without a sign between it and its label, or with further words between them."""
_CLEAR_PASSWORD = re.compile(
    r"(?=.*[A-Za-z])(?=.*[0-9!@#$%^&*])(?![a-z]+://|\[|[*~.]?/)[!-~]{6,}|[0-9]{6,12}"
)
"""Letters with digits or signs among them, or a PIN."""
_STRONG_PASSWORD = re.compile(
    r"(?![a-z]+://|\[|[*~.]?/)(?:(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])|(?=.*[A-Za-z])(?=.*[0-9])(?=.*[!@#$%^&*?+]))[!-~]{8,}"
)
"""Three kinds of characters; no account name has so many."""
_PLAIN_PASSWORD = re.compile(r"(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[0-9A-Za-z]{8,}")
"""Letters and digits; the name of a password that is followed by them says that they are one."""
_SPELT_OUT = re.compile(
    rf"(?:password|passphrase|passwd|pwd|{fold('[密口]令|密[码碼]')})\s{{0,3}}\Z", re.IGNORECASE
)
_PIN = re.compile(
    rf"(?:(?<![a-z])pin(?: ?code)?|{fold('密[码碼]')})\s{{0,3}}(?:[:=]|is\s|是)\s{{0,3}}([0-9]{{4,5}})(?![0-9.,:/-])"
    rf"|{fold('(?:支付|交易|[资資]金|登[录錄陆陸]|[钱錢]包)密[码碼]')}([0-9]{{6}})(?![0-9])",
    re.I,
)
"""A PIN, or six digits that follow the name of a password immediately."""
_FACTOR = re.compile(
    r"(?i:authenticator|(?<![a-z])(?:2fa|m?fa|t?otp)(?![a-z])|two.factor|谷歌验证|身份验证器|二次验证|两步验证)"
    r"[^\n]{0,30}?(?<![0-9A-Za-z])((?:[A-Z2-7]{4}[ -]?){3,7}[A-Z2-7]{4}|(?:[a-z2-7]{4} ){3,7}[a-z2-7]{4})"
    r"(?![0-9A-Za-z])",
)
"""The secret of a second factor: base32 in one piece, or in groups of four."""
_END_OF_WORD = ".,;:!?\"')]}>"


def find(text: str) -> Iterator[Span]:
    """Yields labelled keys and passwords in a plain text. Pure."""
    if len(text) >= _WHOLE:
        yield from _hex_keys(text)
    yield from _tokens(text)
    yield from _passwords(text)
    yield from (Span(*found.span(1), "private_key") for found in _FACTOR.finditer(text))


def _hex_keys(text: str) -> Iterator[Span]:
    done = 0
    for group in _hex_words(text):
        if group.start < done:
            continue
        in_list = done and _LIST_GAP.fullmatch(text, done, group.start)
        if in_list or claimed_private(text, group.start, group.end):
            yield Span(group.start, group.end, "private_key")
            done = group.end


def _hex_words(text: str) -> list[Joined]:
    """Candidates for keys: words, and pieces that together have the digits of a key.

    Pieces are long, with words such as "second half" between them, or short and of equal size.
    """
    words = [
        Joined(*match.span(), (match[1],))
        for match in _HEX.finditer(text)
        if len(match[1]) in _NEARLY
    ]
    halves = joined(text, _LONG_HEX, _may_go_on, (_WHOLE,))
    groups = filter(_cut_to_size, joined(text, _HEX, _MARKS.fullmatch, (_WHOLE,)))
    return sorted([*words, *halves, *groups])


def _may_go_on(between: str) -> bool:
    """True for a text that may separate two halves of a key."""
    return len(between) <= _WIDEST_GAP and not names_public(between)


def _cut_to_size(group: Joined) -> bool:
    """True for pieces of equal size (the last may be shorter) without other pieces before them."""
    sizes = set(map(len, group.pieces[:-1]))
    last = len(group.pieces[-1])
    if len(sizes) != 1 or group.letters.isdigit():
        return False
    return last <= max(sizes) and len(group.before) not in sizes


def _tokens(text: str) -> Iterator[Span]:
    for match in _TOKEN.finditer(text):
        if not _looks_random(match[0]):
            continue
        if called_secret(text, match.start()):
            yield Span(*match.span(), "private_key")
        elif _LIKE_WIF.match(match[0]) and claimed_private(text, *match.span()):
            yield Span(*match.span(), "wif")
    for match in _GLUED_HEX.finditer(text):
        yield Span(*match.span(1), "private_key")


def _looks_random(token: str) -> bool:
    """True for a mixture of letters and digits that is not a word, number, address or public key."""
    too_short = token.isalnum() and len(token) < _FEWEST
    if too_short or _PUBLIC_KEY.match(token) or _WORDS_ONLY.match(token):
        return False
    checked = from_base58check(token)
    if checked is not None and len(checked) == 21:
        return False  # this is an address
    digits = sum(letter.isdigit() for letter in token)
    return digits >= 2 and class_changes(token) * 6 >= len(token)


def _passwords(text: str) -> Iterator[Span]:
    low = text.lower()
    if not any(stem in low for stem in _PASSWORD_STEMS):
        return
    for match in _PASSWORD.finditer(text):
        word = match[1].rstrip(_END_OF_WORD)
        if _CLEAR_PASSWORD.fullmatch(word):
            yield Span(match.start(1), match.start(1) + len(word), "password")
    for match in _LOOSE_PASSWORD.finditer(text):
        word = match[1].rstrip(_END_OF_WORD)
        named = _SPELT_OUT.search(text, match.start(), match.start(1))
        form = (named and _PLAIN_PASSWORD.fullmatch(word)) or _STRONG_PASSWORD.fullmatch(word)
        if form and not _PUBLIC_KEY.match(word):
            yield Span(match.start(1), match.start(1) + len(word), "password")
    yield from (Span(*pin.span(pin.lastindex or 0), "password") for pin in _PIN.finditer(text))
