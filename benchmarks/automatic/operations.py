"""How many arithmetic operations an expression stands for, every common one counted once.

What only moves numbers about is free; an elementwise operation costs one per element of its
result, a reduction of n elements to one n - 1. This is the measure of the bounds of Griewank and
Walther (2008), *Evaluating Derivatives*, section 4.6.
"""

import math

import numpy as np

from automatic.timing import race
from diffexpr import arrays, symbol
from diffexpr.walk import topological

MOVES = ("getitem", "reshape", "transpose", "broadcast_to", "concatenate", "stack", "diag")
FREE = frozenset(("symbol", "constant", *MOVES))
REDUCTIONS = frozenset(("sum", "prod", "max", "min"))


def operations(expr):
    """Operations of the whole graph below an expression."""
    return sum(map(_cost, topological(expr)))


def _cost(node):
    if node.op in FREE:
        return 0
    size = math.prod(node.shape)
    if node.op in REDUCTIONS:
        return math.prod(node.args[0].shape) - size
    if node.op == "scatter_add":  # zeros are free, additions are not
        return math.prod(node.args[0].shape)
    if node.op in arrays.TABLE:
        raise NotImplementedError(f"nobody has said what {node.op} costs")
    return size


def product(x):
    """Speelpenning's product by NumPy."""
    return np.prod(x)


def product_by_loop(x):
    """Speelpenning's product as he wrote it."""
    p = x[0]
    for i in range(1, len(x)):
        p = p * x[i]
    return p


def speelpenning(n, rounds):
    """Operations and times of both products and their gradients, one row for each."""
    import autodiff

    rows = []
    x = np.random.default_rng(1).uniform(0.9, 1.1, n)
    for f in (product, product_by_loop):
        v = symbol("x", shape=(n,))
        gradient = autodiff.grad(f)
        own, its = operations(f(v)), operations(gradient(v))
        calls = {"f": lambda f=f: f(x), "gradient": lambda gradient=gradient: gradient(x)}
        times = race(calls, rounds)
        exact = np.prod(x) / x
        rows.append(
            {
                "function": f"{f.__name__}, n = {n:,}",
                "operations": own,
                "of the gradient": its,
                "ratio": its / own,
                "ratio of times": times.ratio("gradient", "f"),
                "off": float(np.max(np.abs(gradient(x) / exact - 1))),
            }
        )
    return rows
