"""A loss that is given row by row, summed over the rows of a chunk: what is then lowered."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from diffexpr import Expr, ExpressionTypeError, ExpressionValueError, ShapeError, function
from diffexpr.evaluate import as_number
from diffexpr.signature import resolve


class RowLoss:
    """A function of parameters and data that gives the loss of each row.

    Parameters
    ----------
    f : callable or Expr
    data : array, sequence or mapping of arrays
        The last arguments of ``f``, or arguments by name.

    Attributes
    ----------
    arrays : list of array
        The data, in the order in which `total` takes them.

    Raises
    ------
    ExpressionTypeError, ExpressionValueError
        If ``f`` is no function, or has no argument of a name among the data.
    """

    def __init__(self, f: Any, data: Any) -> None:
        target = resolve(f, None)
        named = isinstance(data, Mapping)
        self._keys = tuple(str(getattr(key, "name", key)) for key in data) if named else None
        for key in self._keys or ():
            if target.names and key not in target.names:
                listed = ", ".join(target.names)
                raise ExpressionValueError(f"data names {key!r}, which is none of {listed}")
        if isinstance(f, Expr) and not named:
            raise ExpressionTypeError(
                "the data of an expression are given by name, as in data={'x': X}"
            )
        self._f = f
        self._name = getattr(f, "__name__", "the loss")
        self._free = [name for name in target.names if name not in (self._keys or ())]
        held = data.values() if isinstance(data, Mapping) else data
        self.arrays = [held] if hasattr(held, "shape") else list(held)

    def checked(self, parameters: Sequence[Any]) -> list[Any]:
        """The parameters as numbers and arrays.

        Raises
        ------
        ExpressionTypeError
            If there are too many or too few of them, or one is none.
        """
        self._check_count(len(parameters))
        values: list[Any] = []
        for label, value in zip(self._labels(len(parameters)), parameters, strict=False):
            if hasattr(value, "_level") or hasattr(value, "__dask_graph__"):
                raise ExpressionTypeError(
                    f"{label} is a {type(value).__name__}; the parameters are ordinary numbers "
                    "and arrays, the data alone are in chunks"
                )
            values.append(as_number(value, label))
        return values

    def total(self, rows: int, count: int, wrt: Any) -> tuple[Callable[..., Any], Any]:
        """The sum over so many rows, a function of so many parameters and of the data.

        Returns
        -------
        total : callable
        positions : int or tuple of int
            What to differentiate.

        Raises
        ------
        ExpressionTypeError, ExpressionValueError
            If ``wrt`` is none of the parameters.
        """

        def total(*values: Any) -> Any:
            loss = self._of(values[:count], values[count:])
            shape = getattr(loss, "shape", None)
            if shape != (rows,):
                found = type(loss).__name__ if shape is None else f"shape {shape}"
                raise ShapeError(
                    f"{self._name} gives {found} for {rows} rows; return the loss of each row, "
                    f"shape ({rows},), and leave their sum or mean to reduce="
                )
            return np.sum(loss)

        labels = self._labels(count)
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [inspect.Parameter(label, kind) for label in labels]
        total.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        total.__name__ = getattr(self._f, "__name__", "total")
        if wrt is None and isinstance(self._f, Expr):
            return total, tuple(range(count))
        target = resolve(total, wrt)
        for position in target.positions:
            if position >= count:
                raise ExpressionValueError(
                    f"wrt={labels[position]!r} is data; differentiate by a parameter: "
                    f"{', '.join(labels[:count]) or 'there is none'}"
                )
        return total, target.positions[0] if target.single else target.positions

    def _of(self, parameters: Sequence[Any], data: Sequence[Any]) -> Any:
        if self._keys is None:
            return self._f(*parameters, *data)
        if isinstance(self._f, Expr):
            return function(self._f, *self._free, *self._keys)(*parameters, *data)
        by_name = dict(zip(self._keys, data, strict=True))
        if self._free:
            return self._f(**dict(zip(self._free, parameters, strict=False)), **by_name)
        return self._f(*parameters, **by_name)

    def _labels(self, count: int) -> list[str]:
        """A name for each parameter and then for each of the data."""
        data = list(self._keys or ())
        if self._keys is None:
            width = len(self.arrays)
            data = self._free[count : count + width]
            data += [f"data{i}" for i in range(len(data), width)]
        known = self._free[:count]
        return [*known, *(f"p{i}" for i in range(len(known), count)), *data]

    def _check_count(self, count: int) -> None:
        """Whether so many parameters are as many as the function takes."""
        if isinstance(self._f, Expr):
            if count != len(self._free):
                listed = ", ".join(self._free) or "none"
                raise ExpressionTypeError(
                    f"got {count} parameters; the expression has {len(self._free)} besides the "
                    f"data ({listed})"
                )
            return
        try:
            signature = inspect.signature(self._f)
        except (TypeError, ValueError):  # a builtin, say, whose parameters Python cannot tell
            return
        data: dict[str, Any] = dict.fromkeys(self._keys or ())
        behind = () if self._keys is not None else self.arrays
        given = range(count)
        try:
            if self._keys is not None and self._free:
                if count > len(self._free):
                    raise TypeError("too many positional arguments")
                signature.bind(**dict(zip(self._free, given, strict=False)), **data)
            else:
                signature.bind(*given, *behind, **data)
        except TypeError as error:
            raise ExpressionTypeError(
                f"{self._name}{signature}, given {count} parameters and {len(self.arrays)} data: "
                f"{error}"
            ) from None
