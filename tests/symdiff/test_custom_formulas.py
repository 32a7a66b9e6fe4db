"""Operations of a user's own in the symbolic backend: by the formulas they carry, or not at all."""

import numpy as np
import pytest
import sympy as sp

import symdiff
from diffexpr import ExpressionTypeError, MissingRuleError, ShapeError, parse, symbol, symbols
from diffexpr.custom import primitive
from symdiff.custom import written_out

X = np.array([0.3, -1.2, 2.0])


def softplus():
    op = primitive(lambda x, scale=1: np.log1p(np.exp(x * scale)))
    op.def_partials(lambda y, x, scale=1: scale / (1 + np.exp(-scale * x)))
    op.def_sympy(lambda x, scale=1: sp.log(1 + sp.exp(scale * x)))
    return op


def test_a_formula_stands_for_the_operation():
    x, y = symbols("x y")
    e = softplus()(x, scale=2) * y
    assert str(symdiff.to_sympy(e)) == "y*log(exp(2*x) + 1)"
    assert str(symdiff.grad(e)[1]) == "log(exp(2*x) + 1)"
    assert float(symdiff.evaluate(e, {"x": 0, "y": 1})) == pytest.approx(np.log(2), rel=1e-15)
    assert written_out(x * y) is x * y


def test_a_formula_is_taken_elementwise():
    w = symbol("w", (3,))
    op = softplus()
    slope = 1 / (1 + np.exp(-X))
    np.testing.assert_allclose(symdiff.derivative(op(w), w)(w=X), slope, rtol=1e-14)
    np.testing.assert_allclose(symdiff.jacobian(op)(X), np.diag(slope), rtol=1e-14)
    constant = primitive(np.ones_like).def_partials(lambda y, x: 0)
    constant.def_sympy(lambda x: 1)
    np.testing.assert_array_equal(symdiff.derivative(constant(w) * w, w)(w=X), np.ones(3))


def test_a_formula_of_matrices():
    op = primitive(lambda a, b: a @ b)
    op.def_sympy(lambda a, b: sp.Matrix(a) * sp.Matrix(b))
    a, b = np.array([[1.0, 2.0], [3.0, 4.5]]), np.array([[0.5, -1.0], [2.0, 1.0]])
    found = symdiff.grad(lambda a: np.sum(op(a, b) ** 2))(a)
    np.testing.assert_allclose(found, 2 * (a @ b) @ b.T, rtol=1e-14)
    total = primitive(np.sum)
    total.def_sympy(lambda a: sum(sp.flatten(a)))
    np.testing.assert_array_equal(symdiff.grad(lambda a: total(a) ** 2)(a), np.full((2, 2), 21.0))
    pair = primitive(lambda x: np.stack([x[0], x[1] ** 2]))
    pair.def_sympy(lambda x: [x[0], x[1] ** 2])
    np.testing.assert_array_equal(symdiff.jacobian(pair)(X[:2]), [[1, 0], [0, 2 * X[1]]])


def test_the_bound_takes_the_value_from_the_function():
    op = primitive(lambda x: np.sin(x) + 1e-3)
    op.def_sympy(sp.sin)
    value, bound = symdiff.rounding_bound(op(symbol("x")), {"x": 0.5})
    assert value == np.sin(0.5) + 1e-3
    assert bound < 1e-15


def test_a_missing_formula_is_named():
    op = primitive(np.sin).def_partials(lambda y, x: np.cos(x))
    x = symbol("x")
    for ask in (
        lambda: symdiff.to_sympy(op(x)),
        lambda: symdiff.grad(op(x)),
        lambda: symdiff.evaluate(op(x), {"x": 1.0}),
        lambda: symdiff.rounding_bound(op(x), {"x": 1.0}),
        lambda: symdiff.derivative(op)(1.0),
    ):
        with pytest.raises(MissingRuleError, match=r"sin has no formula.*sin\.def_sympy"):
            ask()


def test_formulas_that_are_none():
    x = symbol("x")
    op = primitive(np.sin)
    op.def_sympy(lambda x: sp.Symbol("k") * x)
    with pytest.raises(ExpressionTypeError, match=r"gave a formula in k; .* arguments alone"):
        symdiff.to_sympy(op(x))
    op.def_sympy(lambda x: "sin(x)")
    with pytest.raises(ExpressionTypeError, match="gave a str; return an expression of SymPy"):
        symdiff.to_sympy(op(x))
    op.def_sympy(lambda x: sp.Function("g")(x))
    with pytest.raises(MissingRuleError, match="g of SymPy is not in the language"):
        symdiff.to_sympy(op(x))
    op.def_sympy(lambda x: sp.Array([1, 2]))
    with pytest.raises(ShapeError, match=r"gave the shape \(2,\), and sin gives \(3,\)"):
        symdiff.to_sympy(op(symbol("w", (3,))))


def test_a_formula_in_a_larger_graph():
    e = parse("x^2") + softplus()(parse("sin(x)")) * 2
    found = symdiff.differentiate(e, "x").formula(x=0.7)
    s = np.sin(0.7)
    assert found == pytest.approx(1.4 + 2 * np.cos(0.7) / (1 + np.exp(-s)), rel=1e-14)
