"""Dates and times in a text, in Chinese and English."""
