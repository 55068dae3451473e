"""Accounts, amounts, assets, identifiers and memos in a text."""
