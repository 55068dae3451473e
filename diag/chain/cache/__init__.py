"""Caches of answers: what never changes, what holds for one head block, what is fetched ahead."""
