"""The function that comes out: called like the one that went in, and able to show its source."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from compare.lower.calls.calling import by_name, signature_of
from compare.lower.calls.options import Options
from compare.lower.calls.outputs import checked_out, fill_out, may_be_written_early
from compare.lower.explanation import explanation
from compare.lower.plans.plan import Plan
from compare.lower.programs import Programs
from compare.lower.scalars.point import FALLS_BACK, point_types
from compare.lower.source.module import function_name
from compare.lower.source.runtime import as_floats, common_shape
from compare.lower.source.saving import save
from compare.lower.source.source_text import source_text
from diffexpr import Expr
from diffexpr.arrays import broadcast
from diffexpr.evaluate import bind
from diffexpr.walk import topological

_ARRAYS = {np.ndarray}
_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))


@dataclass(frozen=True, slots=True)
class Operations:
    """How many operations of each kind a graph has, as it was derived and after the passes.

    Attributes
    ----------
    before, after : mapping from str to int
    """

    before: Mapping[str, int]
    after: Mapping[str, int]

    def __str__(self) -> str:
        kinds = sorted({*self.before, *self.after})
        width = max(map(len, [*kinds, "operation", "all"]))
        rows = [("operation", "before", "after")]
        rows += [(kind, str(self.before.get(kind, 0)), str(self.after.get(kind, 0)))
                 for kind in kinds]  # fmt: skip
        rows.append(("all", str(sum(self.before.values())), str(sum(self.after.values()))))
        return "\n".join(f"{a:{width}}  {b:>6}  {c:>6}" for a, b, c in rows)


class Lowered:
    """A NumPy function made from the graphs of a value or of derivatives.

    Made by `lower`. It is called by position or by name, holds no state that two calls could
    share, may be called from several threads at once, and is pickled as its graphs.

    Attributes
    ----------
    output : str
        What it computes: ``'value'``, ``'grad'``, ``'value_and_grad'``, ``'jacobian'``,
        ``'hessian'``, ``'hvp'``, ``'jvp'``, ``'vjp'`` or ``'taylor'``.
    by : str
        The backend that the formulas of derivatives come from.
    parameters : tuple of str
        The names of what it takes, in order.
    interpreted : bool
        Whether it has too many operations to be compiled; then there is no source.
    """

    def __init__(self, plan: Plan, output: str, by: str, options: Options) -> None:
        self.output = output
        self.by = by
        self.parameters = tuple(p.name for p in plan.parameters)
        self._plan = plan
        self._options = options
        self._programs = Programs(plan, options)
        self.interpreted = self._programs.long
        self._quick = point_types(plan)
        self._point: Callable[..., Any] = self._first_point
        self.__name__ = self.__qualname__ = function_name(plan)
        self.__signature__ = signature_of(self.parameters)

    @cached_property
    def source(self) -> str:
        """The program as text: a module that needs NumPy (SciPy for special functions) alone."""
        return source_text(self._programs.shown())

    @cached_property
    def operations(self) -> Operations:
        """How many operations of each kind there are before and after the passes."""
        return Operations(_counted(self._plan.outputs), _counted(self._programs.optimised.outputs))

    def explain(self) -> str:
        """What the passes did, which operations share loops, and how large the blocks are."""
        return explanation(self._programs)

    def save(self, path: str | Path) -> None:
        """Write the source as a Python module.

        Raises
        ------
        OSError
            If the file cannot be written; an older one is then left as it was.
        """
        save(self.source, path)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """The value, for numbers and arrays by position or by name.

        ``out=``, arrays in the nest of the result, is written into and returned. Python floats
        alone give Python floats.

        Raises
        ------
        ExpressionTypeError
            If there are too many or too few values, or one is not a number.
        ShapeError
            If one does not fit the shape of its variable, or they do not broadcast.
        """
        if not kwargs:
            kinds = set(map(type, args))
            if kinds == self._quick:
                try:
                    return self._point(*args)
                except (*FALLS_BACK, TypeError):
                    # Python raises where NumPy gives NaN or an infinity; too few arguments end
                    # below.
                    pass
            if kinds == _ARRAYS and self._programs.points and len(args) == len(self.parameters):
                kind = args[0].dtype
                if kind in _FLOATS and all(a.dtype == kind and a.ndim for a in args):
                    return self._at_points(args)
        if any(hasattr(value, "__dask_graph__") for value in (*args, *kwargs.values())):
            return importlib.import_module("compare.distributed").map_blocks(self, *args, **kwargs)
        out = kwargs.pop("out", None) if "out" not in self.parameters else None
        values = self._bound(args, kwargs)
        if out is not None:
            out = checked_out(out, self._plan.structure, self.__name__)
        elif values and all(type(v) is float for v in values):
            return self._of_floats(values)
        try:
            return self._evaluated(values, out)
        except ValueError:
            scalars = zip(self._plan.parameters, values, strict=True)
            broadcast([(), *(np.shape(value) for p, value in scalars if not p.shape)])
            raise

    def _at_points(self, arrays: tuple[np.ndarray[Any, Any], ...]) -> Any:
        """The value for arrays of one precision, one for each scalar variable."""
        programs = self._programs
        if programs.blocked and arrays[0].size >= programs.least:
            shape = common_shape(programs.least, *arrays)
            function = None if shape is None else programs.in_blocks(frozenset())
            if function is not None:
                return function(*arrays, None)
        try:
            return _narrowed(programs.plain(*arrays), arrays)
        except ValueError:
            broadcast([array.shape for array in arrays])
            raise

    def _of_floats(self, values: list[Any]) -> Any:
        """The value for Python floats, in Python floats."""
        try:
            return self._point(*values)
        except (*FALLS_BACK, TypeError):
            return _as_python(self._evaluated(values, None))

    def _first_point(self, *args: Any) -> Any:
        """Make the program for one point, then leave the calls to it."""
        self._point = self._programs.point or _no_point
        return self._point(*args)

    def _evaluated(self, values: list[Any], out: Any) -> Any:
        programs = self._programs
        pairs = list(zip(self._plan.parameters, values, strict=True))
        many = [(s, v) for s, v in pairs if np.ndim(v)]
        if not _alike(values):
            return fill_out(out, programs.exact(*values))
        values = _converted(self._plan.parameters, values)
        if not programs.points:
            # Where a variable of an array program is a number, an array of points broadcasts.
            if not all(s.shape for s, _ in many):
                return fill_out(out, programs.exact(*values))
            function = programs.plain
            if not programs.plain_takes_out:
                return fill_out(out, function(*values))
            if any(type(v) is not float and v.dtype != s.dtype for s, v in pairs):
                return fill_out(out, programs.generic(*values))
            likes = [(o.shape, o.dtype) for o in self._plan.outputs]
            return self._written(function, values, out, likes)
        arrays = [v for _, v in many if v.dtype.kind == "f"]
        if programs.blocked and arrays and len(arrays) == len(many):
            shape, function = common_shape(programs.least, *arrays), None
            if shape is not None:
                function = programs.in_blocks(frozenset(s for s, v in pairs if not np.ndim(v)))
            if shape is not None and function is not None:
                kind = arrays[0].dtype
                likes = [
                    (shape, np.dtype(bool) if o.dtype.kind == "b" else kind)
                    for o in self._plan.outputs
                ]
                return self._written(function, values, out, likes)
        return fill_out(out, _narrowed(programs.plain(*values), arrays))

    def _written(
        self, function: Callable[..., Any], values: list[Any], out: Any, likes: Any
    ) -> Any:
        """The result of a program that can write into arrays which are given."""
        early = out is not None and may_be_written_early(out, likes, values)
        return fill_out(out, function(*values, out if early else None))

    def _bound(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        given = by_name(self.__name__, self.parameters, args, kwargs)
        return [bind(p, given) for p in self._plan.parameters]

    def __repr__(self) -> str:
        count = len(self._plan.outputs)
        outputs = "1 output" if count == 1 else f"{count} outputs"
        by = "" if self.output == "value" else f" by {self.by}"
        return f"<Lowered {self.__name__}({', '.join(self.parameters)}){by}, {outputs}>"

    def __reduce__(self) -> tuple[Callable[..., Lowered], tuple[Plan, str, str, Options]]:
        return Lowered, (self._plan, self.output, self.by, self._options)


def _as_python(result: Any) -> Any:
    """The same nest with Python numbers in place of NumPy's."""
    if isinstance(result, tuple):
        return tuple(map(_as_python, result))
    return result.item() if isinstance(result, np.generic) else result


def _no_point(*args: Any) -> Any:
    """Where there is no program for one point, the others are asked."""
    raise ValueError


def _alike(values: list[Any]) -> bool:
    """Whether values are real and, Python's own numbers aside, of one precision."""
    kinds = {v.dtype for v in values if type(v) is not float and hasattr(v, "dtype")}
    real = [kind for kind in kinds if kind.kind == "f"]
    # Half precision has not the range that the passes count on.
    return len(real) <= 1 and all(kind.kind in "fb" and kind.itemsize != 2 for kind in kinds)


def _converted(parameters: Sequence[Expr], values: list[Any]) -> list[Any]:
    """Values as the programs take them: truth values as they are, all others of one precision."""
    floats = [v for p, v in zip(parameters, values, strict=True) if p.dtype.kind != "b"]
    made = iter(as_floats(*floats))
    return [
        next(made) if p.dtype.kind != "b" else np.asarray(v)[()]
        for p, v in zip(parameters, values, strict=True)
    ]


def _narrowed(result: Any, arrays: Sequence[Any]) -> Any:
    """A nest of results in the precision of the arrays they were made of.

    What hangs on conditions alone, ``where(c, 1, 0)``, would be float64 otherwise.
    """
    if not arrays or arrays[0].dtype != np.float32:
        return result
    if isinstance(result, tuple):
        return tuple(_narrowed(part, arrays) for part in result)
    wide = isinstance(result, np.ndarray) and result.dtype == np.float64
    return result.astype(np.float32) if wide else result


def _counted(outputs: tuple[Expr, ...]) -> dict[str, int]:
    nodes = topological(outputs)
    counts = Counter(
        getattr(node.op, "name", node.op) for node in nodes
        if node.op not in ("symbol", "constant")
    )  # fmt: skip
    return dict(sorted(counts.items()))
