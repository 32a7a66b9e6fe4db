"""The error of plain differences against their step: powers, noise, edges and kinks."""

import math

import numpy as np
import pytest

from numdiff import InputError, InputTypeError, Status, curve, estimate
from numdiff.power_law import NO_LAW, Law, power_law


def by_name(found):
    return {d.name: d for d in found.differences}


# f, x, n, and the next terms of Taylor's series: the truncation of the central and the forward
# difference, factor and power, worked out by hand.
SMOOTH = [
    (np.exp, 1.0, 1, (math.e / 6, 2), (math.e / 2, 1)),
    (np.exp, 1.0, 2, (math.e / 12, 2), (math.e, 1)),
    (np.exp, 0.0, 3, (1 / 4, 2), (3 / 2, 1)),
    (np.exp, 0.0, 4, (1 / 6, 2), (2, 1)),
    (np.sin, 0.0, 1, (1 / 6, 2), (1 / 6, 2)),
    (np.cos, 0.0, 2, (1 / 12, 2), (7 / 12, 2)),
    (np.log, 2.0, 1, (1 / 24, 2), (1 / 8, 1)),
    (lambda x: 1 / x, 1e-8, 1, (1e32, 2), (1e24, 1)),
    (np.exp, -700.0, 1, (math.exp(-700) / 6, 2), (math.exp(-700) / 2, 1)),
]


@pytest.mark.parametrize(("f", "x", "n", "central", "forward"), SMOOTH)
def test_the_truncation_of_smooth_functions_is_the_next_term_of_the_series(
    f, x, n, central, forward
):
    found = curve(f, x, n)
    for name, (factor, power) in (("central", central), ("forward", forward)):
        law = by_name(found)[name].truncation
        assert law.power == power
        # The law is read off finite steps, whose own next terms shift it by some percent.
        assert law.factor == pytest.approx(factor, rel=0.05)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_rounding_grows_with_the_order_of_the_derivative(n):
    for d in curve(np.exp, 1.0, n).differences:
        assert d.rounding.power == -n
        assert 1e-17 < d.rounding.factor < 1e-14


def test_the_best_steps_are_those_of_the_textbook():
    central, forward = curve(np.exp, 1.0).differences
    eps = np.finfo(float).eps
    # Numerical Recipes 5.7: cube root and square root of eps; the constants are of order 1.
    assert central.best_step == pytest.approx(eps ** (1 / 3), rel=2)
    assert forward.best_step == pytest.approx(eps ** (1 / 2), rel=2)
    for d in (central, forward):
        both = d.truncation(d.best_step) + d.rounding(d.best_step)
        assert d.best_error == pytest.approx(both)
        assert d.truncation(d.best_step) == pytest.approx(d.rounding(d.best_step))


@pytest.mark.parametrize("x", [0.3, 1.0, -7.5, 1e6])
def test_the_expected_error_is_the_observed_one(x):
    for d in curve(np.sin, x).differences:
        h, error = curve(np.sin, x).step, d.error
        expected = np.hypot(d.truncation(h), d.rounding(h))
        near = (h > d.best_step / 300) & (h < d.best_step * 300) & (error > 0)
        off = np.log10(error[near] / expected[near])
        assert abs(np.median(off)) < 0.4  # half a decade: rounding scatters
        assert off.max() < 1


def test_values_are_the_plain_quotients_at_exact_steps():
    found = curve(math.atan, 0.7)
    central, forward = found.differences
    for h, c, f in zip(found.step, central.value, forward.value, strict=True):
        assert (0.7 + h) - 0.7 == h
        assert c == (math.atan(0.7 + h) - math.atan(0.7 - h)) / (2 * h)
        assert f == pytest.approx((math.atan(0.7 + h) - math.atan(0.7)) / h, rel=1e-15)
    assert np.all(np.diff(found.step) > 0)
    assert np.array_equal(central.error, abs(central.value - found.estimate.value))


def test_the_ladder_runs_from_roundings_of_x_to_beyond_the_scale():
    found = curve(np.sin, 1.0)
    assert 2.2e-16 < found.step[0] < 1e-14
    assert found.step[-1] > 3 * found.scale
    decades = np.log10(found.step[-1] / found.step[0])
    assert 3 <= len(found.step) / decades <= 5
    far = curve(np.sin, 1e10)
    assert far.step[0] > 1e-6
    assert 0.1 < far.scale < 10
    near = curve(np.sin, 1e-10)
    assert len(near.step) < 80


def test_the_estimate_is_that_of_estimate_and_its_cost_is_counted():
    calls = 0

    def f(x):
        nonlocal calls
        calls += 1
        return math.exp(x)

    found, plain = curve(f, 1.0), estimate(math.exp, 1.0)
    assert found.estimate.value == plain.value
    assert found.estimate.error == plain.error
    assert found.estimate.evaluations == plain.evaluations
    # The two array calls that f refuses count nothing.
    assert plain.evaluations < found.evaluations <= calls + 2


def test_a_kink_is_measured_from_each_side():
    found = curve(lambda x: abs(math.sin(x)), 0.0)
    forward, backward = found.differences
    assert (forward.name, backward.name) == ("forward", "backward")
    assert (forward.target, backward.target) == pytest.approx((1, -1))
    assert forward.truncation.power == backward.truncation.power == 2
    assert Status(int(found.estimate.status)) == Status.KINK


def test_an_edge_has_the_side_that_exists():
    (forward,) = curve(lambda x: x**1.5, 0.0).differences
    assert forward.name == "forward"
    assert forward.truncation.power == 0.5  # not 1: the second derivative is infinite there
    assert forward.truncation.factor == pytest.approx(1, rel=1e-2)
    (backward,) = curve(np.exp, 1.0, bounds=(-np.inf, 1.0)).differences
    assert backward.name == "backward"
    assert backward.truncation.power == 1


def test_a_vertical_tangent_has_values_and_no_errors():
    (forward,) = curve(np.sqrt, 0.0).differences
    assert np.all(np.isnan(forward.error))
    assert forward.value[0] > 1e6
    assert forward.truncation is NO_LAW


def test_a_jump_has_the_quotients_of_both_sides():
    forward, backward = curve(np.floor, 1.0).differences
    assert forward.error[0] == 0
    assert np.all(np.isnan(backward.error))
    assert backward.value[0] > 1e10


def test_nothing_is_drawn_where_f_is_undefined():
    found = curve(np.log, -1.0)
    assert found.differences == ()
    assert len(found.step) > 0


def test_no_step_is_best_where_no_truncation_is_seen():
    for d in curve(lambda x: 3 * x, 1.0).differences:
        assert math.isnan(d.truncation.factor)
        assert math.isnan(d.best_step)
        assert math.isnan(d.best_error)


def test_noise_moves_the_best_step():
    def noisy(x):
        return math.exp(x) * (1 + 1e-9 * math.sin(1e15 * x))

    central = by_name(curve(noisy, 1.0))["central"]
    quiet = by_name(curve(np.exp, 1.0))["central"]
    # (1e-9/1e-16)**(1/3) is 215.
    assert 30 < central.best_step / quiet.best_step < 2000


def test_bounds_are_kept():
    seen = []

    def f(x):
        seen.append(float(x))
        return math.exp(x)

    curve(f, 0.5, bounds=(0.0, 1.0))
    assert 0.0 <= min(seen) <= max(seen) <= 1.0


def test_single_precision_has_a_coarser_ladder():
    found = curve(lambda x: np.exp(x), np.float32(1))
    central, forward = found.differences
    assert found.step[0] > 1e-7
    assert np.array_equal(found.step.astype(np.float32), found.step)
    assert 1e-3 < central.best_step < 0.1
    assert central.truncation.power == 2
    assert 1e-5 < forward.best_step < 1e-2


def test_further_arguments_are_handed_on():
    found = curve(lambda x, k: x**k, 2.0, args=(3,))
    assert found.estimate.value == pytest.approx(12)


@pytest.mark.parametrize(
    ("arguments", "options", "kind", "said"),
    [
        ((np.sin, [1.0, 2.0]), {}, InputError, "one point, got shape (2,); call it once for each"),
        ((np.sin, 1.0, 5), {}, InputError, "n must be from 1 to 4, got 5"),
        ((np.sin, 1.0, "1"), {}, InputTypeError, "n must be an integer, got '1'"),
        ((np.sin, "1"), {}, InputTypeError, "x must be real numbers, got '1'"),
        ((np.sin, np.nan), {}, InputError, "x must be finite"),
        ((3.0, 1.0), {}, InputTypeError, "f must be a function, got 3.0"),
        ((np.sin, 1.0), {"bounds": (2, 3)}, InputError, "outside (2, 3)"),
        ((np.add, 1.0), {"args": ([1, 2],)}, InputError, "an argument of shape (2,)"),
        ((lambda x: 1j * x, 1.0), {}, InputTypeError, "f must give real numbers"),
    ],
)
def test_bad_questions_are_told_in_one_line(arguments, options, kind, said):
    with pytest.raises(kind) as error:
        curve(*arguments, **options)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_power_law_is_read_off_in_spite_of_outliers():
    h = np.geomspace(1e-6, 1e-3, 12)
    y = 3 * h**2
    y[4] *= 1e4
    law = power_law(h, y)
    assert law.power == 2
    assert law.factor == pytest.approx(3)
    assert power_law(h, 2 * h**0.8).power == pytest.approx(0.8)
    assert power_law(h[:3], y[:3]) is NO_LAW
    assert Law(2.0, -1.0)(4.0) == 0.5
