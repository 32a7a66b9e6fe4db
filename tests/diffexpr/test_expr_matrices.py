"""Operations on matrices as expressions: shapes, kinds, text."""

import numpy as np
import pytest

from diffexpr import ShapeError, latex, parse, symbol
from diffexpr.apply import apply
from diffexpr.arrays import TABLE
from diffexpr.matrix_text import IN_TEXT, UNSAID

A = symbol("A", (3, 3))
PARAMS = {"lower": [True, False], "hermitian": [False, True], "rcond": [1e-15, 0.25],
          "axes": [(0,), (0, 1)], "inverse": [False, True]}  # fmt: skip


def variants(op):
    """The operation with each of its parameters at each of two values."""
    names = TABLE[op].params
    for k in (0, 1):
        yield tuple(PARAMS[name][k] for name in names)


@pytest.mark.parametrize("op", IN_TEXT)
def test_text_reads_back_to_the_node(op):
    operands = (A,) * {"solve": 2, "solve_sylvester": 3}.get(op, 1)
    for params in variants(op):
        made = apply(op, operands, params)
        assert parse(str(made), symbols=made.variables) is made
        assert op.replace("_", r"\_") in latex(made)


def test_what_goes_without_saying_is_not_said():
    assert str(np.linalg.eigvalsh(A)) == "eigvalsh(A)"
    assert str(np.linalg.eigvalsh(A, "U")) == "eigvalsh(A, lower=False)"
    assert parse("pinv(A)", symbols=[A]) is np.linalg.pinv(A)
    assert set(UNSAID) <= set(PARAMS)


@pytest.mark.parametrize("op", IN_TEXT)
@pytest.mark.parametrize("kind", [np.float32, np.float64, np.complex64, np.complex128])
def test_shape_and_kind_are_those_of_the_value(op, kind):
    count = {"solve": 2, "solve_sylvester": 3}.get(op, 1)
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2, 3, 3)).astype(kind)
    x = x @ np.conj(np.swapaxes(x, -1, -2)) + np.eye(3, dtype=kind)
    for params in variants(op):
        value = apply(op, (x,) * count, params)
        made = apply(op, (symbol("x", x.shape, kind),) * count, params)
        assert made.shape == value.shape
        assert made.dtype == value.dtype


@pytest.mark.parametrize("op", IN_TEXT)
def test_a_vector_is_no_matrix(op):
    count = {"solve": 2, "solve_sylvester": 3}.get(op, 1)
    if op == "fft":
        return  # it takes arrays of any shape
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        apply(op, (symbol("v", (3,)),) * count, next(variants(op)))
