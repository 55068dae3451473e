"""Reads nodes, the search index and gateways' coin lists; no other package reads them over the
network.
"""
