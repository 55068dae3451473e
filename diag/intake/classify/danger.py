"""Theft and deceit: somebody took the money, has been given a secret, or asks for one or for a payment.

Told before every other kind, in both languages, because minutes count then. What a user says
that he did *not* do ("I never shared my seed") is no danger by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diag.intake.normalized_text import each

_SECRET = (
    r"(?:pass ?words?|passphrases?|private ?keys?|secret(?: ?keys?| phrase| words)?|seed(?: ?phrases?| ?words?|s)?|recovery (?:phrase|words|key)|mnemonic(?:s| phrase)?"
    r"|brain ?keys?|backup (?:file|phrase)|keystore|wif\b|(?:my |your |the |active |owner |memo )keys?\b|(?:12|16|24|twelve|twenty[- ]four) words|pin code|2fa(?: code)?|verification code|log ?in details|my log ?in|(?:my|your) (?:account|bank|card) details|credentials)"
)
_SECRET_ZH = (
    r"(?:私钥|助记词|种子词|恢复词|密码|脑密钥|密钥|keystore|wif|验证码|备份文件|口令|谷歌码)"
)
_THEY = (
    r"(?:someone|somebody|support|agent|admin\w*|moderator|manager|helper|staff|team|guy|man|person|people|they|he|she|who|telegram|whatsapp|discord|site|website|page|link|platform"
    r"|company|broker|exchange|gateway|customer (?:service|care)|operator|bot|proposal|recovery|specialist|expert|caller|e?-?mail|message)"
)
_ASKS = r"(?:ask(?:s|ed|ing)?|want(?:s|ed|ing)?|demand(?:s|ed|ing)?|request(?:s|ed|ing)?|require(?:s|d)?|tell(?:s|ing)?|told|say(?:s|ing)?|said|insist(?:s|ed)?|need(?:s|ed)?|instruct(?:s|ed)?|wrote|offer(?:s|ed)?|prompt(?:s|ed)?|force(?:s|d)?|urge(?:s|d)?)"
_WITHIN = r"[^.;!?\n]{0,70}?"
_NEAR = r"[^.;!?\n]{0,40}?"
_STOLEN_EN = (
    r"\bstolen\b|\bstole\b|\bsteal(?:s|ing)?\b|\brobbed\b|\bhack(?:ed|er|ers)\b|\bhijack\w*|\bthie(?:f|ves)\b|\btheft\b|\bunauthori[sz]ed\b|\bphish\w*|\bscamm(?:ed|er|ers|ing)\b"
    r"|\bfake (?:support|site|website|wallet|account|gateway|helper|page|app|admin)|\bimpost[oe]r|\bimpersonat\w*|\bdrain(?:ed|ing|er)?\b|\bwithout my (?:permission|knowledge|consent|approval)"
    r"|\bi did(?:n't| not) (?:make|authori[sz]e|do|send|initiate|sign|approve) (?:this|that|it|these|any|the (?:transfer|withdrawal|transaction))|\bwas(?:n't| not) me\b|\bcompromised\b"
    r"|\bsomeone (?:has |have )?(?:took|taken|moved|sent|transferred|withdr[ae]wn?|emptied|has access|got into|logged in|changed|else)\b|\b(?:virus|malware|trojan|keylogger|spyware)\b|\b(?:sent|moved|went|gone|transferred)\b[^.;\n]{0,24}\bto (?:an?|some)\b[^.;\n]{0,20}\bi (?:do not|don't|never) (?:know|recogni[sz]e|own|used?)|\bi (?:was|have been|got|am being) (?:deceived|cheated|tricked|defrauded|scammed|conned)"
)
_STOLEN_ZH = (
    r"被盗(?!版)|盗走|盗号|盗刷|盗取|偷走|被偷|偷了|黑客|被黑|不是我(?:本人)?(?:的)?操作|不是我(?:自己)?(?:转|提|发)的|非本人|未经(?:我)?(?:授权|同意)|没有?授权|被骗|诈骗|钓鱼|骗局|杀猪盘"
    r"|假(?:网站|客服|钱包|网关|冒|链接|app)|冒充|仿冒|私钥泄|泄露|泄漏|自动转走|被[^，。\n]{0,4}(?:转走|提走|划走|清空)|木马|病毒|(?:密钥|权限|密码)被[^，。\n]{0,4}(?:改|换)|被人?(?:改|换)了?(?:密码|权限|密钥)|莫名(?:其妙)?(?:被)?转(?:走|出)|被(?:人|别人|陌生人)(?:转|提)走|有人(?:把)?我?的?[^，。\n]{0,8}转走"
)
_GAVE_EN = (
    rf"\b(?:gave|given|told|shared|showed|handed|revealed|leaked|exposed|forwarded|provided|sent|e-?mailed|texted)\b{_NEAR}\b{_SECRET}"
    rf"|\b(?:entered|typed|put|pasted|imported|submitted|filled in|input)\b{_NEAR}\b{_SECRET}{_NEAR}\b(?:site|website|link|form|page|chat|bot|telegram|url)"
    rf"|\b{_SECRET}\b{_NEAR}\b(?:was|were|got|has been|have been) (?:leaked|exposed|shared|seen|revealed|published|posted)"
)
_GAVE_ZH = (
    rf"(?:给了?|发给?了?|告诉了?|提供了?|交给了?|透露了?|说了|截图)[^，。；\n]{{0,10}}{_SECRET_ZH}|{_SECRET_ZH}[^，。；\n]{{0,8}}(?:给了?|发|告诉|提供|交给|透露|泄|被[^，。\n]{{0,4}}(?:看|拿|偷))"
    rf"|(?:网站|链接|网页|页面|表单|群里|机器人)[^，。；\n]{{0,10}}(?:输入|填写?|导入)了?[^，。；\n]{{0,6}}{_SECRET_ZH}|(?:输入|填写?|导入)了?[^，。；\n]{{0,6}}{_SECRET_ZH}[^，。；\n]{{0,10}}(?:网站|链接|网页|表单)"
)
_ASKED_EN = (
    rf"\b{_THEY}\b{_WITHIN}\b{_ASKS}\b{_WITHIN}\b(?:{_SECRET}|screen ?shots?|screen ?shar\w*|remote access|any ?desk|team ?viewer|id card|selfie)"
    rf"|\b(?:asked|told|instructed|requested|invited|forced|required|prompted) (?:me |us )?(?:for|to (?:give|send|enter|share|provide|type|import|show|paste|confirm)) (?:me |him |them |her )?(?:my |the |a |an )?{_SECRET}"
    rf"|\b(?:asks?|asking|wants?|demands?|requests?) (?:me |us )?(?:for|to (?:give|send|enter|share|provide|type|import|show|paste)) (?:me |him |them |her )?(?:my |the |a |an )?(?:{_SECRET}|screen ?shots?)"
    rf"|\b{_THEY}\b{_WITHIN}\b(?:{_ASKS}|must|have to|has to|should|let me)\b{_WITHIN}\b(?:connect|validate|verify|synchroni[sz]e|sync|rectify|restore|import|link|authenticate)(?:ing)? (?:my |your |the |our )?(?:\w+ )?wallet"
    r"|\bwallet ?(?:rectif\w+|validation|synchroni[sz]ation)\b|\brectify (?:site|page|tool|dapp)|\bconnect (?:my|your) wallet\b[^.;\n]{0,40}\b(?:to (?:a|an|the|this|their)|site|link)"
    rf"|\b{_THEY}\b{_WITHIN}\b(?:{_ASKS}|must|have to|has to|should)\b{_WITHIN}\b(?:approve|sign|accept|vote)\b{_NEAR}\b(?:proposals?|proposed|transaction|permission|contract|authority)"
    r"|\b(?:unless|until|or) (?:i|you) (?:confirm|verify|enter|provide|connect|validate|pay)\b"
    rf"|\b{_THEY}\b{_WITHIN}\b{_ASKS}\b{_WITHIN}\b(?:transfer|move|send)\b{_NEAR}\b(?:safe|secure|new|his|her|their) (?:account|wallet|address)"
    r"|\b(?:approved|voted|signed|accepted)\b[^.;\n]{0,40}\bproposal\b[^.;\n]{0,60}\b(?:gone|away|empt\w+|stranger|unknown|missing|left|moved)\b"
    r"|\bproposals?\b[^.;\n]{0,60}\b(?:should i|do i|must i|shall i) (?:approve|sign|accept)|\bshould i (?:approve|sign|accept) (?:it|this|that|the proposal)|\b(?:keeps?|keep on) (?:asking|sending|telling)[^.;\n]{0,40}proposal"
)
_PAID = r"(?:fees?|tax(?:es)?|deposit|commission|charges?|insurance|collateral|margin|guarantee|bond|gas|verification|activation|penalty|percent|%|[0-9]+ ?(?:usd\w?|btc|eth|bts|dollars?|euros?))"
_FOR = r"(?:before|first|in order to|to (?:release|unlock|unfreeze|withdraw|activate|verify|get|receive|process|complete|upgrade|recover|confirm|speed)|otherwise|or (?:else|my|the)|until|so that|for (?:the )?(?:release|verification|unlocking|withdrawal))"
_CHARGED_EN = (
    rf"\b{_THEY}\b{_WITHIN}\b(?:{_ASKS}|must|have to|has to|should|unless i|if i)\b{_WITHIN}\b(?:pay(?:ing|ment)?|send(?:ing)?|deposit(?:ing)?|transfer(?:ring)?|top up|buy)\b{_WITHIN}\b{_PAID}"
    rf"|\b{_THEY}\b{_WITHIN}\b(?:asks?|asked|asking|wants?|wanted|demands?|demanded|requires?|required|requests?|requested) (?:me |us )?(?:for |to pay |to send |to deposit )?(?:a |an |the |another |more |some |extra |[0-9.%]+ ?)*(?:\w+ )?{_PAID}"
    rf"|\b(?:i am|i'm|i was|i've been|been|being) (?:being )?(?:told|asked|forced|required)\b{_WITHIN}\b{_PAID}"
    r"|\b(?:pay|send|deposit|transfer)\b[^.;\n]{0,30}\bto (?:unlock|unfreeze|release|activate|verify|upgrade)\b"
    rf"|\b(?:pay|send|deposit|transfer)\b{_NEAR}\b{_PAID}\b{_NEAR}\b{_FOR}{_NEAR}\b(?:withdraw\w*|funds?|money|account|coins?|wallet|balance)"
)
_ASKED_ZH = (
    rf"(?:让|叫|要|要求|需要|必须|索要|索取|问我要|催我?|教我|引导|骗)[^，。；\n]{{0,14}}(?:{_SECRET_ZH}|截图|截屏|屏幕共享|共享屏幕|远程|手持身份证)|(?:客服|对方|有人|他|她|管理员|工作人员)[^，。；\n]{{0,10}}(?:要|让|叫|问)[^，。；\n]{{0,12}}{_SECRET_ZH}"
    r"|(?:让|叫|要|要求|需要|必须|说|引导)[^，。；\n]{0,16}(?:连接|授权|验证|绑定|导入|同步|激活|升级)[^，。；\n]{0,6}钱包|(?:连接|授权)了?[^，。；\n]{0,8}(?:陌生|可疑|不明|他|对方)[^，。；\n]{0,4}(?:网站|链接|合约)"
    r"|(?:让|叫|要|要求|需要|必须|说)[^，。；\n]{0,16}(?:批准|同意|通过|签名|确认|授权)[^，。；\n]{0,10}(?:提案|权限|签名)|提案[^，。；\n]{0,12}(?:要|该|能)不?(?:要|该|能)?(?:批准|同意|通过)"
    r"|(?:让|叫|要|要求)我?[^，。；\n]{0,8}(?:转|打|移|存)[^，。；\n]{0,6}(?:安全账户|安全钱包|指定账户|指定地址|他的账户|她的账户)"
    r"|自称(?:是)?[^，。；\n]{0,6}(?:客服|官方|工作人员|管理员|技术)"
)
_PAID_ZH = r"(?:保证金|押金|税|解冻[费金]|验证[费金]|认证[费金]|激活[费金]|服务费|保险[费金]?|定金|个税|流水|会员费?|罚[款金]|风险金|手续费|矿工费|gas费?|费用|[0-9.]+ ?%|充值|入金)"
_CHARGED_ZH = (
    rf"(?:客服|对方|平台|他|她|他们|网关|网站|管理员|工作人员|经理|老师|有人)[^，。；\n]{{0,12}}(?:让|叫|要求?|说|需要|必须|得|催)[^。；\n]{{0,16}}(?:交|付|缴|打|转|充|存|汇|补)[^，。；\n]{{0,12}}{_PAID_ZH}"
    rf"|(?:先|再|还要|还得|必须|要求)[^，。；\n]{{0,6}}(?:交|付|缴|打|转|充|存|补)[^，。；\n]{{0,10}}{_PAID_ZH}[^。；\n]{{0,8}}(?:才|再|否则|不然)"
    r"|(?:让|叫|要)我先(?:充|转|打|付|交|存|缴)"
    r"|(?:让|叫|要)我[^，。\n]{0,10}(?:交|付|缴|打|转|充|存)[^。\n]{0,16}(?:解冻|激活|解锁|验证|认证)"
    r"|(?:交|付|缴|补)了?(?:保证金|押金|解冻[费金]|验证[费金]|个税)"
)
_LEGIT = (
    r"\bis (?:this|it|that|he|she|the (?:site|link|account|proposal|person))\b[^.;!?\n]{0,24}\b(?:legit\w*|a scam|scam|real support|genuine|phishing|fake|a fraud|trustworthy|official)\b"
    r"|(?:是不是|会不会)[^，。；\n]{0,6}(?:骗|诈骗|骗子|假)|(?:是|算)(?:骗子|诈骗|骗局|假的)吗|(?:可信|靠谱)吗"
)
_STOLEN_ELSEWHERE = (
    r"укра(?:л[иа]?|ден[аоы]?)\b|взлома|мошенн|обману|\brobar?on\b|\brobad[oa]s?\b|\bestaf|\bhackear?on\b|\bhackead[oa]|\broubar?am\b|\broubad[oa]|\bvolé|\bpiraté|\barnaqu"
    r"|\bgestohlen\b|\bbetrogen\b|\bbetrug\b|\bgehackt\b|\brubat[oie]\b|\btruffa|해킹|도난|사기|盗まれ|詐欺|ハッキング|bị hack|lừa đảo"
)
_HELPER = r"\b(?:recovery (?:agent|expert|service|specialist)|helped? me (?:to )?recover|recover my (?:stolen|lost) (?:funds|coins))\b"
_DENIED = re.compile(
    r"(?:\b(?:never|not|no ?one|nobody|cannot|unable|fail(?:s|ed)?|didn't|haven't|don't|without|no)\b|n't\b)[^.;!?\n]{0,16}\Z|(?:没有?|从未|从来没|并未|未|不|别|勿)[^，。；\n]{0,4}\Z"
)
_CERTAIN = tuple(
    re.compile(form)
    for form in (
        _STOLEN_EN,
        _STOLEN_ZH,
        _ASKED_EN,
        _ASKED_ZH,
        _CHARGED_EN,
        _CHARGED_ZH,
        _LEGIT,
        _HELPER,
        _STOLEN_ELSEWHERE,
    )
)
_GIVEN = tuple(re.compile(form) for form in (_GAVE_EN, _GAVE_ZH))
_US = re.compile(
    r"\b(?:you|your (?:support|team|agent|colleague)) (?:have )?(?:ask|told|request|want|need|said)\w*"
)


def dangers(text: str) -> Iterator[tuple[int, int]]:
    """The places in a text of small letters that speak of theft or deceit."""
    for form in _CERTAIN:
        for found in each(form, text):
            if not _US.search(found[0]) and not _denied(text, found.start(), found[0]):
                yield found.span()
    for form in _GIVEN:
        for found in each(form, text):
            if not _denied(text, found.start(), found[0]):
                yield found.span()


def _denied(text: str, start: int, words: str) -> bool:
    """Whether the words are denied: "I was not hacked", 没有给过密码."""
    before = text[max(0, start - 28) : start]
    inside = re.search(r"\b(?:never|not|no one|nobody|didn't|don't)\b|从未|从没", words)
    return bool(_DENIED.search(before) or (inside and not re.match(r"i did|was", words)))
