"""Cross differences and rays larger than the memory of all at once: blocks change no answer.

A peak is what Python and NumPy held at most, in bytes, by tracemalloc; no test reads a clock.
"""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import numdiff
from numdiff import InputTypeError, coordinates, crossed, directional
from numdiff.arguments import read_bounds
from numdiff.calls import Lines
from numdiff.crossed import Crosses, Scales, axis
from numdiff.directional import estimate_along, estimate_curvature

FIELDS = ("value", "error", "status", "step", "order", "left", "right")


def peak(ask):
    tracemalloc.start()
    try:
        return ask(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def product(v):
    return float(v @ v) + v[0] * v[-1]


def rosenbrock(v):
    return float(np.sum(100 * (v[1:] - v[:-1] ** 2) ** 2 + (1 - v[:-1]) ** 2))


def recorded(f):
    """F, and the points at which it is called."""
    seen = []

    def recording(v):
        seen.append(v.tobytes())
        return f(v)

    return recording, seen


def the_same(one, other, rtol):
    assert one.evaluations == other.evaluations
    for name in FIELDS:
        a, b = getattr(one, name), getattr(other, name)
        # Zeros are known to no more than the errors of the others.
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * np.nanmax(np.abs(one.value)))


def test_no_pair_holds_its_directions():
    n = 2000
    x, v = np.linspace(1, 2, n), np.linspace(-1, 2, n)
    lines = Lines(product, x, read_bounds(None, x))
    scales = Scales(np.ones((2, n)), False, np.ones(n, dtype=bool), np.zeros(n))

    def ask():
        crosses = Crosses(lines, x, lambda i: (axis(i, n), v), scales)
        return crosses((crosses.start + 0.5)[None])[0]

    values, most = peak(ask)
    np.testing.assert_allclose(values[1:-1] / 8, 2 * 0.125 * v[1:-1], atol=1e-6)
    # One array of all directions would be 32 MB.
    assert most < 3e6


def test_the_memory_of_a_hessian_is_that_of_a_block(monkeypatch):
    monkeypatch.setattr(crossed, "_TOGETHER", 32)
    # What is loaded and remembered at the first call belongs to neither.
    _, few, many = (
        peak(lambda n=n: numdiff.estimate_hessian(product, np.linspace(1, 2, n)))[1]
        for n in (24, 9, 24)
    )
    # 36 and 276 pairs: only the answers grow, and the tables of the diagonal. All pairs at once
    # would take some ten thousand bytes each.
    assert many < few + 276 * 1000


def test_the_memory_of_a_product_is_that_of_a_block(monkeypatch):
    monkeypatch.setattr(crossed, "_TOGETHER", 32)
    monkeypatch.setattr(coordinates, "_TOGETHER", 32)
    n = 250
    x, v = np.linspace(1, 2, n), np.linspace(-1, 2, n)
    result, most = peak(lambda: estimate_curvature(product, x, v))
    truth = 2 * v
    truth[[0, -1]] += v[[-1, 0]]
    assert np.all(np.abs(result.value - truth) <= result.error)
    # An array of the directions of all pairs is 0.5 MB, and there were several; all in one block
    # took 8 MB.
    assert most < 1.5e6


@pytest.mark.parametrize("size", [3, 8])
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (rosenbrock, [-1.2, 1.0, 0.7, 0.3, 2.0]),
        (lambda v: np.exp(v[0] * v[1] * v[4]), [0.5, 2.0, 1.0, 0.0, 0.3]),
        (np.sum, [1.0, 2.0, 3.0, 4.0, 5.0]),
        (lambda v: np.float32(np.sin(v).sum()), [1.0, 2.0, 3.0, 4.0, 5.0]),
    ],
)
def test_blocks_of_pairs_change_nothing(monkeypatch, f, x, size):
    v = np.array([1.0, -2.0, 0.5, 0.0, 3.0])
    answers = []
    for together in (4096, size):
        monkeypatch.setattr(crossed, "_TOGETHER", together)
        g, seen = recorded(f)
        hessian, product = numdiff.estimate_hessian(g, x), estimate_curvature(g, x, v)
        answers.append((hessian, product, sorted(seen)))
    whole, blocks = answers
    assert whole[2] == blocks[2]
    for one, other in zip(whole[:2], blocks[:2], strict=True):
        # But for the rounding of sums over arrays of another width.
        the_same(one, other, 1e-12)


def test_coordinates_that_do_not_move_are_those_of_x():
    x = np.array([0.1, 1e200, 3e-200, 7.0])
    seen = []

    def f(v):
        seen.append(v.copy())
        return v[0] * v[3]

    numdiff.estimate_hessian(f, x)
    moved = np.array(seen) != x
    assert moved.sum(axis=1).max() == 2


def test_workers_change_nothing():
    x = np.array([-1.2, 1.0, 0.7])
    bounds = ([-1.2, -5.0, 0.5], [2.0, 5.0, 5.0])
    alone = numdiff.estimate_hessian(rosenbrock, x, bounds=bounds)
    with ThreadPoolExecutor(2) as workers:
        shared = numdiff.estimate_hessian(rosenbrock, x, bounds=bounds, workers=workers)
    assert alone.evaluations == shared.evaluations
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(alone, name), getattr(shared, name))
    with pytest.raises(InputTypeError, match="workers"):
        numdiff.estimate_hessian(rosenbrock, x, workers=2)  # pyright: ignore[reportArgumentType]


def test_points_not_defined_cost_as_many_calls_as_ever():
    def f(v):
        if v[0] > 1.01:
            raise ValueError
        return v[0] ** 2 * v[1]

    f, seen = recorded(f)
    result = numdiff.estimate_hessian(f, [1.0, 2.0])
    assert result.evaluations == len(seen)
    np.testing.assert_allclose(result.value, [[4, 2], [2, 0]], atol=1e-6)


def test_the_method_is_told():
    assert numdiff.estimate_hessian(product, [1.0, 2.0], method="richardson").method == "richardson"
    assert numdiff.estimate_hessian(product, [1.0, 2.0]).method == "auto"


def test_very_many_outputs_along_a_direction():
    count = 20_000
    a = np.linspace(0.1, 3, count)
    x, v = np.array([0.7, 1.1]), np.array([1.0, 0.5])
    (value, slope), most = peak(lambda: estimate_along(lambda w: np.sin(a * w[0]) * w[1], x, v))
    # The values themselves, and some fields; the tables of all outputs at once took 62 MB.
    assert most < 8 * count * (slope.evaluations + 30) + 20e6
    np.testing.assert_allclose(value, np.sin(0.7 * a) * 1.1)
    truth = 1.1 * a * np.cos(0.7 * a) + 0.5 * np.sin(0.7 * a)
    assert np.all(np.abs(slope.value - truth) <= slope.error)


@pytest.mark.parametrize("size", [3, 64])
def test_blocks_of_outputs_cost_no_calls_and_change_nothing(monkeypatch, size):
    a = np.logspace(-3, 3, 200)

    def f(v):
        return np.tanh(a * v[0]) * np.abs(np.cos(v[1] / a) - 0.5)

    x, v = [0.3, -1e-3], [1.0, 0.1]
    answers = []
    for together in (4096, size):
        monkeypatch.setattr(directional, "_TOGETHER", together)
        g, seen = recorded(f)
        answers.append((estimate_along(g, x, v)[1], sorted(seen)))
    (whole, points), (blocks, again) = answers
    assert points == again
    # No point twice, but for x: its value is asked for on the line as well.
    assert len(points) <= len(set(points)) + 1
    the_same(whole, blocks, 1e-13)


def test_no_output_at_all():
    value, slope = estimate_along(lambda v: np.zeros((0, 3)), [1.0, 2.0], [1.0, 1.0])
    assert value.shape == slope.value.shape == (0, 3)


@pytest.mark.parametrize("v", [[0.0, 0.0], [1.0, 2.0]])
def test_the_fields_share_no_memory(v):
    for result in (
        estimate_along(lambda w: w, [1.0, 2.0], v)[1],
        estimate_curvature(product, [1.0, 2.0], v),
    ):
        fields = [getattr(result, name) for name in FIELDS]
        for i, one in enumerate(fields):
            assert not any(np.shares_memory(one, other) for other in fields[:i])
