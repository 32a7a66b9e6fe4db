"""Logistic regression and a network, the losses written as the examples of autograd write them."""

import math

import numpy

from automatic import by_hand
from automatic.problem import Problem, random


def logistic(np, inputs, targets):
    """The loss of logistic regression, from the probabilities of what was seen."""

    def f(w, b):
        p = 0.5 * (np.tanh(0.5 * (np.dot(inputs, w) + b)) + 1.0)
        return -np.sum(np.log(p * targets + (1.0 - p) * (1.0 - targets)))

    return f


def logistic_problem(rows=10_000, columns=100):
    rng = random()
    inputs = rng.normal(size=(rows, columns))
    targets = (rng.random(rows) < 0.5).astype(float)
    return Problem(
        f"logistic regression, {rows:,} x {columns}",
        logistic,
        (rng.normal(size=columns) / 10, numpy.array(0.1)),
        (inputs, targets),
        lambda arguments, data: by_hand.logistic(*arguments, *data),
        {"autograd": 0.4, "torch": 1.0},
    )


def network(hidden):
    def program(np, inputs, targets):
        """Cross entropy of softmax behind one hidden layer."""

        def f(w1, b1, w2, b2):
            z = np.dot(inputs, w1) + b1
            h = np.tanh(z) if hidden == "tanh" else np.maximum(z, 0.0)
            out = np.dot(h, w2) + b2
            logs = out - np.logsumexp(out, axis=1, keepdims=True)
            return -np.sum(logs * targets) / len(targets)

        return f

    return program


def network_problem(hidden, sizes=(784, 256, 10), batch=128):
    rng = random()
    first, middle, last = sizes
    inputs = rng.normal(size=(batch, first))
    targets = numpy.eye(last)[rng.integers(last, size=batch)]
    arguments = (
        rng.normal(size=(first, middle)) / math.sqrt(first),
        rng.normal(size=middle) / 10,
        rng.normal(size=(middle, last)) / math.sqrt(middle),
        rng.normal(size=last) / 10,
    )
    return Problem(
        f"network {'-'.join(map(str, sizes))}, {hidden}, batch {batch}",
        network(hidden),
        arguments,
        (inputs, targets),
        lambda arguments, data: by_hand.network(hidden, *arguments, *data),
        {"autograd": 0.4, "torch": 1.0},
    )
