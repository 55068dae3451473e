"""Notices: facts that the operator knows and the chain does not show."""
