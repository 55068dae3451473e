"""Finds the user's own statement in a pasted text, and when it was written."""
