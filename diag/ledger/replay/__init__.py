"""Serves a recorded chain as a node on sockets, with faults on request."""
