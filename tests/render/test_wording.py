"""How the service talks: what every reply, title and note of every rule has in common."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

import pytest
import recorded
from builders import FIRST_REVERSIBLE, INTERVAL, NOW, ago, burn, case, diagnose_, transfer
from recorded import diagnoses

from diag.checks import CHECKS
from diag.diagnosis.engine import Diagnosis
from diag.diagnosis.verdict_builder import build_verdict
from diag.domain.finding import Fact, Rule
from diag.domain.vocabulary import Confidence, at_most
from diag.i18n import LANGUAGES, Text
from diag.render.agent_note import note
from diag.render.user_reply import LONGEST, reply
from diag.words import text, texts

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
VARIANTS += [variant for rule in RULES for variant in rule.variants]
"""What is said instead of a rule on weaker evidence, or where it calls for another advice."""
GREETING, SAFETY, REFERENCE = (
    text(f"frame.{name}") for name in ("greeting", "safety", "reference")
)
GRADES = texts("frame.certainty")
NOT_FINAL = text("frame.reservation.not_final")
ZONES = {"UTC": text("frame.zone.utc"), "Asia/Shanghai": text("frame.zone.beijing")}
every_rule = pytest.mark.parametrize(
    "rule", [pytest.param(r, id=r.code) for r in (*RULES, *VARIANTS)]
)
in_every_language = pytest.mark.parametrize("lang", LANGUAGES)


def sentences(text: str, lang: str) -> list[str]:
    stop = "(?<=[。？])" if lang == "zh" else r"(?<=[.?]) "
    return [part for part in re.split(stop, text) if part.strip()]


def spoken(rule: Rule) -> list[Text]:
    """What of a rule may reach the user."""
    return [t for t in (rule.reply, rule.short, rule.resend, rule.aside, rule.mass) if t]


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
    "another word for 资金": "款项",
    "another word for 目标链": r"对方链|对方的链|另一条链|\bother chain",
    "a translated phrase": "其(?:账户权限|链)|之(?![前后])[一-龥]{1,4}的|凭操作编号|重新发送|所有者权限",
    "an inversion or a word that few say": r"(?i)\bmend\b|stands? in\b|once more|at present|hand-made"
    r"|owner authority|Do not\b|did not\b|cannot\b|is not\b",
    "a gateway without its bare name": r"\bthe gateway (?:\{gateway\}|[A-Z]{2})",
    "the number sent again": r"operation number [^.]*[.] (?:Please )?(?:do not|don't) send it again",
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
        "zh": "您的BTC 转账,你的帐户 提现 大概 5 % （好） 。。  bitshares 的节点 1.7.5 一定到账，您的错 gateway_overdue 款项 对方链 重新发送",
        "en": "Your bitshares withdrawals: irreversible, 1.16.9 will arrive. Your mistake; probably memo_missing.. 1 withdrawals, do not mend, says the gateway NORTH. "
        "Please send operation number 5 to them. Please don't send it again",
    }
    seen = {
        name.partition(":")[0] for lang, text in wrong.items() for name in faults(text, lang)
    }
    assert seen >= {*TYPOGRAPHY, *WORDS, "one of them, told as several"} - {
        "a space between Han and Han"
    }


# --- the templates -------------------------------------------------------------------------------


def test_a_title_is_a_few_words_in_each_language() -> None:
    for rule in (*RULES, *VARIANTS):
        zh, en = rule.title.zh, rule.title.en
        assert 2 <= len(zh) <= 12 and re.fullmatch(f"{HAN}+", zh), rule.code
        assert 1 <= len(en.split()) <= 6 and en[0].isupper() and en[-1] not in ".:", rule.code


def test_no_two_rules_share_a_title() -> None:
    for lang in LANGUAGES:
        assert len({getattr(rule.title, lang) for rule in RULES}) == len(RULES)


@every_rule
def test_both_languages_say_the_same_facts_in_the_same_order_of_ideas(rule: Rule) -> None:
    """Sentence by sentence the same blanks, and no sentence too long."""
    for told in filter(None, (rule.reply, rule.resend, rule.aside)):
        zh, en = sentences(told.zh, "zh"), sentences(told.en, "en")
        blanks = [[set(re.findall(r"\{\w+\}", one)) for one in said] for said in (zh, en)]
        assert blanks[0] == blanks[1]
    lengths = [len(one.split()) for t in spoken(rule) for one in sentences(t.en, "en")]
    assert max(lengths) <= LONGEST_EXCEPTION


def test_long_english_sentences_are_exceptions() -> None:
    long = [
        one
        for rule in (*RULES, *VARIANTS)
        for t in spoken(rule)
        for one in sentences(t.en, "en")
        if len(one.split()) > LONGEST_SENTENCE
    ]
    assert len(long) <= EXCEPTIONS, long


# --- the longest facts there can be ----------------------------------------------------------------

NAME = "a" * 55 + "-gateway"
SYMBOL = "EXTRAORD.LONGEST"
AMOUNT = f"9999999999.99999 {SYMBOL}"
OPERATION = "1.11.12345678901"
LAST_YEAR = datetime(NOW.year - 1, 12, 31, 23, 59, tzinfo=UTC)
TABLES = {
    ("how", "gateway_settled"): "how_settled",
    ("how", "gateway_returned"): "how_returned",
    ("how", "funds_locked"): "how_custody",
    ("how", "never_included"): "how_left",
    ("where", "funds_locked"): "where_custody",
    ("reason", "transfer_blocked"): "reason_transfer_blocked",
    ("reason", "proposal_failed"): "reason_proposal_failed",
    ("reason", "memo_malformed"): "reason_memo",
    ("why", "lookalike_account"): "why_lookalike",
    ("why", "amount_mismatch"): "why_amount_mismatch",
    ("why", "below_minimum"): "why_below_minimum",
    ("why", "sent_to_nobody"): "why_nobody",
    ("what", "amount_mismatch"): "what_amount_mismatch",
    ("what", "nothing_in_window"): "what_left",
}
"""Which phrases fill a blank of a code; other blanks have a table of their own name."""
BLANKS_WITH_PHRASES = (
    "claim",
    "ended",
    "right",
    "since",
    "kinds",
    "remedy",
    "how",
    "where",
    "reason",
    "why",
    "what",
    "more",
)


def phrases(blank: str, code: str, **facts: str) -> list[Text]:
    """Every phrase that may fill a blank of a rule's reply, filled itself."""
    table = texts(f"fillers.{TABLES.get((blank, code), blank)}")
    return [found.filled(**facts) for found in table.values()]


AMOUNTS = [
    "paid",
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
NAMES = ["payee", "account", "recipient", "gateway", "issuer", "proposer", "expected"]
TIMES = [
    "paid_at",
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
    "payment",
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
    "behind": timedelta(days=399, hours=23),
    "as_of": LAST_YEAR,
}
EXTREME_FACTS = {
    **dict.fromkeys(["known", "names", "account", "name", "gateway"], NAME),
    **dict.fromkeys(["amount", "least"], AMOUNT),
    "id": "1234abcd…123abc",
    "day": "2031-05-20",
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
    "coins": ("NORTHERN.BTC", "NORTHERN.ETH", "NORTHERN.LTC", "NORTHERN.XRP"),
    "asset": "NORTHERN.BTC",
    "as_of": NOW,
    "behind": timedelta(minutes=25),
    "offset": Text(
        zh="比所说的时间早约 8 小时", en="about 8 hours earlier than the time given"
    ),
}
ORDINARY_FACTS = {
    **dict.fromkeys(["known", "names", "account", "name"], "northern-wallet1"),
    **dict.fromkeys(["amount", "least"], "1234.5678 NORTHERN.BTC"),
    "gateway": "Northern",
    "id": "1234abcd…123abc",
    "day": "2031-05-20",
}
ZONE_HINT = text("fillers.offset.zone")


def offset(hours: int) -> Text:
    size = text("fillers.size.hours").filled(count=hours)
    far, hint = (
        text("fillers.offset.early").filled(size=size),
        ZONE_HINT.filled(zone=f"UTC+{hours}"),
    )
    return Text(zh=far.zh + hint.zh, en=far.en + hint.en)


def every_way(
    rule: Rule, facts: dict[str, Fact], inner: dict[str, str]
) -> list[dict[str, Fact]]:
    """The facts with each phrase that may fill a blank of the rule."""
    wanted = {name for t in spoken(rule) for name in t.placeholders["en"]}
    ways = [{"offset": offset(14), **facts, "how": Text("", ""), "where": Text("", "")}]
    for blank in BLANKS_WITH_PHRASES:
        if blank in wanted:
            ways = [
                {**way, blank: said}
                for said in phrases(blank, rule.code, **inner)
                for way in ways
            ]
    return ways


@cache
def asked_in(zone: str | None) -> Diagnosis:
    """A diagnosis of somebody in that zone, in which the rule is put."""
    return diagnose_(transfer(), asked=case(ago(hours=6), zone=zone))


def told(rule: Rule, facts: dict[str, Fact], zone: str | None) -> Diagnosis:
    """A diagnosis whose leading finding is this rule with these facts."""
    wanted = {name for t in spoken(rule) for name in t.placeholders["en"]} - {"channel"}
    known = {name: facts[name] for name in wanted}
    base = asked_in(zone)
    found = rule.found(None, **known)
    return replace(base, verdict=build_verdict(base.evidence, found, None))


@every_rule
@in_every_language
def test_no_fact_makes_a_reply_too_long(rule: Rule, lang: str) -> None:
    zones = (None, "Asia/Shanghai", "America/Argentina/ComodRivadavia")
    for facts, zone in product(every_way(rule, EXTREME, EXTREME_FACTS), zones):
        said = reply(told(rule, facts, zone), lang)
        length = len(said) if lang == "zh" else len(said.split())
        assert length <= LONGEST[lang]
        assert said.startswith(GREETING.say(lang))
        assert said.endswith(SAFETY.say(lang))
        assert faults(said, lang) == []


@every_rule
@in_every_language
def test_with_ordinary_facts_everything_is_said(rule: Rule, lang: str) -> None:
    """Nothing is left out; of two amounts of one asset the second may stand without the symbol."""
    for facts in every_way(rule, ORDINARY, ORDINARY_FACTS):
        said = reply(told(rule, facts, "Asia/Shanghai"), lang)
        for name in rule.reply.placeholders[lang] - {"channel"}:
            fact = facts[name]
            if isinstance(fact, str):
                assert fact.partition(" ")[0] in said, name
        assert "…" not in said.replace(ORDINARY_FACTS["id"], "")
        assert faults(said, lang) == []


# --- every recorded case ------------------------------------------------------------------------------

every_case = pytest.mark.parametrize("name", recorded.CASES)
WAYS = tuple(product((None, "Asia/Shanghai"), LANGUAGES))
"""Zones of those who ask, and languages."""


@every_case
def test_a_reply_is_well_said(name: str) -> None:
    for zone, lang in WAYS:
        diagnosis = diagnoses(zone)[name]
        said = reply(diagnosis, lang)
        reference, safety = (
            t.say(lang, {"ref": diagnosis.reference}) for t in (REFERENCE, SAFETY)
        )
        assert said.startswith(GREETING.say(lang))
        assert said.count(GREETING.zh) + said.count(GREETING.en) == 1
        assert said.count("Beijing time") <= 1 and said.count("北京时间") <= 1
        assert said.endswith(reference + ("" if lang == "zh" else " ") + safety)
        assert faults(said, lang) == []
        assert (len(said) if lang == "zh" else len(said.split())) <= LONGEST[lang]
        assert "\n" not in said
        timed = bool(re.search(r"[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}", said))
        assert lang == "en" or said.count(ZONES[zone or "UTC"].zh) == int(timed)


@every_case
def test_a_note_is_well_set(name: str) -> None:
    for zone, lang in WAYS:
        assert faults(note(diagnoses(zone)[name], lang), lang, user=False) == []


@pytest.mark.parametrize("confidence", Confidence)
def test_there_are_three_grades_of_certainty_and_the_surest_is_not_said(
    confidence: Confidence,
) -> None:
    said = GRADES[confidence]
    assert said in {Text("", ""), GRADES["medium"], GRADES["low"]}
    assert bool(said.zh) is (confidence in ("medium", "low"))
    assert "很可能" in GRADES["medium"].zh and "暂不能确定" in GRADES["low"].zh
    assert "likely" in GRADES["medium"].en and "can't be certain" in GRADES["low"].en


@every_rule
def test_certainty_is_said_once_where_it_helps(rule: Rule) -> None:
    """Nothing where the chain proves it; else by the reply, or by the phrase in front of it."""
    diagnosis = told(rule, every_way(rule, ORDINARY, ORDINARY_FACTS)[0], None)
    for confidence, lang in product(Confidence, LANGUAGES):
        limited = replace(rule, confidence=confidence)
        finding = replace(diagnosis.verdict.finding, rule=limited)
        verdict = replace(diagnosis.verdict, finding=finding, confidence=confidence)
        said = reply(replace(diagnosis, verdict=verdict), lang)
        stated = (
            rule.grade_said
            and at_most(Confidence(rule.grade_said), confidence) == rule.grade_said
        )
        sure = confidence in ("certain", "high")
        phrase = GRADES[confidence].say(lang)
        assert (phrase in said if phrase else True) is not bool(stated and not sure)
        assert sum(GRADES[grade].say(lang) in said for grade in ("medium", "low")) <= 1


GRADED = [pytest.param(r, id=r.code) for r in (*RULES, *VARIANTS) if r.grade_said]


@pytest.mark.parametrize("rule", GRADED)
def test_a_reply_that_states_its_grade_does(rule: Rule) -> None:
    words = {
        "medium": ("很可能", "ost likely"),
        "low": ("暂不能确定|看不出", "can't|doesn't show"),
    }
    for said in (rule.reply, rule.short):
        assert said and re.search(words[rule.grade_said][0], said.zh), said.zh
        assert re.search(words[rule.grade_said][1], said.en), said.en


UNDOABLE = [
    pytest.param(
        [transfer(at=LAST_FINAL), burn(at=FIRST_REVERSIBLE)], True,
        id="a burn that may still be undone",
    ),
    pytest.param([transfer(), burn()], False, id="a final burn"),
    pytest.param([transfer(at=ago(hours=3))], False, id="a state that will pass"),
    pytest.param(
        [transfer(at=FIRST_REVERSIBLE)], False, id="that it is not final yet is certain",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("operations", "said"), UNDOABLE)
@in_every_language
def test_what_may_be_undone_is_said_to_be_open(
    operations: list[Any], said: bool, lang: str
) -> None:
    words = reply(diagnose_(*operations), lang)
    assert (NOT_FINAL.say(lang) in words) is said
