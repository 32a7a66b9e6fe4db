"""Gradients kept in bounds, and rates that change."""

import numpy as np
import pytest

from autodiff import forward, optim, reverse


def test_the_norm_is_that_of_all_numbers_together():
    tree = {"a": np.array([1.0, 2.0]), "b": [{"c": 2.0, "name": "x"}]}
    assert optim.global_norm(tree) == 3.0
    assert optim.global_norm({}) == 0.0
    assert optim.global_norm({"e": np.zeros(0)}) == 0.0
    assert optim.global_norm({"z": 3.0 + 4.0j}) == 5.0
    assert np.isnan(optim.global_norm([np.nan, 1.0]))
    assert optim.global_norm([np.inf, 1.0]) == np.inf


def test_the_norm_of_large_and_small_numbers_neither_overflows_nor_vanishes():
    for scale in (1e300, 1e-300):
        assert optim.global_norm([3 * scale, 4 * scale]) == pytest.approx(5 * scale, rel=1e-15)
        clipped = optim.clip_by_norm({"a": 3 * scale, "b": 4 * scale}, limit=scale)
        assert clipped["a"] == pytest.approx(0.6 * scale, rel=1e-15)
    half = np.full(4, 6e4, np.float16)
    assert optim.global_norm([half]) == 2 * float(half[0])


def test_a_short_gradient_is_left_as_it_is():
    g = {"a": np.array([3.0, 4.0])}
    for limit in (5.0, 6.0):
        np.testing.assert_array_equal(optim.clip_by_norm(g, limit)["a"], [3.0, 4.0])
    np.testing.assert_array_equal(optim.clip_by_norm({"a": np.zeros(2)}, 0.0)["a"], [0.0, 0.0])


def test_clipping_keeps_nest_and_precision():
    g = {"w": np.array([3.0, -4.0], np.float32), "s": np.float32(0.0), "name": "x", "k": [1, 2]}
    for clipped in (optim.clip_by_norm(g, 1.0), optim.clip_by_value(g, 1.0)):
        assert (clipped["w"].dtype, clipped["s"].dtype) == (np.float32, np.float32)
        assert clipped["name"] == "x"
    assert g["w"][0] == 3.0
    assert optim.global_norm(optim.clip_by_norm(g, 1.0)) == pytest.approx(1.0, rel=1e-6)
    np.testing.assert_array_equal(optim.clip_by_value(g, 1.5)["k"], [1.0, 1.5])


@pytest.mark.parametrize("mode", [forward, reverse])
def test_clipping_is_differentiated(mode):
    def by_norm(v):
        return np.sum(optim.clip_by_norm({"a": v, "b": [2.0 * v, 1.0]}, 1.0)["a"])

    def by_value(v):
        return np.sum(optim.clip_by_value({"a": v}, 1.0)["a"] ** 2)

    v, h = np.array([0.5, -1.5, 2.0]), 1e-6
    steps = h * np.eye(3)
    wanted = [(by_norm(v + s) - by_norm(v - s)) / (2 * h) for s in steps]
    # Central differences: 1e-12 of truncation, 1e-16/h of rounding.
    np.testing.assert_allclose(mode.grad(by_norm)(v), wanted, atol=1e-9)
    np.testing.assert_array_equal(mode.grad(by_value)(v), [1.0, 0.0, 0.0])


# schedules


def test_schedules_end_where_they_should():
    assert [optim.staircase(1.0, 0.1, 3)(k) for k in range(4)] == [1.0, 1.0, 1.0, 0.1]
    assert optim.cosine(0.3, 10)(0) == 0.3
    assert optim.cosine(0.3, 10, 0.1)(10**9) == 0.1
    rate = optim.warmup_cosine(0.3, 4, 12, start=0.1, floor=0.2)
    assert [rate(0), rate(4), rate(12), rate(100)] == [0.1, 0.3, 0.2, 0.2]
    assert rate(2) == pytest.approx(0.2)
    assert rate(8) == pytest.approx(0.25)


def test_a_schedule_is_asked_for_the_steps_already_taken():
    asked = []
    optimiser = optim.sgd(lambda step: asked.append(step) or 0.1)
    state, p = optimiser.init(1.0), 1.0
    for _ in range(3):
        state, p = optimiser.update(state, p, 1.0)
    assert asked == [0, 1, 2]
    assert p == pytest.approx(0.7)
