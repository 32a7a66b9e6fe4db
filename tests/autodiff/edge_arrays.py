"""Edges of functions of arrays: norms, products with zeros, ties, nothing at all, selections."""

from __future__ import annotations

import math

import numpy as np
from edges import Edge, Group

from diffexpr import logsumexp, norm, softmax

INF, NAN, R = math.inf, math.nan, math.sqrt(0.5)

# fmt: off
length = Group("Norms")
length("norm(x)", np.linalg.norm, [0.0, 0.0], ([0, 0], [[NAN, NAN], [NAN, NAN]]), "convention",
       "the middle of all directions; the direction turns at once, so no second derivative")
length("norm(x)", np.linalg.norm, [0.0], ([0],), "convention", "|x|")
length("norm(x)", np.linalg.norm, [3.0, 0.0], ([1, 0], [[0, 0], [0, 1 / 3]]), "exact",
       "x/r, and (1 - u u')/r")
length("sum(norm(x, axis=1))", lambda x: np.sum(np.linalg.norm(x, axis=1)),
       [[0.0, 0.0], [3.0, 4.0]], ([[0, 0], [0.6, 0.8]],), "convention",
       "each row by itself: a row at 0 spoils no other")
length("norm(x)**2", lambda x: np.linalg.norm(x) ** 2, [0.0, 0.0], ([0, 0],), "exact", "2x")
length("norm(x - x)", lambda x: np.linalg.norm(x - x), [1.0, 2.0], ([0, 0],), "exact", "constant")
length("norm(x)", norm, [1e200, 1e200], ([R, R],), "exact", "x/r, though x^2 overflows")
length("norm(x)", norm, [3e-200, 4e-200], ([0.6, 0.8],), "exact",
       "x/r, though x^2 is below the smallest number")
length("sqrt(sum(x**2))", lambda x: np.sqrt(np.sum(x**2)), [0.0, 0.0], ([NAN, NAN],), "undefined",
       "a cone has no slope at its tip; norm has the convention 0")
length("norm(x, 1)", lambda x: norm(x, 1), [0.0, -2.0], ([0, -1],), "convention", "sum of abs")
length("norm(x, inf)", lambda x: norm(x, np.inf), [2.0, -2.0], ([0.5, -0.5],), "convention",
       "a tie is shared")

product = Group("Products and powers of arrays with zeros")
product("prod(x)", np.prod, [2.0, 3.0, 4.0], ([12, 8, 6], [[0, 4, 3], [4, 0, 2], [3, 2, 0]]),
        "exact", "the product of the others")
product("prod(x)", np.prod, [0.0, 3.0, 4.0], ([12, 0, 0], [[0, 4, 3], [4, 0, 0], [3, 0, 0]]),
        "exact", "the product of the others; no division by 0")
product("prod(x)", np.prod, [0.0, 0.0, 4.0], ([0, 0, 0], [[0, 4, 0], [4, 0, 0], [0, 0, 0]]),
        "exact", "all but two of them")
product("prod(x)", np.prod, [0.0, 0.0, 0.0], ([0, 0, 0], np.zeros((3, 3))), "exact",
        "the product of what is left")
product("prod(x)", np.prod, [-0.0, 5.0], ([5, 0], [[0, 1], [1, 0]]), "exact", "the other one")
product("prod(x)", np.prod, [INF, 2.0], ([2, INF],), "exact", "the other one")
product("multiply.reduce(x)", np.multiply.reduce, [0.0, 3.0], ([3, 0], [[0, 1], [1, 0]]), "exact",
        "the other one")
product("prod(x, axis=0)", lambda x: np.prod(x, axis=0), [[0.0, 1.0], [0.0, 2.0]],
        ([[[0, 0], [0, 0]], [[0, 2], [0, 1]]],), "exact", "each column by itself")
product("cumprod(x)", np.cumprod, [2.0, 0.0, 3.0], ([[1, 0, 0], [0, 2, 0], [0, 6, 0]],), "exact",
        "of the factors so far, the product of the others")
product("cumprod(x)", np.cumprod, [0.0, 0.0, 3.0], ([[1, 0, 0], [0, 0, 0], [0, 0, 0]],), "exact",
        "two zeros: 0 * 3 and 0 * 3")
product("sum(cumprod(x))", lambda x: np.sum(np.cumprod(x)), [0.0, 0.0, 3.0],
        ([1, 0, 0], [[0, 4, 0], [4, 0, 0], [0, 0, 0]]), "exact",
        "a + ab + abc: (1 + b + bc, a + ac, ab), and 1 + c in the corner")

product("sum(x**[0, 1, 2, 3])", lambda x: np.sum(x ** np.array([0.0, 1.0, 2.0, 3.0])), [0.0] * 4,
        ([0, 1, 0, 0], np.diag([0, 0, 2, 0])), "exact", "each power by itself, 0^0 = 1")
product("sum(x**[0, 1, 2, 3])", lambda x: np.sum(x ** np.arange(4)), [-2.0] * 4,
        ([0, 1, -4, 12], np.diag([0, 0, 2, -12])), "exact", "n x^(n-1), n (n-1) x^(n-2)")
product("x**[[0], [2]]", lambda x: x ** np.array([[0], [2]]), [0.0, 3.0],
        ([[[0, 0], [0, 0]], [[0, 0], [0, 6]]],), "exact", "powers down, x across")

tie = Group("Ties")
tie("max(x)", np.max, [1.0, 1.0], ([0.5, 0.5], np.zeros((2, 2))), "convention", "shared equally")
tie("max(x)", np.max, [5.0, 5.0, 5.0], ([1 / 3] * 3, np.zeros((3, 3))), "convention",
    "shared equally")
tie("max(x)", np.max, [2.0, 1.0, 2.0], ([0.5, 0, 0.5],), "convention", "by those that attain it")
tie("min(x)", np.min, [2.0, 1.0, 1.0], ([0, 0.5, 0.5],), "convention", "by those that attain it")
tie("max(x, axis=1)", lambda x: np.max(x, axis=1), [[1.0, 1.0], [1.0, 2.0]],
    ([[[0.5, 0.5], [0, 0]], [[0, 0], [0, 1]]],), "convention", "each row by itself")
tie("max(x)", np.max, [INF, 1.0], ([1, 0],), "exact", "the largest")
tie("max(x)", np.max, [INF, INF], ([0.5, 0.5],), "convention", "infinities tie as well")
tie("max(x)", np.max, [-0.0, 0.0], ([0.5, 0.5],), "convention", "-0 = 0")
tie("max(x)", np.max, [1.0, NAN], ([NAN, NAN],), "undefined", "the value is NaN")
tie("max(x, axis=1)[1]", lambda x: np.max(x, axis=1)[1], [[1.0, NAN], [1.0, 2.0]],
    ([[0, 0], [0, 1]],), "exact", "NaN in another row spoils nothing")
tie("max(x)**2", lambda x: np.max(x) ** 2, [3.0, 3.0], ([3, 3], [[0.5, 0.5], [0.5, 0.5]]),
    "convention", "2m times the shares; 2 times their products")
tie("sort(x)", np.sort, [1.0, 1.0], ([[1, 0], [0, 1]],), "convention",
    "equal elements keep their order")
tie("sort(x)", np.sort, [3.0, 1.0, 2.0], ([[0, 1, 0], [0, 0, 1], [1, 0, 0]],), "exact",
    "a permutation")
tie("sum(sort(x))", lambda x: np.sum(np.sort(x)), [1.0, 1.0], ([1, 1], np.zeros((2, 2))), "exact",
    "the sum of all, in whatever order")
tie("median of three", lambda x: np.sort(x)[1], [2.0, 2.0, 1.0], ([1, 0, 0],), "convention",
    "the first of the equal ones, as a stable sort has it")

weight = Group("Sums of exponentials")
weight("logsumexp(x)", logsumexp, [-INF, 0.0], ([0, 1], np.zeros((2, 2))), "one-sided",
       "weights e^x over their sum")
weight("logsumexp(x)", logsumexp, [-INF, -INF], ([0, 0],), "convention",
       "from -inf no finite step leads anywhere")
weight("logsumexp(x)", logsumexp, [INF, 0.0], ([1, 0],), "one-sided", "the limit of the weights")
weight("logsumexp(x)", logsumexp, [INF, INF], ([0.5, 0.5],), "convention",
       "a tie is shared, as max has it")
weight("logsumexp(x)", logsumexp, [1e308, 0.0], ([1, 0],), "exact", "no overflow")
weight("logsumexp(x)", logsumexp, [1e16, 1e16], ([0.5, 0.5], [[0.25, -0.25], [-0.25, 0.25]]),
       "exact", "the value rounds to 1e16; the weights sum to 1 all the same")
weight("logsumexp(x)", logsumexp, [1000.0, 1000.0], ([0.5, 0.5], [[0.25, -0.25], [-0.25, 0.25]]),
       "exact", "w, and diag(w) - w w'")
weight("logsumexp(x, axis=1)[1]", lambda x: logsumexp(x, axis=1)[1], [[-INF, -INF], [0.0, 0.0]],
       ([[0, 0], [0.5, 0.5]],), "exact", "a row at -inf spoils no other")
weight("softmax(x)", softmax, [1000.0, 0.0], ([[0, 0], [0, 0]],), "exact", "diag(w) - w w'")
weight("softmax(x)", softmax, [1e308, -1e308], ([[0, 0], [0, 0]],), "exact",
       "the difference overflows, its exponential is 0")
weight("softmax(x)", softmax, [1e308, 1e308], ([[0.25, -0.25], [-0.25, 0.25]],), "exact",
       "equal, however large")
weight("softmax(x)", softmax, [-INF, 0.0], ([[0, 0], [0, 0]],), "one-sided", "diag(w) - w w'")

pick = Group("Selections")
pick("sum(x[[0, 0, 1]])", lambda x: np.sum(x[[0, 0, 1]]), [1.0, 2.0], ([2, 1], np.zeros((2, 2))),
     "exact", "an element taken twice counts twice")
pick("x[[0, 0, 1]]**2", lambda x: x[[0, 0, 1]] ** 2, [1.0, 2.0],
     ([[2, 0], [2, 0], [0, 4]],), "exact", "2x, row by row")
pick("prod(x[[0, 0, 1]])", lambda x: np.prod(x[[0, 0, 1]]), [3.0, 2.0],
     ([12, 9], [[4, 6], [6, 0]]), "exact", "a a b")
pick("x[[-1, 0], [0, -1]]", lambda x: x[[-1, 0], [0, -1]], [[1.0, 2.0], [3.0, 4.0]],
     ([[[0, 0], [1, 0]], [[0, 1], [0, 0]]],), "exact", "ones where the elements came from")
pick("x[x > 1]", lambda x: x[x > 1], [0.0, 2.0, 3.0], ([[0, 1, 0], [0, 0, 1]],), "exact",
     "a mask is a list of positions")
pick("sum(x[x > 9])", lambda x: np.sum(x[x > 9]), [0.0, 2.0], ([0, 0], np.zeros((2, 2))), "exact",
     "nothing is chosen")
pick("sum(sqrt(x)[1:])", lambda x: np.sum(np.sqrt(x)[1:]), [0.0, 4.0], ([0, 0.25],), "exact",
     "the infinite slope at 0 belongs to an element that is left out")
pick("sum(where(x > 0, log(x), 0))", lambda x: np.sum(np.where(x > 0, np.log(x), 0.0)),
     [0.0, 2.0, -1.0], ([0, 0.5, 0], np.diag([0, -0.25, 0])), "convention",
     "element by element, the branch taken alone")
pick("where(x > y, x, y)", lambda x, y: np.where(x > y, x, y), ([1.0, 2.0], [1.0, 1.0]),
     (([[0, 0], [0, 1]], [[1, 0], [0, 0]]),), "convention", "on a tie the condition is false")
pick("sqrt(x)*[0, 1]", lambda x: np.sqrt(x) * np.array([0.0, 1.0]), [0.0, 4.0],
     ([[0, 0], [0, 0.25]],), "one-sided", "a constant 0 times a finite number is 0")
pick("[0, 1] @ sqrt(x)", lambda x: np.array([0.0, 1.0]) @ np.sqrt(x), [0.0, 4.0],
     ([0, 0.25],), "indeterminate", "a sum of products, of which one is 0 times infinity")
pick("sqrt(x) @ x", lambda x: np.sqrt(x) @ x, [0.0, 4.0], ([0, 3],), "indeterminate",
     "3/2 sqrt(x); the rules see 0 times infinity")
pick("sum(x*y)", lambda x, y: np.sum(x * y), (np.ones((3, 1)).tolist(), [[1.0, 2.0, 3.0, 4.0]]),
     (([[10], [10], [10]], [[3, 3, 3, 3]]),), "exact", "summed over what was repeated")
pick("sum((x + x.T)**2)", lambda x: np.sum((x + x.T) ** 2), [[1.0, 2.0]], ([[20, 28]],), "exact",
     "(a+a)^2 + 2(a+b)^2 + (b+b)^2: 8a + 4(a+b), 4(a+b) + 8b")

empty = Group("Nothing at all")
_none = np.zeros(0)
empty("sum(x)", np.sum, _none, (_none, np.zeros((0, 0))), "exact", "nothing to differentiate")
empty("prod(x)", np.prod, _none, (_none, np.zeros((0, 0))), "exact", "nothing to differentiate")
empty("norm(x)", np.linalg.norm, _none, (_none,), "exact", "nothing to differentiate")
empty("sin(x)", np.sin, _none, (np.zeros((0, 0)),), "exact", "no rows and no columns")
empty("sum(x) + 3", lambda x: np.sum(x) + 3, np.zeros((2, 0)), (np.zeros((2, 0)),), "exact",
      "as empty as the argument")
empty("x[:0]", lambda x: x[:0], [1.0, 2.0], (np.zeros((0, 2)),), "exact", "no rows, two columns")
empty("sum(x[:0])", lambda x: np.sum(x[:0]), [1.0, 2.0], ([0, 0], np.zeros((2, 2))), "exact",
      "the empty sum is constant")
empty("x @ zeros((2, 0))", lambda x: x @ np.zeros((2, 0)), [1.0, 2.0], (np.zeros((0, 2)),),
      "exact", "no rows, two columns")
empty("zeros((2, 0)) @ x", lambda x: np.zeros((2, 0)) @ x, _none, (np.zeros((2, 0)),), "exact",
      "two rows of 0, no columns")
empty("7", lambda x: 7.0, [1.0, 2.0], ([0, 0], np.zeros((2, 2))), "exact", "constant")
empty("[1, 2]", lambda x: [1.0, 2.0], [1.0, 2.0], (np.zeros((2, 2)),), "exact", "constant")
empty("x", lambda x: x, [1.0, 2.0], (np.eye(2),), "exact", "the identity")
empty("[x, 1]", lambda x: [x, 1.0], 3.0, ([1, 0],), "exact", "a list is an array")
# fmt: on

ARRAYS: tuple[Edge, ...] = tuple(
    edge for group in (length, product, tie, weight, pick, empty) for edge in group.edges
)
