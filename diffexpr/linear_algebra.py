"""Systems, inverses, determinants and powers of matrices, by NumPy's names and signatures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from diffexpr.apply import apply
from diffexpr.decompositions import qr, svdvals
from diffexpr.errors import ExpressionValueError, MissingRuleError, ShapeError
from diffexpr.matrices import (
    adjoint,
    conjugate,
    decomposed,
    diagonal,
    operand,
    product,
    real,
    rows,
    solution,
)
from diffexpr.matrix_rows import square
from diffexpr.norms import norm
from diffexpr.operands import implements, is_symbolic, numbers, plain, shape_of
from diffexpr.products import matmul, outer, tensordot
from diffexpr.reductions import sum
from diffexpr.shapes import matrix_transpose, moveaxis, reshape, transpose

SlogdetResult: Any = type(np.linalg.slogdet(np.ones((1, 1))))


@implements(np.linalg.inv)
def inv(a: Any) -> Any:
    """The inverse."""
    return apply("inv", (operand(a),))


@implements(np.linalg.det)
def det(a: Any) -> Any:
    """The determinant; its derivatives are right at singular matrices too."""
    return apply("det", (operand(a),))


@implements(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """Sign and logarithm of the modulus of the determinant."""
    sign, logabsdet = decomposed("slogdet", operand(a))
    return SlogdetResult(sign, real(logabsdet))


@implements(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """The solution of ``a @ x = b``; one vector, or a stack of matrices of right-hand sides."""
    a, b = operand(a), operand(b)
    return _with_columns(solution, a, b)


def _with_columns(solver: Any, a: Any, b: Any) -> Any:
    """A solver of matrices of right-hand sides on a vector, too."""
    if len(shape_of(b)) != 1:
        return solver(a, b)
    x = solver(a, rows(b))
    return reshape(x, shape_of(x)[:-1])


@implements(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    """The pseudo-inverse. Its derivative is that along matrices of the same rank."""
    a = operand(a)
    if rcond is None:
        rcond = 1e-15 if rtol is np._NoValue else rtol
    if rcond is None:
        rcond = max(shape_of(a)[-2:]) * float(np.finfo(a.dtype).eps)
    if np.ndim(rcond):
        raise ExpressionValueError(f"pinv: rcond={rcond!r} is an array; give one number")
    return apply("pinv", (a,), (float(rcond), bool(hermitian)))


@implements(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, int, Any]:
    """Least squares for a matrix of full rank, tall, square or wide, by way of QR.

    A matrix of lesser rank is refused: the solution of least norm jumps wherever the rank does.
    """
    a, b = operand(a), operand(b)
    if len(shape_of(a)) != 2 or not 1 <= len(shape_of(b)) <= 2:
        raise ShapeError(
            f"lstsq takes one matrix and a vector or matrix, got {shape_of(a)} and {shape_of(b)}"
        )
    m, n = shape_of(a)
    s = svdvals(a)
    if not is_symbolic(s):
        held = plain(s)
        least = np.finfo(held.dtype).eps * max(m, n) if rcond is None else max(rcond, 0.0)
        rank = int(np.sum(held > least * np.max(held, initial=0.0)))
        if rank < min(m, n):
            raise MissingRuleError(
                f"lstsq with a matrix of shape {(m, n)} and rank {rank}: the solution jumps where "
                f"the rank changes and has no derivative; give one of rank {min(m, n)}"
            )
    if m >= n:
        q, r = qr(a)
        x = _with_columns(lambda r, b: solution(r, product(adjoint(q), b)), r, b)
    else:
        q, r = qr(adjoint(a))
        x = _with_columns(lambda r, b: product(q, solution(adjoint(r), b)), r, b)
    if m <= n:
        return x, np.empty(0, s.dtype), min(m, n), s
    rest = b - matmul(a, x)
    residuals = sum(real(conjugate(rest) * rest), 0)
    return x, reshape(residuals, shape_of(x)[1:] or (1,)), n, s


@implements(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """A matrix multiplied with itself, by repeated squaring; inverted for a negative power."""
    a = operand(a)
    square("matrix_power", shape_of(a))
    if not isinstance(n, (int, np.integer)):
        raise ExpressionValueError(f"matrix_power: the power is an integer, got {n!r}")
    if n == 0:
        return np.broadcast_to(np.eye(shape_of(a)[-1], dtype=a.dtype), shape_of(a))
    power, left = (a, int(n)) if n > 0 else (inv(a), -int(n))
    found = None
    while left:
        if left % 2:
            found = power if found is None else product(found, power)
        left //= 2
        power = product(power, power) if left else power
    return found


@implements(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """The condition number: the quotient of singular values, or a norm times that of the inverse.

    Where the matrix is singular it is infinite, as NumPy's is, for the orders 2 and -2.
    """
    x = operand(x)
    if p is None or p in (2, -2):
        s = apply("svdvals", (x,), (False,))
        first, last = s[..., 0], s[..., -1]
        return last / first if p == -2 else first / last
    return norm(x, p, (-2, -1)) * norm(inv(x), p, (-2, -1))


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Any], *, out: Any = None) -> Any:
    """The product of several matrices, in the order that takes the fewest multiplications.

    Method: Cormen et al. (2009), *Introduction to Algorithms*, section 15.2.
    """
    if out is not None:
        raise ExpressionValueError("multi_dot(out=) writes into an array; use the returned value")
    parts = [operand(x) for x in arrays]
    if len(parts) < 2:
        raise ExpressionValueError(f"multi_dot takes at least two matrices, got {len(parts)}")
    shapes = [shape_of(x) for x in parts]
    sizes = [1 if len(shapes[0]) == 1 else shapes[0][0], *(shape[0] for shape in shapes[1:])]
    sizes.append(1 if len(shapes[-1]) == 1 else shapes[-1][1])
    cost: dict[tuple[int, int], int] = {(i, i): 0 for i in range(len(parts))}
    cut: dict[tuple[int, int], int] = {}
    for width in range(1, len(parts)):
        for i in range(len(parts) - width):
            j = i + width
            tried = {
                k: cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
                for k in range(i, j)
            }
            cut[i, j] = min(tried, key=tried.__getitem__)
            cost[i, j] = tried[cut[i, j]]
    made: dict[tuple[int, int], Any] = {(i, i): x for i, x in enumerate(parts)}
    pending = [(0, len(parts) - 1)]
    while pending:
        i, j = pending[-1]
        k = cut[i, j]
        below = [span for span in ((i, k), (k + 1, j)) if span not in made]
        if below:
            pending += below
            continue
        made[pending.pop()] = matmul(made[i, k], made[k + 1, j])
    return made[0, len(parts) - 1]


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """The solution of ``tensordot(a, x, x.ndim) = b``."""
    a, b = operand(a), operand(b)
    if axes is not None:
        ndim = len(shape_of(a))
        last = [axis % ndim for axis in axes]
        a = transpose(a, [i for i in range(ndim) if i not in last] + last)
    wanted = shape_of(a)[len(shape_of(b)) :]
    n = math.prod(wanted)
    if math.prod(shape_of(b)) != n:
        raise ShapeError(f"tensorsolve: shapes {shape_of(a)} and {shape_of(b)} give no square one")
    return reshape(solve(reshape(a, (n, n)), reshape(b, (n,))), wanted)


@implements(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of a matrix whose rows and columns have several axes each."""
    a = operand(a)
    shape = shape_of(a)
    if ind <= 0:
        raise ExpressionValueError(f"tensorinv: ind is a positive number of axes, got {ind}")
    n = math.prod(shape[ind:])
    if math.prod(shape[:ind]) != n:
        raise ShapeError(f"tensorinv(ind={ind}) of shape {shape}: rows and columns differ in size")
    return reshape(inv(reshape(a, (n, n))), (*shape[ind:], *shape[:ind]))


@implements(np.linalg.matrix_rank)
def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """The rank, decided on the numbers: a constant to every derivative."""
    return np.linalg.matrix_rank(numbers(A, "np.linalg.matrix_rank"), tol, hermitian, rtol=rtol)


@implements(np.linalg.trace)
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """The sum of a diagonal of the last two axes."""
    return sum(diagonal_of(x, offset=offset), -1, dtype=dtype)


@implements(np.linalg.diagonal)
def diagonal_of(x: Any, /, *, offset: int = 0) -> Any:
    """A diagonal of the last two axes."""
    x = operand(x)
    if len(shape_of(x)) < 2:
        raise ShapeError(f"diagonal takes matrices, got shape {shape_of(x)}")
    return diagonal(x[..., max(-offset, 0) :, max(offset, 0) :])


@implements(np.linalg.cross)
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """The cross product of vectors of three numbers along an axis."""
    a, b = moveaxis(operand(x1), axis, -1), moveaxis(operand(x2), axis, -1)
    if shape_of(a)[-1] != 3 or shape_of(b)[-1] != 3:
        raise ShapeError(f"cross takes vectors of 3, got shapes {shape_of(x1)} and {shape_of(x2)}")
    after, before = np.array([1, 2, 0]), np.array([2, 0, 1])
    found = a[..., after] * b[..., before] - a[..., before] * b[..., after]
    return moveaxis(found, -1, axis)


@implements(np.linalg.vecdot)
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Inner products along an axis, the first operand conjugated."""
    return sum(conjugate(operand(x1)) * operand(x2), axis)


@implements(np.linalg.outer)
def outer_of(x1: Any, x2: Any, /) -> Any:
    """Product of every element of one vector with every element of the other."""
    if len(shape_of(x1)) != 1 or len(shape_of(x2)) != 1:
        raise ShapeError(f"outer takes vectors, got shapes {shape_of(x1)} and {shape_of(x2)}")
    return outer(x1, x2)


implements(np.linalg.matmul)(matmul)
implements(np.linalg.tensordot)(tensordot)
implements(np.linalg.matrix_transpose)(matrix_transpose)
