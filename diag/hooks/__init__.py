"""Hooks: receive events from helpdesks, verify them, and answer with a private note."""
