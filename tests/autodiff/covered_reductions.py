"""Sums, products, extremes, averages, and how they run."""

import numpy as np
from covered import DECIDED, M, N, S, T, V, W, X, case

MASK = np.array([[True, False, True], [True, True, False]])
HOLED = np.array([[0.3, 1.4, 0.9], [1.1, 0.6, 1.7]])


def with_nan(m):
    """The operand with a NaN in its middle, which no derivative reaches."""
    return np.where(MASK, m, np.nan)


for name in ("sum", "prod", "mean", "max", "min", "amax", "amin", "ptp"):
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: f(x), M)
    case(f"np.{name}", lambda x, f=f: f(x, axis=1), M)
    case(f"np.{name}", lambda x, f=f: f(x, axis=(0, -1), keepdims=True), T)
case("np.sum", lambda x: np.sum(x), X)
case("np.sum", lambda x: np.sum(x, axis=0, where=MASK, initial=2.0), M)
case("np.sum", lambda x, a: np.sum(x, 1, initial=a), M, X)
case("np.prod", lambda x: np.prod(x, axis=1, where=MASK, initial=2.0), M)
case("np.mean", lambda x: np.mean(x, axis=1, where=MASK), M)
case("np.max", lambda x: np.max(x, axis=1, where=MASK, initial=0.1), M)
case("np.min", lambda x: np.min(x, axis=1, where=MASK, initial=9.0), M)
case("np.max", lambda x, a: np.max(x, 1, initial=a), M, X)
for name in ("var", "std"):
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: f(x), V)
    case(f"np.{name}", lambda x, f=f: f(x, axis=0, ddof=1), M)
    case(f"np.{name}", lambda x, f=f: f(x, axis=(0, 2), keepdims=True, correction=1), T)
    case(f"np.{name}", lambda x, f=f: f(x, axis=1, where=MASK), M)
    case(f"np.{name}", lambda x, m, f=f: f(x, mean=m), V, np.array([0.8]))
case("np.average", lambda x: np.average(x), M)
case("np.average", lambda x, w: np.average(x, weights=w), V, W)
case("np.average", lambda x, w: np.average(x, 1, w, returned=True), M, V[:3])
case("np.average", lambda x, w: np.average(x, (0, 1), w, keepdims=True), T, M)
for name in ("nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin"):
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: f(with_nan(x)), M)
    case(f"np.{name}", lambda x, f=f: f(with_nan(x), axis=1, keepdims=True), M)
case("np.nanstd", lambda x: np.nanstd(with_nan(x), axis=1, ddof=1), M)
case("np.count_nonzero", lambda x: x * np.count_nonzero(x > 1.0, axis=0), M)
case("np.all", lambda x: x * np.all(x > 0), M)
case("np.any", lambda x: np.where(np.any(x > 1.7, axis=1, keepdims=True), x, 2 * x), M)

# running

for name in ("cumsum", "cumprod"):
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: f(x), M)
    case(f"np.{name}", lambda x, f=f: f(x, axis=1), T)
    g = getattr(np, f"nan{name}")
    case(f"np.nan{name}", lambda x, g=g: g(with_nan(x), axis=1), M)
for name in ("cumulative_sum", "cumulative_prod"):
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: f(x, axis=1, include_initial=True), M)
    case(f"np.{name}", lambda x, f=f: f(x), V)
case("np.diff", lambda x: np.diff(x), M)
case("np.diff", lambda x: np.diff(x, n=2, axis=1), T)
case("np.diff", lambda x, a, b: np.diff(x, prepend=a, append=b), M, X, N)
case("np.ediff1d", lambda x, a: np.ediff1d(x, to_begin=a, to_end=[1.0, 2.0]), M, X)

# ufuncs reduced, accumulated, and as outer products

for name in ("add", "multiply", "maximum", "minimum", "logaddexp", "hypot", "fmax", "fmin"):
    u = getattr(np, name)
    case(f"np.{name}.reduce", lambda x, u=u: u.reduce(x), M)
    case(f"np.{name}.reduce", lambda x, u=u: u.reduce(x, axis=1, keepdims=True), M)
    case(f"np.{name}.accumulate", lambda x, u=u: u.accumulate(x, axis=1), M)
case("np.logaddexp2.reduce", lambda x: np.logaddexp2.reduce(x, axis=1), M)
for name in ("subtract", "divide"):
    u = getattr(np, name)
    case(f"np.{name}.reduce", lambda x, u=u: u.reduce(x, axis=1), M)
    case(f"np.{name}.accumulate", lambda x, u=u: u.accumulate(x), V[:3])
for name in ("add", "subtract", "multiply", "divide", "power", "arctan2", "hypot", "maximum"):
    u = getattr(np, name)
    case(f"np.{name}.outer", lambda x, y, u=u: u.outer(x, y), M, W[:2] + 0.01)
case("np.power.accumulate", lambda x: np.power.accumulate(x), V[:3])
case("np.add.reduceat", lambda x: np.add.reduceat(x, [0, 3, 1]), V)
case("np.multiply.reduceat", lambda x: np.multiply.reduceat(x, [0, 2], axis=1), M)
case("np.maximum.reduce", lambda x: np.maximum.reduce(x, axis=(0, 1), initial=0.5), M)
case("np.logical_and.reduce", lambda x: np.where(np.logical_and.reduce(x > 0), x, -x), M)

# statistics

case("np.cov", lambda x: np.cov(x), S)
case("np.cov", lambda x: np.cov(x), V)
case("np.cov", lambda x, y: np.cov(x, y, ddof=0), V, W)
case("np.cov", lambda x: np.cov(x, rowvar=False, bias=True), S)
case("np.cov", lambda x, w: np.cov(x, aweights=w), M, V[:3])
case("np.cov", lambda x: np.cov(x, fweights=[1, 2, 1]), M)
case("np.corrcoef", lambda x: np.corrcoef(x), S)
case("np.corrcoef", lambda x, y: np.corrcoef(x, y), V, W)
case("np.bincount", lambda w: np.bincount([0, 2, 2, 1, 0], w, minlength=4), V)
case("np.unwrap", lambda p: np.unwrap(4 * p), V, expression=DECIDED)
case("np.trapezoid", lambda y: np.trapezoid(y), M)
case("np.trapezoid", lambda y, x: np.trapezoid(y, np.cumsum(x), axis=0), S, V[:3])
case("np.trapezoid", lambda y, x: np.trapezoid(y, x, axis=1), M, N)
case("np.trapezoid", lambda y, h: np.trapezoid(y, dx=h), V, X)
