"""Weights are exact: every polynomial they should differentiate, they do, in rational numbers."""

from fractions import Fraction
from math import factorial

import numpy as np
import pytest

import numdiff


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(
    "offsets",
    [
        (-2, -1, 0, 1, 2),
        (0, 1, 2, 3, 4, 5),
        (Fraction(-1, 3), 0, Fraction(1, 2), 2, 7),
        (0.5, -0.25, 3.0, 1.0, -2.0),
    ],
)
def test_exact_on_every_monomial_up_to_the_degree(offsets, n):
    weights = numdiff.stencil(offsets, n)
    for degree in range(len(offsets)):
        total = sum(w * Fraction(o) ** degree for w, o in zip(weights, offsets, strict=True))
        assert total == (factorial(n) if degree == n else 0)


def test_textbook_weights():
    assert numdiff.stencil([-1, 0, 1], 1) == (Fraction(-1, 2), 0, Fraction(1, 2))
    assert numdiff.stencil([0, 1, 2], 1) == (Fraction(-3, 2), 2, Fraction(-1, 2))
    assert numdiff.stencil([7], 0) == (1,)


def test_order_of_a_stencil_shows_when_h_is_halved():
    offsets = (-2, -1, 0, 1, 2)
    weights = [float(w) for w in numdiff.stencil(offsets, 1)]

    def error(h):
        slope = sum(w * np.sin(1 + o * h) for w, o in zip(weights, offsets, strict=True)) / h
        return abs(slope - np.cos(1))

    # The five-point formula has order 4; the next term is smaller by h**2, 0.6 % here.
    assert np.log2(error(0.1) / error(0.05)) == pytest.approx(4, abs=0.02)


@pytest.mark.parametrize(
    ("offsets", "n", "error", "words"),
    [
        ([0, 1, 1], 1, numdiff.InputError, "differ from one another"),
        ([0, 1], 2, numdiff.InputError, "more offsets"),
        ([0, 1], -1, numdiff.InputError, "0 <= n"),
        ([0, 1], 1.0, numdiff.InputTypeError, "integer"),
        ([0, 1], True, numdiff.InputTypeError, "integer"),
        ([0, "1"], 1, numdiff.InputTypeError, "'1'"),
        ([0, float("inf")], 1, numdiff.InputError, "finite"),
        ([0, float("nan")], 1, numdiff.InputError, "finite"),
    ],
)
def test_bad_stencils_are_refused(offsets, n, error, words):
    with pytest.raises(error, match=words):
        numdiff.stencil(offsets, n)
