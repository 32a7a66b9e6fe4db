"""Wrong rules, translations and values, one at a time, and the functions that notice them.

A kind of sabotage takes what a table holds and returns something wrong. It is inert at a point
where it changes nothing (a doubled zero); an inert one proves nothing and is not counted, but
every entry of every table must have one that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from diffexpr import Expr, constant, functions, symbol
from diffexpr.apply import apply
from diffexpr.build import node
from diffexpr.domains import CONDITION
from diffexpr.frozen import Index
from diffexpr.primitives import TABLE

SCORE: dict[str, list[int]] = {}
"""By table: how many sabotages were caught and pinned, and how many there were."""


def count(table: str, caught: bool) -> None:
    """Enter one sabotage into the score that the suite prints at its end."""
    score = SCORE.setdefault(table, [0, 0])
    score[0] += caught
    score[1] += 1


FACTORS: dict[str, Callable[[Any, Any], Any]] = {
    "zero": lambda value, x: value * 0,
    "sign": lambda value, x: value * -1,
    "doubled": lambda value, x: value * 2,
    "tiny": lambda value, x: value * (1 + 1e-6),
    "wrong below zero": lambda value, x: functions.where(apply("less", (x, 0)), value * 3, value),
    "shifted": lambda value, x: value + 1,
}
"""A wrong partial or value, from the right one and the first argument."""

KINDS = tuple(FACTORS)


@dataclass(frozen=True)
class Subject:
    """A function in which one primitive does all the work, at a point."""

    f: Expr
    at: dict[str, float]
    node: Expr


def operand(row: Any, position: int, name: str) -> Expr:
    """What stands in for one argument of a primitive: a variable, or a comparison of one."""
    if row.domains[position] is CONDITION:
        return node("less", (symbol(name), 0.5))
    return symbol(name)


def subjects(name: str, fixed: dict[int, float] | None = None) -> Iterator[Subject]:
    """A primitive at points all over its domain, as a function of all its arguments."""
    row = TABLE[name]
    fixed = FIXED.get(name, {}) if fixed is None else fixed
    args = [
        constant(fixed[i]) if i in fixed else operand(row, i, f"x{i}")
        for i in range(len(row.domains))
    ]
    made = node(name, tuple(args))
    f = made
    if made.dtype.kind == "b":
        # A truth value has no derivative; what it decides has one.
        u, v = symbol("u"), symbol("v")
        f = node("where", (made, u * v, u + 3 * v))
    columns = [row.domains[i].samples for i in range(len(args)) if i not in fixed]
    for shift in range(max(map(len, columns))):
        values = [column[(shift + 2 * i) % len(column)] for i, column in enumerate(columns)]
        names = [f"x{i}" for i in range(len(args)) if i not in fixed]
        at = dict(zip(names, values, strict=True))
        if f is not made:
            at |= {"u": 1.5, "v": 0.7}
        yield Subject(f, at, made)


FIXED: dict[str, dict[int, float]] = {
    "polygamma": {0: 1.0},
    **{name: {0: 1.0} for name in ("jv", "yv", "iv", "ive", "kv")},
    **{name: {0: 2.5} for name in ("gammainc", "gammaincc", "stdtr")},
    **{name: {0: 1.5, 1: 2.5} for name in ("betainc", "betaincc")},
}
"""Arguments that are no variables: orders, and others without a derivative in closed form."""

ARRAYS: dict[str, tuple[tuple[tuple[int, ...], ...], tuple[Any, ...]]] = {
    "sum": (((2, 3),), ((1,), False)),
    "mean": (((2, 3),), ((0,), True)),
    "prod": (((2, 3),), ((1,), False)),
    "max": (((2, 3),), ((1,), False)),
    "min": (((2, 3),), ((0, 1), False)),
    "norm": (((2, 3),), ((1,), False)),
    "logsumexp": (((2, 3),), ((1,), False)),
    "softmax": (((2, 3),), (1,)),
    "cumsum": (((2, 3),), (1,)),
    "sort": (((2, 3),), (1,)),
    "astype": (((2, 3),), ("float64",)),
    "conjugate": (((2, 3),), ()),
    "real": (((2, 3),), ()),
    "imag": (((2, 3),), ()),
    "matmul": (((2, 3), (3, 2)), ()),
    "einsum": (((2, 3), (2, 3)), ("ij,ik->jk",)),
    "transpose": (((2, 3),), ((1, 0),)),
    "reshape": (((2, 3),), ((3, 2),)),
    "broadcast_to": (((3, 1),), ((2, 3, 2),)),
    "getitem": (((2, 3),), (Index((np.array([0, 1, 1]), np.array([2, 0, 0]))),)),
    "scatter_add": (((3,),), (Index((np.array([1, 3, 1]),)), (4,))),
    "concatenate": (((2, 3), (1, 3)), (0,)),
    "stack": (((3,), (3,)), (1,)),
    "diag": (((3,),), ()),
    "inv": (((2, 2),), ()),
    "solve": (((2, 2), (2, 1)), ()),
    "det": (((3, 3),), ()),
    "cofactor": (((3, 3),), ()),
    "slogdet": (((2, 2),), ()),
    "cholesky": (((2, 2),), ()),
    "qr": (((3, 2),), ()),
    "svd": (((2, 3),), (False,)),
    "svdvals": (((2, 2),), (False,)),
    "eigh": (((2, 2),), (True,)),
    "eigvalsh": (((2, 2),), (False,)),
    "eig": (((2, 2),), ()),
    "eigvals": (((2, 2),), ()),
    "pinv": (((3, 2),), (1e-15, False)),
    "fft": (((2, 3),), ((1,), False)),
    "expm": (((2, 2),), ()),
    "sqrtm": (((2, 2),), ()),
    "solve_sylvester": (((2, 2), (1, 1), (2, 1)), ()),
}
"""Shapes of operands and parameters with which each array operation is tried."""


MATRICES = frozenset((
    "inv", "solve", "det", "cofactor", "slogdet", "cholesky", "qr", "svd", "svdvals", "eigh",
    "eigvalsh", "eig", "eigvals", "pinv", "sqrtm", "solve_sylvester",
))  # fmt: skip


def array_subject(name: str) -> Subject:
    """An array operation alone, at values without ties or zeros."""
    shapes, params = ARRAYS[name]
    args = [symbol(f"x{i}", shape) for i, shape in enumerate(shapes)]
    turned = name in ("conjugate", "real", "imag")
    made = node(name, tuple(a * (1 + 2j) for a in args) if turned else tuple(args), params)
    rng = np.random.default_rng(len(name))
    at = {a.name: rng.uniform(0.4, 1.9, a.shape) * rng.choice([-1, 1], a.shape) for a in args}
    if name in MATRICES:
        # Far from singular, positive enough for a factor, with values far from each other.
        at = {a: x + np.diag([4.0, 7.0, 9.0])[: x.shape[0], : x.shape[1]] for a, x in at.items()}
    f = node("real", (made,)) if made.dtype.kind == "c" else made
    return Subject(f, at, made)
