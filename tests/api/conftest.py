"""The service with cases switched on, for the pages of cases; other files bring a client of their own."""

from case_app import app, chain, client, desk, one

__all__ = ["app", "chain", "client", "desk", "one"]
