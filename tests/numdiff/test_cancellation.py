"""Error bars where f is small because larger numbers cancel, and its noise cannot be seen at x.

Near 1 the values of ``x**2 - 1`` are exact multiples of the step, and near 0 those of
``exp(x) - 1`` do not move at all: no trace of noise at x, and a slope that is a rounding.
"""

import mpmath
import numpy as np
import pytest

import numdiff
from numdiff import Status
from numdiff.noise import SAMPLES, certain_noise, grain

NUMPY = {
    name: getattr(np, name)
    for name in ["sin", "cos", "tan", "exp", "log", "sqrt", "sinh", "cosh", "tanh"]
} | {
    "arctan": np.arctan,
    "expm1": np.expm1,
}
MPMATH = {name: getattr(mpmath, name) for name in ["sin", "cos", "tan", "exp", "log", "sqrt"]} | {
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "arctan": mpmath.atan,
    "expm1": mpmath.expm1,
}

# Zero at the point, with and without a slope there; exact in floating point, and not.
VANISHING = [
    ("x**2 - 1", [1, -1, 1 + 2**-52, 1.0000001, 1.0001, 0.999]),
    ("(x**2 - 1)/3", [1, -1]),
    ("expm1(x**2 - 1)", [1]),
    ("1e6*(x**2 - 1)", [1]),
    ("1e-6*(x**2 - 1)", [1]),
    ("x**3 - 1", [1]),
    ("x**3 - 8", [2, 2.00000001]),
    ("x**4 - 16", [2, -2]),
    ("x**10 - 1024", [2]),
    ("x**20 - 1", [1]),
    ("x**2 - 2*x", [0, 1, 2]),
    ("x**2 - 2.25", [1.5]),
    ("x**2 - 6*x + 9", [3]),
    ("x**2 - 4*x + 4", [2, 2.0000001]),
    ("x**4 - 2*x**2 + 1", [1]),
    ("x**3 - 3*x**2 + 3*x - 1", [1]),
    ("x*(x - 1)*(x - 2)", [1, 2]),
    ("x**7 - x**3", [0, 1]),
    ("x*x - 9", [3]),
    ("x**2 - 9 - 1/2**40", [3]),
    ("sqrt(x) - 2", [4]),
    ("1/x - 0.25", [4]),
    ("1/(1 + x**2) - 0.5", [1]),
    ("x**2/(1 + x**2) - 0.8", [2]),
    ("log(x)", [1]),
    ("x - 1 - log(x)", [1]),
    ("exp(x) - exp(1)", [1]),
    ("sin(x) - sin(1)", [1]),
    ("cos(x) - 1", [0, 1e-9, 1e-5]),
    ("(cos(x) - 1)/3", [0, 1e-9]),
    ("1 - cos(x)", [1e-12]),
    ("cos(1e4*x) - 1", [0]),
    ("cos(x/1e4) - 1", [0, 1]),
    ("cosh(x) - 1", [0]),
    ("log(1 + x)", [0]),
    ("log(1 + x)/3", [0, 1e-12]),
    ("exp(x) - 1", [0, 1e-9, 1e-15]),
    ("(exp(x) - 1)/7", [0]),
    ("exp(x/1e3) - 1", [0]),
    ("exp(x) - 1 - x", [0]),
    ("sin(x) - x", [0]),
    ("tanh(x) - x", [0]),
    ("arctan(x) - x", [0]),
    ("1 - x**2/2 - cos(x)", [0]),
    ("sqrt(1 + x) - 1", [0]),
    ("sqrt(1 + x) - sqrt(1 - x)", [0]),
    ("sqrt(1 + x**2) - 1", [0]),
    ("(1 + x)**10 - 1", [0]),
    ("(1 + x)**0.5 - 1", [0]),
    ("2**x - 1", [0]),
    ("2**x - 8", [3]),
    ("x**x - 4", [2]),
    ("exp(-x**2) - 1", [0]),
    ("1/(1 + 25*x**2) - 1", [0]),
    ("(x + 1e4)**2 - 1e8", [0, 1]),
    ("((x + 1e4)**2 - 1e8)/3", [0]),
    ("(x + 1e8)**2 - 1e16", [0, 1]),
    ("x**2 - 1e6", [1e3]),
    ("x**2 - 1e16", [1e8]),
]


def truth(text, x, n):
    with mpmath.workdps(200):
        at = mpmath.mpf(float(x))
        names = MPMATH | {"x": at}
        # Numbers such as 0.5 and 1e-9 in the text are the floats that NumPy takes them for.
        value = mpmath.diff(lambda v: eval(text, names | {"x": v}), at, n, h=mpmath.mpf(10) ** -35)
        # The difference that mpmath takes is off by 1e-30 at most.
        return value if abs(value) > 1e-25 else mpmath.mpf(0)


def within(value, error, exact):
    with mpmath.workdps(60):
        return bool(abs(mpmath.mpf(float(value)) - exact) <= mpmath.mpf(float(error)))


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize(("text", "points"), VANISHING, ids=[row[0] for row in VANISHING])
def test_vanishing_functions_within_their_bars(text, points, n):
    f = eval(f"lambda x: {text}", NUMPY)
    for x in points:
        result = numdiff.estimate(f, float(x), n)
        assert result.status in (Status.CONVERGED, Status.INCONCLUSIVE), x
        assert within(result.value, result.error, truth(text, x, n)), x


@pytest.mark.parametrize(
    ("text", "x", "n", "digits"),
    [
        ("x**2 - 1", 1, 2, 12),
        ("expm1(x**2 - 1)", 1, 2, 10),
        ("cos(x) - 1", 0, 2, 10),
        ("cos(x) - 1", 1e-9, 2, 10),
        ("exp(x) - 1", 0, 1, 12),
        ("exp(x) - 1", 1e-15, 1, 12),
        ("log(1 + x)", 0, 3, 6),
        ("x**3 - 8", 2, 2, 12),
        ("x - 1 - log(x)", 1, 2, 10),
    ],
)
def test_and_the_bars_are_short(text, x, n, digits):
    result = numdiff.estimate(eval(f"lambda x: {text}", NUMPY), float(x), n)
    assert result.status == Status.CONVERGED
    assert result.error <= 10.0**-digits * abs(float(truth(text, x, n)))


@pytest.mark.parametrize("c", [1e300, 1e12, 1 / 3, 1e-12, 1e-300])
@pytest.mark.parametrize("scale", [1e8, 1.0, 1e-8])
def test_at_every_scale(c, scale):
    for n in (1, 2):
        result = numdiff.estimate(lambda x: c * ((x / scale) ** 2 - 1), scale, n)
        exact = 2 * (c / scale**n)
        if 1e-290 < exact < np.inf:
            assert abs(result.value - exact) <= result.error <= 1e-8 * exact


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("text", ["cos(x) - 1", "x**2", "exp(x) - 1", "x**3 + x**2", "cosh(x) - 1"])
def test_at_a_bound(text, n, side):
    f = eval(f"lambda x: {text}", NUMPY)
    result = numdiff.estimate(f, 0.0, n, bounds=(0, np.inf) if side > 0 else (-np.inf, 0))
    assert result.status == Status.EDGE
    assert within(result.value, result.error, truth(text, 0, n))
    assert result.error <= 1e-4


@pytest.mark.parametrize("n", [1, 2])
def test_features_are_not_taken_for_noise(n):
    """Stairs and ripples that are no rounding: as large as f, or smooth when looked at closely."""
    assert numdiff.estimate(np.floor, 2.5, n).value == 0
    assert numdiff.estimate(lambda x: np.floor(x) - 2, 2.5, n).value == 0
    ripple = numdiff.estimate(lambda x: x + 1e-10 * np.sin(1e10 * x), 1.0, n)
    # 1e10 x is rounded to 2e-6.
    exact = 1 + np.cos(1e10) if n == 1 else -1e10 * np.sin(1e10)
    assert abs(ripple.value - exact) <= ripple.error + 2e-6 * 1e10 ** (n - 1)


def test_no_corner_where_f_turns_back_far_away():
    for f in (lambda x: 1e10 + np.sin(x), lambda x: 1e10 + np.cos(x)):
        for x in (0.0, 1.0):
            assert numdiff.estimate(f, x, 2).status == Status.CONVERGED


def test_a_derivative_that_no_float_holds_has_no_bar():
    result = numdiff.estimate(np.log, 1e-300, 2)
    assert result.error == np.inf


def test_certain_noise_needs_agreement():
    rng = np.random.default_rng(7)
    noise = 1e-6 * rng.standard_normal((SAMPLES, 400))
    assert 0.5e-6 < np.median(certain_noise(noise)) < 2e-6
    smooth = np.exp(np.linspace(0, 1, SAMPLES))[:, None]
    assert certain_noise(smooth)[0] == 0


def test_grain_is_the_lattice_of_the_values():
    k = np.array([3, 5, 4, 6, 8, 7, 9])[:, None]
    assert grain(k * 2.0**-52)[0] == 2.0**-52
    assert grain(k * 2.0**-51 / 3)[0] == 0
    assert grain(np.zeros((SAMPLES, 1)))[0] == 0
    assert grain(np.full((SAMPLES, 1), np.nan))[0] == 0
