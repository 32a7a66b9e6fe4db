"""Values that are near at hand: what one function has worked out for another that needs it too."""

from __future__ import annotations

from collections.abc import Sequence

from compare.lower.passes.intervals import literal
from compare.lower.passes.rebuilding import replaced
from compare.lower.passes.signs import Signs
from diffexpr import Expr, constant
from diffexpr.apply import apply
from diffexpr.walk import topological

# Of so many nodes one must be written the other way round for the graph to be gone through for it.
_ONE_IN = 100

# The largest k for which exp(k*x) is taken from exp(x): its error grows k times.
_LARGEST_MULTIPLE = 3

# exp(-x) is 1/exp(x) where neither overflows or loses digits to underflow, in float32 either.
_SAFE = 80.0

_LOGISTIC = frozenset(("sigmoid", "softplus", "silu", "mish"))
_COMMUTATIVE = frozenset(("add", "multiply"))


def reuse(outputs: Sequence[Expr], order: Sequence[Expr] | None = None) -> tuple[Expr, ...]:
    """The same outputs, with less worked out twice.

    - ``a*b`` and ``b*a``, ``a + b`` and ``b + a`` become one node.
    - ``sigmoid``, ``softplus``, ``silu`` and ``mish`` of x and of -x share ``exp(-abs(x))``, from
      which each comes to the same bits as alone.
    - ``exp(2*x)`` and ``exp(3*x)`` become products where ``exp(x)`` occurs, and ``exp(-x)`` its
      reciprocal, but that only where x is known to be of moderate size: beyond 709 the one has
      overflowed, and the other is not zero yet.

    Left alone is what would cancel: ``sinh`` and ``cosh`` from ``exp`` near 0, ``sech(x)**2``
    from ``1 - tanh(x)**2`` far from it, ``exp`` from ``expm1``.

    Parameters
    ----------
    outputs : sequence of Expr
    order : sequence of Expr, optional
        The nodes below them, operands first, where that is known already.

    Returns
    -------
    tuple of Expr

    Examples
    --------
    >>> from diffexpr import parse
    >>> reuse([parse("x*y + exp(2*x)/(y*x)"), parse("exp(x)")])
    (x*y + square(exp(x))/(x*y), exp(x))
    """
    order = topological(outputs) if order is None else order
    rules = _Rules(order)
    return replaced(order, outputs, rules.choose) if rules.apply_somewhere else tuple(outputs)


class _Rules:
    """What occurs in a graph, and what each node becomes because of it.

    Attributes
    ----------
    apply_somewhere : bool
        False where no node would change.
    """

    def __init__(self, order: Sequence[Expr]) -> None:
        self._signs = Signs()
        logistic: dict[object, int] = {}
        exponents: set[Expr] = set()
        pairs: set[tuple[Expr, Expr, str]] = set()
        commuted = 0
        for node in order:
            op = node.op
            if op in _COMMUTATIVE:
                a, b = node.args
                commuted += a is not b and (b, a, op) in pairs
                pairs.add((a, b, op))
            elif op == "exp":
                exponents.add(node.args[0])
            elif op in _LOGISTIC:
                key = _unsigned(node.args[0])
                logistic[key] = logistic.get(key, 0) + 1
        self._commuted = commuted > 0
        self._exponents = exponents
        self._logistic = {key for key, count in logistic.items() if count > 1}
        multiples = any(_source(x, exponents) is not None for x in exponents)
        worthwhile = commuted * _ONE_IN > len(order)
        self.apply_somewhere = worthwhile or multiples or bool(self._logistic)
        self._pairs: dict[tuple[Expr, Expr, str], Expr] = {}
        self._decays: dict[object, Expr] = {}

    def choose(self, node: Expr, args: tuple[Expr, ...]) -> Expr | None:
        """What takes the place of a node, from its operands as they are now."""
        op = node.op
        if op in _COMMUTATIVE:
            return self._ordered(op, *args) if self._commuted else None
        if op == "exp":
            return self._exponential(node, args[0])
        if op in _LOGISTIC and _unsigned(node.args[0]) in self._logistic:
            return self._from_decay(node, args[0])
        return None

    def _ordered(self, op: str, a: Expr, b: Expr) -> Expr | None:
        found = self._pairs.get((b, a, op))
        if found is None:
            self._pairs[a, b, op] = apply(op, (a, b))
        return found

    def _exponential(self, node: Expr, x: Expr) -> Expr | None:
        source = _source(node.args[0], self._exponents)
        if source is None or not self._signs.is_floating(x):
            return None
        k, inner = source
        # The operand as it is now: this pass leaves signs and factors where they were.
        now = x.args[0] if x.op == "negative" else x.args[1]
        moderate = self._signs.of(now).within(_SAFE / _LARGEST_MULTIPLE)
        if k < 0 and not moderate:
            return None
        if inner.op == "negative":
            # exp(-y), which has become 1/exp(y) itself where that occurs and y is moderate.
            inverse = moderate and inner.args[0] in self._exponents
            base = apply("exp", (now if inverse else apply("negative", (now,)),))
        else:
            inverse = k < 0
            base = apply("exp", (now,))
        if inverse:
            base = apply("divide", (constant(1), base))
        made = base if abs(k) == 1 else apply("square", (base,))
        return apply("multiply", (made, base)) if abs(k) == 3 else made

    def _from_decay(self, node: Expr, x: Expr) -> Expr | None:
        if node.dtype.kind != "f" or not self._signs.is_floating(x):
            return None
        key = _unsigned(node.args[0])
        bare = x.args[0] if x.op == "negative" else x
        decay = self._decays.get(key)
        if decay is None:
            decay = apply("exp", (apply("negative", (apply("abs", (bare,)),)),))
            self._decays[key] = decay
        positive = apply("greater" if bare is x else "less", (bare, constant(0)))
        if node.op in ("sigmoid", "silu"):
            upper = apply("where", (positive, constant(1), decay))
            made = apply("divide", (upper, apply("add", (constant(1), decay))))
            return made if node.op == "sigmoid" else apply("multiply", (x, made))
        tail = apply("log1p", (decay,))
        made = apply("where", (positive, apply("add", (x, tail)), tail))
        return made if node.op == "softplus" else apply("multiply", (x, apply("tanh", (made,))))


def _unsigned(x: Expr) -> object:
    """What an operand has in common with its negative."""
    if x.op == "negative":
        x = x.args[0]
    # a - b is the negative of b - a, to the last bit.
    return frozenset(x.args) if x.op == "subtract" else x


def _source(x: Expr, exponents: set[Expr]) -> tuple[int, Expr] | None:
    """Of the exponent ``k*y``: k, and y or -y, whose exponential there is as well."""
    if x.op == "negative":
        return (-1, x.args[0]) if x.args[0] in exponents else None
    if x.op != "multiply":
        return None
    k, y = literal(x.args[0]), x.args[1]
    if k is None or not 2 <= abs(k) <= _LARGEST_MULTIPLE or not float(k).is_integer():
        return None
    opposite = apply("negative", (y,))
    if k < 0 and opposite in exponents:
        return int(-k), opposite
    return (int(k), y) if y in exponents else None
