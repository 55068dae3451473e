"""Diagnoses a file of tickets: reads the rows, answers each, and groups the results by cause."""
