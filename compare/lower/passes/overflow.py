"""Rewrites that make finite what overflowed on its way.

They are not harmless in the sense of the other passes: an infinity or a NaN, where exp(1000) or
1e200**2 stood in between, becomes the number that the formula means. Nothing else changes but
roundings, and infinite operands, of which a formula that subtracts may make NaN or not (of
(inf, 0), log(softmax) is NaN twice and x - logsumexp is NaN and -inf).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from compare.lower.passes.forms import (
    in_place_of,
    is_number,
    negated,
    opposite,
    other_than,
    square_root_of,
    terms,
)
from compare.lower.passes.shares import DIVIDED, share_of, share_times
from compare.lower.passes.sharing import Rule, rewrite_from
from diffexpr import Expr
from diffexpr.apply import apply
from diffexpr.frozen import Frozen
from diffexpr.walk import topological


def overflow(outputs: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same outputs, with exponentials and squares of sums that overflow in between written so
    that they do not.

    ================================  =================================
    written                           becomes
    ================================  =================================
    log(exp(a) + exp(b) + ...)        logaddexp(a, b) ...
    log(1 + exp(x)), log1p(exp(x))    softplus(x)
    log(c + exp(x)), c > 0            logaddexp(x, log(c))
    log(sum(exp(x)))                  logsumexp(x)
    log(mean(exp(x)))                 logsumexp(x) - log(n)
    log(exp(x))                       x
    log(softmax(x))                   x - logsumexp(x)
    log(sigmoid(x))                   -softplus(-x)
    exp(x)/sum(exp(x))                softmax(x)
    exp(a)/(exp(a) + exp(b))          sigmoid(a - b)
    exp(x)/(1 + exp(x))               sigmoid(x)
    1/(1 + exp(x))                    sigmoid(-x)
    (exp(x) - exp(-x))/2, with plus   sinh(x), cosh(x)
    sqrt(x**2 + y**2 + ...)           hypot(x, y) ...
    sqrt(sum(x**2))                   norm(x)
    ================================  =================================

    The quotients are found also as derivatives of logarithms have them:
    ``exp(x)*(1/sum(exp(x))*g)`` is a softmax times g, and ``p*(1/p*g)`` is g for p a softmax or
    sigmoid, which is never 0 but for underflow. The derivative of ``exp(x)/sum(exp(x))`` is not
    found; write softmax.

    Parameters
    ----------
    outputs : sequence of Expr

    Returns
    -------
    tuple of Expr

    Notes
    -----
    Blanchard, Higham and Higham (2021), *Accurately computing the log-sum-exp and softmax
    functions*, IMA Journal of Numerical Analysis 41, equations 1.1, 1.2 and algorithm 3.1; Moler
    and Morrison (1983), *Replacing square roots by Pythagorean sums*. Complex operands stay as
    they are.

    Examples
    --------
    >>> from diffexpr import parse
    >>> overflow([parse("log(1 + exp(x))"), parse("sqrt(x^2 + y^2)")])
    (softplus(x), hypot(x, y))
    """
    order = topological(outputs)
    if not any(node.op in _GROWING for node in order):
        return tuple(outputs)
    return rewrite_from(order, outputs, _RULES)


_GROWING = frozenset(("exp", "sqrt", "softmax", "sigmoid"))


def _log(node: Expr, origin: Expr) -> Expr | None:
    (inside,) = node.args
    rule = _LOGARITHMS.get(inside.op)
    if rule is None or inside.dtype.kind != "f":
        return None
    found = rule(inside)
    return None if found is None else in_place_of(node, found)


def _log_of_sum(total: Expr) -> Expr | None:
    """log(exp(a) + exp(b) + ...), where a positive number is an exponential, too."""
    parts = terms(total)
    if parts is None:
        return None
    exponents: list[Expr] = []
    known: list[float] = []
    for part in parts:
        if part.op == "exp":
            exponents.append(part.args[0])
        else:
            c = _positive_number(part)
            if c is None:
                return None
            known.append(c)
    if not exponents:
        return None
    if len(exponents) == 1 and known == [1]:
        return apply("softplus", (exponents[0],))
    found = exponents[0]
    for other in exponents[1:]:
        found = apply("logaddexp", (found, other))
    return apply("logaddexp", (found, math.log(math.fsum(known)))) if known else found


def _positive_number(node: Expr) -> float | None:
    if node.op != "constant" or isinstance(node.params[0], (Frozen, bool, complex)):
        return None
    value = float(node.params[0])
    return value if 0 < value < math.inf else None


def _log_of_total(total: Expr) -> Expr | None:
    """log(sum(exp(x))) and log(mean(exp(x)))."""
    (grown,) = total.args
    axes, keepdims = total.params
    count = math.prod(grown.shape[axis] for axis in axes)
    if grown.op != "exp" or not count:
        return None
    found = apply("logsumexp", grown.args, (axes, keepdims))
    return found if total.op == "sum" else apply("subtract", (found, math.log(count)))


def _log_of_softmax(share: Expr) -> Expr | None:
    (x,), (axis,) = share.args, share.params
    return apply("subtract", (x, apply("logsumexp", (x,), ((axis,), True))))


_LOGARITHMS = {
    "add": _log_of_sum,
    "sum": _log_of_total,
    "mean": _log_of_total,
    "exp": lambda grown: grown.args[0],
    "softmax": _log_of_softmax,
    "sigmoid": lambda y: negated(apply("softplus", (negated(y.args[0]),))),
}


def _log1p(node: Expr, origin: Expr) -> Expr | None:
    (grown,) = node.args
    if grown.op != "exp" or grown.dtype.kind != "f":
        return None
    return in_place_of(node, apply("softplus", grown.args))


def _root(node: Expr, origin: Expr) -> Expr | None:
    """The length of a vector whose entries are terms, or entries of an array."""
    (total,) = node.args
    if total.dtype.kind != "f":
        return None
    if total.op == "sum":
        entry = square_root_of(total.args[0])
        return None if entry is None else in_place_of(node, apply("norm", (entry,), total.params))
    parts = terms(total) if total.op == "add" else None
    if parts is None:
        return None
    sides: list[Expr] = []
    for part in parts:
        side = square_root_of(part)
        if side is None and is_number(part, 1):
            side = part
        if side is None:
            return None
        sides.append(side)
    found = sides[0]
    for side in sides[1:]:
        found = apply("hypot", (found, side))
    return in_place_of(node, found)


def _divide(node: Expr, origin: Expr) -> Expr | None:
    above, below = node.args
    if node.dtype.kind != "f":
        return None
    if above.op == "exp":
        share = share_of(above, below)
        return None if share is None else in_place_of(node, share)
    if below.op == "add" and is_number(above, 1):
        grown = other_than(below, 1)
        if grown is None or grown.op != "exp":
            return None
        return in_place_of(node, apply("sigmoid", (opposite(grown.args[0]),)))
    if is_number(below, 2):
        found = _half_of(above)
        return None if found is None else in_place_of(node, found)
    return None


def _multiply(node: Expr, origin: Expr) -> Expr | None:
    if node.dtype.kind != "f":
        return None
    half = other_than(node, 0.5)
    if half is not None:
        found = _half_of(half)
        return None if found is None else in_place_of(node, found)
    for first, other in (node.args, node.args[::-1]):
        if first.op in DIVIDED:
            found = share_times(first, other)
            if found is not None:
                return in_place_of(node, found)
    return None


def _half_of(total: Expr) -> Expr | None:
    """(exp(x) - exp(-x))/2 and (exp(x) + exp(-x))/2."""
    if total.op not in ("add", "subtract"):
        return None
    a, b = total.args
    if a.op != "exp" or b.op != "exp":
        return None
    x, y = a.args[0], b.args[0]
    if negated(y) is not x and negated(x) is not y:
        return None
    return apply("cosh" if total.op == "add" else "sinh", (x,))


_RULES: dict[str, Rule] = {
    "log": _log,
    "log1p": _log1p,
    "sqrt": _root,
    "divide": _divide,
    "multiply": _multiply,
}
