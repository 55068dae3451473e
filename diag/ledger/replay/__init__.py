"""Serves a recorded chain as a node, with faults where wanted."""
