"""Histories from an Elasticsearch index."""
