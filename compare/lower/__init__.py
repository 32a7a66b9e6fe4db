"""Lowering: graphs of values and derivatives become NumPy functions with readable source."""

from compare.lower.batches import LoweredBatch
from compare.lower.comparing.comparison import LoweringComparison, compare_lowerings
from compare.lower.lowered import Lowered, Operations
from compare.lower.lowering import lower
from compare.lower.passes import PASSES

__all__ = [
    "PASSES",
    "Lowered",
    "LoweredBatch",
    "LoweringComparison",
    "Operations",
    "compare_lowerings",
    "lower",
]
