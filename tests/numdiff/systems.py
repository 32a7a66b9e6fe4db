"""Sparse systems with Jacobians worked out by hand, and what their tests ask of an answer."""

import numpy as np
import scipy.sparse as sp


def chain(v):
    """Each output of its coordinate and both neighbours."""
    y = 3 * np.sin(v)
    y[1:] += v[:-1] ** 2
    y[:-1] -= v[1:] * v[:-1]
    return y


def chain_slopes(v):
    """The Jacobian of `chain`, by hand."""
    main = 3 * np.cos(v)
    main[:-1] -= v[1:]
    return np.diag(main) + np.diag(2 * v[:-1], -1) + np.diag(-v[:-1], 1)


def band(n):
    ones = np.ones(n)
    return sp.diags_array([ones[1:], ones, ones[1:]], offsets=[-1, 0, 1])


def arrow(v):
    """The last output of all coordinates, the others of their own and the last."""
    y = v**3 + np.exp(v[-1] / 4)
    y[-1] = np.sum(np.sin(v))
    return y


def arrow_slopes(v):
    full = np.diag(3 * v**2)
    full[:, -1] += np.exp(v[-1] / 4) / 4
    full[-1] = np.cos(v)
    return full


def arrow_pattern(n):
    full = np.eye(n)
    full[-1] = full[:, -1] = 1
    return full


class Mix:
    """Sums of sines over the entries of a random matrix; half of the points are simple numbers."""

    def __init__(self, seed, m, n, density):
        rng = np.random.default_rng(seed)
        weights = rng.normal(size=(m, n)) * (rng.random((m, n)) < density)
        self.weights = sp.csr_array(weights)
        self.x = np.where(rng.random(n) < 0.5, rng.choice([0.0, 1.0, -2.0], n), rng.normal(size=n))

    def __call__(self, v):
        return self.weights @ np.sin(v)

    @property
    def slopes(self):
        return self.weights.toarray() * np.cos(self.x)


def structure(entries):
    """True where an entry is kept, zero or not."""
    ones = np.ones(entries.nnz)
    return sp.csr_array((ones, entries.indices, entries.indptr), shape=entries.shape).toarray() != 0


def alike(a, b):
    """The same answer: NumPy's sums may round otherwise over arrays of another width."""
    for name in ("value", "error", "status", "step", "order", "left", "right"):
        one, other = (
            field if isinstance(field, np.ndarray) else field.toarray()
            for field in (getattr(a, name), getattr(b, name))
        )
        np.testing.assert_allclose(one, other, rtol=1e-14, err_msg=name)


def within_bars(result, truth):
    value, error = result.value.toarray(), result.error.toarray()
    return np.all(np.abs(value - truth) <= error + np.spacing(np.abs(truth)))


X = np.random.default_rng(7).uniform(-2, 2, 40)
# A function, a point, the pattern, the Jacobian.
CASES = [
    (chain, X, band(40), chain_slopes(X)),
    (arrow, X, arrow_pattern(40), arrow_slopes(X)),
    *((f, f.x, f.weights, f.slopes) for f in (Mix(1, 30, 20, 0.1), Mix(2, 15, 60, 0.05))),
]
