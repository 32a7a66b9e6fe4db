"""Jacobians larger than the tables of all their entries: memory stays bounded, answers as they are.

A peak is what Python and NumPy held at most, in bytes, by tracemalloc; no test reads a clock.
"""

import tracemalloc

import numpy as np
import scipy.sparse as sp

import numdiff
from numdiff import coordinates

# What the tables of the entries that are extrapolated together take, whatever the size of f.
FIXED = 250e6


def peak(ask):
    tracemalloc.start()
    try:
        result = ask()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_very_many_outputs():
    count = 40_000
    a = np.linspace(0.1, 3, count)
    result, most = peak(
        lambda: numdiff.estimate_jacobian(lambda v: np.sin(a * v[0]) * np.exp(a * v[0] / 3), [0.7])
    )
    # The values themselves, and the fields of the answer as they are put together. The tables of
    # all outputs at once would take far more.
    assert most < 8 * count * (result.evaluations + 30) + FIXED
    truth = a * np.exp(a * 0.7 / 3) * (np.cos(a * 0.7) + np.sin(a * 0.7) / 3)
    np.testing.assert_allclose(result.value[:, 0], truth, atol=1e-12)


def test_blocks_of_outputs_cost_no_calls_and_change_nothing(monkeypatch):
    a = np.logspace(-3, 3, 3000)

    def f(v):
        return np.tanh(a * v[0]) * np.cos(v[1] / a)

    x = [0.3, -1e-3]
    whole = numdiff.estimate_jacobian(f, x)
    monkeypatch.setattr(coordinates, "_TOGETHER", 256)
    blocks = numdiff.estimate_jacobian(f, x)
    assert blocks.evaluations == whole.evaluations
    for name in ("value", "error", "status", "step", "order", "left", "right"):
        # But for the rounding of sums over arrays of another width.
        np.testing.assert_allclose(getattr(blocks, name), getattr(whole, name), rtol=1e-14)


def test_many_coordinates(monkeypatch):
    monkeypatch.setattr(coordinates, "_TOGETHER", 40)
    few, many = (
        peak(lambda n=n: numdiff.estimate_jacobian(lambda v: v @ v, np.linspace(1, 2, n)))[1]
        for n in (40, 240)
    )
    # Six times as many batches: only x and the fields of the answer grow.
    assert many < few + 200 * 8 * 60


def test_a_sparse_jacobian_of_many_columns():
    n = 5_000
    ones = np.ones(n)
    band = sp.diags_array([ones, ones[1:]], offsets=[0, 1])
    x = np.linspace(1, 2, n)
    result, most = peak(
        lambda: numdiff.estimate_jacobian(
            lambda v: v**2 - np.append(v[1:], 0), x, method="3-point", sparsity=band
        )
    )
    assert most < 8 * n * (result.evaluations + 1_000)
    assert abs(result.value - band.multiply(-1) - sp.diags_array(2 * x + 1)).max() < 1e-8
