"""Notices: what the operator knows and the chain does not show."""
