"""Random expressions at random points: the backends agree, and derivatives obey their laws."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autodiff
from compare import cross_check
from diffexpr import constant, function, symbol
from diffexpr.build import node

X, Y = symbol("x"), symbol("y")
# Rows defined on the whole line, whose values stay of moderate size under nesting.
UNARY = ("sin", "cos", "tanh", "arctan", "sigmoid", "softplus", "arcsinh", "negative", "square",
         "erf", "sech", "silu", "expm1")  # fmt: skip
KINKED = ("abs", "relu", "floor", "sign")
BINARY = ("add", "subtract", "multiply", "hypot", "arctan2")
# Not on the kinks of the rows above, and of a few digits, as people write points.
POINTS = st.floats(-1.9, 1.9).map(lambda v: round(v, 3) + 0.0007)


@st.composite
def expressions(draw, unary=UNARY, binary=BINARY, size=5):
    """A small graph over x and y that may use each earlier node several times."""
    nodes = [X, Y, constant(draw(st.sampled_from([2.0, 0.5, -1.0, 3.0])))]
    for _ in range(draw(st.integers(1, size))):
        if draw(st.booleans()):
            made = node(draw(st.sampled_from(unary)), (nodes[-draw(st.integers(1, 3))],))
        else:
            op = draw(st.sampled_from(binary))
            made = node(op, (draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))))
        nodes.append(made)
    return nodes[-1]


SMOOTH = expressions(binary=BINARY[:3])


def at(x, y):
    return {"x": x, "y": y}


@given(expressions(), POINTS, POINTS)
def test_gradients_never_disagree(f, x, y):
    assume(f.variables)
    check = cross_check(f, at(x, y), "grad", tuple(v.name for v in f.variables))
    assert check.verdict != "disagree", str(check)


@given(expressions(UNARY + KINKED), POINTS, POINTS)
def test_nor_do_those_of_pieces(f, x, y):
    assume(f.variables)
    check = cross_check(f, at(x, y), "grad", tuple(v.name for v in f.variables))
    assert check.verdict != "disagree", str(check)


def gradient(f, x, y):
    """By backend, the derivatives in x and y with their bars."""
    # Both variables always take part, so that both have a label.
    check = cross_check(f + 0 * X + 0 * Y, at(x, y), "grad", ("x", "y"))
    return {
        b.name: tuple((float(b.values[n]), float(b.errors[n])) for n in ("x", "y"))
        for b in check.backends
    }


def close(left, right, bars, size):
    # The bars are the backends' own; combining them rounds a few times more.
    return abs(left - right) <= 2 * bars + 64 * np.finfo(float).eps * size


@settings(max_examples=20)
@given(SMOOTH, SMOOTH, POINTS, POINTS, st.sampled_from([2.0, -0.5, 3.0]))
def test_sums_products_and_factors(f, g, x, y, c):
    fv, gv = (float(e(**at(x, y))) for e in (f, g))
    df, dg = gradient(f, x, y), gradient(g, x, y)
    total, product = gradient(c * f + g, x, y), gradient(f * g, x, y)
    for name in set(df) & set(dg) & set(total) & set(product):
        for i in range(2):
            (a, ea), (b, eb) = df[name][i], dg[name][i]
            s, es = total[name][i]
            assert close(s, c * a + b, es + abs(c) * ea + eb, abs(c * a) + abs(b) + 1), name
            p, ep = product[name][i]
            size = abs(a * gv) + abs(b * fv) + 1
            assert close(p, a * gv + b * fv, ep + ea * abs(gv) + eb * abs(fv), size), name


@settings(max_examples=20)
@given(SMOOTH, expressions(("sin", "tanh", "square"), ("add", "multiply")), POINTS, POINTS)
def test_chains(outer, inner, x, y):
    # outer(inner(x, y), y)
    composed = function(outer + 0 * X + 0 * Y, "x", "y")(inner, Y)
    u = float(inner(**at(x, y)))
    do, di, whole = gradient(outer, u, y), gradient(inner, x, y), gradient(composed, x, y)
    for name in set(do) & set(di) & set(whole):
        (a, ea), (b, eb) = do[name][0], di[name][0]
        w, ew = whole[name][0]
        # u itself is known to rounding, which a second derivative of outer magnifies.
        slack = 1e-11 * (1 + abs(a)) * (1 + abs(b)) * (1 + abs(u))
        assert abs(w - a * b) <= 2 * (ew + ea * abs(b) + eb * abs(a)) + slack, name


MATRIX = np.array([[1.0, -2.0, 0.5], [0.3, 1.0, -1.0]])


def layer(v):
    return np.tanh(MATRIX @ v) * np.sum(v**2)


@settings(max_examples=20)
@given(
    st.lists(POINTS, min_size=3, max_size=3),
    st.lists(POINTS, min_size=3, max_size=3),
    st.lists(POINTS, min_size=2, max_size=2),
)
def test_the_adjoint_of_the_jacobian(point, direction, weights):
    at_, v, w = np.array(point), np.array(direction), np.array(weights)
    check = cross_check(layer, at_, "jacobian")
    assert check.verdict == "agree"
    _, pushed = autodiff.forward.jvp(layer, (at_,), (v,))
    _, pullback = autodiff.reverse.vjp(layer, at_)
    pulled = np.asarray(pullback(w)).reshape(-1)
    # A dozen products of numbers below ten.
    np.testing.assert_allclose(w @ pushed, pulled @ v, rtol=0, atol=1e-12)
    for backend in check.backends:
        matrix, bar = backend.values["v"], backend.errors["v"]
        slack = 1e-12 + 2 * float(np.abs(w) @ bar @ np.abs(v))
        assert abs(w @ matrix @ v - w @ pushed) <= slack, backend.name


@settings(max_examples=40)
@given(SMOOTH, POINTS, POINTS)
def test_hessians_are_symmetric(f, x, y):
    check = cross_check(f + 0 * X + 0 * Y, at(x, y), "hessian", ("x", "y"))
    for backend in check.backends:
        one, other = backend.values["x,y"], backend.values["y,x"]
        bars = backend.errors["x,y"] + backend.errors["y,x"]
        assert abs(one - other) <= 2 * bars + 1e-13 * abs(one), backend.name
