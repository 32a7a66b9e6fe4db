"""What a rule may ask about the graph around a node: who uses it, and what hangs on its zeros."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from compare.lower.passes.rebuilding import rebuilt
from diffexpr import Expr
from diffexpr.frozen import Frozen

Rule = Callable[[Expr, Expr], Expr | None]


def rewrite_from(
    order: Sequence[Expr], outputs: Sequence[Expr], rules: Mapping[str, Rule]
) -> tuple[Expr, ...]:
    """`rewrite` by a table of rules, each of which is also told which node it started from.

    Parameters
    ----------
    order : sequence of Expr
        The nodes below the outputs, operands first.
    outputs : sequence of Expr
    rules : mapping from operation to callable
        A rule takes the node with its operands rewritten, and the node of the given graph that it
        was, about which `uses` and `signed_zeros` know. It returns what takes its place, or None.
    """
    # Only what becomes another node is entered: most of a graph stays as it is.
    made: dict[Expr, Expr] = {}
    for node in order:
        now, args = node, node.args
        if made:
            for arg in args:
                if arg in made:
                    now = rebuilt(node, tuple([made.get(arg, arg) for arg in args]))
                    break
        if args and (rule := rules.get(now.op)) is not None:
            found = rule(now, node)
            if found is not None:
                now = found
        if now is not node:
            made[node] = now
    return tuple([made.get(output, output) for output in outputs])


def uses(order: Iterable[Expr], outputs: Sequence[Expr]) -> Counter[Expr]:
    """How often each node is an operand or an output."""
    return Counter(chain(outputs, chain.from_iterable(node.args for node in order)))


# Operations that carry the sign of a zero into the sign of a zero and into nothing else.
_CARRIERS = frozenset((
    "add", "subtract", "multiply", "negative", "square", "sqrt", "cbrt", "abs", "sign", "floor",
    "ceil", "round", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "logaddexp",
    "sin", "cos", "tan", "sec", "arcsin", "arccos", "arctan", "sinc", "hypot", "sinh", "cosh",
    "tanh", "sech", "arcsinh", "arctanh", "erf", "erfc", "erfi", "relu", "leaky_relu", "elu",
    "selu", "softplus", "sigmoid", "silu", "gelu", "gelu_tanh", "mish", "hardtanh", "softsign",
    "maximum", "minimum", "where", "clip", "less", "less_equal", "greater", "greater_equal",
    "equal", "not_equal", "logical_and", "logical_or", "logical_not", "heaviside", "sum",
    "mean", "prod", "max", "min", "logsumexp", "softmax", "cumsum", "sort", "norm", "matmul",
    "einsum", "transpose", "reshape", "broadcast_to", "getitem", "scatter_add", "concatenate",
    "stack", "diag",
))  # fmt: skip


def signed_zeros(order: Sequence[Expr]) -> set[Expr]:
    """The nodes of which the sign of a zero can decide about more than the sign of a zero.

    1/0 and 1/-0 are infinities apart, and a cut of the complex plane has two sides. A rewrite that
    may turn 0 into -0, and else changes nothing, is left undone at these nodes.
    """
    found: set[Expr] = set()
    for node in reversed(order):
        if node not in found and node.dtype.kind != "c":
            if node.op in _CARRIERS:
                continue
            if node.op == "divide":
                found.add(node.args[1])
                continue
            if node.op == "power" and _is_positive(node.args[1]):
                continue
        found.update(node.args)
    return found


def _is_positive(exponent: Expr) -> bool:
    value = exponent.params[0] if exponent.op == "constant" else 0
    return not isinstance(value, (Frozen, complex)) and value > 0
