"""Reads history that the nodes have pruned from an Elasticsearch index."""
