"""Tables, and later worked steps, for classes and lecture notes."""

from compare.teach.tables import DerivativeTable, TableRow, derivative_table

__all__ = ["DerivativeTable", "TableRow", "derivative_table"]
