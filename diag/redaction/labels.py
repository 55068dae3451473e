"""Finds what a text calls a word: a private key, or public data such as a hash. Pure."""

from __future__ import annotations

import re

from diag.redaction.deobfuscation import fold

_PRIVATE = (
    r"(?:private|privat|priv|prv|pvt|secret|sec)[\s_.-]{0,3}"
    r"(?:(?:spend|view|wallet|master|account|hex|seed|signing|access)[\s_.-]{0,3})?keys?(?![a-z])"
    r"|(?<![a-z])(?:privkey|mnemonic|secret[\s_-]{0,3}(?:seed|phrase|recovery[\s_-]{0,3}phrase))s?(?![a-z])"
    r"|(?<![a-z])(?:[xyztuv]prv|nsec)(?![a-z])"
    "|私人?密?[钥鑰匙]|[密秘][钥鑰匙]|金[钥鑰]"
    "|clave privada|llave privada|chave privada|clé privée|chiave privata|privater schlüssel|privatschlüssel"
    "|приватный ключ|закрытый ключ|секретный ключ|приватного ключа|özel anahtar"
    "|秘密鍵|プライベートキー|개인키|비밀키|프라이빗 ?키|soukromý klíč"
)
"""Labels of private keys only."""
_SECRET = (
    r"(?<![a-z0-9])(?:secrets?|pk|sk|pvk|priv|private|wif|seeds?|entropy|ciphertext)[0-9]?(?![a-z0-9])"
    "|种子|種子|助[记記][词詞]|シード|시드"
)
"""Labels of secrets in general."""
_KEY = (
    r"(?<![a-z0-9])(?:my|our|his|her|the|this|wallet|owner|active|memo|master|signing|spend(?:ing)?"
    r"|view(?:ing)?|backup|recovery|hex|raw|eth|btc)?[\s_-]{0,2}keys?[0-9]?(?![a-z])"
    "|[钥鑰]匙|ключ|clave|llave|chave|chiave|schlüssel|klíč|anahtar|鍵"
)
"""Labels that other data have too, but that mark 64 hexadecimal digits as a key."""
_PUBLIC = (
    r"(?:public|pub|tx|trx|transaction|block|idempotency)[\s_.-]{0,3}keys?"
    r"|keys?[\s_-]{0,2}(?:hash|image|id)(?![a-z])|secret[\s_-]{0,2}hash"
    r"|hash(?:es|lock)?|(?<![a-z])(?:tx|trx|txn)[\s_-]{0,2}(?:s|ids?|hash)?(?![a-z])"
    r"|(?<![a-z])(?:reference|receipt|explorer|checksum|digest|merkle|https?|www|ids?)(?![a-z])"
    "|公[钥鑰]|哈希|雜湊|编号|編號|单号|單號|合约|合約|浏览器|流水"
)
"""Labels of hashes, ids and other public data."""
_BUSINESS = (
    r"(?<![a-z])(?:transactions?|blocks?|transfers?|deposits?|withdraw(?:al|n|s)?|payments?"
    r"|payouts?|orders?|contract|memo)(?![a-z])"
    "|交易|[区區][块塊]|订单|訂單|转[账走出入]|轉[帳走出入]|备注|備註|提[币幣现現]|充[值币]"
)
"""Things that a hash identifies, or for which somebody gives a key away ("the key for my
withdrawal").
"""
_COMPLEMENT = re.compile(
    r"\s{0,3}(?:for|of|to|from|in|so|behind|用[来於于]|给)(?![a-z])[^,.;。]{0,40}\Z",
    re.IGNORECASE,
)
"""Words that make a name part of the one before it: "the key for the withdrawal", "the hash of my
key"."""
_NAME = re.compile(
    rf"(?P<public>{fold(_PUBLIC)})|(?P<business>{fold(_BUSINESS)})"
    rf"|(?P<private>{fold(_PRIVATE)})|(?P<secret>{fold(_SECRET)})"
    rf"|(?P<key>{fold(_KEY)})",
    re.IGNORECASE,
)
_ADDRESS_BEFORE = re.compile(r"(?:address|地址)[^0-9A-Za-z]{0,4}\Z", re.IGNORECASE)
_PHRASE_NAMES = (
    r"(?<![a-z])(?:(?:seed|recovery|secret|backup|mnemonic)[\s_-]{0,3}"
    r"(?:phrase|words?|recovery phrase)|mnemonics?|seeds?|(?:1[258]|2[14]|twelve)[\s-]words)"
    "|助[记記][词詞]|种子|种籽|frase semilla|frase de recuperación|phrase secrète|シードフレーズ|시드 구문"
)
PHRASE_LABEL = re.compile(
    rf"(?:{fold(_PHRASE_NAMES)})[\s\"')]{{0,3}}"
    r"(?:[:=>(\[\"'“\n-]|(?:is|are|was|es|est)(?![a-z])|是|为|為)[^\w.,!?;。]{0,6}",
    re.IGNORECASE,
)
"""Labels of a phrase that follows immediately."""
REACH = 100
"""How far before a word its name may stand, in characters."""
_LETTERS = re.compile(r"[^\W\d_]")
_LINK = re.compile(
    r"(?:[:：=]|->|=>|→|>|'s|(?<![a-z])(?:is|are|was|hex|base ?(?:58|64)|half|part|one|two|below|here|follows|es|ist|est|e)(?![a-z])"
    r"|(?<![但可还還不只要])是|为|為|如下|[(\[{\"'“`\n])[^\w\u3400-\u9fff]{0,8}\Z",
    re.IGNORECASE,
)
"""Text that connects a label to the word after it."""
_CLAUSE_END = re.compile(r"\.(?=\s|\Z)|[!?;。]|\n\s*\n")
_PAUSE = re.compile(r"[,.!?;。\n]")
_LOST = re.compile(
    r"(?<![a-z])(?:never|not|no|n't|dont|didnt|without|stolen|leak\w*|compromised|lost|hacked|safe"
    r"|exposed|gone)(?![a-z])|没|沒|不|未|别|別|勿|盗|盜|泄|洩|丢|丟|安全|骗|騙",
    re.IGNORECASE,
)
"""Words after "key" that make a statement about a key instead of announcing one."""
_TALKED_ABOUT = re.compile(
    r"(?:(?<![a-z])(?:never|not|no|dont|didnt|without|ask(?:s|ed|ing)?|wants?|wanted|requests?|requested"
    r"|demand(?:s|ed)?|with|using|used)(?![a-z])|n't|没|沒|不|未|别|別|勿|要|让|讓|叫|骗|騙|用|导入)"
    r"[^,.!?;。\n]{0,40}\Z",
    re.IGNORECASE,
)
"""Words before the name of a key that is not given away, or is asked for."""
_SIGN = re.compile(r"[:=>]\W{0,8}\Z")
_IS = r"(?:that's|that is|that was|this is|it is|it's|which is|is|was|这是|這是|就是|这个是|是|为|為)"
_AFTER = re.compile(
    rf"\s{{0,3}}[)\]}}\"'”`]?(?:\s{{0,3}}[,.。]?\s{{0,3}}{_IS}"
    rf"|\s{{0,3}}(?:==?|<[-=]{{1,3}}|[←↑^]|--?>?|—|\(|\[)\s{{0,3}}{_IS}?)\s{{0,3}}"
    r"(?:(?:my|the|our|a|an|his|her|this|eth|btc|wallet|我的|我们的|我|这个|那个|的)\s{0,3}){0,3}",
    re.IGNORECASE,
)
"""Text that connects a word to a label after it."""
_APPOSED = re.compile(
    rf"[ \t]{{1,3}}(?:(?:my|我的)\s{{0,2}}{fold(_KEY)}|{fold(_PRIVATE)})", re.IGNORECASE
)
"""A label after a word that ends the sentence: "… my private key, please check"."""
_SENTENCE_ENDS = re.compile(r"\s{0,3}(?:[.,;!?)。\n]|please|pls|thanks|请|\Z)")
_REMARK = re.compile(r"\([^()]{0,60}\)")
"""Text in brackets, which is ignored."""
_EXPLICIT = re.compile(r"[\s\"']{0,3}[:=][\s\"']{0,3}")


def claimed_private(text: str, start: int, end: int) -> bool:
    """True if the text calls text[start:end] a private key, before it or after it.

    The nearest name before the word counts: after "my key is safe, the hash is …" it is
    a hash.
    """
    before = text[max(0, start - REACH) : start]
    name = _nearest_name(before)
    if name is not None:
        gap = _REMARK.sub("", before[name.end() :])
        if _says_key(name):
            if _leads(gap, before, name) and not _ADDRESS_BEFORE.search(gap):
                return True
        elif not _LETTERS.search(gap):
            return False
    return _called_key_after(text, end)


def called_secret(text: str, start: int) -> bool:
    """True if the word at text[start] follows a label that only secrets have."""
    before = text[max(0, start - REACH) : start]
    name = _nearest_name(before)
    if name is None:
        return False
    gap = _REMARK.sub("", before[name.end() :])
    if name.lastgroup == "secret":
        return bool(_EXPLICIT.fullmatch(gap))
    if name.lastgroup != "private" or not _leads(gap, before, name):
        return False
    return bool(_LINK.search(gap)) or not _LETTERS.search(gap)


def names_public(text: str) -> bool:
    """True if a text contains a label of hashes, ids and other public data."""
    return any(name.lastgroup in ("public", "business") for name in _NAME.finditer(text))


def _nearest_name(before: str) -> re.Match[str] | None:
    """The last name, ignoring names that only qualify the one before them."""
    nearest = None
    for name in _NAME.finditer(before):
        between = before[nearest.end() : name.start()] if nearest else ""
        aside = name.lastgroup == "business" if _says_key(nearest) else _says_key(name)
        if nearest and aside and _COMPLEMENT.match(between):
            continue
        nearest = name
    return nearest


def _says_key(name: re.Match[str] | None) -> bool:
    return name is not None and name.lastgroup in ("private", "secret", "key")


def _called_key_after(text: str, end: int) -> bool:
    after = _AFTER.match(text, end)
    name = after and _NAME.match(text, after.end())
    if _says_key(name):
        return True
    apposed = _APPOSED.match(text, end)
    return apposed is not None and bool(_SENTENCE_ENDS.match(text, apposed.end()))


def _leads(gap: str, before: str, name: re.Match[str]) -> bool:
    """True if the text between a name and a word connects them, as in "key: …" or "key is …"."""
    talked_about = _TALKED_ABOUT.search(before, 0, name.start())
    if not _LETTERS.search(gap):
        return not (talked_about and _PAUSE.search(gap))
    if _CLAUSE_END.search(gap.rstrip(" \n\r\t:=>\"'([-")):
        return False
    if talked_about or _LOST.search(gap):
        return bool(_SIGN.search(gap))
    linked = bool(_LINK.search(gap))
    return linked or (
        len(gap) <= 40 and (name.lastgroup != "key" or bool(_COMPLEMENT.match(gap)))
    )
