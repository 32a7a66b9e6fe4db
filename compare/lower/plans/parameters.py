"""The symbols that a lowered function takes: parameters, then directions or a cotangent."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from diffexpr import Expr, ExpressionTypeError, ExpressionValueError, symbol
from diffexpr.evaluate import as_number

_SEEDS = {"hvp": "v", "jvp": "v", "taylor": "v", "vjp": "w"}
"""The letter for the vectors that an output takes besides the parameters."""


def parameters_of(f: Any, names: tuple[str, ...], at: Any) -> tuple[Expr, ...]:
    """Symbols for the parameters of a function, shaped like the examples."""
    if at is None:
        if not names:
            raise ExpressionTypeError(
                "the parameters of the function have no names; give one example each with at="
            )
        return tuple(symbol(name) for name in _required(f, names))
    if isinstance(at, Mapping):
        by_name = {getattr(key, "name", key): value for key, value in at.items()}
        unknown = [name for name in by_name if name not in names]
        if unknown:
            raise ExpressionValueError(
                f"at= names {unknown[0]!r}, which is not a parameter; choose among "
                f"{', '.join(names) or 'positions'}"
            )
        last = max(map(names.index, (*by_name, *_required(f, names))), default=-1)
        examples = [by_name.get(name, ()) for name in names[: last + 1]]
    else:
        examples = list(at) if isinstance(at, (tuple, list)) else [at]
    labels = names or tuple(f"x{i}" for i in range(len(examples)))
    if len(examples) > len(labels):
        raise ExpressionTypeError(
            f"at= has {len(examples)} examples for {len(labels)} parameter(s) ({', '.join(labels)})"
        )
    return tuple(_symbol(*pair) for pair in zip(labels, examples, strict=False))


def _required(f: Any, names: tuple[str, ...]) -> list[str]:
    given = inspect.signature(f).parameters if names else {}
    return [name for name in names if given[name].default is inspect.Parameter.empty]


def _symbol(name: str, example: Any) -> Expr:
    if isinstance(example, tuple) and all(isinstance(n, int) for n in example):
        return symbol(name, example)
    array = np.asarray(as_number(example, name))
    return symbol(name, array.shape, array.dtype)


def seeds_of(
    output: str, graph: Expr, parameters: Sequence[Expr], wrt: Sequence[Expr], single: bool
) -> tuple[Expr, ...]:
    """Symbols for what an output takes besides the parameters: directions or a cotangent.

    Parameters
    ----------
    output : str
    graph : Expr
        The value; a cotangent has its shape.
    parameters : sequence of Expr
        Whose names are taken.
    wrt : sequence of Expr
        A direction has the shape of its variable.
    single : bool
        Whether there is one direction, called ``v``, and not a tuple of ``v_x``, ``v_y``.

    Returns
    -------
    tuple of Expr

    Examples
    --------
    >>> from diffexpr import symbols
    >>> v, x = symbols("v x")
    >>> seeds_of("hvp", v * x, (v, x), (v, x), False), seeds_of("vjp", v * x, (v, x), (v,), True)
    ((v_v, v_x), (w,))
    >>> seeds_of("jvp", v * x, (v, x), (v,), True)
    (v_,)
    """
    if output not in _SEEDS:
        return ()
    letter = _SEEDS[output]
    taken = {p.name for p in parameters}
    like = [graph] if output == "vjp" else wrt
    wanted = [letter] if output == "vjp" or single else [f"{letter}_{x.name}" for x in wrt]
    made: list[Expr] = []
    for name, x in zip(wanted, like, strict=True):
        while name in taken:
            name += "_"
        taken.add(name)
        made.append(symbol(name, x.shape, x.dtype))
    return tuple(made)
