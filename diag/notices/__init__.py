"""The operator's notices."""
