"""A lowered function of batches whose size is known only when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from compare.lower.calls.calling import by_name, signature_of
from compare.lower.calls.kept import Kept
from compare.lower.calls.options import Options
from compare.lower.lowered import Lowered
from compare.lower.plans.batching import batched_plan
from compare.lower.plans.plan import Plan
from compare.lower.source.module import function_name
from diffexpr import ShapeError

MOST_SIZES = 16
"""For how many sizes of batches a program is kept."""


class LoweredBatch:
    """A function of arguments with a leading batch axis, all of one length.

    Made by `lower` with ``batch=True``. For each length there is a program of its own, made when
    it is first needed; `of` gives it, with its source.

    Attributes
    ----------
    output, by : str
        As for `Lowered`.
    parameters : tuple of str
        The names of what it takes, in order.

    Examples
    --------
    >>> from compare.lower import lower
    >>> norms = lower(lambda v: v @ v, "value", at=((2,),), batch=True)
    >>> norms([[1.0, 2.0], [3.0, 4.0]])
    array([ 5., 25.])
    """

    def __init__(self, plan: Plan, output: str, by: str, options: Options) -> None:
        self.output = output
        self.by = by
        self.parameters = tuple(p.name for p in plan.parameters)
        self.__name__ = self.__qualname__ = function_name(plan)
        self.__signature__ = signature_of(self.parameters)
        self._plan = plan
        self._options = options
        self._sizes: Kept[Lowered] = Kept(most=MOST_SIZES)

    def of(self, size: int) -> Lowered:
        """The lowered function of batches of one size."""
        return self._sizes.get(
            size,
            lambda: Lowered(batched_plan(self._plan, size), self.output, self.by, self._options),
        )

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """The value for each of a batch of arguments, by position or by name.

        Raises
        ------
        ExpressionTypeError
            If there are too many or too few values, or one is not a number.
        ShapeError
            If one has no batch axis, or the lengths of these differ.
        """
        if any(hasattr(value, "__dask_graph__") for value in (*args, *kwargs.values())):
            return importlib.import_module("compare.distributed").map_blocks(self, *args, **kwargs)
        given = by_name(self.__name__, self.parameters, args, kwargs)
        sizes: dict[str, int] = {}
        for name, value in given.items():
            shape = np.shape(value)
            if not shape:
                raise ShapeError(f"{name} has no batch axis: {value!r}; give an array of values")
            sizes[name] = shape[0]
        if len(set(sizes.values())) > 1:
            (first, n), (other, m) = next(
                (a, b) for a in sizes.items() for b in sizes.items() if a[1] != b[1]
            )
            raise ShapeError(
                f"the batch has {n} of {first} and {m} of {other}; give as many of each"
            )
        return self.of(next(iter(sizes.values()), 1))(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<Lowered {self.__name__}({', '.join(self.parameters)}), for batches>"

    def __reduce__(self) -> tuple[Callable[..., LoweredBatch], tuple[Plan, str, str, Options]]:
        return LoweredBatch, (self._plan, self.output, self.by, self._options)
