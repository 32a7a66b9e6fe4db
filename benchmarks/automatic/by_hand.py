"""The gradients of the problems as NumPy code written by hand: what no tape can be faster than.

Each is reverse mode without the tape: it keeps what the way back needs, computes nothing twice
and works in place where it may.
"""

import numpy as np


def chain(x, rounds):
    kept = []
    y = x
    for _ in range(rounds):
        a = y
        s = np.sin(a)
        t = np.tanh(s * x + 0.5)
        e = 0.4 * np.exp(t - x)
        kept.append((a, s, t, e))
        y = (e * e + x) / 1.5
    g = np.ones_like(x)
    total = np.zeros_like(x)
    for a, s, t, e in reversed(kept):
        g = g / 1.5
        total += g
        g = 2.0 * g * e * e
        total -= g
        g = g * (1.0 - t * t)
        total += g * s
        g = g * x * np.cos(a)
    return [total + g]


def rosenbrock(x):
    head = x[:-1]
    rest = x[1:] - head * head
    rest *= 200.0
    g = np.empty_like(x)
    g[-1] = 0.0
    np.subtract(head, 1.0, out=g[:-1])
    g[:-1] *= 2.0
    g[1:] += rest
    rest *= head
    rest *= 2.0
    g[:-1] -= rest
    return [g]


def logistic(w, b, inputs, targets):
    t = np.tanh(0.5 * (np.dot(inputs, w) + b))
    p = 0.5 * (t + 1.0)
    seen = p * targets + (1.0 - p) * (1.0 - targets)
    g = (targets - 0.5) * (t * t - 1.0) / (2.0 * seen)
    return [np.dot(g, inputs), np.sum(g)]


def network(hidden, w1, b1, w2, b2, inputs, targets):
    h = np.dot(inputs, w1)
    h += b1
    h = np.tanh(h, out=h) if hidden == "tanh" else np.maximum(h, 0.0, out=h)
    out = np.dot(h, w2)
    out += b2
    out -= out.max(axis=1, keepdims=True)
    np.exp(out, out=out)
    out /= out.sum(axis=1, keepdims=True)
    out -= targets  # the targets of a row sum to 1
    out /= len(targets)
    g = np.dot(out, w2.T)
    g *= 1.0 - h * h if hidden == "tanh" else h > 0
    return [np.dot(inputs.T, g), g.sum(axis=0), np.dot(h.T, out), out.sum(axis=0)]


def mixture(alphas, means, icf, x, below, places):
    """With one product of matrices a component, in place of the einsum of the program."""
    n, d = x.shape
    logs = icf[:, :d]
    diagonal = np.exp(logs)
    factors = icf[:, places] * below
    factors[:, np.arange(d), np.arange(d)] = diagonal
    centred = x[None] - means[:, None]  # component, row, dimension
    turned = np.matmul(centred, factors.swapaxes(1, 2))
    squares = np.einsum("kni,kni->kn", turned, turned)
    weights = (alphas + logs.sum(axis=1))[:, None] - 0.5 * squares
    weights -= weights.max(axis=0)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=0)
    counts = weights.sum(axis=1)
    shares = np.exp(alphas - alphas.max())
    turned *= -weights[:, :, None]
    by_factor = np.matmul(turned.swapaxes(1, 2), centred)
    by_means = -np.matmul(turned.sum(axis=1)[:, None], factors)[:, 0]
    by_icf = np.zeros_like(icf)
    rows, columns = np.nonzero(below)
    by_icf[:, places[rows, columns]] = by_factor[:, rows, columns]
    by_icf[:, d:] += icf[:, d:]
    by_diagonal = by_factor[:, np.arange(d), np.arange(d)] + diagonal
    by_icf[:, :d] = counts[:, None] + diagonal * by_diagonal
    return [counts - n * shares / shares.sum(), by_means, by_icf]
