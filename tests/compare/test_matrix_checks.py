"""cross_check of functions of matrices: all backends where there is a formula, else all but one."""

import numpy as np
import pytest

from compare import cross_check
from diffexpr import symbol

A = np.array([[4.0, 1.0, -2.0], [0.5, 3.0, 1.0], [2.0, -1.0, 5.0]])
SINGULAR = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]]) - np.diag([0, 0, 1.0])


@pytest.mark.parametrize(
    ("f", "at"),
    [
        (lambda a: np.sum(np.sin(np.linalg.inv(a))), A),
        (lambda a: np.sum(np.linalg.solve(a, np.ones(3)) ** 2), A),
        (np.linalg.det, A),
        (lambda a: np.linalg.slogdet(a)[1], A),
        (lambda a: np.sum(np.linalg.cholesky(a @ a.T)), A),
        (lambda a: np.sum(np.linalg.pinv(a[:, :2])), A),
        (lambda a: np.trace(np.linalg.matrix_power(a, -2)), A),
        (lambda a: np.linalg.norm(a, 1) + np.linalg.norm(a, np.inf), A),
    ],
)
def test_every_backend_agrees(f, at):
    check = cross_check(f, (at,))
    assert check.verdict == "agree", str(check)
    assert check.value_ok
    assert check["symbolic"].values


def test_the_determinant_of_a_singular_matrix():
    # Complex steps are left out: the rounding of their pivots is larger than it looks.
    names = ["symbolic", "forward", "reverse", "numeric"]
    check = cross_check(np.linalg.det, (SINGULAR,), backends=names)
    assert check.verdict == "agree", str(check)


@pytest.mark.parametrize(
    ("f", "op"),
    [
        (lambda a: np.sum(np.linalg.eigvalsh(a + a.T) ** 3), "eigvalsh"),
        (lambda a: np.sum(np.linalg.eigh(a + a.T)[1] ** 4), "eigh"),
        (lambda a: np.sum(np.linalg.svd(a)[0] ** 4), "svd"),
        (lambda a: np.sum(np.linalg.qr(a)[0]), "qr"),
        (lambda a: np.linalg.norm(a, "nuc"), "svdvals"),
        (lambda a: np.sum(np.abs(np.fft.fft(a)) ** 2 * np.arange(3)), "fft"),
        (lambda a: np.sum(np.real(np.linalg.eigvals(a) ** 2)), "eigvals"),
    ],
)
def test_without_a_formula_the_others_agree_and_symbolic_is_absent(f, op):
    check = cross_check(f, (A,))
    assert check.verdict == "agree", str(check)
    assert not check["symbolic"].values
    assert f"no SymPy translation of {op}" in check["symbolic"].note
    assert f"symbolic does not apply: no SymPy translation of {op}" in str(check)


def test_vectors_of_a_repeated_eigenvalue_convict_nobody():
    check = cross_check(lambda a: np.sum(np.linalg.eigh(a)[1]), (np.eye(3),))
    assert not check.odd
    assert check.verdict in ("inconclusive", "undefined")
    assert "eigenvalues coincide" in check["reverse"].note


def test_a_rule_that_meets_a_singular_matrix_is_a_reason_and_no_crash():
    graph = np.linalg.qr(symbol("a", (2, 2)))[1][0, 0]  # it exists at rank 1, and a rule inverts R
    check = cross_check(graph, {"a": np.diag([2.0, 0.0])})
    assert not check.odd
    for name in ("forward", "reverse"):
        assert check[name].note == "Singular matrix"
