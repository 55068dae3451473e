"""Reads the fields of requests and of ticket files into cases."""
