"""NumPy's functions, operators and methods on expressions give NumPy's own values."""

import operator

import numpy as np
import pytest

from diffexpr import (
    ControlFlowError,
    ExpressionTypeError,
    ExpressionValueError,
    MissingRuleError,
    ShapeError,
    symbol,
)
from diffexpr import functions as f

rng = np.random.default_rng(7)
VALUES = {
    "x": 0.7,
    "v": rng.uniform(0.2, 0.9, 3),
    "w": rng.uniform(0.2, 0.9, 3),
    "A": rng.uniform(0.2, 0.9, (2, 3)),
    "B": rng.uniform(0.2, 0.9, (3, 3)),
    "T": rng.uniform(0.2, 0.9, (2, 3, 4)),
    "one": rng.uniform(0.2, 0.9, (1, 3, 1)),
}
SYMBOLS = {name: symbol(name, np.shape(value)) for name, value in VALUES.items()}


class Names(dict):
    __getattr__ = dict.__getitem__


BOTH = {
    "operators": lambda s: -s.x + s.v * 2 - s.w / s.v + (+s.x) ** 2 + abs(-s.v) + 3 % s.v,
    "reflected": lambda s: 1 + (2 - (3 * (4 / s.v))) ** 2 + 2**s.v + 7 % s.w,
    "floor division": lambda s: (5 * s.v) // s.w + 7 // s.w,
    "comparisons": lambda s: np.where((s.v < s.w) & ~(s.v >= 0.5) | (s.v <= 0.1), s.v, s.w),
    "reflected logic": lambda s: np.where(
        True & (s.v > 0.5), 1.0, np.where(False | (s.v > 0), 2, 3)
    ),
    "equal": lambda s: np.where(np.equal(s.v, s.v) & np.not_equal(s.v, s.w), s.v, s.w),
    "greater": lambda s: np.where(np.greater(s.v, s.w), s.v, np.where(s.v == 0, 1.0, s.w)),
    "matmul": lambda s: s.A @ s.v + s.A @ s.B @ s.w,
    "rmatmul": lambda s: np.ones((2, 2)) @ s.A,
    "batched matmul": lambda s: s.T @ np.ones((4, 2)),
    "dot": lambda s: np.dot(s.A, s.v) * np.dot(s.v, s.w) + np.dot(s.x, s.x),
    "dot of tensors": lambda s: np.dot(s.A, np.ones((2, 3, 2))),
    "inner": lambda s: np.inner(s.A, s.v) + np.inner(s.x, 2.0),
    "vdot": lambda s: np.vdot(s.v, s.w),
    "outer": lambda s: np.outer(s.v, s.A) + np.multiply.outer(s.v, np.ones(6)),
    "tensordot": lambda s: np.tensordot(s.T, s.A, axes=([0, 1], [0, 1])),
    "tensordot 2": lambda s: np.tensordot(s.A, s.B, axes=1),
    "einsum": lambda s: np.einsum("ij,jk,k->i", s.A, s.B, s.v),
    "einsum implicit": lambda s: np.einsum("ij,jk", s.A, s.B),
    "einsum dots": lambda s: np.einsum("...j,j->...", s.A, s.v),
    "einsum diagonal": lambda s: np.einsum("ii->i", s.B),
    "sum": lambda s: np.sum(s.T, axis=(0, -1)) + s.T.sum() + np.sum(s.A, 1, keepdims=True)[0],
    "mean": lambda s: np.mean(s.T, axis=1) + s.A.mean(),
    "prod": lambda s: np.prod(s.T, axis=-1) + s.v.prod(),
    "max": lambda s: np.max(s.T, axis=0) + np.amax(s.A) + s.v.max(),
    "min": lambda s: np.min(s.T, axis=0) + np.amin(s.A) + s.v.min(),
    "ufunc reduce": lambda s: np.add.reduce(s.A) + np.multiply.reduce(s.A, axis=0),
    "ufunc reduce 2": lambda s: np.maximum.reduce(s.A) - np.minimum.reduce(s.A),
    "accumulate": lambda s: np.add.accumulate(s.A, axis=1),
    "cumsum": lambda s: np.cumsum(s.T, axis=1)[0, 0] + s.v.cumsum()[0] + np.cumsum(s.A)[-1],
    "norm": lambda s: np.linalg.norm(s.A) + np.linalg.norm(s.v, 1) + np.linalg.norm(s.v, np.inf),
    "norm axis": lambda s: np.linalg.norm(s.A, axis=1) + np.linalg.norm(s.A, "fro"),
    "trace": lambda s: np.trace(s.B) + s.B.trace() + np.sum(s.B.diagonal()),
    "diag": lambda s: np.diag(s.v) + np.diag(np.diag(s.B)),
    "transpose": lambda s: (
        s.T.transpose(2, 0, 1) + s.T.transpose((2, 0, 1)) + np.swapaxes(s.T.T, 1, 2)
    ),
    "moveaxis": lambda s: np.moveaxis(s.T, 0, -1) + np.moveaxis(s.T, [1, 2], [0, 1]),
    "reshape": lambda s: s.T.reshape(-1, 3) + np.reshape(s.T, (8, 3)) + s.T.reshape((8, 3)),
    "ravel": lambda s: s.A.ravel() + np.ravel(s.A) + s.A.flatten(),
    "squeeze": lambda s: np.squeeze(s.one) + s.one.squeeze() + np.squeeze(s.one, (0, 2)),
    "expand_dims": lambda s: np.expand_dims(s.v, 0) + np.expand_dims(s.v, (0, 2))[:, :, 0],
    "broadcast_to": lambda s: np.broadcast_to(s.v, (2, 3)) + np.broadcast_to(s.x, (2, 3)),
    "concatenate": lambda s: np.concatenate([s.A, s.B, [[1, 2, 3]]]),
    "concatenate flat": lambda s: np.concatenate([s.A, s.v], axis=None),
    "stack": lambda s: np.stack([s.v, s.w, [1, 2, 3]], axis=-1),
    "vstack": lambda s: np.vstack([s.v, s.A]),
    "hstack": lambda s: np.sum(np.hstack([s.v, s.w])) + np.hstack([s.A, s.A]),
    "flip": lambda s: np.flip(s.A) + np.flip(s.A, 0),
    "clip": lambda s: np.clip(s.v, 0.3, 0.6) + np.clip(s.v, None, 0.5) + np.clip(s.v, 0.5, None),
    "clip method": lambda s: s.v.clip(0.3, 0.6) + np.clip(s.w, min=0.4, max=0.8),
    "round": lambda s: np.round(3 * s.v) + np.rint(s.w) + np.around(s.w),
    "sinc": lambda s: np.sinc(s.v),
    "angles": lambda s: np.deg2rad(s.v) + np.rad2deg(s.w) + np.radians(s.v) + np.degrees(s.w),
    "identity": lambda s: (
        np.positive(s.v) + np.conjugate(s.v) + np.copy(s.v) + s.v.copy() + s.v.real
    ),
    "like": lambda s: s.v * np.ones_like(s.v) + np.zeros_like(s.v),
    "sizes": lambda s: s.v * np.size(s.A) * np.ndim(s.T) * np.shape(s.T)[1] * s.T.ndim * s.T.size,
    "square": lambda s: np.square(s.v) + np.floor_divide(s.v, s.w),
    "astype": lambda s: s.v.astype(float),
    "getitem": lambda s: s.T[1, ..., None, 2] + s.T[:, 0:, -1][0, :, None],
    "getitem steps": lambda s: s.T[::-1, ::2, 1:3][..., 0],
    "getitem lists": lambda s: s.T[[0, 1], [0, 2]] + s.T[np.array([1, 1]), :2][:, 0],
    "getitem mask": lambda s: s.v[np.array([True, False, True])],
    "loop": lambda s: sum(s.v),
}  # fmt: skip


@pytest.mark.parametrize("name", BOTH)
def test_an_expression_has_the_shape_and_value_of_numpys_result(name: str) -> None:
    code = BOTH[name]
    wanted = code(Names(VALUES))
    made = code(Names(SYMBOLS))
    assert made.shape == np.shape(wanted)
    got = made(**VALUES)
    assert np.shape(got) == np.shape(wanted)
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(wanted, float), rtol=1e-14)


x, v, A, T = (SYMBOLS[n] for n in ("x", "v", "A", "T"))


def test_an_object_array_of_expressions_is_handled_element_by_element() -> None:
    made = np.sin(np.array([x, x + 1], dtype=object)) + 1
    assert made.tolist() == [np.sin(x) + 1, np.sin(x + 1) + 1]


def test_functions_that_numpy_lacks() -> None:
    from scipy import special

    values = VALUES["T"]
    for axis in (None, 0, (1, 2)):
        got = f.logsumexp(T, axis)(T=values)
        np.testing.assert_allclose(got, special.logsumexp(values, axis=axis), rtol=1e-14)
    kept = f.logsumexp(T, 1, keepdims=True)(T=1000 * values)
    np.testing.assert_allclose(kept, special.logsumexp(1000 * values, axis=1, keepdims=True))
    assert f.logsumexp(v)(v=np.full(3, -np.inf)) == -np.inf
    np.testing.assert_allclose(f.softmax(T, 1)(T=values), special.softmax(values, axis=1))
    np.testing.assert_allclose(f.softmax(A)(A=VALUES["A"]), special.softmax(VALUES["A"], axis=-1))


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: np.sin(v, out=np.zeros(3)), ExpressionTypeError, "out="),
        (lambda: np.sin(v, where=np.array([True, False, True])), MissingRuleError, "where"),
        (lambda: np.bitwise_xor(v, v), MissingRuleError, "bitwise_xor"),
        (lambda: np.power.reduce(A, axis=(0, 1)), ExpressionValueError, "goes along one axis"),
        (lambda: np.histogram(v), MissingRuleError, "histogram.*piecewise constant.*numdiff"),
        (lambda: np.frexp(v), MissingRuleError, "autodiff.primitive.*def_jvp.*numdiff"),
        (lambda: np.copyto(v, 1.0), ExpressionTypeError, "writes into its argument"),
        (lambda: np.add.at(v, 0, 1.0), ExpressionTypeError, "writes into an array"),
        (lambda: np.sum(v, out=np.zeros(())), ExpressionTypeError, "out="),
        (lambda: np.sum(v, dtype=int), ExpressionTypeError, "floating kind"),
        (lambda: np.argsort(v), ControlFlowError, "numbers of a symbolic value"),
        (lambda: np.unique(v), ControlFlowError, "np.unique"),
        (lambda: v.sort(), ExpressionTypeError, r"np.sort\(x\)"),
        (lambda: v.item(0), ControlFlowError, "no float value"),
        (lambda: np.matmul(A, v, axes=[(0, 1), (0,), (0,)]), ExpressionTypeError, "moveaxis"),
        (lambda: np.sum(v, axis=1), ShapeError, "out of range"),
        (lambda: np.sum(A, axis=(0, 0)), ShapeError, "twice"),
        (lambda: np.linalg.norm(A, 7), ExpressionValueError, "ord=7"),
        (lambda: np.linalg.norm(v, "fro"), ExpressionValueError, "ord='fro'"),
        (lambda: np.einsum(v), ExpressionTypeError, "subscripts"),
        (lambda: np.einsum("i,i", v), ShapeError, "takes 2 operands"),
        (lambda: np.einsum("ij->i", v), ShapeError, "does not fit"),
        (lambda: np.einsum("i->j", v), ShapeError, "no operand"),
        (lambda: np.einsum("i->ii", v), ShapeError, "twice"),
        (lambda: np.einsum("i,i->i", v, [1.0, 2.0]), ShapeError, "is both"),
        (lambda: x @ v, ShapeError, "multiply scalars"),
        (lambda: A @ A, ShapeError, "3 columns against 2 rows"),
        (lambda: np.trace(v), ShapeError, "matrix"),
        (lambda: np.diag(T), ShapeError, "diag takes"),
        (lambda: np.reshape(v, (2, 2)), ShapeError, "sizes differ"),
        (lambda: np.reshape(v, (2, -1)), ShapeError, "cannot reshape"),
        (lambda: np.reshape(A, (3, 2), order="X"), ExpressionValueError, "order='X'"),
        (lambda: np.squeeze(A, 0), ShapeError, "not 1"),
        (lambda: np.transpose(A, (0, 0)), ShapeError, "order of 2 axes"),
        (lambda: np.broadcast_to(v, (2,)), ShapeError, "broadcast"),
        (lambda: np.broadcast_to(A, (3,)), ShapeError, "broadcast"),
        (lambda: np.concatenate([v, A]), ShapeError, "differ"),
        (lambda: np.concatenate([A, symbol("M", (3, 2))]), ShapeError, "differ"),
        (lambda: np.concatenate([v, x]), ShapeError, "differ"),
        (lambda: np.stack([v, x]), ShapeError, "equal shapes"),
        (lambda: f.stack([]), ShapeError, "at least one"),
        (lambda: np.max(symbol("n", 0)), ShapeError, "at least one element"),
        (lambda: np.where(v > 0), ControlFlowError, "numbers of a symbolic value"),
        (lambda: f.where(v > 0, v), ExpressionTypeError, "condition and two values"),
        (lambda: v.astype(int), ControlFlowError, "astype"),
        (lambda: (1j * v).astype(float), ExpressionTypeError, "imaginary"),
        (lambda: v.astype("U3"), ExpressionTypeError, "floating kind"),
        (lambda: v[3], ShapeError, "index"),
        (lambda: v[0, 0], ShapeError, "index"),
        (lambda: v[x], ExpressionTypeError, "constant"),
        (lambda: v[True], ExpressionTypeError, "constant"),
        (lambda: v[[0.5]], ExpressionTypeError, "integers or a mask"),
        (lambda: v["a"], ExpressionTypeError, "integers or a mask"),
        (lambda: v.nonsense, AttributeError, "no attribute"),
        (lambda: operator.setitem(v, 0, 1.0), ExpressionTypeError, "np.stack"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_language_says_so(make, error, says: str) -> None:
    with pytest.raises(error, match=says):
        make()
