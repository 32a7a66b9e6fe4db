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
    lies_along,
    negated,
    opposite,
    other_than,
    square_root_of,
    terms,
    unwrapped,
)
from compare.lower.passes.sharing import Rule, rewrite_from
from diffexpr import Expr, constant
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

    The quotients are found also as a derivative writes them, ``exp(x)*(1/sum(exp(x))*g)``, and
    ``p*(1/p*g)`` is g for p a softmax or sigmoid, which is never 0 but for underflow.

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
        share = _share(above, below, below)
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
        if first.op not in _DIVIDED:
            continue
        factors = other.args if other.op == "multiply" else (other,)
        for i, factor in enumerate(factors):
            found = _times_quotient(first, factor)
            if found is None:
                continue
            for rest in (*factors[:i], *factors[i + 1 :]):
                found = rest if is_number(found, 1) else apply("multiply", (found, rest))
            if not is_number(found, 1):
                return in_place_of(node, found)
    return None


_DIVIDED = frozenset(("exp", "softmax", "sigmoid"))


def _times_quotient(first: Expr, factor: Expr) -> Expr | None:
    """exp(a) * (c/S) for S a sum with that exponential, and p * (c/p) for a share p > 0.

    Derivatives of log(S) and log(p) are made of these.
    """
    quotient = unwrapped(factor, first.shape)
    if quotient.op == "divide":
        above, below = quotient.args
    elif quotient.op == "reciprocal":
        above, below = constant(1), quotient.args[0]
    else:
        return None
    if factor is not quotient and not (is_number(above, 1) or above.shape == ()):
        return None
    if first.op != "exp":
        return above if below is first else None
    share = _share(first, below, factor)
    if share is not None:
        return share if is_number(above, 1) else apply("multiply", (share, above))
    if above.op == "divide" and is_number(above.args[0], 1) and not below.shape:
        # (1/S)/n, where S is a mean.
        share = _share(first, above.args[1], factor)
        return None if share is None else apply("divide", (share, below))
    return None


def _share(grown: Expr, total: Expr, lying: Expr) -> Expr | None:
    """exp(a)/S where S is a sum of which exp(a) is one term: softmax or sigmoid.

    ``lying`` is what stands beside the exponential: the sum, or a quotient by it, as it was
    reshaped and broadcast.
    """
    (a,) = grown.args
    if total.op == "add" and grown in total.args:
        other = total.args[0] if total.args[1] is grown else total.args[1]
        if is_number(other, 1):
            return apply("sigmoid", (a,))
        if other.op == "exp":
            return apply("sigmoid", (apply("subtract", (a, other.args[0])),))
        return None
    inner = unwrapped(total, grown.shape)
    if inner.op not in ("sum", "mean") or inner.args[0] is not grown:
        return None
    axes = inner.params[0]
    if not math.prod(grown.shape) or not lies_along(lying, grown.shape, axes):
        return None
    if len(axes) == 1:
        share = apply("softmax", (a,), axes)
    else:
        share = apply("exp", (apply("subtract", (a, apply("logsumexp", (a,), (axes, True)))),))
    count = math.prod(grown.shape[axis] for axis in axes)
    return share if inner.op == "sum" else apply("multiply", (share, count))


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
