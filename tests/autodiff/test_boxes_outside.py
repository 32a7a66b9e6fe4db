"""Boxes where they do not belong: in Python's own functions, in caches, after the end."""

from __future__ import annotations

import copy
import functools
import json
import math
import pickle

import numpy as np
import pytest

import autodiff
from autodiff import forward, reverse
from autodiff.boxes import Box
from diffexpr.errors import ExpressionTypeError

MODULES = [forward, reverse, autodiff]
each = pytest.mark.parametrize("ad", MODULES, ids=lambda m: m.__name__)

NUMBERS_WANTED = {
    "float": float,
    "int": int,
    "complex": complex,
    "math.sin": math.sin,
    "math.sqrt": math.sqrt,
    "range": range,
    "index": lambda x: [1, 2][x],
    "np.arange": np.arange,
    "np.zeros": np.zeros,
    "round to digits": lambda x: round(x, 2),
    "hex": hex,
}


@each
class TestPython:
    @pytest.mark.parametrize("name", NUMBERS_WANTED)
    def test_numbers_are_refused(self, ad, name):
        with pytest.raises(TypeError, match=r"differentiated|Box|Dual|Taped"):
            ad.grad(lambda x: NUMBERS_WANTED[name](x) * x)(1.0)

    def test_the_error_names_the_way_out(self, ad):
        with pytest.raises(TypeError, match=r"np\.sin, not math\.sin"):
            ad.grad(math.sin)(1.0)
        with pytest.raises(TypeError, match=r"np\.sin, not math\.sin"):
            ad.grad(lambda x: float(x) * x)(1.0)

    def test_conversion_of_arrays_is_refused(self, ad):
        for f in (
            lambda x: np.asarray(x, float),
            lambda x: np.array([x[0], 1.0], float),
            lambda x: np.float64(x[0]),
            lambda x: math.fsum(x),
        ):
            with pytest.raises((TypeError, ValueError)):
                ad.grad(lambda x, f=f: np.sum(f(x)))(np.ones(2))

    def test_conversion_that_keeps_boxes_is_right(self, ad):
        x = np.array([1.0, 3.0])
        for f in (np.asarray, np.array, np.ascontiguousarray, list, tuple, copy.copy):
            found = ad.grad(lambda x, f=f: np.sum(np.square(f(x))))(x)
            np.testing.assert_array_equal(found, [2, 6])
        assert ad.grad(lambda x: np.array(x) * np.asarray(x))(3.0) == 6

    def test_copies_are_the_value_itself(self, ad):
        x = np.array([1.0, 3.0])
        for f in (copy.copy, lambda x: copy.deepcopy(x), lambda x: np.copy(x)):
            np.testing.assert_array_equal(ad.grad(lambda x, f=f: np.sum(f(x) * x))(x), [2, 6])
        state = {"a": x}

        def f(x):
            state["x"] = x
            inner = copy.deepcopy(state)
            return np.sum(inner["x"] * x)

        np.testing.assert_array_equal(ad.grad(f)(x), [2, 6])

    def test_pickling_is_refused(self, ad):
        for f in (pickle.dumps, json.dumps):
            with pytest.raises(TypeError):
                ad.grad(lambda x, f=f: f(x) and x)(1.0)

    def test_hashing_is_refused(self, ad):
        for f in (hash, lambda x: {x}, lambda x: {x: 1}, functools.cache(lambda x: x)):
            with pytest.raises(TypeError, match="unhashable"):
                ad.grad(lambda x, f=f: f(x) and x)(1.0)

    def test_text_shows_the_value(self, ad):
        seen = []

        def f(x):
            seen.append(f"{x[0]:.3f}|{x[0]!s}|{x!r}")
            return np.sum(x * x)

        np.testing.assert_array_equal(ad.grad(f)(np.array([1.5, 2.0])), [3, 4])
        assert seen[0].startswith("1.500|")
        assert "1.5" in seen[0].split("|")[1]
        assert "[1.5, 2. ]" in seen[0].split("|")[2]

    def test_truth(self, ad):
        assert ad.grad(lambda x: x if x and not x - x else 0 * x)(2.0) == 1
        with pytest.raises(ValueError, match="ambiguous"):
            ad.grad(lambda x: x[0] if x else x[1])(np.ones(2))

    def test_not_an_array(self, ad):
        seen = []
        ad.grad(lambda x: seen.append(isinstance(x, np.ndarray)) or np.sum(x))(np.ones(2))
        assert seen == [False]


@each
class TestAfterTheEnd:
    def leaked(self, ad):
        saved = []
        ad.grad(lambda x: saved.append(x) or x * x)(2.0)
        return saved[0]

    def test_it_stays_a_box(self, ad):
        box = self.leaked(ad)
        for found in (box * 3.0, np.sin(box), box + np.ones(2)):
            assert isinstance(found, Box)
            with pytest.raises(TypeError):
                float(found)

    def test_in_another_differentiation_it_is_constant(self, ad):
        box = self.leaked(ad)
        assert ad.grad(lambda x: x * x + box)(3.0) == 6
        # It could belong to a differentiation around this one, and is no number that hides it.
        for found in (
            ad.value_and_grad(lambda x: x * x + box)(3.0)[0],
            ad.grad(lambda x: x * box)(3.0),
        ):
            assert isinstance(found, Box)
            with pytest.raises(ExpressionTypeError, match="drop its derivative"):
                float(found)
        assert ad.grad(lambda x: x * x)(3.0) == 6

    def test_an_inner_box_in_the_outer_function(self, ad):
        def f(x):
            saved = []
            inner = ad.grad(lambda y: saved.append(y) or x * y * y)(x)
            return inner + 0 * saved[0]

        with pytest.raises(TypeError, match="a differentiation that has ended"):
            ad.grad(f)(2.0)

    def test_an_inner_box_in_a_list_of_results(self, ad):
        def f(x):
            saved = []
            ad.grad(lambda y: saved.append(y) or x * y * y)(x)
            return [x, saved[0]]

        with pytest.raises(TypeError, match="a differentiation that has ended"):
            ad.jacobian(f)(2.0)

    def test_a_generator_that_outlives_it(self, ad):
        running = []

        def steps(x):
            for k in range(3):
                yield x * k

        def f(x):
            running.append(steps(x))
            return next(running[0]) + x * x

        assert ad.grad(f)(2.0) == 4
        assert isinstance(next(running[0]), Box)
        assert ad.grad(lambda x: x * x)(2.0) == 4

    def test_operations_after_the_pass_change_no_pullback(self, ad):
        saved = []
        _, pullback = ad.vjp(lambda x: saved.append(x) or x * x, 2.0)
        before = pullback(1.0)
        for _ in range(3):
            saved.append(saved[-1] * 100.0)
        assert pullback(1.0) == before == (4.0,)
