"""Who is asked for the value and gradient of an expression at many points, and how.

Each takes an `Expression`, its points and a number of threads, prepares, and returns a call
without arguments that gives arrays, in a list or in tuples: the value and the partial derivatives.
Who works on one thread in any case takes no notice of the number.
"""

import functools
import importlib.metadata
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from lowered.by_hand import BY_HAND

PIP = "pip install 'crossdiff[bench]'"
PEERS = ("jax", "torch", "numexpr", "numba", "casadi", "symengine", "autograd")
"""What the ``bench`` group brings; SymPy's lambdify is always there."""


def crossdiff(expression, points, threads, block=None):
    from compare.lower import lower

    f = functools.partial(expression.program, np)
    positions = expression.positions
    lowered = lower(f, "value_and_grad", positions, "reverse", threads=threads, block=block)
    return lambda: lowered(*points)


def plain(expression, points, threads=1):
    """The same program line by line on whole arrays."""
    return crossdiff(expression, points, 1, block=0)


def by_hand(expression, points, threads=1):
    f = BY_HAND[expression.name]
    return lambda: f(*points)


def by_lambdify(expression, points, threads=1):
    from lowered.formulas import printed

    f = printed(expression.name)
    return lambda: f(*points)


def by_numexpr(expression, points, threads):
    """One call for each common subexpression: faster than a call for each output, and without the
    bound that numexpr sets to the length of one text.
    """
    import numexpr

    from lowered.formulas import steps

    names, common, outputs = steps(expression.name)
    numexpr.set_num_threads(threads)

    def run():
        known = dict(zip(names, points, strict=True))
        for name, text in common:
            known[name] = numexpr.evaluate(text, known)
        return [numexpr.evaluate(text, known) for text in outputs]

    return run


def by_numba(expression, points, threads):
    """The text of lambdify, compiled: numba fuses its array operations into parallel loops."""
    import numba

    from lowered.formulas import printed

    numba.set_num_threads(threads)
    f = numba.njit(parallel=True)(printed(expression.name))
    return lambda: f(*points)


def by_jax(expression, points, threads):
    """Compiled for all points at once, which lie where it wants them; it is waited for.

    Its threads are as many as processors that this process may use.
    """
    import jax
    from automatic.dialects import of_jax

    of_jax()
    f = functools.partial(expression.program, jax.numpy)
    both = jax.jit(jax.vmap(jax.value_and_grad(f, expression.positions)))
    there = [jax.numpy.asarray(x) for x in points]
    return lambda: jax.block_until_ready(both(*there))


def by_torch(expression, points, threads):
    import torch

    torch.set_num_threads(threads)
    seed = torch.ones(len(points[0]), dtype=torch.float64)

    def run():
        leaves = [torch.from_numpy(x).requires_grad_() for x in points]
        value = expression.program(torch, *leaves)
        value.backward(seed)
        return [value.detach(), *(leaf.grad for leaf in leaves)]

    return run


def by_autograd(expression, points, threads=1):
    import autograd.numpy as anp
    from autograd import make_vjp

    f = functools.partial(expression.program, anp)
    pull: Callable[..., Any] = make_vjp(f, expression.positions)
    seed = np.ones(len(points[0]))

    def run():
        back, value = pull(*points)
        return [value, *back(seed)]

    return run


ASK = {
    "crossdiff": crossdiff,
    "by hand": by_hand,
    "lambdify": by_lambdify,
    "numexpr": by_numexpr,
    "numba": by_numba,
    "jax": by_jax,
    "torch": by_torch,
    "autograd": by_autograd,
}


def absent():
    """The peers that are not installed."""
    return [name for name in PEERS if importlib.util.find_spec(name) is None]


def versions():
    """Of the peers that are."""
    there = [name for name in (*PEERS, "sympy") if name not in absent()]
    return {name: importlib.metadata.version(name) for name in there}
