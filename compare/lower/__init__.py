"""Lowering: graphs of values and derivatives become NumPy functions with readable source."""

from compare.lower.lowered import Lowered, lower

__all__ = ["Lowered", "lower"]
