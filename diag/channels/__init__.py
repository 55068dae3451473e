"""Channels: where the operator wants to be told of what happened to kept cases."""
