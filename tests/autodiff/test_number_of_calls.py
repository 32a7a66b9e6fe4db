"""How often a function runs, which matters where it prints, draws numbers or takes long."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse

MODULES = [forward, reverse, autodiff]
each = pytest.mark.parametrize("ad", MODULES, ids=lambda m: m.__name__)


class Counted:
    def __init__(self, f):
        self.f, self.calls = f, 0

    def __call__(self, x):
        self.calls += 1
        return self.f(x)


class TestCalls:
    @each
    @pytest.mark.parametrize("verb", ["grad", "value_and_grad", "hessian", "derivative"])
    def test_once(self, ad, verb):
        f = Counted(lambda x: np.sum(x * x))
        getattr(ad, verb)(f)(np.ones(4))
        assert f.calls == 1

    @each
    def test_once_by_products(self, ad):
        x = np.ones(4)
        for run in (
            lambda f: ad.jvp(f, x, x),
            lambda f: ad.hvp(f, x, x),
            lambda f: [ad.vjp(f, x)[1](1.0) for _ in range(1)],
        ):
            f = Counted(lambda x: np.sum(x * x))
            run(f)
            assert f.calls == 1

    def test_a_pullback_does_not_run_it_again(self):
        for ad in MODULES:
            f = Counted(lambda x: x * x)
            _, pullback = ad.vjp(f, np.ones(3))
            for _ in range(3):
                pullback(np.ones(3))
            assert f.calls == 1

    def test_best_looks_at_the_result_before_it_chooses_columns(self):
        f = Counted(lambda x: x * x)
        autodiff.jacobian(f)(np.ones(3))
        assert f.calls <= 2

    @each
    def test_what_it_does_beside_is_done(self, ad):
        seen = []
        assert ad.grad(lambda x: seen.append(float(np.pi)) or x * len(seen))(2.0) == 1
        assert len(seen) == 1

    @each
    def test_once_for_each_variable_of_a_derivative(self, ad):
        seen = []
        f = lambda x, y: seen.append(1) or x * y  # noqa: E731
        assert ad.derivative(f, (0, 1))(2.0, 3.0) == (3, 2)
        assert len(seen) == 2

    def test_forward_runs_it_for_so_many_columns(self):
        f = Counted(np.sum)
        np.testing.assert_array_equal(forward.grad(f)(np.ones(3000)), np.ones(3000))
        assert f.calls == math.ceil(3000 / 1024)
