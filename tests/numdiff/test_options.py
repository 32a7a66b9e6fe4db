"""The options of estimates: named as SciPy names them, checked at the door, and obeyed."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import numdiff
from numdiff import InputError, InputTypeError, Status


def seen_points(**options):
    """Where f was evaluated about 1, and what was found."""
    points = []

    def f(x):
        points.extend(np.atleast_1d(x))
        return np.exp(x)

    result = numdiff.estimate(f, 1.0, **options)
    return np.array(points), result


def test_the_largest_step_and_the_ratio_and_the_number_of_steps_are_as_asked():
    asked = {"initial_step": 0.25, "step_factor": 3.0, "maxiter": 6}
    points, result = seen_points(**asked)
    # Those of the survey are far apart; those of the table lie on a grid of powers of three.
    steps = np.unique(points[points > 1]) - 1
    on_grid = [3.0**k for k in range(-6, 0) if np.isclose(steps, 3.0**k, rtol=1e-12).any()]
    assert len(on_grid) == 6
    assert result.status == Status.CONVERGED
    assert abs(result.value - np.e) <= result.error < 1e-6
    # No step of the table is smaller than the smallest of six.
    assert result.step >= 0.25 / 3.0**6


@pytest.mark.parametrize("order", [2, 4, 6, 8])
def test_no_fit_is_of_higher_order_than_asked(order):
    result = numdiff.estimate(np.exp, 1.0, order=order)
    assert 1 <= result.order <= order
    assert abs(result.value - np.e) <= result.error
    # Lower orders need smaller steps, and those cost digits.
    higher = numdiff.estimate(np.exp, 1.0, order=order + 4)
    assert higher.error < result.error / 2


def test_abs_step_and_initial_step_are_one():
    one, other = (numdiff.estimate(np.sin, 1.0, **{k: 0.1}) for k in ("abs_step", "initial_step"))
    assert one.value == other.value
    with pytest.raises(InputError, match="abs_step and initial_step"):
        numdiff.estimate(np.sin, 1.0, abs_step=0.1, initial_step=0.1)


@pytest.mark.parametrize("direction", [-1, 1])
def test_one_side_alone_is_looked_at(direction):
    points, result = seen_points(step_direction=direction)
    assert np.all(direction * (points - 1) >= 0)
    assert result.status == Status.EDGE
    assert abs(result.value - np.e) <= result.error < 1e-9


def test_directions_for_each_point():
    x = np.array([0.0, 0.0, 1.0])
    result = numdiff.estimate(np.abs, x, step_direction=[-1, 1, 0])
    np.testing.assert_allclose(result.value, [-1, 1, 1])
    np.testing.assert_array_equal(result.status, [Status.EDGE, Status.EDGE, Status.CONVERGED])


def test_beyond_the_tolerances_is_inconclusive_and_the_value_stays():
    strict = numdiff.estimate(np.sin, 1.0, tolerances={"rtol": 1e-17})
    loose = numdiff.estimate(np.sin, 1.0, tolerances={"atol": 1e-9})
    assert strict.status == Status.INCONCLUSIVE
    assert loose.status == Status.CONVERGED
    assert strict.value == loose.value
    kink = numdiff.estimate(np.abs, 0.0, tolerances={"rtol": 1e-17})
    assert kink.status == Status.KINK


def test_args_may_be_one_alone():
    one = numdiff.estimate(lambda x, k: x**k, 2.0, args=3)
    assert one.value == pytest.approx(12, rel=1e-12)
    assert numdiff.estimate(lambda x, k: x**k, 2.0, args=(3,)).value == one.value


def test_the_verbs_take_the_same_options():
    derived = numdiff.derivative(np.exp, initial_step=0.25, maxiter=6, order=4)
    direct = numdiff.estimate(np.exp, 1.0, initial_step=0.25, maxiter=6, order=4).value
    assert derived(1.0) == direct
    beside = numdiff.derivative(lambda x, k: np.exp(x) * k, initial_step=0.25, order=4)
    np.testing.assert_allclose(beside(np.ones(2), np.array([1.0, 2.0])), [np.e, 2 * np.e], 1e-7)
    into = numdiff.derivative(lambda x: x * np.arange(3.0), maxiter=8, step_direction=1)
    np.testing.assert_allclose(into(1.0), np.arange(3.0), rtol=1e-9, atol=1e-12)
    gradient = numdiff.grad(lambda v: np.sum(np.exp(v)), initial_step=0.25, order=6)
    np.testing.assert_allclose(gradient(np.zeros(3)), 1.0, rtol=1e-6)
    left = numdiff.jacobian(np.abs, step_direction=-1)
    np.testing.assert_allclose(left(np.zeros(2)), [[-1, 0], [0, -1]], atol=1e-12)


def test_workers_give_the_same_bits():
    def f(x):
        return float(np.exp(float(x)))

    x = np.linspace(-1, 1, 7)
    alone = numdiff.estimate(f, x)
    with ThreadPoolExecutor(2) as pool:
        together = numdiff.estimate(f, x, workers=pool)
    np.testing.assert_array_equal(together.value, alone.value)
    np.testing.assert_array_equal(together.error, alone.error)
    assert together.evaluations == alone.evaluations


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"maxiter": 4}, InputError, "maxiter must be from 5 to 60 for n=1, got 4"),
        ({"maxiter": 60, "step_factor": 50.0}, InputError, "span more than 1e+40"),
        ({"maxiter": 2.5}, InputTypeError, "maxiter must be an integer, got 2.5"),
        ({"maxiter": True}, InputTypeError, "maxiter must be an integer, got True"),
        ({"order": 3}, InputError, "order must be a positive even number, got 3"),
        ({"order": 0}, InputError, "order must be a positive even number, got 0"),
        ({"order": "high"}, InputTypeError, "order must be an integer, got 'high'"),
        ({"step_factor": 1.0}, InputError, "step_factor must be from 1.05 to 100, got 1.0"),
        ({"step_factor": "two"}, InputTypeError, "step_factor must be a number, got 'two'"),
        ({"initial_step": 0}, InputError, "a step must be finite and not zero, got 0"),
        ({"step_direction": [1, 2]}, InputError, "step_direction must be a number or broadcast"),
        ({"tolerances": 1e-8}, InputTypeError, "tolerances must be a dictionary, got 1e-08"),
        ({"tolerances": {"tol": 1}}, InputError, "tolerances are 'atol' and 'rtol', got 'tol'"),
        ({"tolerances": {"rtol": -1}}, InputError, "rtol must be a number from 0 on, got -1"),
        ({"steps": 3}, InputTypeError, "there is no option 'steps'"),
        ({"workers": 4}, InputTypeError, "workers must be a concurrent.futures.Executor, got 4"),
    ],
)
def test_what_is_refused_and_how(options, kind, said):
    for ask in (
        lambda: numdiff.estimate(np.sin, 1.0, **options),
        lambda: numdiff.estimate_jacobian(np.sin, 1.0, **options),
        lambda: numdiff.derivative(np.sin, **options)(1.0),
    ):
        with pytest.raises(kind) as caught:
            ask()
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("direction", [-1, 0, 1])
def test_the_shortest_ladders_and_the_lowest_orders(n, direction):
    with pytest.raises(InputError, match=f"from {n + 4} to 60 for n={n}"):
        numdiff.estimate(np.exp, 0.5, n, maxiter=n + 3)
    for maxiter in (n + 4, n + 5, n + 8):
        for order in (None, 2, 4):
            asked = {"maxiter": maxiter, "order": order, "step_direction": direction}
            result = numdiff.estimate(np.exp, 0.5, n, **asked)
            assert abs(result.value - np.exp(0.5)) <= result.error


def test_plain_methods_have_no_ladder():
    with pytest.raises(InputError, match="maxiter=6 is of no use to method '2-point'"):
        numdiff.estimate(np.sin, 1.0, method="2-point", maxiter=6)


@pytest.mark.parametrize("method", ["auto", "2-point", "3-point", "cs"])
@pytest.mark.parametrize("top", [0.0, 0.001])
def test_no_method_looks_out_of_bounds(method, top):
    seen = []

    def f(x):
        seen.extend(np.ravel(np.real(x)))
        return np.exp(x)

    x = np.array([1.0, 0.25])
    bounds = (0.25, 1.0 + top)
    numdiff.estimate(f, x, method=method, bounds=bounds)
    numdiff.estimate_jacobian(f, x, method=method, bounds=bounds)
    numdiff.derivative(lambda t, k: f(t) + k, method=method, bounds=bounds)(x, np.ones(2))
    assert min(seen) >= 0.25
    assert max(seen) <= 1.0 + top


def test_values_are_named_on_one_line_however_large_they_are():
    large = np.ones((40, 40))
    for ask in (
        lambda: numdiff.estimate(np.sin, 1.0, maxiter=large),
        lambda: numdiff.estimate(np.sin, 1.0, step_direction=large),
        lambda: numdiff.estimate(np.sin, np.full((40, 40), np.nan)),
        lambda: numdiff.estimate(np.sin, large, bounds=(2 * large, 3 * large)),
        lambda: numdiff.estimate(large, 1.0),
        lambda: numdiff.estimate(np.sin, 1.0, method=large),
        lambda: numdiff.derivative(np.sin, large),
        lambda: numdiff.estimate(np.sin, 1.0, large),
    ):
        with pytest.raises((InputError, InputTypeError)) as caught:
            ask()
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 250


def test_a_kink_shows_in_the_bar_of_plain_differences():
    for method in ("2-point", "3-point"):
        assert numdiff.estimate(np.abs, 0.0, method=method).error >= 1


def test_an_empty_choice_of_arguments_is_refused():
    for verb in (numdiff.grad, numdiff.jacobian, numdiff.hessian):
        with pytest.raises(InputError, match=r"wrt=\(\) names no argument"):
            verb(np.sin, ())
