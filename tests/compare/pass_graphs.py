"""Graphs and points on which passes are tried: edges, gradients of every row, random formulas."""

import numpy as np

from autodiff import reverse, rules
from diffexpr import CrossdiffError, Expr, constant, evaluate_all, pi, symbol
from diffexpr.apply import apply
from diffexpr.domains import CONDITION
from diffexpr.primitives import TABLE

EDGES = (
    0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 2.5, 7.0, 5e-324, -1e-310, 1e-160, 1e-20, 1e20, -1e155,
    1e300, -1.7e308, np.inf, -np.inf, np.nan,
)  # fmt: skip
"""Where functions change: zeros, units, what underflows or overflows, what is no number."""


def edges(kind=float) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.array(EDGES).astype(kind)


def values_of(graphs, kind=float) -> list[np.ndarray]:
    """The values at every pair of edges of the variables x and y."""
    x, y = (a.ravel() for a in np.meshgrid(edges(kind), edges(kind)))
    return [np.asarray(value) for value in evaluate_all(list(graphs), {"x": x, "y": y})]


def identical(one, other) -> bool:
    """Equal bit by bit, the sign of zero included; one NaN is like another."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    signs = np.signbit(one) == np.signbit(other)
    return bool(np.all((np.isnan(one) & np.isnan(other)) | ((one == other) & signs)))


def same_bits(before, after) -> bool:
    """Whether two graphs of x and y have the same values at the edges, in both precisions."""
    return all(
        identical(x, y)
        for kind in (float, np.float32)
        for x, y in zip(values_of(before, kind), values_of(after, kind), strict=True)
    )


def row_graphs(name: str, kind=float) -> list[Expr]:
    """A row of the table, its derivatives of first and second order, and what is made of it."""
    row = TABLE[name]
    operands = [
        symbol(n, dtype=bool if domain is CONDITION else kind)
        for n, domain in zip("abcd", row.domains, strict=False)
    ]
    f = apply(name, tuple(operands))
    graphs = [f]
    if row.kind == "bool":
        return graphs
    for i, operand in enumerate(operands):
        if operand.dtype.kind == "f" and rules.is_differentiable(name, i):
            slope = reverse.grad(f, operand.name)
            graphs.append(slope)
            try:
                graphs.append(reverse.grad(slope, operand.name))
            except CrossdiffError:
                continue  # a second derivative that has no closed form
    if operands[0].dtype.kind == "f":
        graphs += [f * f / (1 - f), (-f) ** 3 * 2, f**-0.5, f * 1 + 0.0]
    return graphs


UNARY = (
    "negative", "negative", "abs", "square", "exp", "sin", "cos", "tanh", "sigmoid", "softplus",
    "silu", "sqrt", "reciprocal", "log", "mish", "cosh",
)  # fmt: skip
BINARY = (
    "add", "subtract", "multiply", "multiply", "divide", "power", "where", "maximum",
)  # fmt: skip
NUMBERS = (
    0, 0.0, -0.0, 1, -1, 2, 0.5, -2.0, 3, 0.25, -4, 7, 1.5, 0.1, -0.5, -3, 1e300, np.inf, pi,
)  # fmt: skip
EXPONENTS = (2, 3, -1, -2, 0.5, -0.5, 1.5, 5, -3, 1, 0, 2.5, -1.5, 16)


def random_graphs(seed: int, kind=float) -> list[Expr]:
    """Three formulas of x, y and a condition c that share subexpressions, full of constants."""
    rng = np.random.default_rng(seed)
    x, y, c = symbol("x", dtype=kind), symbol("y", dtype=kind), symbol("c", dtype=bool)
    nodes = [x, y, c * x]

    def some(choices):
        return choices[int(rng.integers(len(choices)))]

    def operand():
        if rng.random() < 0.3:
            return constant(some(NUMBERS))
        return some(nodes[-5:]) if rng.random() < 0.7 else some(nodes[:2])

    for _ in range(int(rng.integers(3, 16))):
        op = some(UNARY) if rng.random() < 0.45 else some(BINARY)
        if op in UNARY:
            made = apply(op, (operand(),))
        elif op == "where":
            condition = some([c, operand(), apply("less", (operand(), operand()))])
            made = apply(op, (condition, operand(), operand()))
        elif op == "power":
            made = apply(op, (operand(), constant(some(EXPONENTS))))
        else:
            made = apply(op, (operand(), operand()))
        nodes.append(made)
    return nodes[-3:]
