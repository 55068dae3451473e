"""The `diag` command line."""
