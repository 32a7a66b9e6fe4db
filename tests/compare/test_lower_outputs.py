"""Every output of every backend: the products with derivatives, and Taylor coefficients."""

import pickle

import mpmath as mp
import numpy as np
import pytest

import numdiff
from compare.lower import lower
from compare.lower.plans.plan import OUTPUTS, plan
from diffexpr import (
    ExpressionTypeError,
    ExpressionValueError,
    ShapeError,
    evaluate_all,
    symbol,
    symbols,
)

BACKENDS = ("symbolic", "forward", "reverse")
each_backend = pytest.mark.parametrize("by", BACKENDS)

x, y, v, w = symbols("x y v w")
a = symbol("a", 3)
m = symbol("m", (2, 3))

SCALAR = x**2 * np.sin(y) + np.exp(-x * y) / (1 + y**2)
MIXED = np.sum(np.tanh(m @ a) ** 2) + x * np.prod(a) + np.mean(a[1:] * a[:-1])
VECTOR = np.tanh(m @ a) * x + np.sum(a**2)
EXPRESSIONS = {"scalar": SCALAR, "mixed": MIXED, "vector": VECTOR}
POINT = {
    "x": 0.7,
    "y": -1.3,
    "v": 0.4,
    "w": 1.1,
    "a": np.array([0.3, -1.2, 0.5]),
    "m": np.array([[0.2, -0.4, 1.0], [0.9, 0.1, -0.6]]),
}


def packed(structure, values):
    if isinstance(structure, int):
        return values[structure]
    return tuple(packed(part, values) for part in structure)


def answer(expr, output, values, wrt=None, by="reverse", **options):
    """The outputs of a plan by the interpreter, in the shape in which they are returned."""
    found = plan(expr, output, wrt, by, options.pop("at", None), **options)
    given = dict(zip([p.name for p in found.parameters], values, strict=True))
    return packed(found.structure, evaluate_all(found.outputs, given))


def leaves(result):
    if isinstance(result, tuple):
        return [leaf for part in result for leaf in leaves(part)]
    return [np.asarray(result)]


def close(found, wanted, rtol=1e-12, atol=1e-13) -> None:
    """Equal to the rounding of the short formulas here, which do not cancel."""
    assert len(leaves(found)) == len(leaves(wanted))
    for one, other in zip(leaves(found), leaves(wanted), strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)


def values_of(expr):
    return tuple(POINT[s.name] for s in expr.variables)


def directions_of(expr, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(rng.uniform(-1, 1, s.shape)[()] for s in expr.variables)


def call(expr):
    """The expression by position, for backends that know values only."""
    names = [s.name for s in expr.variables]
    return lambda *args: expr(**dict(zip(names, args, strict=True)))


# against numbers from values alone


@each_backend
@pytest.mark.parametrize("name", ["scalar", "mixed"])
def test_hvp_is_what_differences_of_values_give(name, by) -> None:
    expr = EXPRESSIONS[name]
    at, along = values_of(expr), directions_of(expr)
    # Second differences of values hold about half of the digits.
    wanted = numdiff.hvp(call(expr), at, along)
    close(answer(expr, "hvp", (*at, *along), by=by), wanted, 1e-5, 1e-6)


@each_backend
@pytest.mark.parametrize("name", EXPRESSIONS)
def test_jvp_and_vjp_are_what_differences_of_values_give(name, by) -> None:
    expr = EXPRESSIONS[name]
    at, along = values_of(expr), directions_of(expr)
    # Extrapolated first differences hold about ten digits.
    close(answer(expr, "jvp", (*at, *along), by=by), numdiff.jvp(call(expr), at, along), 1e-8, 1e-9)
    cotangent = np.random.default_rng(1).uniform(-1, 1, expr.shape)[()]
    value, pullback = numdiff.vjp(call(expr), *at)
    found = answer(expr, "vjp", (*at, cotangent), by=by)
    close(found, (value, tuple(pullback(cotangent))), 1e-8, 1e-9)


# against closed forms and mpmath


@each_backend
def test_products_by_hand(by) -> None:
    expr = x**2 * y
    assert answer(expr, "hvp", (3.0, 4.0, 1.0, 10.0), by=by) == (68.0, 6.0)
    assert answer(expr, "hvp", (3.0, 4.0, 10.0), "x", by=by) == 80.0
    assert answer(expr, "jvp", (3.0, 4.0, 1.0, 10.0), by=by) == (36.0, 114.0)
    assert answer(expr, "jvp", (3.0, 4.0, 10.0), y, by=by) == (36.0, 90.0)
    assert answer(expr, "vjp", (3.0, 4.0, 10.0), by=by) == (36.0, (240.0, 90.0))
    assert answer(expr, "vjp", (3.0, 4.0, 10.0), (1,), by=by) == (36.0, (90.0,))
    assert answer(expr, "taylor", (3.0, 4.0, 1.0, 10.0), by=by) == (36.0, 114.0, 64.0)
    assert answer(expr, "taylor", (3.0, 4.0, 2.0), 0, by=by, order=1) == (36.0, 48.0)
    assert answer(expr, "taylor", (3.0, 4.0, 2.0), 0, by=by, order=0) == (36.0,)


@each_backend
def test_the_quadratic_form_of_a_matrix(by) -> None:
    def form(u, q):
        return u @ q @ u

    q = np.array([[1.0, 2.0, 0.5], [-1.0, 3.0, 4.0], [0.0, 2.0, -2.0]])
    u, along = np.array([1.0, -2.0, 0.5]), np.array([0.5, 1.0, 2.0])
    shapes = {"u": (3,), "q": (3, 3)}
    close(answer(form, "hvp", (u, q, along), by=by, at=shapes), (q + q.T) @ along)
    found = answer(form, "taylor", (u, q, along), by=by, at=shapes, order=3)
    close(found, (u @ q @ u, along @ (q + q.T) @ u, along @ q @ along, 0.0))
    product = answer(lambda u, q: q @ u, "vjp", (u, q, along), ("u", "q"), by, at=shapes)
    close(product, (q @ u, (q.T @ along, np.outer(along, u))))
    close(answer(lambda u, q: q @ u, "jvp", (u, q, along), by=by, at=shapes), (q @ u, q @ along))


@each_backend
def test_taylor_coefficients_are_those_of_mpmath(by) -> None:
    def along(t):
        s, c = mp.mpf("0.7") + t * mp.mpf("0.5"), mp.mpf("-1.3") - t
        return s**2 * mp.sin(c) + mp.exp(-s * c) / (1 + c**2)

    with mp.workdps(40):
        wanted = tuple(map(float, mp.taylor(along, 0, 5)))
    found = answer(SCALAR, "taylor", (0.7, -1.3, 0.5, -1.0), by=by, order=5)
    close(found, wanted, 1e-12)


def test_the_backends_agree_on_taylor_coefficients_of_arrays() -> None:
    for expr in (MIXED, VECTOR):
        values = (*values_of(expr), *directions_of(expr))
        found = [answer(expr, "taylor", values, by=by, order=3) for by in BACKENDS]
        close(found[1], found[0])
        close(found[2], found[0])


# shapes, names, kinds


@each_backend
@pytest.mark.parametrize("output", OUTPUTS)
def test_functions_of_scalars_broadcast_over_arrays(output, by) -> None:
    lowered = lower(SCALAR, output, by=by)
    columns = np.random.default_rng(2).uniform(0.2, 1.5, (len(lowered.parameters), 4))
    together = leaves(lowered(*columns))
    each = [leaves(lowered(*column)) for column in columns.T]
    for k, found in enumerate(together):
        np.testing.assert_allclose(found, [one[k] for one in each], rtol=1e-13)


@each_backend
def test_vectors_get_names_that_are_free(by) -> None:
    expr = v * w * x**2
    wanted = 0.4 * 1.1 * 2 * 0.7 * 3.0
    found = plan(expr, "jvp", "x", by, None)
    assert [p.name for p in found.parameters] == ["v", "w", "x", "v_"]
    value, tangent = answer(expr, "jvp", (0.4, 1.1, 0.7, 3.0), "x", by)
    np.testing.assert_allclose([value, tangent], [0.4 * 1.1 * 0.49, wanted], rtol=1e-14)
    found = plan(expr, "vjp", ("x",), by, None)
    assert [p.name for p in found.parameters] == ["v", "w", "x", "w_"]
    close(answer(expr, "vjp", (0.4, 1.1, 0.7, 3.0), ("x",), by)[1], (wanted,))
    taken = symbol("v_x") * x**2 * v
    found = plan(taken, "hvp", ("x", "v"), by, None)
    assert [p.name for p in found.parameters] == ["v", "v_x", "x", "v_x_", "v_v"]
    close(answer(taken, "hvp", (2.0, 3.0, 5.0, 7.0, 11.0), ("x", "v"), by), (414.0, 210.0))


@pytest.mark.parametrize("output", ["hvp", "jvp", "vjp", "taylor"])
def test_lowered_functions_take_vectors_by_name_and_are_pickled(output) -> None:
    lowered = lower(MIXED, output, "a")
    vector = "w" if output == "vjp" else "v"
    assert lowered.parameters == ("a", "m", "x", vector)
    values = {**POINT, vector: 2.0 if output == "vjp" else np.array([1.0, 2.0, -1.0])}
    given = {name: values[name] for name in lowered.parameters}
    wanted = answer(MIXED, output, tuple(given.values()), "a")
    close(lowered(**given), wanted, 1e-14, 0)
    close(pickle.loads(pickle.dumps(lowered))(**given), wanted, 1e-14, 0)


@each_backend
@pytest.mark.parametrize("output", OUTPUTS)
def test_float32_is_kept(output, by) -> None:
    one = np.float32

    def loss(u, s):
        return np.sum(np.sin(u) * s) + s**3 + u[0] ** 2 + u[1]

    found = plan(loss, output, ("u", "s"), by, (np.ones(3, one), one(1)))
    rng = np.random.default_rng(3)
    given = {p.name: rng.uniform(0.2, 1, p.shape).astype(one)[()] for p in found.parameters}
    for result in evaluate_all(found.outputs, given):
        assert np.asarray(result).dtype == one
    flat = plan(lambda u: np.sum(u**2), "hessian", None, by, np.ones(3, one)).outputs[0]
    assert np.asarray(evaluate_all([flat], {"u": np.ones(3, one)})[0]).dtype == one
    scalar = lower(SCALAR, output, by=by)
    for result in leaves(scalar(*np.full((len(scalar.parameters), 2), 0.5, one))):
        assert result.dtype == one


@each_backend
def test_what_the_function_does_not_depend_on_contributes_zero(by) -> None:
    def f(a, b, c):
        return a * a

    shapes = {"c": (2,)}
    none = np.zeros(2)
    every = ("c", "a", "b")
    given = (3.0, 4.0, np.ones(2), np.array([5.0, 6.0]), 2.0, 9.0)
    close(answer(f, "hvp", given, every, by, at=shapes), (none, 4.0, 0.0))
    close(answer(f, "jvp", given, every, by, at=shapes), (9.0, 12.0))
    close(answer(f, "taylor", given, every, by, at=shapes, order=3), (9.0, 12.0, 4.0, 0.0))
    cotangent = (3.0, 4.0, np.ones(2), 10.0)
    close(answer(f, "vjp", cotangent, every, by, at=shapes), (9.0, (none, 60.0, 0.0)))
    for output in ("hvp", "jvp", "vjp", "taylor"):
        constant = answer(lambda a: 7.0, output, (1.0, 1.0), by=by)
        assert set(map(float, leaves(constant))) <= {0.0, 7.0}
    close(answer(3 * x + y, "hvp", (1.0, 2.0, 3.0, 4.0), by=by), (0.0, 0.0))
    nothing = answer(lambda a: np.stack([7.0, 8.0]), "jvp", (1.0, 1.0), by=by)
    close(nothing, (np.array([7.0, 8.0]), none))


def test_parameters_without_an_example_are_scalars_unless_they_have_a_default() -> None:
    def f(u, s, p=2.0):
        return np.sum(u) * s**p

    found = plan(f, "jvp", "u", "reverse", {"u": (3,)})
    assert [(p.name, p.shape) for p in found.parameters] == [("u", (3,)), ("s", ()), ("v", (3,))]
    found = plan(f, "value", None, "reverse", {"p": 3.0})
    assert [(p.name, p.shape) for p in found.parameters] == [("u", ()), ("s", ()), ("p", ())]


@each_backend
def test_empty_arrays(by) -> None:
    def f(u):
        return np.sum(u**3)

    none = np.zeros(0)
    close(answer(f, "hvp", (none, none), by=by, at=none), none)
    close(answer(f, "jvp", (none, none), by=by, at=none), (0.0, 0.0))
    close(answer(f, "vjp", (none, 1.0), by=by, at=none), (0.0, none))
    close(answer(f, "taylor", (none, none), by=by, at=none), (0.0, 0.0, 0.0))


@pytest.mark.parametrize("by", ["forward", "reverse"])
def test_complex_variables_and_directions(by) -> None:
    def f(z):
        return np.sum(z**3)

    z, along = np.array([1 + 2j, 0.5j]), np.array([2 - 1j, 1 + 1j])
    close(answer(f, "jvp", (z, along), by=by, at=z), (np.sum(z**3), np.sum(3 * z**2 * along)))
    close(answer(f, "hvp", (z, along), by=by, at=z), 6 * z * along)
    close(answer(f, "vjp", (z, 1j), by=by, at=z), (np.sum(z**3), 3 * z**2 * 1j))


def test_nan_and_infinity_are_not_hidden() -> None:
    for by in BACKENDS:
        _, tangent = answer(x * y, "jvp", (np.inf, 2.0, 0.0, 1.0), by=by)
        assert tangent == np.inf
        assert np.isnan(answer(x * y, "vjp", (np.nan, 2.0, 1.0), by=by)[1][1])


# what is refused


def test_what_is_asked_wrongly_is_said() -> None:
    for output in OUTPUTS:
        with pytest.raises(ExpressionValueError, match="give no formula"):
            plan(SCALAR, output, None, "numeric", None)
    with pytest.raises(ExpressionValueError, match=r"choose among value, grad.*taylor"):
        plan(SCALAR, "laplacian", None, "reverse", None)
    with pytest.raises(ShapeError, match=r"hvp needs a scalar result.*output='jvp'"):
        plan(VECTOR, "hvp", None, "reverse", None)
    for order in (-1, 1.5, True, "3"):
        with pytest.raises(ExpressionValueError, match=r"is 0, 1, 2, \.\.\., got"):
            plan(SCALAR, "taylor", None, "forward", None, order=order)
    with pytest.raises(ExpressionValueError, match="is for output='taylor'"):
        plan(SCALAR, "grad", None, "forward", None, order=2)
    with pytest.raises(ExpressionTypeError):
        plan("x", "hvp", None, "reverse", None)
