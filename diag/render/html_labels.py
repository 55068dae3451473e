"""Labels of fields and of values that only a page shows; its other words are in `html_words`."""

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

BASES = texts("labels.bases")
"""What the confidence of a verdict rests on."""
KINDS = texts("labels.candidates")
"""Kinds of candidates."""
