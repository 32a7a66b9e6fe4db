"""Functions with derivatives known to fifty digits: so many digits, from so few values of f."""

import json
from pathlib import Path

import mpmath
import numpy as np
import pytest

import numdiff
from diffexpr import function, parse
from numdiff import Status

DATA = Path(__file__).parents[1] / "data" / "numeric-open.jsonl"


def off(value, truth):
    with mpmath.workdps(60):
        return abs(mpmath.mpf(float(value)) - mpmath.mpf(truth))


def digits(value, truth):
    """Correct decimal digits; absolute ones where the truth is zero."""
    with mpmath.workdps(60):
        size = abs(mpmath.mpf(truth))
        part = off(value, truth) / size if size else off(value, truth)
        return 16.0 if part == 0 else min(16.0, float(-mpmath.log10(part)))


@pytest.fixture(scope="module")
def rows():
    rows = [json.loads(line) for line in DATA.read_text().splitlines()]
    assert len(rows) == 25
    return [(function(parse(row["f"])), float(row["x"]), row["df"]) for row in rows]


def test_real_values_give_fourteen_digits_from_sixty_four_of_them(rows):
    found = [numdiff.estimate(f, x) for f, x, _ in rows]
    right = [digits(r.value, truth) for r, (_, _, truth) in zip(found, rows, strict=True)]
    assert np.median(right) >= 14.3
    assert np.mean(right) >= 14.0
    assert min(right) >= 8.8
    assert max(r.evaluations for r in found) <= 64
    for result, (_, _, truth) in zip(found, rows, strict=True):
        assert result.status == Status.CONVERGED
        assert off(result.value, truth) <= result.error


def test_complex_steps_give_them_all(rows):
    found = [numdiff.estimate(f, x, method="cs") for f, x, _ in rows]
    right = [digits(r.value, truth) for r, (_, _, truth) in zip(found, rows, strict=True)]
    assert np.median(right) >= 15.9
    for result, (_, _, truth) in zip(found, rows, strict=True):
        assert off(result.value, truth) <= result.error


def test_evaluations_are_counted_as_they_are_made(rows):
    for f, x, _ in rows:
        points = []

        def counted(x, f=f, points=points):
            points.extend(np.atleast_1d(x))
            return f(x)

        assert numdiff.estimate(counted, x).evaluations == len(points)


SPECIAL = {
    "x**1.5": (lambda x: x**1.5, 0.0, lambda x: mpmath.mpf(0)),
    "log": (np.log, 1e-300, lambda x: 1 / x),
    "arcsin": (np.arcsin, 1 - 1e-10, lambda x: 1 / mpmath.sqrt(1 - x**2)),
    "abs(x - 1)": (lambda x: np.abs(x - 1), 1 + 1e-7, lambda x: mpmath.mpf(1)),
    "1e300 sin": (lambda x: 1e300 * np.sin(x), 1.0, lambda x: mpmath.mpf(1e300) * mpmath.cos(x)),
    "1e-300 sin": (lambda x: 1e-300 * np.sin(x), 1.0, lambda x: mpmath.mpf(1e-300) * mpmath.cos(x)),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_ends_of_domains_and_of_the_floats(name):
    f, x, truth = SPECIAL[name]
    with mpmath.workdps(60):
        exact = truth(mpmath.mpf(x))
    result = numdiff.estimate(f, x)
    assert digits(result.value, exact) >= 10
    assert off(result.value, exact) <= result.error


def test_a_stair_of_rounding_is_no_jump():
    # The argument of arctanh is within a few roundings of 1, and its values are stairs.
    def f(x):
        s = np.sinh(0.75 + 1.5 * x)
        return np.arctanh(np.sqrt(3) * s / np.sqrt(2.5 + 3 * s**2))

    assert numdiff.estimate(f, 9.421875).status == Status.CONVERGED


@pytest.mark.parametrize("height", [1e-6, 1e-9])
def test_between_the_stairs_of_a_coarse_function_the_bar_is_as_wide_as_they_are_high(height):
    for x in np.random.default_rng(2).uniform(-3, 3, 20):
        result = numdiff.estimate(lambda t: np.round(np.sin(t) / height) * height, x)
        assert result.status in (Status.CONVERGED, Status.INCONCLUSIVE), x
        if result.status == Status.CONVERGED:
            assert abs(result.value - np.cos(x)) <= result.error < 100 * np.sqrt(height), x


@pytest.mark.parametrize("height", [1.0, 1e-3, -5.0])
@pytest.mark.parametrize("x", [0.0, 1.0, -3.7, 1e6, 1e-9])
def test_a_jump_at_x_is_one_and_the_other_side_has_its_slope(height, x):
    result = numdiff.estimate(lambda t: np.sin(t) + height * (t > x), x)
    assert result.status == Status.JUMP
    assert result.left == pytest.approx(np.cos(x), abs=1e-4)
    assert np.isnan(result.right)
    assert np.isnan(result.value)


def test_many_points_are_asked_in_few_calls_and_one_by_one_gives_the_same():
    calls = []

    def f(x):
        calls.append(np.size(x))
        return np.exp(-(x**2)) * np.sin(3 * x)

    x = np.random.default_rng(5).uniform(-2, 2, 20000)
    result = numdiff.estimate(f, x)
    assert len([size for size in calls if size > 1]) <= 64
    assert sum(calls) == result.evaluations
    exact = np.exp(-(x**2)) * (3 * np.cos(3 * x) - 2 * x * np.sin(3 * x))
    assert np.all(result.status == Status.CONVERGED)
    assert np.mean(np.abs(result.value - exact) <= result.error + 4e-16) > 0.999
    for i in (0, 7777, 19999):
        alone = numdiff.estimate(f, x[i])
        assert alone.value == pytest.approx(result.value[i], rel=1e-13)
        assert alone.error == pytest.approx(result.error[i], rel=1e-2)


@pytest.mark.parametrize("distance", [1e-11, 1e-10, 1e-8, 1e-6])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_kink_close_by_is_no_kink_here(distance, side):
    for part in np.random.default_rng(7).uniform(1, 9, 12):
        x = 1 + side * distance * part
        result = numdiff.estimate(lambda t: np.abs(t - 1) + np.sin(t), x)
        assert result.status == Status.CONVERGED
        assert abs(result.value - (side + np.cos(x))) <= result.error


@pytest.mark.parametrize(("slope", "x"), [(1e-3, 1e8), (1e-4, 1e6), (1e-8, 1.0)])
def test_a_slight_kink_on_a_steep_slope_is_seen(slope, x):
    result = numdiff.estimate(lambda t: np.sin(t) + slope * np.abs(t - x), x)
    assert result.status == Status.KINK
    assert result.right - result.left == pytest.approx(2 * slope, rel=0.1)


def test_beside_a_pole_the_rounding_of_the_steps_is_no_error():
    for part in np.random.default_rng(3).uniform(1, 9, 20):
        x = 1 + 1e-10 * part
        for n, truth in ((1, -1 / (x - 1) ** 2), (2, 2 / (x - 1) ** 3), (3, -6 / (x - 1) ** 4)):
            result = numdiff.estimate(lambda t: 1 / (t - 1), x, n)
            assert abs(result.value - truth) <= result.error


def test_a_steep_bend_far_off_is_no_kink():
    # The table of the right side alone is drawn off to the step at 2; no small step bears it out.
    x, width = 0.271567023296475, 0.05989220651967269
    result = numdiff.estimate(lambda t: np.tanh((t - 2) / width) + t, x)
    assert result.status == Status.CONVERGED
    assert abs(result.value - 1) <= result.error
