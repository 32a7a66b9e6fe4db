"""The errors the toolkit raises: one line, the value, what was wanted, the way out."""

from __future__ import annotations

__all__ = [
    "BoundError",
    "ControlFlowError",
    "CrossdiffError",
    "ExpressionTypeError",
    "ExpressionValueError",
    "MissingExtraError",
    "MissingRuleError",
    "ParseError",
    "ShapeError",
]


class CrossdiffError(Exception):
    """Base of every error raised on purpose by the toolkit."""


class ExpressionTypeError(CrossdiffError, TypeError):
    """A value of a kind that cannot take part in an expression (a string, None, a ragged list)."""


class ExpressionValueError(CrossdiffError, ValueError):
    """A value of the right kind but out of range, or a name that is missing."""


class ShapeError(ExpressionValueError):
    """Shapes that do not fit each other or the operation."""


class ParseError(ExpressionValueError):
    """Text that is not an expression of the language."""


class BoundError(ParseError):
    """Input larger than a named bound; ``bound`` is its name and ``limit`` its value."""

    def __init__(self, message: str, bound: str, limit: int) -> None:
        super().__init__(message)
        self.bound = bound
        self.limit = limit

    def __reduce__(self) -> tuple[type, tuple[str, str, int]]:
        return type(self), (str(self), self.bound, self.limit)


class ControlFlowError(ExpressionTypeError):
    """A Python ``if``, ``float()`` or loop bound was asked of a value that has no number yet."""


class MissingRuleError(ExpressionTypeError):
    """An operation that the language, or one backend, does not know."""


class MissingExtraError(CrossdiffError, ImportError):
    """An optional dependency is not installed; the message names the extra that brings it."""
