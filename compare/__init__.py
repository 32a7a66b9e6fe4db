"""The comparison layer: cross-check, gradient check, lowering, tables, command line."""

from compare.cross_check import cross_check
from compare.gradcheck import GradCheck, GradEntry, gradcheck
from compare.lower import Lowered, LoweringComparison, compare_lowerings, lower
from compare.results import BackendResult, CrossCheck, DisagreementError
from compare.teach import DerivativeTable, TableRow, derivative_table

__all__ = [
    "BackendResult",
    "CrossCheck",
    "DerivativeTable",
    "DisagreementError",
    "GradCheck",
    "GradEntry",
    "Lowered",
    "LoweringComparison",
    "TableRow",
    "compare_lowerings",
    "cross_check",
    "derivative_table",
    "gradcheck",
    "lower",
]
