"""Channels: the operator's destinations for messages about kept cases."""
