"""One point, fast: straight-line Python on floats with the functions of ``math``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from compare.lower.plans.plan import Structure
from compare.lower.scalars.function import written
from compare.lower.scalars.in_python import BUILTINS, PythonWords
from compare.lower.scalars.unroll import Unrolled
from compare.lower.source import syntax
from compare.lower.source.names import Names

FALLS_BACK = (ValueError, ZeroDivisionError, OverflowError)
"""What scalar code raises where NumPy gives NaN or an infinity; then NumPy is to be asked."""

STATEMENTS = 20_000
"""How long a function may become."""


@dataclass(frozen=True, slots=True)
class ScalarCode:
    """A function of Python floats, as syntax.

    Attributes
    ----------
    function : ast.FunctionDef
    imports : tuple of ast.stmt
        The lines that it needs before it.
    names : tuple of str
        The names that those bring into the module.
    needs_scipy : bool
    """

    function: ast.FunctionDef
    imports: tuple[ast.stmt, ...]
    names: tuple[str, ...]
    needs_scipy: bool


def scalar_function(
    name: str,
    unrolled: Unrolled,
    structure: Structure,
    subject: str = "",
    labels: Sequence[str] = (),
    taken: Iterable[str] = (),
) -> ScalarCode | None:
    """Write a graph of scalars as a function of Python floats.

    The function takes its parameters by position: a float for a scalar, a nested list of floats
    (what ``tolist`` gives) for an array, and a bool for each truth value. It returns the outputs
    in the structure of the plan, floats for scalars and nested lists for arrays. Its values are
    those of the graph to rounding, or it raises one of `FALLS_BACK`.

    Parameters
    ----------
    name : str
        What the function is called.
    unrolled : Unrolled
        What `unroll` makes of the outputs.
    structure : int or nested tuples of int
        Positions among the outputs, as they are returned.
    subject : str, optional
        What is computed: the docstring.
    labels : sequence of str, optional
        A name for each output, used where they do not all fit into one line.
    taken : iterable of str, optional
        The names that mean something else in the module.

    Returns
    -------
    ScalarCode or None
        None if it were longer than `STATEMENTS`.

    Raises
    ------
    MissingRuleError
        If an operation has no form on single numbers.

    Examples
    --------
    >>> from diffexpr import symbol
    >>> from compare.lower.scalars.unroll import unroll
    >>> x = symbol("x", 2)
    >>> code = scalar_function("f", unroll([x * x[1] ** 2], [x]), 0)
    >>> print(ast.unparse(code.function))
    def f(x):
        [x_0, x_1] = x
        t1 = x_1 * x_1
        return [x_0 * t1, x_1 * t1]
    """
    names = Names((*BUILTINS, *taken, name))
    words = PythonWords(names)
    made = written(unrolled, structure, words, names, labels)
    if made.lines > STATEMENTS:
        return None
    body: list[ast.stmt] = [ast.Expr(ast.Constant(subject))] if subject else []
    function = syntax.define(name, made.parameters, [*body, *made.body])
    return ScalarCode(
        ast.fix_missing_locations(function),
        tuple(ast.fix_missing_locations(line) for line in words.imports()),
        tuple(words.imported.values()),
        any(module == "scipy" for module, _ in words.imported),
    )
