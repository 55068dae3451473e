"""Extracts dates and times from a text, in Chinese and English."""
