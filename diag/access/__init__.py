"""API keys, and how often each caller may use the API."""
