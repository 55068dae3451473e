"""Extracts accounts, amounts, assets, identifiers and memos from a text."""
