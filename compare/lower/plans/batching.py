"""What a graph looks like when it is computed for many arguments at once.

Every parameter gets a leading axis, and so does every node that depends on one. How an operation
is written for a batch is in `batch_rules`, one rule for each form of operation. The method is that
of vectorising maps over programs: Bradbury et al. (2018), *JAX: composable transformations of
Python+NumPy programs*, ``vmap``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from compare.lower.plans.batch_rules import Operand, in_batch, spread
from compare.lower.plans.plan import Plan
from diffexpr import Expr, ExpressionValueError, symbol
from diffexpr.walk import topological


def batched(
    graphs: Sequence[Expr], parameters: Sequence[Expr], size: int
) -> tuple[tuple[Expr, ...], tuple[Expr, ...]]:
    """The same graphs for a batch of arguments.

    Parameters
    ----------
    graphs : sequence of Expr
    parameters : sequence of Expr
        Symbols. Any other symbol of the graphs is the same for the whole batch.
    size : int
        How many arguments there are; 0 is allowed.

    Returns
    -------
    graphs : tuple of Expr
        Each of shape ``(size, *shape)``; what depends on no parameter is repeated.
    parameters : tuple of Expr
        Symbols of the same names, of shape ``(size, *shape)``.

    Raises
    ------
    MissingRuleError
        If an operation has no form for a batch: one of a user's own that is not elementwise.
    ExpressionValueError
        If the size is not 0, 1, 2, ...

    Examples
    --------
    >>> from diffexpr import symbol
    >>> m, v = symbol("m", (2, 3)), symbol("v", 3)
    >>> (product,), (ms, vs) = batched([m @ v], [m, v], 5)
    >>> product.shape, ms.shape, vs.shape
    ((5, 2), (5, 2, 3), (5, 3))
    """
    if not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 0:
        raise ExpressionValueError(f"the size of a batch is 0, 1, 2, ..., got {size!r}")
    made = {p: symbol(p.name, (int(size), *p.shape), p.dtype) for p in parameters}
    leading = tuple(made[p] for p in parameters)
    for node in topological(graphs):
        if node in made or not any(arg in made for arg in node.args):
            continue
        operands = [Operand(made.get(arg, arg), arg.shape, arg in made) for arg in node.args]
        made[node] = in_batch(node, operands, int(size))
    return tuple(made[g] if g in made else spread(g, int(size)) for g in graphs), leading


def batched_plan(made: Plan, size: int) -> Plan:
    """A plan for a batch of arguments: every parameter and output gets a leading axis.

    Examples
    --------
    >>> from compare.lower.plans.plan import plan
    >>> found = batched_plan(plan(lambda u: u @ u, "grad", None, "reverse", ((3,),)), 8)
    >>> [p.shape for p in found.parameters], [o.shape for o in found.outputs]
    ([(8, 3)], [(8, 3)])
    """
    outputs, parameters = batched(made.outputs, made.parameters, size)
    subject = f"{made.subject}\nfor each of a batch of {size}"
    return replace(made, subject=subject, parameters=parameters, outputs=outputs)
