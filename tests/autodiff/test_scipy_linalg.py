"""autodiff.scipy.linalg: SciPy's values and signatures, and derivatives of both kinds of number."""

import importlib

import numpy as np
import pytest
import scipy.linalg
from smooth_checks import check_first_order, check_jacobians, check_second_order, numbers

from autodiff import forward, grad, jacobian, reverse
from autodiff.scipy import linalg
from diffexpr import ExpressionValueError, MissingExtraError, MissingRuleError, ShapeError, symbol

MODES = [forward, reverse]


def positive(n, kind=float, seed=0):
    a = numbers(n, n, kind=kind, seed=seed)
    return a @ a.conj().T + np.diag(np.arange(n) + 0.5)


def functions(kind, of=linalg):
    a, h = numbers(3, 3, kind=kind) + 3 * np.eye(3), positive(3, kind)
    b, c = numbers(3, kind=kind), numbers(3, 2, kind=kind)
    for trans in (0, 1, 2, "N", "T", "C"):
        yield f"solve_triangular, {trans}", lambda x, y, t=trans: of.solve_triangular(
            x, y, trans=t), [a, b]  # fmt: skip
    yield "solve_triangular, lower", lambda x, y: of.solve_triangular(x, y, lower=True), [a, c]
    yield "solve_triangular, unit", lambda x, y: of.solve_triangular(
        x, y, 1, lower=True, unit_diagonal=True, check_finite=False), [a, c]  # fmt: skip
    yield "solve", lambda x, y: of.solve(x, y), [a, b]
    if kind is float:  # SciPy itself has none of complex matrices
        yield "solve, transposed", lambda x, y: of.solve(x, y, transposed=True), [a, c]
    yield "solve, pos", lambda x, y: of.solve(x, y, assume_a="pos", lower=True), [h, b]
    yield "solve, sym", lambda x, y: of.solve(x, y, assume_a="sym"), [a, b]
    yield "inv", lambda x: of.inv(x), [a]
    yield "inv, her", lambda x: of.inv(x, assume_a="her", lower=False), [h]
    yield "det", lambda x: of.det(x), [a]
    yield "cholesky", lambda x: of.cholesky(x), [h]
    yield "cholesky, lower", lambda x: of.cholesky(x, lower=True), [h]
    yield "cho_solve", lambda x, y: of.cho_solve(of.cho_factor(x), y), [h, b]
    yield "cho_solve, lower", lambda x, y: of.cho_solve(of.cho_factor(x, True), y), [h, c]
    yield "eigvalsh", lambda x: of.eigvalsh(x), [h]
    yield "eigh, upper", lambda x: of.eigh(x, lower=False, eigvals_only=True), [h]
    yield "eigh of a pair", lambda x, y: of.eigh(x, y)[0], [h, positive(3, kind, 7)]
    yield "vectors of a pair", lambda x, y: np.abs(of.eigh(x, y)[1]), [h, positive(3, kind, 7)]
    yield "eigvalsh of a pair", lambda x, y: of.eigvalsh(x, y, lower=False), [
        h, positive(3, kind, 7)]  # fmt: skip
    yield "svd", lambda x: of.svd(x)[1], [a]
    yield "svd, one-sided", lambda x: np.abs(of.svd(x, full_matrices=False)[2]), [a[:2]]
    yield "svdvals", lambda x: of.svdvals(x), [a]
    yield "qr", lambda x: of.qr(x, mode="economic")[1], [a[:, :2]]
    yield "qr, r", lambda x: of.qr(x, mode="r")[0], [a[:, :2]]
    yield "qr, full", lambda x: of.qr(x)[0], [a]
    yield "pinv", lambda x: of.pinv(x), [a[:, :2]]
    yield "lstsq", lambda x, y: of.lstsq(x, y)[0], [a[:, :2], b]
    yield "residues", lambda x, y: of.lstsq(x, y)[1], [a[:, :2], c]
    yield "norm", lambda x: of.norm(x, 1), [a]
    yield "sqrtm", lambda x: of.sqrtm(x), [h]
    yield "expm", lambda x: of.expm(x), [a]
    yield "solve_sylvester", lambda x, y, z: of.solve_sylvester(x, y, z), [a, h[:2, :2], c]
    yield "lyapunov", lambda x, y: of.solve_continuous_lyapunov(x, y), [a, h]
    yield "block_diag", lambda x, y: of.block_diag(x, y, 2.0), [c, b]
    yield "toeplitz", lambda x: of.toeplitz(x), [b]
    yield "toeplitz, rows", lambda x, y: of.toeplitz(x, y), [b, c[:, 0]]


CASES = [pytest.param(f, xs, id=f"{name}-{kind.__name__}")
         for kind in (float, complex) for name, f, xs in functions(kind)]  # fmt: skip
REAL = [pytest.param(f, xs, id=name) for name, f, xs in functions(float)]


@pytest.mark.parametrize(("f", "xs"), CASES)
def test_first_order(f, xs):
    check_first_order(f, *xs)


@pytest.mark.parametrize(("f", "xs"), CASES)
def test_second_order(f, xs):
    # The functions of matrices are themselves exact to 1e-13 only, which the step magnifies.
    check_second_order(f, *xs, rtol=1e-5)


@pytest.mark.parametrize(("f", "xs"), REAL)
def test_jacobians(f, xs):
    check_jacobians(f, *xs)


VALUES = [(name, kind) for kind in (float, complex) for name, _, _ in functions(kind)]


@pytest.mark.parametrize(("name", "kind"), VALUES)
def test_values_are_scipy_s(name, kind):
    own = {n: (f, xs) for n, f, xs in functions(kind)}
    f, xs = own[name]
    theirs, _ = {n: (f, xs) for n, f, xs in functions(kind, scipy.linalg)}[name]
    expected = theirs(*xs)
    np.testing.assert_array_equal(f(*xs), expected)
    value = np.asarray(forward.jvp(f, tuple(xs), tuple(xs))[0])
    assert value.shape == np.shape(expected)
    np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(("f", "xs"), REAL)
def test_expressions(f, xs):
    names = "abc"[: len(xs)]
    at = dict(zip(names, xs, strict=True))
    graph = f(*(symbol(n, x.shape) for n, x in at.items()))
    np.testing.assert_allclose(graph(**at), f(*xs), rtol=1e-11, atol=1e-11)
    assert graph.shape == np.shape(f(*xs))


# closed forms


def test_the_exponential_along_the_matrix_itself_and_of_a_rotation():
    a = np.array([[0.0, -1.0], [1.0, 0.0]])
    found = forward.derivative(lambda t: linalg.expm(t * a))(0.5)
    exact = [[-np.sin(0.5), -np.cos(0.5)], [np.cos(0.5), -np.sin(0.5)]]
    np.testing.assert_allclose(found, exact, rtol=1e-13)
    third = forward.derivative(lambda t: linalg.expm(t * a), n=3)(0.5)
    np.testing.assert_allclose(third, -np.array(exact), rtol=1e-11)


def test_a_root_of_a_real_matrix_may_be_complex():
    def f(x):
        return np.sum(np.abs(linalg.sqrtm(x)) ** 2)

    # The roots of the eigenvalues -4 and 9 have squares of moduli 4 and 9: f is -x00 + x11 there.
    np.testing.assert_allclose(grad(f)(np.diag([-4.0, 9.0])), np.diag([-1.0, 1.0]), atol=1e-12)


def test_a_batch_goes_through_functions_of_matrices():
    x = np.stack([positive(3), positive(3, seed=1)])
    for f in (linalg.expm, linalg.sqrtm):
        found = jacobian(lambda v, f=f: np.sum(np.sin(f(v)), (1, 2)))(x / 4)
        for k in range(2):
            one = grad(lambda v, f=f: np.sum(np.sin(f(v))))(x[k] / 4)
            np.testing.assert_allclose(found[k, k], one, rtol=1e-9, atol=1e-11)
            assert not np.any(found[k, 1 - k])


@pytest.mark.parametrize("mode", MODES)
def test_single_precision_stays(mode):
    x = positive(3).astype(np.float32)
    for f in (linalg.expm, linalg.sqrtm, lambda a: linalg.solve_sylvester(a, a, a),
              lambda a: linalg.solve_triangular(a, a)):  # fmt: skip
        value, tangent = mode.jvp(f, (x / 4,), (x,))
        assert value.dtype == tangent.dtype == np.float32


def test_the_half_that_is_not_read_may_hold_anything():
    a = np.array([[2.0, np.nan], [1.0, 3.0]])
    found = grad(lambda m: np.sum(linalg.solve_triangular(m, np.ones(2), lower=True)))(a)
    # x0 = 1/a00, x1 = (1 - a10*x0)/a11
    np.testing.assert_allclose(found, [[-0.25 + 1 / 12, 0], [-1 / 6, -1 / 18]], rtol=1e-14)


# refusals


@pytest.mark.parametrize(
    ("f", "error"),
    [
        (lambda a: linalg.eigh(a, subset_by_index=[0, 1]), MissingRuleError),
        (lambda a: linalg.eigh(a, a, type=2), MissingRuleError),
        (lambda a: linalg.eig(a, left=True), MissingRuleError),
        (lambda a: linalg.eigvals(a, a), MissingRuleError),
        (lambda a: linalg.qr(a, pivoting=True), MissingRuleError),
        (lambda a: linalg.qr(a, mode="raw"), ExpressionValueError),
        (lambda a: linalg.qr(a[:, :2]), MissingRuleError),
        (lambda a: linalg.pinv(a, atol=0.5), MissingRuleError),
        (lambda a: linalg.solve(a, a, assume_a="banded"), ExpressionValueError),
        (lambda a: linalg.solve_triangular(a, a, trans=3), ExpressionValueError),
        (lambda a: linalg.block_diag(a[None]), ShapeError),
        (lambda a: linalg.logm(a), MissingRuleError),
        (lambda a: linalg.solve_sylvester(a, a[:2, :2], a), ShapeError),
    ],
)
def test_what_has_no_derivative_is_refused_in_one_line(f, error):
    with pytest.raises(error) as caught:
        f(symbol("a", (3, 3)))
    assert "\n" not in str(caught.value)


def test_everything_else_of_scipy_is_there_for_plain_arrays():
    np.testing.assert_array_equal(linalg.hilbert(3), scipy.linalg.hilbert(3))
    assert linalg.LinAlgError is np.linalg.LinAlgError
    with pytest.raises(AttributeError):
        linalg.nothing_of_the_kind  # noqa: B018


def test_without_scipy_an_error_names_the_extra(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    for call in (lambda: grad(lambda a: np.sum(linalg.expm(a)))(np.eye(2)),
                 lambda: linalg.inv(np.eye(2)), lambda: linalg.logm):  # fmt: skip
        with pytest.raises(MissingExtraError, match=r"crossdiff\[special\]"):
            call()
