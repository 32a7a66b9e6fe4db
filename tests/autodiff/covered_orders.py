"""Selection and order: indices, conditions, sorted values, diagonals, sets."""

import numpy as np
from covered import DECIDED, M, N, S, T, V, X, case

ROWS = np.array([[0, 1, 0], [1, 1, 0]])
MASK = np.array([[True, False, True], [True, True, False]])

INDICES = {
    "slices": np.s_[::-1, 1:],
    "negative steps": np.s_[-1::-2, -1],
    "ellipsis and newaxis": np.s_[..., None, 1],
    "a repeated list": np.s_[[1, 0, 1, 1]],
    "arrays apart": np.s_[[0, 1, 1], :, [1, 0, 0]],
    "an array of arrays": np.s_[:, np.array([[0, 2], [2, 1]])],
    "a mask": np.s_[MASK],
    "a mask in the middle": np.s_[1, np.array([True, False, True])],
    "a scalar array": np.s_[np.array(1), None, 0],
    "nothing": np.s_[[], 1:],
    "everything": np.s_[()],
}
for index in INDICES.values():
    case("indexing", lambda x, i=index: x[i], T)
case("indexing", lambda x: x[()] * x[...], X)
case("indexing", lambda x: x[x > 1.0], M, expression=DECIDED)
case("iteration", lambda x: [a * b for a, b in x], S[:, :2])
case("iteration", lambda x: x[0] * len(x) + x[-1], V)
case("np.where", lambda x, y: np.where(x > y, x, y**2), M, N)
case("np.where", lambda x, y: np.where(MASK, x, y), M, X)
case("np.where", lambda x: x[np.where(x > 1.0)], M, expression=DECIDED)
case("np.select", lambda x, y: np.select([x < 0.8, x < 1.4], [x**2, y], 3.0), M, N)
case("np.choose", lambda x, y: np.choose(ROWS, [x, y]), M, X)
case("np.choose", lambda x, y: np.choose(ROWS + 1, [x, y], mode="wrap"), M, N)
case("np.take", lambda x: np.take(x, [[0, 5], [5, -1]]), M)
case("np.take", lambda x: np.take(x, [2, 0, 2], axis=1), M)
case("np.take", lambda x: np.take(x, [7, -9], mode="clip"), V)
case("np.take_along_axis", lambda x: np.take_along_axis(x, ROWS, 0), M)
case("np.take_along_axis", lambda x: np.take_along_axis(x, ROWS[:, :1], 1), M)
case("np.compress", lambda x: np.compress([True, False, True], x, axis=1), M)
case("np.extract", lambda x: np.extract(MASK, x), M)
case("np.clip", lambda x: np.clip(x, 0.8, 1.4), M)
case("np.clip", lambda x, lo, hi: np.clip(x, lo, hi), M, V[:3] - 0.3, X + 0.8)
case("np.clip", lambda x: np.clip(x, None, 1.0) + np.clip(x, min=0.7) + x.clip(max=1.1), M)
case("np.nan_to_num", lambda x: np.nan_to_num(np.where(MASK, x, np.nan), nan=2.0), M)
case("np.nan_to_num", lambda x: np.nan_to_num(np.where(MASK, x, -np.inf), neginf=2.0), M)
case("np.piecewise", lambda x: np.piecewise(x, [x < 0.8, x > 1.4], [np.sin, np.exp, 2.0]), M)
case("np.piecewise", lambda x: np.piecewise(x, [x < 0.8, x > 1.4], [np.sin, np.exp]), V)
case("np.piecewise", lambda x: np.piecewise(x, x > 0, [lambda t: t**2]), X)

# order

case("np.sort", lambda x: np.sort(x), M)
case("np.sort", lambda x: np.sort(x, axis=0), T)
case("np.sort", lambda x: np.sort(x, axis=None), M)
case("np.partition", lambda x: np.sort(np.partition(x, 2, axis=1)[:, :2], axis=1), S)
case("np.partition", lambda x: np.partition(x, 2)[2], V)
case("np.median", lambda x: np.median(x), V)
case("np.median", lambda x: np.median(x, axis=(0, 2), keepdims=True), T)
case("np.quantile", lambda x: np.quantile(x, 0.3), V)
case("np.quantile", lambda x: np.quantile(x, [[0.1, 0.5], [0.9, 1.0]], axis=1), M)
METHODS = ("lower", "higher", "nearest", "midpoint", "hazen", "weibull", "median_unbiased",
           "normal_unbiased", "interpolated_inverted_cdf")  # fmt: skip
for method in METHODS:
    case("np.quantile", lambda x, m=method: np.quantile(x, [0.2, 0.63], method=m), V)  # fmt: skip
case("np.percentile", lambda x: np.percentile(x, [20, 70], axis=0, keepdims=True), M)
KNOWN = "how many elements are numbers is decided by them"
HOLE = np.array([[0.0, np.nan, 0.0], [0.0, 0.0, 0.0]])
case("np.nanmedian", lambda x: np.nanmedian(x + HOLE, axis=1), M, expression=KNOWN)
case("np.nanquantile", lambda x: np.nanquantile(x + HOLE, [0.2, 0.7], axis=1, keepdims=True), M,
     expression=KNOWN)  # fmt: skip
case("np.nanpercentile", lambda x: np.nanpercentile(x + HOLE, 30), M, expression=KNOWN)  # fmt: skip
case("np.unique", lambda x: np.unique(np.concatenate([x, x[:2] ** 1])), V, expression=DECIDED)
case("np.unique_values", lambda x: np.unique_values(x), M, expression=DECIDED)
case("np.union1d", lambda x, y: np.union1d(x, y), V, V[1:4] + 2.0, expression=DECIDED)
case("np.intersect1d", lambda x: np.intersect1d(x, x[:3] * 1), V, expression=DECIDED)
case("np.setdiff1d", lambda x: np.setdiff1d(x, x[:3] * 1), V, expression=DECIDED)
case("np.setxor1d", lambda x: np.setxor1d(x, x[:3] * 1), V, expression=DECIDED)
case("np.trim_zeros", lambda x: np.trim_zeros(np.where([0, 1, 0, 1, 0], x, 0)), V,
     expression=DECIDED)  # fmt: skip

# diagonals and triangles

for k in (0, 1, -2):
    case("np.diag", lambda x, k=k: np.diag(x, k), V)
    case("np.diag", lambda x, k=k: np.diag(x, k), S)
    case("np.diagflat", lambda x, k=k: np.diagflat(x, k), M)
    case("np.diagonal", lambda x, k=k: np.diagonal(x, k), M)
    case("np.trace", lambda x, k=k: np.trace(x, k), S)
    case("np.tril", lambda x, k=k: np.tril(x, k), M)
    case("np.triu", lambda x, k=k: np.triu(x, k), T)
case("np.diagonal", lambda x: np.diagonal(x, 1, 1, 2), T)
case("np.diagonal", lambda x: np.diagonal(x, axis1=2, axis2=0), T)
case("np.trace", lambda x: np.trace(x, 1, 2, 0), T)
case("np.diagflat", lambda x: np.diagflat(x), X)
