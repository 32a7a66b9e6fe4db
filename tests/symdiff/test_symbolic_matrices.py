"""Determinants, inverses and systems as formulas in their elements, and what has no formula."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symdiff
from diffexpr import BoundError, MissingRuleError, symbol
from diffexpr.apply import apply
from symdiff.matrices import UNTRANSLATED

A = symbol("A", (3, 3))
AT = np.array([[4.0, 1.0, -2.0], [0.5, 3.0, 1.0], [2.0, -1.0, 5.0]])


def test_the_determinant_is_leibniz_s_polynomial():
    made = symdiff.to_sympy(np.linalg.det(A))
    entries = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"A_{i}_{j}", real=True))
    assert sp.expand(made - entries.det()) == 0


def test_the_gradient_of_the_determinant_has_no_division():
    found = symdiff.grad(np.linalg.det(A), "A")
    rank_one = np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0])
    np.testing.assert_array_equal(found(A=rank_one), np.zeros((3, 3)))
    np.testing.assert_allclose(found(A=AT), np.linalg.det(AT) * np.linalg.inv(AT).T, rtol=1e-14)


@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (4, 4), (2, 3, 3)])
@pytest.mark.parametrize("op", ["inv", "det", "slogdet", "cofactor", "cholesky"])
def test_fifty_digits_agree_with_numpy(op, shape):
    x = np.random.default_rng(3).normal(size=shape) + 4 * np.eye(shape[-1])
    graph = apply(op, (symbol("x", shape),))
    exact = np.asarray(symdiff.evaluate(graph, {"x": x}), object)
    np.testing.assert_allclose(exact.astype(float), graph(x=x), rtol=1e-12, atol=1e-13)


def test_the_reference_of_an_ill_conditioned_inverse_has_all_its_digits():
    n = 5
    hilbert = np.array([[1.0 / (i + j + 1) for j in range(n)] for i in range(n)])
    found = symdiff.evaluate(np.linalg.inv(symbol("h", (n, n))), {"h": hilbert})
    with mpmath.workdps(60):
        exact = mpmath.matrix(hilbert.tolist()) ** -1
        for i, j in np.ndindex(n, n):
            assert abs(found[i, j] - exact[i, j]) <= mpmath.mpf(10) ** -40 * abs(exact[i, j])


def test_systems_of_every_batch():
    a, b = symbol("a", (2, 2, 2)), symbol("b", (2, 3))
    rng = np.random.default_rng(4)
    at = {"a": rng.normal(size=(2, 2, 2)) + 3 * np.eye(2), "b": rng.normal(size=(2, 3))}
    graph = np.linalg.solve(a, b)
    exact = np.asarray(symdiff.evaluate(graph, at), object).astype(float)
    np.testing.assert_allclose(exact, np.linalg.solve(at["a"], at["b"]), rtol=1e-13)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (2, 2)])
def test_the_pseudo_inverse_of_full_rank(shape):
    x = np.random.default_rng(5).normal(size=shape)
    for hermitian in (False, True)[: 1 + (shape[0] == shape[1])]:
        graph = np.linalg.pinv(symbol("x", shape), hermitian=hermitian)
        exact = np.asarray(symdiff.evaluate(graph, {"x": x}), object).astype(float)
        np.testing.assert_allclose(exact, graph(x=x), rtol=1e-12)


@pytest.mark.parametrize("op", UNTRANSLATED)
def test_what_has_no_formula_says_so(op):
    params = {"eigh": (True,), "eigvalsh": (True,), "svd": (False,), "svdvals": (False,),
              "fft": ((0,), False)}  # fmt: skip
    graph = apply(op, (A,), params.get(op, ()))
    graph = np.sum(np.abs(graph)) if graph.dtype.kind == "f" else np.sum(apply("real", (graph,)))
    with pytest.raises(MissingRuleError, match=f"no SymPy translation of {op}"):
        symdiff.grad(graph, "A")


def test_a_large_determinant_is_beyond_the_bound():
    with pytest.raises(BoundError, match="use autodiff"):
        symdiff.grad(np.linalg.det(symbol("x", (20, 20))), "x")
