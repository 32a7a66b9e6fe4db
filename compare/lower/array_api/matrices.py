"""Functions of matrices and complex numbers in the standard, several results joined into one.

Parts are joined end to end as in `diffexpr.matrix_rows`. The bodies are written as text and
parsed, never run here: they become part of the source that lowering makes. None of them asks
what a number is, so that they work where arrays are traced or computed later.
"""

from __future__ import annotations

import ast

BODIES = {
    # The factor is the lower one in the standard, the upper one in Dask.
    "cholesky": """
def cholesky(xp, x):
    factor = xp.linalg.cholesky(x)
    return xp.tril(factor) + xp.conj(xp.matrix_transpose(xp.triu(factor, k=1)))
""",
    "cofactor": """
def cofactor(xp, x):
    n = x.shape[-1]
    if n < 2:
        return xp.ones_like(x)
    if n == 2:
        a, b, c, d = (x[..., i, j] for i in (0, 1) for j in (0, 1))
        return xp.stack([xp.stack([d, -c], axis=-1), xp.stack([-b, a], axis=-1)], axis=-2)
    if n == 3:
        first, second, third = (x[..., i, :] for i in range(3))
        rows = [(second, third), (third, first), (first, second)]
        return xp.stack([xp.linalg.cross(a, b) for a, b in rows], axis=-2)
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    turn = xp.linalg.det(u) * xp.linalg.det(vh)
    place = xp.arange(n, device=device(x))
    kept = xp.where(place[:, None] == place, 1.0, s[..., None, :])
    others = xp.prod(kept, axis=-1) * turn[..., None]
    return xp.matmul(xp.conj(u) * others[..., None, :], xp.conj(vh))
""",
    "slogdet": """
def slogdet(xp, x):
    sign, size = xp.linalg.slogdet(x)
    return xp.stack([sign, xp.astype(size, sign.dtype)], axis=-1)
""",
    "qr": """
def qr(xp, x):
    q, r = xp.linalg.qr(x)
    front = tuple(x.shape[:-2])
    parts = [xp.reshape(p, (*front, p.shape[-2] * p.shape[-1])) for p in (q, r)]
    return xp.concat(parts, axis=-1)
""",
    "svd": """
def svd(xp, x, hermitian):
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    front = tuple(x.shape[:-2])
    u, vh = (xp.reshape(p, (*front, p.shape[-2] * p.shape[-1])) for p in (u, vh))
    return xp.concat([u, xp.astype(s, u.dtype), vh], axis=-1)
""",
    "svdvals": """
def svdvals(xp, x, hermitian):
    return xp.linalg.svdvals(x)
""",
    "eigh": """
def eigh(xp, x, lower):
    half = xp.tril(x) if lower else xp.triu(x)
    rest = xp.tril(x, k=-1) if lower else xp.triu(x, k=1)
    w, v = xp.linalg.eigh(half + xp.conj(xp.matrix_transpose(rest)))
    flat = xp.reshape(v, (*tuple(w.shape[:-1]), w.shape[-1] ** 2))
    return xp.concat([xp.astype(w, v.dtype), flat], axis=-1)
""",
    "eigvalsh": """
def eigvalsh(xp, x, lower):
    half = xp.tril(x) if lower else xp.triu(x)
    rest = xp.tril(x, k=-1) if lower else xp.triu(x, k=1)
    return xp.linalg.eigvalsh(half + xp.conj(xp.matrix_transpose(rest)))
""",
    "pinv": """
def pinv(xp, x, rcond, hermitian):
    return xp.linalg.pinv(x, rtol=rcond)
""",
    "fft": """
def fft(xp, x, axes, inverse):
    x = xp.astype(x, xp.result_type(x.dtype, xp.complex64))
    if inverse:
        return xp.fft.ifftn(x, axes=axes, norm="forward")
    return xp.fft.fftn(x, axes=axes)
""",
    "imag": """
def imag(xp, z):
    return xp.imag(z) if xp.isdtype(z.dtype, "complex floating") else xp.zeros_like(z)
""",
}
"""Rows that become functions of their own, and what they take behind the namespace."""

SUPPORT = {
    "shared": '''
def shared(xp, *values):
    """The real type that floating arrays have in common, float64 without one; their device."""
    arrays = [v for v in values if hasattr(v, "dtype")]
    floats = [v for v in arrays if xp.isdtype(v.dtype, ("real floating", "complex floating"))]
    kinds = [(xp.real(v) if xp.isdtype(v.dtype, "complex floating") else v).dtype for v in floats]
    return xp.result_type(*kinds or [xp.float64]), device(arrays[0])
''',
    "as_floats": '''
def as_floats(xp, kind, place, *values):
    """Integers become float64; a Python number takes the precision of the arrays beside it."""
    made = []
    for v in values:
        if not hasattr(v, "dtype"):
            own = xp.result_type(kind, xp.complex64) if isinstance(v, complex) else kind
            v = xp.asarray(v, dtype=own, device=place)
        elif not xp.isdtype(v.dtype, ("real floating", "complex floating")):
            v = xp.astype(v, xp.result_type(xp.float64))
        made.append(v)
    return made
''',
}
"""What the source does with its arguments before the first operation."""


def parsed(text: str, name: str) -> ast.FunctionDef:
    """The syntax tree of a definition, under another name if that is taken."""
    (made,) = ast.parse(text).body
    assert isinstance(made, ast.FunctionDef)
    made.name = name
    return made
