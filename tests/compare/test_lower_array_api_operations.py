"""Array operations and derivatives over every array namespace have the interpreter's values."""

import numpy as np
import pytest
from namespaces import (
    NAMESPACES,
    PICKED,
    SHAPED,
    called,
    close,
    even,
    far,
    m,
    network,
    q,
    run,
    scattered,
    t,
    v,
    w,
    x,
    y,
    z,
)

from compare.lower.array_api import ArrayModule, array_api_module
from compare.lower.plans.plan import plan
from diffexpr import MissingRuleError, arrays, constant, evaluate
from diffexpr.apply import apply
from diffexpr.functions import logsumexp, norm, softmax


@pytest.fixture(params=NAMESPACES, scope="module")
def library(request):
    return NAMESPACES[request.param]()


def joined(u, s, vh):
    """The product of the parts of a decomposition, which are free up to signs."""
    return np.einsum("ij,j,jk->ik", u, s, vh)


ARRAY_CASES = {
    "sum": [np.sum(m), np.sum(m, axis=1), np.sum(t, axis=(0, 2), keepdims=True), np.sum(x),
            np.sum(v > 0)],
    "mean": [np.mean(m), np.mean(t, axis=(0, 1)), np.mean(m, axis=0, keepdims=True)],
    "prod": [np.prod(v), np.prod(t, axis=(0, 2))],
    "max": [np.max(m), np.max(t, axis=(1, 2), keepdims=True)],
    "min": [np.min(m), np.min(t, axis=2)],
    "norm": [norm(v), norm(m, axis=1), norm(m, axis=0, keepdims=True), norm(v * 1e200)],
    "logsumexp": [logsumexp(v), logsumexp(m, axis=1), logsumexp(t, axis=(0, 2), keepdims=True)],
    "softmax": [softmax(v), softmax(m, axis=0)],
    "cumsum": [np.cumsum(v), np.cumsum(m, axis=1)],
    "sort": [np.sort(v), np.sort(m, axis=0) * 2],
    "astype": [v.astype("float32"), x.astype("float32"), (m + 1).astype("float32") * 2],
    "matmul": [m @ v, v @ v, t @ v, m.T @ m, np.ones(3) @ m, (m + 1) @ (v - 1)],
    "einsum": [
        np.einsum("ij,j->i", m, v), np.einsum("ii->i", q), np.einsum("ii", q),
        np.einsum("ij,jk,k->i", q, m, v), np.outer(v, v), np.einsum("ij->j", m),
        np.einsum("abc,bc->acb", t, m), np.einsum("abc,dc,bd->a", t, m, q),
        np.einsum("i,j,k->kij", v, v, w),
        np.einsum("iii->i", np.einsum("i,j,k->ijk", v, v, w)),
        np.einsum("ij,ij->", m, m), np.einsum("abc,abd->bcd", t, t),
    ],
    "transpose": [m.T, np.transpose(t, (1, 2, 0)), (m + 1).T, v.T],
    "reshape": [m.reshape(4, 3), np.reshape(x, (1, 1)), np.ravel(t),
                x + np.reshape(constant(2), (1,))],
    "broadcast_to": [np.broadcast_to(v, (2, 4)), np.broadcast_to(x * y, (3,)),
                     np.broadcast_to(constant(3), (3,)) * x],
    "getitem": [
        v[0], v[-1], v[1:3], v[::-1], v[:], v[None], m[1], m[:, 1], m[0:3, 1:], m[PICKED],
        m[:, PICKED], m[PICKED, [0, 1, 2]], m[1, None, 2:], t[..., 0], x[None], x[()],
        v[np.array([True, False] * 2)], (v * 2)[1:], m[PICKED, :, None], x * constant(2.0)[None],
        v[[]], m[::-2, 3:0:-1], v[-3:100:2], v[3:1], t[1, ::-1, None, PICKED], t[PICKED % 2, 1:],
        t[:, PICKED, PICKED], t[PICKED % 2, :, PICKED], t[:, [[0, 1], [2, -1]]], t[0, [], 1:],
        m[:, [[0, 1], [2, 3]], None], m[None, PICKED, 1],
    ],
    "scatter_add": [
        scattered(v[:2], (slice(1, 3, None),), (4,)), scattered(x, (1,), (4,)),
        scattered(x, (-1,), (4,)), scattered(v[:3] * 2, (PICKED,), (3,)) * 3,
        scattered(v[:3], (slice(0, 2, None), PICKED), (2, 3)),
        scattered(constant(1), (0,), (2,)) + v[:2], scattered(v, (slice(None, None, -1),), (4,)),
        scattered(v[:3], (slice(1, None, 3),), (8,)), scattered(v[:2], (slice(6, 0, -3),), (8,)),
        scattered(m, (slice(0, 6, 2), 1, slice(0, 4, None)), (6, 3, 4)),
        scattered(m, (np.array([4, 0, 4]),), (5, 4)), scattered(v[[]], (np.zeros(0, int),), (3,)),
        scattered(m, (np.array([1, 0, 1]), slice(None), np.array([2, 0, 2])), (2, 4, 3)),
    ],
    "concatenate": [np.concatenate([v, v * 2]), np.concatenate([m, q], axis=1)],
    "stack": [np.stack([x, y, x * y]), np.stack([v, v + 1], axis=1), np.stack([constant(1), x])],
    "diag": [np.diag(v), np.diag(q), np.diag(m), np.trace(q)],
    "inv": [np.linalg.inv(far), np.linalg.inv(np.stack([far, far * 2]))],
    "solve": [np.linalg.solve(far, v[:3]), np.linalg.solve(far, m)],
    "det": [np.linalg.det(q), np.linalg.det(t[:, :2, :2])],
    "cofactor": [
        *(apply("cofactor", (each,)) for each in (q, far, t[:, :2, :2], q[:1, :1])),
        apply("cofactor", (m.T @ m + np.eye(4),)),
        apply("cofactor", (np.diag([1.0, 2, 0, 3]) * x,)),
    ],
    "slogdet": [*np.linalg.slogdet(far)],
    "cholesky": [np.linalg.cholesky(even)],
    "qr": [np.matmul(*np.linalg.qr(m[:, :2])), np.abs(np.linalg.qr(m).R)],
    "svd": [joined(*np.linalg.svd(m, False)), joined(*np.linalg.svd(even, hermitian=True))],
    "svdvals": [np.linalg.svdvals(m), np.linalg.norm(t, "nuc", (1, 2))],
    "eigh": [np.linalg.eigh(far)[0], np.abs(np.linalg.eigh(far, "U")[1])],
    "eigvalsh": [np.linalg.eigvalsh(far), np.linalg.eigvalsh(far, "U")],
    "pinv": [np.linalg.pinv(m), np.linalg.pinv(even, 1e-3, hermitian=True)],
    "conjugate": [np.conj(z) * 1j], "real": [np.real(z) * v], "imag": [np.imag(z) + v],
    "fft": [np.fft.fft(v), np.fft.ifft2(m), np.fft.irfft(v), np.fft.rfft(m, 3, axis=0),
            np.fft.fft(z)],
}  # fmt: skip
BEYOND_ARRAYS = {"eig", "eigvals", "expm", "sqrtm", "solve_sylvester"}
# Dask knows matrices as far as they fall apart into blocks: what it answers to the others.
DASK_LACKS = {
    **dict.fromkeys(("det", "cofactor", "slogdet"), "has no attribute"),
    **dict.fromkeys(("eigh", "eigvalsh", "pinv"), "has no attribute"),
    "inv": "Dimension must be 2",
    "svdvals": "full_matrices=True is not supported",
    "fft": "a single chunk",
}


@pytest.mark.parametrize("name", [name for name in arrays.TABLE if name not in BEYOND_ARRAYS])
def test_every_array_operation_has_its_value(name, library, request) -> None:
    lacking = DASK_LACKS.get(name) if "dask" in request.node.name else None
    cases = ARRAY_CASES[name]
    refused = 0
    for exprs in [[case] for case in cases] if lacking else [cases]:
        try:
            found = run(library, exprs, SHAPED)
        except (AttributeError, ValueError) as error:
            if lacking is None or lacking not in str(error):
                raise
            refused += 1
            continue
        for each, expr in zip(found, exprs, strict=True):
            wanted = evaluate(expr, SHAPED)
            # Sums are in another order: half a unit of the largest term for each of up to 24
            # terms, times the condition of the matrices above.
            close(each, wanted, 24, np.max(np.abs(wanted), initial=1.0))
    assert bool(refused) == bool(lacking)


@pytest.mark.parametrize("name", sorted(BEYOND_ARRAYS))
def test_what_matrices_the_standard_lacks_is_refused_by_name(name) -> None:
    expr = apply(name, (q,) * (3 if name == "solve_sylvester" else 1))
    with pytest.raises(MissingRuleError, match=rf"'{name}' is not in the array API standard"):
        array_api_module(plan(expr, "value", None, "reverse", None))


def energy(x, y):
    return np.sin(x) * np.exp(-(x**2) - y**2) + np.log1p(x * x) * np.tanh(y) + np.cbrt(y)


def rosenbrock(v):
    return np.sum(100 * (v[1:] - v[:-1] ** 2) ** 2 + (1 - v[:-1]) ** 2)


def solved(q, v):
    a = q @ q.T + 4 * np.eye(3)
    return v[:3] @ np.linalg.solve(a, v[:3])


def mixed(x, v):
    return logsumexp(np.where(v > x, v * x, v[::-1])) + np.max(v) - np.mean(np.sort(v) * v)


def gram(m):
    return np.tanh(m) @ m.T


DERIVATIVES = [
    (energy, "xy", "value_and_grad", "reverse"),
    (energy, "xy", "value_and_grad", "symbolic"),
    (energy, "xy", "hessian", "reverse"),
    (network, "vmq", "value_and_grad", "reverse"),
    (rosenbrock, "v", "value_and_grad", "symbolic"),
    (rosenbrock, "v", "hessian", "reverse"),
    (solved, "qv", "value_and_grad", "reverse"),
    (mixed, "xv", "value_and_grad", "reverse"),
    (gram, "m", "jacobian", "reverse"),
]


@pytest.mark.parametrize(("f", "words", "output", "by"), DERIVATIVES)
def test_derivatives_have_their_values(f, words, output, by, library) -> None:
    examples = [SHAPED[word] for word in words]
    made = plan(f, output, tuple(range(len(words))), by, examples)
    found = called(library, ArrayModule(made), examples)
    values = {p.name: each for p, each in zip(made.parameters, examples, strict=True)}
    flat = np.concatenate([np.ravel(part) for part in flattened(found)])
    wanted = np.concatenate([np.ravel(evaluate(o, values)) for o in made.outputs])
    # A few dozen operations, each off by a unit or two of the largest term.
    close(flat, wanted, 64, np.max(np.abs(wanted)))


def flattened(nest):
    return [p for part in nest for p in flattened(part)] if isinstance(nest, tuple) else [nest]
