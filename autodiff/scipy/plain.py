"""Which calls are SciPy's own: those on numbers and arrays, and on whatever has no rules here."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from diffexpr.errors import MissingRuleError
from diffexpr.matrix_rows import scipy_module
from diffexpr.operands import FUNCTIONS

F = TypeVar("F", bound=Callable[..., Any])


def are_plain(*operands: Any) -> bool:
    """Whether all operands, and all that lists among them hold, are numbers and arrays."""
    stack = list(operands)
    while stack:
        x = stack.pop()
        if hasattr(x, "_level"):
            return False
        if isinstance(x, (list, tuple)):
            stack.extend(x)
        elif isinstance(x, np.ndarray) and x.dtype.hasobject:
            stack.extend(x.flat)
    return True


def of_scipy(module: str) -> Callable[[F], F]:
    """Hand calls on plain numbers to the function of the same name in a module of SciPy."""

    def enter(function: F) -> F:
        name = getattr(function, "__name__", "")

        @functools.wraps(function)
        def call(*args: Any, **options: Any) -> Any:
            if are_plain(*args, *options.values()):
                return getattr(scipy_module(module, name), name)(*args, **options)
            return function(*args, **options)

        return call  # type: ignore[return-value]

    return enter


def attribute(module: str, name: str) -> Any:
    """Anything else of a module of SciPy: a function refuses what is being differentiated."""
    if name.startswith("__"):
        raise AttributeError(name)
    return _guarded(
        getattr(scipy_module(module, f"scipy.{module}.{name}"), name),
        f"scipy.{module}.{name}",
        f"write it with the functions of autodiff.scipy.{module} and NumPy",
    )


def of_distribution(distribution: str) -> Callable[[str], Any]:
    """Whatever else a distribution of ``scipy.stats`` has: samples, moments, fits."""

    def enter(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        full = f"scipy.stats.{distribution}.{name}"
        family = getattr(scipy_module("stats", full), distribution)
        return _guarded(getattr(family, name), full, "write it with its density and NumPy")

    return enter


class Distribution:
    """A distribution of ``scipy.stats`` without rules: its functions refuse what is boxed."""

    __slots__ = ("_enter",)

    def __init__(self, name: str) -> None:
        self._enter = of_distribution(name)

    def __getattr__(self, name: str) -> Any:
        return self._enter(name)


def statistic(name: str) -> Any:
    """Anything of ``scipy.stats`` that has no module of its own here."""
    if name.startswith("__"):
        raise AttributeError(name)
    found = getattr(scipy_module("stats", f"scipy.stats.{name}"), name)
    return Distribution(name) if hasattr(found, "rvs") else attribute("stats", name)


def _guarded(found: Any, full: str, instead: str) -> Any:
    """A function of SciPy that refuses what is being differentiated; anything else as it is."""
    if isinstance(found, type) or not callable(found) or found in FUNCTIONS:
        return found

    @functools.wraps(found)
    def call(*args: Any, **options: Any) -> Any:
        if not are_plain(*args, *options.values()):
            raise MissingRuleError(
                f"{full} has no derivative here; {instead}, or differentiate it numerically "
                "with numdiff"
            )
        return found(*args, **options)

    return call


def only(name: str, **options: Any) -> None:
    """Refuse options that were given a meaning here they do not have."""
    for option, value in options.items():
        if value:
            raise MissingRuleError(
                f"{name}({option}={value!r}) has no derivative here; leave {option} out"
            )
