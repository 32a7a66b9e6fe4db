"""One point: Rosenbrock's function of ten numbers, as an optimiser asks for it."""

import functools
from itertools import pairwise

import numpy as np
from automatic.problems import rosenbrock

from lowered.contest import joined, timed
from lowered.peers import absent
from lowered.report import over

N = 10
NAMES = [f"x{i}" for i in range(N)]
POINT = tuple(np.random.default_rng(1).uniform(-2.0, 2.0, N).tolist())


def of_numbers(*x):
    """The function of ten numbers, in operators alone."""
    return sum(100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x))


def floats():
    """Ours, from ten floats."""
    from compare.lower import lower
    from diffexpr import symbols

    lowered = lower(of_numbers(*symbols(" ".join(NAMES))), "value_and_grad")
    return lambda: lowered(*POINT)


def array():
    """Ours, from an array."""
    from compare.lower import lower

    lowered = lower(rosenbrock(np), "value_and_grad", at=((N,),))
    x = np.array(POINT)
    return lambda: lowered(x)


def by_hand():
    x = np.array(POINT)

    def run():
        head = x[:-1]
        rest, short = x[1:] - head * head, head - 1.0
        g = np.zeros(N)
        g[1:] = 200.0 * rest
        g[:-1] += 2.0 * short - 400.0 * rest * head
        return 100.0 * rest.dot(rest) + short.dot(short), g

    return run


@functools.cache
def _formulas():
    import sympy

    symbols = sympy.symbols(f"x:{N}")
    value = of_numbers(*symbols)
    return symbols, [value, *(sympy.diff(value, symbol) for symbol in symbols)]


def lambdify():
    import sympy

    f = sympy.lambdify(*_formulas(), modules="math", cse=True)
    return lambda: f(*POINT)


def symengine():
    import symengine

    symbols, outputs = _formulas()
    f = symengine.Lambdify(symbols, outputs, cse=True, backend="llvm")
    x = np.array(POINT)
    return lambda: f(x)


def casadi():
    """A plain call from an array of NumPy's, which gives matrices of CasADi's own."""
    import casadi

    x = casadi.SX.sym("x", N)
    value = of_numbers(*casadi.vertsplit(x))
    f = casadi.Function("rosenbrock", [x], [value, casadi.gradient(value, x)])
    point = np.array(POINT)
    return lambda: f(point)


def jax():
    """A compiled call, its argument where it wants it; waited for."""
    import jax
    from automatic.dialects import of_jax

    f = jax.jit(jax.value_and_grad(rosenbrock(of_jax())))
    x = jax.numpy.asarray(POINT)
    return lambda: jax.block_until_ready(f(x))


FLOATS, ARRAY = "crossdiff, floats", "crossdiff, array"

ASK = {
    FLOATS: floats,
    ARRAY: array,
    "by hand": by_hand,
    "lambdify": lambdify,
    "symengine": symengine,
    "casadi": casadi,
    "jax": jax,
}

LIMITS = (
    (FLOATS, "lambdify", 1.0),
    (ARRAY, "lambdify", 1.6),
    (ARRAY, "jax", 0.4),
    (ARRAY, "casadi", 0.3),
)


def point(report, options):
    missing = absent()
    asked = {name: ask for name, ask in ASK.items() if name not in missing}
    times = timed(f"Rosenbrock, n = {N}", asked, by_hand()(), options.rounds, joined)
    rows = [
        {
            "value and gradient by": name,
            "us": times.median(name) * 1e6,
            "crossdiff, floats/": over(times, FLOATS, name),
            "crossdiff, array/": over(times, ARRAY, name),
        }
        for name in times.seconds
    ]
    report.table(f"point: Rosenbrock, n = {N}, microseconds a call", rows)
    for who, rival, limit in LIMITS:
        if rival in asked:
            report.target("point", f"{who} over {rival}", times.ratio(who, rival), limit)
