"""The function that comes out: called like the one that went in, and able to show its source."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from compare.lower.module import Module
from compare.lower.plan import Plan, plan
from diffexpr import ExpressionTypeError
from diffexpr.arrays import broadcast
from diffexpr.evaluate import bind


class Lowered:
    """A NumPy function made from the graphs of a value or of derivatives.

    Made by `lower`. It is called by position or by name, holds no state between calls, may be
    called from several threads at once, and is pickled as its graphs.

    Attributes
    ----------
    output : str
        What it computes: ``'value'``, ``'grad'``, ``'value_and_grad'``, ``'jacobian'`` or
        ``'hessian'``.
    by : str
        The backend that the formulas of derivatives come from.
    parameters : tuple of str
        The names of what it takes, in order.
    """

    def __init__(self, plan: Plan, output: str, by: str) -> None:
        module = Module(plan)
        self.output = output
        self.by = by
        self.parameters = tuple(p.name for p in plan.parameters)
        self.__name__ = self.__qualname__ = module.name
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        self.__signature__ = inspect.Signature(
            [inspect.Parameter(name, kind) for name in self.parameters]
        )
        self._plan = plan
        self._tree = module.tree
        self._function = module.function()

    @cached_property
    def source(self) -> str:
        """The program as text: a module that needs NumPy (SciPy for special functions) alone."""
        return _spaced(self._tree)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The value, for numbers and arrays by position or by name.

        Raises
        ------
        ExpressionTypeError
            If there are too many or too few of them, or one is not a number.
        ShapeError
            If one does not fit the shape of its variable, or they do not broadcast.
        """
        values = self._bound(args, kwargs)
        try:
            return self._function(*values)
        except ValueError:
            scalars = zip(self._plan.parameters, values, strict=True)
            broadcast([(), *(np.shape(value) for p, value in scalars if not p.shape)])
            raise

    def _bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        names = self.parameters
        signature = f"{self.__name__}({', '.join(names)})"
        if len(args) > len(names):
            raise ExpressionTypeError(f"{signature} takes {len(names)} values, got {len(args)}")
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in names or name in given:
                wrong = "is given twice" if name in names else "is not a variable"
                raise ExpressionTypeError(f"{signature}: {name!r} {wrong}")
            given[name] = value
        missing = [name for name in names if name not in given]
        if missing:
            raise ExpressionTypeError(f"{signature}: no value for {missing[0]!r}")
        for name, value in given.items():
            if hasattr(value, "_level"):
                raise ExpressionTypeError(
                    f"{signature}: {name} is symbolic; a lowered function takes numbers, call "
                    "the expression itself instead"
                )
        return [bind(p, given) for p in self._plan.parameters]

    def __repr__(self) -> str:
        count = len(self._plan.outputs)
        outputs = "1 output" if count == 1 else f"{count} outputs"
        by = "" if self.output == "value" else f" by {self.by}"
        return f"<Lowered {self.__name__}({', '.join(self.parameters)}){by}, {outputs}>"

    def __reduce__(self) -> tuple[Callable[..., Lowered], tuple[Plan, str, str]]:
        return Lowered, (self._plan, self.output, self.by)


def _spaced(tree: ast.Module) -> str:
    """The text of a module, blank lines around its functions as the style guide has them."""
    parts: list[str] = []
    previous: ast.stmt | None = None
    for statement in tree.body:
        function = isinstance(statement, ast.FunctionDef)
        imported = isinstance(previous, (ast.Import, ast.ImportFrom))
        if previous is not None:
            apart = function or isinstance(previous, ast.FunctionDef)
            now_imports = isinstance(statement, (ast.Import, ast.ImportFrom))
            parts.append("\n\n\n" if apart else "\n\n" if imported and not now_imports else "\n")
        parts.append(ast.unparse(statement))
        previous = statement
    return "".join(parts) + "\n"


def lower(
    f: Any,
    output: str = "value_and_grad",
    wrt: Any = None,
    by: str = "reverse",
    *,
    at: Any = None,
) -> Lowered:
    """Turn a function or expression, or its derivatives, into one flat NumPy function.

    Each subexpression that occurs more than once is computed once.

    Parameters
    ----------
    f : Expr or callable
        An expression, or a Python function in NumPy's functions and operators, which is traced.
    output : {'value', 'grad', 'value_and_grad', 'jacobian', 'hessian'}
        What the lowered function returns, in the shapes of the verb of that name.
    wrt : int, str, Expr, or a tuple of these, optional
        What to differentiate with respect to: a position, a name or a symbol. Unless given, all
        variables of an expression in order of name, or the first parameter of a function. A
        tuple gives a tuple.
    by : {'reverse', 'forward', 'symbolic'}
        The backend whose formula is lowered. The answer is the same, the cost differs.
    at : sequence, mapping or array, optional
        For a Python function: one example per parameter, in order or by name, each a number, an
        array (whose shape and precision count) or a tuple of integers, taken as a shape. Without
        it every parameter is a scalar.

    Returns
    -------
    Lowered
        Called with the variables in order of name, or the parameters of the function in theirs,
        by position or by keyword. For a scalar variable an array may be given, and the variables
        broadcast. Integers become float64; float32 stays float32, and a Python float takes the
        precision of the arrays beside it. An output that does not depend on any variable is a
        number, whatever the shapes that go in.

    Raises
    ------
    ExpressionTypeError
        If ``f`` is neither a function nor an expression.
    ExpressionValueError
        If ``output``, ``wrt`` or ``by`` is none of the above; ``by='numeric'`` gives no formula.
    ShapeError
        If the gradient or Hessian of something not scalar is asked for.
    MissingRuleError
        If an operation has no form in NumPy.
    MissingExtraError
        If a special function is needed and SciPy is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from diffexpr import symbols
    >>> x, y = symbols("x y")
    >>> f = lower(x * np.sin(y) + np.sin(y) ** 2, "value")
    >>> f(1.0, 0.0)
    np.float64(0.0)
    >>> f(x=np.array([1.0, 2.0]), y=np.pi / 2)
    array([2., 3.])
    >>> print(*f.source.splitlines()[-2:], sep="\\n")
        t1 = np.sin(y)
        return x * t1 + np.power(t1, 2)

    >>> gradient = lower(x**2 * y, "grad")
    >>> gradient(3.0, 1.0)
    (np.float64(6.0), np.float64(9.0))
    """
    return Lowered(plan(f, output, wrt, by, at), output, by)
