"""What the operations on matrices do to their elements, where a formula can be written down.

Determinants are sums over subsets of columns, without division and so right at singular matrices
too; inverses and solutions are Cramer's rule. The decompositions that come out of an iteration
(eigenvalues, singular values), those of complex numbers and the functions of matrices have no
such formula: they say so, and the symbolic backend is absent where they take part.

Method: Laplace's expansion row by row, every minor computed once: n * 2**(n - 1) products.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from diffexpr.errors import MissingRuleError
from symdiff.arrays import Algebra, Array, as_objects, contract, means, total

UNTRANSLATED = (
    "qr", "svd", "svdvals", "eigh", "eigvalsh", "eig", "eigvals", "fft", "expm", "sqrtm",
    "conjugate", "real", "imag",
)  # fmt: skip
"""Operations on matrices and complex numbers that no formula stands for here."""


def _untranslated(op: str) -> Callable[..., NoReturn]:
    def refuse(algebra: Algebra, *_: Any) -> NoReturn:
        raise MissingRuleError(
            f"no SymPy translation of {op}: the symbolic backend is absent; use autodiff or numdiff"
        )

    return refuse


for _name in UNTRANSLATED:
    means(_name)(_untranslated(_name))


def _each(x: Array, shape: tuple[int, ...], one: Callable[[Array], Array | Sequence[Any]]) -> Array:
    """The results for all matrices of a batch, each of a shape."""
    batch = x.shape[:-2]
    found: list[Any] = []
    for place in np.ndindex(*batch):
        found.extend(np.asarray(one(x[place]), object).reshape(-1))
    return as_objects(found, (*batch, *shape))


def _signed(algebra: Algebra, odd: int, x: Any) -> Any:
    return algebra.call("negative", x) if odd % 2 else x


def determinant(algebra: Algebra, x: Array) -> Any:
    """The determinant of one matrix: that of its first rows in every choice of columns."""
    n = len(x)
    algebra.bound(n * 2**n)
    minors: dict[tuple[int, ...], Any] = {(): algebra.number(1.0)}
    for i in range(n):
        wider: dict[tuple[int, ...], Any] = {}
        for chosen in itertools.combinations(range(n), i + 1):
            terms = []
            for place, column in enumerate(chosen):
                rest = chosen[:place] + chosen[place + 1 :]
                entry = x[i, column]
                term = entry if not rest else algebra.call("multiply", entry, minors[rest])
                terms.append(_signed(algebra, i + place, term))
            wider[chosen] = total(algebra, terms)
        minors = wider
    return minors[tuple(range(n))]


def _cofactors(algebra: Algebra, x: Array) -> Array:
    n = len(x)
    found = []
    for i, j in np.ndindex(n, n):
        rest = np.delete(np.delete(x, i, 0), j, 1)
        found.append(_signed(algebra, i + j, determinant(algebra, rest)))
    return as_objects(found, (n, n))


def _inverse(algebra: Algebra, x: Array) -> Array:
    cofactors = _cofactors(algebra, x)
    if not len(x):
        return x
    along = [algebra.call("multiply", a, c) for a, c in zip(x[0], cofactors[0], strict=True)]
    whole = total(algebra, along)
    quotients = [algebra.call("divide", c, whole) for c in cofactors.T.flat]
    return as_objects(quotients, x.shape)


def _product(algebra: Algebra, a: Array, b: Array) -> Array:
    return contract(algebra, ["ij", "jk"], "ik", [a, b])


@means("det")
def _det(algebra: Algebra, x: Array) -> Array:
    return _each(x, (), lambda one: [determinant(algebra, one)])


@means("cofactor")
def _cofactor(algebra: Algebra, x: Array) -> Array:
    return _each(x, x.shape[-2:], lambda one: _cofactors(algebra, one))


@means("inv")
def _inv(algebra: Algebra, x: Array) -> Array:
    return _each(x, x.shape[-2:], lambda one: _inverse(algebra, one))


@means("slogdet")
def _slogdet(algebra: Algebra, x: Array) -> Array:
    def one(matrix: Array) -> list[Any]:
        whole = determinant(algebra, matrix)
        size = algebra.call("log", algebra.call("abs", whole))
        return [algebra.call("sign", whole), size]

    return _each(x, (2,), one)


@means("solve")
def _solve(algebra: Algebra, a: Array, b: Array) -> Array:
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a = np.broadcast_to(_inv(algebra, a), (*batch, *a.shape[-2:]))
    b = np.broadcast_to(b, (*batch, *b.shape[-2:]))
    found: list[Any] = []
    for place in np.ndindex(*batch):
        found.extend(_product(algebra, a[place], b[place]).flat)
    return as_objects(found, b.shape)


@means("pinv")
def _pinv(algebra: Algebra, x: Array, rcond: float, hermitian: bool) -> Array:
    """Of a matrix of full rank; of any other a division by 0."""
    m, n = x.shape[-2:]

    def one(a: Array) -> Array:
        if hermitian:
            a = np.where(np.tri(n, dtype=bool), a, a.T)
        if m == n:
            return _inverse(algebra, a)
        if m > n:
            return _product(algebra, _inverse(algebra, _product(algebra, a.T, a)), a.T)
        return _product(algebra, a.T, _inverse(algebra, _product(algebra, a, a.T)))

    return _each(x, (n, m), one)


@means("cholesky")
def _cholesky(algebra: Algebra, x: Array) -> Array:
    """Row by row (Higham 2002, algorithm 10.2), from the lower triangle."""
    n = x.shape[-1]
    algebra.bound(x.size * n)

    def one(a: Array) -> Array:
        found = as_objects([algebra.number(0.0)] * n * n, (n, n))
        for i in range(n):
            for j in range(i + 1):
                done = zip(found[i, :j], found[j, :j], strict=True)
                terms = [algebra.call("multiply", p, q) for p, q in done]
                rest = a[i, j]
                if terms:
                    rest = algebra.call("subtract", rest, total(algebra, terms))
                if i == j:
                    found[i, j] = algebra.call("sqrt", rest)
                else:
                    found[i, j] = algebra.call("divide", rest, found[j, j])
        return found

    return _each(x, (n, n), one)


@means("solve_sylvester")
def _solve_sylvester(algebra: Algebra, a: Array, b: Array, q: Array) -> Array:
    """A linear system in the entries of the solution, row after row."""
    m, n = q.shape[-2:]
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2], q.shape[:-2])
    a, b, q = (np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (a, b, q))
    found: list[Any] = []
    for place in np.ndindex(*batch):
        whole = as_objects([algebra.number(0.0)] * (m * n) ** 2, (m, n, m, n))
        for i, j in np.ndindex(m, n):
            for k in range(m):
                whole[i, j, k, j] = a[place][i, k]
            for k in range(n):
                entry = b[place][k, j]
                held = whole[i, j, i, k]
                whole[i, j, i, k] = algebra.call("add", held, entry) if k == j else entry
        system = _inverse(algebra, whole.reshape(m * n, m * n))
        found.extend(_product(algebra, system, q[place].reshape(m * n, 1)).flat)
    return as_objects(found, q.shape)
