"""Caches of node replies: immutable data, one snapshot per head block, prefetching, single flight."""
