"""Random expressions over the whole language, for Hypothesis."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from diffexpr import Expr, constant, e, pi, symbol
from diffexpr import functions as f
from diffexpr.arrays import TABLE as ARRAY_ROWS
from diffexpr.build import node
from diffexpr.errors import CrossdiffError
from diffexpr.indexing import normal_index
from diffexpr.primitives import TABLE

# Names that a text could take for something else are among the variables on purpose.
SCALARS = [symbol(name) for name in ("x", "y", "w_1", "beta", "t1", "e", "pi", "inf", "sin", "np")]
ARRAYS = [symbol("v", 3), symbol("A", (2, 3)), symbol("B", (3, 3)), symbol("z", (), complex)]
CONDITIONS = [symbol("c", (), bool), symbol("d", 3, bool)]
SYMBOLS = (*SCALARS, *ARRAYS, *CONDITIONS)

NUMBERS = st.one_of(
    st.integers(-(2**64), 2**64),
    st.integers(-3, 3),
    st.floats(width=64),
    st.booleans(),
    st.complex_numbers(),
    st.sampled_from([0.0, -0.0, 0.5, 0.01, 1.0, math.inf, -math.inf, math.nan, 2j]),
)
DTYPES = st.sampled_from(["bool", "float16", "float32", "float64", "complex64", "complex128"])


@st.composite
def literals(draw) -> Expr:
    """An array of any dtype and shape, any bits."""
    shape = draw(st.sampled_from([(), (3,), (2, 3), (3, 3), (0,), (0, 3), (1, 2, 2)]))
    dtype = np.dtype(draw(DTYPES))
    count = math.prod(shape) * dtype.itemsize
    raw = draw(st.binary(min_size=count, max_size=count))
    if dtype.kind == "b":
        raw = bytes(b & 1 for b in raw)
    return constant(np.frombuffer(raw, dtype).reshape(shape))


LEAVES = st.one_of(
    st.sampled_from(SYMBOLS),
    st.sampled_from([pi, e]),
    NUMBERS.map(constant),
    literals(),
)
BY_ARITY = {n: sorted(name for name, row in TABLE.items() if row.arity == n) for n in (1, 2, 3)}


@st.composite
def _index(draw, shape):
    items = []
    for n in shape:
        kind = draw(st.sampled_from(["all", "at", "slice", "list", "new"]))
        if kind == "new":
            items.append(None)
            kind = "all"
        if kind == "at" and n:
            items.append(draw(st.integers(-n, n - 1)))
        elif kind == "list" and n:
            items.append(np.array(draw(st.lists(st.integers(-n, n - 1), max_size=3)), dtype=int))
        elif kind == "slice":
            bound = st.none() | st.integers(-4, 4)
            step = draw(st.none() | st.sampled_from([-2, -1, 1, 2]))
            items.append(slice(draw(bound), draw(bound), step))
        else:
            items.append(slice(None))
    return tuple(items)


@st.composite
def _array_operation(draw, x: Expr, y: Expr) -> Expr:
    op = draw(st.sampled_from(sorted(_OPERATIONS)))
    return _OPERATIONS[op](draw, x, y)


def _axes(draw, x):
    if not x.shape:
        return None
    axis = st.integers(-x.ndim, x.ndim - 1)
    pairs = st.sampled_from([(), (0,), (0, 1)[: x.ndim]])
    return draw(st.none() | axis | pairs)


def _scatter(draw, x, y):
    shape = draw(st.sampled_from([(3,), (2, 3), (4, 1, 2)]))
    chosen = normal_index(draw(_index(shape)), shape)
    selected = ARRAY_ROWS["getitem"].shape([shape], (chosen,))
    return node("scatter_add", (f.broadcast_to(x, selected),), (chosen, shape))


def _reduction(reduce):
    return lambda draw, x, y: reduce(x, axis=_axes(draw, x), keepdims=draw(st.booleans()))


_OPERATIONS = {
    **{
        reduce.__name__: _reduction(reduce)
        for reduce in (f.sum, f.mean, f.prod, f.max, f.min, f.logsumexp, f.norm)
    },
    "softmax": lambda draw, x, y: f.softmax(x, draw(st.sampled_from([-1, 0]))),
    "cumsum": lambda draw, x, y: f.cumsum(x, draw(st.sampled_from([None, 0, -1]))),
    "sort": lambda draw, x, y: f.sort(x, draw(st.sampled_from([0, -1]))),
    "astype": lambda draw, x, y: f.astype(x, draw(st.sampled_from(["float32", "float64"]))),
    "matmul": lambda draw, x, y: x @ y,
    "dot": lambda draw, x, y: f.dot(x, y),
    "outer": lambda draw, x, y: f.outer(x, y),
    "einsum": lambda draw, x, y: f.einsum(
        draw(st.sampled_from(["ij,j->i", "ij,ij", "i,j->ji", "ii,j->j", "...,...->..."])), x, y
    ),
    "transpose": lambda draw, x, y: f.transpose(x, draw(st.permutations(range(x.ndim)))),
    "reshape": lambda draw, x, y: f.reshape(
        x, draw(st.sampled_from([(x.size,), (1, x.size), (1,) * x.ndim, (x.size, 1, 1)]))
    ),
    "broadcast_to": lambda draw, x, y: f.broadcast_to(x, (2, *x.shape)),
    "getitem": lambda draw, x, y: x[draw(_index(x.shape))],
    "scatter_add": _scatter,
    "concatenate": lambda draw, x, y: f.concatenate([x, y, x], draw(st.sampled_from([0, -1]))),
    "stack": lambda draw, x, y: f.stack([x, y], draw(st.sampled_from([0, -1]))),
    "diag": lambda draw, x, y: f.diag(x),
    "trace": lambda draw, x, y: f.trace(x),
}


@st.composite
def expressions(draw, size: int = 12) -> Expr:
    """An expression that may use each earlier node several times."""
    nodes = [draw(LEAVES) for _ in range(draw(st.integers(1, 4)))]
    for _ in range(draw(st.integers(0, size))):
        x, y, z = (draw(st.sampled_from(nodes)) for _ in range(3))
        kind = draw(st.sampled_from(["unary", "binary", "binary", "ternary", "array", "leaf"]))
        try:
            if kind == "leaf":
                made = draw(LEAVES)
            elif kind == "array":
                made = draw(_array_operation(x, y))
            else:
                arity = {"unary": 1, "binary": 2, "ternary": 3}[kind]
                made = node(draw(st.sampled_from(BY_ARITY[arity])), (x, y, z)[:arity])
        except CrossdiffError:
            continue
        nodes.append(made)
    return nodes[-1]
