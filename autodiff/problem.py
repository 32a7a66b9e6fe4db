"""One call of a verb: the function, its arguments, and which of them are differentiated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autodiff import graph
from autodiff.boxes import Box, is_active, stacked
from autodiff.containers import is_nest, opened
from autodiff.nests import Structure, flatten
from autodiff.object_arrays import explained
from autodiff.snapshots import plain
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError
from diffexpr.evaluate import as_number
from diffexpr.expr import Expr
from diffexpr.signature import Target

Call = Callable[..., list[Any]]
"""A function of the variables alone that gives a list of results."""


class Problem:
    """A function with its arguments.

    Attributes
    ----------
    target : Target
    args : tuple
    options : dict
        Keyword arguments, passed on as they are.
    lift : callable or None
        Applied to each constant of an expression.
    xs : list
        The arguments to differentiate, as floats or boxes; of a nest its leaves, in order.
    nests : list of Structure or None
        The structure of each argument that is a nest.
    out : Structure or None
        The structure of the last result, if that was a nest.
    """

    __slots__ = ("args", "lift", "nests", "options", "out", "target", "xs")

    def __init__(
        self,
        target: Target,
        args: tuple[Any, ...],
        options: dict[str, Any] | None = None,
        lift: Callable[[Any], Any] | None = None,
    ) -> None:
        self.target = target
        self.args = args
        self.options = options or {}
        self.lift = lift
        self.out: Structure | None = None
        self.nests: list[Structure | None] = []
        self.xs: list[Any] = []
        for x, position in zip(target.chosen(args), target.positions, strict=True):
            name = target.label(position)
            if _is_leaf(x):
                self.nests.append(None)
                self.xs.append(variable(x, name))
                continue
            leaves, structure = flatten(x)
            self.nests.append(structure)
            paths = structure.paths()
            self.xs += [variable(v, name + at) for v, at in zip(leaves, paths, strict=True)]

    def scalar_call(self, verb: str) -> Call:
        """The function, for a verb that needs a single scalar result."""

        def call(*xs: Any) -> list[Any]:
            found = self.call(*xs)
            self.whole(verb)
            return [scalar(found[0], verb)]

        return call

    def call(self, *xs: Any) -> list[Any]:
        """Run the function on (boxed) variables; its result as a list of operands."""
        args = self.target.join(self.args, self.gathered(xs))
        if self.target.expr is None:
            try:
                return self._results(self.target.call(*args, **self.options))
            except (TypeError, ValueError, AttributeError) as error:
                meant = explained(error)
                if meant is error:
                    raise
                raise meant from error
        if len(args) != len(self.target.names):
            names = ", ".join(self.target.names)
            raise ExpressionTypeError(
                f"the expression has {len(self.target.names)} variables ({names}), "
                f"got {len(args)} values"
            )
        return [operand(graph.run(self.target.expr, self.target.symbols, args, self.lift))]

    def _results(self, result: Any) -> list[Any]:
        if not _is_bundle(result):
            self.out = None
            return [operand(result)]
        leaves, self.out = flatten(result)
        if not leaves:
            raise ExpressionTypeError(
                f"the function returned {result!r}, which holds no numbers; return an array"
            )
        return [operand(leaf) for leaf in leaves]

    def gathered(self, parts: Sequence[Any]) -> list[Any]:
        """One part per leaf as one part per argument, nests put together again."""
        if not any(self.nests):
            return list(parts)
        found, rest = [], iter(parts)
        for structure in self.nests:
            if structure is None:
                found.append(next(rest))
            else:
                found.append(structure.unflatten([next(rest) for _ in range(structure.size)]))
        return found

    def scattered(self, values: Sequence[Any]) -> list[Any]:
        """One value per argument as one per leaf."""
        found = []
        for value, structure in zip(values, self.nests, strict=True):
            found += [value] if structure is None else structure.leaves_of(value)
        return found

    def labels(self) -> list[str]:
        """What an error message calls each leaf."""
        found = []
        for position, structure in zip(self.target.positions, self.nests, strict=True):
            name = self.target.label(position)
            found += [name] if structure is None else [name + at for at in structure.paths()]
        return found

    def pack(self, parts: Sequence[Any]) -> Any:
        """One part per leaf as the caller wants them: nests for nests, a tuple for a tuple."""
        return self.target.pack(self.gathered(parts))

    def whole(self, verb: str) -> None:
        """Raise if the last result was a nest, for a verb that takes no such thing."""
        if self.out is not None:
            raise ExpressionTypeError(
                f"{verb} needs a scalar result, and the function returned {self.out}; "
                "return one number, or use jacobian or vjp"
            )

    def result(self, parts: Sequence[Any]) -> Any:
        """One part per result in the nest that the function returned."""
        return parts[0] if self.out is None else self.out.unflatten(parts)


def _is_leaf(x: Any) -> bool:
    kind = type(x)
    return kind is float or kind is np.ndarray or isinstance(x, Box) or not is_nest(x)


def _is_bundle(result: Any) -> bool:
    """Whether a function returned several results: a dict, a dataclass, arrays unlike each other.

    Numbers in a list, or arrays of one shape, are one array.
    """
    if isinstance(result, (Box, np.ndarray, np.generic, float, Expr)):
        return False
    if not isinstance(result, (list, tuple)) or hasattr(result, "_fields"):
        return opened(result) is not None
    if any(isinstance(x, Mapping) or hasattr(x, "_fields") for x in result):
        return True
    shapes = {
        getattr(x, "shape", () if isinstance(x, (int, float, complex)) else None) for x in result
    }
    return len(shapes) > 1 and None not in shapes


def problem(target: Target, args: tuple[Any, ...], options: dict[str, Any]) -> Problem:
    """Arguments as a verb's function was given them, positional ones by name included."""
    rest = dict(options)
    full = list(args)
    while len(full) <= max(target.positions, default=-1) and len(full) < len(target.names):
        name = target.names[len(full)]
        if name not in rest:
            break
        full.append(rest.pop(name))
    return Problem(target, tuple(full), rest)


def variable(x: Any, name: str) -> Any:
    """A number or array to differentiate with respect to, always of a floating kind."""
    if isinstance(x, np.ndarray) and type(x) is not np.ndarray:
        x = plain(x)
    x = stacked(as_number(x, name))
    if isinstance(x, (Box, Expr)):
        return x
    x = np.asarray(x)
    if x.dtype.kind == "b":
        x = x.astype(float)
    if x.dtype.kind not in "fc":
        raise ExpressionTypeError(f"{name} has dtype {x.dtype}; give real or complex numbers")
    return x if x.shape else x[()]  # a view would have to be copied to be kept


def operand(result: Any) -> Any:
    """What a function returned, as one operand: a list of numbers is an array."""
    if result is None or isinstance(result, (str, bytes, set)):
        raise ExpressionTypeError(
            f"the function returned {result!r}; return a number or an array of numbers"
        )
    if isinstance(result, (Box, Expr)):
        return result
    try:
        result = stacked(result)
    except ValueError as error:
        raise ExpressionTypeError(
            f"the function returned a {type(result).__name__} that is no array ({error}); "
            "return one array"
        ) from None
    if isinstance(result, (Box, Expr)):
        return result
    array = np.asarray(result)
    if array.dtype.kind in "bui":
        array = array.astype(float)
    if array.dtype.kind not in "fc":
        raise ExpressionTypeError(
            f"the function returned {type(result).__name__} of dtype {array.dtype}; "
            "return a number or an array of numbers"
        )
    return array[()]


def unleaked(y: Any, level: int) -> Any:
    """A result, unless it belongs to a differentiation that is over, or to another thread."""
    if isinstance(y, Box) and y._level != level and not is_active(y._level):
        raise ExpressionTypeError(
            "the function returned a value of a differentiation that has ended or runs in "
            "another thread; return what the inner derivative gave, not what its function saved"
        )
    return y


def scalar(y: Any, verb: str) -> Any:
    """The result, if it is a scalar."""
    if y.shape:
        raise ShapeError(f"{verb} needs a scalar result, got shape {y.shape}; use jacobian")
    return y


def matching(v: Any, x: Any, name: str) -> Any:
    """A tangent or cotangent, if it has the shape of its value."""
    v = variable(v, name)
    if v.shape != x.shape:
        raise ShapeError(f"{name} has shape {v.shape}, but its value has shape {x.shape}")
    return v


def named(values: Mapping[str, Any], target: Target, what: str) -> tuple[Any, ...]:
    """Values by name, in the order of the parameters."""
    missing = [name for name in target.names if name not in values]
    if missing or not target.names:
        raise ExpressionValueError(
            f"{what}: no value for {', '.join(map(repr, missing)) or 'a nameless parameter'}; "
            f"given: {', '.join(map(str, values)) or 'none'}"
        )
    return tuple(values[name] for name in target.names)


def by_name(values: Any, target: Target) -> bool:
    """Whether a mapping gives values by the names of the parameters, and is not itself one."""
    if not isinstance(values, Mapping):
        return False
    return target.expr is not None or (bool(values) and set(values) <= set(target.names))


def listed(values: Any, target: Target, what: str) -> tuple[Any, ...]:
    """Primals or tangents as a tuple: given as such, by name, or as a single one."""
    if by_name(values, target):
        return named(values, target, what)
    return tuple(values) if isinstance(values, (tuple, list)) else (values,)


def repacked(parts: Sequence[Any], given: Any, target: Target) -> Any:
    """Results in the same packing as the primals were given in."""
    if by_name(given, target):
        return dict(zip(target.names, parts, strict=True))
    return tuple(parts) if isinstance(given, (tuple, list)) else parts[0]
