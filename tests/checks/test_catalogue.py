"""Guards over all checks together: what no newcomer can forget."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from builders import NOW, ago, case, diagnose_, transfer

from diag.checks import CHECKS
from diag.diagnosis import catalog
from diag.diagnosis.precedence import precedence
from diag.diagnosis.verdict_builder import build_verdict
from diag.domain.vocabulary import Actor, Advice, Outcome, ResendSafe, at_most
from diag.i18n import LANGUAGES, Text
from diag.render.agent_note import note
from diag.render.user_reply import reply
from diag.words import codes, text

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILES = sorted(p.stem for p in (ROOT / "diag" / "checks").glob("*.py") if p.stem != "__init__")
FAMILIES = {check.__name__.rpartition(".")[2]: check for check in CHECKS}
RULES = [rule for check in CHECKS for rule in check.RULES]
SAFETY = text("frame.safety")
CODES = [rule.code for rule in RULES]
VARIANTS = [rule for check in CHECKS for rule in getattr(check, "VARIANTS", ())]
VARIANTS += [variant for rule in RULES for variant in rule.variants]
"""What is said instead of a rule on weaker evidence, or where it calls for another advice."""
HEADINGS = ("What it looks for", "Why it happens", "What to tell the user")
HAN, LATIN = "[\u3400-\u4dbf\u4e00-\u9fff]", "[A-Za-z0-9]"
TOUCHING = re.compile(f"{HAN}{LATIN}|{LATIN}{HAN}")
HALF_WIDTH = re.compile(f"{HAN}[,.;:!?()]|[,;:!?()]{HAN}")
JARGON = ("irreversible", "virtual", "lib", "不可逆", "虚拟操作")
LONGEST = {"zh": 200, "en": 120}
"""Characters of a Chinese reply, words of an English one."""

every_rule = pytest.mark.parametrize(
    "rule", [pytest.param(r, id=r.code) for r in (*RULES, *VARIANTS)]
)
every_check = pytest.mark.parametrize(
    "check", [pytest.param(check, id=family) for family, check in FAMILIES.items()]
)


# --- the catalogue --------------------------------------------------------------------------


def test_every_file_is_a_check():
    assert sorted(FAMILIES) == FILES


def test_codes_are_unique_and_plain():
    assert len(set(CODES)) == len(CODES)
    assert [code for code in CODES if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)] == []


def test_a_variant_is_of_a_rule_of_its_check_and_no_surer():
    for check in CHECKS:
        rules = {rule.code: rule for rule in check.RULES}
        for variant in getattr(check, "VARIANTS", ()):
            rule = rules[variant.code]
            assert variant.title == rule.title
            assert at_most(variant.confidence, rule.confidence) is variant.confidence
            assert variant.resend_safe in (rule.resend_safe, ResendSafe.NO)


def test_every_text_belongs_to_a_rule_and_every_rule_takes_its_words_from_the_file():
    told = {rule.phrase for rule in (*RULES, *VARIANTS)}
    written = {
        phrase
        for code, variants in codes().items()
        for phrase in (code, *(f"{code}.variants.{name}" for name in variants))
    }
    assert told == written


def test_every_code_has_its_one_place_in_the_precedence():
    places = [(rule.group, rule.rank) for rule in RULES]
    ranked = [code for _, codes in precedence(RULES) for code in codes]

    assert None not in [group for group, _ in places] and len(set(places)) == len(places)
    assert sorted(ranked) == sorted(CODES)


def test_the_page_about_the_checks_and_the_codes_of_the_contract_are_up_to_date():
    contract = (ROOT / "openapi.yaml").read_text(encoding="utf-8")

    assert (ROOT / "docs" / "checks.md").read_text(encoding="utf-8") == catalog.page()
    assert contract == catalog.with_codes(contract)


def test_the_contract_has_the_codes_of_the_checks_by_family():
    contract = """components:
  schemas:
    Code:
      type: string
      enum:
        # forgotten
        - forgotten
    Other:
      enum:
        - this
"""
    pending = FAMILIES["pending"]
    codes = [rule.code for rule in pending.RULES]
    expected = "        # pending\n" + "".join(f"        - {code}\n" for code in codes)

    assert catalog.with_codes(contract, [pending]) == contract.replace(
        "        # forgotten\n        - forgotten\n", expected
    )


@every_check
def test_a_check_explains_itself_under_three_headings(check):
    text = inspect.cleandoc(check.__doc__)
    parts = re.split(r"^### (.+)\n", text, flags=re.MULTILINE)

    assert tuple(parts[1::2]) == HEADINGS
    assert all(part.strip().endswith(".") for part in [parts[0], *parts[2::2]])


# --- the tests of the checks --------------------------------------------------------------------


@cache
def tables(family):
    """The test file of a family, loaded: its SILENT and FOUND."""
    path = HERE / f"test_{family}.py"
    spec = spec_from_file_location(f"tables_of_{family}", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("family", FILES)
def test_every_rule_has_a_silent_and_a_found_row(family):
    path = HERE / f"test_{family}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    wanted = {rule.code for rule in FAMILIES[family].RULES}
    module = tables(family)

    assert functions[-2:] == ["test_silent", "test_found"]
    assert {row.values[0] for row in module.SILENT} == wanted
    assert {row.values[0] for row in module.FOUND} == wanted
    assert len({row.id for row in module.FOUND}) == len(module.FOUND)


def test_the_same_evidence_gives_the_same_findings():
    seen = [row.values[1] for family in FILES for row in tables(family).FOUND[:3]]

    for evidence in seen:
        once = [list(check.check(evidence)) for check in CHECKS]
        again = [list(check.check(evidence)) for check in reversed(CHECKS)]
        assert once == again[::-1]


# --- what is said -------------------------------------------------------------------------------


def texts(rule):
    names = ("title", "reply", "short", "note", "aside", "resend", "mass")
    return [(name, getattr(rule, name)) for name in names if getattr(rule, name)]


def without_blanks(template):
    return re.sub(r"\{\w+\}", "\N{OBJECT REPLACEMENT CHARACTER}", template)


@every_rule
def test_each_language_is_itself_with_the_same_blanks(rule):
    for where, words in texts(rule):
        assert words.zh.strip() and words.en.strip(), where
        assert words.placeholders["zh"] == words.placeholders["en"], where
        zh, en = without_blanks(words.zh), without_blanks(words.en)
        assert re.search(HAN, zh), where
        assert not re.search(r"[^\x00-\x7f\N{OBJECT REPLACEMENT CHARACTER}]", en), where
        assert not TOUCHING.findall(zh), where
        assert not HALF_WIDTH.findall(zh), where
        assert "帐" not in zh and "你" not in zh, where
        assert "  " not in words.zh + words.en, where


def test_the_user_is_spared_the_jargon():
    told = [words for rule in RULES for name, words in texts(rule) if name != "note"]
    for template in (t for words in told for t in (words.zh, words.en)):
        said = re.findall(r"[a-z]+", template.lower())
        found = [w for w in JARGON if w in said or (not w.isascii() and w in template)]
        assert found == [], template


@every_rule
def test_who_acts_and_what_to_do_agree(rule):
    """Nobody is sent off to send again unless that is known to be safe."""
    safe = rule.resend_safe is ResendSafe.YES
    wanted = {
        Advice.CONTACT_GATEWAY: {Actor.GATEWAY},
        Advice.CONTACT_RECIPIENT: {Actor.RECIPIENT, Actor.NOBODY},
        Advice.APPROVE_PROPOSAL: {Actor.USER},
        Advice.SEND_AGAIN: {Actor.USER},
        Advice.SECURE_ACCOUNT: {Actor.SECURITY},
        Advice.PROVIDE_INFO: {Actor.USER, Actor.SUPPORT},
        Advice.WAIT: set(Actor) - {Actor.USER, Actor.SECURITY},
    }

    assert not safe or rule.outcome in {Outcome.NOT_SENT, Outcome.RETURNED}
    assert safe or rule.advice is not Advice.SEND_AGAIN
    assert rule.actor in wanted.get(rule.advice, set(Actor))
    assert not (safe and ("t repeat" in rule.reply.en or "请勿" in rule.reply.zh))


AMOUNT = "1234.56789012 BROOKS.BTC"
OPERATION = "1.11.1234567890"
FILLERS = {
    **dict.fromkeys(["amount", "received", "claimed", "minimum", "most", "rest", "returned", "paid", "difference", "fee"], AMOUNT),
    **dict.fromkeys(["operation", "answer", "credit", "payment", "settlement", "change", "proposal", "lock", "object"], OPERATION),
    **dict.fromkeys(["gateway", "issuer"], "Brook Gateway"),
    **dict.fromkeys(["account", "recipient", "payee", "expected", "proposer"], "brook-gateway-wallet"),
    "hint": Text(zh="转账本身没有异常", en="Nothing is odd about the transfer itself"),
    "pending": Text(zh="该节点没有待打包的转账", en="The node holds no transfer of it"),
    **dict.fromkeys(["missing", "approved"], ("maple-user", "maple-cosigner")),
    "right": Text(zh="应为 brook-gateway-wallet", en="it should be brook-gateway-wallet"),
    **dict.fromkeys(
        ["sent_at", "start", "end", "now", "expected_by", "last", "last_chance", "expires", "moved_at", "received_at", "changed_at", "returned_at", "paid_at", "settled_at", "irreversible", "until"],
        NOW,
    ),
    **dict.fromkeys(["age", "took", "usual", "overdue"], timedelta(hours=2, minutes=45)),
    **dict.fromkeys(
        ["block", "blocks", "waiting", "late", "served", "settled", "count", "lag", "usual_lag", "outside", "inside", "other", "around"], 12345
    ),
    "kinds": Text(zh="私钥、钱包密码", en="a private key and a wallet password"),
    "fields": "external_transaction, memo",
    "who": Text(zh="brook-gateway-wallet 不是登记过的网关", en="brook-gateway-wallet is no gateway known to the register"),
    "remedy": Text(
        zh="在您的钱包里用所有者权限更换全部密钥",
        en="in your own wallet, change all keys with the owner authority",
    ),
    "as_of": NOW,
    "behind": timedelta(minutes=25),
    "node": "ws://node.example",
    "withdrawal": Text(zh="关于提币，我们另行答复。", en="On your withdrawal we answer separately."),
    "asset": "BROOKS.BTC",
    "coins": ("BROOKS.BTC", "BROOKS.ETH", "BROOKS.USDT", "BROOKS.LTC"),
    "near": ("maple-user", "maple-uber", "mapel-user"),
    "confirmed": Text(zh="2 个节点一致", en="as 2 nodes say"),
    "since": "2031-05-20",
    "source": "brook.example, 2031-05-20",
    "participation": "78%",
    "twins": f"{OPERATION} {OPERATION}",
    "movements": f"1 BROOK.BTC -> stranger ({OPERATION})",
    "key": "BTS5fictionalKeyOfNobody",
    "fail_reason": "Assert Exception: insufficient_balance",
    "claim": Text(zh=f" {AMOUNT} ", en=AMOUNT),
    "what": Text(zh="到账数额", en="the amount you name as received"),
    "why": Text(zh="节点没有保留这么早的账户历史", en="the node does not keep that history"),
    "how": Text(zh="扣除了手续费。", en="It comes back when the ticket unlocks."),
    "where": Text(zh="强制清算队列", en="the force-settlement queue"),
    "more": Text(zh="这个编号也可能属于另一个账户，请一并核对。", en="That ID may also belong to another account."),
    "ended": Text(zh="未在期限内获得足够批准", en="did not get the approvals in time"),
    "reason": Text(zh="账户余额不足", en="the account had not enough of the asset"),
    "offset": Text(
        zh="比所说时间早约 8 小时，可能是把 UTC+8 当地时间当成了 UTC",
        en="about 8 h before the time you named; perhaps local time (UTC+8) was taken for UTC",
    ),
}  # fmt: skip


@cache
def in_time():
    """A diagnosis in which the rule is put."""
    return diagnose_(transfer(), asked=case(ago(hours=6), zone="Asia/Shanghai"))


def said(rule, lang):
    """The whole reply, as the user would get it, with the longest facts there usually are."""
    facts = {
        name: FILLERS[name]
        for _, words in texts(rule)
        for name in words.placeholders["en"] - {"channel"}
    }
    diagnosis = in_time()
    verdict = build_verdict(diagnosis.evidence, rule.found(**facts), None)
    full = replace(diagnosis, verdict=verdict)
    assert note(full, lang)
    return reply(full, lang)


@every_rule
def test_a_reply_is_short_and_well_set(rule):
    """Facts do not touch the words around them; no space beside full-width punctuation."""
    zh, en = said(rule, "zh"), said(rule, "en")

    assert len(zh) <= LONGEST["zh"]
    assert len(en.split()) <= LONGEST["en"]
    assert zh.endswith("。") and en.endswith(".")
    assert SAFETY.zh in zh and SAFETY.en in en
    assert not TOUCHING.findall(zh)
    assert not HALF_WIDTH.findall(zh)
    assert not re.search("[，。；：（）、] | [，。；：（）、]", zh)


def test_every_text_ends_with_a_full_stop():
    """A last blank brings its own, after a sentence that has ended."""
    open_ended = [
        f"{rule.code}.{where}"
        for rule in RULES
        for where, words in texts(rule)[1:]
        for template, stops in ((words.zh, "。？"), (words.en, ".?"))
        if not re.sub(r"(?<=[。.]) ?\{\w+\}$", "", template).endswith(tuple(stops))
    ]
    assert open_ended == []


def test_both_languages_are_covered():
    assert set(LONGEST) == set(LANGUAGES)
