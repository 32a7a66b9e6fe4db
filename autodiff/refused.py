"""A partial derivative that does not exist in closed form: it refuses instead of giving zero."""

from __future__ import annotations

from typing import Any, NoReturn

from diffexpr.errors import MissingRuleError


class Refused:
    """Stands in the table of partials where there is none, and raises when it is asked for.

    Parameters
    ----------
    function : str
        The row.
    argument : str
        What the argument is called in the literature.
    way_out : str
        What to do instead; by default to keep the argument constant, or to differentiate by
        values.

    Examples
    --------
    >>> from autodiff import derivative
    >>> from diffexpr import special
    >>> derivative(lambda n: special.jv(n, 1.0))(2.0)
    Traceback (most recent call last):
        ...
    diffexpr.errors.MissingRuleError: jv has no derivative in closed form with respect to its order; keep it constant, or differentiate numerically with numdiff
    """  # noqa: E501

    __slots__ = ("argument", "function", "way_out")

    def __init__(
        self,
        function: str,
        argument: str,
        way_out: str = "keep it constant, or differentiate numerically with numdiff",
    ) -> None:
        self.function = function
        self.argument = argument
        self.way_out = way_out

    def __call__(self, y: Any, *args: Any) -> NoReturn:
        raise MissingRuleError(
            f"{self.function} has no derivative in closed form with respect to its "
            f"{self.argument}; {self.way_out}"
        )
