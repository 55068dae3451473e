"""Which part of a pasted text is the user's own statement, and when it was written."""
