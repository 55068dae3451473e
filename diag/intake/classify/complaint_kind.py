"""What kind of complaint a text is: a small closed set that an agent sorts by.

Danger is told first, then what is solved and what is only a question. Every other kind has cues,
each with a weight; the weights of the cues that occur are added up. A kind is named only where it
is sure, by its own weight and by its distance from the next; otherwise it stays open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from diag.i18n import Text
from diag.intake.classify.danger import dangers
from diag.intake.normalized_text import BLANK, Page, each


class Kind(StrEnum):
    """The kinds, the more pressing first."""

    STOLEN = "stolen"
    MEMO_PROBLEM = "memo_problem"
    WRONG_DESTINATION = "wrong_destination"
    AMOUNT_DIFFERS = "amount_differs"
    CANNOT_SEND = "cannot_send"
    NOT_ON_CHAIN = "not_on_chain"
    FUNDS_LOCKED = "funds_locked"
    DEPOSIT_MISSING = "deposit_missing"
    TRANSFER_MISSING = "transfer_missing"
    WITHDRAWAL_MISSING = "withdrawal_missing"
    GATEWAY_STATE = "gateway_state"
    ACCESS = "access"
    FEE_QUESTION = "fee_question"
    SOLVED = "solved"
    OTHER = "other"
    UNCLEAR = "unclear"


LABELS: dict[Kind, Text] = {
    Kind.STOLEN: Text(zh="被盗或受骗", en="Stolen or deceived"),
    Kind.MEMO_PROBLEM: Text(zh="备注错误或遗漏", en="Memo wrong or missing"),
    Kind.WRONG_DESTINATION: Text(
        zh="转错地址、账户或资产", en="Wrong address, account or asset"
    ),
    Kind.AMOUNT_DIFFERS: Text(zh="到账数额不符", en="Amount differs"),
    Kind.CANNOT_SEND: Text(zh="无法发出或报错", en="Cannot send, error shown"),
    Kind.NOT_ON_CHAIN: Text(zh="链上查不到交易", en="Transaction not found on the chain"),
    Kind.FUNDS_LOCKED: Text(zh="余额不对或资金被锁", en="Balance wrong or funds locked"),
    Kind.DEPOSIT_MISSING: Text(zh="充币未到账", en="Deposit not arrived"),
    Kind.TRANSFER_MISSING: Text(
        zh="转账对方未收到", en="Transfer not received by the other side"
    ),
    Kind.WITHDRAWAL_MISSING: Text(zh="提币未到账", en="Withdrawal not arrived"),
    Kind.GATEWAY_STATE: Text(zh="网关维护或关闭", en="Gateway closed or in maintenance"),
    Kind.ACCESS: Text(zh="登录、密码或权限", en="Login, keys or permissions"),
    Kind.FEE_QUESTION: Text(zh="手续费咨询", en="Question about fees"),
    Kind.SOLVED: Text(zh="已解决", en="Solved"),
    Kind.OTHER: Text(zh="一般咨询或其他", en="General question or other"),
    Kind.UNCLEAR: Text(zh="事由不明，请询问用户", en="Not clear; ask the user"),
}

_MISSING_ZH = r"(?:没有?|未|还没有?|迟迟没?|一直没?|尚未|仍未)(?:收到|到账?|入账|见到|显示|看到|给我|处理|出来|动静)|没到|未到|不到账|不入账|收不到|不见了|没影|卡住|卡了|卡着|还是没有|还没有|没看到|到哪儿?里?了|等到现在|(?:怎么|咋)回事|什么情况|[查看]一?下[^，。\n]{0,24}(?:提现|提币|充值|充币|转账|这笔|那笔)|(?:对方|朋友|接收方|收款方|收款人)(?:也|都)?说?(?:没|未)"
_MISSING_EN = (
    r"\b(?:not|never|nothing|hasn't|haven't|didn't|doesn't|don't|isn't|wasn't|aren't|won't|no|without)\b[^.!?\n]{0,40}\b(?:arriv|rec(?:ei|ie|ea)v|credit|show|appear|reflect|get (?:it|my|the|any|paid)|got (?:it|my|any|the)|land|deliver|came?\b|come\b|there\b|through|deposited|broadcast|return|paid|payment|pay\b|refund|in my|at \w+|money|coins?\b|funds|tokens?\b|btc\b|response|reply|answer)"
    r"|(?<!fee is )(?<!fee )\bmissing\b(?! (?:required|active|owner|auth|memo|fee))|\bstill (?:waiting|pending|nothing|not|no|missing|processing)|\bpending\b|\bnothing (?:came|arrived|received|yet|happen)"
    r"|\bwhere (?:is|are) my|\bnot there|\bdisappeared|\bstuck|\bno longer in|\bnowhere|\bfor the rest\b|\boverdue|\bshows? 0\b|\bon neither\b|\bunchanged\b|\bnot (?:updated|increased|changed)\b|\bdid(?:n't| not) get\b|\bneither (?:of them |one )?(?:has |have |of these )?(?:arriv|came|rec)|\bnone (?:of them )?(?:is |are |was )?(?:on|in|at|arriv|came)|\b(?:cannot|can't|could not|couldn't) (?:find|see|locate)\b"
    r"|\bany updates?\b|\bwhat happened (?:to|with)\b|\b(?:check|look into|track|trace) (?:on )?(?:my|this|the) (?:withdrawal|deposit|transfer|transaction)|\bwaiting\b|\bwaited\b|\bdelayed\b|\bstill processing\b|\bunconfirmed\b|\bin progress\b|\bunpaid\b|\bnot(?: yet)? (?:in|on|at) (?:my|the)\b|\btoo long\b|\bso slow\b"
    r"|\b(?:is|was|are|were|got|all|been|money|funds) (?:lost|gone)\b|\blost (?:[€$£]?[0-9]|(?:my|all|the|his|her|their) (?:money|funds?|coins?|crypto|tokens?|btc))"
)
_OUT_ZH = r"提币|提现|提领|提的(?!时候|示|醒|案)|提取|提出|提走|出金|兑出|提了|(?<!前)提 ?(?=[0-9一二三四五六七八九十两])"
_SEND_ZH = r"转账|转的|转给|转了|转到|打给|打到|打币|发给|发到|发了|汇给|转出|转过去"
_CUES: dict[Kind, tuple[tuple[int, str], ...]] = {
    Kind.MEMO_PROBLEM: (
        (8, r"(?:没有?|未|忘(?:了|记)?|漏(?:了|掉)?|忘写|少)(?:填写?|写|加|带|输入?|附)?(?:上|了)?\s?(?:备注|附言|标签|memo|tag)|(?:备注|附言|标签|memo|tag)[^，。\n]{0,4}(?:填|写|输)(?:了|成了?|的是)?(?:旧|别人|错|上次|其他|另)|(?:备注|附言|标签|memo|tag)(?:都|也)?(?:没有?|未|忘|漏|填错|写错|错|不对|空)|填错了?(?:备注|标签|memo)|写错了?(?:备注|memo)|错(?:误)?的(?:备注|memo|标签)"),
        (8, r"\b(?:no|without|forgot(?:ten)?|forget|missing|wrong|incorrect|omitted|left out|did(?:n't| not)[^.\n]{0,24}|not put(?: the)?|bad|empty|mistyped)\b[^.,;\n]{0,28}\b(?:memo|tag|payment id)|\b(?:mess(?:ed)? up|screw(?:ed)? up|misspell\w*|typo in)\b[^.,;\n]{0,20}\bmemo|\b(?:memo|tag)\b[^.,;\n]{0,24}\b(?:wrong|messed up|forgotten|missing|forgot|empty|needed|required|mistake|instead|incorrect|omitted|bad)"),
        (3, r"\bmemo\b(?!\s?:)|(?:备注|附言)(?!\s?:|\()|destination tag|payment id"),
    ),
    Kind.WRONG_DESTINATION: (
        (6, r"(?:转|提|发|打|充|填|写|输|选)错(?:了|到)?|错(?:误)?的(?:地址|账户|账号|链|网络|网关)|(?:地址|账户|账号|网络|链|币种)(?:写|填|选|输|弄|搞)?错|打到别人|转到了?别人|旧地址|错把|误把|误提|误发|不是我的地址|发到了?合约"),
        (6, r"\b(?:wrong|incorrect|old|invalid|mistaken|another|different|unsupported)\b[^.,;\n]{0,16}\b(?:address|account|wallet|chain|network|asset|token|coin|gateway|destination|recipient|deposit address)|\bmistakenly\b|\bby mistake|\baccident(?:al)?ly\b|\baccidental\b|\binstead of (?:the|my)\b[^.\n]{0,24}(?:address|account)|\bsent (?:it )?to the (?:wrong|old)|\bmistyp|\bmisspelt|\btypo\b|\bin the address field|\baddress of (?:another|a different)|\bcontract address"),
        (3, r"\binstead of\b(?! [0-9])|\bwrong\b|\bby accident|搞错|弄错|误转|误充"),
    ),
    Kind.AMOUNT_DIFFERS: (
        (6, r"(?:只|仅|才)(?:收到|到账?|给|有)了?\s?[0-9一二三四五六七八九十两半]|少了|少到|少给|数额不(?:对|符)|金额不(?:对|符)|数量不(?:对|符)|不够数|差了|多扣|扣多|到账(?:数量|金额)?(?:不对|不一致|少)|对不上|缩水"),
        (6, r"\binstead of [0-9]|\bonly (?:got|received|arrived|credited|part|half)|\bless than\b|\bshort(?:ed|changed)\b|\b(?:is|was|came|am|are) short\b|\bdifferent amount|\bamount (?:is |was |does )?(?:not|n't|wrong|differs?|incorrect|short)|\bended up with less|\btoo little|\bnot the full|\bnot all of|\barrived as\b|\bpartial(?:ly)?\b|\bmissing (?:part|[0-9])|\bwrong amount|\blower than|\bmore than i (?:sent|asked)|\bdeducted"),
        (2, r"\bonly\b|\brest of\b|\ba part\b|部分"),
    ),
    Kind.CANNOT_SEND: (
        (8, r"(?:无法|不能|没法|不让|不给|没办法|点不了|点了没|一直不能|一直无法)(?:提币|提现|提取|转账|转出|发送|广播|操作|提交|转|提)|(?:提币|提现|转账|交易|广播|提交|操作)(?:不了|失败|报错|出错|不成功|提示|总是)|报错|余额不足|手续费不足|发不出|提不(?:了|出)|转不(?:了|出)|提示.{0,12}(?:错误|失败|不足)|错误提示|按钮.{0,6}(?:没反应|灰)"),
        (8, r"\b(?:can ?not|can't|cannot|unable to|impossible to|could not|couldn't|won't let me|not able to|fails? to|failed to|not possible to)\b[^.;\n]{0,32}\b(?:withdraw|send|transfer|move|broadcast|sign(?! in)|confirm|deposit|claim|settle|sell|submit|pay|proceed)|\b(?:withdraw(?:al)?|send(?:ing)?|transfer|transaction|broadcast|settlement)s?\b[^.;\n]{0,24}\bfail|\bfail(?:s|ed|ure)\b|\berror\b|\bcrash|\binsufficient|\b(?:not|n't have|without) enough (?:funds?|bts|fees?|balance|money|gas)|\btried to (?:withdraw|send|transfer)\b[^.;\n]{0,60}\b(?:message|error|fail|says)|\bwithdraw\w* error|\bexception\b|\bassert|\brejected|\bbutton (?:does|did|is)|\bmissing required|\bkey not found|\bdoes(?:n't| not) work|\bnot working|\bfee is missing|\bno transaction is processed|\bnothing happens"),
        (2, r"\bbug\b|\bshows nothing|\bclicking\b|\blight wallet|没反应"),
    ),
    Kind.NOT_ON_CHAIN: (
        (8, r"(?:链上|区块|浏览器).{0,8}(?:查不到|没有|找不到|搜不到|不存在)|(?:查不到|找不到)(?:这笔|该|此|任何)?(?:交易|记录|哈希|txid)|没有?(?:转账|交易|提币)记录|过期|未上链|没上链"),
        (8, r"\b(?:transaction|tx|txid|hash|explorer|history|transfer)s?\b[^.;\n]{0,32}\b(?:not found|cannot find|can't find|unknown|does(?:n't| not) exist|vanish|disappear|cannot be found)|\bexpired\b|\bnot (?:in|on|visible in|visible on|listed in) (?:the |any )?(?:block ?)?explorers?\b|\bnever (?:included|broadcast)|\bsigned but|\bvanished\b|\bneither (?:the|side|wallet)[^.\n]{0,40}\bshows? it|\bdropped\b|\borphan|\bnot on the (?:block)?chain|\bfork\b"),
    ),
    Kind.FUNDS_LOCKED: (
        (6, r"余额(?:显示)?(?:为|是)?\s?0(?![.0-9])|余额(?:不对|少了|为零|变|没了|归零|显示0|是0)|资金(?:被)?(?:锁|冻结)|锁(?:住|仓|定)|冻结|解冻|提案|多签|待审批|归属|抵押|挂单|资产(?:不见|没了|消失)|钱(?:不见|没|消失)了?"),
        (6, r"\blocked\b|\bfrozen\b|\bproposal|\bmulti-?sig|\bcollateral|\bopen orders?|\bwhitelist|\bunlock"),
        (4, r"\b(?:is|are|was|were|all) gone\b|\bdisappeared\b|\bvanished\b|\bbalance (?:is |was |shows? |now )?(?:zero|0|wrong|lower|gone|empty|missing)|\bzero balance"),
        (4, r"\bvest(?:ed|ing)|\bcash-?back|\bstaking|\bfunds (?:are |were )?(?:missing|lost)|\btaken away"),
        (1, r"\bbalance\b|\bportfolio\b|余额"),
    ),
    Kind.DEPOSIT_MISSING: (
        (6, r"充值(?!地址|账户)|充币(?!地址)|充(?=\s?[0-9a-z])|[充冲]了|冲(?= ?[0-9])|存入|存币|入金|充进|充到|\bdeposit(?!\w* ?(?:address|account|wallet)|or)\w*|\btop(?:ped)? ?up\b|\bfrom (?:\w+ )?(?:exchange|binance|coinbase|kraken|poloniex|bittrex|huobi|okx|bybit|mexc|metamask|kucoin|gate)\b(?:[^.;\n]|\.(?=\w)){0,30}\bto my (?:bitshares |bts )?(?:account|wallet)"),
        (3, r"转入|\binto my (?:bitshares|bts|account)|\bto my bitshares|\bin the bitshares account|\bto bitshares\b|\bfrom (?:coinbase|binance|kraken|poloniex|bittrex|huobi|okx|bybit|mexc|metamask)\b"),
    ),
    Kind.TRANSFER_MISSING: (
        (5, rf"{_SEND_ZH}|(?:对方|朋友|接收方|收款方|收款人)(?:也|都|说)?(?:没|未|说)|付款"),
        (5, r"(?<!was )(?<!were )(?<!been )(?<!that )(?<!which )\b(?:sent|sending|send|transferr?(?:ed|ing)?|moved|paid)\b(?:[^.;\n]|\.(?=\w)){0,60}\bto\b(?! my (?:own )?(?:bitshares |bts )?(?:account|wallet))|\bsent (?:him|her|them|my friend)\b|\bmy (?:\w+ )?transfers?\b|\bmade (?:a |the |an? )?(?:transfer|transaction|payment)|\brecipient|\bto (?:an? |my |the )?(?:friend|other account)|\bmy transfer\b"),
        (2, r"(?:到|给|往)(?:交易所|币安|火币|okx|欧易|中币|gate)|\bby the exchange|\b(?:to|at|by) (?:the exchange|livecoin|poloniex|kraken|binance|bittrex|huobi|mex|mexc|coinbase|bitfinex|okex|gate|upbit|coss)\b|\bright address|\bone exchange to another"),
    ),
    Kind.WITHDRAWAL_MISSING: (
        (6, rf"{_OUT_ZH}|\bwh?ith?dr[ae]w\w*|\bcash(?:ed|ing|es)?[ -]?outs?\b|\bpay-?outs?\b"),
        (3, r"\bredeem|\bbridged?\b(?!\.)|\bpaid out|\bsend out|\bto my (?:own )?(?:btc|bitcoin|eth|external|wallet|ledger|trezor|metamask)|\bunwrap|\brequested\b|\bportal\b|\bswap(?:ped)?\b"),
        (1, r"\bgateway\b|网关|\bpayment\b"),
    ),
    Kind.GATEWAY_STATE: (
        (9, r"维护(?:中|吗|到|什么|期间|升级|完)|暂停(?:提|充|服务)|关(?:闭|停|网|站)了?|停服|停运|还能(?:提|充)吗|什么时候(?:才?能|可以|会)?(?:提|充|恢复|开放|修好)|(?:能|可以)(?:提|充)[现币值]?了?吗|下架|恢复(?:提币|充币|服务)"),
        (9, r"\bmaintenance\b|\bshut(?:ting)? ?down\b|\bclos(?:ed|ing|ure)\b(?! price)|\bout of service|\b(?:site|website|server|gateway) (?:is |seems |has been )?(?:down|dead|offline)|\bstill (?:operating|operational|running|alive|in business)|\b(?:withdrawals?|deposits?)\b[^.\n]{0,24}\b(?:disabled|suspended|closed|turned off)|\bdelist|\bout of business|\b(?:is|are) (?:the |your )?(?:withdrawals?|deposits?|gateway|wallet)\b[^.?\n]{0,24}\b(?:working|available|open(?!\.)|enabled|up|down|online|offline|disabled|suspended)\b|\bhot wallet (?:is )?empty|\bwhen will (?:the )?(?:gateway|withdrawals?|deposits?|service)|\bexit(?:ed)? scam"),
        (4, r"跑路|倒闭"),
        (4, r"\boffline\b|\bdisabled\b|(?<!shut )(?<!shutting )\bdown\b|\bunavailable|\bsuspended\b"),
    ),
    Kind.ACCESS: (
        (6, r"登(?:录|陆|入)不|无法登(?:录|陆|入)|登不|忘(?:了|记)?[^，。]{0,4}密码|密码(?:不对|错误|忘|丢)|私钥(?:丢|忘|在哪|找|不正确|不对|错误)|找回(?:密码|账户|账号)|助记词(?:丢|忘)|备份(?:丢|打不开)|(?:钱包|账户|网站)打不开|进不去"),
        (6, r"\b(?:can ?not|can't|cannot|unable to|couldn't) (?:log|sign in|access|open|unlock|import|restore|get in)|\bforgot(?:ten)? (?:my )?(?:password|seed|pass)|\blost (?:my )?(?:password|key|keys|wallet|seed|phone)|\brecover (?:my )?(?:account|wallet|password|seed)"),
        (3, r"权限|\blog ?in\b|\bpassword\b|\bprivate keys?\b|\bbrain ?key|\bseed phrase|\bauthority\b|\bactive key|\bowner key|\bkey not found|\bpermission|\bimport"),
    ),
    Kind.FEE_QUESTION: (
        (5, r"手续费(?:是|怎么|为什么|多少|太|这么|这样|收|扣)|(?:多少|什么|收取?)手续费|费率|起提|最低(?:提|充)|最小(?:提|充)"),
        (5, r"\bhow much (?:is|are|does)[^.\n]{0,20}\bfees?|\bfees? (?:is|are|too|so|that)|\bwhat(?:'s| is| are) the (?:fees?|minimum)|\bminimum (?:withdrawal|deposit|amount)|\bwhy (?:is|are|was)[^.\n]{0,16}\bfee|\bfee so|\bclaim fee|\bwhat (?:does|do)[^?\n]{0,30}\bcharge|\bhigh fees?"),
    ),
}  # fmt: skip
_COMPILED = {
    kind: tuple((weight, re.compile(cue)) for weight, cue in cues)
    for kind, cues in _CUES.items()
}
_MISSING = re.compile(f"{_MISSING_ZH}|{_MISSING_EN}")
DIRECTIONS = (Kind.DEPOSIT_MISSING, Kind.TRANSFER_MISSING, Kind.WITHDRAWAL_MISSING)
"""Kinds that need a direction and the absence of the money."""
_EXPLAINED: dict[Kind, frozenset[Kind]] = {
    Kind.MEMO_PROBLEM: frozenset((*DIRECTIONS, Kind.ACCESS, Kind.FUNDS_LOCKED)),
    Kind.WRONG_DESTINATION: frozenset((*DIRECTIONS, Kind.FUNDS_LOCKED)),
    Kind.AMOUNT_DIFFERS: frozenset((*DIRECTIONS, Kind.FEE_QUESTION, Kind.FUNDS_LOCKED)),
    Kind.NOT_ON_CHAIN: frozenset(DIRECTIONS),
    Kind.CANNOT_SEND: frozenset((Kind.ACCESS, Kind.FUNDS_LOCKED)),
}
"""What a kind explains does not speak against it: a forgotten memo is why the money is missing."""
_ABSENCE = 4
_LEAST = 3
"""What weighs less is a mention and no complaint."""
_SURE = 6
_MARGIN = 3
"""A kind is named where its cues weigh SURE, and MARGIN more than those of any other one."""


@dataclass(frozen=True, slots=True)
class Classification:
    """The kind, the next best one, and the words that speak for the kind.

    The kind is UNCLEAR where no kind is sure; the runner-up is then the likeliest one.
    """

    kind: Kind
    runner_up: Kind | None
    score: int
    spans: tuple[tuple[int, int], ...]
    direction_open: bool = False
    """Money has not arrived, and nothing says whether it was withdrawn, deposited or transferred."""


def classify(page: Page, waiting: bool, dated: bool) -> Classification:
    """The kind of complaint of a page; waiting where it says for how long, dated where it says when."""
    text = page.low
    if danger := tuple(sorted(set(dangers(text)))):
        return Classification(Kind.STOLEN, None, 10, danger)
    if solved := _solved(text):
        return Classification(Kind.SOLVED, None, 10, (solved,))
    said = text.strip(f"{BLANK} \n")
    if _THANKS.fullmatch(said):
        return Classification(Kind.SOLVED, None, 10, ())
    if not said or _SMALL_TALK.fullmatch(said):
        return Classification(Kind.OTHER, None, 0, ())
    scores, spans = _weighed(text, waiting, dated)
    strong = any(scores[k] >= _SURE for k in scores if k not in DIRECTIONS)
    if (
        not strong
        and not _complains(text, waiting or bool(_MISSING.search(text)))
        and (asked := _QUESTION.search(text))
    ):
        for kind in (Kind.FEE_QUESTION, Kind.GATEWAY_STATE):
            if scores[kind] >= _LEAST:
                return Classification(kind, None, scores[kind], spans[kind])
        return Classification(Kind.OTHER, None, 10, (asked.span(),))
    ranked = sorted((k for k in scores if scores[k] >= _LEAST), key=lambda k: -scores[k])
    if not ranked:
        return Classification(Kind.UNCLEAR, None, 0, ())
    first = ranked[0]
    rivals = [k for k in ranked[1:] if k not in _EXPLAINED.get(first, ())]
    second = rivals[0] if rivals else None
    distance = scores[first] - scores[second] if second else _MARGIN
    sure = scores[first] >= _SURE and distance >= (_MARGIN if second not in DIRECTIONS else 1)
    if not sure:
        undirected = first in DIRECTIONS and not any(_hits(text, _COMPILED[first]))
        return Classification(Kind.UNCLEAR, first, scores[first], spans[first], undirected)
    return Classification(first, second, scores[first], spans[first])


def unread(page: Page) -> Classification:
    """The kind of a text in another language: danger, where its words are known, or left open."""
    danger = tuple(sorted(set(dangers(page.low))))
    if danger:
        return Classification(Kind.STOLEN, None, 10, danger)
    hint = next((kind for kind, words in _ELSEWHERE.items() if words.search(page.low)), None)
    return Classification(Kind.UNCLEAR, hint, 0, ())


_ELSEWHERE: dict[Kind, re.Pattern[str]] = {
    Kind.MEMO_PROBLEM: re.compile(r"\bm[eé]mo\b|мемо|메모|メモ"),
    Kind.WITHDRAWAL_MISSING: re.compile(
        r"вывод|вывел|вывест|\bretir[oéea]|\bsaqu[ei]|\bretrait|\bauszahl|\bprelievo|출금|出金|rút tiền"
    ),
    Kind.DEPOSIT_MISSING: re.compile(
        r"депозит|пополн|\bdep[óo]sit|\bdépôt|\beinzahl|입금|入金|nạp tiền"
    ),
}
"""Words of other languages that hint at a kind, which stays open all the same."""


def _weighed(
    text: str, waiting: bool, dated: bool
) -> tuple[dict[Kind, int], dict[Kind, tuple[tuple[int, int], ...]]]:
    """The weights of the cues of each kind, and where they stand."""
    absent = [found.span() for found in each(_MISSING, text)]
    scores: dict[Kind, int] = {}
    spans: dict[Kind, tuple[tuple[int, int], ...]] = {}
    for kind, cues in _COMPILED.items():
        hits = list(_hits(text, cues))
        score = sum(weight for weight, _ in hits)
        if kind in DIRECTIONS:
            lacking = bool(absent) or waiting
            told = kind is Kind.WITHDRAWAL_MISSING and dated and _WITHDREW.search(text)
            if score and lacking:
                score = min(score, _SURE) + _ABSENCE
            elif not told:  # who tells support when he withdrew is missing it
                score = min(score, _LEAST)
        scores[kind] = score
        spans[kind] = tuple(sorted(span for _, span in hits))
    if (absent or waiting) and not any(scores[kind] >= _LEAST for kind in scores):
        scores[Kind.WITHDRAWAL_MISSING], spans[Kind.WITHDRAWAL_MISSING] = _LEAST, (*absent[:1],)
    return scores, spans


_WITHDREW = re.compile(
    r"提了|提的(?!时候|示|醒)|提[币现领取出] ?(?:了|[0-9])|(?<!前)提 ?[0-9]|[的时]提[币现]|\bwithdrew\b|\bmade (?:a|the|my) withdrawal|\bwithdrawn ?\u2400|\b(?:i|we) (?:have |had )?withdrawn?\b"
)
_QUESTION = re.compile(
    r"\bhow (?:long|much|many|do|does|can|should|would|to|often|fast)\b|\bwhat(?:'s| is| are| does| do| happens)\b|\bwhere (?:can|do|is the)\b|\bis (?:there|it possible|it safe)\b"
    r"|\b(?:can|may|could|should) (?:i|we|one)\b|\bdo(?:es)? (?:the|a|an|you|it|i|your)\b|\bare (?:the |there |withdrawals|deposits)|\bis (?:the|your)? ?(?:withdrawal|deposit|gateway)"
    r"|\bwhy (?:is|are|does|do) (?:the|your|a|there)\b|请问|多久|多长时间|多少|怎么(?!还|没|不|办|回事|会|补救|找回|追回|挽回|弥补|处理|解决)|如何|怎样|能不能|可不可以|可以[^，。\n]{0,6}吗|[还能]能?[提充]吗|什么时候|几天|吗[?？]?|教程"
)
_OWN_CASE = re.compile(
    r"(?<!do )(?<!can )(?<!should )(?<!could )(?<!would )(?<!if )(?<!may )\b(?:i|we|my friend) (?:have |had |just |already |also |tried to |made |did )?(?:a )?(?:withdr[ae]w\w*|sent|send|transferred|deposited|moved|paid|requested|cashed|bought|swapped|bridged|lost|forgot|put|used|entered|made|submitted|tried)\b"
    r"|\bmy (?:\w+ ){0,2}(?:withdrawals?|deposits?|transfers?|transactions?|funds?|money|coins?|balance|btc|bts|eth|usdt|tokens?|payment)\b"
    r"|[提转充发打汇][现币账值]?了|我的|我[^，。\n]{0,6}[提转充发]|到现在|已经"
)


def _complains(text: str, lacking: bool) -> bool:
    """Whether somebody tells of his own case, and does not only ask in general."""
    return lacking or bool(_OWN_CASE.search(text))


_ARRIVED = re.compile(
    r"(?:已经?|现在|刚刚?|终于|都)?(?:到账了|到帐了|收到了|(?<![转提打发充汇得想看遇找碰受])到了(?![0-9a-z ]*[0-9])|入账了|解决了|搞定了|没事了|可以了|好了)|(?:已经?|终于)(?:到账|收到|解决|入账)"
    r"|\b(?:it|they|the (?:money|coins?|funds?|withdrawal|deposit|transfer|tokens?|payment|btc)|everything|all|withdrawal|deposit|now i|i(?:'ve| have)?|just) (?:has |have |had |is |are |was |were )?(?:now |just |finally |already |indeed |been )?"
    r"(?:arrived|came through|there now|received|receaved|recieved|credited|got it|showed up|solved|resolved|fixed|works?|worked|working(?: now| again)?|fine now|good now|okay now|ok now|back)\b"
    r"|\b(?:problem|issue|ticket|case)\b[^.\n]{0,16}\b(?:solved|resolved|fixed)\b|\ball good\b|(?:\A|ok(?:ay)? |now )(?:re)?solved\b|(?:\A|[,.!] ?)(?:now )?received(?: it| now| thanks?)?(?= ?[.!,]| ?\Z)|\bmy bad\b|\bnever ?mind\b|\bgot (?:it|my (?:coins|money|btc|funds))(?: now| finally)?[.! ]*(?:thanks|thank|\Z|\n)"
)
_DOUBT = re.compile(
    r"没|未|不(?!好意思)|少|错|但|可是|只|才|还差|\?|？|\b(?:not|n't|never|no|but|however|only|less|instead|still|missing|wrong|without|yet|how|why|when|error|fail\w*)\b|n't\b"
)
_SMALL_TALK = re.compile(
    r"(?:(?:你好|您好|在吗|在么|有人吗|谢谢|感谢|好的|嗯|hello|hi|hey|dear (?:sir|support|team)|good (?:morning|day|evening|afternoon)|thanks?(?: you)?(?: (?:very|so) much)?|thx|ok(?:ay)?|how are you|please help(?: me)?|help|test)[ ,，.。!！?？\n]*)+"
)


_THANKS = re.compile(
    r"(?:(?:非常|太|多|十分|好的|ok(?:ay)?|many|great|perfect|got it)?[ ,，]*(?:谢谢|感谢|多谢|谢了|thanks?(?: you)?|thx|ty)(?: (?:you|so much|very much|a lot|for your help|again|all))*(?:您|你|你们|大家|啦|了)?[ ,，.。!！\n]*)+"
)


def _solved(text: str) -> tuple[int, int] | None:
    """The words that say that all is well, where nothing beside them says otherwise."""
    found = _ARRIVED.search(text)
    if not found:
        return None
    others = text[: found.start()] + text[found.end() :]
    return None if _DOUBT.search(others) or _DOUBT.search(found[0]) else found.span()


def _hits(
    text: str, cues: tuple[tuple[int, re.Pattern[str]], ...]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """The cues that occur, each counted once."""
    for weight, cue in cues:
        found = cue.search(text)
        if found:
            yield weight, found.span()
