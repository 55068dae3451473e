"""Matches withdrawals with the operations that settle or return them. Pure."""
