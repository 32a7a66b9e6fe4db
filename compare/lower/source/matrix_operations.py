"""How the operations on matrices read in NumPy: a call, or a function where several parts come out.

Those parts are joined end to end as in `diffexpr.matrix_rows`. The bodies are written as text and
parsed, never run here: they become part of the source that lowering makes.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import partial

from compare.lower.source import definitions, syntax
from compare.lower.source.array_operations import WRITERS
from compare.lower.source.pieces import Piece, Surroundings, as_float
from diffexpr import Expr

_PLAIN = ("inv", "solve", "det", "cholesky")
_BODIES = {
    "cofactor": """
def cofactor(x):
    n = x.shape[-1]
    if n < 2:
        return np.ones(x.shape, x.dtype)
    if n == 2:
        return x[..., ::-1, ::-1] * np.array([[1, -1], [-1, 1]], x.dtype)
    if n == 3:
        first, second, third = np.moveaxis(x, -2, 0)
        rows = np.cross(second, third), np.cross(third, first), np.cross(first, second)
        return np.stack(rows, axis=-2)
    try:
        inverse = np.linalg.inv(x)
        sizes = np.linalg.norm(x, 1, (-2, -1)) * np.linalg.norm(inverse, 1, (-2, -1))
        if not np.any(sizes * np.sqrt(np.finfo(x.dtype).eps) >= 1):
            return np.linalg.det(x)[..., None, None] * np.swapaxes(inverse, -1, -2)
    except np.linalg.LinAlgError:
        pass
    u, s, vh = np.linalg.svd(x)
    turn = np.linalg.det(u) * np.linalg.det(vh)
    kept = np.where(np.eye(s.shape[-1], dtype=bool), s.dtype.type(1), s[..., None, :])
    others = np.prod(kept, axis=-1) * turn[..., None]
    return (np.conj(u) * others[..., None, :]) @ np.conj(vh)
""",
    "slogdet": """
def slogdet(x):
    sign, size = np.linalg.slogdet(x)
    return np.stack([sign, size.astype(sign.dtype)], axis=-1)
""",
    "qr": """
def qr(x):
    q, r = np.linalg.qr(x)
    return np.concatenate([p.reshape(*x.shape[:-2], p.shape[-2] * p.shape[-1]) for p in (q, r)], -1)
""",
    "svd": """
def svd(x, hermitian):
    u, s, vh = np.linalg.svd(x, full_matrices=False, hermitian=hermitian)
    u, vh = (p.reshape(*x.shape[:-2], p.shape[-2] * p.shape[-1]) for p in (u, vh))
    return np.concatenate([u, s, vh], axis=-1)
""",
    "svdvals": """
def svdvals(x, hermitian):
    return np.linalg.svd(x, compute_uv=False, hermitian=hermitian)
""",
    "eigh": """
def eigh(x, lower):
    w, v = np.linalg.eigh(x, "L" if lower else "U")
    return np.concatenate([w, v.reshape(*w.shape[:-1], w.shape[-1] ** 2)], axis=-1)
""",
    "eigvalsh": """
def eigvalsh(x, lower):
    return np.linalg.eigvalsh(x, "L" if lower else "U")
""",
    "eig": """
def eig(x):
    w, v = np.linalg.eig(x)
    both = np.concatenate([w, v.reshape(*w.shape[:-1], w.shape[-1] ** 2)], axis=-1)
    return both.astype(np.result_type(both.dtype, np.complex64))
""",
    "eigvals": """
def eigvals(x):
    w = np.linalg.eigvals(x)
    return w.astype(np.result_type(w.dtype, np.complex64))
""",
    "pinv": """
def pinv(x, rcond, hermitian):
    return np.linalg.pinv(x, rcond, hermitian)
""",
    "norm": """
def norm(x, axes, keepdims):
    size = np.abs(x)
    total = np.sum(np.square(size), axis=axes, keepdims=keepdims)
    info = np.finfo(size.dtype)
    if not size.size or np.all((total < info.max) & (total > info.tiny / info.eps)):
        return np.sqrt(total)
    top = np.max(size, axis=axes, keepdims=True, initial=0)
    top = np.where((top > 0) & np.isfinite(top), top, 1)
    scaled = np.sqrt(np.sum(np.square(size / top), axis=axes, keepdims=keepdims))
    return (scaled * (top if keepdims else np.squeeze(top, axis=axes)))[()]
""",
    "fft": """
def fft(x, axes, inverse):
    if inverse:
        return np.fft.ifftn(x, axes=axes, norm="forward")
    return np.fft.fftn(x, axes=axes)
""",
}
OF_SCIPY = ("expm", "sqrtm", "solve_sylvester")
"""Operations that only SciPy has; they are not written."""


def _plain(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    function = ast.Attribute(syntax.numpy("linalg"), node.op, ast.Load())
    return syntax.call(function, [as_float(piece) for piece in operands])


def _defined(node: Expr, operands: Sequence[Piece], around: Surroundings) -> ast.expr:
    fixed = [syntax.integers(p) if isinstance(p, tuple) else syntax.number(p) for p in node.params]
    name = syntax.name(around.definition(node.op))
    return syntax.call(name, [*(as_float(piece) for piece in operands), *fixed])


def _body(text: str) -> tuple[tuple[str, ...], list[ast.stmt]]:
    (made,) = ast.parse(text).body
    assert isinstance(made, ast.FunctionDef)
    return tuple(a.arg for a in made.args.args), made.body


WRITERS.update(dict.fromkeys(_PLAIN, _plain))
WRITERS.update(dict.fromkeys(_BODIES, _defined))
for _op, _text in _BODIES.items():
    definitions.IN_NUMPY[_op] = partial(_body, _text)
