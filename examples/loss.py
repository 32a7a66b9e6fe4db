"""A loss of one sigmoid neuron with its gradient by hand, and the same with a mistake in it.

Try: crossdiff check examples/loss.py:loss --grad examples/loss.py:grad --at w=0.5,b=0.1
"""

import numpy as np

X, Y = 2.0, 1.0


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def loss(w, b):
    return (sigmoid(w * X + b) - Y) ** 2


def grad(w, b):
    a = sigmoid(w * X + b)
    slope = 2 * (a - Y) * a * (1 - a)
    return slope * X, slope


def forgotten_slope(w, b):
    """The derivative of the sigmoid has been left out."""
    a = sigmoid(w * X + b)
    return 2 * (a - Y) * X, 2 * (a - Y)
