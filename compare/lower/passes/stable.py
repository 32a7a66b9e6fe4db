"""Rewrites that save digits, and leave every NaN and every infinity in its place.

Where a formula first adds 1 and then takes it away again, the digits of what is small are lost in
between. Each rule has the place of a NaN or an infinity in common with what it replaces, for
every operand: none of them makes finite what overflowed (that is `overflow`). What may change is
the sign of a zero where the operand is -0 (log(1 + -0) is 0, log1p(-0) is -0) and nothing but the
sign of a zero hangs on it; elsewhere 0 is added. What hangs on lost digits changes as it should:
1/log(1 + 1e-20) divides by 0, 1/log1p(1e-20) does not.

Not here, because no form keeps the places: log(softmax(x)), which is -inf where softmax underflows
and x - logsumexp(x) is not; (1 + x)**0.5 - 1, for power(-inf, 0.5) is inf; complex operands, for
which NumPy's log1p saves no digits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from compare.lower.passes.forms import in_place_of, is_number, opposite, other_than
from compare.lower.passes.sharing import Rule, rewrite_from, signed_zeros, uses
from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.walk import topological


def stable(outputs: Sequence[Expr], order: Sequence[Expr] | None = None) -> tuple[Expr, ...]:
    """The same outputs, with differences that cancel written as functions that do not.

    ======================  =======================================================
    written                 becomes
    ======================  =======================================================
    log(1 + x), log(1 - x)  log1p(x), log1p(0 - x)
    exp(x) - 1, 1 - exp(x)  expm1(x), 0 - expm1(x)
    1 - cos(x), cos(x) - 1  2*sin(x/2)**2, 0 - 2*sin(x/2)**2
    cosh(x) - 1             2*sinh(x/2)**2
    sqrt(1 + x) - 1         x/(sqrt(1 + x) + 1) up to x = 1, beyond it as it stands
    1/(1 + exp(-x))         sigmoid(x), where nothing else uses the sum
    1 - sigmoid(x)          sigmoid(-x)
    ======================  =======================================================

    Parameters
    ----------
    outputs : sequence of Expr
    order : sequence of Expr, optional
        The nodes below them, operands first, where that is known already.

    Returns
    -------
    tuple of Expr

    Notes
    -----
    Goldberg (1991), *What every computer scientist should know about floating-point arithmetic*,
    theorem 4, for log1p; Higham (2002), *Accuracy and stability of numerical algorithms*, 2nd
    ed., sections 1.7 (cosine) and 1.8 (differences of roots) and 1.14.1 (expm1). ``0 - x`` and
    not ``-x``, because 1 - exp(0) and log(1 - 0) are 0 and not -0.

    Examples
    --------
    >>> from diffexpr import parse
    >>> stable([parse("log(1 + x)"), parse("1 - cos(x)")])
    (log1p(x), 2*square(sin(0.5*x)))
    """
    order = topological(outputs) if order is None else order
    if not any(node.op in _CANCELLING for node in order):
        return tuple(outputs)

    # Both go through all of the graph, and most graphs have nothing that asks for them.
    @cache
    def used() -> Counter[Expr]:
        return uses(order, outputs)

    @cache
    def signed() -> set[Expr]:
        return signed_zeros(order)

    def unsigned(rule: Rule) -> Rule:
        def guarded(node: Expr, origin: Expr) -> Expr | None:
            found = rule(node, origin)
            if found is None or origin not in signed():
                return found
            core = found.args[0] if found.op == "broadcast_to" else found
            return apply("add", (found, 0)) if core.op in _ODD else found

        return guarded

    def quotient(node: Expr, origin: Expr) -> Expr | None:
        """1/(1 + exp(-x)) overflows in between, and its tail is 0 where sigmoid has digits."""
        below = node.args[-1]
        if below.op != "add":
            return None
        grown = other_than(below, 1)
        if grown is None or grown.op != "exp" or not _is_real(grown):
            return None
        if used()[origin.args[-1]] > 1:
            # The derivative of the quotient is made of its denominator, which stays.
            return None
        if node.op == "divide" and not is_number(node.args[0], 1):
            return None
        return in_place_of(node, apply("sigmoid", (opposite(grown.args[0]),)))

    rules = {op: unsigned(rule) for op, rule in _RULES.items()}
    return rewrite_from(order, outputs, {**rules, "divide": quotient, "reciprocal": quotient})


# What is -0 at -0, where the difference that it replaces is 0.
_ODD = frozenset(("log1p", "expm1", "where"))
_CANCELLING = frozenset(("log", "exp", "cos", "cosh", "sqrt", "sigmoid"))


def _is_real(x: Expr) -> bool:
    return x.dtype.kind == "f"


def _log(node: Expr, origin: Expr) -> Expr | None:
    (total,) = node.args
    if not _is_real(total):
        return None
    if total.op == "add":
        small = other_than(total, 1)
    elif total.op == "subtract" and is_number(total.args[0], 1):
        small = apply("subtract", (0, total.args[1]))
    else:
        return None
    return None if small is None else in_place_of(node, apply("log1p", (small,)))


def _add(node: Expr, origin: Expr) -> Expr | None:
    big = other_than(node, -1)
    if big is not None:
        return _less_one(node, big)
    big = other_than(node, 1)
    if big is not None and big.op == "negative":
        return _from_one(node, big.args[0])
    return None


def _subtract(node: Expr, origin: Expr) -> Expr | None:
    a, b = node.args
    if is_number(b, 1):
        return _less_one(node, a)
    return _from_one(node, b) if is_number(a, 1) else None


def _less_one(node: Expr, big: Expr) -> Expr | None:
    """``big - 1``."""
    if not _is_real(big):
        return None
    if big.op == "exp":
        return in_place_of(node, apply("expm1", big.args))
    if big.op == "cosh":
        return in_place_of(node, _twice_square("sinh", big.args[0]))
    if big.op == "cos":
        return in_place_of(node, apply("subtract", (0, _twice_square("sin", big.args[0]))))
    if big.op == "sqrt" and big.args[0].op == "add":
        x = other_than(big.args[0], 1)
        return None if x is None else in_place_of(node, _root_less_one(big, x))
    return None


def _from_one(node: Expr, big: Expr) -> Expr | None:
    """``1 - big``."""
    if not _is_real(big):
        return None
    if big.op == "exp":
        return in_place_of(node, apply("subtract", (0, apply("expm1", big.args))))
    if big.op == "cos":
        return in_place_of(node, _twice_square("sin", big.args[0]))
    if big.op == "sigmoid":
        return in_place_of(node, apply("sigmoid", (opposite(big.args[0]),)))
    return None


def _twice_square(name: str, x: Expr) -> Expr:
    """``2*sin(x/2)**2``, which is 1 - cos(x), or the same of sinh, which is cosh(x) - 1."""
    half = apply(name, (apply("multiply", (0.5, x)),))
    return apply("multiply", (2, apply("square", (half,))))


def _root_less_one(root: Expr, x: Expr) -> Expr:
    # The quotient is inf/inf at infinity; there, and wherever the root is far from 1, the
    # difference is right as it stands. (expm1(log1p(x)/2) has the places too, but of a large x
    # it loses as many digits as the logarithm has before the point.)
    quotient = apply("divide", (x, apply("add", (root, 1))))
    return apply("where", (apply("greater", (x, 1)), apply("subtract", (root, 1)), quotient))


_RULES: dict[str, Rule] = {"log": _log, "add": _add, "subtract": _subtract}
