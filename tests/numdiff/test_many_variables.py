"""Hessians, gradients and products of functions of several variables: every entry within its bar.

The truths are worked out by hand, or by the product rule for the random sums, at 60 digits.
"""

import math

import mpmath
import numpy as np
import pytest

import numdiff
from numdiff import Status
from numdiff.directional import estimate_along, estimate_curvature

SIN1, COS1 = math.sin(1), math.cos(1)
E = math.e
LOG2 = math.log(2)

HESSIANS = [
    (lambda p: p[0] ** 2 - p[1] ** 2, [1, 1], [[2, 0], [0, -2]]),
    (lambda p: (p[0] ** 2 - p[1] ** 2) / 3, [1, 1], [[2 / 3, 0], [0, -2 / 3]]),
    (lambda p: 1e-200 * (p[0] ** 2 - p[1] ** 2), [1, 1], [[2e-200, 0], [0, -2e-200]]),
    (lambda p: 1e200 * (p[0] ** 2 - p[1] ** 2), [1, 1], [[2e200, 0], [0, -2e200]]),
    (lambda p: (p[0] - 1) * (p[1] - 2), [1, 2], [[0, 1], [1, 0]]),
    (lambda p: np.sin(p[0]) - np.sin(p[1]), [1, 1], [[-SIN1, 0], [0, SIN1]]),
    (lambda p: (p[0] - p[1]) ** 2, [1, 1], [[2, -2], [-2, 2]]),
    (lambda p: (p[0] - p[1]) ** 2, [1, 2], [[2, -2], [-2, 2]]),
    (lambda p: p[0] ** 2 - 2 * p[0] * p[1] + p[1] ** 2, [3, 3], [[2, -2], [-2, 2]]),
    (lambda p: p[0] * p[1], [0, 0], [[0, 1], [1, 0]]),
    (lambda p: p[0] * p[1] - 1, [1, 1], [[0, 1], [1, 0]]),
    (lambda p: p[0] * p[1], [1e-8, 1e8], [[0, 1], [1, 0]]),
    (lambda p: p[0] ** 3 - p[1] ** 3, [1, 1], [[6, 0], [0, -6]]),
    (lambda p: 100 * (p[1] - p[0] ** 2) ** 2 + (1 - p[0]) ** 2, [1, 1], [[802, -400], [-400, 200]]),
    (
        lambda p: 1e6 + np.sin(p[0]) * p[1],
        [1, 2],
        [[-2 * SIN1, COS1], [COS1, 0]],
    ),
    (lambda p: np.exp(p[0] * p[1]), [0, 0], [[0, 1], [1, 0]]),
    (lambda p: np.exp(p[0] * p[1]) - 1, [0, 0], [[0, 1], [1, 0]]),
    (lambda p: np.exp(p[0] * p[1]) - 1, [0, 1], [[1, 1], [1, 0]]),
    (lambda p: np.exp(p[0] * p[1]), [0.5, 2], [[4 * E, 2 * E], [2 * E, 0.25 * E]]),
    (lambda p: np.log(1 + p[0] * p[1]), [0, 0], [[0, 1], [1, 0]]),
    (lambda p: np.cos(p[0] * p[1]) - 1, [0, 0], [[0, 0], [0, 0]]),
    (lambda p: np.cos(p[0] - p[1]) - 1, [1, 1], [[-1, 1], [1, -1]]),
    (
        lambda p: p[0] ** p[1] - 8,
        [2, 3],
        [[12, 4 + 12 * LOG2], [4 + 12 * LOG2, 8 * LOG2**2]],
    ),
    (lambda p: p[0] ** p[1] - 1, [1, 1], [[0, 1], [1, 0]]),
    (lambda p: np.sin(100 * p[0]) * p[1], [0, 0], [[0, 100], [100, 0]]),
    (
        lambda p: np.sin(100 * p[0]) * p[1],
        [0.5, 0],
        [[0, 100 * math.cos(50)], [100 * math.cos(50), 0]],
    ),
    (
        lambda p: 1e-6 * p[0] ** 2 + p[1] ** 2 + 1e6 * p[2] ** 2,
        [1, 2, 3],
        [[2e-6, 0, 0], [0, 2, 0], [0, 0, 2e6]],
    ),
    (
        lambda p: 1e-6 * p[0] ** 2 + p[1] ** 2 + 1e6 * p[2] ** 2,
        [0, 0, 0],
        [[2e-6, 0, 0], [0, 2, 0], [0, 0, 2e6]],
    ),
    (lambda p: p[0] * p[1] * p[2] - 1, [1, 1, 1], [[0, 1, 1], [1, 0, 1], [1, 1, 0]]),
    (lambda p: p[0] * p[1] * p[2], [0, 0, 0], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
    (lambda p: p[0] + p[1] + p[2] - 3, [1, 1, 1], [[0, 0, 0], [0, 0, 0], [0, 0, 0]]),
    (lambda p: np.log(p[0] / p[1]), [2, 2], [[-0.25, 0], [0, 0.25]]),
    (lambda p: (p[0] ** 2 - 1) * (p[1] ** 2 - 4) / 3, [1, 2], [[0, 8 / 3], [8 / 3, 0]]),
    (lambda p: np.sqrt(p[0] ** 2 + p[1] ** 2) - 5, [3, 4], [[0.128, -0.096], [-0.096, 0.072]]),
    (lambda p: np.sqrt(p[0] ** 2 + p[1] ** 2 + 1) - 1, [0, 0], [[1, 0], [0, 1]]),
    (lambda p: (p[0] + 1e4) ** 2 - (p[1] + 1e4) ** 2, [0, 0], [[2, 0], [0, -2]]),
    (lambda p: 0 * p[0] + p[1] ** 2 - 1, [1, 1], [[0, 0], [0, 2]]),
]


@pytest.mark.parametrize(("f", "x", "truth"), HESSIANS)
def test_hessians_within_their_bars(f, x, truth):
    result = numdiff.estimate_hessian(f, np.array(x, float))
    truth = np.array(truth, float)
    np.testing.assert_array_equal(result.status, Status.CONVERGED)
    # The truths were rounded to floats above, some of them twice.
    assert np.all(np.abs(result.value - truth) <= result.error + 2 * np.spacing(np.abs(truth)))
    # And no bar so long that it says nothing.
    assert np.all(result.error <= 1e-6 * np.abs(truth).max() + 1e-9 * (not truth.any()))


@pytest.mark.parametrize(("f", "x", "truth"), HESSIANS)
def test_products_with_it_within_their_bars(f, x, truth):
    truth = np.array(truth, float)
    size = len(x)
    for v in (np.ones(size), np.arange(1.0, size + 1), np.array([0.3, -0.7, 0.1])[:size]):
        result = estimate_curvature(f, np.array(x, float), v)
        slack = 4 * np.finfo(float).eps * np.abs(truth) @ np.abs(v)
        assert np.all(np.abs(result.value - truth @ v) <= result.error + slack)


GRADIENTS = [
    (lambda p: p[0] ** 2 - p[1] ** 2, [1, 1], [2, -2]),
    (lambda p: (p[0] - 1) * (p[1] - 2), [1, 2], [0, 0]),
    (lambda p: np.sin(p[0]) - np.sin(p[1]), [1, 1], [COS1, -COS1]),
    (lambda p: (p[0] - p[1]) ** 2, [1, 1], [0, 0]),
    (lambda p: (p[0] - p[1]) ** 3, [1, 1], [0, 0]),
    (lambda p: p[0] ** 3 - p[1] ** 3, [1, 1], [3, -3]),
    (lambda p: np.exp(p[0] * p[1]) - 1, [0, 1], [1, 0]),
    (lambda p: np.exp(p[0]) - np.exp(p[1]), [0, 0], [1, -1]),
    (lambda p: p[0] ** 2 * p[1] - p[1], [1, 0], [0, 0]),
    (lambda p: p[0] * p[1] - 1, [1e8, 1e-8], [1e-8, 1e8]),
    (lambda p: 1e6 + p[0] + 1e-6 * p[1], [1, 1], [1, 1e-6]),
    (lambda p: np.log(p[0] / p[1]), [3, 3], [1 / 3, -1 / 3]),
]


@pytest.mark.parametrize(("f", "x", "truth"), GRADIENTS)
def test_gradients_and_directions_within_their_bars(f, x, truth):
    truth = np.array(truth, float)
    result = numdiff.estimate_jacobian(f, np.array(x, float))
    assert np.all(np.abs(result.value - truth) <= result.error + 2 * np.spacing(np.abs(truth)))
    for v in ([1.0, 1.0], [1.0, 2.0], [0.3, -0.7], [0.0, 1.0]):
        _, slope = estimate_along(f, x, v)
        slack = 4 * np.finfo(float).eps * np.abs(truth) @ np.abs(v)
        assert abs(slope.value - truth @ v) <= slope.error + slack


def test_a_kink_across_two_coordinates():
    result = numdiff.estimate_hessian(lambda p: np.abs(p[0] + p[1]), [0.0, 0.0])
    assert np.all(result.status == Status.KINK)


def test_where_f_is_not_defined_there_is_no_derivative():
    result = numdiff.estimate_hessian(lambda p: np.sin(p[0]) / p[0] * p[1], [0.0, 1.0])
    assert np.all(result.status == Status.UNDEFINED)
    assert np.isnan(result.value).all()


def test_products_at_the_end_of_the_floats():
    product = numdiff.hvp(
        lambda p: 1e300 * (p[0] ** 2 - p[1] ** 2), np.ones(2), np.array([1.0, 2.0])
    )
    np.testing.assert_allclose(product, [2e300, -4e300], rtol=1e-12)


class RandomSum:
    """A sum of terms ``c g(k m)``: m a monomial, g the identity, sin, cos or exp."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        size = int(rng.integers(3, 7))
        integers = [0, 1, -1, 2, 0.5, -1.5]
        self.x = np.where(
            rng.random(size) < 0.75, rng.choice(integers, size), rng.uniform(-2, 2, size)
        )
        self.terms = []
        for _ in range(rng.integers(2, 7)):
            powers = np.zeros(size, int)
            taken = rng.choice(size, rng.integers(1, 4), replace=False)
            powers[taken] = rng.integers(1, 4, len(taken))
            c = float(rng.choice([1, -1, 2, -3, 0.5, -0.25, 1e-3, 1e3, 7]))
            g = str(rng.choice(["id", "id", "sin", "cos", "exp"]))
            k = float(rng.choice([0.125, 0.5, 1, -0.25])) if g != "id" else 1.0
            self.terms.append((c, g, k, powers))
        # Half of them vanish at x.
        self.shift = float(self.of(self.x)) if rng.random() < 0.5 else 0.0

    def of(self, p):
        total = 0.0
        for c, g, k, powers in self.terms:
            m = 1.0
            for value, power in zip(p, powers, strict=True):
                m = m * value**power
            total = total + c * (m if g == "id" else getattr(np, g)(k * m))
        return total

    def __call__(self, p):
        return self.of(p) - self.shift

    def derivatives(self):
        """The gradient and the Hessian at x."""
        size = len(self.x)
        gradient, hessian = mpmath.zeros(size, 1), mpmath.zeros(size, size)
        x = [mpmath.mpf(float(v)) for v in self.x]

        def monomial(powers):
            out = mpmath.mpf(1)
            for value, power in zip(x, powers, strict=True):
                out *= value**power if power > 0 else (1 if power == 0 else 0)
            return out

        for c, g, k, powers in self.terms:
            z = k * monomial(powers)
            if g == "id":
                g1, g2 = mpmath.mpf(1), mpmath.mpf(0)
            else:
                g1 = {"sin": mpmath.cos, "cos": lambda t: -mpmath.sin(t), "exp": mpmath.exp}[g](z)
                g2 = {"sin": lambda t: -mpmath.sin(t), "cos": lambda t: -mpmath.cos(t)}.get(
                    g, mpmath.exp
                )(z)
            first = []
            for i in range(size):
                less = powers.copy()
                less[i] -= 1
                first.append(powers[i] * monomial(less) if powers[i] else mpmath.mpf(0))
                gradient[i] += c * g1 * k * first[i]
            for i in range(size):
                for j in range(size):
                    factor = powers[i] * (powers[j] - (i == j))
                    less = powers.copy()
                    less[i] -= 1
                    less[j] -= 1
                    second = int(factor) * monomial(less) if factor else mpmath.mpf(0)
                    hessian[i, j] += c * (g2 * k**2 * first[i] * first[j] + g1 * k * second)
        return gradient, hessian


def off(value, exact):
    return abs(mpmath.mpf(float(value)) - exact)


@pytest.mark.parametrize("block", range(10))
def test_random_sums_within_their_bars(block):
    ratios, missed = [], []
    with mpmath.workdps(60):
        for seed in range(20 * block, 20 * block + 20):
            f = RandomSum(seed)
            gradient, hessian = f.derivatives()
            slopes = numdiff.estimate_jacobian(f, f.x)
            bends = numdiff.estimate_hessian(f, f.x)
            for i in range(len(f.x)):
                entries = [(slopes.value[i], slopes.error[i], gradient[i], (seed, i))]
                entries += [
                    (bends.value[i, j], bends.error[i, j], hessian[i, j], (seed, i, j))
                    for j in range(i, len(f.x))
                ]
                for value, error, exact, where in entries:
                    distance = off(value, exact)
                    if not distance <= float(error):
                        missed.append((where, float(value), float(error), float(exact)))
                    elif distance > 0:
                        ratios.append(float(error / distance))
    assert missed == []
    assert np.median(ratios) < 50
