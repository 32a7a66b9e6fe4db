"""Sparse Jacobians: columns that share no row move together, and are told apart by their rows."""

import math
import sys

import numpy as np
import pytest
import scipy.sparse as sp
from systems import CASES, X, alike, band, chain, chain_slopes, structure, within_bars

import numdiff
from numdiff import InputError, Status, coordinates


@pytest.mark.parametrize(("f", "x", "pattern", "truth"), CASES)
@pytest.mark.parametrize("method", ["auto", "2-point", "3-point", "cs"])
def test_as_the_dense_answer_and_the_exact_one(f, x, pattern, truth, method):
    sparse = numdiff.estimate_jacobian(f, x, method=method, sparsity=pattern)
    dense = numdiff.estimate_jacobian(f, x, method=method)
    marked = (pattern if isinstance(pattern, np.ndarray) else pattern.toarray()) != 0
    assert sparse.value.shape == marked.shape
    assert sparse.evaluations < dense.evaluations or np.all(marked[-1])
    for name in ("value", "error", "status", "step", "order", "left", "right"):
        entries = getattr(sparse, name)
        assert isinstance(entries, sp.csr_array)
        np.testing.assert_array_equal(structure(entries), marked)
        assert entries.has_sorted_indices
        # The values of f that both see are the same, so are all the numbers made of them, but for
        # the rounding of sums over arrays of another width; error bars of entries that show no
        # effect know less of the noise where fewer columns show it.
        if name != "error":
            one, other = entries.toarray()[marked], getattr(dense, name)[marked]
            np.testing.assert_allclose(one, other, rtol=1e-14)
    assert within_bars(sparse, truth) or method in ("2-point", "3-point")
    assert "not confirmed" not in sparse.note


def test_the_number_of_calls_does_not_grow_with_the_columns():
    calls = []
    for n in (10, 300, 3000):
        x = np.linspace(1, 2, n)
        result = numdiff.estimate_jacobian(chain, x, sparsity=band(n))
        np.testing.assert_allclose(result.value.diagonal(), np.diag(chain_slopes(x)), atol=1e-11)
        calls.append(result.evaluations)
    # Some more, for among many columns one has the longest survey, and for the check of the
    # pattern, whose calls grow like log(n). Column by column 3000 would take 300 times as many.
    assert calls[2] < 2 * calls[0] < 1000


def test_calls_are_counted():
    calls = []

    def f(v):
        calls.append(1)
        return chain(v)

    for sparsity in (band(12), "detect"):
        for method in ("auto", "cs"):
            calls.clear()
            result = numdiff.estimate_jacobian(f, X[:12], method=method, sparsity=sparsity)
            assert result.evaluations == len(calls)


def test_no_point_is_evaluated_twice():
    seen = []

    def f(v):
        seen.append(v.tobytes())
        return chain(v)

    numdiff.estimate_jacobian(f, X[:9], sparsity=band(9))
    assert len(set(seen)) == len(seen)


def test_more_than_is_needed_may_be_marked():
    pattern = band(40).toarray()
    pattern[5, 30] = pattern[7, 7] = 2.5
    result = numdiff.estimate_jacobian(chain, X, sparsity=pattern)
    assert result.value.nnz == np.count_nonzero(pattern)
    assert result.value[5, 30] == 0
    assert within_bars(result, chain_slopes(X))


def test_kinks_jumps_and_edges_stay_where_they_are():
    def f(v):
        y = chain(v)
        y[4] += np.abs(v[4])
        y[8] += v[8] >= 0
        y[12] += np.sqrt(v[12]) ** 3
        return y

    x = np.linspace(0.5, 1.5, 20)
    x[[4, 8, 12]] = 0
    result = numdiff.estimate_jacobian(f, x, sparsity=band(20))
    odd = {(4, 4): Status.KINK, (8, 8): Status.JUMP, (12, 11): Status.CONVERGED}
    odd[12, 12] = Status.EDGE
    for row, column in zip(*result.value.nonzero(), strict=True):
        assert result.status[row, column] == odd.get((row, column), Status.CONVERGED)
    dense = numdiff.estimate_jacobian(f, x)
    for side in ("right", "left"):
        one, other = getattr(result, side)[4, 4], getattr(dense, side)[4, 4]
        assert one == pytest.approx(other, rel=1e-14)


def test_bounds_are_kept_by_all_columns_of_a_group():
    lower, upper = np.full(20, 0.5), np.full(20, 1.5)
    x = np.linspace(0.5, 1.5, 20)

    def f(v):
        assert np.all((lower <= v) & (v <= upper))
        return chain(v)

    for sparsity in (band(20), "detect"):
        result = numdiff.estimate_jacobian(f, x, bounds=(lower, upper), sparsity=sparsity)
        assert result.status[0, 0] == result.status[19, 19] == Status.EDGE
        np.testing.assert_allclose(result.value.toarray(), chain_slopes(x), atol=1e-7)


def test_given_steps_are_those_of_their_columns():
    h = np.linspace(0.01, 0.02, 40)
    result = numdiff.estimate_jacobian(chain, X, method="2-point", abs_step=h, sparsity=band(40))
    rows, columns = band(40).nonzero()
    np.testing.assert_allclose(result.step.toarray()[rows, columns], h[columns], rtol=1e-12)


def test_where_a_group_raises_the_columns_at_fault_are_found():
    def f(v):
        return np.array([math.log(t - low) for t, low in zip(v, lows, strict=True)])

    # All columns move together, and most steps lead only some of them out of their domain.
    lows = np.array([-100.0, 0.99, 0.0, 0.9999, -5.0, 0.5])
    x = np.linspace(1, 1.1, 6)
    result = numdiff.estimate_jacobian(f, x, sparsity=np.eye(6))
    dense = numdiff.estimate_jacobian(f, x)
    np.testing.assert_allclose(result.value.diagonal(), 1 / (x - lows), rtol=1e-10)
    np.testing.assert_allclose(result.error.diagonal(), np.diag(dense.error), rtol=1e-14)
    assert result.evaluations < dense.evaluations


def test_float32_points():
    seen = set()

    def f(v):
        seen.add(v.dtype)
        return chain(v)

    x = X.astype(np.float32)
    result = numdiff.estimate_jacobian(f, x, sparsity=band(40))
    assert seen == {np.dtype(np.float32)}
    assert within_bars(result, chain_slopes(x.astype(float)))
    dense = numdiff.estimate_jacobian(f, x)
    np.testing.assert_allclose(result.value.toarray(), dense.value, rtol=1e-14)


def test_empty_and_full_patterns():
    nothing = numdiff.estimate_jacobian(lambda v: np.ones(3), np.ones(5), sparsity=np.zeros((3, 5)))
    assert nothing.value.shape == (3, 5)
    assert nothing.value.nnz == 0
    assert nothing.evaluations < 10
    full = numdiff.estimate_jacobian(chain, X[:5], sparsity=np.ones((5, 5)))
    dense = numdiff.estimate_jacobian(chain, X[:5])
    alike(full, dense)
    for m, n in ((0, 3), (3, 0)):
        for sparsity in (np.zeros((m, n)), "detect"):
            result = numdiff.estimate_jacobian(
                lambda v, m=m: np.ones(m), np.ones(n), sparsity=sparsity
            )
            assert result.value.shape == (m, n)


def test_scalars_and_arrays_are_flattened():
    one = numdiff.estimate_jacobian(np.sin, 0.3, sparsity=[[1]])
    assert one.value.shape == (1, 1)
    x = X[:6].reshape(2, 3)
    result = numdiff.estimate_jacobian(lambda v: v.T**2, x, sparsity="detect")
    np.testing.assert_array_equal(result.value.nonzero()[1], [0, 3, 1, 4, 2, 5])


def test_large_groups_are_divided(monkeypatch):
    whole = numdiff.estimate_jacobian(chain, X, sparsity=band(40))
    monkeypatch.setattr(coordinates, "_MOST", 10)
    monkeypatch.setattr(coordinates, "_TOGETHER", 20)
    parts = numdiff.estimate_jacobian(chain, X, sparsity=band(40))
    alike(parts, whole)
    assert parts.evaluations > whole.evaluations
    # But not for the tables: what its columns ask for is asked at the same time.
    monkeypatch.setattr(coordinates, "_MOST", 10**6)
    assert numdiff.estimate_jacobian(chain, X, sparsity=band(40)).evaluations == whole.evaluations


def test_without_scipy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(InputError, match=r"pip install 'crossdiff\[special\]'"):
        numdiff.estimate_jacobian(chain, X, sparsity="detect")


def test_the_verb():
    value = numdiff.jacobian(lambda v, k: k * chain(v), sparsity=band(40))(X, 2.0)
    assert isinstance(value, sp.csr_array)
    np.testing.assert_allclose(value.toarray(), 2 * chain_slopes(X), atol=1e-10)
    with pytest.raises(InputError, match="one argument"):
        numdiff.jacobian(lambda a, b: a + b, (0, 1), sparsity="detect")
    with pytest.raises(InputError, match="one dimension"):
        numdiff.jacobian(lambda a: a, sparsity="detect")(np.ones((2, 2)))
