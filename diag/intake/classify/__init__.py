"""Classifies a complaint: its kind, its urgency, its language."""
