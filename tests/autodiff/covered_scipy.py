"""SciPy's distributions, linear algebra, signals and integrals, by the names of autodiff.scipy."""

import numpy as np
from covered import M, S, V, W, X, case, sample

from autodiff.scipy import integrate, linalg, signal, stats

UNIT = 0.35 * sample(2, 3)
CONTINUOUS = ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf")
# Where each distribution is looked at, and its shape, location and scale.
PLACES = {
    "norm": (M, (), True),
    "t": (M, (3.5,), True),
    "expon": (M, (), True),
    "laplace": (M + 1, (), True),
    "logistic": (M, (), True),
    "uniform": (UNIT, (), True),
    "gamma": (M, (1.75,), True),
    "chi2": (M, (3.0,), True),
    "beta": (UNIT, (1.5, 2.5), True),
}
for name, (x, shapes, _moved) in PLACES.items():
    law = getattr(stats, name)
    for kind in CONTINUOUS:
        f = getattr(law, kind)
        case(f"scipy.stats.{name}.{kind}", lambda x, f=f, s=shapes: f(x, *s), x)
    for kind in ("pdf", "logpdf"):
        f = getattr(law, kind)
        case(f"scipy.stats.{name}.{kind}", lambda x, *p, f=f: f(x, *p), x,
             *map(np.float64, shapes), np.float64(-0.1), np.float64(1.7))  # fmt: skip
for kind in ("cdf", "sf", "logcdf", "logsf"):
    f = getattr(stats.norm, kind)
    case(f"scipy.stats.norm.{kind}", lambda x, m, s, f=f: f(x, m, s), M, X, X + 1)
for kind in ("ppf", "isf"):
    f = getattr(stats.norm, kind)
    case(f"scipy.stats.norm.{kind}", lambda q, m, s, f=f: f(q, m, s), UNIT, X, X + 1)
COUNTS = np.array([0.0, 2, 3, 1, 5])
for kind in ("pmf", "logpmf", "cdf", "logcdf", "sf", "logsf"):
    f = getattr(stats.poisson, kind)
    case(f"scipy.stats.poisson.{kind}", lambda mu, f=f: f(COUNTS, mu), V)
    f = getattr(stats.bernoulli, kind)
    case(f"scipy.stats.bernoulli.{kind}", lambda p, f=f: f(np.zeros(3), p), UNIT)
SHARES = np.array([0.2, 0.5, 0.3])
for kind in ("pdf", "logpdf"):
    f = getattr(stats.dirichlet, kind)
    case(f"scipy.stats.dirichlet.{kind}", lambda a, f=f: f(SHARES, a), V[:3])
COVARIANCE = S @ S.T + np.eye(3)
for kind in ("pdf", "logpdf"):
    f = getattr(stats.multivariate_normal, kind)
    case(
        f"scipy.stats.multivariate_normal.{kind}",
        lambda x, m, a, f=f: f(x, m, a @ a.T + np.eye(3)),
        M,
        V[:3],
        S,
    )
case("scipy.stats.multivariate_normal.entropy",
     lambda a: stats.multivariate_normal.entropy(V[:3], a @ a.T + np.eye(3)), S)  # fmt: skip

# linear algebra

REGULAR = S + 2 * np.eye(3)
TRIANGLE = np.tril(S) + np.eye(3)


def symmetric(a):
    return a @ a.T + np.diag(np.arange(1.0, 4.0))


MATRIX = {
    "inv": linalg.inv,
    "det": lambda a: linalg.det(a).astype(a.dtype),
    "pinv": linalg.pinv,
    "norm": linalg.norm,
    "cholesky": lambda a: linalg.cholesky(symmetric(a), lower=True),
    "eigh": lambda a: linalg.eigh(symmetric(a))[0],
    "eigvalsh": lambda a: linalg.eigvalsh(symmetric(a)),
    "eigvals": lambda a: np.real(linalg.eigvals(symmetric(a))),
    "eig": lambda a: np.real(linalg.eig(symmetric(a))[0]),
    "svd": lambda a: linalg.svd(a)[1],
    "svdvals": linalg.svdvals,
    "qr": lambda a: linalg.qr(a),
    "expm": lambda a: linalg.expm(0.3 * a),
    "sqrtm": lambda a: linalg.sqrtm(symmetric(a)),
}
for name, f in MATRIX.items():
    case(f"scipy.linalg.{name}", f, REGULAR)
case("scipy.linalg.solve", lambda a, b: linalg.solve(a, b), REGULAR, V[:3])
case("scipy.linalg.lstsq", lambda a, b: linalg.lstsq(a, b)[0], sample(4, 2), V[:4])
case("scipy.linalg.solve_triangular", lambda a, b: linalg.solve_triangular(a, b, lower=True),
     TRIANGLE, V[:3])  # fmt: skip
case("scipy.linalg.cho_solve",
     lambda a, b: linalg.cho_solve(linalg.cho_factor(symmetric(a), lower=True), b), S,
     V[:3])  # fmt: skip
case("scipy.linalg.solve_sylvester", lambda a, b, q: linalg.solve_sylvester(a, b, q), REGULAR,
     S[:2, :2] + np.eye(2), sample(3, 2))  # fmt: skip
case("scipy.linalg.solve_continuous_lyapunov",
     lambda a, q: linalg.solve_continuous_lyapunov(a, q), REGULAR, S)  # fmt: skip
case("scipy.linalg.block_diag", lambda a, b: linalg.block_diag(a, b), M, S)
case("scipy.linalg.toeplitz", lambda c, r: linalg.toeplitz(c, r), V[:3], W[:4])

# signals and integrals

for mode in ("full", "same", "valid"):
    case("scipy.signal.convolve", lambda a, b, m=mode: signal.convolve(a, b, m), V, W[:3])
    case("scipy.signal.correlate", lambda a, b, m=mode: signal.correlate(a, b, m), V, W[:3])
case("scipy.signal.convolve", lambda a, b: signal.convolve(a, b), S, M[:, :2])
case("scipy.signal.fftconvolve", lambda a, b: signal.fftconvolve(a, b), V, W[:3])
case("scipy.signal.convolve2d", lambda a, b: signal.convolve2d(a, b), S, M[:, :2])
case("scipy.signal.correlate2d", lambda a, b: signal.correlate2d(a, b, "same"), S, M[:, :2])
AXES = {"axes": ([1], [0]), "dot_axes": ([0], [1])}
case("scipy.signal.convolve", lambda a, b: signal.convolve(a, b, **AXES), M, S[:, :2])
BANDS = np.array([[0.0], [3.0], [0.0]]) + sample(3, 4)
case("scipy.linalg.solve_banded", lambda a, b: linalg.solve_banded((1, 1), a, b), BANDS, V[:4])
case("scipy.integrate.trapezoid", lambda y, x: integrate.trapezoid(y, x), V, W)
case("scipy.integrate.cumulative_trapezoid", lambda y: integrate.cumulative_trapezoid(y), M)
case("scipy.integrate.simpson", lambda y: integrate.simpson(y), V)
TIGHT = {"rtol": 1e-12, "atol": 1e-13}
case("scipy.integrate.odeint",
     lambda y, k: integrate.odeint(lambda y, t, k: -k * y, y, [0.0, 0.5], (k,), **TIGHT),
     V[:2], X)  # fmt: skip
