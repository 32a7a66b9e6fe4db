"""The readable engine, bit for bit against reverse mode."""

import ast
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autodiff import engine, reverse
from autodiff.engine import Value

MOST_LINES = 150


def bits(x):
    return struct.pack("<d", float(x))


def gradient(f, *at):
    """By the engine."""
    xs = [Value(a) for a in at]
    y = f(*xs)
    if isinstance(y, Value):
        y.backward()
    return [x.grad for x in xs]


def both(f, *at):
    wrt = tuple(range(len(at)))
    return gradient(f, *at), reverse.grad(f, wrt)(*at)


def same(f, *at):
    ours, theirs = both(f, *at)
    assert [bits(g) for g in ours] == [bits(g) for g in theirs], (ours, theirs)


# Written so that one text runs on both: NumPy's functions, and a method where NumPy has none.
EXPRESSIONS = {
    "sum": lambda x, y: x + y,
    "difference": lambda x, y: x - y,
    "product": lambda x, y: x * y,
    "quotient": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "negative": lambda x, y: -x * -y,
    "numbers on the left": lambda x, y: (1.5 + x) * (2 - y) * (3.5 * x) * (4 / y) * 1.25**x,
    "numbers on the right": lambda x, y: (x + 1.5) * (y - 2) * (x * 3.5) * (y / 4) * x**1.25,
    "NumPy's numbers": lambda x, y: np.float64(1.5) * x + y * np.float64(2.5) - np.float64(3) / x,
    "integer powers": lambda x, y: x**2 + y**3 + x**-1 + y**-2 + x**1 + x**7,
    "power of zero": lambda x, y: x**0 * y,
    "repeated operand": lambda x, y: x * x * x + y * y - x / x + (x - x) * y + x**x,
    "roots": lambda x, y: np.sqrt(x) * np.sqrt(x * y + 1),
    "exp and log": lambda x, y: np.exp(-x * y) + np.log(x) * np.log(x + y),
    "waves": lambda x, y: np.sin(x * y) * np.cos(x - y) + np.sin(np.cos(np.sin(x))),
    "tanh": lambda x, y: np.tanh(3 * x * y) + np.tanh(20 * x),
    "relu": lambda x, y: (x - y).relu() * y + (y - x).relu() * x,
    "gaussian": lambda x, y: np.exp(-((x - 0.3) ** 2) / (2 * y**2)) / (y * np.sqrt(2 * np.pi)),
    "logistic": lambda x, y: -np.log(1 / (1 + np.exp(-(0.3 * x + 0.7 * y)))),
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "newton's root": lambda x, y: newton(x * y),
    "neuron": lambda x, y: (np.tanh(0.1 * x - 0.7 * y + 0.3) - 1) ** 2,
    "does not use y": lambda x, y: x * 2,
}


def newton(a):
    z = 0.5 * (1 + a)
    for _ in range(6):
        z = 0.5 * (z + a / z)
    return z


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("at", [(0.7, 1.3), (1.9, 0.31), (2.0, 3.0), (0.1, 1e-3), (5.5, 1.0)])
def test_equals_reverse_mode_to_the_last_bit(name, at):
    same(EXPRESSIONS[name], *at)


BINARY = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (2 + b * b),
    lambda a, b: np.sqrt(1 + a * a) ** np.tanh(b),
]
UNARY = [
    lambda a: -a,
    lambda a: np.sin(a),
    lambda a: np.cos(a),
    lambda a: np.tanh(a),
    lambda a: np.exp(-a * a),
    lambda a: np.log(1 + a * a),
    lambda a: np.sqrt(a * a + 0.5),
    lambda a: 0.75 * a - 0.3,
    lambda a: a**2,
    lambda a: 1.1 ** np.tanh(a),
    lambda a: 3.0 / (a * a + 1),
]
BENT = [*UNARY, lambda a: a.relu(), lambda a: (0.5 - a).relu()]


def random_program(seed, length, unary):
    """A program of random steps on random earlier values, and the sum of what it made last."""
    rng = np.random.default_rng(seed)
    steps = []
    for made in range(3, 3 + length):
        step = rng.choice(BINARY) if rng.random() < 0.6 else rng.choice(unary)
        count = 2 if step in BINARY else 1
        # The variables and late values are taken more often than those in between.
        steps.append((step, rng.integers(max(0, made - 6), made, count)))
        if rng.random() < 0.3:
            steps[-1][1][0] = rng.integers(0, 3)

    def run(x, y, z):
        values = [x, y, z]
        for step, operands in steps:
            values.append(step(*(values[i] for i in operands)))
        return sum(values[-4:])

    return run, rng.normal(size=3)


SEEDS = range(60)


@pytest.mark.parametrize("unary", [UNARY, BENT], ids=["smooth", "bent"])
def test_random_programs_mostly_have_a_slope(unary):
    programs = [random_program(seed, 40, unary) for seed in SEEDS]
    assert sum(any(gradient(f, *at)) for f, at in programs) > 0.9 * len(SEEDS)


@pytest.mark.parametrize("unary", [UNARY, BENT], ids=["smooth", "bent"])
@pytest.mark.parametrize("seed", SEEDS)
def test_random_programs_equal_reverse_mode_to_the_last_bit(seed, unary):
    f, at = random_program(seed, 40, unary)
    ours, theirs = both(f, *at)
    assert np.isfinite(ours).all()
    assert [bits(g) for g in ours] == [bits(g) for g in theirs]


@pytest.mark.parametrize(
    ("f", "at"),
    [
        (lambda x: np.sqrt(x), 0.0),
        (lambda x: (x - 1).relu() * np.sqrt(x), 0.0),
        (lambda x: np.sqrt(x.relu()), -1.0),
        (lambda x: x.relu(), 0.0),
        (lambda x: x**2, 0.0),
        (lambda x: x**0, 0.0),
        (lambda x: 0.0**x, 2.0),
        (lambda x: -x * 0.0, 1.0),
        (lambda x: -(x**2), -0.0),
        (lambda x: np.tanh(x), 30.0),
        (lambda x: np.exp(x), -800.0),
    ],
)
def test_equals_reverse_mode_at_the_edges(f, at):
    same(f, at)


def test_the_derivative_is_right_and_not_only_the_same():
    (x, y), h = (0.7, 1.3), 1e-30
    for name, f in EXPRESSIONS.items():
        if name in ("relu", "NumPy's numbers"):
            continue
        true = [np.imag(f(x + 1j * h, y)) / h, np.imag(f(x, y + 1j * h)) / h]
        # Forty operations of 1e-16 each, where the terms of one are up to a hundred times the sum.
        np.testing.assert_allclose(gradient(f, x, y), true, rtol=1e-13, atol=1e-13, err_msg=name)


def test_gradients_add_up_until_they_are_reset():
    x = Value(3.0)
    y = x * x
    y.backward()
    assert x.grad == 6
    y.backward()
    assert x.grad == 12
    (x * 5).backward()
    assert x.grad == 17
    y.reset()
    assert x.grad == y.grad == 0
    y.backward()
    assert (x.grad, y.grad) == (6, 1)


def test_what_is_inside_has_its_gradient_too():
    x = Value(2.0)
    inner = x.exp()
    outer = inner * inner
    outer.backward()
    assert inner.grad == 2 * np.exp(2.0)
    assert outer.grad == 1


def test_a_chain_of_100_000_needs_no_recursion():
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y * 1.00001 + 0.0
    y.backward()
    # 100,000 roundings of 1e-16 each at most.
    assert x.grad == pytest.approx(np.exp(100_000 * np.log1p(1e-5)), rel=1e-10)


def test_a_value_used_by_many_is_paid_once_by_each():
    x = Value(1.0)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_operands_of_every_kind_give_a_value():
    x = Value(4.0)
    for y in (x + 1, 1 + x, np.float64(1) + x, np.add(x, 1.0), np.add(1.0, x)):
        assert isinstance(y, Value)
        assert y.data == 5
    assert (2**x).data == 16
    assert repr(x) == "Value(4.0, grad=0.0)"


def test_the_engine_fits_on_a_few_pages_and_stands_alone():
    source = Path(engine.__file__).read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MOST_LINES
    imports = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            imports.add(node.module)
        elif isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
    assert imports <= {"__future__", "itertools", "operator", "collections.abc", "typing", "numpy"}
    done = subprocess.run([sys.executable, "-I", engine.__file__], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
