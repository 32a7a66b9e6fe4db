"""Bounds on the rounding error of a derivative, from its own adjoints."""
