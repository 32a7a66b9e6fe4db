"""Operations of a user's own: a Python function that is one operation of the language.

A `Primitive` stands in graphs, on tapes and in dual numbers where the name of a row of the tables
would. It carries its rules itself, so that nothing is entered into a table; each backend reads the
rules that are its own, and one that finds none is absent and says so.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from diffexpr import arrays, primitives
from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, MissingRuleError, ShapeError
from diffexpr.operands import as_operand
from diffexpr.sample_operands import samples
from diffexpr.static_options import Options, holds_boxes, options_of

Shape = tuple[int, ...]
Rule = Callable[..., Any]


class Primitive:
    """A Python function as an operation of the language, made by `primitive`.

    Attributes
    ----------
    function : callable
    name : str
    partials : tuple of (callable or None), or None
    jvp_rule, vjp_rule, sympy_rule, shape_rule : callable or None
        As they were given to `def_partials`, `def_jvp`, `def_vjp`, `def_sympy` and `def_shape`.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        if not callable(function):
            raise ExpressionTypeError(f"{function!r} is no function; primitive makes one of those")
        functools.update_wrapper(self, function, updated=())
        name = getattr(function, "__name__", "")
        self.function = function
        self.name: str = name if name.isidentifier() else "function"
        self.partials: tuple[Rule | None, ...] | None = None
        self.jvp_rule: Rule | None = None
        self.vjp_rule: Rule | None = None
        self.sympy_rule: Rule | None = None
        self.shape_rule: Rule | None = None
        self._sampled = lru_cache(maxsize=128)(self._sample)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the function, or enter it as one operation where an argument is boxed."""
        for key, value in options.items():
            if holds_boxes(value):
                raise ExpressionTypeError(
                    f"{self.name}: {key}= is static and cannot be differentiated; pass it by "
                    "position"
                )
        if not any(map(holds_boxes, args)):
            return self.function(*args, **options)
        operands = tuple(self._operand(x, i) for i, x in enumerate(args))
        if self.partials is not None and len(self.partials) != len(operands):
            raise ExpressionTypeError(
                f"{self.name} has {len(self.partials)} partial(s) and was called with "
                f"{len(operands)} argument(s); {self.name}.def_partials takes one for each"
            )
        return apply(self, operands, (Options(options),) if options else ())

    def _operand(self, x: Any, position: int) -> Any:
        x = as_operand(x)
        kinds = (np.ndarray, np.generic, int, float, complex)
        if not hasattr(x, "_level") and not isinstance(x, kinds):
            raise ExpressionTypeError(
                f"{self.name}: argument {position} is a {type(x).__name__}; an operation takes "
                "numbers and arrays by position, and anything else by keyword"
            )
        return x

    # rules

    def def_partials(self, *partials: Rule | None) -> Primitive:
        """Give the partial derivatives of an elementwise function; forward and reverse read them.

        Parameters
        ----------
        *partials : callable or None
            For each argument ``p(y, *args, **options)``, with ``y`` the value already computed,
            written in NumPy. None for an argument without a derivative: it counts as constant.

        Returns
        -------
        Primitive
            Itself.

        Examples
        --------
        >>> from autodiff import derivative
        >>> cube = primitive(lambda x: x * x * x).def_partials(lambda y, x: 3 * x**2)
        >>> print(derivative(cube)(2.0), derivative(cube, n=2)(2.0))
        12.0 12.0
        """
        if not partials:
            raise ExpressionTypeError(f"{self.name}.def_partials takes a partial per argument")
        for rule in partials:
            if rule is not None:
                _checked(rule, f"{self.name}.def_partials")
        self.partials = partials
        return self

    def def_jvp(self, rule: Rule) -> Rule:
        """Give the rule of forward mode; reverse mode transposes it where it has none of its own.

        Parameters
        ----------
        rule : callable
            ``rule(y, primals, tangents, **options)`` gives the tangent of the result: a function
            that is linear in ``tangents``, written in NumPy. Primals and tangents are tuples; each
            tangent has the shape of its primal and is zero for a constant.

        Returns
        -------
        callable
            The rule, so that this can be a decorator.

        Examples
        --------
        >>> from autodiff import grad
        >>> @primitive
        ... def inverse(a):
        ...     return np.linalg.inv(a)
        >>> @inverse.def_jvp
        ... def _(y, primals, tangents):
        ...     return -y @ tangents[0] @ y
        >>> print(grad(lambda a: np.sum(inverse(a)))(2 * np.eye(2)))
        [[-0.25 -0.25]
         [-0.25 -0.25]]
        """
        self.jvp_rule = _checked(rule, f"{self.name}.def_jvp")
        return rule

    def def_vjp(self, rule: Rule) -> Rule:
        """Give the rule of reverse mode.

        Parameters
        ----------
        rule : callable
            ``rule(y, primals, g, **options)`` gives a tuple with the cotangent of each argument,
            of its shape, None for zero: a function that is linear in ``g``, the cotangent of the
            result, written in NumPy. Of a single argument the cotangent may be bare.

        Returns
        -------
        callable
            The rule, so that this can be a decorator.

        Notes
        -----
        Of complex values, cotangents are transposed and not conjugated: for ``y = a*x`` the
        cotangent of x is ``a*g``.

        Examples
        --------
        >>> from autodiff import grad
        >>> @primitive
        ... def total(x):
        ...     return np.sum(x)
        >>> @total.def_vjp
        ... def _(y, primals, g):
        ...     return (g * np.ones(primals[0].shape),)
        >>> grad(total)(np.array([1.0, 2.0]))
        array([1., 1.])
        """
        self.vjp_rule = _checked(rule, f"{self.name}.def_vjp")
        return rule

    def def_sympy(self, rule: Rule) -> Rule:
        """Give the formula, by which the symbolic backend knows the function.

        Parameters
        ----------
        rule : callable
            ``rule(*args, **options)`` on real symbols of SymPy gives an expression of SymPy. It is
            taken elementwise where the function has partials or its arguments are scalars;
            otherwise an argument that is an array comes as ``sympy.Array``, and the result has the
            shape of the function's.

        Returns
        -------
        callable
            The rule, so that this can be a decorator.
        """
        self.sympy_rule = _checked(rule, f"{self.name}.def_sympy")
        return rule

    def def_shape(self, rule: Rule) -> Rule:
        """Give the shape of the result, for expressions, which have no values to ask.

        Without it an elementwise function broadcasts, and any other is run once on samples.

        Parameters
        ----------
        rule : callable
            ``rule(*shapes, **options)`` gives the shape as a tuple.

        Returns
        -------
        callable
            The rule, so that this can be a decorator.
        """
        self.shape_rule = _checked(rule, f"{self.name}.def_shape")
        return rule

    # what the language asks

    def value(self, *operands: Any) -> Any:
        """The value on numbers and arrays; static parameters come last."""
        options: dict[str, Any] = {}
        if operands and type(operands[-1]) is Options:
            operands, options = operands[:-1], operands[-1].values
        # Copies both ways: the function may write into what it gets and keep what it gave.
        found = self.function(
            *(x.copy() if isinstance(x, np.ndarray) else x for x in operands), **options
        )
        if hasattr(found, "_level"):
            raise ExpressionTypeError(
                f"{self.name} uses a value from outside that is being differentiated; "
                "pass it as an argument"
            )
        try:
            y = np.array(found)
        except ValueError:
            y = np.array(None)
        if y.dtype.kind in "bui":
            y = y.astype(float)
        if y.dtype.kind not in "fc":
            raise ExpressionTypeError(
                f"{self.name} returned a {type(found).__name__}; an operation returns one number "
                "or array"
            )
        if self.partials is not None:
            shape = arrays.broadcast([np.shape(x) for x in operands])
            if y.shape != shape:
                raise ShapeError(
                    f"{self.name} has partials, so its result should have the shape {shape} of "
                    f"its arguments, got {y.shape}; use {self.name}.def_jvp and def_vjp"
                )
        return y[()]

    def outcome(self, args: tuple[Any, ...], params: tuple[Any, ...]) -> tuple[Shape, Any]:
        """The shape of the result on expressions, and its dtype; None for the common one."""
        if self.shape_rule is not None:
            shape = self.shape_rule(*(a.shape for a in args), **options_of(params))
            try:
                return tuple(int(n) for n in shape), None
            except TypeError:
                raise ShapeError(
                    f"{self.name}.def_shape gave {shape!r}; a shape is a tuple of sizes"
                ) from None
        if self.partials is not None:
            return arrays.broadcast([a.shape for a in args]), None
        given = tuple(a if a.op == "constant" else (a.shape, a.dtype) for a in args)
        return self._sampled(given, params)

    def _sample(self, given: tuple[Any, ...], params: tuple[Any, ...]) -> tuple[Shape, Any]:
        try:
            with np.errstate(all="ignore"):
                y = self.value(*samples(given), *params)
        except Exception as error:  # the user's function, at numbers that are not the user's
            raise MissingRuleError(
                f"the shape of {self.name} of an expression is not known, for on a sample it "
                f"raised {type(error).__name__}: {error}; give it with {self.name}.def_shape"
            ) from error
        return y.shape, y.dtype

    # itself

    def __str__(self) -> str:
        # Not the spelling of a function of the language, which text would be read back as.
        known = self.name in primitives.NAMES or self.name in arrays.TABLE
        return f"{self.name}_" if known else self.name

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __copy__(self) -> Primitive:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Primitive:
        return self

    def __reduce__(self) -> str:
        path: str = getattr(self, "__qualname__", self.name)
        found: Any = sys.modules.get(self.__module__)
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is not self:
            raise ExpressionValueError(
                f"{self.name} cannot be pickled, for it is not what {self.__module__}.{path} "
                "names; define it at the top of a module, under its own name"
            )
        return path


def primitive(function: Callable[..., Any]) -> Primitive:
    """Make a Python function one operation of the language, with rules of its own.

    On plain numbers and arrays the function is called as it is. On values that are being
    differentiated, and on expressions, it is one operation: nobody looks inside, so that it may
    call compiled code, iterate, or look a value up. How it is differentiated is said by
    `Primitive.def_partials` (elementwise functions), `Primitive.def_jvp` (forward) and
    `Primitive.def_vjp` (reverse), what it means by `Primitive.def_sympy`. A backend without a rule
    is absent, with an error that says which rule is missing. Rules are called with values that
    may themselves be differentiated, so that derivatives of all orders come with them.

    Parameters
    ----------
    function : callable
        Takes numbers and arrays by position, and static parameters by keyword, which are passed on
        to each rule as they were given; returns one number or array.

    Returns
    -------
    Primitive
        It can be a decorator.

    Examples
    --------
    >>> from autodiff import grad, hessian
    >>> @primitive
    ... def log1pexp(x):
    ...     return np.logaddexp(0, x)
    >>> log1pexp.def_partials(lambda y, x: 1 / (1 + np.exp(-x)))
    <primitive log1pexp>
    >>> print(grad(log1pexp)(0.0), hessian(log1pexp)(0.0))
    0.5 0.25
    """
    return Primitive(function)


def _checked(rule: Any, where: str) -> Any:
    if not callable(rule):
        raise ExpressionTypeError(f"{where} takes a function, got {rule!r}")
    return rule
