"""Who is asked for a gradient, and how: crossdiff, the peers that are installed, and no tool."""

import importlib.metadata
import importlib.util

from automatic import dialects

PIP = "pip install 'crossdiff[bench,torch,jax]'"
PEERS = ("autograd", "torch", "jax")


def value(problem):
    """The function itself, on plain arrays."""
    f = problem.program(dialects.plain(), *problem.data)
    return lambda: f(*problem.arguments)


def by_hand(problem):
    return lambda: problem.hand(problem.arguments, problem.data)


def by_crossdiff(problem, mode="reverse"):
    import autodiff

    f = problem.program(dialects.plain(), *problem.data)
    gradient = getattr(autodiff, mode).grad(f, wrt=tuple(range(len(problem.arguments))))
    return lambda: gradient(*problem.arguments)


def by_autograd(problem):
    from autograd import grad

    f = problem.program(dialects.of_autograd(), *problem.data)
    gradient = grad(f, tuple(range(len(problem.arguments))))
    return lambda: gradient(*problem.arguments)


def by_torch(problem):
    """Leaves are made at each call, of the memory of the arrays: nothing is copied."""
    import torch

    dialect = dialects.of_torch()
    f = problem.program(dialect, *map(torch.from_numpy, problem.data))

    def run():
        leaves = [torch.from_numpy(x).requires_grad_() for x in problem.arguments]
        f(*leaves).backward()
        return [leaf.grad for leaf in leaves]

    return run


def by_jax(problem):
    """Compiled, its arguments where it wants them, and waited for."""
    import jax

    dialect = dialects.of_jax()
    data = tuple(map(dialect.array, problem.data))
    arguments = tuple(map(dialect.array, problem.arguments))

    def whole(arguments, data):
        return problem.program(dialect, *data)(*arguments)

    gradient = jax.jit(jax.grad(whole))
    return lambda: jax.block_until_ready(gradient(arguments, data))


ASK = {
    "value": value,
    "by hand": by_hand,
    "crossdiff": by_crossdiff,
    "autograd": by_autograd,
    "torch": by_torch,
    "jax": by_jax,
}


def absent():
    """The peers that are not installed."""
    return [name for name in PEERS if importlib.util.find_spec(name) is None]


def versions():
    """Of the peers that are."""
    there = [name for name in PEERS if name not in absent()]
    return {name: importlib.metadata.version(name) for name in there}


def contestants(problem):
    """Calls without arguments by name, of all that can run."""
    missing = absent()
    return {name: ask(problem) for name, ask in ASK.items() if name not in missing}
