"""Several nodes as one source: ranking by health, hedged requests, sessions, status."""
