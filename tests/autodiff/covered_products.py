"""Products of arrays, polynomials, and functions carried out along axes."""

import numpy as np
from covered import M, S, T, V, W, X, case, sample

A, B, C = sample(3, 4), sample(3), sample(3, seed=2)
B2, B3 = sample(2, 3, 3), sample(4, 1, 3, 3)

case("np.matmul", lambda a, b: np.matmul(a, b), M, A)
case("np.matmul", lambda a, b: a @ b, B2, B3)
case("np.matmul", lambda a, b: a @ b, B2, B)
case("np.dot", lambda a, b: np.dot(a, b), M, B)
case("np.dot", lambda a, b: np.dot(a, b), X, M)
case("np.dot", lambda a, b: np.dot(a, b), M, B2)
case("np.vdot", lambda a, b: np.vdot(a, b), M, sample(3, 2))
case("np.inner", lambda a, b: np.inner(a, b), M, S)
case("np.inner", lambda a, b: np.inner(a, b), B, B2)
case("np.outer", lambda a, b: np.outer(a, b), M, B)
case("np.kron", lambda a, b: np.kron(a, b), M, S[:2])
case("np.kron", lambda a, b: np.kron(a, b), B, M)
case("np.cross", lambda a, b: np.cross(a, b), B, C)
case("np.cross", lambda a, b: np.cross(a, b, axisa=0, axisc=0), A, B[None])
case("np.tensordot", lambda a, b: np.tensordot(a, b), S, sample(3, 3, 2))
case("np.tensordot", lambda a, b: np.tensordot(a, b, axes=([0, -1], [1, 0])), T, sample(2, 2, 3))
case("np.tensordot", lambda a, b: np.tensordot(a, b, axes=0), B, M)
case("np.vecdot", lambda a, b: np.vecdot(a, b), M, B)
case("np.vecdot", lambda a, b: np.vecdot(a, b, axis=0), A, A[:, :1])
case("np.matvec", lambda a, b: np.matvec(a, b), B3[:2, 0], sample(2, 3))
case("np.vecmat", lambda a, b: np.vecmat(a, b), B, B2)
SUBSCRIPTS = {
    "ij,jk->ik": (M, A), "ij,jk": (M, A), "ji": (M,), "ij->": (M,), "ii": (S,), "ii->i": (S,),
    "iij->j": (sample(2, 2, 3),), "i,i,i->i": (V, W, V + 0.1), "...j,j->...": (T, sample(2)),
    "...ij,...jk": (B2, B3), "i...,j->ij...": (M, V), "ij,ij->ij": (M, M[:1]), "ij,jk,kl->il":
    (M, A, sample(4, 2)), " i j , j -> i ": (M, B),
}  # fmt: skip
for subscripts, arrays in SUBSCRIPTS.items():
    case("np.einsum", lambda *a, s=subscripts: np.einsum(s, *a), *arrays)
case("np.einsum", lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]), M, A)
case("np.einsum", lambda a, b: np.einsum(a, [Ellipsis, 1], b, [1], optimize=True), M, B)

# polynomials

case("np.polyval", lambda p, x: np.polyval(p, x), V, M)
case("np.polyadd", lambda p, q: np.polyadd(p, q), V, B)
case("np.polysub", lambda p, q: np.polysub(p, q), B, V)
case("np.polymul", lambda p, q: np.polymul(p, q), V, B)
case("np.polyder", lambda p: np.polyder(p, 2), V)
case("np.polyint", lambda p, k: np.polyint(p, 2, k), B, V[:2])
case("np.poly", lambda r: np.poly(r), B)
case("np.vander", lambda x: np.vander(x), B)
case("np.vander", lambda x: np.vander(x, 4, increasing=True), B)

case("np.roots", lambda p: np.real(np.roots(p)), np.array([1.0, -4.5, 5.2, -1.3]))
case("np.polyfit", lambda x, y: np.polyfit(x, y, 2), V, W)
case("np.polyfit", lambda x, y, w: np.polyfit(x, y, 1, w=w), V, W, V[::-1] + 0)

# functions of the caller's

case("np.apply_along_axis", lambda x: np.apply_along_axis(lambda v: v * np.sum(v), 1, x), T)
case("np.apply_along_axis", lambda x: np.apply_along_axis(np.prod, 0, x), M)
case("np.apply_over_axes", lambda x: np.apply_over_axes(np.sum, x, (0, 2)), T)
