"""Loops over blocks: runs of elementwise operations that stay in the cache, written in place."""
