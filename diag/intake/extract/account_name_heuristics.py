"""What a word must look like to be taken for an account name, and what only looks like one."""

from __future__ import annotations

import re

from diag.domain.account_names import NAME, OBJECT_ID

_TECHNICAL = re.compile(
    r"(?:trc|erc|bep|omni|sha|md|win|windows|web|v|ver|version|usdt|usd|eth|btc|bts|bitshares|python|base|mp|top|h|x|i|ios"
    r"|android|utf|ipv|ip|p|chrome|firefox|covid|step|q|no|part|page|level|block|bip|f|error|code|step|case)-?[0-9.]+\Z"
)
_COMPOUND = re.compile(
    r"(?:re|pre|non|multi|cross|self|co|anti|un|post|semi|sub|over|under|third|on|off|hot|cold|full|long|short|double|real"
    r"|two|three|one|first|second|half|well|follow|log|sign|check|e|x|pop|start|back|up|in|out|so|peer|open|cut|end|wallet"
    r"|high|low|last|next|old|new|mid|now|not|all|any|no|built|set|pay|opt|add|know|stand|read|write|user|ex|vice)-"
    r"|[a-z-]*-(?:chain|party|in|out|up|off|on|to|time|term|mail|sig|wallet|keys?|only|hours?|days?|weeks?|end|based|related"
    r"|like|free|side|line|date|fee|back|factor|step|code|ended|called|level|use|do|be|of|the|a|and|nothing|all|bitshares"
    r"|app|web|site|ed|er|ers|ing|ion|ly|made|known|owned|funded|locked|through|over|down|away|away|ready|old|long)\Z"
)
"""Words that English joins with a hyphen."""
_SITE = re.compile(
    r"\.(?:com|org|net|io|us|info|eu|ru|cn|me|de|exchange|app|finance|co|uk|html?|php|pdf|png|jpe?g|txt|zip|exe|apk|bin"
    r"|json|csv|py|js|md|dev|xyz|ai|tv|cc|top|vip)\Z"
)
_EVERYDAY = re.compile(
    r"(?:a|an|the|my|your|his|her|our|their|its|it|this|that|these|those|me|i|we|you|he|she|they|them|who|which|what|where"
    r"|when|why|how|is|are|was|were|be|been|am|not|no|nor|and|or|but|if|of|in|on|at|by|for|with|from|to|into|onto|as|than"
    r"|then|so|too|very|just|only|also|still|even|yet|ever|never|locked|empty|blocked|frozen|banned|gone|lost|hacked|stolen"
    r"|suspended|disabled|closed|open|new|old|wrong|right|correct|valid|invalid|fine|ok|okay|verified|active|inactive|safe"
    r"|zero|missing|there|here|now|already|currently|showing|shows?|has|have|had|does|did|do|can|could|will|would|should"
    r"|balance|history|page|name|number|address|id|wallet|password|keys?|login|exchange|gateway|bank|users?|another|other"
    r"|different|same|own|friends?|bitshares|openledger|binance|coinbase|kraken|poloniex|bittrex|huobi|okex|okx|gate|kucoin"
    r"|bitfinex|livecoin|steemit|steem|desktop|mobile|chrome|telegram|support|help|please|pls|thanks?|hello|hi|dear|sir|madam"
    r"|all|any|some|one|two|both|each|every|none|nothing|something|someone|anyone|everyone|people|external|internal|cold|hot"
    r"|main|second|first|last|next|memo|amount|asset|time|txid|tx|hash|window|sent|send|today|yesterday|metamask|ledger"
    r"|trezor|web|online|customer|admin|asap|urgent)\Z"
)
"""Words that follow "account" or "to" without being a name."""


def possible(name: str, foreign: frozenset[str]) -> bool:
    """A valid name that is no coin (foreign holds those), no file, no site and no technical word."""
    if OBJECT_ID.match(name):
        return True
    return bool(
        NAME.match(name)
        and len(name) >= 3
        and name.upper() not in foreign
        and not _TECHNICAL.match(name)
        and not _SITE.search(name)
        and not re.fullmatch(r"[0-9a-f]{6,}", name)
    )


def shaped(name: str) -> bool:
    """Whether a word looks like a name and like nothing else: a digit or a hyphen inside."""
    return bool(re.search(r"[0-9]|[a-z0-9]-[a-z0-9]", name)) and not compound(name)


def compound(name: str) -> bool:
    """Whether it may well be two English words, joined with a hyphen."""
    return not re.search(r"[0-9]", name) and bool(_COMPOUND.match(name))


def everyday(name: str) -> bool:
    """Whether it is a word that people use beside a cue without naming anybody."""
    return bool(_EVERYDAY.match(name))
