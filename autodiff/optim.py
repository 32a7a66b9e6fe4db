"""Optimisers: from parameters and their gradient to better parameters, as pure functions.

An optimiser is two functions. ``init(params)`` makes its state, ``update(state, params, gradient)``
gives the next state and the next parameters; nothing is changed in place. Parameters are a number,
an array, or a nest of these (`autodiff.nests`), the gradient is a nest of the same structure, and
the precision of the parameters is kept. A rate is a number or a schedule, a function of the number
of steps already taken. In the docstrings p is a parameter, g its gradient, t the step, from 1.

Examples
--------
>>> from autodiff import grad, optim
>>> slope = grad(lambda x: (x - 3.0) ** 2)
>>> optimiser = optim.momentum(rate=0.1, decay=0.5)
>>> x = 0.0
>>> state = optimiser.init(x)
>>> for _ in range(50):
...     state, x = optimiser.update(state, x, slope(x))
>>> print(round(float(x), 6))
3.0
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.clipping import clip_by_norm, clip_by_value, global_norm
from autodiff.optimizer import Moments, Optimizer, State, elementwise
from autodiff.schedules import (
    Schedule,
    constant,
    cosine,
    exponential,
    linear_warmup,
    number,
    staircase,
    warmup_cosine,
)

__all__ = [
    "Optimizer",
    "Schedule",
    "State",
    "adam",
    "adamw",
    "clip_by_norm",
    "clip_by_value",
    "constant",
    "cosine",
    "exponential",
    "global_norm",
    "linear_warmup",
    "lion",
    "momentum",
    "nesterov",
    "rmsprop",
    "sgd",
    "staircase",
    "warmup_cosine",
]


def sgd(rate: float | Schedule) -> Optimizer:
    """Gradient descent, stochastic where the gradient is.

    ``p <- p - rate*g``: Cauchy (1847); Robbins and Monro (1951), *A stochastic approximation
    method*, equation (8). No moments.

    Parameters
    ----------
    rate : float or schedule

    Examples
    --------
    >>> optimiser = sgd(rate=0.5)
    >>> state, params = optimiser.update(optimiser.init([1.0, 2.0]), [1.0, 2.0], [2.0, 0.0])
    >>> params
    array([0., 2.])
    """
    return elementwise(rate, 0, lambda t, rate, p, g, moments: (p - rate * g, ()))


def momentum(rate: float | Schedule, decay: float = 0.9) -> Optimizer:
    """Gradient descent with momentum, the heavy ball.

    ``v <- decay*v + g``, ``p <- p - rate*v``: Polyak (1964), *Some methods of speeding up the
    convergence of iteration methods*, equation (9). The moment is the velocity v.

    Parameters
    ----------
    rate : float or schedule
    decay : float

    Examples
    --------
    >>> optimiser = momentum(rate=1.0, decay=0.5)
    >>> state, p = optimiser.update(optimiser.init(0.0), 0.0, 1.0)
    >>> state, p = optimiser.update(state, p, 1.0)
    >>> print(p, *state.moments)
    -2.5 1.5
    """
    decay = number(decay, "decay", below=1.0)

    def rule(t: int, rate: float, p: Any, g: Any, moments: Moments) -> tuple[Any, Moments]:
        v = decay * moments[0] + g
        return p - rate * v, (v,)

    return elementwise(rate, 1, rule)


def nesterov(rate: float | Schedule, decay: float = 0.9) -> Optimizer:
    """Nesterov's accelerated gradient, with the gradient taken where the parameters are.

    ``v <- decay*v + g``, ``p <- p - rate*(g + decay*v)``: Sutskever, Martens, Dahl and Hinton
    (2013), *On the importance of initialization and momentum in deep learning*, equations (3) and
    (4), in the variable of Bengio, Boulanger-Lewandowski and Pascanu (2013), *Advances in
    optimizing recurrent networks*, equation (7). The moment is the velocity v.

    Parameters
    ----------
    rate : float or schedule
    decay : float

    Examples
    --------
    >>> optimiser = nesterov(rate=1.0, decay=0.5)
    >>> state, p = optimiser.update(optimiser.init(0.0), 0.0, 1.0)
    >>> print(p)
    -1.5
    """
    decay = number(decay, "decay", below=1.0)

    def rule(t: int, rate: float, p: Any, g: Any, moments: Moments) -> tuple[Any, Moments]:
        v = decay * moments[0] + g
        return p - rate * (g + decay * v), (v,)

    return elementwise(rate, 1, rule)


def rmsprop(
    rate: float | Schedule, decay: float = 0.9, centered: bool = False, epsilon: float = 1e-8
) -> Optimizer:
    """Each gradient divided by the root of its recent mean square.

    ``s <- decay*s + (1 - decay)*g**2``, ``p <- p - rate*g/(sqrt(s) + epsilon)``: Tieleman and
    Hinton (2012), *Neural networks for machine learning*, lecture 6.5. Centered, ``s - m**2``
    stands for s under the root, with ``m <- decay*m + (1 - decay)*g``: Graves (2013), *Generating
    sequences with recurrent neural networks*, equations (38) to (41). The moments are s, and m.

    Parameters
    ----------
    rate : float or schedule
    decay : float
    centered : bool
    epsilon : float

    Examples
    --------
    >>> optimiser = rmsprop(rate=0.1, decay=0.75)
    >>> state, p = optimiser.update(optimiser.init(0.0), 0.0, 4.0)
    >>> print(round(float(p), 6), *state.moments)
    -0.2 4.0
    """
    decay = number(decay, "decay", below=1.0)
    epsilon = number(epsilon, "epsilon")

    def rule(t: int, rate: float, p: Any, g: Any, moments: Moments) -> tuple[Any, Moments]:
        s = decay * moments[0] + (1 - decay) * g * g
        if not centered:
            return p - rate * g / (np.sqrt(s) + epsilon), (s,)
        m = decay * moments[1] + (1 - decay) * g
        # A variance below 0 is rounding.
        return p - rate * g / (np.sqrt(np.maximum(s - m * m, 0)) + epsilon), (s, m)

    return elementwise(rate, 2 if centered else 1, rule)


def adam(
    rate: float | Schedule = 1e-3, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
) -> Optimizer:
    """Adaptive moments.

    ``m <- beta1*m + (1 - beta1)*g``, ``s <- beta2*s + (1 - beta2)*g**2``,
    ``p <- p - rate * m/(1 - beta1**t) / (sqrt(s/(1 - beta2**t)) + epsilon)``: Kingma and Ba (2015),
    *Adam: a method for stochastic optimization*, algorithm 1. The moments are m and s.

    Parameters
    ----------
    rate : float or schedule
    beta1, beta2 : float
    epsilon : float

    Examples
    --------
    >>> optimiser = adam(rate=0.1)
    >>> params = {"w": np.zeros(2), "b": 1.0}
    >>> gradient = {"w": np.array([3.0, -2.0]), "b": 0.0}
    >>> state, params = optimiser.update(optimiser.init(params), params, gradient)
    >>> params["w"].round(6)
    array([-0.1,  0.1])
    """
    return adamw(rate, beta1, beta2, epsilon, decay=0.0)


def adamw(
    rate: float | Schedule = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    decay: float = 0.01,
) -> Optimizer:
    """Adam with weights that decay by themselves and not through the gradient.

    `adam`, with ``p - rate*decay*p`` for p on the right: Loshchilov and Hutter (2019), *Decoupled
    weight decay regularization*, algorithm 2, where ``rate`` stands for the schedule times alpha
    and ``decay`` for lambda/alpha, as in most programs. The moments are those of Adam.

    Parameters
    ----------
    rate : float or schedule
    beta1, beta2 : float
    epsilon : float
    decay : float

    Examples
    --------
    >>> optimiser = adamw(rate=0.1, decay=0.5)
    >>> state, p = optimiser.update(optimiser.init(1.0), 1.0, 0.0)
    >>> print(p)
    0.95
    """
    beta1, beta2 = number(beta1, "beta1", below=1.0), number(beta2, "beta2", below=1.0)
    epsilon, decay = number(epsilon, "epsilon"), number(decay, "decay")

    def rule(t: int, rate: float, p: Any, g: Any, moments: Moments) -> tuple[Any, Moments]:
        m = beta1 * moments[0] + (1 - beta1) * g
        s = beta2 * moments[1] + (1 - beta2) * g * g
        step = m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + epsilon)
        return p * (1 - rate * decay) - rate * step, (m, s)

    return elementwise(rate, 2, rule)


def lion(
    rate: float | Schedule = 1e-4, beta1: float = 0.9, beta2: float = 0.99, decay: float = 0.0
) -> Optimizer:
    """Evolved sign momentum: every parameter moves by the same length.

    ``c = beta1*m + (1 - beta1)*g``, ``p <- p - rate*(sign(c) + decay*p)``,
    ``m <- beta2*m + (1 - beta2)*g``: Chen et al. (2023), *Symbolic discovery of optimization
    algorithms*, algorithm 2. The moment is m.

    Parameters
    ----------
    rate : float or schedule
    beta1, beta2 : float
    decay : float

    Examples
    --------
    >>> optimiser = lion(rate=0.25)
    >>> state, p = optimiser.update(optimiser.init([1.0, 1.0]), [1.0, 1.0], [1e-6, -1e6])
    >>> p
    array([0.75, 1.25])
    """
    beta1, beta2 = number(beta1, "beta1", below=1.0), number(beta2, "beta2", below=1.0)
    decay = number(decay, "decay")

    def rule(t: int, rate: float, p: Any, g: Any, moments: Moments) -> tuple[Any, Moments]:
        (m,) = moments
        c = beta1 * m + (1 - beta1) * g
        return p - rate * (np.sign(c) + decay * p), (beta2 * m + (1 - beta2) * g,)

    return elementwise(rate, 1, rule)
