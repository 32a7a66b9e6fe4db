"""What SciPy writes in Python: logsumexp, softmax, polygamma, and the module around them."""

import importlib

import numpy as np
import pytest
import scipy.special as sc

from autodiff import forward, grad, jacobian, reverse
from autodiff.scipy import special
from diffexpr import (
    ExpressionTypeError,
    MissingExtraError,
    MissingRuleError,
    evaluate,
    symbol,
)

both_modes = pytest.mark.parametrize("mode", [forward, reverse], ids=["forward", "reverse"])

A = np.array([[0.3, -1.2, 2.5], [1e3, 999.0, -4.0]])
WEIGHTS = np.array([[1.0, -2.0, 0.5], [0.7, 3.0, 0.0]])


def along_differences(f, x):
    h = 2.0**-17
    out = np.empty((*np.shape(f(x)), *x.shape))
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = h
        # Fourth order: the error is about h**4/30 of the fifth derivative, and 1e3*eps/h.
        out[(..., *i)] = (8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / (12 * h)
    return out


@both_modes
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"axis": 0},
        {"axis": -1, "keepdims": True},
        {"axis": (0, 1)},
        {"axis": 1, "b": abs(WEIGHTS)},
        {"axis": 1, "b": WEIGHTS, "return_sign": True},
        {"b": WEIGHTS[0], "return_sign": True, "keepdims": True},
        {"return_sign": True},
    ],
    ids=str,
)
def test_logsumexp(mode, options):
    wanted = sc.logsumexp(A, **options)
    value, _ = mode.jvp(lambda a: special.logsumexp(a, **options), (A,), (A,))
    for got, true in zip(np.atleast_1d(value), np.atleast_1d(wanted), strict=True):
        np.testing.assert_allclose(got, true, rtol=1e-15)
        assert np.shape(got) == np.shape(true)

    def f(a):
        found = special.logsumexp(a, **options)
        return found[0] if options.get("return_sign") else found

    np.testing.assert_allclose(mode.jacobian(f)(A), along_differences(f, A), atol=1e-7)
    nested = mode.jacobian(mode.jacobian(f))(A)
    slopes = along_differences(mode.jacobian(f), A)
    np.testing.assert_allclose(nested, slopes, atol=1e-7)


@both_modes
def test_logsumexp_by_its_weights(mode):
    found = mode.grad(lambda b: special.logsumexp([1.0, 2.0, 1e4 - 1e4], b=b))(
        np.array([0.0, 1, 0])
    )
    np.testing.assert_allclose(found, np.exp([-1.0, 0.0, -2.0]), rtol=1e-15)
    # A weight of 0 where exp would overflow beside the others: nothing is NaN.
    value, gradient = mode.value_and_grad(lambda a: special.logsumexp(a, b=[0.0, 1.0]))(
        np.array([2000.0, 1.0])
    )
    assert value == 1
    assert gradient.tolist() == [0, 1]
    gradient = mode.grad(special.logsumexp)(np.array([-np.inf, 1.0]))
    assert gradient.tolist() == [0, 1]


@both_modes
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
def test_softmax_and_its_logarithm(mode, axis):
    for name in ("softmax", "log_softmax"):

        def f(x, name=name):
            return getattr(special, name)(x, axis=axis)

        x = A % 7
        value, _ = mode.jvp(f, (x,), (x,))
        np.testing.assert_allclose(value, getattr(sc, name)(x, axis=axis), rtol=1e-14)
        # The matrix is diag(p) - p p' along the axis, or 1 - p for the logarithm.
        np.testing.assert_allclose(mode.jacobian(f)(x), along_differences(f, x), atol=1e-9)
    assert np.isfinite(mode.jacobian(special.softmax)(np.array([1e4, -1e4]))).all()


@both_modes
def test_multigammaln_and_polygamma(mode):
    for d in (1, 2, 4):
        true = sum(sc.digamma(3.5 - j / 2) for j in range(d))
        assert mode.derivative(lambda a, d=d: special.multigammaln(a, d))(3.5) == pytest.approx(
            true
        )
    value, slopes = mode.jvp(
        lambda a: special.multigammaln(a, 3), (np.array([0.9, 4.0]),), (np.ones(2),)
    )
    assert np.isnan(value).tolist() == [True, False]
    assert value[1] == pytest.approx(sc.multigammaln(4.0, 3))
    assert slopes[1] == pytest.approx(sum(sc.digamma(4.0 - j / 2) for j in range(3)))
    assert mode.derivative(lambda x: special.polygamma(0, x))(0.7) == pytest.approx(
        sc.polygamma(1, 0.7)
    )
    assert mode.derivative(lambda x: special.polygamma(3, x))(0.7) == pytest.approx(
        sc.polygamma(4, 0.7)
    )
    with pytest.raises(ExpressionTypeError, match=r"dimension, got 1\.5"):
        mode.derivative(lambda a: special.multigammaln(a, 1.5))(3.5)


def test_plain_arrays_get_scipy_s_values():
    for name, args in (
        ("logsumexp", (A,)),
        ("softmax", (A, 1)),
        ("log_softmax", (A, 0)),
        ("polygamma", ([0, 1], 2.5)),
        ("multigammaln", ([3.0, 4.0], 2)),
        ("expit", (A,)),
        ("factorial", (5,)),
    ):
        np.testing.assert_array_equal(getattr(special, name)(*args), getattr(sc, name)(*args))
    assert special.logsumexp([[1, 2], [3, 4]], axis=1, b=2).shape == (2,)


def test_lists_of_boxes_are_arrays():
    assert grad(lambda x: special.logsumexp([x, 0.0]))(0.0) == 0.5
    np.testing.assert_array_equal(jacobian(lambda x: special.softmax([x, 0.0]))(0.0), [0.25, -0.25])


def test_expressions_pass_through():
    w = symbol("w", 3)
    at = {"w": [0.5, -1.0, 2.0]}
    for name in ("logsumexp", "softmax", "log_softmax"):
        made = getattr(special, name)(w)
        np.testing.assert_allclose(evaluate(made, at), getattr(sc, name)(at["w"]), rtol=1e-14)
    signed = special.logsumexp(w, b=[1.0, -2.0, 3.0], return_sign=True)
    wanted = sc.logsumexp(at["w"], b=[1.0, -2.0, 3.0], return_sign=True)
    np.testing.assert_allclose([evaluate(part, at) for part in signed], wanted, rtol=1e-14)
    assert evaluate(special.multigammaln(w, 2), {"w": [2.0, 3.0, 4.0]}) == pytest.approx(
        sc.multigammaln([2.0, 3.0, 4.0], 2)
    )


def test_what_scipy_computes_in_python_is_refused_and_named():
    with pytest.raises(MissingRuleError, match=r"scipy\.special\.factorial2 .* numdiff"):
        grad(special.factorial2)(3.0)
    with pytest.raises(AttributeError, match="no_such_function"):
        _ = special.no_such_function
    assert {"erf", "logsumexp", "jv"} <= set(dir(special))


def test_without_scipy_the_extra_is_named(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    for use in (lambda: special.expit, lambda: special.logsumexp([1.0])):
        with pytest.raises(MissingExtraError, match=r"crossdiff\[special\]"):
            use()
