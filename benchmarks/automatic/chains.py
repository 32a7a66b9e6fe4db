"""Chains of operations: short for the clock, deep for the stack, long for the memory."""

import numpy

from automatic import by_hand
from automatic.problem import Problem


def chain(np, rounds):
    """Ten operations a round, on the vector so far, on numbers, and on the vector itself."""

    def f(x):
        y = x
        for _ in range(int(rounds)):
            y = np.sin(y)
            y = y * x
            y = y + 0.5
            y = np.tanh(y)
            y = y - x
            y = np.exp(y)
            y = 0.4 * y
            y = y * y
            y = y + x
            y = y / 1.5
        return np.sum(y)

    return f


def chain_problem(operations=1000):
    rounds = operations // 10
    return Problem(
        f"chain of {operations:,} on 4-vectors",
        lambda np: chain(np, rounds),
        (numpy.linspace(0.2, 0.8, 4),),
        (),
        lambda arguments, data: by_hand.chain(*arguments, rounds),
        {"autograd": 0.5, "torch": 1.0},
    )


def deep_problem(operations):
    """The chain on one number: what is asked of it is only that it ends."""
    rounds = operations // 10
    return Problem(
        f"chain of {operations:,} on a number",
        lambda np: chain(np, rounds),
        (numpy.array(0.5),),
        (),
        lambda arguments, data: by_hand.chain(*arguments, rounds),
    )


def long_chain(np, kind, segmented, operations, every):
    """Elementwise operations, each on the result of the one before; ``every`` many a segment.

    Of the ``curved`` kind all have a derivative that needs a number kept; of the ``mixed`` kind
    every other one is a product with a number or a sum.
    """
    curved = [
        *(np.sin, np.exp, np.log1p, np.tanh, np.square),
        *(np.sqrt, np.cos, np.arctan, np.sinh, np.reciprocal),
    ]
    mixed = [
        *(np.sin, lambda y: 1.1 * y, np.tanh, lambda y: y + 0.5, np.exp),
        *(lambda y: 0.3 * y, lambda y: y * y, lambda y: 0.1 + y, np.sqrt, lambda y: y / 1.2),
    ]
    steps = {"curved": curved, "mixed": mixed}[kind]

    def segment(first):
        def run(y):
            for k in range(first, min(first + every, operations)):
                y = steps[k % len(steps)](y)
            return y

        return segmented(run)

    segments = [segment(first) for first in range(0, operations, every)]

    def f(x):
        y = x
        for step in segments:
            y = step(y)
        return np.sum(y)

    return f
