"""A lowered function for the arrays of any library that follows the array API standard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from compare.lower.array_api import ArrayModule
from compare.lower.calls.calling import by_name, signature_of
from compare.lower.calls.options import Options
from compare.lower.passes import run_passes
from compare.lower.plans.plan import Plan
from compare.lower.source.saving import save
from compare.lower.source.source_text import source_text
from diffexpr import CrossdiffError, ExpressionTypeError

# What pays by the speed of NumPy's own functions.
_FOR_NUMPY = ("halfangle",)


class Portable:
    """A function of arrays of NumPy, torch, CuPy, JAX, Dask and others.

    Made by `lower` with ``target="array-api"``; it needs ``array-api-compat``. The arrays of one
    call belong to one library, and so does the result, on the same device. For a scalar variable
    an array may be given, or a Python number.

    Attributes
    ----------
    output, by : str
        As for `Lowered`.
    parameters : tuple of str
        The names of what it takes, in order.
    """

    def __init__(self, plan: Plan, output: str, by: str, options: Options) -> None:
        self.output = output
        self.by = by
        self.parameters = tuple(p.name for p in plan.parameters)
        names = [name for name in options.passes if name not in _FOR_NUMPY]
        outputs, _ = run_passes(plan.outputs, names, options.check)
        self._module = ArrayModule(replace(plan, outputs=outputs))
        self._function = self._module.function()
        self._made_of = (plan, output, by, options)
        self.__name__ = self.__qualname__ = self._module.name
        self.__signature__ = signature_of(self.parameters)

    @cached_property
    def source(self) -> str:
        """The program as text: a module that needs ``array-api-compat``."""
        return source_text(self._module.tree())

    def save(self, path: str | Path) -> None:
        """Write the source as a Python module.

        Raises
        ------
        OSError
            If the file cannot be written; an older one is then left as it was.
        """
        save(self.source, path)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """The value, for arrays by position or by name.

        Raises
        ------
        ExpressionTypeError
            If there are too many or too few values, no array is among them, or they come from
            several libraries.
        """
        given = by_name(self.__name__, self.parameters, args, kwargs)
        try:
            with np.errstate(all="ignore"):
                return self._function(*(given[name] for name in self.parameters))
        except TypeError as error:
            if isinstance(error, CrossdiffError):
                raise
            kinds = ", ".join(sorted({type(v).__name__ for v in given.values()}))
            raise ExpressionTypeError(
                f"{self.__name__} got {kinds}: {error}; give arrays of one library"
            ) from error

    def __repr__(self) -> str:
        return f"<Portable {self.__name__}({', '.join(self.parameters)})>"

    def __reduce__(self) -> tuple[Callable[..., Portable], tuple[Plan, str, str, Options]]:
        return Portable, self._made_of
