"""What a stated time is the time of: the withdrawal, or something else that is told beside it.

The verb that stands nearest in the same clause decides. "Before" and 之前 make a deadline where
the sentence demands or threatens; an earlier withdrawal that arrived is another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diag.intake.normalized_text import BLANK
from diag.intake.times.model import Relation

_BREAK = re.compile(
    r"[,，。;；!?\n]|\.(?= |\n|\Z)|\b(?:but|however|whereas|while)\b|但是?|可是|不过|而这"
)
_SENTENCE = re.compile(r"[。;；!?\n]|\.(?= |\n|\Z)")
_MOVED = re.compile(
    r"\b(?:withdr[ae]w\w*|cash\w* ?out|sen[dt]\w*|transfer\w*|deposit\w*|mov(?:ed|ing)|swap\w*|bridg(?:ed|ing)|redeem\w*|request\w*|submitted"
    r"|initiated|started|made|did|burn(?:ed|t)|paid|broadcast\w*|top(?:ped)? up)\b|提|转|充|汇|打[了到给币]|发[了给到出]|兑|申请|出金|入金"
)
_HAPPENED = re.compile(
    r"\b(?:contacted|e-?mailed|wrote|opened (?:a|the|my|this) (?:ticket|case)|ticket|case no|e-?mail|mail|message|letter|maintenance|price|exchange rate|was (?:at )?[0-9.]+ ?(?:usd|eur|dollars?)|reported|complained|asked|replied|answered"
    r"|told|said|promised|registered|signed up|joined|verified|born|bought|purchased|logged ?in|us(?:ing|er|ed)|customer|member|updated|upgraded|installed"
    r"|noticed|checked|looked|called|announced|(?:opened|created) (?:my|an|the|a)(?: \w+)? (?:account|wallet))\b"
    r"|工单|邮件|公告|维护|价格|行情|空投|快照|联系|咨询|反馈|投诉|报了?[案警]|发了?(?:邮件|工单|消息|截图)|提交?了?(?:过|个|了|一个)*(?:工单|问题)|开了?工单|注册|开户|开通|实名|认证|加入|买[了入的]|购买|登[录陆]|更新|升级|安装|回复|答复"
    r"|[说讲]过|告诉|承诺|通知|公告|发现|查[看过]?了|查过|改了?密码|开始用|用了|玩了|老用户|[一的]用户"
)
_EARLIER = re.compile(
    r"\b(?:previous|prior|earlier|former|preceding)\b|上一[笔次单个]|上次|前一[笔次单]|之前(?:那|的|有|提|一)[笔次个]?|以前(?:那|的|提)?|前几[次笔]|另一笔|另外一笔|别的"
)
_ONE_OF_SEVERAL = re.compile(
    r"\b(?:last|first|other|another) (?:\w+ ){0,2}(?:withdrawals?|deposits?|transfers?|transactions?|payouts?|one|orders?)\b|[那头第][一]?笔"
)
_ARRIVED = re.compile(
    r"\b(?:arrived|came|received|credited|worked|fine|ok|okay|smoothly|no problems?|no issues?|got it|went through)\b|到了|到账了?|收到了|正常|没问题|成功|顺利|秒到"
)
_DENIED = re.compile(
    r"\b(?:not|never|nothing|still|yet|without|no one)\b|n't\b|没(?!问题)|未|不(?!过)"
)
_DEMAND = re.compile(
    r"\b(?:if|unless|otherwise|else|must|have to|need|want|expect|demand|please|solve[ds]?|resolve[ds]?|refund\w*|fix\w*|police|lawyer|sue|deadline|at the latest|will)\b"
    r"|如果|要是|若|不然|否则|再不|必须|务必|[请得]|给我|解决|处理|退[款回还]|报警|投诉|起诉|曝光|最[晚迟]|限[你期]"
)
_UNTIL = re.compile(
    r"(?:\b(?:by|before|until|till|deadline(?: is|:)?|no later than|not later than|latest)(?: the)?(?: end of)?|截[止至]到?|最[晚迟]|限期?(?:于|在|到)?)[ :]?\Z"
)
_BEFORE_ZH = re.compile(r" ?(?:之前|以前|前(?!天|日|后|晚)|为止|内)")
_STILL = re.compile(r"[^，。；,;\n]{0,4}(?:还|仍|也|都|依然|一直)?(?:没|未|不)(?!问题)")
_AS_OF = re.compile(
    r"(?:\b(?:as of|since then until|up to|until|till)|截[止至]到?|直到|到) ?\Z"
)
_STATUS = re.compile(
    r" ?[:,]? ?(?:it (?:was|is) |was |is )?(?:still|not yet|nothing yet)\b| ?(?:还|仍|依然|一直)(?:是|旧)?(?:没|未)"
)
_TODAY = frozenset(("今天", "今日", "今早", "今晚", "today", "this morning", "tonight"))
_REACH = 160
"""Characters around a time that are looked at."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands before and after a time in its clause, and in its sentence."""

    before: str
    after: str
    sentence: str


def relation_of(text: str, begin: int, stop: int) -> Relation:
    """What the time at `text[begin:stop]` is the time of; the text is in small letters."""
    around = _around(text, begin, stop)
    clause = f"{around.before} | {around.after}"
    if _deadline(around) or _other_withdrawal(clause):
        return Relation.OTHER
    if _checked(text[begin:stop], around):
        return Relation.CHECKED
    moved, happened = _nearest(_MOVED, around), _nearest(_HAPPENED, around)
    if happened is None and not _DENIED.search(clause):
        happened = _nearest(_ARRIVED, around)
    if happened is not None and (moved is None or happened < moved):
        return Relation.OTHER
    return Relation.AT


def waited_for_another(text: str, begin: int, stop: int) -> bool:
    """Whether a length of time is that of another withdrawal, or of being a customer."""
    around = _around(text, begin, stop)
    if _other_withdrawal(f"{around.before} | {around.after}"):
        return True
    return bool(
        re.search(r"\bus(?:ing|er|ed)\b|customer|member|用户|会员", around.before)
    ) or bool(re.match(r" ?的?(?:老?用户|会员|客户)", around.after))


def _around(text: str, begin: int, stop: int) -> _Around:
    before, after = text[max(0, begin - _REACH) : begin], text[stop : stop + _REACH]
    sentence = _tail(_SENTENCE, before) + " | " + _head(_SENTENCE, after)
    return _Around(_tail(_BREAK, before), _head(_BREAK, after), sentence)


def _tail(breaks: re.Pattern[str], text: str) -> str:
    end = 0
    for found in breaks.finditer(text):
        if found[0] not in ",，" or text[found.end() :].strip(f" {BLANK}"):
            end = found.end()
    return text[end:]


def _head(breaks: re.Pattern[str], text: str) -> str:
    found = breaks.search(text)
    return text[: found.start()] if found else text


def _deadline(around: _Around) -> bool:
    until = _UNTIL.search(around.before) or _BEFORE_ZH.match(around.after)
    return bool(until and _DEMAND.search(around.sentence))


def _other_withdrawal(clause: str) -> bool:
    """An earlier withdrawal; one of several only where the clause says that it arrived."""
    arrived = bool(_ARRIVED.search(clause)) and not _DENIED.search(clause)
    return bool(_EARLIER.search(clause)) or (arrived and bool(_ONE_OF_SEVERAL.search(clause)))


def _checked(words: str, around: _Around) -> bool:
    """A time at which the money was still missing: 今天还没到, "still not there today"."""
    if _AS_OF.search(around.before) and _DENIED.search(around.sentence):
        return True
    if _STATUS.match(around.after) and not _MOVED.search(around.before):
        return True
    if words in _TODAY:
        denied = re.search(r"\b(?:still|not|nothing|until|as of|till|never)\b", around.before)
        return bool(
            denied
            or _STILL.match(around.after)
            or re.match(r" (?:and |but |it |i )*(?:still|not|nothing)\b", around.after)
        )
    return False


def _nearest(verbs: re.Pattern[str], around: _Around) -> int | None:
    """How many characters the nearest of these verbs stands away, None where there is none."""
    before = [len(around.before) - found.end() for found in verbs.finditer(around.before)]
    after = [found.start() for found in verbs.finditer(around.after)]
    return min((*before, *after), default=None)
