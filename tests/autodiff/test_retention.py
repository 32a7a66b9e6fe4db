"""What a tape lets go of is not missed: large arrays are differentiated as small ones are."""

import numpy as np
import pytest

from autodiff import forward, retention, reverse
from diffexpr import primitives
from diffexpr.apply import apply

ELEMENTWISE = sorted(
    (retention.NOTHING | retention.RESULT | retention.OPERANDS | retention.BILINEAR)
    & set(primitives.TABLE)
)
AT = np.array([-np.inf, -2.0, -1.0, -0.3, -0.0, 0.0, 0.4, 1.0, 1.7, 30.0, np.inf, np.nan])
LARGE = retention.LARGE + 1
MANY = np.tile(AT, LARGE // AT.size + 1)


@pytest.mark.parametrize("op", [*ELEMENTWISE, "divide", "power"])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_elementwise(op, kind):
    few, many = AT.astype(kind), MANY.astype(kind)
    arity = primitives.TABLE[op].arity
    second = [few[::-1], few[:, None], few, kind(0.7), 3.0][: 5 if arity == 2 else 1]
    for other in second:
        wide = np.resize(other, many.shape) if np.ndim(other) == 1 else other
        if np.ndim(other) == 2:
            continue
        for wrt in range(arity):
            if wrt and np.ndim(other) == 0 and not isinstance(other, np.generic):
                continue

            def f(*operands, op=op):
                return np.sum(apply(op, operands) * 2)

            args = (few, other)[:arity]
            small = reverse.grad(f, wrt)(*args)
            large = reverse.grad(f, wrt)(*(many, wide)[:arity])
            if np.ndim(small):
                np.testing.assert_array_equal(large, np.resize(small, large.shape))
            assert np.asarray(large).dtype == np.asarray(small).dtype


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if primitives.TABLE[op].arity == 2])
def test_the_same_operand_twice(op):
    few, many = AT[3:9], np.tile(AT[3:9], LARGE // 6 + 1)
    small = reverse.grad(lambda x: np.sum(apply(op, (x, x))))(few)
    large = reverse.grad(lambda x: np.sum(apply(op, (x, x))))(many)
    np.testing.assert_array_equal(large, np.resize(small, large.shape))


N = 70
M = np.random.default_rng(0).normal(size=(N, N))

WHOLE = {
    "matrix and matrix": lambda x: np.sum(np.sin(x @ x)),
    "matrix and constant": lambda x: np.sum(np.sin(x @ M)),
    "constant and matrix": lambda x: np.sum(np.sin(M @ x)),
    "matrix and short vector": lambda x: np.sum(np.sin(x @ M[0])),
    "einsum": lambda x: np.sum(np.sin(np.einsum("ij,kj->ik", x, x))),
    "einsum of three": lambda x: np.sum(np.sin(np.einsum("ij,jk,kl->il", x, M, x) / N)),
    "sum": lambda x: np.sum(np.sin(np.sum(x * x, axis=0))),
    "mean": lambda x: np.sum(np.sin(np.mean(x * x, axis=1, keepdims=True))),
    "reshape": lambda x: np.sum(np.sin(x * x).reshape(-1)[3:]),
    "transpose": lambda x: np.sum(np.sin(x * x).T * M),
    "broadcast_to": lambda x: np.sum(np.broadcast_to(x * x, (2, N, N)) ** 2),
    "concatenate": lambda x: np.sum(np.concatenate([x * x, M, np.sin(x)]) ** 2),
    "stack": lambda x: np.sum(np.stack([x * x, M, np.sin(x)]) ** 2),
    "getitem": lambda x: np.sum(np.sin(x * x)[::2, 1:] ** 2),
    "getitem of integers": lambda x: np.sum(np.sin(x * x)[[0, 0, 3]] ** 2),
    "cumsum": lambda x: np.sum(np.sin(np.cumsum(x * x, axis=0) / N)),
    "diag": lambda x: np.sum(np.sin(np.diag(x * x))),
    "softmax": lambda x: np.sum(np.exp(x - np.max(x)) / np.sum(np.exp(x - np.max(x))) * M),
    "real": lambda x: np.sum(np.real((x + 1j) ** 2)),
    "conjugate": lambda x: np.sum(np.imag(np.conj(x * 1j) * (x + 1j))),
}


@pytest.mark.parametrize("name", WHOLE)
def test_array_operations(name):
    f, x = WHOLE[name], M / 3
    assert x.size > retention.LARGE
    v = np.random.default_rng(1).normal(size=x.shape)
    _, slope = forward.jvp(f, (x,), (v,))
    np.testing.assert_allclose(np.sum(reverse.grad(f)(x) * v), slope, rtol=1e-9)


def test_large_matrix_and_large_vector():
    n = retention.LARGE + 4
    a, x = np.full((2, n), 0.5), np.linspace(-1, 1, n)
    for f in (lambda x: np.sum((a @ x) ** 2), lambda x: np.sum((x @ a.T) ** 2)):
        np.testing.assert_allclose(reverse.grad(f)(x), 2 * a.T @ (a @ x), atol=1e-9)


@pytest.mark.parametrize(
    "part",
    [np.s_[1:], np.s_[:-1], np.s_[5:5], np.s_[9:3], np.s_[::-1], np.s_[3:-3:2], np.s_[-2:5:-3]],
)
@pytest.mark.parametrize("shape", [(LARGE,), (LARGE, 2)])
def test_parts_of_large_arrays(part, shape):
    x = np.linspace(-1, 1, LARGE * (shape[-1] if len(shape) > 1 else 1)).reshape(shape)
    wanted = np.zeros(shape)
    wanted[part] = 3 * x[part] ** 2
    np.testing.assert_array_equal(reverse.grad(lambda x: np.sum(x[part] ** 3))(x), wanted)
    wanted[part] += np.cos(x[part])
    found = reverse.grad(lambda x: np.sum(x[part] ** 3) + np.sum(np.sin(x[part])))(x)
    np.testing.assert_allclose(found, wanted, rtol=1e-15)
