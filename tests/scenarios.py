"""Derivatives worked out by hand, shared by every backend.

A scenario's expected value is written down from the textbook rule (the formula stands in
``reason``), never taken from the code under test. Its parts are in the order of ``wrt``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diffexpr import parse

E, PI = math.e, math.pi


@dataclass(frozen=True)
class Scenario:
    """A function, a point, and the derivative there as worked out by hand."""

    name: str
    f: str | Callable[..., Any]
    at: dict[str, Any]
    expected: tuple[Any, ...]
    reason: str
    verb: str = "grad"
    wrt: Any = None
    order: int = 1
    verdict: str = "agree"
    absent: tuple[str, ...] = ()
    tags: frozenset[str] = field(default_factory=frozenset)

    @property
    def target(self) -> Any:
        """The function or the parsed expression."""
        return parse(self.f) if isinstance(self.f, str) else self.f

    def __str__(self) -> str:
        return self.name


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def branch(x: Any) -> Any:
    if x > 0:
        return x * x
    return -3 * x


def loop(x: Any) -> Any:
    y = x
    for _ in range(5):
        y = np.sin(y) + y * x
    return y


def newton_root(a: Any) -> Any:
    x = 1.0
    for _ in range(60):
        if abs(x * x - a) <= 1e-12 * abs(a):
            break
        x = (x + a / x) / 2
    return x


def layer(W: Any, b: Any, x: Any) -> Any:
    return np.mean((1 / (1 + np.exp(-(W @ x + b))) - 1.0) ** 2)


def least_squares(w: Any) -> Any:
    X = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]])
    r = X @ w - np.array([1.0, 0.0, 2.0])
    return np.sum(r**2) / 3


def linear_map(x: Any) -> Any:
    return np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) @ x


def cross_entropy(s: Any) -> Any:
    shifted = s - np.max(s)
    return np.log(np.sum(np.exp(shifted))) - shifted[1]


def rosenbrock(x: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def loop_derivative(x: float) -> float:
    y, dy = x, 1.0
    for _ in range(5):
        y, dy = math.sin(y) + y * x, math.cos(y) * dy + dy * x + y
    return dy


_A = sigmoid(1.5)
_SLOPE = 2 * (_A - 1) * _A * (1 - _A)
_SOFT = [math.exp(v) / sum(map(math.exp, (0.5, -1.0, 2.0))) for v in (0.5, -1.0, 2.0)]
_RESIDUAL = [1 * 0.5 + 2 * -1 - 1, 3 * 0.5 + 1, 0.25 - 4 - 2]

SCENARIOS = (
    # rules
    Scenario("polynomial", "5x^3 - 2x + 7", {"x": 2.0}, (58.0,), "15x^2 - 2"),
    Scenario("constant", "0x + 100", {"x": 3.0}, (0.0,), "a constant does not change"),
    Scenario("constant factor", "4x^3", {"x": 1.5}, (27.0,), "12x^2"),
    Scenario("sum", "3x^2 + 100", {"x": -1.5}, (-9.0,), "6x"),
    Scenario(
        "product", "x^2 sin(x)", {"x": 1.2},
        (2.4 * math.sin(1.2) + 1.44 * math.cos(1.2),), "2x sin x + x^2 cos x",
    ),
    Scenario(
        "quotient", "sin(x)/x", {"x": 2.0}, ((2 * math.cos(2) - math.sin(2)) / 4,),
        "(x cos x - sin x)/x^2",
    ),
    Scenario("chain, square", "(3x+1)^2", {"x": 1.0}, (24.0,), "2(3x+1)*3"),
    Scenario("chain, at 1", "(2x+3)^2", {"x": 1.0}, (20.0,), "4(2x+3)"),
    Scenario("chain, at 4.5", "(2x+1)^2", {"x": 4.5}, (40.0,), "4(2x+1)"),
    Scenario("exponential", "exp(3x)", {"x": 0.5}, (3 * math.exp(1.5),), "3e^(3x)"),
    Scenario("any base", "2^x", {"x": 3.0}, (8 * math.log(2),), "2^x ln 2"),
    Scenario("logarithm", "ln(x)", {"x": 4.0}, (0.25,), "1/x"),
    Scenario("power of itself", "x^x", {"x": 2.0}, (4 * (1 + math.log(2)),), "x^x (1 + ln x)"),
    Scenario("square root", "sqrt(x)", {"x": 9.0}, (1 / 6,), "1/(2 sqrt x)"),
    Scenario("negative base", "x^3", {"x": -2.0}, (12.0,), "3x^2, whatever the sign of x"),
    Scenario("negative exponent", "x^-2", {"x": -2.0}, (0.25,), "-2x^-3"),
    Scenario("nested", "exp(sin(x^2))", {"x": 1.0},
             (2 * math.cos(1) * math.exp(math.sin(1)),), "e^(sin x^2) cos(x^2) 2x"),
    Scenario("tangent line of sin", "sin(x)", {"x": 2.0}, (math.cos(2),), "cos x"),
    Scenario("third derivative", "x^5", {"x": 2.0}, (240.0,), "60x^2", "derivative", "x", 3),
    Scenario("second derivative", "sin(3x)", {"x": 0.4}, (-9 * math.sin(1.2),),
             "-9 sin 3x", "derivative", "x", 2),
    # several variables
    Scenario("partials", "3x^2 + 2x y + y^3", {"x": 1.0, "y": 2.0}, (10.0, 14.0),
             "6x+2y, 2x+3y^2"),
    Scenario("partials, product", "x^2 y + 5y", {"x": 3.0, "y": 2.0}, (12.0, 14.0), "2xy, x^2+5"),
    Scenario("gradient of a bowl", "x^2 + y^2", {"x": 3.0, "y": -4.0}, (6.0, -8.0), "2x, 2y"),
    Scenario("gradient at a minimum", "x^2 + y^2", {"x": 0.0, "y": 0.0}, (0.0, 0.0), "2x, 2y"),
    Scenario("training loop", "x^2 + 3y^2", {"x": 4.0, "y": 3.0}, (8.0, 18.0), "2x, 6y"),
    Scenario("used many times", "x*x*x*x + x*x", {"x": 3.0}, (114.0,), "4x^3 + 2x"),
    Scenario("mixed", "x^2 sin(y) + exp(-x y)", {"x": 1.0, "y": 2.0},
             (2 * math.sin(2) - 2 * math.exp(-2), math.cos(2) - math.exp(-2)),
             "2x sin y - y e^(-xy), x^2 cos y - x e^(-xy)"),
    Scenario("angle", "atan2(y, x)", {"x": 3.0, "y": 4.0}, (-4 / 25, 3 / 25),
             "-y/(x^2+y^2), x/(x^2+y^2)"),
    Scenario("Hessian of a saddle", "x^2 - y^2", {"x": 1.0, "y": 1.0}, (2.0, 0.0, 0.0, -2.0),
             "diag(2, -2)", "hessian"),
    Scenario("Hessian of a bowl", "x^2 + 3y^2", {"x": 4.0, "y": 3.0}, (2.0, 0.0, 0.0, 6.0),
             "diag(2, 6)", "hessian"),
    Scenario("Hessian, mixed", "x^2 y^3", {"x": 2.0, "y": 1.0}, (2.0, 12.0, 12.0, 24.0),
             "2y^3, 6xy^2, 6x^2 y", "hessian"),
    # machine learning
    Scenario("one neuron", "(w x + b - y)^2", {"w": 0.5, "b": 0.1, "x": 2.0, "y": 3.0},
             (-7.6, -3.8), "2(wx+b-y)x, 2(wx+b-y)", wrt=("w", "b")),
    Scenario("sigmoid at 0", "sigmoid(x)", {"x": 0.0}, (0.25,), "s(1-s), largest at 0"),
    Scenario("graph", "(sigmoid(w x + b) - y)^2", {"w": 0.5, "x": 2.0, "b": 0.1, "y": 1.0},
             tuple(2 * (sigmoid(1.1) - 1) * sigmoid(1.1) * (1 - sigmoid(1.1)) * d
                   for d in (2.0, 1.0)), "2(a-y) a(1-a) x and the same without x",
             wrt=("w", "b")),
    Scenario("logistic loss", "softplus(z) - t z", {"z": 0.7, "t": 1.0}, (sigmoid(0.7) - 1,),
             "sigmoid(z) - t", wrt=("z",)),
    Scenario("softmax and cross-entropy", cross_entropy, {"s": np.array([0.5, -1.0, 2.0])},
             (np.array(_SOFT) - np.array([0.0, 1.0, 0.0]),), "s - t"),
    Scenario("layer", layer,
             {"W": np.array([[0.3, -0.2, 0.5]]), "b": np.array([0.1]),
              "x": np.array([1.0, 2.0, 3.0])},
             (_SLOPE * np.array([[1.0, 2.0, 3.0]]), np.array([_SLOPE]),
              _SLOPE * np.array([0.3, -0.2, 0.5])),
             "2(a-1)a(1-a) times x, 1, W", wrt=("W", "b", "x")),
    Scenario("least squares", least_squares, {"w": np.array([0.5, -1.0])},
             (np.array([2 / 3 * (_RESIDUAL[0] + 3 * _RESIDUAL[1] + 0.5 * _RESIDUAL[2]),
                        2 / 3 * (2 * _RESIDUAL[0] - _RESIDUAL[1] + 4 * _RESIDUAL[2])]),),
             "(2/n) X'(Xw - y)"),
    Scenario("Jacobian of a linear map", linear_map, {"x": np.array([1.0, -1.0, 2.0])},
             (np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),), "the matrix itself", "jacobian"),
    Scenario("Rosenbrock", rosenbrock, {"x": np.array([1.0, 2.0, 3.0])},
             (np.array([-400.0 * 1 * (2 - 1) - 2 * 0, 200.0 * (2 - 1) - 400 * 2 * (3 - 4) + 2.0,
                        200.0 * (3 - 4)]),), "term by term"),
    # control flow
    Scenario("branch taken", branch, {"x": 2.0}, (4.0,), "2x above 0",
             absent=("symbolic",)),
    Scenario("other branch", branch, {"x": -2.0}, (-3.0,), "-3 below 0", absent=("symbolic",)),
    Scenario("loop", loop, {"x": 0.3}, (loop_derivative(0.3),), "the rule applied five times"),
    Scenario("iteration to convergence", newton_root, {"a": 2.0}, (1 / (2 * math.sqrt(2)),),
             "1/(2 sqrt a)", absent=("symbolic",), tags=frozenset({"iterated"})),
    # branches not taken, and kinks
    Scenario("branch not taken", "where(x > 0, x, sqrt(-x))", {"x": 1.0}, (1.0,),
             "x above 0, whatever the other branch does"),
    Scenario("absolute value", "|x|", {"x": -2.0}, (-1.0,), "sign x"),
    Scenario("absolute value at 0", "|x|", {"x": 0.0}, (0.0,), "convention", verdict="kink"),
    Scenario("relu at 0", "relu(x)", {"x": 0.0}, (0.0,), "convention", verdict="kink"),
    Scenario("tie", "max(x, y)", {"x": 1.0, "y": 1.0}, (0.5, 0.5), "convention: half to each",
             verdict="kink"),
    Scenario("smooth over a kink", "x |x|", {"x": 0.0}, (0.0,), "2|x|"),
    # scales
    Scenario("huge factor", "1e12 sin(x)", {"x": 1.0}, (1e12 * math.cos(1),), "1e12 cos x"),
    Scenario("tiny factor", "1e-12 sin(x)", {"x": 1.0}, (1e-12 * math.cos(1),), "1e-12 cos x"),
    Scenario("tiny argument", "exp(1e8 x)", {"x": 1e-8}, (1e8 * E,), "1e8 e^(1e8 x)"),
    Scenario("huge argument", "ln(x)", {"x": 1e12}, (1e-12,), "1/x"),
)  # fmt: skip
