"""`python bench/intake.py [FILE]`: how well free-text complaints are read.

FILE holds one complaint per line as JSON (default: tests/data/complaints.jsonl) with `id`, `date`,
`user_claim`, `facts_given`, `category`, `secondary_category`, `relevance`. Prints precision and
recall per field, and the confusion of kinds. The rules were made with these texts at hand.

What is counted, and how:

* The text is a paraphrase by a third person; `facts_given` are what the whole thread gave. So
  a fact counts for recall only where its value occurs in the text (in the same writing, ignoring
  case and thousands separators). Facts such as "(screenshot only)" hold no value and are no gold.
* A find counts for precision in records that give the field a value of gold. In the others
  nobody wrote down what would be right: such finds are counted as `unjudged`, and listed with -v.
  Accounts and transactions are judged always: one that occurs in no fact at all is wrong.
* A field with several candidates and no choice is right if the gold is among them: it is then
  the agent who is asked. Candidates that are not gold count against precision, except those of
  low confidence, which are shown as a hint and never chosen.
* asset: symbols and coins; `BTC` and `OPEN.BTC` name the same coin. amount: sent or received.
* times: dates must be the same day, ages the same length (a vague age: the same unit).
* kind: named only where it is sure. `precision` counts the named ones that are right, `coverage`
  the share of complaints that are named at all. Right is what KINDS says: somebody who read the
  complaint alone wrote down what it is about (the first is the strict one). `by cause` compares
  with the category instead, the cause found later, which a complaint often does not tell: ACCEPTED
  says which kinds a category may be sorted under. Records that are not core complaints are left out.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from diag.gateways.register_file import builtin
from diag.intake.candidates import Confidence, Found
from diag.intake.classify.complaint_kind import Kind
from diag.intake.parser import Intake, read

DATA = Path(__file__).parents[1] / "tests" / "data" / "complaints.jsonl"
KINDS = DATA.with_name("complaint_kinds.json")

ACCEPTED: dict[str, tuple[str, ...]] = {
    "gateway_pending_overdue": ("withdrawal_missing", "deposit_missing"),
    "wrong_or_missing_memo": ("memo_problem", "transfer_missing"),
    "exchange_side_credit": ("transfer_missing", "deposit_missing"),
    "phishing": ("stolen", "wrong_destination"),
    "wrong_account_or_permission_keys": ("access", "cannot_send", "wrong_destination"),
    "gateway_maintenance": ("gateway_state", "withdrawal_missing", "deposit_missing"),
    "ui_bug_no_broadcast": ("cannot_send", "not_on_chain"),
    "confirmed_delivered_user_mistaken": (
        "withdrawal_missing",
        "transfer_missing",
        "wrong_destination",
    ),
    "expired_never_included": ("not_on_chain", "cannot_send"),
    "wrong_asset_or_chain": ("wrong_destination", "amount_differs"),
    "invalid_destination_address": ("wrong_destination",),
    "wrong_gateway_or_scam_account": ("wrong_destination", "withdrawal_missing", "stolen"),
    "insufficient_balance_or_fee": ("cannot_send", "fee_question"),
    "refunded": ("withdrawal_missing", "amount_differs"),
    "node_out_of_sync_or_bad_node": ("cannot_send", "funds_locked", "not_on_chain"),
    "below_minimum": ("withdrawal_missing", "deposit_missing", "fee_question"),
    "vesting_or_cashback_not_matured": ("funds_locked",),
    "external_chain_congestion": ("withdrawal_missing", "not_on_chain"),
    "other": ("other", "funds_locked"),
    "amount_less_fee": ("amount_differs", "fee_question"),
    "precision_or_rounding": ("amount_differs", "cannot_send"),
    "chain_pending": ("withdrawal_missing", "not_on_chain"),
    "clock_skew": ("cannot_send",),
    "proposal_pending": ("funds_locked",),
    "deposit_not_withdrawal": ("deposit_missing",),
    "locked_or_whitelist_asset": ("funds_locked", "cannot_send"),
    "market_fee": ("fee_question", "amount_differs"),
}
"""Category → the kinds it may be sorted under, from the complaint alone; the strict one first."""

FIELDS = ("account", "asset", "amount", "transaction", "times")
_SYMBOL = re.compile(r"\b(?:[A-Z]{2,10}\.)?[A-Z][A-Z0-9]{1,10}\b|\bbit[A-Z]{3}\b")
_FIGURE = re.compile(r"(?<![0-9a-f.])[0-9][0-9,]*(?:\.[0-9]+)?\s?[kK]?\b")
_HEX = re.compile(r"\b(?:0x)?[0-9a-f]{8,64}\b")
_NAME = re.compile(r"[a-z][a-z0-9.-]{2,62}\Z")
_AGE = re.compile(
    r"(several|few|(?<![0-9.])[0-9]+(?:\.[0-9]+)?)?\s?(h\b|hours?|days?|weeks?|months?|minutes?|min)"
)


@dataclass
class Score:
    right: int = 0
    wrong: int = 0
    gold: int = 0
    found: int = 0
    unjudged: int = 0

    def line(self, name: str) -> str:
        precision = self.right / (self.right + self.wrong) if self.right + self.wrong else None
        recall = self.found / self.gold if self.gold else None
        shown = [
            f"{value:.2f}" if value is not None else "  - " for value in (precision, recall)
        ]
        return (
            f"  {name:12} precision {shown[0]} ({self.right}/{self.right + self.wrong})"
            f"   recall {shown[1]} ({self.found}/{self.gold})   unjudged {self.unjudged}"
        )


@dataclass
class Scores:
    fields: dict[str, Score] = field(default_factory=lambda: {name: Score() for name in FIELDS})
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: int = 0
    named: int = 0
    right: int = 0
    strict: int = 0
    by_cause: int = 0
    common: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        return self.right / max(self.named, 1)

    @property
    def coverage(self) -> float:
        return self.named / max(self.rows, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, default=DATA)
    parser.add_argument(
        "-v", action="store_true", help="list what was wrong, missed and unjudged"
    )
    parser.add_argument("--markdown", action="store_true", help="the table of docs/intake.md")
    arguments = parser.parse_args()
    if arguments.markdown:
        sys.stdout.write(table(measured(arguments.file)) + "\n")
        return 0
    whole = Scores()
    for line in arguments.file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        notes = list(judge(record, whole))
        if arguments.v and notes:
            sys.stdout.write(f"{record['id']}: {record['user_claim']}\n")
            sys.stdout.writelines(f"    {note}\n" for note in notes)
    _report(whole)
    return 0


def measured(file: Path = DATA) -> Scores:
    """The scores of a whole file."""
    whole = Scores()
    for line in file.read_text(encoding="utf-8").splitlines():
        for _ in judge(json.loads(line), whole):
            pass
    return whole


def table(scores: Scores) -> str:
    """The figures as a table in Markdown."""
    rows = ["| read | precision | recall or coverage |", "|---|---|---|"]
    for name in ("asset", "amount", "times"):
        score = scores.fields[name]
        judged = score.right + score.wrong
        rows.append(
            f"| {name} | {score.right / judged:.2f} ({score.right} of {judged}) | {score.found / score.gold:.2f} ({score.found} of {score.gold}) |"
        )
    made_up = sum(scores.fields[name].wrong for name in ("account", "transaction"))
    rows.append(f"| account, transaction | {made_up} made up | the texts name none |")
    rows.append(
        f"| kind | {scores.precision:.2f} ({scores.right} of {scores.named}) | {scores.coverage:.2f} named ({scores.named} of {scores.rows}) |"
    )
    return "\n".join(rows)


def judge(record: dict[str, Any], scores: Scores) -> Iterator[str]:
    text = record["user_claim"]
    now = _moment(record.get("date"))
    intake = read(text, now, UTC, builtin())
    facts = record.get("facts_given") or {}
    for name in FIELDS:
        yield from _judge_field(name, scores.fields[name], intake, facts, text, now)
    if record.get("relevance", "core") != "core" or record["category"] not in ACCEPTED:
        return
    categories = [
        c for c in (record["category"], record.get("secondary_category")) if c in ACCEPTED
    ]
    causes = {kind for c in categories for kind in ACCEPTED[c]}
    gold = _kinds()[record["id"]]
    kind = str(intake.classification.kind)
    scores.rows += 1
    scores.common.update(gold)
    scores.kinds[gold[0], kind] += 1
    if kind == Kind.UNCLEAR:
        yield f"kind open (likeliest {intake.classification.runner_up}), right {gold}"
        return
    scores.named += 1
    scores.right += kind in gold
    scores.strict += kind == gold[0]
    scores.by_cause += kind in causes
    if kind not in gold:
        yield f"kind {kind} (then {intake.classification.runner_up}), right {gold}"


@cache
def _kinds() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(KINDS.read_text(encoding="utf-8"))
    return found


def _judge_field(
    name: str, score: Score, intake: Intake, facts: dict[str, Any], text: str, now: datetime
) -> Iterator[str]:
    gold = set(_gold(name, facts, text, now))
    guesses = list(_guesses(name, intake))
    if name in ("account", "transaction"):
        said = json.dumps(facts, ensure_ascii=False).lower()
        gold |= {guess for guess in guesses if guess[:8] in said}
    elif not gold:
        score.unjudged += len(guesses)
        if guesses:
            yield f"{name} unjudged: {guesses}"
        return
    hits = {g for g in gold if any(_same(name, guess, g) for guess in guesses)}
    wrong = [guess for guess in guesses if not any(_same(name, guess, g) for g in gold)]
    score.right += len(guesses) - len(wrong)
    score.wrong += len(wrong)
    score.gold += len(gold)
    score.found += len(hits)
    if wrong or hits != gold:
        yield f"{name}: gold {sorted(gold)} guessed {guesses}"


_FACTS = {
    "account": ("account", "from"),
    "asset": ("asset",),
    "amount": ("amount", "received", "amount_sent", "amounts"),
    "transaction": ("txid", "ops", "operation", "op"),
    "times": ("time", "age", "duration", "requested", "confirmed_by_portal", "date", "since"),
}
"""Field → the facts that hold its gold."""


def _gold(name: str, facts: dict[str, Any], text: str, now: datetime) -> Iterator[str]:
    for fact in _FACTS[name]:
        said = facts.get(fact)
        values = [str(v) for v in said] if isinstance(said, list) else [str(said or "")]
        for value in values:
            yield from _values(name, value, text, now)


_COUNT = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _figures(text: str) -> str:
    """Small letters, counting words as figures."""
    text = re.sub(r"\b(?:an?)(?= (?:hour|day|week|month)\b)", "1", text.lower())
    return re.sub(rf"\b(?:{'|'.join(_COUNT)})\b", lambda m: str(_COUNT.index(m[0])), text)


def _values(name: str, value: str, text: str, now: datetime) -> Iterator[str]:
    """The values in a fact that occur in the text."""
    low = _figures(text).replace(",", "")
    if name == "account":
        for word in re.split(r"[\s,;()/]+", value):
            there = re.search(rf"(?<![a-z0-9-]){re.escape(word)}(?![a-z0-9-])", low)
            if _NAME.match(word) and there and (re.search("[0-9-]", word) or value == word):
                yield word
    elif name == "asset":
        for symbol in _SYMBOL.findall(value):
            coin = symbol.rpartition(".")[2].removeprefix("bit").lower()
            if re.search(rf"(?<![a-z0-9])(?:bit)?{coin}(?![a-z0-9])", low):
                yield symbol
    elif name == "amount":
        for figure in _FIGURE.findall(value):
            plain = figure.replace(",", "").replace(" ", "").lower()
            if re.search(rf"(?<![0-9.]){re.escape(plain)}(?![0-9.]*[0-9])", low):
                yield plain
    elif name == "transaction":
        for digits in _HEX.findall(value):
            if digits[:8] in low:
                yield digits[:8]
    elif name == "times":
        yield from _times(value, low)


_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
           "october", "november", "december")  # fmt: skip


def _times(value: str, low: str) -> Iterator[str]:
    for year, month, day in re.findall(r"(20[0-9]{2})-([0-9]{2})-([0-9]{2})", value):
        word = _MONTHS[int(month) - 1]
        named = rf"\b{int(day)}(?:st|nd|rd|th)?\s(?:of\s)?{word[:3]}|\b{word[:3]}[a-z]*\.?\s{int(day)}\b"
        figures = rf"{year}[-./]0?{int(month)}[-./]0?{int(day)}\b"
        if re.search(named, low) or re.search(figures, low):
            yield f"{year}-{month}-{day}"
    for many, unit in _AGE.findall(_figures(value)):
        if re.search(
            rf"\b{re.escape(many)}\s?-?{unit[:3]}" if many[:1].isdigit() else rf"\b{unit[:4]}",
            low,
        ):
            yield f"{many if many[:1].isdigit() else '?'}{unit[:1]}"


def _guesses(name: str, intake: Intake) -> Iterator[str]:
    fields = intake.fields
    if name == "times":
        for time in intake.times:
            if time.local:
                yield f"{time.local[0][0]:%Y-%m-%d}"
            else:
                yield time.text
        return
    finds: list[Found] = []
    sources = {
        "asset": ("asset", "coin"),
        "amount": ("amount", "received"),
        "transaction": ("transaction", "external_transaction", "operation"),
    }
    for source in sources.get(name, (name,)):
        shown = fields[source]
        finds += [shown.meant] if shown.meant else shown.candidates
    finds = [found for found in finds if found.confidence is not Confidence.LOW]
    for value in dict.fromkeys((f.start, f.value, f.text) for f in finds):
        yield value[2] if name == "amount" else value[1]


def _same(name: str, guess: str, gold: str) -> bool:
    if name == "asset":
        return guess.rpartition(".")[2] == gold.rpartition(".")[2].removeprefix("bit")
    if name == "amount":
        return guess.replace(",", "").replace(" ", "").lower() == gold
    if name == "transaction":
        return guess.startswith(gold)
    if name == "times" and not re.match(r"20[0-9]{2}-", gold):
        guess = _figures(guess)
        number = re.search(r"[0-9.]+", guess)
        unit = re.search(
            r"[a-z]+",
            re.sub(r"^(?:about |over |some |several |a |few |couple of )+", "", guess),
        )
        count = gold[:-1]
        return (
            bool(unit)
            and unit[0][0] == gold[-1]
            and (count == "?" or bool(number and number[0] == count))
        )
    return guess == gold


def _moment(date: str | None) -> datetime:
    """The end of the day of the complaint, so that dates without a year fall before it."""
    found = re.match(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", date or "")
    day = datetime.fromisoformat(f"{found[0] if found else '2026-11-22'}T00:00:00+00:00")
    return day + timedelta(hours=23, minutes=59)


def _report(scores: Scores) -> None:
    sys.stdout.write(f"\n{scores.rows} core complaints\n")
    for key, score in scores.fields.items():
        sys.stdout.write(score.line(key) + "\n")
    common, most = max(scores.common.items(), key=lambda kv: kv[1], default=("-", 0))
    named = max(scores.named, 1)
    sys.stdout.write(
        f"  kind         precision {scores.precision:.2f} ({scores.right}/{scores.named})   coverage {scores.coverage:.2f}"
        f" ({scores.named}/{scores.rows})   strict {scores.strict / named:.2f}   by cause {scores.by_cause / named:.2f}"
        f"   always {common}: {most / max(scores.rows, 1):.2f}\n"
    )
    sys.stdout.write("  strict kind <- what was said, where it differs\n")
    for (gold, said), count in scores.kinds.most_common():
        if gold != said:
            sys.stdout.write(f"    {gold:20} <- {said:20} {count}\n")


if __name__ == "__main__":
    sys.exit(main())
