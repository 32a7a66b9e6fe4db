"""The noise of f is found to within a factor of two, and smoothness is not taken for noise."""

import numpy as np

from numdiff.noise import SAMPLES, ecnoise


def test_finds_the_standard_deviation_of_noise():
    rng = np.random.default_rng(2)
    values = 5 + 1e-6 * rng.standard_normal((SAMPLES, 3000))
    found = ecnoise(values)
    assert 0.5e-6 < np.median(found) < 2e-6
    assert np.mean((found > 1e-7) & (found < 1e-5)) > 0.98


def test_smooth_part_is_wiped_out():
    x = 1 + 1e-3 * np.arange(1, SAMPLES + 1)[:, None]
    rng = np.random.default_rng(3)
    noise = 1e-12 * rng.standard_normal((SAMPLES, 500))
    assert 0.3e-12 < np.median(ecnoise(np.exp(x) + noise)) < 3e-12


def test_none_in_equal_or_missing_values():
    assert ecnoise(np.ones((SAMPLES, 1)))[0] == 0
    assert ecnoise(np.full((SAMPLES, 1), np.nan))[0] == 0
