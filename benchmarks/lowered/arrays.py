"""Gradients of functions of arrays: Rosenbrock's, a network's, a mixture's."""

import numpy as np
from automatic import dialects, peers
from automatic.learning import network_problem
from automatic.mixture import mixture_problem
from automatic.problems import rosenbrock, rosenbrock_problem

from lowered.contest import checked, raced
from lowered.peers import absent
from lowered.report import over

OURS, FUNCTION = "crossdiff", "function, lowered"

RIVALS = ("by hand", "jax", "torch", "autograd")


def lowered(problem, output):
    """The lowered function of the arguments and of the data, which may change from call to call.

    Data of whole numbers are indices, and belong to the program.
    """
    from compare.lower import lower

    count = len(problem.arguments)
    moving = [data for data in problem.data if data.dtype.kind == "f"]

    def whole(*given):
        rest = iter(given[count:])
        data = [next(rest) if data.dtype.kind == "f" else data for data in problem.data]
        return problem.program(dialects.plain(), *data)(*given[:count])

    values = [*problem.arguments, *moving]
    f = lower(whole, output, tuple(range(count)), at=[np.asarray(x).shape for x in values])
    return lambda: f(*values)


def gradients(problem):
    """Everyone's gradient; the peers as the benchmark of ``autodiff`` asks them."""
    missing = absent()
    asked = {name: peers.ASK[name] for name in RIVALS if name not in missing}
    makers = {name: lambda ask=ask: ask(problem) for name, ask in asked.items()}
    return {OURS: lambda: lowered(problem, "grad")} | makers


def values_and_gradients(problem):
    """Everyone's, of Rosenbrock's function."""
    (x,) = problem.arguments
    missing = absent()
    asked = {"by hand": by_hand, "jax": by_jax, "torch": by_torch}
    makers = {n: lambda ask=ask: ask(x) for n, ask in asked.items() if n not in missing}
    return {OURS: lambda: lowered(problem, "value_and_grad")} | makers


def functions(problem):
    """The function alone: ours, and the program run by NumPy."""
    return {
        FUNCTION: lambda: lowered(problem, "value"),
        "function": lambda: peers.value(problem),
    }


def by_hand(x):
    """With one array for each thing that both share."""

    def run():
        head = x[:-1]
        rest = x[1:] - head * head
        short = head - 1.0
        value = 100.0 * np.dot(rest, rest) + np.dot(short, short)
        g = np.empty_like(x)
        g[-1] = 0.0
        np.multiply(short, 2.0, out=g[:-1])
        rest *= 200.0
        g[1:] += rest
        rest *= head
        rest *= 2.0
        g[:-1] -= rest
        return [value, g]

    return run


def by_jax(x):
    import jax

    f = jax.jit(jax.value_and_grad(rosenbrock(dialects.of_jax())))
    there = jax.numpy.asarray(x)
    return lambda: jax.block_until_ready(f(there))


def by_torch(x):
    import torch

    f = rosenbrock(dialects.of_torch())

    def run():
        leaf = torch.from_numpy(x).requires_grad_()
        value = f(leaf)
        value.backward()
        return [value.detach(), leaf.grad]

    return run


def measured(problem, both, rounds):
    """The times of gradients (with values where ``both`` is true) and of the function alone."""
    value = peers.value(problem)()
    if both:
        makers, truth = values_and_gradients(problem), by_hand(*problem.arguments)()
    else:
        makers, truth = gradients(problem), problem.hand(problem.arguments, problem.data)
    calls = checked(problem.name, makers, truth)
    calls |= checked(problem.name, functions(problem), [value])
    return raced(problem.name, calls, rounds)


CASES = (
    (lambda: rosenbrock_problem(1_000_000), True, {"jax": 2.0, "by hand": 0.4, FUNCTION: 2.5}),
    (lambda: network_problem("tanh"), False, {"by hand": 1.15, "jax": 1.1}),
    (lambda: network_problem("relu"), False, {"by hand": 1.15, "jax": 1.1}),
    (lambda: mixture_problem(10, 25, 1_000), False, {FUNCTION: 4.0, "jax": 1.2}),
    (lambda: mixture_problem(64, 5, 10_000), False, {FUNCTION: 4.0, "jax": 1.2}),
)
"""What makes a problem, whether the value is asked for too, and the limits of our time."""


def arrays(report, options, cases=CASES):
    missing = absent()
    order = [OURS, FUNCTION, "function", *(name for name in RIVALS if name not in missing)]
    spent, ratios = [], []
    for make, both, limits in cases:
        problem = make()
        times = measured(problem, both, options.rounds)
        title = f"{problem.name}{', with its value' if both else ''}"
        milliseconds = {
            name: times.median(name) * 1e3 if name in times.seconds else None for name in order
        }
        spent.append({"gradient of": title} | milliseconds)
        row = {f"/{name}": over(times, OURS, name) for name in order[1:]}
        ratios.append({"gradient of": title} | row)
        for rival, limit in limits.items():
            if rival not in missing:
                ratio = times.ratio(OURS, rival)
                report.target("arrays", f"{problem.name}: over {rival}", ratio, limit)
    report.table(f"arrays: milliseconds, medians of {options.rounds} rounds", spent)
    report.table("arrays: crossdiff over each, medians of ratios", ratios)
