"""The forms in which a pattern may be given, and those that are refused."""

import numpy as np
import pytest
import scipy.sparse as sp

from autodiff.sparse.patterns import Pattern, read_pattern
from diffexpr.errors import ExpressionTypeError, ExpressionValueError, ShapeError

MARKED = np.array([[1, 0, 2], [0, 0, 1]])


@pytest.mark.parametrize(
    "form",
    [
        MARKED,
        MARKED != 0,
        MARKED.tolist(),
        MARKED.astype(float),
        sp.csr_array(MARKED),
        sp.csc_matrix(MARKED),
        sp.coo_array(MARKED),
        ([0, 1, 0, 0], np.array([2, 2, 0, 0])),
        Pattern([0, 1, 0], [2, 2, 0], (2, 3)),
    ],
    ids=lambda form: type(form).__name__,
)
def test_every_form(form):
    pattern = read_pattern(form)
    assert (pattern.rows.tolist(), pattern.columns.tolist()) == ([0, 0, 1], [0, 2, 2])
    assert pattern.shape == (None if isinstance(form, tuple) else (2, 3))


def test_entries_that_are_stored_but_zero_do_not_count():
    stored = sp.csr_array((np.array([0.0, 1.0]), ([0, 1], [0, 1])), shape=(2, 2))
    assert read_pattern(stored).rows.tolist() == [1]


@pytest.mark.parametrize(
    ("form", "error", "match"),
    [
        ("find", ExpressionValueError, "'detect', got 'find'"),
        (None, ExpressionTypeError, "got NoneType None"),
        ([[1, 2], [3]], ExpressionTypeError, "got list"),
        (np.ones(3), ExpressionTypeError, r"shape \(3,\)"),
        (np.ones((1, 2, 3)), ExpressionTypeError, r"shape \(1, 2, 3\)"),
        ([["a"]], ExpressionTypeError, "got list"),
        (([0], [0, 1]), ShapeError, "1 rows and 2 columns"),
        (([0], [-1]), ExpressionValueError, "-1 among the columns"),
        (([0.5], [1]), ExpressionTypeError, "for the rows"),
    ],
)
def test_refusals(form, error, match):
    with pytest.raises(error, match=match):
        read_pattern(form)


def test_lists_have_no_shape():
    with pytest.raises(ExpressionValueError, match="give a matrix"):
        read_pattern(([0], [1])).toarray()
