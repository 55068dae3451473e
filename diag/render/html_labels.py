"""The words of the page, from `diag/words/panel.toml`; the values of a verdict have theirs in `labels`."""

from __future__ import annotations

from diag.words import texts

FIELDS = texts("labels.fields")
"""The label of every field of the form."""

CLAIMS = (
    "asset",
    "amount",
    "received",
    "destination",
    "operation",
    "transaction",
    "memo",
    "external_transaction",
)
EXAMPLES = {
    "account": "zhao-ming",
    "tz": "Asia/Shanghai",
    "asset": "XBTSX.BTC",
    "amount": "0.05",
    "received": "0.0497",
    "destination": "xbtsx",
    "operation": "1.11.12345",
}
"""What a field may hold, shown where it is empty."""

CHOICES = texts("panel.choices")
"""The quick choices of the window, as `last` takes them; the empty one is from and to."""
QUICK = "24h"

ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Moscow",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
)

BASES = texts("labels.bases")
"""What the confidence of a verdict rests on."""
KINDS = texts("labels.candidates")
"""Kinds of candidates."""
ANSWERS = texts("labels.answers")
AMOUNTS = texts("labels.amounts")
WORDS = texts("panel.words")
"""Headings and labels."""
SCRIPT = texts("panel.script") | {
    name: WORDS[name] for name in ("wrong", "failed", "failed_hint")
}
"""What the script says; {seconds} and {zone} are filled there."""
