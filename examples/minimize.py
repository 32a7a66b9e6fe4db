"""SciPy's optimisers with gradients, Hessians and Jacobians from autodiff: nothing in between.

Run: python examples/minimize.py (needs SciPy: pip install 'crossdiff[special]')
"""

from functools import partial

import numpy as np
from scipy.optimize import least_squares, minimize

from autodiff import grad, hessian, hvp, jacobian, value_and_grad
from autodiff.nests import ravel


def rosenbrock(x):
    """A curved valley; its minimum is 0, where all entries are 1 (Rosenbrock 1960)."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


# Two classes of points, with labels -1 and 1.
RNG = np.random.default_rng(7)
FEATURES = RNG.normal(size=(200, 4))
LABELS = np.sign(FEATURES @ np.array([2.0, -1.0, 0.5, 0.0]) + 0.3 + RNG.logistic(size=200))


def logistic(params):
    """The penalised negative log-likelihood of a logistic regression, on a dict of parameters."""
    scores = FEATURES @ params["weights"] + params["offset"]
    penalty = np.sum(params["weights"] ** 2)
    return np.sum(np.logaddexp(0, -LABELS * scores)) + 0.5 * penalty


# A decaying wave, seen with some noise.
TIMES = np.linspace(0, 4, 60)
SEEN = 2.5 * np.exp(-0.6 * TIMES) * np.cos(3 * TIMES) + 0.05 * RNG.normal(size=60)


def residuals(p):
    height, decay, frequency = p
    return height * np.exp(-decay * TIMES) * np.cos(frequency * TIMES) - SEEN


def valley():
    """Rosenbrock's function in ten dimensions, three times."""
    x0 = np.zeros(10)
    slope = grad(rosenbrock)
    return {
        "L-BFGS-B": minimize(value_and_grad(rosenbrock), x0, method="L-BFGS-B", jac=True),
        "trust-exact": minimize(
            rosenbrock, x0, method="trust-exact", jac=slope, hess=hessian(rosenbrock)
        ),
        "Newton-CG": minimize(
            rosenbrock, x0, method="Newton-CG", jac=slope, hessp=partial(hvp, rosenbrock)
        ),
    }


def regression():
    """A logistic regression, whose parameters are a dict: `ravel` makes it the vector SciPy has."""
    x0, unravel = ravel({"weights": np.zeros(4), "offset": 0.0})

    def loss(x):
        return logistic(unravel(x))

    found = minimize(loss, x0, method="trust-exact", jac=grad(loss), hess=hessian(loss))
    return found, unravel(found.x)


def fit():
    """A fit of the wave, by its residuals and their Jacobian."""
    return least_squares(residuals, np.array([1.0, 1.0, 2.5]), jac=jacobian(residuals))


def main():
    print("Rosenbrock's function in ten dimensions")
    for method, found in valley().items():
        calls = found.nfev + found.njev + found.get("nhev", 0)
        print(f"  {method:12} {found.nit:4} iterations {calls:4} calls  f = {found.fun:.1e}")
    found, params = regression()
    weights = np.array2string(params["weights"], precision=3)
    print(f"Logistic regression: {found.nit} iterations")
    print(f"  weights {weights}, offset {params['offset']:.3f}")
    found = fit()
    height, decay, frequency = found.x
    print(f"Decaying wave: {found.nfev} evaluations")
    print(f"  {height:.3f} exp(-{decay:.3f} t) cos({frequency:.3f} t)")


if __name__ == "__main__":
    main()
