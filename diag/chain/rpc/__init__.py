"""Calls to one node, over HTTP or WebSocket."""
