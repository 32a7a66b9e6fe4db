"""The bound covers the error that was really made."""

import mpmath
import numpy as np
import pytest

from diffexpr import constant, e, parse, pi, symbol, symbols
from diffexpr.build import node
from diffexpr.frozen import Index
from diffexpr.functions import logsumexp, softmax
from symdiff import evaluate, grad, rounding_bound

x, y = symbols("x y")
UNARY = [
    *("sin", "cos", "tanh", "exp", "expm1", "arctan", "sinh", "arcsinh", "sech", "cbrt"),
    *("sigmoid", "softplus", "silu", "gelu", "mish", "softsign", "relu", "erf"),
    *("square", "negative", "abs", "reciprocal", "log1p_abs", "sqrt_abs", "log_abs"),
]
BINARY = ["add", "subtract", "multiply", "divide", "maximum", "minimum", "hypot"]
BINARY += ["logaddexp", "arctan2"]


def composition(rng, depth=6):
    """A random expression of x and y."""
    pool = [x, y, constant(0.3), constant(2), pi, e]
    for _ in range(depth):
        if rng.random() < 0.55:
            op = str(rng.choice(UNARY))
            arg = pool[rng.integers(len(pool))]
            if op.endswith("_abs"):
                op, arg = op[:-4], node("abs", (arg,))
            pool.append(node(op, (arg,)))
        else:
            op = str(rng.choice(BINARY))
            pool.append(node(op, (pool[rng.integers(len(pool))], pool[rng.integers(len(pool))])))
    return pool[-1] + pool[-2]


def covered(f, at, digits=30):
    value, bound = rounding_bound(f, at)
    if not np.all(np.isfinite(value)):
        return
    exact = evaluate(f, at, digits)
    for v, b, t in zip(np.ravel(value), np.ravel(bound), np.ravel(exact), strict=True):
        assert np.isfinite(b), f
        assert abs(mpmath.mpf(float(v)) - t) <= b, (f, at)


@pytest.mark.parametrize("seed", range(200))
def test_random_compositions_and_their_gradients(seed):
    rng = np.random.default_rng(seed)
    f = composition(rng)
    at = {"x": float(rng.uniform(-3, 3)), "y": float(rng.uniform(-3, 3))}
    with mpmath.workdps(60):
        covered(f, at)
        for g in grad(f):
            covered(g, at)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("(1 + x) - 1", 1e-9),
        ("exp(x) - 1 - x", 1e-6),
        ("sqrt((1 + x) - 1)", 1e-17),
        ("abs((1 + x) - 1 - x)", 1e-9),
        ("floor(3*(x/3) + 1e-17)", 1.0),
        ("where((1 + x) - 1 > 1e-17, 1, 2)", 1e-17),
        ("where(not (1 + x) - 1 > 1e-17, 1, 2)", 1e-17),
        ("where((1 + x) - 1 > 1e-17 and x > 0, x, -x)", 1e-17),
        ("sin(pi*x)", 1.0),
        ("sin(1e6*x)", 1.0),
        ("x**2", 1e-170),
        ("exp(x)", -744.5),
        ("exp(x)", -800.0),
        ("x*1e-300*1e-300", 1.0),
        ("((1 + x) - 1)**2", 1e-17),
        ("mod(10*x, 1)", 0.1),
        ("maximum((1 + x) - 1, x)", 1e-17),
        ("4611686018427387905*x", 1.0),
        ("tan(x)", 1.5707963267948966),
        ("sigmoid(x)*sigmoid(-x)", 40.0),
        ("0.1 + 0.2 - 0.3 + 0*x", 1.0),
    ],
)
def test_hard_cases(text, at):
    with mpmath.workdps(60):
        covered(parse(text), {"x": at})


def test_exact_results_have_no_error():
    for f, at in ((x + y, {"x": 1.0, "y": 2.0}), (abs(x), {"x": -1.0}), (x > y, {"x": 1, "y": 2})):
        value, bound = rounding_bound(f, at)
        assert bound <= 2.0**-52 * abs(value)
    assert rounding_bound(constant(0.1), {})[1] == 0
    assert rounding_bound(np.linalg.norm(symbol("w", (2,))), {"w": np.zeros(2)}) == (0, 0)


def test_bounds_are_tight_enough_to_judge_by():
    value, bound = rounding_bound(parse("x^2 sin(y) + exp(-x y)"), {"x": 1.0, "y": 2.0})
    assert 0 < bound < 64 * np.spacing(value)


ARRAYS = {
    "sum": lambda w, m: np.sum(m * m, axis=0),
    "mean": lambda w, m: np.mean(m / 3, axis=1),
    "prod": lambda w, m: np.prod(m / 3, axis=0),
    "cumsum": lambda w, m: np.cumsum(m / 3, axis=1),
    "norm": lambda w, m: np.linalg.norm(m / 3, axis=0),
    "max": lambda w, m: np.max(m / 3, axis=0) - np.min(m / 7, axis=0),
    "logsumexp": lambda w, m: logsumexp(m / 3, axis=1),
    "softmax": lambda w, m: softmax(m / 3, axis=1),
    "matmul": lambda w, m: (m / 3) @ (w / 7),
    "einsum": lambda w, m: np.einsum("ij,j,ij->i", m / 3, w / 7, m),
    "moves": lambda w, m: np.reshape(np.transpose(m / 3), (2, 3))[:, [0, 0, 2]] * w,
    "diag": lambda w, m: np.diag(w / 3) @ np.broadcast_to(w / 7, (3,)),
    "stack": lambda w, m: np.concatenate([np.stack([w / 3, w / 7]), m / 9]),
    "scatter": lambda w, m: node("scatter_add", (w / 3,), (Index((np.array([0, 0, 1]),)), (2,))),
    "where": lambda w, m: np.where(m > w, m / 3, w / 7),
    "truth": lambda w, m: (m > w) * m / 3,
    "constant": lambda w, m: constant([0.1, 0.2, 0.3]) * w / 3,
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("seed", range(4))
def test_array_operations(name, seed):
    w, m = symbol("w", (3,)), symbol("m", (2, 3))
    rng = np.random.default_rng(seed)
    at = {"w": rng.normal(size=3), "m": rng.normal(size=(2, 3))}
    f = ARRAYS[name](w, m)
    value, bound = rounding_bound(f, at)
    assert value.shape == bound.shape == f.shape
    with mpmath.workdps(60):
        covered(f, at)


def test_undefined_values_have_undefined_bounds():
    value, bound = rounding_bound(np.sqrt(x), {"x": -1.0})
    assert np.isnan(value)
    assert np.isnan(bound)
