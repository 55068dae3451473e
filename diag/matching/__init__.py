"""Which operation settles which withdrawal. Pure."""
