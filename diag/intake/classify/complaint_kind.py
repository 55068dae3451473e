"""What kind of complaint a text is: a small closed set that an agent sorts by.

Every kind has cues, each with a weight. The weights of the cues that occur are added up; the
kind with the most leads, and where two have as much, the one that stands first below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from diag.i18n import Text
from diag.intake.normalized_text import Page


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
    OTHER = "other"


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
    Kind.OTHER: Text(zh="其他", en="Other"),
}

_MISSING_ZH = r"(?:没有?|未|还没有?|迟迟没?|一直没?|不|尚未|仍未)(?:收到|到账?|入账|见到|显示|看到|给我|处理|出来|动静|消息|反应)|没到|未到|不到账|不见了|没影|卡住|还是没有|还没有|没看到"
_MISSING_EN = (
    r"\b(?:not|never|n't|nothing|hasn't|haven't|didn't|no|without)\b[^.!?\n]{0,40}\b(?:arriv|receiv|credit|show|appear|came?\b|come\b|there\b|through|deposited|broadcast|return|paid|payment|pay\b|refund|in my|at \w+|money|coins?\b|funds|tokens?\b|btc\b|response|reply|answer)"
    r"|(?<!fee is )(?<!fee )\bmissing\b(?! required)|\bstill (?:waiting|pending|nothing|not|no|missing|processing)|\bpending\b|\bnothing (?:came|arrived|received|yet|happen)"
    r"|\bwhere (?:is|are) my|\bnot there|\bdisappeared|\bstuck|\bno longer in|\bnowhere|\bfor the rest\b|\boverdue|\bshows? 0\b|\bon neither\b"
    r"|\bwaiting\b|\bwaited\b|\bdelay|\bwhen will\b|\bhow long\b|\bprocessing\b|\bunconfirmed\b|\bin progress\b|\bunpaid\b|\bnot(?: yet)? (?:in|on|at) (?:my|the)\b|\btoo long\b|\bso slow\b"
    r"|\b(?:is|was|are|were|got|all|been|money|funds) (?:lost|gone)\b|\blost (?:[€$£]?[0-9]|(?:my|all|the|his|her|their) (?:money|funds?|coins?|crypto|tokens?|btc))"
)
_OUT_ZH = r"提币|提现|提领|提的(?!时候|示|醒|案)|提取|提出|提走|出金|兑出|提了|(?<!前)提(?=[0-9一二三四五六七八九十两])"
_IN_ZH = r"充值|充(?=\s?[0-9a-z])|充币|充了|存入|存币|入金|充进|转入|充到"
_SEND_ZH = r"转账|转的|转给|转了|转到|打给|打到|打币|发给|发到|发了|汇给|转出|转过去"
_CUES: dict[Kind, tuple[tuple[int, str], ...]] = {
    Kind.STOLEN: (
        (10, r"被盗|自称(?:是)?(?:客服|官方)|(?:索要|要我|让我|叫我)(?:提供|发|给|说|报)?(?:出|他)?(?:私钥|助记词|密码)|盗走|盗号|偷走|被偷|黑客|被黑|不是我(?:本人)?操作|非本人|未经(?:我)?授权|没有?授权|骗子|被骗|诈骗|钓鱼|假(?:网站|客服|钱包|冒)|冒充|私钥泄|泄露"),
        (10, r"\bstolen\b|\bstole\b|\bhack(?:ed|er)|\bhijack|\bthief\b|\btheft\b|\bunauthori[sz]ed|\bphish|\bscamm?(?:ed|er)|\bfake (?:support|site|wallet|account|gateway|helper)|\bimpostor|\bimpersonat|\bdrain(?:ed|ing)?\b|\bwithout my (?:permission|knowledge|consent)|\bi did(?:n't| not) (?:make|authori[sz]e|do|send) (?:this|that|it|these|any)|\bwas(?:n't| not) me\b|\bcompromised|\bask(?:s|ed|ing)?(?: me)? (?:for|to (?:give|send|enter)) (?:my |the )?(?:private|seed|password|recovery|mnemonic|keys?\b)"),
        (3, r"\bscam\b|\bfraud|\bthreatens|可疑|异常登录"),
        (2, r"\bemptied\b|\bunknown (?:account|address|transfer)|\bfake\b|不明(?:账户|转账)|陌生"),
    ),
    Kind.MEMO_PROBLEM: (
        (8, r"(?:没有?|未|忘(?:了|记)?|漏(?:了|掉)?|忘写|少)(?:填写?|写|加|带|输入?|附)?(?:上|了)?\s?(?:备注|附言|标签|memo|tag)|(?:备注|附言|标签|memo|tag)(?:都|也)?(?:没有?|未|忘|漏|填错|写错|错|不对|空)|填错了?(?:备注|标签|memo)|写错了?(?:备注|memo)|错(?:误)?的(?:备注|memo|标签)"),
        (8, r"\b(?:no|without|forgot(?:ten)?|forget|missing|wrong|incorrect|omitted|left out|did(?:n't| not)[^.\n]{0,24}|not put(?: the)?|bad|empty|mistyped)\b[^.,;\n]{0,28}\b(?:memo|tag|payment id)|\b(?:memo|tag)\b[^.,;\n]{0,24}\b(?:wrong|forgotten|missing|forgot|empty|needed|required|mistake|instead|incorrect|omitted|bad)"),
        (3, r"\bmemo\b(?!\s?:)|(?:备注|附言)(?!\s?:|\()|destination tag|payment id"),
    ),
    Kind.WRONG_DESTINATION: (
        (6, r"(?:转|提|发|打|充|填|写|输|选)错(?:了|到)?|错(?:误)?的(?:地址|账户|账号|链|网络|网关)|(?:地址|账户|账号|网络|链|币种)(?:写|填|选|输|弄|搞)?错|打到别人|转到了?别人|旧地址|错把|误把|误提|误发|不是我的地址|发到了?合约"),
        (6, r"\b(?:wrong|incorrect|old|invalid|mistaken|another|different|unsupported)\b[^.,;\n]{0,16}\b(?:address|account|wallet|chain|network|asset|token|coin|gateway|destination|recipient|deposit address)|\bmistakenly\b|\bby mistake|\baccidental|\binstead of (?:the|my)\b[^.\n]{0,24}(?:address|account)|\bsent (?:it )?to the (?:wrong|old)|\bmistyp|\bmisspelt|\btypo\b|\bin the address field|\baddress of (?:another|a different)|\bcontract address"),
        (3, r"\binstead of\b(?! [0-9])|\bwrong\b|\bby accident|搞错|弄错|误转|误充"),
    ),
    Kind.AMOUNT_DIFFERS: (
        (6, r"(?:只|仅|才)(?:收到|到账?|给|有)了?\s?[0-9一二三四五六七八九十两半]|少了|少到|少给|数额不(?:对|符)|金额不(?:对|符)|数量不(?:对|符)|不够数|差了|多扣|扣多|到账(?:数量|金额)?(?:不对|不一致|少)|对不上|缩水"),
        (6, r"\binstead of [0-9]|\bonly (?:got|received|arrived|credited|part|half)|\bless than\b|\bshort(?:ed|changed)?\b(?! time)|\bdifferent amount|\bamount (?:is |was |does )?(?:not|n't|wrong|differs?|incorrect|short)|\bended up with less|\btoo little|\bnot the full|\bnot all of|\barrived as\b|\bpartial(?:ly)?\b|\bmissing (?:part|[0-9])|\bwrong amount|\blower than|\bmore than i (?:sent|asked)|\bdeducted"),
        (2, r"\bonly\b|\brest of\b|\ba part\b|部分"),
    ),
    Kind.CANNOT_SEND: (
        (8, r"(?:无法|不能|没法|不让|不给|没办法|点不了|点了没|一直)(?:提币|提现|提取|转账|转出|发送|广播|操作|提交|转|提)|(?:提币|提现|转账|交易|广播|提交|操作)(?:不了|失败|报错|出错|不成功|提示|总是)|报错|余额不足|手续费不足|发不出|提不(?:了|出)|转不(?:了|出)|提示.{0,12}(?:错误|失败|不足)|错误提示|按钮.{0,6}(?:没反应|灰)"),
        (8, r"\b(?:can ?not|can't|cannot|unable to|impossible to|could not|couldn't|won't let me|not able to|fails? to|failed to|not possible to)\b[^.;\n]{0,32}\b(?:withdraw|send|transfer|move|broadcast|sign|confirm|deposit|claim|settle|sell|submit|pay|proceed)|\b(?:withdraw(?:al)?|send(?:ing)?|transfer|transaction|broadcast|settlement)s?\b[^.;\n]{0,24}\bfail|\bfail(?:s|ed|ure)\b|\berror\b|\bcrash|\binsufficient|\bnot enough (?:funds|bts|fee|balance)|\bexception\b|\bassert|\brejected|\bbutton (?:does|did|is)|\bmissing required|\bkey not found|\bdoes(?:n't| not) work|\bnot working|\bfee is missing|\bno transaction is processed|\bnothing happens"),
        (2, r"\bbug\b|\bshows nothing|\bfrozen\b|\bclicking\b|\blight wallet|没反应"),
    ),
    Kind.NOT_ON_CHAIN: (
        (8, r"(?:链上|区块|浏览器).{0,8}(?:查不到|没有?|找不到|搜不到|不存在)|(?:查不到|找不到)(?:这笔|该|此|任何)?(?:交易|记录|哈希|txid)|没有?(?:转账|交易|提币)记录|过期|未上链|没上链"),
        (8, r"\b(?:transaction|tx|txid|hash|explorer|history|transfer)s?\b[^.;\n]{0,32}\b(?:not found|cannot find|can't find|unknown|does(?:n't| not) exist|vanish|disappear|cannot be found)|\bexpired\b|\bnever (?:included|broadcast)|\bsigned but|\bvanished\b|\bneither (?:the|side|wallet)[^.\n]{0,40}\bshows? it|\bdropped\b|\borphan|\bnot on the (?:block)?chain|\bfork\b"),
    ),
    Kind.FUNDS_LOCKED: (
        (6, r"余额(?:显示)?(?:为|是)?\s?0(?![.0-9])|余额(?:不对|少了|为零|变|没了|归零|显示0|是0)|资金(?:被)?(?:锁|冻结)|锁(?:住|仓|定)|冻结|解冻|提案|多签|待审批|归属|抵押|挂单|资产(?:不见|没了|消失)|钱(?:不见|没|消失)了?"),
        (6, r"\blocked\b|\bfrozen funds|\bvesting|\bproposal|\bmulti-?sig|\bcash-?back|\bcollateral|\bopen orders?|\bfunds (?:are |were )?(?:gone|missing|lost|vanished)|\bwhitelist|\bafter approval|\bsimply lost or missing|\bstaking|\bunlock|\btaken away"),
        (4, r"\bbalance (?:is |was |shows? |now )?(?:zero|0|wrong|lower|gone|empty|missing)|\bzero balance"),
        (1, r"\bbalance\b|\bportfolio\b|余额"),
    ),
    Kind.DEPOSIT_MISSING: (
        (4, _IN_ZH),
        (4, r"\bdeposit|\binto my bitshares|\bto my bitshares|\bin the bitshares account|\bto bitshares\b|\bfrom (?:coinbase|binance|kraken|poloniex|bittrex|huobi|metamask)\b|\btop(?:ped)? up"),
    ),
    Kind.TRANSFER_MISSING: (
        (4, rf"{_SEND_ZH}|对方(?:没|未|说)|朋友(?:没|未|说)"),
        (2, r"(?:到|给|往)(?:交易所|币安|火币|okx|欧易|中币|gate)"),
        (4, r"\b(?:sent|sending|send|transferr?(?:ed)?|moved)\b[^.;\n]{0,60}\bto\b|\btransferred\b|\brecipient|\bto (?:an? |my |the )?(?:exchange|friend|other account)|\bby the exchange|\b(?:to|at|by) (?:livecoin|poloniex|kraken|binance|bittrex|huobi|mex|mexc|coinbase|bitfinex|okex|gate)\b|\bright address|\bone exchange to another"),
    ),
    Kind.WITHDRAWAL_MISSING: (
        (4, _OUT_ZH),
        (4, r"\bwithdr[ae]w|\bcash(?:ed)?[ -]?out|\bpay-?out|\bredeem|\bbridged?\b(?!\.)|\bpaid out|\bsend out|\bto my (?:own )?(?:btc|bitcoin|eth|external|wallet|ledger|trezor|metamask)|\bpayment\b|\bunwrap|\brequested\b|\bportal\b|\bswap(?:ped)?\b"),
        (1, r"\bgateway\b|网关"),
    ),
    Kind.GATEWAY_STATE: (
        (9, r"维护(?:中|吗|到|什么|期间|升级|完)|暂停(?:提|充|服务)|关(?:闭|停|网|站)了?|停服|停运|还能(?:提|充)吗|什么时候(?:才?能|可以|会)?(?:提|充|恢复|开放|修好)|下架|恢复(?:提币|充币|服务)"),
        (9, r"\bmaintenance\b|\bshut(?:ting)? ?down\b|\bclos(?:ed|ing|ure)\b(?! price)|\bout of service|\bdelist|\bout of business|\bwhen will (?:the )?(?:gateway|withdrawals?|deposits?|service)|\bexit(?:ed)? scam"),
        (4, r"跑路|倒闭"),
        (4, r"\boffline\b|\bdisabled\b|(?<!shut )(?<!shutting )\bdown\b|\bunavailable|\bsuspended\b"),
    ),
    Kind.ACCESS: (
        (5, r"登(?:录|陆|入)不|无法登(?:录|陆|入)|登不(?:上|进)|忘(?:了|记)?密码|密码(?:不对|错误|忘|丢)|私钥(?:丢|忘|在哪|找)|找回(?:密码|账户|账号)|助记词(?:丢|忘)|权限|备份(?:丢|打不开)"),
        (5, r"\b(?:can ?not|can't|cannot|unable to|couldn't) (?:log|sign|access|open|unlock|import|restore|get in)|\blog ?in\b|\bforgot(?:ten)? (?:my )?password|\blost (?:my )?(?:password|key|keys|wallet|seed)|\bpassword\b|\bprivate keys?\b|\bbrain ?key|\brecover (?:my )?(?:account|wallet|password)|\bauthority\b|\bactive key|\bowner key|\bkey not found|\bpermission|\bimport"),
    ),
    Kind.FEE_QUESTION: (
        (5, r"手续费(?:是|怎么|为什么|多少|太|这么|这样|收|扣)|(?:多少|什么|收取?)手续费|费率|起提|最低(?:提|充)|最小(?:提|充)"),
        (5, r"\bhow much (?:is|are|does)[^.\n]{0,20}\bfees?|\bfees? (?:is|are|too|so|that)|\bwhat (?:is|are) the (?:fee|minimum)|\bminimum (?:withdrawal|deposit|amount)|\bwhy (?:is|are|was)[^.\n]{0,16}\bfee|\bfee so|\bclaim fee|\bhigh fees?"),
    ),
    Kind.OTHER: (
        (9, r"(?:怎么|如何|怎样|想问一?下?怎么)(?:提币|提现|提取|充币|充值|转账|注册|操作|使用|买|卖)|教程|新手"),
        (9, r"\bhow (?:do|can|should|would|to)(?: i| we| one)? (?:withdraw|deposit|transfer|send|register|use|buy|sell|set up)\b|\bwhere (?:can|do) (?:i|we)\b|\btutorial\b"),
    ),
}  # fmt: skip
_COMPILED = {
    kind: tuple((weight, re.compile(cue)) for weight, cue in cues)
    for kind, cues in _CUES.items()
}
_MISSING = re.compile(f"{_MISSING_ZH}|{_MISSING_EN}")
_NEED_ABSENCE = (Kind.DEPOSIT_MISSING, Kind.TRANSFER_MISSING, Kind.WITHDRAWAL_MISSING)
_ABSENCE = 3
_LEAST = 3
"""What weighs less is a mention and no complaint."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The kind, the next best one, and the words that speak for the kind."""

    kind: Kind
    runner_up: Kind | None
    score: int
    spans: tuple[tuple[int, int], ...]


def sort(page: Page, waiting: bool) -> Sorted:
    """The kind of complaint of a page; waiting where it says for how long."""
    absent = _MISSING.search(page.low)
    scores: dict[Kind, int] = {}
    spans: dict[Kind, tuple[tuple[int, int], ...]] = {}
    for kind, cues in _COMPILED.items():
        hits = list(_hits(page.low, cues))
        score = sum(weight for weight, _ in hits)
        if score and kind in _NEED_ABSENCE and (absent or waiting):
            score += _ABSENCE
        scores[kind], spans[kind] = score, tuple(sorted(span for _, span in hits))
    if (absent or waiting) and not any(scores[kind] for kind in _NEED_ABSENCE):
        scores[Kind.WITHDRAWAL_MISSING] = _ABSENCE
        spans[Kind.WITHDRAWAL_MISSING] = (absent.span(),) if absent else ()
    ranked = sorted((k for k in scores if scores[k] >= _LEAST), key=lambda k: -scores[k])
    if not ranked:
        return Sorted(Kind.OTHER, None, 0, ())
    second = ranked[1] if len(ranked) > 1 else None
    return Sorted(ranked[0], second, scores[ranked[0]], spans[ranked[0]])


def _hits(
    text: str, cues: tuple[tuple[int, re.Pattern[str]], ...]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """The cues that occur, each counted once."""
    for weight, cue in cues:
        found = cue.search(text)
        if found:
            yield weight, found.span()
