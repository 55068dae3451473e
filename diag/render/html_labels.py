"""Labels of fields and values for pages only; other words of pages are in `html_words`."""

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
"""Placeholders: an example of a field's value, shown while it is empty."""

BASES = texts("labels.bases")
"""What the confidence of a verdict rests on."""
KINDS = texts("labels.candidates")
"""Kinds of candidates."""
