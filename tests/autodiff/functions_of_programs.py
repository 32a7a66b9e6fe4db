"""Programs: loops that end by their numbers, recursion, tables, objects, closures, odd NumPy."""

import functools
import itertools
import math
import operator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from user_functions import at, numbers


@at(np.array([1.2, 0.65]))
def while_above_a_bound(p):
    x, n = p[0], 0
    while x > 0.1:
        x = x * p[1]
        n += 1
    return x * n


@at(np.array(2.0), smooth=False)
def root_by_newton(a):
    x = a
    while abs(x * x - a) > 1e-13 * a:
        x = 0.5 * (x + a / x)
    return x


@at(np.array(0.6), smooth=False)
def root_by_bisection_and_a_step(p):
    low, high = 0.0, 2.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if middle**3 < p else (low, middle)
    return low - (low**3 - p) / (3 * low**2)


@at(np.array([0.5, 0.3]), analytic=True)
def fixed_point(p):
    x = 0.0
    for _ in range(50):
        x = p[0] * np.cos(x) + p[1]
    return x


@at(np.array(1.5), analytic=True)
def recursion_with_a_cache(x):
    @functools.lru_cache(None)
    def f(n):
        return x if n < 2 else f(n - 1) * 0.5 + f(n - 2) * x

    return f(6)


@at(np.array([1.1, 0.9]), analytic=True)
def continued_fraction(p):
    def deeper(depth):
        return p[0] if depth == 0 else p[0] + p[1] / deeper(depth - 1)

    return deeper(8)


@at(numbers(5))
def folds_and_builtins(x):
    pairs = sum(i * a * b for i, (a, b) in enumerate(zip(x, x[::-1], strict=True)))
    folded = functools.reduce(lambda a, b: a * b + 1, x)
    running = sum(itertools.accumulate(x, operator.mul))
    return pairs + folded + running + max(x) - min(x) + sum(sorted(x)[1:3]) + math.prod(x)


@at(np.array([0.4, 1.7, 2.2]))
def whole_and_broken_parts(x):
    return math.floor(x[0]) + (x[1] - math.floor(x[1])) ** 2 + divmod(x[2], 0.7)[1] + x[2] % 1


@at(numbers(3, 4), analytic=True)
def unpacked_rows(matrix):
    first, *rest = matrix
    return first @ rest[0] + np.sum([np.sum(r) for r in rest]) + sum(map(np.sum, matrix.T)) ** 2


@dataclass
class Parabola:
    a: Any
    b: Any

    @property
    def ratio(self):
        return self.a / self.b

    def __call__(self, x):
        return self.a * x**2 + self.b * x


class Vector(NamedTuple):
    x: Any
    y: Any

    def dot(self, other):
        return self.x * other.x + self.y * other.y


@at(np.array([1.3, 0.4]), analytic=True)
def made_of_objects(p):
    parabola, a, b = Parabola(p[0], p[1]), Vector(p[0], p[1]), Vector(p[1], 2.0)
    table = dict(zip("ab", p, strict=True))
    powers = np.sum([table[k] ** i for i, k in enumerate(sorted(table), 1)])
    return parabola.ratio + parabola(2.0) + a.dot(b) ** 2 + powers


@at(np.array([1.0, 2.0, 3.0]), analytic=True)
def stack_machine(p):
    stack: list[Any] = []
    for token in (p[0], p[1], "*", p[2], "+", "sin"):
        if not isinstance(token, str):
            stack.append(token)
        elif token == "sin":
            stack.append(np.sin(stack.pop()))
        else:
            b, a = stack.pop(), stack.pop()
            stack.append(a * b if token == "*" else a + b)
    return stack.pop()


@at(np.array([0.5, -0.5, 0.2]), analytic=True)
def composed_closures(p):
    def affine(a, b):
        return lambda x: a * x + b

    steps = [affine(p[i], p[i - 1]) for i in range(3)]
    return functools.reduce(lambda x, f: np.tanh(f(x)), steps, 0.7)


@at(numbers(5))
def branches(x):
    total = 0.0
    for xi in x:
        if 0 < xi < 5:
            total += xi**2
        elif xi == 0:
            total += 1
        else:
            total -= np.sin(xi)
    return total if total > 0 else -total


@at(numbers(6))
def chosen_by_numbers(x):
    order = np.argsort(x)
    return (
        x[np.argmax(x)] * 2
        + x[order[0]] ** 2
        + np.take(x, order[:2]).sum()
        + np.sum(x[x > 0] ** 2)
        + np.sum(np.select([x < -0.5, x > 0.5], [x**2, x**3], 0.1 * x))
        + np.sum(np.piecewise(x, [x < 0, x >= 0], [lambda t: -t, lambda t: t**2]))
    )


@at(numbers(3), analytic=True)
def matrix_written_out(x):
    m = np.array([[x[0], x[1], 0.0], [x[1], x[2], 1.0], [0.0, 1.0, x[0] * x[2]]])
    rows = [[x[0], 1.0], [2.0, x[1]]]
    crossed = sum(rows[i][j] * rows[j][i] for i in range(2) for j in range(2))
    return np.sum(m @ m) + m[0, 0] * m[2, 2] - np.trace(m) + (m.T - 2 * m).sum() + crossed


@at(numbers(4), analytic=True)
def array_grown_in_a_list(x):
    found = []
    for i in range(4):
        found.append(x[i] * (found[-1] if found else 1.0))
    return np.sum(np.array(found) ** 2) + np.sum(np.stack(found) ** 3) + np.sum(found)


@at(numbers(5), analytic=True)
def operators_in_place(x):
    y = x * 1.0
    y += 2
    y *= x
    y -= 1.0
    y /= 3.0
    y **= 2
    total = 0.0
    total += y[0]
    total *= y[1]
    return np.sum(y) + total


@at(numbers(4), analytic=True)
def array_taken_as_an_array(x):
    x = np.asarray(x)
    y = np.atleast_1d(np.ascontiguousarray(x))
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0) + np.sum(np.sin(y))


@at(numbers(3, 3), analytic=True)
def elimination_by_hand(a):
    rows = list(a + 4 * np.eye(3))
    determinant = 1.0
    for k in range(3):
        determinant = determinant * rows[k][k]
        for i in range(k + 1, 3):
            rows[i] = rows[i] - rows[i][k] / rows[k][k] * rows[k]
    return determinant


@at(numbers(3, 3), analytic=True)
def conjugate_gradients(a):
    system, x, r = a @ a.T + np.eye(3), np.zeros(3), np.ones(3)
    p = r
    for _ in range(3):
        step = (r @ r) / (p @ system @ p)
        x, last = x + step * p, r
        r = r - step * system @ p
        p = r + (r @ r) / (last @ last) * p
    return x @ np.arange(3.0)


@at(numbers(4))
def time_warping(x):
    y, cost = np.array([0.1, 0.5, -0.3]), {}
    for i, j in itertools.product(range(4), range(3)):
        before = [cost[k] for k in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if k in cost]
        cost[i, j] = (x[i] - y[j]) ** 2 + (min(before) if before else 0.0)
    return cost[3, 2]


@at(numbers(6))
def best_path_by_viterbi(x):
    scores = [0.0, 0.0]
    for e in x:
        scores = [max(scores[0] + e, scores[1] - 0.1), max(scores[1] - e**2, scores[0] - 0.2)]
    return max(scores)


@at(numbers(4, 3))
def pieces_put_together(x):
    a, b = np.split(x, 2)
    wide, deep = np.hstack([a, b]), np.dstack([a, b])
    tall, columns = np.vstack((a, b[::-1])), np.column_stack([a[0], b[1]])
    return (
        np.sum(wide**2 * np.arange(12).reshape(2, 6))
        + np.sum(tall[1] * tall[2])
        + np.sum(deep.prod(-1))
        + np.sum(columns[0] * columns[1])
        + np.block([[a, b], [b, a]]).prod(0).sum()
        + np.r_[x[0], 1.0].prod()
        + np.c_[x[0], x[1]].prod(0).sum()
        + np.sum(np.insert(x[0], 1, 2.0) ** 2)
        + np.sum(np.delete(x[1], 0) ** 2)
    )


@at(numbers(3, 4))
def functions_of_lines(x):
    mapped = np.vectorize(lambda a, b: a * b + 1 if a > 0 else a - b)(x, 2.0)
    lines = np.apply_along_axis(lambda r: r * r.sum(), 1, x)
    return np.sum(mapped**2) + np.sum(lines) + np.sum(np.apply_over_axes(np.sum, x, [0]) ** 2)


@at(numbers(8), analytic=True)
def sums_of_groups(x):
    group = np.array([0, 1, 0, 2, 1, 0, 2, 2])
    shares = (group[:, None] == np.arange(3)).astype(float).T @ x
    return np.sum(shares**3) + np.sum(np.add.reduceat(x, [0, 3, 5]) ** 2) + x[group].prod()


@at(numbers(4))
def watched_on_the_way(x):
    assert x.shape == (4,)
    assert np.all(np.isfinite(x))
    assert np.allclose(x, x)
    text = f"{x[0]:.3f} {x} {x!r}"
    rng = np.random.default_rng(0)
    return np.sum(x * rng.standard_normal(4)) ** 2 + 0 * len(text)
