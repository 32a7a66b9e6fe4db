"""The functions whose gradients are timed, by part, at the sizes that the targets speak of."""

from automatic import by_hand
from automatic.chains import chain_problem
from automatic.learning import logistic_problem, network_problem
from automatic.mixture import mixture_problem
from automatic.problem import Problem, random


def rosenbrock(np):
    def f(x):
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    return f


def rosenbrock_problem(n, over_value=None):
    return Problem(
        f"Rosenbrock, n = {n:,}",
        rosenbrock,
        (random().uniform(-2.0, 2.0, n),),
        (),
        lambda arguments, data: by_hand.rosenbrock(*arguments),
        {} if over_value is None else {"value": over_value},
    )


def rosenbrock_problems():
    limits = {100: 10.0, 10_000: 6.0, 1_000_000: 4.0}
    return [rosenbrock_problem(n, limit) for n, limit in limits.items()]


def learning_problems():
    return [logistic_problem(), network_problem("tanh"), network_problem("relu")]


PROBLEMS = {
    "chain": lambda: [chain_problem()],
    "rosenbrock": rosenbrock_problems,
    "learning": learning_problems,
    "mixture": lambda: [mixture_problem()],
}
"""Made when they are asked for: they hold a few ten megabytes."""


def small():
    """The same programs at sizes for a test."""
    return [
        chain_problem(20),
        rosenbrock_problem(5),
        logistic_problem(7, 3),
        network_problem("tanh", (5, 4, 3), 6),
        network_problem("relu", (5, 4, 3), 6),
        mixture_problem(3, 4, 6),
    ]
