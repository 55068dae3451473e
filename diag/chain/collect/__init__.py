"""Collects the evidence for one case, in waves of calls."""
