"""Hooks: what helpdesks hand in, verified and answered with a note."""
