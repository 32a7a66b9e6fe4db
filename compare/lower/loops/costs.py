"""What NumPy's elementwise operations cost per element, for deciding what pays.

Nanoseconds an element for float64 arrays in the cache, as NumPy 2.4 takes them on a processor
with AVX-512. Only their rough proportions matter: on other processors all of them are larger.
"""

from __future__ import annotations

from collections.abc import Iterable

from diffexpr import Expr

_PLAIN = 0.25
_UNKNOWN = 8.0
_COSTS = {
    0.25: (
        "add subtract multiply negative square abs sign maximum minimum floor ceil round less "
        "less_equal greater greater_equal equal not_equal logical_and logical_or logical_not "
        "logical_xor"
    ),
    0.7: "divide reciprocal sqrt where heaviside clip",
    1.2: "exp exp2 expm1 log log2 log10 log1p cbrt arctan sinh tan",
    2.2: "tanh cosh arcsinh arctanh arctan2 power arccosh mod",
    6.0: "sin cos arcsin arccos hypot",
    11.0: "logaddexp",
}
_ENTRY = 0.08
_MOVES = frozenset(("stack", "getitem", "scatter_add", "sum", "mean", "max", "min", "matmul"))
_BY_OP = {op: cost for cost, ops in _COSTS.items() for op in ops.split()}

THREAD_NANOSECONDS = 4_000_000.0
"""Work above which a second thread pays for being started."""

LEAST = 131072
"""Points from which blocks and working arrays pay against plain NumPy."""

LEAST_ARRAY = 32768
"""The same for an array amid other operations, whose loop has to be started anew."""

CACHE_BYTES = 8_000_000
"""The part of the last cache that the arrays of one block may fill.

A block that fits the second-level cache would be shorter. It would lose more than it gains by the
0.5 microseconds that every call of a function takes, and with threads by the time in which one
wakes to take the interpreter's lock from another.
"""

SMALLEST_BLOCK, LARGEST_BLOCK = 4096, 49152


def per_element(nodes: Iterable[Expr]) -> float:
    """Nanoseconds that one element takes to go through the nodes."""
    return sum(map(_of_one, nodes), _PLAIN)


def _of_one(node: Expr) -> float:
    if node.op == "matmul" and len(node.args[0].shape) == 2:
        return _ENTRY * node.args[0].shape[0] * node.args[0].shape[1]
    return _BY_OP.get(node.op, _PLAIN if node.op in _MOVES else _UNKNOWN)


def block_size(arrays: int) -> int:
    """Elements of a block, so that so many arrays of 8 bytes an element fit the cache."""
    fitting = CACHE_BYTES // (8 * max(arrays, 1)) // 1024 * 1024
    return min(max(fitting, SMALLEST_BLOCK), LARGEST_BLOCK)
