"""The rounding bound covers the true error, is not absurdly large, and behaves at the edges."""

import random

import mpmath as mp
import numpy as np
import pytest
from truth import VALUES

import autodiff
from autodiff import rounding_bound
from diffexpr import functions, parse, pi, symbols
from diffexpr.apply import apply
from diffexpr.errors import ExpressionTypeError, ExpressionValueError
from diffexpr.walk import topological

MODES = ["forward", "reverse", "best"]
UNARY = ["sin", "cos", "exp", "tanh", "arctan", "sigmoid", "softplus", "arcsinh", "erf", "square"]
BINARY = ["add", "subtract", "multiply", "hypot"]
EPS = 2.0**-52


def composition(rng, size):
    """A random expression in x and y that is smooth and finite for all of them."""
    made = [*symbols("x y"), 1.25, 0.7, 3, pi]
    for _ in range(size):
        kind = rng.random()
        if kind < 0.4:
            made.append(apply(rng.choice(UNARY), (np.tanh(_pick(rng, made)),)))
        elif kind < 0.5:
            made.append(_pick(rng, made) / (2 + np.cos(_pick(rng, made))))
        elif kind < 0.6:
            made.append((1.5 + np.sin(_pick(rng, made))) ** rng.choice([2, 3, -1, 0.5, -2.5]))
        else:
            a, b = _pick(rng, made), _pick(rng, made)
            made.append(apply(rng.choice(BINARY), (a, b)))
    x, y = made[:2]
    return made[-1] + x * y


def _pick(rng, made):
    # The last ones more often, so that expressions grow deep.
    return apply("add", (made[-1], 0)) if rng.random() < 0.5 else rng.choice(made)


def exact(expr, values):
    held = {}
    for node in topological(expr):
        if node.op == "symbol":
            held[node] = values[node.name]
        elif node.op == "constant":
            held[node] = mp.pi if node is pi else mp.mpf(node.params[0])
        else:
            held[node] = VALUES[node.op](*(held[a] for a in node.args))
    return held[expr]


def truth(expr, at, *names):
    """A mixed partial by central differences at 90 digits, good to 40."""
    with mp.workdps(90):
        h = mp.mpf(10) ** -22

        def shifted(values, left):
            if not left:
                return exact(expr, values)
            name, *rest = left
            ahead, behind = ({**values, name: values[name] + s} for s in (h, -h))
            return (shifted(ahead, rest) - shifted(behind, rest)) / (2 * h)

        return shifted({k: mp.mpf(v) for k, v in at.items()}, names)


def judge(found, bound, true):
    error = abs(mp.mpf(float(found)) - true)
    assert np.isfinite(bound)
    # First order: what it leaves out is the square of an error.
    assert error <= float(bound) * (1 + 1e-9) + 1e-30
    return float(bound / error) if error > EPS * abs(true) / 8 else None


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_bound_covers_the_true_error_and_is_not_absurd(mode):
    rng = random.Random(7)
    ratios = []
    for _ in range(200):
        expr = composition(rng, rng.randint(3, 12))
        at = {"x": rng.uniform(-2, 2), "y": rng.uniform(-2, 2)}
        args = (at["x"], at["y"])
        value, bound = rounding_bound(expr, args, "value", mode=mode)
        ratios.append(judge(value, bound, truth(expr, at)))
        grad, bounds = rounding_bound(expr, args, "grad", mode=mode)
        for name, found, bar in zip("xy", grad, bounds, strict=True):
            ratios.append(judge(found, bar, truth(expr, at, name)))
    ratios = sorted(r for r in ratios if r is not None)
    assert ratios[len(ratios) // 2] < 30
    assert ratios[int(0.9 * len(ratios))] < 100


@pytest.mark.parametrize("mode", MODES)
def test_bound_of_second_derivatives(mode):
    rng = random.Random(8)
    for _ in range(15):
        expr = composition(rng, 5)
        at = {"x": rng.uniform(-2, 2), "y": rng.uniform(-2, 2)}
        rows, bars = rounding_bound(expr, (at["x"], at["y"]), "hessian", mode=mode)
        for i, a in enumerate("xy"):
            for j, b in enumerate("xy"):
                judge(rows[i][j], bars[i][j], truth(expr, at, a, b))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("verb", ["derivative", "grad", "jacobian", "hessian", "value_and_grad"])
def test_value_and_shapes_are_those_of_the_verb(verb, mode):
    module = autodiff if mode == "best" else getattr(autodiff, mode)
    x = np.array([0.3, -1.2, 2.5])

    def f(v):
        out = np.exp(np.sin(v)) * v
        return out if verb in ("derivative", "jacobian") else np.sum(out)

    expected = getattr(module, verb)(f)(x)
    value, bound = rounding_bound(f, (x,), verb, mode=mode)
    for found, bar, same in zip(
        *((value, bound, expected) if type(value) is tuple else ([value], [bound], [expected])),
        strict=True,
    ):
        np.testing.assert_allclose(found, same, rtol=1e-14)
        assert bar.shape == same.shape
        assert np.all((bar > 0) | (same == 0))


@pytest.mark.parametrize("mode", MODES)
def test_exact_results_have_no_error(mode):
    for text, at in [("2*x", 1.0), ("x**2", -3.0), ("x/4 + 0.5", 7.0), ("1/x", -2.0)]:
        for verb in ("value", "grad"):
            assert np.all(np.array(rounding_bound(parse(text), (at,), verb, mode=mode)[1]) == 0)
    assert rounding_bound(lambda x: 3.0, (1.0,), mode=mode) == (0, 0)


@pytest.mark.parametrize("mode", MODES)
def test_inexact_constants_count(mode):
    for f in (parse("pi*x"), parse("0.1*x"), lambda x: 0.1 * x, parse("sin(2)*x"), parse("x/3*1")):
        _, bound = rounding_bound(f, (1.0,), "derivative", mode=mode)
        assert 0 < bound < 2e-15


@pytest.mark.parametrize("mode", MODES)
def test_bound_scales_with_the_function_and_its_argument(mode):
    def relative(scale, stretch):
        f = lambda x: scale * np.exp(np.sin(x * stretch))  # noqa: E731
        value, bound = rounding_bound(f, (0.7 / stretch,), "derivative", mode=mode)
        return bound / abs(value)

    for power in (-40, 40):
        assert relative(2.0**power, 1.0) == pytest.approx(relative(1.0, 1.0), rel=1e-12)
        assert relative(1.0, 2.0**power) == pytest.approx(relative(1.0, 1.0), rel=1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_branch_not_taken_adds_nothing(mode):
    f = lambda x: np.where(x > 0, x, np.sqrt(-x))  # noqa: E731
    assert rounding_bound(f, (1.0,), "derivative", mode=mode) == (1.0, 0.0)
    value, bound = rounding_bound(f, (np.array([1.0, -2.0]),), "derivative", mode=mode)
    np.testing.assert_allclose(value, [1, -0.5 / np.sqrt(2)])
    assert bound[0] == 0
    assert 0 < bound[1] < 1e-15


@pytest.mark.parametrize("mode", MODES)
def test_finite_where_the_result_is(mode):
    cases = [
        (lambda x: apply("sech", (x,)), 800.0),
        (lambda x: np.exp(-x), 800.0),
        (lambda x: np.sqrt(x) * 0.0 + x, 1.0),
        (lambda x: np.tanh(x), 300.0),
        (lambda x: x**2.0, 0.0),
    ]
    for f, at in cases:
        value, bound = rounding_bound(f, (at,), "derivative", mode=mode)
        assert np.isfinite(value)
        assert np.isfinite(bound)
    assert rounding_bound(np.sqrt, (0.0,), "derivative", mode=mode) == (np.inf, np.inf)
    assert np.isnan(rounding_bound(np.sqrt, (-1.0,), "derivative", mode=mode)[1])


ARRAY_FUNCTIONS = [
    lambda x: np.sum(x),
    lambda x: np.mean(x * x),
    lambda x: np.prod(x),
    lambda x: np.linalg.norm(x),
    lambda x: functions.logsumexp(x * 3),
    lambda x: functions.softmax(x * 3),
    lambda x: np.cumsum(x),
    lambda x: np.max(x) * x,
    lambda x: np.reshape(x, (2, 3)) @ np.arange(1.0, 4.0) / 3,
    lambda x: np.einsum("ij,ij->i", np.reshape(x, (2, 3)), np.reshape(x, (2, 3))),
    lambda x: x[np.array([0, 0, 1])] * x[:3],
    lambda x: np.power(x, 0.3) + x**-1.0,
]


@pytest.mark.parametrize("f", ARRAY_FUNCTIONS)
def test_array_operations_are_covered(f):
    """float32 against float64: the bound of the narrow computation covers the difference."""
    rng = np.random.default_rng(3)
    for verb in ("value", "jacobian"):
        for mode in MODES:
            for _ in range(5):
                x = rng.uniform(0.2, 2.0, 6).astype(np.float32)
                narrow, bound = rounding_bound(f, (x,), verb, mode=mode)
                wide, _ = rounding_bound(f, (x.astype(float),), verb, mode=mode)
                assert np.all(np.abs(narrow - wide) <= bound * (1 + 1e-5) + 1e-300)
                assert np.all(bound <= 1e-4 * (1 + np.abs(wide)))


def test_tuples_names_and_orders():
    x, y = symbols("x y")
    value, bound = rounding_bound(x * np.sin(y), (1.0, 2.0), "grad", wrt=("y", "x"))
    assert value == pytest.approx((np.cos(2), np.sin(2)))
    assert len(bound) == 2
    value, bound = rounding_bound(np.sin, (1.0,), "derivative", n=2)
    assert value == pytest.approx(-np.sin(1))
    assert 0 < bound < 2e-15


def test_errors():
    with pytest.raises(ExpressionValueError, match="verb='hvp' has no bound; choose among value"):
        rounding_bound(np.sin, (1.0,), "hvp")
    with pytest.raises(ExpressionValueError, match="mode='sideways'"):
        rounding_bound(np.sin, (1.0,), mode="sideways")
    with pytest.raises(ExpressionTypeError, match="needs numbers"):
        rounding_bound(np.sin, symbols("x"))
