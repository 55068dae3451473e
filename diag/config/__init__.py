"""Reads the settings and configuration files."""
