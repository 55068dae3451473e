"""The HTTP API and the panel, with Flask."""
