"""Which entries may be nonzero: patterns that are wrong are refused, and those not given found."""

import math

import numpy as np
import pytest
from systems import CASES, Mix, X, band, chain, structure, within_bars

import numdiff
from numdiff import InputError, InputTypeError, Status


@pytest.mark.parametrize("missing", [(3, 4), (0, 1), (39, 38), (20, 20)])
def test_a_pattern_that_misses_one_entry_is_refused(missing):
    pattern = band(40).toarray()
    pattern[missing] = 0
    with pytest.raises(InputError, match=f"no entry in row {missing[0]}, column {missing[1]}, "):
        numdiff.estimate_jacobian(chain, X, sparsity=pattern)


def test_every_single_omission_is_refused():
    f = Mix(3, 12, 15, 0.25)
    full = f.weights.toarray() != 0
    for row, column in np.argwhere(full):
        pattern = full.copy()
        pattern[row, column] = False
        with pytest.raises(InputError, match=f"row {row}, column {column},"):
            numdiff.estimate_jacobian(f, f.x, sparsity=pattern)


def test_an_entry_hidden_behind_another_of_its_group_is_refused():
    # Row 0 is marked for column 0 and follows column 1 as well, which moves together with it.
    def f(v):
        return np.array([v[0] + v[1], v[1]])

    with pytest.raises(InputError, match="row 0, column 1"):
        numdiff.estimate_jacobian(f, [1.0, 2.0], sparsity=np.eye(2))


def test_an_empty_column_that_matters_is_refused():
    with pytest.raises(InputError, match="row 1, column 2"):
        numdiff.estimate_jacobian(
            lambda v: np.array([v[0], v[1] + v[2]]), np.ones(3), sparsity=[[1, 0, 0], [0, 1, 0]]
        )


def test_a_function_of_a_narrow_domain_is_checked_nearer_by():
    def f(v):
        return np.array([math.sqrt(1e-8 - (v[0] - 1) ** 2) + v[1], v[1]])

    with pytest.raises(InputError, match="row 0, column 1"):
        numdiff.estimate_jacobian(f, np.ones(2), sparsity=np.eye(2))
    result = numdiff.estimate_jacobian(f, np.ones(2), sparsity=[[1, 1], [0, 1]])
    np.testing.assert_allclose(result.value.toarray(), [[0, 1], [0, 1]], atol=1e-6)


@pytest.mark.parametrize(("f", "x", "pattern", "truth"), CASES)
def test_detection_finds_the_pattern(f, x, pattern, truth):
    result = numdiff.estimate_jacobian(f, x, sparsity="detect")
    marked = (pattern if isinstance(pattern, np.ndarray) else pattern.toarray()) != 0
    np.testing.assert_array_equal(structure(result.value), marked)
    assert within_bars(result, truth)


def test_a_zero_derivative_is_no_independence():
    def f(v):
        one_sided = np.maximum(v[2], 0) + np.minimum(v[3], 0)
        far = max(abs(v[1]) - 0.5, 0)
        return np.array([v[0] ** 2, np.cos(v[0]) + far, one_sided, v[1] * v[2]])

    result = numdiff.estimate_jacobian(f, np.zeros(4), sparsity="detect")
    marked = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]], dtype=bool)
    # The product moves with neither factor while the other is zero, and its derivatives are zero.
    np.testing.assert_array_equal(structure(result.value), marked)
    assert result.status[2, 2] == result.status[2, 3] == Status.KINK
    assert result.value[0, 0] == 0


def test_detection_where_f_is_not_defined_everywhere():
    def f(v):
        return np.array([math.log(v[0] - 0.999), v[1], v[0] + math.sqrt(1e-4 - (v[2] - 1) ** 2)])

    result = numdiff.estimate_jacobian(f, np.ones(3), sparsity="detect")
    marked = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 1]], dtype=bool)
    np.testing.assert_array_equal(structure(result.value), marked)
    np.testing.assert_allclose(result.value.toarray(), [[1e3, 0, 0], [0, 1, 0], [1, 0, 0]])


def test_detection_needs_finite_values():
    with np.errstate(all="ignore"), pytest.raises(InputError, match="nan in row 1"):
        numdiff.estimate_jacobian(lambda v: np.sqrt(v), [1.0, -1.0], sparsity="detect")
    given = numdiff.estimate_jacobian(np.sqrt, [1.0, -1.0], sparsity=np.eye(2))
    assert given.status[1, 1] == Status.UNDEFINED
    assert np.isnan(given.value[1, 1])


def test_a_coordinate_without_room_counts_as_full():
    result = numdiff.estimate_jacobian(
        lambda v: v**2, [1.0, 2.0], bounds=([0, 2], [3, 2]), sparsity="detect"
    )
    assert result.value.nnz == 3
    assert result.value[0, 0] == pytest.approx(2, rel=1e-12)


@pytest.mark.parametrize(
    ("sparsity", "error", "message"),
    [
        (np.ones((2, 3)), InputError, r"shape \(2, 2\) .* got \(2, 3\); rows are outputs"),
        (np.ones(2), InputError, r"shape \(2, 2\)"),
        ("dense", InputError, "'dense'"),
        ([["a", "b"], ["c", "d"]], InputTypeError, "matrix of numbers"),
        ([[1], [1, 2]], InputTypeError, "matrix of numbers"),
        (object(), InputTypeError, "matrix of numbers"),
    ],
)
def test_what_is_no_pattern_is_refused(sparsity, error, message):
    with pytest.raises(error, match=message) as caught:
        numdiff.estimate_jacobian(lambda v: v, [1.0, 2.0], sparsity=sparsity)
    assert "\n" not in str(caught.value)
