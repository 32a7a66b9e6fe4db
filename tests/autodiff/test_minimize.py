"""SciPy's optimisers take what the verbs give as it is; the examples run and say the same again."""

import runpy
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from autodiff import forward, grad, hessian, hvp, jacobian, reverse, value_and_grad
from autodiff.nests import nest_map, ravel

EXAMPLES = Path(__file__).parents[2] / "examples"
optimize = pytest.importorskip("scipy.optimize", reason="SciPy is not installed")

RNG = np.random.default_rng(4)
X = RNG.normal(size=(80, 3))
Y = np.sign(X @ np.array([1.0, -2.0, 0.5]) + RNG.logistic(size=80))


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def logistic(w):
    return np.sum(np.logaddexp(0, -Y * (X @ w))) + 0.5 * np.sum(w**2)


def probability(w):
    return 1 / (1 + np.exp(Y * (X @ w)))


def logistic_gradient(w):
    return -X.T @ (Y * probability(w)) + w


def logistic_hessian(w):
    p = probability(w)
    return X.T @ (X * (p * (1 - p))[:, None]) + np.eye(3)


PROBLEMS = {"rosenbrock": (rosenbrock, np.full(6, -0.5)), "logistic": (logistic, np.zeros(3))}
METHODS = {
    "L-BFGS-B": lambda ad, f: {"jac": ad.grad(f)},
    "BFGS": lambda ad, f: {"jac": ad.grad(f)},
    "Newton-CG": lambda ad, f: {"jac": ad.grad(f), "hess": ad.hessian(f)},
    "trust-exact": lambda ad, f: {"jac": ad.grad(f), "hess": ad.hessian(f)},
    "trust-constr": lambda ad, f: {"jac": ad.grad(f), "hess": ad.hessian(f)},
    "trust-ncg": lambda ad, f: {"jac": ad.grad(f), "hessp": partial(ad.hvp, f)},
    "trust-krylov": lambda ad, f: {"jac": ad.grad(f), "hessp": partial(ad.hvp, f)},
}


@pytest.mark.parametrize("ad", [forward, reverse], ids=lambda ad: ad.__name__)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_methods_of_minimize(ad, method, name):
    f, x0 = PROBLEMS[name]
    found = optimize.minimize(f, x0, method=method, **METHODS[method](ad, f))
    assert found.success, found.message
    # Each stops at a gradient of about 1e-5, against curvatures of 1 and more; Newton-CG and the
    # interior point stop by their steps, a little before.
    np.testing.assert_allclose(grad(f)(found.x), 0, atol=2e-3)
    if name == "rosenbrock":
        np.testing.assert_allclose(found.x, 1, atol=1e-4)


def test_newton_cg_with_products_takes_the_same_steps_as_with_the_hessian():
    f, x0 = PROBLEMS["logistic"]
    whole = optimize.minimize(f, x0, method="Newton-CG", jac=grad(f), hess=hessian(f))
    products = optimize.minimize(f, x0, method="Newton-CG", jac=grad(f), hessp=partial(hvp, f))
    assert whole.nit == products.nit
    np.testing.assert_allclose(whole.x, products.x, rtol=1e-9)


def test_value_and_gradient_in_one_call():
    f, x0 = PROBLEMS["rosenbrock"]
    one = optimize.minimize(value_and_grad(f), x0, method="L-BFGS-B", jac=True)
    two = optimize.minimize(f, x0, method="L-BFGS-B", jac=grad(f))
    np.testing.assert_array_equal(one.x, two.x)
    assert one.nit == two.nit


def test_the_derivatives_that_scipy_gets_are_right():
    w = np.array([0.3, -1.0, 0.2])
    np.testing.assert_allclose(grad(logistic)(w), logistic_gradient(w), rtol=1e-12)
    np.testing.assert_allclose(hessian(logistic)(w), logistic_hessian(w), rtol=1e-12, atol=1e-13)
    x = np.array([-0.4, 0.7, 1.1, 0.2])
    np.testing.assert_allclose(grad(rosenbrock)(x), optimize.rosen_der(x), rtol=1e-12)
    np.testing.assert_allclose(hessian(rosenbrock)(x), optimize.rosen_hess(x), rtol=1e-12)
    v = np.array([1.0, -2.0, 0.5, 3.0])
    np.testing.assert_allclose(hvp(rosenbrock, x, v), optimize.rosen_hess_prod(x, v), rtol=1e-12)
    # SciPy's own comparison with a difference of step 1.5e-8: half of the digits.
    assert optimize.check_grad(rosenbrock, grad(rosenbrock), x) < 1e-4


def test_extra_arguments_are_passed_on():
    def f(x, a, b):
        return np.sum((x - a) ** 4) + b * np.sum(x**2)

    found = optimize.minimize(
        f, np.zeros(2), args=(np.array([1.0, 2.0]), 0.1), jac=grad(f), hess=hessian(f),
        method="trust-exact",
    )  # fmt: skip
    np.testing.assert_allclose(4 * (found.x - [1, 2]) ** 3 + 0.2 * found.x, 0, atol=1e-4)


def test_constraints_take_jacobians():
    def circle(x):
        return np.array([x @ x - 1])

    found = optimize.minimize(
        lambda x: x[0] + 2 * x[1], np.array([1.0, 0.0]), method="SLSQP",
        jac=lambda x: np.array([1.0, 2.0]),
        constraints={"type": "eq", "fun": circle, "jac": jacobian(circle)},
    )  # fmt: skip
    # The tolerance of SLSQP is 1e-6 on the value.
    np.testing.assert_allclose(found.x, -np.array([1, 2]) / np.sqrt(5), atol=1e-3)


def test_least_squares_and_root_take_jacobians():
    t = np.linspace(0, 2, 20)
    seen = 3 * np.exp(-1.5 * t)

    def residuals(p):
        return p[0] * np.exp(-p[1] * t) - seen

    for method in ("trf", "dogbox", "lm"):
        found = optimize.least_squares(
            residuals, np.ones(2), jac=jacobian(residuals), method=method
        )
        np.testing.assert_allclose(found.x, [3, 1.5], rtol=1e-6)

    def equations(x):
        return np.array([x[0] ** 2 + x[1] - 3, x[0] - x[1] + 1])

    found = optimize.root(equations, np.ones(2), jac=jacobian(equations))
    np.testing.assert_allclose(equations(found.x), 0, atol=1e-10)


def test_a_nest_is_minimised_as_a_vector():
    x0, unravel = ravel({"w": np.zeros((2, 2)), "b": 0.0})
    wanted = {"w": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": -1.0}

    def loss(x):
        gaps = nest_map(lambda a, b: np.sum((a - b) ** 2), unravel(x), wanted)
        return gaps["w"] + 3 * gaps["b"]

    found = optimize.minimize(loss, x0, jac=grad(loss), hess=hessian(loss), method="trust-exact")
    np.testing.assert_allclose(unravel(found.x)["w"], wanted["w"], atol=1e-6)
    assert unravel(found.x)["b"] == pytest.approx(-1, abs=1e-6)


# the examples


def output(name):
    done = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / name], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_example_of_minimize():
    parts = runpy.run_path(str(EXAMPLES / "minimize.py"))
    for found in parts["valley"]().values():
        np.testing.assert_allclose(found.x, 1, atol=1e-3)
    found, params = parts["regression"]()
    assert found.success
    signs = np.sign(parts["FEATURES"] @ params["weights"] + params["offset"])
    assert np.mean(signs == parts["LABELS"]) > 0.7
    np.testing.assert_allclose(parts["fit"]().x, [2.5, 0.6, 3.0], rtol=0.05)
    assert output("minimize.py") == output("minimize.py")


def test_the_example_of_a_network():
    parts = runpy.run_path(str(EXAMPLES / "train_network.py"))
    params, losses = parts["train"]()
    assert np.mean(losses[:20]) > 0.5
    assert np.mean(losses[-20:]) < 0.15
    assert parts["accuracy"](params) > 0.95
    assert losses == parts["train"]()[1]
    assert "right on" in output("train_network.py")
