"""HTTP and nothing else: parse, diagnose, render; errors as RFC 9457 problems."""
