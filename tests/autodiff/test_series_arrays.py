"""Taylor coefficients of array operations: by interpolation of values, and by nested tangents."""

import math

import numpy as np
import pytest
from test_array_rules import CASES, IDS

from autodiff import forward
from autodiff.jet import taylor
from autodiff.operations import array_rules
from autodiff.series import growing, series_arrays
from diffexpr import arrays, functions
from diffexpr.apply import apply

ORDER = 4


def interpolated(g, radius=0.2, degree=22):
    """Taylor coefficients at 0 of the polynomial through values at Chebyshev's points.

    Coefficients beyond the degree are cut off, and rounding of values comes back divided by
    radius**k.
    """
    turns = np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
    values = np.array([np.asarray(g(radius * t)) for t in turns])
    basis = np.polynomial.chebyshev.chebvander(turns, degree)
    found = np.linalg.solve(basis, values.reshape(degree + 1, -1))
    powers = np.zeros((degree + 1, degree + 1))
    for i in range(degree + 1):
        row = np.polynomial.chebyshev.cheb2poly(np.eye(i + 1)[i])
        powers[: len(row), i] = row
    scaled = (powers @ found) / radius ** np.arange(degree + 1.0)[:, None]
    return scaled[: ORDER + 1].reshape((ORDER + 1, *values.shape[1:]))


def nested(f, n):
    """The n-th derivative at 0 by n dual numbers inside each other."""
    for _ in range(n):
        f = (lambda g: lambda t: forward.jvp(g, (t,), (1.0,))[1])(f)
    return f(0.0)


def ways(operands):
    rng = np.random.default_rng(3)
    return [0.3 * rng.normal(size=np.shape(x)) for x in operands]


@pytest.mark.parametrize(("op", "params", "operands"), CASES, ids=IDS)
def test_every_operation_against_nested_tangents(op, params, operands):
    pairs = list(zip(operands, ways(operands), strict=True))

    def f(t):
        return apply(op, tuple(x + t * v for x, v in pairs), params)

    expected = [nested(f, k) / math.factorial(k) for k in range(4)]
    np.testing.assert_allclose(taylor(f, 0.0, 3), expected, rtol=1e-10, atol=1e-11)


G = np.array([[4.0, 1.0, 0.5], [0.3, 3.0, 0.2], [0.1, 0.7, 2.0]])
E = np.array([[0.2, -0.1, 0.3], [0.4, 0.1, -0.2], [-0.3, 0.2, 0.1]])
P = np.array([0.5, -1.0, 2.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda t: (G + t * E) @ (E + t * G) @ (P + t),
        lambda t: np.einsum("ij,jk,k->i", G + t * E, E + t * G, P + t * t),
        lambda t: np.einsum("i,i,i->i", P + t, np.exp(t * P), P),
        lambda t: np.einsum("ij,ij,ij->", G + t * E, G + t * E, G + t * E),
        lambda t: np.prod(P + t * np.array([1.0, 2.0, -1.0])),
        lambda t: np.prod(np.array([0.0, 2.0, 0.0]) + t),
        lambda t: np.linalg.norm(G + t * E, axis=1),
        lambda t: functions.logsumexp(P + np.sin(t)),
        lambda t: functions.softmax(G * np.exp(t), 0),
        lambda t: np.max(np.exp(G + t * E), axis=0),
        lambda t: np.cumsum(np.sin(P * t))[1:] * np.mean(G * t),
        lambda t: np.concatenate([P * t, np.exp(P * t), P])[::2],
        lambda t: np.stack([P, P * t**2]).T @ np.diag(G + t * E)[:2],
        lambda t: np.linalg.inv(G + t * E),
        lambda t: np.linalg.solve(G + t * E, P + t),
        lambda t: np.linalg.det(G + t * E),
        lambda t: np.linalg.slogdet(G + t * E)[1],
        lambda t: np.linalg.cholesky(G @ G.T + t * (E + E.T)),
        lambda t: np.linalg.eigvalsh(G + G.T + t * (E + E.T)),
        lambda t: np.abs(np.fft.fft(P * np.exp(t))),
    ],
)
def test_against_values(f):
    # Rounding of the values, 1e-15 or so, comes back 1/radius**4 = 625 times larger, and grows
    # by the largest coefficient of Chebyshev's polynomials.
    expected = interpolated(f)
    scale = np.max(np.abs(expected))
    np.testing.assert_allclose(taylor(f, 0.0, ORDER), expected, rtol=1e-7, atol=1e-8 * scale)


def test_matrix_exponential_does_not_double():
    f = pytest.importorskip("scipy.linalg").expm
    sizes = []
    original = arrays.TABLE["expm"].value

    def watched(x):
        sizes.append(len(x))
        return original(x)

    row = arrays.TABLE["expm"]._replace(value=watched)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(arrays.TABLE, "expm", row)
        found = taylor(lambda t: apply("expm", (E + t * G,)), 0.0, 6)
    assert max(sizes) <= 3 * 7
    expected = [f(E), *([None] * 5)]
    step = 1e-3
    ahead, behind = f(E + step * G), f(E - step * G)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-13)
    # h**2 times the next coefficient, which has the size of found[3] and found[4].
    np.testing.assert_allclose(found[1], (ahead - behind) / (2 * step), rtol=1e-4)
    half = (ahead - 2 * f(E) + behind) / (2 * step**2)
    np.testing.assert_allclose(found[2], half, rtol=1e-4)


class TestWhatIsFoundOut:
    """Linear operations and products take one evaluation a term, and none needs a declaration."""

    @pytest.fixture
    def found(self, monkeypatch):
        seen = []
        original = series_arrays.step

        def step(node, active):
            chosen = original(node, active)
            seen.append((node.op, None if chosen is None else chosen.__name__))
            return chosen

        monkeypatch.setattr(growing.series_arrays, "step", step)
        return seen

    def test_linear(self, found):
        taylor(lambda x: np.sum(G @ np.concatenate([x, x])[:3].reshape(3, 1)), P[:2], 3)
        assert {name for _, name in found} == {"linear"}

    def test_product(self, found):
        taylor(lambda x: x @ x, P, 3)
        assert found == [("matmul", "product")]

    def test_neither(self, found):
        taylor(lambda x: np.linalg.norm(x), P, 3)
        assert found[0] == ("norm", None)

    @staticmethod
    def new_row(monkeypatch, value, jvp):
        row = arrays.ArrayRow("made", value, lambda shapes, params: shapes[0])
        monkeypatch.setitem(arrays.TABLE, "made", row)
        monkeypatch.setitem(array_rules.JVP, "made", jvp)
        # A row is known by its rules; that for reverse mode is not asked here.
        monkeypatch.setitem(array_rules.VJP, "made", lambda *_: pytest.fail("asked"))

    def test_new_linear_row(self, found, monkeypatch):
        self.new_row(
            monkeypatch,
            lambda x: 3 * np.flip(x),
            lambda y, xs, params, ts, lead: apply("made", (ts[0],)),
        )
        expected = 3 * taylor(np.exp, P, 4)[:, ::-1]
        made = taylor(lambda x: apply("made", (np.exp(x),)), P, 4)
        np.testing.assert_allclose(made, expected, rtol=1e-15)
        assert ("made", "linear") in found

    def test_new_product_row(self, found, monkeypatch):
        def jvp(y, xs, params, ts, lead):
            parts = [
                apply("made", (ts[0], xs[1])) if ts[0] is not None else None,
                apply("made", (xs[0], ts[1])) if ts[1] is not None else None,
            ]
            return sum(p for p in parts if p is not None)

        self.new_row(monkeypatch, lambda a, b: np.convolve(a, b)[: len(a)], jvp)

        def f(t):
            return apply("made", (np.exp(P * t), np.cos(P * t)))

        expected = interpolated(lambda t: np.convolve(np.exp(P * t), np.cos(P * t))[:3])
        np.testing.assert_allclose(taylor(f, 0.0, ORDER), expected, rtol=1e-7, atol=1e-8)
        assert found == [("made", "product")]

    def test_affine_in_each_operand_is_no_product(self, found, monkeypatch):
        """``a*b + a`` has tangents that see one operand only, and yet a sum would be wrong."""

        def jvp(y, xs, params, ts, lead):
            parts = [
                ts[0] * (xs[1] + 1) if ts[0] is not None else None,
                xs[0] * ts[1] if ts[1] is not None else None,
            ]
            return sum(p for p in parts if p is not None)

        self.new_row(monkeypatch, lambda a, b: a * b + a, jvp)
        made = taylor(lambda t: apply("made", (np.exp(P * t), np.cos(P * t))), 0.0, 5)
        expected = taylor(lambda t: np.exp(P * t) * (np.cos(P * t) + 1), 0.0, 5)
        np.testing.assert_allclose(made, expected, rtol=1e-14, atol=1e-15)
        assert found == [("made", None)]
