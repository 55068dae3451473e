"""Turns evidence into a verdict."""
