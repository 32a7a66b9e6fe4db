"""Straight-line programs on single numbers: what Python's floats and JavaScript have in common."""
