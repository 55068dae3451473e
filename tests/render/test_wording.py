"""How the service talks: what every reply, title and note of every rule has in common."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import recorded
from builders import FIRST_REVERSIBLE, INTERVAL, NOW, ago, burn, case, diagnose_, transfer
from recorded import diagnoses

from diag.checks import CHECKS
from diag.diagnosis.engine import Diagnosis
from diag.diagnosis.verdict_builder import build_verdict
from diag.domain.finding import Fact, Rule
from diag.domain.vocabulary import Confidence
from diag.i18n import LANGUAGES, Text
from diag.render.agent_note import note
from diag.render.user_reply import GRADES, LONGEST, NOT_FINAL, REFERENCE, SAFETY, ZONES, reply

LAST_FINAL = FIRST_REVERSIBLE - INTERVAL
RULES = [rule for check in CHECKS for rule in check.RULES]
HAN, LATIN = "[\u3400-\u4dbf\u4e00-\u9fff]", "[A-Za-z0-9]"
LONGEST_SENTENCE = 20
"""Words of an English sentence, as a rule."""
LONGEST_EXCEPTION = 23
"""Words of the few that need more."""
EXCEPTIONS = 5
"""Sentences of all replies together that may be that long."""

VARIANTS = [rule for check in CHECKS for rule in getattr(check, "VARIANTS", ())]
"""What is said instead of a rule on weaker evidence."""
every_rule = pytest.mark.parametrize(
    "rule", [pytest.param(r, id=r.code) for r in (*RULES, *VARIANTS)]
)
in_every_language = pytest.mark.parametrize("lang", LANGUAGES)


def sentences(text: str, lang: str) -> list[str]:
    stop = "(?<=。)" if lang == "zh" else r"(?<=[.]) "
    return [part for part in re.split(stop, text) if part.strip()]


def spoken(rule: Rule) -> list[Text]:
    """What of a rule may reach the user."""
    return [rule.reply, *([rule.aside] if rule.aside else [])]


# --- what is wrong with a text, told in words ---------------------------------------------------

TYPOGRAPHY = {
    "no space between Han and Latin": f"{HAN}{LATIN}|{LATIN}{HAN}",
    "a half-width mark beside Han": f"{HAN}[,;:!?()]|[,;!?()]{HAN}|{HAN}[.](?!{LATIN})",
    "a space beside a full-width mark": " [（），。：；、？！]|[（），。：；、？！] ",
    "a space before a percent sign": " %",
    "a space between Han and Han": f"{HAN} +{HAN}",
    "a mark twice": "([，。：；、？！,.;:!?])\\1",
    "two spaces": "  ",
}
WORDS = {
    "你 for 您": "你",
    "another word for 账户": "帐|账号|賬",
    "another word for 提币 or 充币": "提现|取款|充值",
    "the wrong case": r"\b(?!BitShares\b)(?i:bitshares)\b|\b(?!TxID\b)(?i:txid)\b",
    "jargon": r"(?i)irreversible|virtual|\bLIB\b|decod|override|proposal_|asset_|account_update"
    r"|op(eration)? type|\bnodes?\b|\bhead\b|witness|不可逆|虚拟|解码|节点|见证人",
    "the code of a verdict": rf"\b(?:{'|'.join(rule.code for rule in RULES)})\b",
    "an id the user has no use for": r"\b1\.(?!1[01]\.)[0-9]+\.[0-9]+\b|\b2\.[0-9]+\.[0-9]+\b",
    "a promise": r"(?i)will (?:arrive|be paid|pay|be there)|guarantee|for sure|definitely|certainly"
    "|一定|保证|必定|必然|肯定会|将会到账|马上到账",
    "blame": r"(?i)your (?:fault|mistake|error)|you should have|careless|您的错|您自己|疏忽|您应该",
    "another grade": r"(?i)probabl|possibl[ey]|perhaps likely|almost|大概|也许|估计|应该是|多半",
}


def faults(text: str, lang: str, *, user: bool = True) -> list[str]:
    """Everything that is wrong with a text, one line each."""
    rules = {**TYPOGRAPHY, **WORDS} if user else TYPOGRAPHY
    found = [
        f"{name}: {m[0]!r}" for name, rule in rules.items() if (m := re.search(rule, text))
    ]
    if lang == "en" and re.search(HAN, text):
        found.append("Han in an English text")
    if re.search(r"\{\w*\}|None|\bText\(|datetime", text):
        found.append("a blank that was not filled")
    if re.search(r"(?<![.\d])\b1 (?!h\b|d\b|min\b|s\b)\w+s\b(?! \d)", text):
        found.append("one of them, told as several")
    return found


def test_the_lint_sees_what_it_is_for() -> None:
    """Each kind of fault, once, so that a pattern that never matches is noticed."""
    wrong = {
        "zh": "您的BTC 转账,你的帐户 提现 大概 5 % （好） 。。  bitshares 的节点 1.7.5 一定到账，您的错 gateway_overdue",
        "en": "Your bitshares withdrawals: irreversible, 1.16.9 will arrive. Your mistake; probably memo_missing.. 1 withdrawals",
    }
    seen = {
        name.partition(":")[0] for lang, text in wrong.items() for name in faults(text, lang)
    }
    assert seen >= {*TYPOGRAPHY, *WORDS, "one of them, told as several"} - {
        "a space between Han and Han"
    }


# --- the templates -------------------------------------------------------------------------------


@every_rule
def test_a_title_is_a_few_words_in_each_language(rule: Rule) -> None:
    zh, en = rule.title.zh, rule.title.en
    assert 2 <= len(zh) <= 12 and re.fullmatch(f"{HAN}+", zh)
    assert 1 <= len(en.split()) <= 6 and en[0].isupper() and en[-1] not in ".:"


def test_no_two_rules_share_a_title() -> None:
    for lang in LANGUAGES:
        assert len({getattr(rule.title, lang) for rule in RULES}) == len(RULES)


@every_rule
def test_both_languages_say_the_same_facts_in_the_same_order_of_ideas(rule: Rule) -> None:
    """Sentence by sentence the same blanks."""
    for text in spoken(rule):
        zh, en = sentences(text.zh, "zh"), sentences(text.en, "en")
        blanks = [[set(re.findall(r"\{\w+\}", one)) for one in said] for said in (zh, en)]
        assert blanks[0] == blanks[1]


@every_rule
def test_an_english_sentence_is_short(rule: Rule) -> None:
    lengths = [len(one.split()) for text in spoken(rule) for one in sentences(text.en, "en")]
    assert max(lengths) <= LONGEST_EXCEPTION


def test_long_english_sentences_are_exceptions() -> None:
    long = [
        one
        for rule in (*RULES, *VARIANTS)
        for text in spoken(rule)
        for one in sentences(text.en, "en")
        if len(one.split()) > LONGEST_SENTENCE
    ]
    assert len(long) <= EXCEPTIONS, long


# --- the longest facts there can be ----------------------------------------------------------------

NAME = "a" * 55 + "-gateway"
SYMBOL = "EXTRAORD.LONGEST"
AMOUNT = f"9999999999.99999 {SYMBOL}"
OPERATION = "1.11.12345678901"
LAST_YEAR = datetime(NOW.year - 1, 12, 31, 23, 59, tzinfo=UTC)
LONG_REASON = Text(
    zh="账户不在发行方白名单上，也不在网关的名单上", en="it is not on the issuer's whitelist"
)
AMOUNTS = [
    "amount",
    "received",
    "claimed",
    "minimum",
    "most",
    "rest",
    "returned",
    "difference",
    "fee",
]
NAMES = ["account", "recipient", "gateway", "issuer", "proposer", "expected"]
TIMES = [
    "sent_at",
    "start",
    "end",
    "now",
    "expected_by",
    "last",
    "last_chance",
    "expires",
    "moved_at",
    "received_at",
    "changed_at",
    "returned_at",
    "settled_at",
    "irreversible",
    "until",
]
IDS = [
    "operation",
    "answer",
    "credit",
    "settlement",
    "change",
    "proposal",
    "lock",
    "object",
    "twins",
]
EXTREME: dict[str, Fact] = {
    **dict.fromkeys(AMOUNTS, AMOUNT),
    **dict.fromkeys(NAMES, NAME),
    **dict.fromkeys(TIMES, LAST_YEAR),
    **dict.fromkeys(IDS, OPERATION),
    **dict.fromkeys(["age", "took", "usual", "overdue"], timedelta(days=399, hours=23)),
    **dict.fromkeys(["count", "settled", "waiting"], 123456),
    **dict.fromkeys(["near", "missing", "approved"], (NAME,) * 9),
    "coins": (SYMBOL,) * 60,
    "asset": SYMBOL,
    "right": Text(zh=f"应为 {NAME}", en=f"it should be {NAME}"),
    "claim": Text(zh=f" {AMOUNT} ", en=f"transfer of {AMOUNT}"),
    "what": Text(zh="编号为 1234abcd…123abc 的转出", en="the amount you name as received"),
    "why": Text(
        zh="它的名称像是其他链的地址，其实是他人注册的 BitShares 账户",
        en="its name looks like an address of another chain, but it is a BitShares account",
    ),
    "how": Text(zh="减少抵押或还清债务后可取回。", en="Reducing the position frees it."),
    "where": Text(
        zh=f"获您提款授权的账户 {NAME}", en=f"the account {NAME}, by your permission"
    ),
    "ended": Text(zh="未在期限内获得足够批准", en="did not get the approvals in time"),
    "reason": LONG_REASON,
    "since": Text(zh="起始日期未登记", en="since when is not recorded"),
    "kinds": Text(zh="钱包密码和助记词", en="a wallet password and a seed phrase"),
    "remedy": Text(
        zh="在您的钱包里用所有者权限更换全部密钥，并把其余密钥名下的资产转入新钱包",
        en="in your own wallet, change all keys with the owner authority, and move what the other "
        "key guards to a new wallet",
    ),
    "offset": Text(
        zh="比所说时间早约 14 小时，可能把 UTC+14 当地时间当成了 UTC",
        en="about 14 h before the time you named; perhaps local time (UTC+14) was taken for UTC",
    ),
}
ORDINARY: dict[str, Fact] = {
    **EXTREME,
    **dict.fromkeys(AMOUNTS, "1234.5678 NORTHERN.BTC"),
    **dict.fromkeys(NAMES, "northern-wallet1"),
    **dict.fromkeys(TIMES, NOW),
    **dict.fromkeys(IDS, "1.11.1234567890"),
    **dict.fromkeys(["count", "settled", "waiting"], 12),
    **dict.fromkeys(
        ["near", "missing", "approved"], ("maple-user", "maple-uber", "mapel-user")
    ),
    "proposal": "1.10.12345",
    **dict.fromkeys(["gateway", "issuer"], "Northern"),
    "why": Text(zh="手续费不能解释", en="the fee does not explain it"),
    "how": Text(zh="扣除了手续费", en="less a fee"),
    "coins": ("NORTHERN.BTC", "NORTHERN.ETH", "NORTHERN.LTC", "NORTHERN.XRP"),
    "asset": "NORTHERN.BTC",
    "right": Text(zh="应为 northern-wallet1", en="it should be northern-wallet1"),
    "claim": Text(zh=" 1234.5678 NORTHERN.BTC ", en="transfer of 1234.5678 NORTHERN.BTC"),
    "where": Text(zh="强制清算队列", en="the force-settlement queue"),
    "what": Text(zh="到账数额", en="the amount you name as received"),
    "reason": Text(zh="账户在发行方黑名单上", en="it is on the issuer's blacklist"),
    "since": Text(zh="自 2031-05-20 起", en="since 2031-05-20"),
    "offset": Text(zh="比所说时间早约 8 小时", en="about 8 h before the time you named"),
}


def told(rule: Rule, facts: dict[str, Fact], zone: str | None) -> Diagnosis:
    """A diagnosis whose leading finding is this rule with these facts."""
    wanted = rule.reply.placeholders["en"] | (
        rule.aside.placeholders["en"] if rule.aside else set()
    )
    known = {name: facts[name] for name in wanted}
    base = diagnose_(transfer(), asked=case(ago(hours=6), zone=zone))
    found = rule.found(None, **known)
    return replace(base, verdict=build_verdict(base.evidence, found, None))


@every_rule
@in_every_language
@pytest.mark.parametrize("zone", [None, "Asia/Shanghai", "America/Argentina/ComodRivadavia"])
def test_no_fact_makes_a_reply_too_long(rule: Rule, lang: str, zone: str | None) -> None:
    said = reply(told(rule, EXTREME, zone), lang)
    length = len(said) if lang == "zh" else len(said.split())
    assert length <= LONGEST[lang]
    assert said.endswith(SAFETY.say(lang))
    assert faults(said, lang) == []


@every_rule
@in_every_language
def test_with_ordinary_facts_everything_is_said(rule: Rule, lang: str) -> None:
    """Nothing is left out; of two amounts of one asset the second may stand without the symbol."""
    diagnosis = told(rule, ORDINARY, "Asia/Shanghai")
    said = reply(diagnosis, lang)
    for name in rule.reply.placeholders[lang]:
        fact = ORDINARY[name]
        if isinstance(fact, str):
            assert fact.partition(" ")[0] in said, name
    assert "…" not in said
    assert faults(said, lang) == []


# --- every recorded case ------------------------------------------------------------------------------

CASES = [
    pytest.param(name, zone, id=f"{name}-{zone or 'UTC'}")
    for name in recorded.CASES
    for zone in (None, "Asia/Shanghai")
]
every_case = pytest.mark.parametrize(("name", "zone"), CASES)


@every_case
@in_every_language
def test_a_reply_is_well_said(name: str, zone: str | None, lang: str) -> None:
    diagnosis = diagnoses(zone)[name]
    said = reply(diagnosis, lang)
    known = (GRADES[diagnosis.verdict.confidence], REFERENCE, SAFETY)
    grade, reference, safety = (t.say(lang, {"ref": diagnosis.reference}) for t in known)
    assert said.startswith(grade)
    assert said.endswith(reference + ("" if lang == "zh" else " ") + safety)
    assert faults(said, lang) == []
    assert (len(said) if lang == "zh" else len(said.split())) <= LONGEST[lang]
    assert "\n" not in said


@every_case
def test_a_reply_with_a_time_names_its_zone_once(name: str, zone: str | None) -> None:
    diagnosis = diagnoses(zone)[name]
    facts = diagnosis.verdict.finding.facts
    timed = any(
        isinstance(facts[b], datetime) for b in diagnosis.verdict.rule.reply.placeholders["zh"]
    )
    said = reply(diagnosis, "zh")
    assert said.count(ZONES[zone or "UTC"].zh) == int(timed)


@every_case
@in_every_language
def test_a_note_is_well_set(name: str, zone: str | None, lang: str) -> None:
    said = note(diagnoses(zone)[name], lang)
    assert faults(said, lang, user=False) == []


@pytest.mark.parametrize("confidence", Confidence)
def test_there_are_three_grades_of_certainty(confidence: Confidence) -> None:
    zh = {"已确认：", "很可能：", "暂不能确定："}
    en = {"Confirmed: ", "Likely: ", "Not known for certain: "}
    grade = GRADES[confidence]
    assert grade.zh in zh and grade.en in en
    assert {g.zh for g in GRADES.values()} == zh


UNDOABLE = [
    pytest.param(
        [transfer(at=LAST_FINAL), burn(at=FIRST_REVERSIBLE)], ("很可能：", "Likely: "), True,
        id="a burn that may still be undone",
    ),
    pytest.param([transfer(), burn()], ("已确认：", "Confirmed: "), False, id="a final burn"),
    pytest.param(
        [transfer(at=ago(hours=3))], ("很可能：", "Likely: "), False, id="a state that will pass"
    ),
    pytest.param(
        [transfer(at=FIRST_REVERSIBLE)], ("已确认：", "Confirmed: "), False,
        id="that it is not final yet is certain",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operations", "grades", "said"), UNDOABLE)
@in_every_language
def test_nothing_that_may_be_undone_is_called_confirmed(
    operations: list[Any], grades: tuple[str, str], said: bool, lang: str
) -> None:
    words = reply(diagnose_(*operations), lang)
    assert words.startswith(grades[LANGUAGES.index(lang)])
    assert (NOT_FINAL.say(lang) in words) is said
