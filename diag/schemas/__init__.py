"""Reads requests into cases."""
