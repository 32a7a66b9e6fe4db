"""Arrays between ends, in the likeness of others, on grids; slopes and values in between."""

import numpy as np
from covered import M, N, S, T, V, W, X, case

POINTS = np.cumsum(V)

case("np.zeros_like", lambda x: x + np.zeros_like(x), M)
case("np.ones_like", lambda x: x * np.ones_like(x), M)
case("np.empty_like", lambda x: x * np.empty_like(x).size, M)
case("np.full_like", lambda x, a: np.full_like(x, a) * x, M, X)
case("np.full_like", lambda x: np.full_like(x, 2.5) * x, M)
case("np.copy", lambda x: np.copy(x), M)
case("np.astype", lambda x: np.astype(x, np.float64), M)
case("np.meshgrid", lambda x, y: np.meshgrid(x, y), V, M[0])
case("np.meshgrid", lambda x, y: np.meshgrid(x, y, indexing="ij", sparse=True), V, M[0])
case("np.ix_", lambda x, y: np.ix_(x, y), V, M[0])
case("np.linspace", lambda a, b: np.linspace(a, b, 5), X, X + 1)
case("np.linspace", lambda a, b: np.linspace(a, b, 4, endpoint=False, axis=-1), V, W)
case("np.linspace", lambda a, b: np.linspace(a, b, 4, retstep=True), X, V)
case("np.logspace", lambda a, b: np.logspace(a, b, 4), X, X + 1)
case("np.logspace", lambda a, b: np.logspace(a, b, 4, base=2.0), X, V)
case("np.geomspace", lambda a, b: np.geomspace(a, b, 4), X, X + 1)
case("np.sinc", lambda x: np.sinc(x), M)

# slopes

case("np.gradient", lambda f: np.gradient(f), V)
case("np.gradient", lambda f: np.gradient(f), S)
case("np.gradient", lambda f, h: np.gradient(f, h, axis=0), S, X)
case("np.gradient", lambda f, x: np.gradient(f, x, edge_order=2), V, POINTS)
case("np.gradient", lambda f, x, h: np.gradient(f, x, h), S, POINTS[:3], X)
case("np.gradient", lambda f: np.gradient(f, 2.0, edge_order=2, axis=1), T[..., 0])
case("np.gradient", lambda f: np.gradient(f, axis=1), N[:, :2])

# between points

AT = np.array([[POINTS[0] - 0.2, POINTS[1] + 0.1], [POINTS[3] + 0.05, POINTS[-1] + 1]])
case("np.interp", lambda x, xp, fp: np.interp(x, xp, fp), AT, POINTS, W)
case("np.interp", lambda x, fp, a, b: np.interp(x, POINTS, fp, a, b), AT, W, X, X + 1)
case("np.interp", lambda x, fp: np.interp(x, POINTS, fp, period=4.0), AT, W)
case("np.interp", lambda x, fp: np.interp(x, [0.0, 1.0], fp), X, V[:2])
