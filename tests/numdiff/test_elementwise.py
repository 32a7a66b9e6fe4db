"""`estimate`: accuracy against independent truth, honest bars, and what happens at odd points."""

import math

import numpy as np
import pytest
from functions import function, read

import numdiff
from numdiff import Status


def status(result):
    return Status(int(result.status))


def off(result, truth):
    """The distance from a truth given to more digits than a float holds."""
    return abs(float(result.value) - float(truth))


@pytest.mark.parametrize("row", read("numeric-open.jsonl"), ids=lambda row: row["id"])
def test_hard_functions_within_the_bar_and_eight_digits(row):
    result = numdiff.estimate(function(row), row["x"])
    truth = float(row["df"])
    assert status(result) is Status.CONVERGED
    # The truth itself is rounded to a float here.
    assert off(result, truth) <= result.error + np.spacing(abs(truth))
    assert off(result, truth) <= 1e-8 * abs(truth)
    assert result.evaluations <= 73


def test_every_antiderivative_within_the_bar():
    ratios, missed = [], []
    for row in read("rubi-open.jsonl"):
        result = numdiff.estimate(function(row), np.array(row["points"]))
        truth = np.array([float(t) for t in row["df"]])
        error = np.abs(result.value - truth)
        inside = error <= result.error + np.spacing(np.abs(truth))
        missed += [(row["id"], row["points"][i]) for i in np.flatnonzero(~inside)]
        ratios += list(result.error[error > 0] / error[error > 0])
    assert missed == []
    # A bar that covers everything because it is huge would be of no use.
    assert np.median(ratios) < 10


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_higher_derivatives_within_the_bar(n):
    x = np.array([-1.3, -1e-3, 0.0, 0.2, 2.5])
    for f, truth in (
        (np.exp, np.exp(x)),
        (np.sin, (np.cos(x), -np.sin(x), -np.cos(x), np.sin(x))[n - 1]),
        (lambda v: v**5, math.perm(5, n) * x ** (5 - n)),
        (lambda v: 1 / (4 - v), math.factorial(n) / (4 - x) ** (n + 1)),
    ):
        result = numdiff.estimate(f, x, n)
        assert np.all(result.status == Status.CONVERGED)
        assert np.all(np.abs(result.value - truth) <= result.error + 4 * np.spacing(np.abs(truth)))
        assert np.all(result.error <= 10.0 ** (-14 + 2 * n) * 10)


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("c", [1e12, 1e-12])
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.exp, 1.0),
        (np.sin, 0.3),
        (np.log, 2.0),
        (np.arctan, -0.7),
        (lambda x: np.abs(x - 0.5), 0.5),
        (lambda x: np.floor(x), 2.0),
        (lambda x: np.sqrt(x) ** 5 + x, 0.0),
        (lambda x: x**2 * np.sqrt(1 - x), 1.0),
    ],
)
def test_scaling_changes_no_status_and_no_digits(f, x, c, n):
    plain = numdiff.estimate(f, x, n)
    tall = numdiff.estimate(lambda v: c * f(v), x, n)
    wide = numdiff.estimate(lambda v: f(v / c), c * x, n)
    for other, factor in ((tall, c), (wide, c**-n)):
        assert status(other) is status(plain)
        if np.isfinite(plain.value):
            bars = plain.error * factor + other.error
            assert abs(other.value - factor * plain.value) <= bars
            # At zero nothing scales but the grid, so the steps, and with them the bar, may differ.
            assert x == 0 or other.error <= 100 * factor * plain.error + 1e-12 * abs(other.value)


@pytest.mark.parametrize("size", [1e300, 1e-300])
def test_huge_and_tiny_functions(size):
    result = numdiff.estimate(lambda x: size * np.sin(x), 1.0)
    assert abs(result.value / size - np.cos(1)) < 1e-13


@pytest.mark.parametrize(
    ("f", "x", "truth"),
    [
        (np.log, 1e-300, 1e300),
        (np.arcsin, 1 - 1e-10, 1 / math.sqrt((1 - (1 - 1e-10)) * (2 - 1e-10))),
        (lambda x: np.abs(x - 1), 1 + 1e-7, 1.0),
        (np.exp, 1e-300, 1.0),
        (lambda x: np.exp(-1 / x), 0.05, math.exp(-20) / 0.0025),
        (lambda x: x * np.tanh(x), 7.0, math.tanh(7) + 7 / math.cosh(7) ** 2),
        (lambda x: np.tan(np.tanh(2.73 * x)), 0.001336, 2.73),
    ],
)
def test_near_an_edge_or_a_kink_or_a_change_of_scale(f, x, truth):
    result = numdiff.estimate(f, x)
    assert status(result) is Status.CONVERGED
    assert result.value == pytest.approx(truth, rel=1e-10 if x != 1 - 1e-10 else 1e-8)


@pytest.mark.parametrize(
    ("f", "x", "left", "right"),
    [
        (np.abs, 0.0, -1, 1),
        (lambda x: np.maximum(x, 0), 0.0, 0, 1),
        (lambda x: np.abs(x) + 1e3 * x**2, 0.0, -1, 1),
        (lambda x: np.exp(x) + 1e-6 * np.abs(x - 0.5), 0.5, math.exp(0.5), math.exp(0.5)),
        (lambda x: np.minimum(np.sin(x), 0.5), math.pi / 6, math.cos(math.pi / 6), 0),
        (lambda x: np.clip(x, -2, 2), -2.0, 0, 1),
    ],
)
def test_kinks(f, x, left, right):
    result = numdiff.estimate(f, x)
    assert status(result) is Status.KINK
    assert np.isnan(result.value)
    assert np.isinf(result.error)
    # pi/6 is no float: the kink is 1e-16 beside x, and the smallest steps know it.
    assert result.left == pytest.approx(left, abs=1e-4)
    assert result.right == pytest.approx(right, abs=1e-4)


def test_a_kink_of_the_second_derivative():
    first = numdiff.estimate(lambda x: x * abs(x), 0.0)
    assert status(first) is Status.CONVERGED
    assert first.value == pytest.approx(0, abs=1e-12)
    second = numdiff.estimate(lambda x: x * abs(x), 0.0, 2)
    assert status(second) is Status.KINK
    assert (second.left, second.right) == (pytest.approx(-2), pytest.approx(2))


@pytest.mark.parametrize(
    ("f", "x", "left", "right"),
    [
        (np.sign, 0.0, None, None),
        (np.floor, 1.0, None, 0),
        (np.ceil, 1.0, 0, None),
        (lambda x: np.sin(x) + 1e-3 * (x >= 1), 1.0, None, math.cos(1)),
    ],
)
def test_jumps(f, x, left, right):
    result = numdiff.estimate(f, x)
    assert status(result) is Status.JUMP
    assert np.isnan(result.value)
    for side, truth in ((result.left, left), (result.right, right)):
        assert np.isnan(side) if truth is None else side == pytest.approx(truth, abs=1e-5)


@pytest.mark.parametrize(
    ("f", "x", "truth"),
    [
        (lambda x: x**1.5, 0.0, 0.0),
        (lambda x: np.sqrt(x) ** 3 + 2 * x, 0.0, 2.0),
        (lambda x: (1 - x) * np.sqrt(1 - x) - x, 1.0, -1.0),
        (np.sqrt, 0.0, np.inf),
        (np.arcsin, 1.0, np.inf),
    ],
)
def test_edges(f, x, truth):
    result = numdiff.estimate(f, x)
    assert status(result) is Status.EDGE
    assert result.value == pytest.approx(truth, abs=1e-4)
    assert np.isinf(truth) or abs(result.value - truth) <= result.error
    assert np.isnan(result.left) != np.isnan(result.right)


def test_a_vertical_tangent_is_no_derivative():
    result = numdiff.estimate(np.cbrt, 0.0)
    assert status(result) is Status.INCONCLUSIVE
    assert (result.value, result.left, result.right) == (np.inf, np.inf, np.inf)
    cusp = numdiff.estimate(lambda x: np.sqrt(np.abs(x)), 0.0)
    assert status(cusp) is Status.INCONCLUSIVE
    assert np.isnan(cusp.value)
    assert (cusp.left, cusp.right) == (-np.inf, np.inf)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.log, 0.0),
        (np.log, -1.0),
        (lambda x: 1 / x, 0.0),
        (lambda x: np.sin(x) / x, 0.0),
        (lambda x: np.sqrt(-(x**2)), 0.0),
    ],
)
def test_undefined(f, x):
    result = numdiff.estimate(f, x)
    assert status(result) is Status.UNDEFINED
    assert np.isnan([result.value, result.left, result.right]).all()


def test_a_step_far_off_leaves_a_constant_alone():
    for f, x in ((np.floor, 2.5), (lambda x: 1.0 * (x > 1), 0.999), (lambda x: 0 * x + 3, 1.0)):
        result = numdiff.estimate(f, x)
        assert status(result) is Status.CONVERGED
        assert result.value == 0


def test_a_noisy_function_says_so_in_its_bar():
    rng = np.random.default_rng(4)
    values = [
        numdiff.estimate(lambda x: np.sin(x) + 1e-6 * rng.standard_normal(np.shape(x)), 1.0)
        for _ in range(30)
    ]
    errors = np.array([abs(v.value - np.cos(1)) for v in values])
    bars = np.array([v.error for v in values])
    assert np.mean(errors <= bars) >= 0.9
    assert 1e-6 < np.median(bars) < 1e-3


def test_a_staircase_at_small_scale_is_taken_for_noise():
    result = numdiff.estimate(lambda x: np.round(1e12 * np.sin(x)) / 1e12, 1.0)
    assert off(result, np.cos(1)) <= result.error < 1e-9


def test_one_table_for_many_points_and_shapes():
    x = np.linspace(0.1, 3, 12).reshape(3, 4)
    result = numdiff.estimate(np.log, x)
    for field in ("value", "error", "status", "step", "order", "left", "right"):
        assert getattr(result, field).shape == (3, 4)
    np.testing.assert_allclose(result.value, 1 / x, rtol=1e-12)
    alone = [numdiff.estimate(np.log, v).value for v in x.ravel()]
    np.testing.assert_allclose(result.value.ravel(), alone, rtol=1e-13)
    assert numdiff.estimate(np.log, np.zeros((0, 2))).value.shape == (0, 2)


def test_arguments_broadcast_with_x():
    result = numdiff.estimate(lambda x, a, b: a * x**b, 2.0, args=(3, [[1.0], [2.0]]))
    np.testing.assert_allclose(result.value, [[3.0], [12.0]], rtol=1e-12)


def test_array_calls_are_found_by_comparison():
    calls = []

    def whole(x):
        calls.append(np.shape(x))
        return np.exp(x)

    numdiff.estimate(whole, np.linspace(0, 1, 50))
    assert max(math.prod(shape) for shape in calls) > 500
    assert len(calls) < 12

    def mixes(x):
        return x**2 if np.ndim(x) == 0 else x**2 + np.max(x)

    result = numdiff.estimate(mixes, [1.0, 2.0])
    np.testing.assert_allclose(result.value, [2.0, 4.0], rtol=1e-12)


def test_scalar_functions_that_raise_beside_x():
    result = numdiff.estimate(math.log, [1e-3, 2.0])
    np.testing.assert_allclose(result.value, [1e3, 0.5], rtol=1e-11)
    assert result.evaluations < 2 * 70
    edge = numdiff.estimate(lambda x: math.sqrt(x) ** 3, 0.0)
    assert status(edge) is Status.EDGE

    def divides(x):
        return 1.0 if x > 1 else 1 / (x - 1)

    with pytest.raises(ZeroDivisionError):
        numdiff.estimate(lambda x: divides(float(x)), 1.0)
    with pytest.raises(ValueError, match="math domain error"):
        numdiff.estimate(math.log, -1.0)


def test_other_errors_of_f_pass():
    def broken(x):
        raise KeyError("missing")

    with pytest.raises(KeyError, match="missing"):
        numdiff.estimate(broken, 1.0)


def test_a_function_may_spoil_its_argument():
    def spoils(x):
        y = np.sin(x)
        if np.ndim(x):
            x[...] = 7
        return y

    x = np.array([0.1, 0.2])
    result = numdiff.estimate(spoils, x)
    np.testing.assert_allclose(result.value, np.cos([0.1, 0.2]), rtol=1e-12)
    np.testing.assert_array_equal(x, [0.1, 0.2])


def test_float32_input_is_evaluated_at_float32_points():
    seen = []

    def f(x):
        seen.append(np.asarray(x).dtype)
        return np.sin(x)

    x = np.float32(1.1)
    result = numdiff.estimate(f, x)
    assert set(seen) == {np.dtype(np.float32)}
    assert off(result, math.cos(float(x))) <= result.error < 1e-4


def test_float32_values_widen_the_bar():
    result = numdiff.estimate(lambda x: np.float32(np.sin(x)), 1.0)
    assert off(result, math.cos(1)) <= result.error
    assert 1e-9 < result.error < 1e-4


def test_integers_become_floats():
    result = numdiff.estimate(lambda x: x**3, np.array([1, 2]))
    assert result.value.dtype == np.float64
    np.testing.assert_allclose(result.value, [3, 12], rtol=1e-13)
    assert numdiff.estimate(lambda x: np.floor(x).astype(int), 2.5).value == 0


@pytest.mark.parametrize("method", ["auto", "3-point", "2-point"])
@pytest.mark.parametrize("x", [0.0, 1.0, 0.5])
def test_f_is_never_called_out_of_bounds(method, x):
    seen = []

    def f(v):
        seen.extend(np.ravel(v))
        return np.exp(v)

    result = numdiff.estimate(f, x, bounds=(0.0, 1.0), method=method)
    assert min(seen) >= 0
    assert max(seen) <= 1
    assert status(result) is (Status.CONVERGED if x == 0.5 else Status.EDGE)
    assert off(result, math.exp(x)) <= result.error < 1e-6


@pytest.mark.parametrize("step", [{"abs_step": 0.05}, {"rel_step": 0.1}])
def test_the_top_of_the_ladder_may_be_given(step):
    result = numdiff.estimate(np.sin, 0.5, **step)
    assert result.step <= 0.05 * 1.36
    assert off(result, math.cos(0.5)) <= result.error < 1e-9


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: numdiff.estimate("sin", 1.0), numdiff.InputTypeError, "'sin'"),
        (lambda: numdiff.estimate(np.sin, "1"), numdiff.InputTypeError, "real numbers, got '1'"),
        (lambda: numdiff.estimate(np.sin, None), numdiff.InputTypeError, "None"),
        (lambda: numdiff.estimate(np.sin, [[1.0], [1.0, 2.0]]), numdiff.InputTypeError, "rectang"),
        (lambda: numdiff.estimate(np.sin, 1j), numdiff.InputTypeError, "1j"),
        (lambda: numdiff.estimate(np.sin, np.inf), numdiff.InputError, "finite"),
        (lambda: numdiff.estimate(np.sin, 1.0, 0), numdiff.InputError, "from 1 to 4, got 0"),
        (lambda: numdiff.estimate(np.sin, 1.0, 5), numdiff.InputError, "got 5"),
        (lambda: numdiff.estimate(np.sin, 1.0, 1.5), numdiff.InputTypeError, "1.5"),
        (lambda: numdiff.estimate(np.sin, 1.0, method="4-point"), numdiff.InputError, "4-point"),
        (lambda: numdiff.estimate(np.sin, 1.0, 2, method="cs"), numdiff.InputError, "n=2"),
        (lambda: numdiff.estimate(np.sin, 1.0, bounds=(2, 3)), numdiff.InputError, "within"),
        (lambda: numdiff.estimate(np.sin, 1.0, bounds=2), numdiff.InputError, "pair"),
        (lambda: numdiff.estimate(np.sin, 1.0, abs_step="h"), numdiff.InputError, "'h'"),
        (lambda: numdiff.estimate(np.sin, 1.0, rel_step=0), numdiff.InputError, "not zero"),
        (lambda: numdiff.estimate(lambda x: "a", 1.0), numdiff.InputTypeError, "'a'"),
        (lambda: numdiff.estimate(lambda x: None, 1.0), numdiff.InputTypeError, "None"),
        (lambda: numdiff.estimate(lambda x: x + 1j, 1.0), numdiff.InputTypeError, "complex"),
        (lambda: numdiff.estimate(lambda x: np.ones(3), 1.0), numdiff.InputError, "jacobian"),
        (
            lambda: numdiff.estimate(lambda x, a: x, [1.0, 2.0], args=([1, 2, 3],)),
            numdiff.InputError,
            "broadcast",
        ),
        (
            lambda: numdiff.estimate(lambda x: "a" * 200, 1.0),
            numdiff.InputTypeError,
            r"a\.\.\. ",
        ),
    ],
)
def test_bad_input_is_refused_in_one_line(call, error, words):
    with pytest.raises(error, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, numdiff.NumdiffError)
